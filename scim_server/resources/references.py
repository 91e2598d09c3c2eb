"""RFC 7643 section 2.3.7: what a reference names is of one of its attribute's `referenceTypes`.

A resource is named by its id, in a `value` that has a `$ref` beside it, or by an address that ends in endpoint and
id. What names nothing here may be a resource of another server, or somebody who comes later: the profile decides.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from scim_server.protocol.errors import InvalidValue
from scim_server.protocol.paths import AttributePath, leaves, values_at
from scim_server.protocol.registry import Registry
from scim_server.protocol.schemas import ResourceType
from scim_server.resources.callers import Caller
from scim_server.resources.ports import ResourceUnit

ADDRESSES = frozenset({"uri", "external"})
"""Reference types that are no resource types (RFC 7643 section 7)."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Where ids of resources lie, and of which types these may be."""

    path: AttributePath
    types: tuple[str, ...]


def check_references(
    uow: ResourceUnit,
    caller: Caller,
    kind: ResourceType,
    before: Mapping[str, Any],
    document: Mapping[str, Any],
) -> None:
    """Raises InvalidValue where `document` newly names a resource of a type that the attribute does not refer to.

    Under `unknown_references` reject, also where it newly names nothing (R-7643-4.3-01).
    """
    named = set(_named(kind, document, caller.registry))
    fresh = named - set(_named(kind, before, caller.registry))
    types = uow.resources.types({resource_id for _, resource_id in fresh}) if fresh else {}
    for reference, resource_id in sorted(fresh, key=lambda each: (str(each[0].path), each[1])):
        found = types.get(resource_id)
        expected = " or ".join(reference.types)
        if found is None and caller.profile.unknown_references == "reject":
            raise InvalidValue(
                f"{reference.path}: '{resource_id}' names no {expected} of this tenant. Create it first."
            )
        if found is not None and found not in reference.types:
            raise InvalidValue(f"{reference.path}: '{resource_id}' is of type {found}; expected {expected}")


@lru_cache(maxsize=1024)
def _references(kind: ResourceType) -> tuple[Reference, ...]:
    """Every writable reference to resources but `members`, which the membership table knows the types of."""
    found = []
    for path in leaves(kind):
        types = tuple(name for name in path.leaf.reference_types if name not in ADDRESSES)
        if types and path.attribute not in kind.common and not (kind.name == "Group" and path.keys[0] == "members"):
            found.append(Reference(path, types))
    return tuple(found)


def _named(kind: ResourceType, document: Mapping[str, Any], registry: Registry) -> Iterator[tuple[Reference, str]]:
    for reference in _references(kind):
        path = reference.path
        for address in values_at(document, path.keys):
            if (resource_id := _id_in(address, registry)) is not None:
                yield reference, resource_id
        if path.sub is not None and path.sub.name == "$ref":
            for value in values_at(document, (*path.keys[:-1], "value")):
                yield reference, str(value)


def _id_in(address: Any, registry: Registry) -> str | None:
    """The id in `https://.../Users/{id}`, `Users/{id}` or a bare `{id}`; None in what ends in no known endpoint."""
    *base, resource_id = str(address).rstrip("/").split("/")
    return resource_id if not base or registry.at(f"/{base[-1]}") is not None else None
