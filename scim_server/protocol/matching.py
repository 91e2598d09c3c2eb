"""RFC 7644 section 3.4.2.2: what a filter means, evaluated in memory.

This is the reference: `store/filtering.py` compiles the same tree to SQL and must give the same answers. A term
holds where any value of a multi-valued attribute satisfies it; a value path where one element satisfies the whole
of it. A missing value satisfies `ne` and no other comparison (corner cases C-53 to C-62).
"""

import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from scim_server.protocol.filters import And, Comparison, Filter, Never, Not, Or, Present, ValuePath
from scim_server.protocol.normalising import normalised
from scim_server.protocol.paths import AttributePath
from scim_server.protocol.schemas import Attribute

Find = Callable[[AttributePath], list[Any]]
"""The values at a path, one for each element; None where an element, or a single value, is missing."""

_TESTS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
    "co": operator.contains,
    "sw": str.startswith,
    "ew": str.endswith,
}


def matches(filter: Filter, search: Mapping[str, Any]) -> bool:  # noqa: A002 - the protocol's own word
    """Whether a document satisfies `filter`. `search` is its copy made by `normalising.search_copy`."""
    return _holds(filter, lambda path: list(_in_document(path, search)))


def element_matches(filter: Filter, attribute: Attribute, element: Any) -> bool:  # noqa: A002
    """Whether one element of `attribute`, as it lies in a document, satisfies a value path's `filter`."""
    return _element_holds(filter, normalised(attribute, element))


def _holds(node: Filter, find: Find) -> bool:
    match node:
        case And(terms):
            return all(_holds(term, find) for term in terms)
        case Or(terms):
            return any(_holds(term, find) for term in terms)
        case Not(term):
            return not _holds(term, find)
        case Present(path):
            return any(map(is_present, find(path)))
        case Comparison():
            return _compare(node, find(node.path))
        case Never():
            return False
        case ValuePath(path, inner):
            return any(_element_holds(inner, element) for element in find(path) if element is not None)


def _element_holds(node: Filter, element: Any) -> bool:
    return _holds(node, lambda path: list(_in_element(path, element)))


def _compare(node: Comparison, values: list[Any]) -> bool:
    if is_primary(node.path):
        values = [False if value is None else value for value in values]
    if node.operator == "ne":
        same = (_comparable(value, node.value) and value == node.value for value in values)
        return not values or not all(same)
    test = _TESTS[node.operator]
    return any(_comparable(value, node.value) and test(value, node.value) for value in values)


def is_primary(path: AttributePath) -> bool:
    """Whether `path` is the `primary` of a multi-valued attribute: false where missing (RFC 7643 section 2.4)."""
    return (
        path.sub is not None
        and path.attribute is not None
        and path.attribute.multi_valued
        and path.sub.type == "boolean"
        and path.sub.name == "primary"
    )


def is_present(value: Any) -> bool:
    """Whether a value counts as set: not null, not empty, and with at least one such value inside."""
    if isinstance(value, Mapping):
        return any(map(is_present, value.values()))
    if isinstance(value, list):
        return any(map(is_present, value))
    return value is not None and value != ""


def _comparable(value: Any, literal: Any) -> bool:
    return _kind(value) == _kind(literal)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return type(value).__name__


def _in_document(path: AttributePath, search: Mapping[str, Any]) -> Iterator[Any]:
    attribute = path.attribute
    if attribute is None:
        return
    holder = search.get(path.urn) if path.urn else search
    value = holder.get(attribute.name) if isinstance(holder, Mapping) else None
    for element in _values(value, attribute):
        yield from (element,) if path.sub is None else _in_element(path, element)


def _in_element(path: AttributePath, element: Any) -> Iterator[Any]:
    if path.sub is None:
        yield element
    else:
        value = element.get(path.sub.name) if isinstance(element, Mapping) else None
        yield from _values(value, path.sub)


def _values(value: Any, attribute: Attribute) -> list[Any]:
    if not attribute.multi_valued:
        return [value]
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
