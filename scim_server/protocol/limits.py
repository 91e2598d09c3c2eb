"""RFC 7644 sections 3.5.2 and 3.7.4: how much one request may ask for, checked before anything is done."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scim_server.protocol.errors import TooLarge
from scim_server.protocol.paths import UnknownAttribute, resolve
from scim_server.protocol.schemas import ResourceType


@dataclass(frozen=True, slots=True)
class Limits:
    """Operations of a bulk; operations of a PATCH, and elements of lists such as `members` that it names."""

    bulk_operations: int = 1000
    patch_operations: int = 1000
    patch_members: int = 10_000


def check_bulk(body: Any, limits: Limits) -> None:
    """Raises TooLarge where a BulkRequest has too many operations, whatever they are."""
    count = len(_operations(body))
    if count > limits.bulk_operations:
        raise TooLarge(
            f"The bulk has {count} operations; this server takes at most {limits.bulk_operations} in one request "
            "(bulk.maxOperations of /ServiceProviderConfig). Nothing was done; split it."
        )


def check_patch(body: Any, kind: ResourceType, limits: Limits) -> None:
    """Raises TooLarge where a PatchOp has too many operations, or names too many members."""
    operations = _operations(body)
    if len(operations) > limits.patch_operations:
        raise TooLarge(
            f"The PATCH has {len(operations)} operations; this server takes at most {limits.patch_operations} in one "
            "request. Nothing was changed; split it."
        )
    named = sum(_named(operation, kind) for operation in operations)
    if named > limits.patch_members:
        raise TooLarge(
            f"The PATCH names {named} members; this server takes at most {limits.patch_members} in one request. "
            "Nothing was changed; split it."
        )


def _operations(body: Any) -> list[Any]:
    operations = _member(body, "operations")
    return operations if isinstance(operations, list) else []


def _named(operation: Any, kind: ResourceType) -> int:
    """How many elements of lists that name resources the operation gives."""
    path, value = _member(operation, "path"), _member(operation, "value")
    if path is None and isinstance(value, Mapping):
        return sum(_length(inner) for key, inner in value.items() if _names_resources(key, kind))
    if not _names_resources(path, kind):
        return 0
    return _length(value) if "[" not in path else max(1, path.lower().count("value eq "))


def _names_resources(path: Any, kind: ResourceType) -> bool:
    try:
        found = resolve(path.partition("[")[0], kind) if isinstance(path, str) else None
    except UnknownAttribute:
        return False
    return found is not None and found.attribute is not None and found.attribute.names_resources


def _length(value: Any) -> int:
    return len(value) if isinstance(value, list) else 1


def _member(value: Any, name: str) -> Any:
    """The member of that name, in any letter case; None where there is none."""
    if not isinstance(value, Mapping):
        return None
    return next((inner for key, inner in value.items() if key.lower() == name), None)
