"""RFC 7644 sections 3.3 to 3.7 and 3.11: what answers at the addresses of resources, each view decode, call, encode."""

from collections.abc import Callable, Mapping

from flask import Response

from scim_server.http.bulk import bulk_body
from scim_server.http.deferrals import deferred
from scim_server.http.errors import NotSupported
from scim_server.http.exchanges import Exchange
from scim_server.http.responses import resource_response, scim_response
from scim_server.protocol.codec import decode_message
from scim_server.protocol.errors import Forbidden, InvalidFilter, InvalidValue, NotFound
from scim_server.protocol.messages import read_search
from scim_server.protocol.schemas import ResourceType
from scim_server.resources.bulk import run_bulk

View = Callable[[], Response]
Views = Mapping[str, View]
"""What answers each method at one address."""


def views_of_all(exchange: Exchange, kind: ResourceType | None) -> Views:
    """At the address of a resource type, or at the base address, which stands for all types."""
    found = {"GET": lambda: _find(exchange, kind)}
    if kind is None:
        return found
    exchange.recording.concerns(kind.name)
    return found if kind.is_read_only else {**found, "POST": lambda: _create(exchange, kind)}


def views_of_search(exchange: Exchange, kind: ResourceType | None) -> Views:
    """At `.search`, of a resource type or of all."""
    if kind is not None:
        exchange.recording.concerns(kind.name)
    return {"POST": lambda: _search(exchange, kind)}


def views_of_one(exchange: Exchange, kind: ResourceType, resource_id: str) -> Views:
    """At the address of a resource."""
    exchange.recording.concerns(kind.name, resource_id)
    read = {"GET": lambda: _read(exchange, kind, resource_id)}
    if kind.is_read_only:
        return read
    return {
        **read,
        "PUT": lambda: _replace(exchange, kind, resource_id),
        "PATCH": lambda: _patch(exchange, kind, resource_id),
        "DELETE": lambda: _delete(exchange, kind, resource_id),
    }


def views_of_me(exchange: Exchange) -> Views:
    """RFC 7644 section 3.11: the resource of the person whose token it is (corner case C-128)."""
    profile, person_id = exchange.caller.profile, exchange.caller.person_id
    if profile.me == "off":
        raise NotSupported("This tenant does not offer /Me.")
    if person_id is None:
        raise NotFound("/Me is the resource of a person; the token belongs to a connection, which is none.")
    views = views_of_one(exchange, exchange.caller.registry.resource_type("User"), person_id)
    refused = {"POST": _refusal("Nobody can sign up here; the identity provider creates people.")}
    if not profile.me_delete:
        refused["DELETE"] = _refusal("This tenant does not let people delete themselves; ask its administrator.")
    return {**views, **refused}


def views_of_bulk(exchange: Exchange) -> Views:
    """At `Bulk`."""
    return {"POST": lambda: _bulk(exchange)}


def _find(exchange: Exchange, kind: ResourceType | None) -> Response:
    query = exchange.query(kind)
    return scim_response(exchange.service.searches.find(exchange.caller, kind, query, in_address=True))


def _search(exchange: Exchange, kind: ResourceType | None) -> Response:
    """RFC 7644 section 3.4.3: the query is in the body."""
    message = exchange.caller.registry.messages["SearchRequest"]
    asked = exchange.asked("search", kind, exchange.json())
    query = read_search(decode_message(asked, message, InvalidValue, strict=False))
    return scim_response(exchange.service.searches.find(exchange.caller, kind, query))


def _create(exchange: Exchange, kind: ResourceType) -> Response:
    query, body = exchange.query(kind), exchange.body("create", kind)
    if put_off := deferred(exchange, lambda checks: checks.create(kind, body)):
        return put_off
    return resource_response(exchange.service.operations.create(exchange.caller, kind, body, query), 201)


def _read(exchange: Exchange, kind: ResourceType, resource_id: str) -> Response:
    query, conditions = exchange.query(kind), exchange.conditions()
    if query.filter is not None:
        raise InvalidFilter("One resource cannot be filtered; filter the list it is in, or leave the filter out.")
    return resource_response(exchange.service.operations.read(exchange.caller, kind, resource_id, query, conditions))


def _replace(exchange: Exchange, kind: ResourceType, resource_id: str) -> Response:
    query, body, conditions = exchange.query(kind), exchange.body("replace", kind), exchange.conditions()
    operations = exchange.service.operations
    if put_off := deferred(exchange, lambda checks: checks.replace(kind, resource_id, body, conditions)):
        return put_off
    return resource_response(operations.replace(exchange.caller, kind, resource_id, body, query, conditions))


def _patch(exchange: Exchange, kind: ResourceType, resource_id: str) -> Response:
    operations = exchange.service.operations
    query, conditions = exchange.query(kind), exchange.conditions()
    body = exchange.normalised("patch", kind, exchange.json(operations.steps.limits.patch_operations))
    if put_off := deferred(exchange, lambda checks: checks.patch(kind, resource_id, body, conditions)):
        return put_off
    return resource_response(operations.patch(exchange.caller, kind, resource_id, body, query, conditions))


def _delete(exchange: Exchange, kind: ResourceType, resource_id: str) -> Response:
    conditions = exchange.conditions()
    if put_off := deferred(exchange, lambda checks: checks.delete(kind, resource_id, conditions)):
        return put_off
    exchange.service.operations.delete(exchange.caller, kind, resource_id, conditions)
    return scim_response(None, 204)


def _bulk(exchange: Exchange) -> Response:
    operations = exchange.service.operations
    body = exchange.json(operations.steps.limits.bulk_operations)
    envelope = exchange.normalised("bulk", exchange.caller.registry.resource_type("User"), body)
    if put_off := deferred(exchange, lambda checks: checks.bulk(envelope)):
        return put_off
    outcomes = run_bulk(operations, exchange.caller, envelope, exchange.normalised)
    return scim_response(bulk_body(outcomes, exchange.caller.request_id))


def _refusal(detail: str) -> View:
    def refuse() -> Response:
        raise Forbidden(detail)

    return refuse
