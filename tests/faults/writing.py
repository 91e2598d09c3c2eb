"""Faults of POST, PUT and DELETE (RFC 7644 sections 3.3, 3.5.1 and 3.6) and of what is stored (RFC 7643 section 2)."""

from dataclasses import replace
from typing import Any

from flask import request
from sqlalchemy import select

from scim_server.domain.directory import Group, User
from scim_server.domain.errors import Taken
from scim_server.http import errors, views
from scim_server.protocol import planning, validation
from scim_server.protocol.errors import InvalidValue, Mutability, NotFound
from scim_server.protocol.fields import _Simple, is_dropped
from scim_server.protocol.normalising import username_key
from scim_server.resources import groups
from scim_server.resources.operations import Operations
from scim_server.resources.steps import Steps
from scim_server.resources.users import UserHandler, to_document
from scim_server.services import provisioning
from scim_server.store import rows
from scim_server.store.tables import tombstones, users
from tests.faults.catalogue import Area, Patch
from tests.faults.mutations import replace_function, wrap_method

post = Area("creating")
put = Area("replacing")
delete = Area("deleting")


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


@put.fault(
    "inactive-unread",
    "A deactivated user cannot be read.",
    "patch-replace.deactivate patch-replace.no-path-active",
)
def inactive_unread(patch: Patch) -> None:
    def read(original: Any, *given: Any) -> Any:
        answer = original(*given)
        if answer.resource and answer.resource.get("active") is False:
            raise NotFound("There is no such user.")
        return answer

    wrap_method(patch, Operations, "read", read)


@put.fault(
    "lists-stay",
    "PUT without a list keeps it, and unsets whatever else it leaves out.",
    "put.omitted",
)
def lists_stay(patch: Patch) -> None:
    def replaced(original: Any, handler: Any, uow: Any, caller: Any, user: Any, document: Any) -> int:
        lists = {name: value for name, value in to_document(user).items() if isinstance(value, list)}
        return int(original(handler, uow, caller, user, {**lists, **document}))

    wrap_method(patch, UserHandler, "replace", replaced)


@put.fault("merged", "PUT adds to lists and complex attributes what it gives.", "put.replaces")
def merged(patch: Patch) -> None:
    def replaced(original: Any, handler: Any, uow: Any, caller: Any, user: Any, document: Any) -> int:
        before = to_document(user)
        lists = {name: [*before.get(name, ()), *value] for name, value in document.items() if name == "emails"}
        return int(original(handler, uow, caller, user, {**document, **lists}))

    wrap_method(patch, UserHandler, "replace", replaced)


@put.fault("read-only-refused", "PUT with another id in its body is refused.", "put.read-only-ignored")
def read_only_refused(patch: Patch) -> None:
    def replaced(original: Any, steps: Any, caller: Any, kind: Any, resource_id: str, body: Any, *rest: Any) -> Any:
        if isinstance(body, dict) and body.get("id", resource_id) != resource_id:
            raise Mutability("'id' is readOnly")
        return original(steps, caller, kind, resource_id, body, *rest)

    wrap_method(patch, Steps, "replace", replaced)


@put.fault("creates", "PUT at an unknown id creates a resource.", "put.never-creates put.after-delete")
def creates(patch: Patch) -> None:
    def replaced(
        original: Any, service: Any, caller: Any, kind: Any, resource_id: str, body: Any, query: Any, terms: Any
    ) -> Any:
        try:
            return original(service, caller, kind, resource_id, body, query, terms)
        except NotFound:
            return service.create(caller, kind, body, query)

    wrap_method(patch, Operations, "replace", replaced)


@put.fault("unmoved", "A change does not move lastModified.", "put.changes-modified patch.modified")
def unmoved(patch: Patch) -> None:
    patch.setattr(User, "revised", lambda user, now: replace(user, version=user.version + 1))


@put.fault("reborn", "A change moves created.", "put.changes-modified patch.modified")
def reborn(patch: Patch) -> None:
    wrap_method(patch, User, "revised", lambda original, user, now: replace(original(user, now), created=now))


@put.fault("members-stay", "PUT of a group without members that are in keeps them.", "put.group")
def members_stay(patch: Patch) -> None:
    original = groups.difference
    patch.setattr(groups, "difference", lambda present, wanted: (original(present, wanted)[0], {}))


@delete.fault(
    "deactivates",
    "DELETE deactivates the user and keeps it.",
    "delete.get-afterwards delete.twice delete.gone-from-lists delete.name-free",
)
def deactivates(patch: Patch) -> None:
    def deleted(handler: Any, uow: Any, user: User) -> None:
        provisioning.change_user(uow, user, replace(user, active=False))

    patch.setattr(UserHandler, "delete", deleted)


@delete.fault("name-kept", "The userName of a deleted user stays taken.", "delete.name-free")
def name_kept(patch: Patch) -> None:
    def create(original: Any, handler: Any, uow: Any, caller: Any, document: Any) -> str:
        key = username_key(document["userName"])
        gone = select(tombstones.c.id).where(tombstones.c.user_name_key == key)
        if uow.users.scope.scalar(gone) is not None:
            raise Taken("The userName is taken.")
        return str(original(handler, uow, caller, document))

    wrap_method(patch, UserHandler, "create", create)


@delete.fault("member-stays", "A deleted user stays a member of its groups.", "delete.gone-from-groups")
def member_stays(patch: Patch) -> None:
    patch.setattr(provisioning, "_leave_groups", lambda uow, member_id, kind: None)


@delete.fault("absent-204", "DELETE of what is not there is answered with 204.", "delete.twice delete.unknown")
def absent_204(patch: Patch) -> None:
    def deleted(original: Any, *given: Any) -> None:
        try:
            original(*given)
        except NotFound:
            return

    wrap_method(patch, Operations, "delete", deleted)


@delete.fault("refused-in-group", "A user who is in a group cannot be deleted.", "delete.gone-from-groups")
def refused_in_group(patch: Patch) -> None:
    def deleted(original: Any, handler: Any, uow: Any, user: User) -> None:
        if uow.members.groups_of(user.id):
            raise InvalidValue("The user is in a group.")
        original(handler, uow, user)

    wrap_method(patch, UserHandler, "delete", deleted)


@delete.fault("group-stays", "A deleted group takes its members along.", "delete.group")
def group_takes_members(patch: Patch) -> None:
    def deleted(original: Any, uow: Any, group: Group) -> None:
        members = uow.members.of(group.id)
        original(uow, group)
        for member_id, kind in members.items():
            if kind == "User" and (user := provisioning.lock_leaver(uow, member_id)):
                provisioning.delete_user(uow, user)

    wrap_method(patch, provisioning, "delete_group", deleted)
