"""RFC 7644 section 3.4.2.2: a filter as a condition of SQL, with the meaning that `protocol/matching` gives it.

A missing value may make a term NULL, which AND, OR and WHERE treat as false; below NOT it is made false first.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    String,
    and_,
    false,
    func,
    literal,
    literal_column,
    not_,
    or_,
    true,
)

from scim_server.protocol.errors import InvalidFilter
from scim_server.protocol.filters import And, Comparison, Filter, Never, Not, Or, Present, ValuePath
from scim_server.protocol.matching import is_primary
from scim_server.protocol.paths import AttributePath
from scim_server.protocol.schemas import STRING_TYPES, ResourceType
from scim_server.store import expressions
from scim_server.store.blanks import bound, known
from scim_server.store.columns import Columns, Condition, ElementTable, Place, ResourcePlace, RowPlace

__all__ = ["Columns", "ElementTable", "condition"]

CHUNK = 100
"""Terms in one flat chain. SQLite allows 1,000 levels in an expression, and a chain is one level per term."""

_PARTS: Mapping[str, Callable[[ColumnElement[Any], str], Condition]] = {
    "co": expressions.contains,
    "sw": expressions.starts_with,
    "ew": expressions.ends_with,
}
_ORDERS: Mapping[str, Callable[[ColumnElement[Any], ColumnElement[Any]], Condition]] = {
    "eq": lambda value, comparand: value == comparand,
    "gt": lambda value, comparand: value > comparand,
    "ge": lambda value, comparand: value >= comparand,
    "lt": lambda value, comparand: value < comparand,
    "le": lambda value, comparand: value <= comparand,
}


def condition(filter: Filter, resource_type: ResourceType, columns: Columns) -> Condition:  # noqa: A002
    """The WHERE condition that holds for the resources of `resource_type` which satisfy `filter`.

    Raises InvalidFilter for an attribute that is neither in the document nor in a column.
    """
    try:
        return _condition(filter, ResourcePlace(columns), negated=False)
    except InvalidFilter as refused:
        raise InvalidFilter(f"{refused.detail} Leave it out of filters on {resource_type.endpoint}.") from refused


def _condition(node: Filter, place: Place, *, negated: bool) -> Condition:
    match node:
        case Not(term):
            return _condition(term, place, negated=not negated)
        case And(terms) | Or(terms):
            parts = [_condition(term, place, negated=negated) for term in sorted(terms, key=_depth, reverse=True)]
            return _joined(and_ if isinstance(node, And) != negated else or_, parts)
    test = _indexed(node, place)
    return not_(func.coalesce(test, false())) if negated else test


def _depth(node: Filter) -> int:
    """Levels below a node. The deepest term goes first: SQLite's parser keeps what is still open on a small stack."""
    match node:
        case Not(inner):
            return _depth(inner)
        case ValuePath(_, inner):
            return 1 + _depth(inner)
        case And(terms) | Or(terms):
            return 1 + max(map(_depth, terms))
    return 0


def _joined(join: Callable[..., Condition], parts: list[Condition]) -> Condition:
    while len(parts) > CHUNK:
        chunks = [parts[start : start + CHUNK] for start in range(0, len(parts), CHUNK)]
        parts = [expressions.grouped(join(*chunk)) for chunk in chunks]
    return join(*parts)


def _indexed(node: Filter, place: Place) -> Condition:
    """The test of one term, beside a coarser one that an index over whole documents can answer."""
    test = _test(node, place)
    if not isinstance(place, ResourcePlace) or not isinstance(node, Comparison | ValuePath):
        return test
    part = _document(node) if place.in_document(node.path, node) else None
    return test if part is None else and_(expressions.holds(place.columns.search, part), test)


def _test(node: Filter, place: Place) -> Condition:
    match node:
        case Comparison():
            return _compare(node, place)
        case Never():
            return false()
        case Present(path):
            return _present(path, place, node)
        case ValuePath() if isinstance(place, ResourcePlace):
            return _value_path(node, place)
    raise InvalidFilter("A value filter inside a value filter is not part of SCIM.")


def _value_path(node: ValuePath, place: ResourcePlace) -> Condition:
    many = place.elements(node.path, node)
    if many is None:
        return and_(place.is_object(node.path), _condition(node.filter, place, negated=False))
    return many.exist(lambda element: _condition(node.filter, element, negated=False))


def _compare(node: Comparison, place: Place) -> Condition:
    many = place.elements(node.path, node)
    if many is None:
        value = place.value(node.path)
        return _compared(func.coalesce(value, false()) if is_primary(node.path) else value, node)
    found = many.exist(lambda element: _compare(node, element))
    return or_(not_(many.exist()), found) if node.operator == "ne" else found


def _compared(value: ColumnElement[Any], node: Comparison) -> Condition:
    part = _PARTS.get(node.operator)
    if part is not None:
        return part(value, node.value) if node.value else value.is_not(None)
    comparand = _bound(node.value)
    if node.operator == "ne":
        return not_(func.coalesce(value == comparand, false()))
    return _ORDERS[node.operator](value, comparand)


def _bound(value: Any) -> ColumnElement[Any]:
    if isinstance(value, bool):
        return literal(value, Boolean())
    return bound(value, String()) if isinstance(known(value), str) else expressions.number_value(value)


def _present(path: AttributePath, place: Place, node: Filter) -> Condition:
    many = place.elements(path, node)
    if many is not None:
        return many.exist(lambda element: _present(path, element, node))
    if isinstance(place, RowPlace) and path.sub is None:
        return true()
    if path.leaf.is_complex:
        return or_(*_subs_present(path, place, node))
    value = place.value(path)
    return value != literal_column("''") if path.leaf.type in _TEXTS else value.is_not(None)


_TEXTS = STRING_TYPES | {"dateTime"}


def _subs_present(path: AttributePath, place: Place, node: Filter) -> list[Condition]:
    """One test for each sub-attribute that can be tested. Raises InvalidFilter where none can."""
    tests: list[Condition] = []
    refused: InvalidFilter | None = None
    for sub in path.leaf.sub_attributes:
        try:
            tests.append(_present(AttributePath(path.urn, path.attribute, sub), place, node))
        except InvalidFilter as cannot:
            refused = cannot
    if refused is not None and not tests:
        raise refused
    return tests


def _document(node: Comparison | ValuePath) -> dict[str, Any] | None:
    """What a document that satisfies `node` contains for certain, or None."""
    terms = _conjuncts(node.filter) if isinstance(node, ValuePath) else [node]
    certain = [term for term in terms if isinstance(term, Comparison) and _is_certain(term)]
    attribute = node.path.attribute
    if not certain or attribute is None:
        return None
    inner = certain[0].value if certain[0].path.sub is None else dict(map(_entry, certain))
    outer = {attribute.name: [inner] if attribute.multi_valued else inner}
    return {node.path.urn: outer} if node.path.urn else outer


def _entry(term: Comparison) -> tuple[str, Any]:
    return term.path.leaf.name, [term.value] if term.path.leaf.multi_valued else term.value


def _is_certain(term: Comparison) -> bool:
    """Whether the literal itself must lie in the document: a missing `primary` equals false, too."""
    return term.operator == "eq" and not (is_primary(term.path) and term.value is False)


def _conjuncts(node: Filter) -> tuple[Filter, ...]:
    return node.terms if isinstance(node, And) else (node,)
