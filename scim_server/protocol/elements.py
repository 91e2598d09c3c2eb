"""The elements of one multi-valued attribute while a PATCH works on them (RFC 7643 section 2.4).

Every look-up that a request can repeat a thousand times goes through an index, built when first needed, so
that a thousand operations on a list of thousands cost what they change. Elements are replaced, never edited:
the document they came from stays as it was.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from scim_server.protocol.errors import InvalidValue, Mutability, TooMany
from scim_server.protocol.filters import Filter
from scim_server.protocol.matching import element_matches
from scim_server.protocol.normalising import normalised
from scim_server.protocol.schemas import Attribute
from scim_server.protocol.terms import equal_terms

WHOLE = ""
"""Name of the index over whole elements; no sub-attribute is called that."""

MAX_VISITS = 20_000
"""Elements that the operations of one request may look at; a second or two of work."""

Key = Any
Index = dict[Key, dict[int, None]]


class Elements:
    """The elements in their order, each under a serial number that it keeps while it lives."""

    def __init__(self, attribute: Attribute, elements: Iterable[Any]) -> None:
        self.attribute = attribute
        self._elements: dict[int, Any] = dict(enumerate(elements))
        self._next = len(self._elements)
        self._indexes: dict[str, Index] = {}
        self._visits = 0

    def __len__(self) -> int:
        return len(self._elements)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._elements.values())

    def __getitem__(self, serial: int) -> Any:
        return self._elements[serial]

    def select(self, filter_: Filter | None) -> list[int]:
        """The serials of the elements that `filter_` matches; all of them without one."""
        if filter_ is None:
            return self._candidates({})
        terms, _ = equal_terms(filter_)
        wanted = {sub.name: value for sub, value in terms if value is not None and not sub.multi_valued}
        return [
            serial
            for serial in self._candidates(wanted)
            if element_matches(filter_, self.attribute, self._elements[serial])
        ]

    def become(self, elements: Sequence[Any]) -> None:
        """Put `elements` in the place of all there are."""
        self._elements = dict(enumerate(elements, self._next))
        self._next += len(self._elements)
        self._indexes.clear()

    def join(self, elements: Iterable[Any]) -> None:
        """Add what is not there yet; one with the same type and value is updated, not doubled (C-06)."""
        for element in elements:
            twin = self._twin(element)
            if twin is None:
                self._append(element)
            elif isinstance(element, Mapping):
                self._update(twin, element)

    def remove(self, serial: int) -> None:
        self._unindex(serial)
        del self._elements[serial]

    def put(self, serial: int, element: Any) -> None:
        """Replace one element. Raises Mutability where that would edit an immutable sub-attribute."""
        before = self._elements[serial]
        if element == before:
            return
        _guard_immutable(self.attribute, before, element)
        self._unindex(serial)
        self._elements[serial] = element
        self._enter(serial)

    def settle_primary(self, changed: Sequence[int]) -> None:
        """R-7644-3.5.2-07: where one of the `changed` elements is primary, no other one is.

        Raises InvalidValue where two of them are.
        """
        if self.attribute.sub("primary") is None:
            return
        living = {serial: self._elements[serial] for serial in changed if serial in self._elements}
        chosen = [serial for serial, element in living.items() if element.get("primary") is True]
        if len(chosen) > 1:
            raise InvalidValue(f"'{self.attribute.name}': the path names more than one element to be primary")
        if chosen:
            for serial in list(self._index("primary").get(True, ())):
                if serial != chosen[0]:
                    self.put(serial, {**self._elements[serial], "primary": False})

    def _append(self, element: Any) -> None:
        serial = self._next
        self._next += 1
        self._elements[serial] = element
        self._enter(serial)
        self.settle_primary([serial])

    def _update(self, serial: int, element: Mapping[str, Any]) -> None:
        before = self._elements[serial]
        news = {name: value for name, value in element.items() if self._key(name, element) != self._key(name, before)}
        if news:
            self.put(serial, {**before, **news})
            self.settle_primary([serial])

    def _twin(self, element: Any) -> int | None:
        """The element that is the same one: by type and value, or as a whole where it has no value."""
        if not isinstance(element, Mapping) or "value" not in element:
            return next(iter(self._index(WHOLE).get(self._key(WHOLE, element), ())), None)
        kind = self._key("type", element)
        serials = self._index("value").get(self._key("value", element), ())
        return next((serial for serial in serials if self._key("type", self._elements[serial]) == kind), None)

    def _candidates(self, wanted: Mapping[str, Key]) -> list[int]:
        """The fewest elements that an index can tell to hold every match of `wanted`."""
        hits: list[dict[int, None]] = [self._index(name).get(key, {}) for name, key in wanted.items()]
        fewest: Mapping[int, Any] = min(hits, key=len) if hits else self._elements
        self._visit(len(fewest))
        return list(fewest)

    def _visit(self, count: int) -> None:
        """Keep count: a thousand operations that look at thousands of elements each would take minutes."""
        self._visits += count
        if self._visits > MAX_VISITS:
            raise TooMany(
                f"the operations on '{self.attribute.name}' look at more than {MAX_VISITS:,} elements: "
                "send fewer of them, or name the elements by value eq"
            )

    def _index(self, name: str) -> Index:
        index = self._indexes.get(name)
        if index is None:
            index = self._indexes[name] = {}
            for serial, element in self._elements.items():
                index.setdefault(self._key(name, element), {})[serial] = None
        return index

    def _enter(self, serial: int) -> None:
        for name, index in self._indexes.items():
            index.setdefault(self._key(name, self._elements[serial]), {})[serial] = None

    def _unindex(self, serial: int) -> None:
        for name, index in self._indexes.items():
            index[self._key(name, self._elements[serial])].pop(serial)

    def _key(self, name: str, element: Any) -> Key:
        """What an element is compared by: under the case and type rules, a missing `primary` false (C-05)."""
        if name == WHOLE:
            return self._whole_key(element)
        if not isinstance(element, Mapping):
            return None
        value = element.get(name)
        sub = self.attribute.sub(name)
        if sub is None or value is None:
            return False if name == "primary" else None
        return _hashable(normalised(sub, value))

    def _whole_key(self, element: Any) -> Key:
        if not isinstance(element, Mapping):
            return _hashable(normalised(self.attribute, element))
        settable = (sub.name for sub in self.attribute.sub_attributes if sub.mutability != "readOnly")
        keys = ((name, self._key(name, element)) for name in settable)
        return frozenset((name, key) for name, key in keys if key is not None)


def _hashable(value: Any) -> Key:
    return tuple(value) if isinstance(value, list) else value


def _guard_immutable(attribute: Attribute, before: Any, after: Any) -> None:
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return
    for sub in attribute.sub_attributes:
        if sub.mutability == "immutable" and sub.name in before and before[sub.name] != after.get(sub.name):
            raise Mutability(f"'{attribute.name}.{sub.name}' is immutable and has a value already")
