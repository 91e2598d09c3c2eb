"""RFC 7644 section 3.7: the BulkRequest message, read operation by operation."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from scim_server.protocol.codec import decode_message
from scim_server.protocol.errors import InvalidSyntax, InvalidValue, NotFound, ScimError
from scim_server.protocol.limits import Limits, check_bulk
from scim_server.protocol.registry import Registry
from scim_server.protocol.schemas import ResourceType

BULK_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
METHODS = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class Place:
    """What the path of an operation names: a resource type's endpoint, or one resource by id or `bulkId:x`."""

    kind: ResourceType
    resource_id: str | None


@dataclass(frozen=True, slots=True)
class BulkOperation:
    """One operation: `method` in upper case, `place` None where the path names nothing here.

    `fault` is what makes it impossible whatever the store holds; the others run all the same.
    """

    method: str
    place: Place | None
    bulk_id: str | None
    version: str | None
    data: Any
    fault: ScimError | None = None


@dataclass(frozen=True, slots=True)
class BulkRequest:
    """The operations in the order of the request; `fail_on_errors` is the number of errors to stop after."""

    operations: Sequence[BulkOperation]
    fail_on_errors: int | None


def read_bulk(body: Any, registry: Registry, limits: Limits) -> BulkRequest:
    """The request in a body.

    Raises TooLarge beyond the limit, InvalidSyntax where the message as a whole is none: a failOnErrors below 1
    (corner case C-123), a bulkId given twice. InvalidValue where there is nothing to do.
    """
    check_bulk(body, limits)
    message = decode_message(body, registry.messages["BulkRequest"])
    if not message["Operations"]:
        raise InvalidValue("'Operations' is empty: send at least one operation.")
    operations = [_operation(number, entry, registry) for number, entry in enumerate(message["Operations"], 1)]
    _refuse_twins(operations)
    return BulkRequest(operations, _fail_on_errors(message))


def bulk_response(results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A BulkResponse message with those results."""
    return {"schemas": [BULK_RESPONSE], "Operations": list(results)}


def _fail_on_errors(message: Mapping[str, Any]) -> int | None:
    most = message.get("failOnErrors")
    if most is not None and most < 1:
        raise InvalidSyntax("'failOnErrors' must be at least 1; leave it out to have every operation tried.")
    return most


def _refuse_twins(operations: Sequence[BulkOperation]) -> None:
    counts = Counter(operation.bulk_id for operation in operations if operation.bulk_id)
    twin = next((bulk_id for bulk_id, count in counts.items() if count > 1), None)
    if twin is not None:
        raise InvalidSyntax(f"The bulkId '{twin[:100]}' is given to more than one operation: each needs its own.")


def _operation(number: int, entry: Mapping[str, Any] | None, registry: Registry) -> BulkOperation:
    if entry is None:
        raise InvalidSyntax(f"Operation {number} must be an object with 'method' and 'path'.")
    method = (entry.get("method") or "").upper()
    bulk_id = entry.get("bulkId") or None
    place, fault = None, None
    try:
        _check_method(method)
        place = _place(entry.get("path") or "", registry)
        _check_fitting(method, place, bulk_id)
    except ScimError as refusal:
        fault = refusal
    return BulkOperation(method, place, bulk_id, entry.get("version"), entry.get("data"), fault)


def _check_method(method: str) -> None:
    if method not in METHODS:
        raise InvalidSyntax(f"'{method[:100]}' is no method of a bulk operation: use {', '.join(METHODS)}.")


def _place(path: str, registry: Registry) -> Place:
    """Raises InvalidSyntax for whatever is no path below the base address (corner case C-124)."""
    endpoint, _, rest = path.strip("/").partition("/")
    kind = registry.at(f"/{endpoint}")
    if kind is None or kind.is_read_only or path.startswith("//"):
        endpoints = ", ".join(known.endpoint for known in registry.resource_types.values() if not known.is_read_only)
        raise InvalidSyntax(
            f"'{path[:100]}' is no path of a bulk operation: it is relative to the base address and names {endpoints} "
            "or a resource below."
        )
    resource_id = unquote(rest) or None
    if resource_id is not None and "\0" in resource_id:
        raise NotFound(f"There is no {kind.name} with that id.")
    return Place(kind, resource_id)


def _check_fitting(method: str, place: Place, bulk_id: str | None) -> None:
    if method != "POST" and place.resource_id is None:
        raise InvalidSyntax(f"{method} needs the path of one resource: {place.kind.endpoint}/ID.")
    if method == "POST" and place.resource_id is not None:
        raise InvalidSyntax(f"POST needs the path of an endpoint: {place.kind.endpoint}.")
    if method == "POST" and bulk_id is None:
        raise InvalidSyntax("A POST needs a 'bulkId', under which the answer names the new resource.")
