"""Faults of POST (RFC 7644 section 3.3) and of what is stored (RFC 7643 section 2)."""

from dataclasses import replace
from typing import Any

from flask import request
from sqlalchemy import select

from scim_server.domain.errors import Taken
from scim_server.http import errors, views
from scim_server.protocol import planning, validation
from scim_server.protocol.fields import _Simple, is_dropped
from scim_server.resources.steps import Steps
from scim_server.resources.users import UserHandler
from scim_server.store import rows
from scim_server.store.tables import users
from tests.faults.catalogue import Area, Patch
from tests.faults.mutations import replace_function, wrap_method

post = Area("creating")


def _resource_response(patch: Patch, alter: Any) -> None:
    original = views.resource_response
    patch.setattr(views, "resource_response", lambda *given: alter(original, *given))


def _without(name: str) -> Any:
    def alter(original: Any, *given: Any) -> Any:
        response = original(*given)
        response.headers.pop(name, None)
        return response

    return alter


@post.fault("no-location", "The answer to a creation has no Location.", "create.location-header")
def no_location(patch: Patch) -> None:
    _resource_response(patch, _without("Location"))


@post.fault("answered-200", "A creation is answered with 200.", "create.status create.location-header")
def answered_200(patch: Patch) -> None:
    _resource_response(patch, lambda original, answer, *status: original(answer))


@post.fault(
    "duplicate-taken",
    "The creation of a user who is there is answered with 201 and that user.",
    "create.duplicate characteristic.unique-among-inactive",
)
def duplicate_taken(patch: Patch) -> None:
    def create(original: Any, handler: Any, uow: Any, caller: Any, document: Any) -> str:
        known = uow.users.named(document["userName"])
        return known.id if known else str(original(handler, uow, caller, document))

    wrap_method(patch, UserHandler, "create", create)


@post.fault(
    "duplicate-by-case",
    "Two users may have names that differ in letter case alone.",
    "create.duplicate-ignores-case precis.duplicate-greek-capitals",
)
def duplicate_by_case(patch: Patch) -> None:
    patch.setattr(rows, "username_key", lambda text: text)


@post.fault(
    "duplicate-400",
    "A duplicate is refused with 400.",
    "create.duplicate error.duplicate-is-409 put.duplicate patch-replace.duplicate",
)
def duplicate_400(patch: Patch) -> None:
    patch.setitem(errors.STATUS, Taken, 400)


@post.fault("client-id", "The id that a client sends is kept.", "create.read-only-ignored")
def client_id(patch: Patch) -> None:
    replace_function(patch, is_dropped, lambda attribute: attribute.name != "id" and is_dropped(attribute))


@post.fault(
    "required-missing",
    "A group needs no displayName: the server makes one up.",
    "group.name-required",
)
def required_missing(patch: Patch) -> None:
    def create(original: Any, steps: Any, caller: Any, kind: Any, body: Any) -> Any:
        named = {"displayName": "Unnamed", **body} if kind.name == "Group" else body
        return original(steps, caller, kind, named)

    wrap_method(patch, Steps, "create", create)


@post.fault(
    "any-schema",
    "A body of another resource type is taken for one of the endpoint's.",
    "create.other-schema",
)
def any_schema(patch: Patch) -> None:
    def create(original: Any, steps: Any, caller: Any, kind: Any, body: Any) -> Any:
        named = {"userName": body["displayName"], **body} if kind.name == "User" and "displayName" in body else body
        return original(steps, caller, kind, named)

    wrap_method(patch, Steps, "create", create)


@post.fault("password-echoed", "The answer to a creation shows the password.", "characteristic.password-never")
def password_echoed(patch: Patch) -> None:
    def alter(original: Any, answer: Any, *status: Any) -> Any:
        body = request.get_json(force=True, silent=True)
        if request.method == "POST" and isinstance(body, dict) and "password" in body:
            answer = replace(answer, resource={**answer.resource, "password": body["password"]})
        return original(answer, *status)

    _resource_response(patch, alter)


@post.fault("two-primaries", "Two primary elements are taken.", "list.two-primaries patch-add.two-primaries")
def two_primaries(patch: Patch) -> None:
    patch.setattr(validation, "_check_primary", lambda path, value: None)
    patch.setattr(planning, "refuse_two_primaries", lambda attribute, elements: None)


@post.fault(
    "types-unchecked", "What is no boolean is stored as false.", "type.refused-boolean-word type.refused-boolean-list"
)
def types_unchecked(patch: Patch) -> None:
    def read(original: Any, field: Any, value: Any, *rest: Any, **named: Any) -> Any:
        if field.expected == "true or false" and not isinstance(value, bool):
            return False
        return original(field, value, *rest, **named)

    wrap_method(patch, _Simple, "_deserialize", read)


def _texts(patch: Patch, alter: Any) -> None:
    """Store texts otherwise than they come."""

    def read(original: Any, field: Any, value: Any, *rest: Any, **named: Any) -> Any:
        kept = original(field, value, *rest, **named)
        return alter(kept) if isinstance(kept, str) else kept

    wrap_method(patch, _Simple, "_deserialize", read)


@post.fault("trimmed", "Blanks around a text are dropped.", "type.kept-outer-blanks")
def trimmed(patch: Patch) -> None:
    _texts(patch, str.strip)


@post.fault("truncated", "A text is cut after 100 characters.", "type.kept-long-text")
def truncated(patch: Patch) -> None:
    _texts(patch, lambda text: text[:100])


@post.fault("markup-escaped", "Markup in a text is stored escaped.", "type.kept-markup")
def markup_escaped(patch: Patch) -> None:
    _texts(patch, lambda text: text.replace("<", "&lt;"))


@post.fault("types-folded", "The type of an element is stored in lower case.", "list.kept-case")
def types_folded(patch: Patch) -> None:
    def create(original: Any, handler: Any, uow: Any, caller: Any, document: Any) -> str:
        emails = [{**each, "type": each["type"].lower()} for each in document.get("emails", ()) if "type" in each]
        return str(original(handler, uow, caller, {**document, "emails": emails} if emails else document))

    wrap_method(patch, UserHandler, "create", create)


@post.fault("external-id-unique", "Two users of one externalId are refused.", "common.external-id-twice")
def external_id_unique(patch: Patch) -> None:
    def create(original: Any, handler: Any, uow: Any, caller: Any, document: Any) -> str:
        held = select(users.c.id).where(
            users.c.tenant_id == uow.users.scope.tenant_id, users.c.external_id == document.get("externalId")
        )
        if document.get("externalId") and uow.users.scope.scalar(held) is not None:
            raise Taken("The externalId is taken.")
        return str(original(handler, uow, caller, document))

    wrap_method(patch, UserHandler, "create", create)
