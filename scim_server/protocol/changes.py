"""RFC 7644 section 3.5.2: the operations of a PATCH message, and the changes they are planned into."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scim_server.protocol.errors import InvalidPath, InvalidSyntax, InvalidValue
from scim_server.protocol.paths import AttributePath
from scim_server.protocol.schemas import Attribute
from scim_server.protocol.targets import Target

OPS = frozenset({"add", "remove", "replace"})


@dataclass(frozen=True, slots=True)
class Operation:
    """One entry of `Operations`. `value` is None where it was absent or null; `has_value` tells which."""

    op: str
    path: str | None
    value: Any = None
    has_value: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One attribute to change.

    `op` is add, remove, replace, or `confirm`: a readOnly value the client sent along, which must equal the
    stored one (corner case C-14). `value` is decoded, as sent for `confirm`.

    A target that is a whole list: `value` holds the elements to add, or the new list. Any other target: None with
    replace unassigns it. A remove has no value: it takes away all that the target names.

    `seed` is what the filter's `eq` terms say of an element that does not exist yet, None where the filter
    cannot say (C-03).
    """

    op: str
    target: Target
    value: Any = None
    seed: Mapping[str, Any] | None = None


def operations_of(message: Mapping[str, Any]) -> list[Operation]:
    """The operations of a decoded PatchOp message.

    Raises InvalidSyntax where an entry is no operation, InvalidValue where there is none at all (C-30).
    """
    operations = message.get("Operations")
    if operations is None:
        raise InvalidSyntax("'Operations' is missing: a PATCH needs a list of operations")
    if not isinstance(operations, list):
        raise InvalidSyntax("'Operations' must be a list of operations")
    if not operations:
        raise InvalidValue("'Operations' is empty: send at least one operation")
    return [_operation(number, operation) for number, operation in enumerate(operations, 1)]


def _operation(number: int, operation: Any) -> Operation:
    if not isinstance(operation, Mapping):
        raise InvalidSyntax(f"operation {number} must be an object with 'op', 'path' and 'value'")
    op = operation.get("op")
    if not isinstance(op, str) or op not in OPS:
        raise InvalidSyntax(f"operation {number}: 'op' must be add, remove or replace")
    path = operation.get("path")
    if "path" in operation and not isinstance(path, str):
        raise InvalidPath(f"operation {number}: 'path' must be text; leave it out to change several attributes")
    return Operation(op, path, operation.get("value"), "value" in operation)


def parts_of(target: Target) -> tuple[Attribute, ...]:
    """The attribute and sub-attribute the target names; the stricter characteristic of them wins (C-15)."""
    parts = (target.path.attribute, target.path.sub, target.sub)
    return tuple(part for part in parts if part is not None)


def leaf_of(target: Target) -> Attribute:
    """The innermost attribute the target names."""
    return target.sub or target.path.leaf


def is_whole_list(target: Target) -> bool:
    """Whether the target is a multi-valued attribute as such, not elements of it."""
    return target.filter is None and target.path.sub is None and leaf_of(target).multi_valued


def is_schemas(path: AttributePath) -> bool:
    """Whether the path is the `schemas` of the resource (RFC 7643 section 3)."""
    return path.urn is None and path.attribute is not None and path.attribute.name == "schemas"
