"""RFC 7644 section 3.5.2: the changes of a PATCH request carried out on a document, all or none.

The answers where the RFC leaves room are the corner cases C-01 to C-36 of the reference; `planning` holds
those that need no stored value.
"""

from collections.abc import Mapping, Sequence, Set
from types import MappingProxyType
from typing import Any

from scim_server.protocol.changes import Change, Operation, is_schemas, operations_of
from scim_server.protocol.elements import Elements
from scim_server.protocol.errors import InvalidFilter, InvalidValue, Mutability, NoTarget
from scim_server.protocol.matching import element_matches
from scim_server.protocol.paths import AttributePath
from scim_server.protocol.planning import plan
from scim_server.protocol.profiles import Profile
from scim_server.protocol.schemas import Attribute, ResourceType
from scim_server.protocol.validation import LABELS, settle

__all__ = ["Change", "Operation", "apply", "operations_of", "plan"]

_NOTHING: Mapping[str, Any] = MappingProxyType({})


def apply(
    document: Mapping[str, Any],
    changes: Sequence[Change],
    resource_type: ResourceType,
    profile: Profile,
    *,
    read_only: Mapping[str, Any] = _NOTHING,
) -> dict[str, Any]:
    """A new document with `changes` carried out in order; equal to `document` when they changed nothing.

    `document` is default-shaped and is left as it is. `read_only` are the values that only the server sets
    (`id`, `meta`, `groups`, ...) in the shape they are answered in; a `confirm` is judged by them. Raises
    NoTarget, InvalidValue, Mutability, or TooMany where the operations together cost too much.
    """
    draft = _Draft(document, resource_type, profile, read_only)
    for change in changes:
        draft.take(change)
    return settle(draft.finished(), resource_type)


class _Draft:
    """A document being changed: single values in copied objects, lists as `Elements` until the end."""

    def __init__(
        self,
        document: Mapping[str, Any],
        resource_type: ResourceType,
        profile: Profile,
        read_only: Mapping[str, Any],
    ) -> None:
        self._document = dict(document)
        for extension in resource_type.extensions:
            if extension.schema.urn in self._document:
                self._document[extension.schema.urn] = dict(self._document[extension.schema.urn])
        self._lists: dict[tuple[str | None, str], Elements] = {}
        self._type = resource_type
        self._profile = profile
        self._read_only = read_only

    def take(self, change: Change) -> None:
        path = change.target.path
        if change.op == "confirm":
            self._confirm(path, change.value)
        elif path.attribute is None:
            self._drop_extension(path.urn)
        elif is_schemas(path):
            self._change_schemas(change)
        elif not path.attribute.multi_valued:
            self._change_single(change, path.attribute)
        elif change.target.filter is None and path.sub is None:
            self._change_list(change, path.attribute)
        else:
            self._change_elements(change, path.attribute)

    def finished(self) -> dict[str, Any]:
        for (urn, name), elements in self._lists.items():
            self._store(urn, name, list(elements) or None)
        return self._document

    def _confirm(self, path: AttributePath, value: Any) -> None:
        """C-14: a client may send back what it read, not something else."""
        stored: Any = {**self._document, **self._read_only}
        for key in path.keys:
            stored = stored.get(key) if isinstance(stored, Mapping) else None
        if (stored or None) != (value or None):
            raise Mutability(f"'{path}' is readOnly: leave it out, or send the value the server gave")

    def _drop_extension(self, urn: str | None) -> None:
        self._document.pop(urn or "", None)
        for held in [key for key in self._lists if key[0] == urn]:
            del self._lists[held]

    def _change_schemas(self, change: Change) -> None:
        """R-7644-3.5.2-09: a URN that goes takes its data along; one that comes shows once it has data."""
        known = {extension.schema.urn.lower(): extension.schema.urn for extension in self._type.extensions}
        base = self._type.schema.urn.lower()
        named = self._named_urns(change, [self._type.schema.urn, *known.values()])
        if change.op != "remove":
            _refuse_unknown_urns(named - {base, *known}, self._type)
        leaving = {"add": set(), "remove": named, "replace": {base, *known} - named}[change.op]
        if base in leaving:
            raise Mutability(f"'schemas' must keep {self._type.schema.urn}")
        for urn in leaving & known.keys():
            self._drop_extension(known[urn])

    def _named_urns(self, change: Change, urns: Sequence[str]) -> Set[str]:
        """The URNs that a change of `schemas` speaks of, in lower case; a filter chooses among `urns`."""
        condition, attribute = change.target.filter, change.target.path.attribute
        if condition is not None and attribute is not None:
            if change.op != "remove":
                raise NoTarget("what is added to 'schemas', or put in its place, is named by 'value', not by a filter")
            return {urn.lower() for urn in urns if element_matches(condition, attribute, urn)}
        return {str(urn).lower() for urn in change.value or ()}

    def _change_single(self, change: Change, attribute: Attribute) -> None:
        path = change.target.path
        before = self._stored(path.urn, attribute.name)
        new = None if change.op == "remove" else change.value
        if path.sub is not None:
            held = before if isinstance(before, Mapping) else {}
            _guard_immutable(path, path.sub, held.get(path.sub.name), new)
            if path.sub.multi_valued and change.op == "add":
                new = _joined(path.sub, held.get(path.sub.name), new)
            new = _with(held, path.sub.name, new) or None
        _guard_immutable(path, attribute, before, new)
        if attribute.required and before is not None and new is None:
            raise Mutability(f"'{path}' cannot be removed: it would leave {attribute.name} empty")
        self._store(path.urn, attribute.name, new)

    def _change_list(self, change: Change, attribute: Attribute) -> None:
        path = change.target.path
        elements = self._elements(path.urn, attribute)
        before = list(elements) if attribute.mutability == "immutable" else None
        if change.op == "add":
            elements.join(change.value)
        elif change.op == "replace":
            elements.become(change.value)
        else:
            elements.become(())
        if before:
            _guard_immutable(path, attribute, before, list(elements))
        self._guard_not_emptied(change, attribute, elements)

    def _change_elements(self, change: Change, attribute: Attribute) -> None:
        elements = self._elements(change.target.path.urn, attribute)
        serials = elements.select(change.target.filter)
        sub = change.target.sub or change.target.path.sub
        if len(serials) > 1 and change.target.filter is not None and not self._profile.multi_match:
            raise InvalidFilter(
                f"the filter on '{change.target.path}' matches {len(serials)} elements: name one of them"
            )
        if not serials:
            self._without_match(change, sub, elements)
        elif sub is None and (change.op == "remove" or change.value is None):
            for serial in serials:
                elements.remove(serial)
        else:
            for serial in serials:
                self._edit(change, sub, elements, serial)
            if sub is None or sub.name == "primary":
                elements.settle_primary(serials)
        self._guard_not_emptied(change, attribute, elements)

    def _edit(self, change: Change, sub: Attribute | None, elements: Elements, serial: int) -> None:
        before = elements[serial]
        if not isinstance(before, Mapping) or (sub is None and not isinstance(change.value, Mapping)):
            elements.put(serial, change.value)
        elif sub is None:
            elements.put(serial, self._element_from(change, before))
        elif change.op == "remove" or change.value is None:
            after = _with(before, sub.name, None)
            if after != before and not after.keys() - LABELS:
                elements.remove(serial)
            else:
                elements.put(serial, after)
        else:
            value = change.value
            if sub.multi_valued and change.op == "add":
                value = _joined(sub, before.get(sub.name), value)
            elements.put(serial, _with(before, sub.name, value))

    def _element_from(self, change: Change, before: Mapping[str, Any]) -> dict[str, Any]:
        """C-18: add merges into the element, replace swaps it whole."""
        return {**before, **change.value} if change.op == "add" else dict(change.value)

    def _without_match(self, change: Change, sub: Attribute | None, elements: Elements) -> None:
        """C-01 to C-03: nothing to remove is fine; an element to add or replace is built from the filter."""
        if change.op == "remove":
            return
        building = change.op == "add" or change.target.filter is None
        if building and change.value is None:
            return
        if not building or change.seed is None:
            raise NoTarget(f"no element of '{change.target.path}' matches the filter in the path")
        given = change.value if sub is None else {sub.name: change.value}
        elements.join([{**change.seed, **given} if isinstance(given, Mapping) else given])

    def _guard_not_emptied(self, change: Change, attribute: Attribute, elements: Elements) -> None:
        if attribute.required and not len(elements):
            raise Mutability(f"'{change.target.path}' is required: it would be left without a value")

    def _elements(self, urn: str | None, attribute: Attribute) -> Elements:
        key = (urn, attribute.name)
        if key not in self._lists:
            self._lists[key] = Elements(attribute, self._stored(urn, attribute.name) or ())
        return self._lists[key]

    def _stored(self, urn: str | None, name: str) -> Any:
        holder = self._document.get(urn, _NOTHING) if urn else self._document
        return holder.get(name)

    def _store(self, urn: str | None, name: str, value: Any) -> None:
        if value is None and self._stored(urn, name) is None:
            return
        holder = self._document.setdefault(urn, {}) if urn else self._document
        if value is None:
            del holder[name]
        else:
            holder[name] = value


def _refuse_unknown_urns(unknown: Set[str], resource_type: ResourceType) -> None:
    if unknown:
        raise InvalidValue(f"'schemas': {resource_type.name} has no schema '{min(unknown)}'")


def _with(holder: Mapping[str, Any], name: str, value: Any) -> dict[str, Any]:
    """A copy of `holder` with one member set, or gone where `value` is None."""
    rest = {key: held for key, held in holder.items() if key != name or value is not None}
    if value is not None:
        rest[name] = value
    return rest


def _joined(attribute: Attribute, before: Any, new: Any) -> list[Any]:
    elements = Elements(attribute, before or ())
    elements.join(new)
    return list(elements)


def _guard_immutable(path: AttributePath, attribute: Attribute, before: Any, after: Any) -> None:
    """R-7644-3.5.2.1-08: an immutable value is set once."""
    if attribute.mutability == "immutable" and before is not None and before != after:
        raise Mutability(f"'{path}' is immutable and has a value already")
