"""RFC 7644 sections 3.5.2 and 3.7.4: how much one request may ask for, checked before anything is done."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from scim_server.protocol.errors import TooLarge
from scim_server.protocol.paths import named
from scim_server.protocol.schemas import ResourceType
from scim_server.protocol.texts import BRACKETS, DEEPEST, STEPS


@dataclass(frozen=True, slots=True)
class Limits:
    """Operations of a bulk; operations of a PATCH, and elements of lists such as `members` that it names."""

    bulk_operations: int = 1000
    patch_operations: int = 1000
    patch_members: int = 10_000


_OPERATIONS = re.compile(rb'"operations"\s*:\s*\Z', re.IGNORECASE)
_BRACKETS_OF_ONE = 20
"""As many as an operation has, as a rule."""


def check_length(body: bytes, most: int) -> None:
    """Raises TooLarge for a JSON text with more than `most` operations, having read it no further than that.

    To parse 100,000 of them takes a second. What this does not see, as operations are longer than they are as a rule
    or their name is escaped, is counted when the text is parsed.
    """
    depth = count = 0
    is_inside = False
    for found in islice(BRACKETS.finditer(body), most * _BRACKETS_OF_ONE):
        before = found[0]
        if depth == 1:
            is_inside = _OPERATIONS.search(before[:-1]) is not None
        elif depth == 2 and is_inside:
            count += before.count(b",")
        if count >= most:
            raise TooLarge(
                f"The request has more operations than this server takes: at most {most} in one (in a bulk "
                "bulk.maxOperations of /ServiceProviderConfig). Nothing was done; split it."
            )
        depth += STEPS[found[1]]
        if not 0 <= depth <= DEEPEST:
            return


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
    found = named(path, kind)
    return found is not None and found.attribute is not None and found.attribute.names_resources


def _length(value: Any) -> int:
    return len(value) if isinstance(value, list) else 1


def _member(value: Any, name: str) -> Any:
    """The member of that name, in any letter case; None where there is none."""
    if not isinstance(value, Mapping):
        return None
    return next((inner for key, inner in value.items() if key.lower() == name), None)
