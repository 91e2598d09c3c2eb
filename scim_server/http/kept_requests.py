"""What a kept request is about, told from the request alone, for whoever has to say that none of it is done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scim_server.domain.async_requests import AsyncRequest
from scim_server.protocol.bulk import METHODS
from scim_server.protocol.errors import ScimError
from scim_server.protocol.registry import Registry
from scim_server.protocol.schemas import ResourceType
from scim_server.protocol.texts import parse_json
from scim_server.services.actors import PERSON


@dataclass(frozen=True, slots=True)
class Target:
    """A request, or an operation by its number: with what method it is about which resource, as it names that."""

    number: int
    method: str
    bulk_id: str | None = None
    kind: ResourceType | None = None
    resource_id: str | None = None


def targets_of(request: AsyncRequest, registry: Registry) -> list[Target]:
    """What each completion of the request is about."""
    if not request.is_bulk:
        return [_named(Target(0, request.method), _path(request), registry)]
    entries = _operations(request.body)
    return [_target(number, entries, registry) for number in range(request.total)]


def _path(request: AsyncRequest) -> str:
    return f"/Users/{request.actor.removeprefix(PERSON)}" if request.path == "/Me" else request.path


def _operations(body: str | None) -> Sequence[Any]:
    try:
        message = parse_json((body or "").encode())
    except ScimError:
        return ()
    members = message.items() if isinstance(message, Mapping) else ()
    found = next((value for name, value in members if name.lower() == "operations"), ())
    return found if isinstance(found, list) else ()


def _target(number: int, entries: Sequence[Any], registry: Registry) -> Target:
    entry = entries[number] if number < len(entries) and isinstance(entries[number], Mapping) else {}
    told = {name.lower(): value for name, value in entry.items() if isinstance(value, str)}
    method = told.get("method", "").upper()
    known = Target(number, method if method in METHODS else "POST", told.get("bulkid"))
    return _named(known, told.get("path", ""), registry)


def _named(target: Target, path: str, registry: Registry) -> Target:
    endpoint, _, resource_id = path.strip("/").partition("/")
    kind = registry.at(f"/{endpoint}")
    return Target(target.number, target.method, target.bulk_id, kind, resource_id or None)
