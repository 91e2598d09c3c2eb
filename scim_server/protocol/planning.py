"""RFC 7644 section 3.5.2: what a PATCH request asks for, worked out without looking at the resource.

    operation = { "op": add | remove | replace, "path": attrPath | valuePath [subAttr], "value": ... }

`plan` reads every operation against the schema: paths resolved, path-less values taken apart key by key,
values decoded, mutability checked. What needs the stored values is left to `patching.apply`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scim_server.protocol.changes import (
    Change,
    Operation,
    is_whole_list,
    leaf_of,
    parts_of,
)
from scim_server.protocol.codec import decode_value, refuse_secrets, repeats_urn
from scim_server.protocol.errors import (
    InvalidPath,
    InvalidSyntax,
    InvalidValue,
    Mutability,
    NoTarget,
    ScimError,
)
from scim_server.protocol.paths import AttributePath, UnknownAttribute, resolve
from scim_server.protocol.profiles import Profile
from scim_server.protocol.schemas import Attribute, ResourceType
from scim_server.protocol.targets import Target, parse_target
from scim_server.protocol.terms import described_element


def plan(operations: Sequence[Operation], resource_type: ResourceType, profile: Profile) -> list[Change]:
    """The changes that `operations` ask for, in their order.

    Raises InvalidPath, InvalidFilter, InvalidValue, InvalidSyntax, Mutability or NoTarget; the detail begins
    with the number of the operation, counted from 1. Values of writeOnly attributes are dropped unread.
    """
    planner = _Planner(resource_type, profile)
    changes: list[Change] = []
    for number, operation in enumerate(operations, 1):
        try:
            changes.extend(planner.changes(operation))
        except ScimError as refused:
            raise type(refused)(f"operation {number} ({operation.op}): {refused.detail}") from refused
    return changes


@dataclass(frozen=True, slots=True)
class _Planner:
    resource_type: ResourceType
    profile: Profile

    def changes(self, operation: Operation) -> Iterator[Change]:
        if operation.path is not None:
            target = parse_target(operation.path, self.resource_type)
            yield from self._at_path(operation, target)
        elif operation.op == "remove":
            raise NoTarget("'path' is missing: a remove must name what to remove")
        else:
            yield from self._without_path(operation)

    def _at_path(self, operation: Operation, target: Target) -> Iterator[Change]:
        parts = parts_of(target)
        if target.filter is not None and target.sub is None and not self.profile.element_target:
            raise InvalidPath(f"'{operation.path}' names whole elements: put a sub-attribute behind the bracket")
        if any(part.mutability == "writeOnly" for part in parts):
            refuse_secrets(target.path, self.profile)
            return
        if any(part.mutability == "readOnly" for part in parts):
            raise Mutability(f"'{target.path}' is readOnly: the server sets it")
        if operation.op == "remove":
            yield self._removal(target, operation.value, operation.path)
        elif not operation.has_value:
            raise InvalidValue(f"'{target.path}' needs a value")
        elif operation.op == "add" and operation.value is None:
            raise InvalidValue(f"'{target.path}' needs a value; use remove to clear it")
        else:
            yield from self._write(operation.op, target, operation.value, operation.path)

    def _without_path(self, operation: Operation) -> Iterator[Change]:
        if not self.profile.pathless_patch:
            raise InvalidSyntax(f"'path' is missing: profile {self.profile.name} wants one in each operation")
        if not isinstance(operation.value, Mapping):
            raise InvalidValue("without 'path', 'value' must be an object of attributes")
        for key, value in operation.value.items():
            yield from self._keyed(operation.op, key, value)

    def _keyed(self, op: str, key: str, value: Any) -> Iterator[Change]:
        """One key of a path-less value: a name, plain or with its URN, or an extension's URN."""
        target = self._target_of(key)
        if target.path.attribute is None:
            yield from self._write(op, target, value, key)
        else:
            yield from self._given(op, target, value, key)

    def _given(self, op: str, target: Target, value: Any, text: str) -> Iterator[Change]:
        """A member of a path-less value, where clients send along what they read (C-14)."""
        parts = parts_of(target)
        if any(part.mutability == "writeOnly" for part in parts):
            refuse_secrets(target.path, self.profile)
            return
        if any(part.mutability == "readOnly" for part in parts):
            yield Change("confirm", target, value)
        elif value is not None or op == "replace":
            yield from self._write(op, target, value, text)

    def _target_of(self, key: str) -> Target:
        try:
            path = resolve(key, self.resource_type)
        except UnknownAttribute as unknown:
            raise self._unknown(key) from unknown
        if path.sub is not None:
            raise self._unknown(key)
        return Target(path)

    def _unknown(self, name: str) -> InvalidSyntax:
        return InvalidSyntax(f"'{name[:100]}' is not an attribute of {self.resource_type.name}")

    def _removal(self, target: Target, value: Any, text: str | None) -> Change:
        attribute = target.path.attribute
        if attribute is None:
            self._guard_extension(target.path)
            return Change("remove", target)
        _guard_in_place(target)
        if value is not None and is_whole_list(target):
            raise InvalidValue(
                f"'{text}' and a 'value' do not go together in a remove: name what is to go in 'path', "
                f"for example {attribute.name}[value eq \"...\"], or leave 'value' out to remove all"
            )
        if leaf_of(target).required and not (target.filter and target.sub is None):
            raise Mutability(f"'{text}' is required and cannot be removed")
        return Change("remove", target)

    def _guard_extension(self, path: AttributePath) -> None:
        """An extension goes as a whole unless every resource carries it, or the server alone writes it."""
        for extension in self.resource_type.extensions:
            if extension.schema.urn == path.urn and (
                extension.required or all(part.mutability == "readOnly" for part in extension.schema.attributes)
            ):
                raise Mutability(f"'{path.urn}' cannot be removed: it is required or set by the server")

    def _write(self, op: str, target: Target, value: Any, text: str | None) -> Iterator[Change]:
        attribute = target.path.attribute
        if attribute is None:
            yield from self._write_extension(op, target, value)
            return
        _guard_in_place(target)
        if isinstance(value, Mapping) and self._merges(op, target):
            yield from self._merge(op, target, attribute, value)
            return
        decoded = self._value_for(target, value)
        if decoded is None:
            yield from self._clearing(op, target, text)
        else:
            seed = described_element(target.filter, text or "") if target.filter else {}
            yield Change(op, target, decoded, seed)

    def _write_extension(self, op: str, target: Target, value: Any) -> Iterator[Change]:
        """C-26: an extension named as a whole is merged into; null takes it away."""
        urn = target.path.urn
        if value is None:
            if op == "replace":
                yield self._removal(target, None, urn)
            return
        if not isinstance(value, Mapping):
            raise InvalidValue(f"'{urn}' must be an object of attributes")
        for name, inner in value.items():
            if name and not repeats_urn(name, inner, str(urn)):
                yield from self._keyed(op, f"{urn}:{name}", inner)

    def _merges(self, op: str, target: Target) -> bool:
        """R-7644-3.5.2.3-04: a complex value of a single-valued attribute changes what it names."""
        leaf = leaf_of(target)
        merging = op == "add" or self.profile.complex_replace == "merge"
        return leaf.is_complex and not leaf.multi_valued and merging

    def _merge(self, op: str, target: Target, attribute: Attribute, value: Mapping[str, Any]) -> Iterator[Change]:
        for name, inner in value.items():
            sub = attribute.sub(name)
            if sub is None:
                raise self._unknown(f"{target.path}.{name}")
            if sub.mutability not in {"readOnly", "writeOnly"} and not (op == "add" and inner is None):
                narrowed = Target(AttributePath(target.path.urn, attribute, sub), None, None)
                yield from self._write(op, narrowed, inner, str(narrowed.path))

    def _value_for(self, target: Target, value: Any) -> Any:
        """The decoded value; None where it means unassigned, [] included."""
        if value is None:
            return None
        leaf = leaf_of(target)
        if target.filter is None or target.sub is not None:
            return self._decoded(leaf, value)
        elements = self._decoded(leaf, value if isinstance(value, list) else [value])
        if elements is not None and len(elements) != 1:
            raise InvalidValue(f"'{target.path}' with a filter needs one element as its value")
        return elements[0] if elements else None

    def _decoded(self, attribute: Attribute, value: Any) -> Any:
        decoded = decode_value(attribute, value)
        if isinstance(decoded, list):
            refuse_two_primaries(attribute, decoded)
        elif decoded == "" and attribute.required:
            return None
        return decoded

    def _clearing(self, op: str, target: Target, text: str | None) -> Iterator[Change]:
        if is_whole_list(target) and op == "add":
            return
        if leaf_of(target).required:
            raise InvalidValue(f"'{text}' is required: give it a value")
        yield Change("replace", target, [] if is_whole_list(target) else None)


def _guard_in_place(target: Target) -> None:
    """C-16: elements come and go, but an immutable sub-attribute is not edited inside one."""
    attribute, sub = target.path.attribute, target.sub or target.path.sub
    if attribute and sub and attribute.multi_valued and sub.mutability == "immutable":
        raise Mutability(f"'{attribute.name}.{sub.name}' is immutable: remove the element and add another one instead")


def refuse_two_primaries(attribute: Attribute, elements: Sequence[Any]) -> None:
    """RFC 7643 section 2.4: `primary` is true at most once. Raises InvalidValue."""
    if attribute.sub("primary") is None:
        return
    if sum(1 for element in elements if element.get("primary") is True) > 1:
        raise InvalidValue(f"'{attribute.name}' has more than one primary element: mark one of them")
