"""Filters of one shape: they differ in the values they compare with alone, so they share a statement.

In the filter that the statement is built from, each value is a Blank. Whoever puts a value into SQL says by `bound`
how it is made of that of the filter, so what the next filter of that shape binds is made without building anything.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, bindparam, literal
from sqlalchemy.types import TypeEngine

from scim_server.protocol.filters import And, Comparison, Filter, Not, Or, ValuePath

MOST_VALUES = 8
"""Values of a filter whose shape is worth keeping."""


@dataclass(eq=False, slots=True)
class Bindings:
    """What is bound in the statement of a shape: under each name, what is made of the values of a filter.

    `prefix` tells its names from those of other filters in the statement.
    """

    prefix: str
    bound: dict[str, Callable[[Sequence[Any]], Any]] = field(default_factory=dict)

    def bind(self, kind: TypeEngine[Any], made: Callable[[Sequence[Any]], Any]) -> ColumnElement[Any]:
        name = f"{self.prefix}_{len(self.bound)}"
        self.bound[name] = made
        return bindparam(name, type_=kind)

    def filled(self, filter: Filter) -> dict[str, Any]:  # noqa: A002
        """What is bound for a filter of this shape."""
        values = list(values_of(filter))
        return {name: made(values) for name, made in self.bound.items()}


@dataclass(frozen=True, eq=False, slots=True)
class Blank:
    """Stands for a value of the filter; `value` is that of the filter at hand, which has the shape of all others."""

    bindings: Bindings
    place: int
    value: Any

    def __bool__(self) -> bool:
        return bool(self.value)


def bound(value: Any, kind: TypeEngine[Any], derive: Callable[[Any], Any] = lambda value: value) -> ColumnElement[Any]:
    """What is derived from a value of a filter, as a bound parameter."""
    if not isinstance(value, Blank):
        return literal(derive(value), kind)
    return value.bindings.bind(kind, lambda values: derive(values[value.place]))


def bound_document(document: Any, kind: TypeEngine[Any]) -> ColumnElement[Any]:
    """A JSON value that has values of a filter in it, as a bound parameter."""
    blank = next(_blanks(document), None)
    if blank is None:
        return literal(document, kind)
    return blank.bindings.bind(kind, lambda values: _written_out(document, values))


def known(value: Any) -> Any:
    """The value itself, to decide by what holds for every filter of the shape."""
    return value.value if isinstance(value, Blank) else value


def values_of(node: Filter) -> Iterator[Any]:
    """The values that filters of one shape differ in, in order. Truth values are part of the shape."""
    match node:
        case Comparison(_, _, value):
            if not isinstance(value, bool):
                yield value
        case ValuePath(_, inner) | Not(inner):
            yield from values_of(inner)
        case And(terms) | Or(terms):
            for term in terms:
                yield from values_of(term)


def shape_of(node: Filter) -> Any:
    """What filters have in common that a statement is built alike for."""
    match node:
        case Comparison(path, operator, value):
            return path, operator, value if isinstance(value, bool) else _sort_of(value)
        case ValuePath(path, inner):
            return path, shape_of(inner)
        case Not(inner):
            return Not, shape_of(inner)
        case And(terms) | Or(terms):
            return type(node), tuple(map(shape_of, terms))
    return node


def _sort_of(value: Any) -> tuple[Any, ...]:
    """A text is without an end to its range where nothing comes after what begins with it."""
    return (str, bool(value), bool(value.rstrip("\U0010ffff"))) if isinstance(value, str) else (float,)


def blanked(node: Filter, bindings: Bindings) -> Filter:
    """The filter with a Blank for each value."""
    places = iter(range(len(list(values_of(node)))))

    def each(node: Filter) -> Filter:
        match node:
            case Comparison(_, _, value):
                return node if isinstance(value, bool) else replace(node, value=Blank(bindings, next(places), value))
            case ValuePath(path, inner):
                return ValuePath(path, each(inner))
            case Not(inner):
                return Not(each(inner))
            case And(terms) | Or(terms):
                return type(node)(tuple(map(each, terms)))
        return node

    return each(node)


def _blanks(document: Any) -> Iterator[Blank]:
    if isinstance(document, Blank):
        yield document
    elif isinstance(document, dict | list):
        for inner in document.values() if isinstance(document, dict) else document:
            yield from _blanks(inner)


def _written_out(document: Any, values: Sequence[Any]) -> Any:
    if isinstance(document, Blank):
        return values[document.place]
    if isinstance(document, dict):
        return {key: _written_out(inner, values) for key, inner in document.items()}
    return [_written_out(inner, values) for inner in document] if isinstance(document, list) else document
