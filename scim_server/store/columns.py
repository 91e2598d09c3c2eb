"""Where the values of a resource type lie in the database, and how a filter or a sort finds them there.

A place is where the paths of a term are looked up: a whole resource, one element of an array in the `search` copy,
or one row of a table of elements.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    FromClause,
    Select,
    String,
    bindparam,
    literal,
    literal_column,
    select,
    true,
)

from scim_server.protocol.errors import InvalidFilter
from scim_server.protocol.filters import And, Comparison, Filter, Not, Or, Present, ValuePath
from scim_server.protocol.paths import AttributePath
from scim_server.protocol.schemas import Attribute
from scim_server.store import expressions

Condition = ColumnElement[bool]
Keys = tuple[str, ...]

_NEEDS_TEXT = frozenset({"eq", "co", "sw", "ew", "gt", "ge"})
"""Operators that only a value with a character in it satisfies, if the literal has one."""


@dataclass(frozen=True)
class ElementTable:
    """The elements of a multi-valued attribute as rows of their own.

    `join` ties them to the resource's row, as does `owner`, the column that names it, with `resource`, its id.
    `columns` holds comparable values by sub-attribute, lower case; any expression over the row will do, a scalar
    subquery included. `in_document` says that the document holds the elements too: then the table, which needs a row
    only for elements with a `value`, answers what requires one. An index leads to what is `in_order` by values and
    ranges, and to what is `in_parts` by parts of a text.
    """

    table: FromClause
    join: Condition
    owner: ColumnElement[Any]
    resource: ColumnElement[Any]
    columns: Mapping[str, ColumnElement[Any]]
    in_document: bool = False
    in_order: frozenset[str] = frozenset()
    in_parts: frozenset[str] = frozenset()

    def answers(self, node: Filter) -> bool:
        """Whether the rows alone decide `node`, a term on this attribute."""
        if not self.in_document:
            return True
        return _requires_value(node) and all(name in self.columns for name in _sub_names(node))

    def narrows(self, node: Filter) -> bool:
        """Whether an index leads to the few elements that satisfy `node`, a term on this attribute."""
        match node:
            case ValuePath(_, inner):
                return self.narrows(inner)
            case And(terms):
                return any(map(self.narrows, terms))
            case Comparison(path, "eq" | "sw", value):
                return path.leaf.name.lower() in self.in_order and bool(value)
        return False


@dataclass(frozen=True, eq=False)
class Columns:
    """The columns of one resource type; text columns compare by bytes and hold comparable values.

    `simple`: document keys to a column or expression, such as ("meta", "created"). `constant`: document keys to a
    value that all resources share, such as ("meta", "resourceType"). `elements`: document keys of a multi-valued
    attribute to its table. `computed`: the keys under which the document has nothing, because it is made on reading;
    what lies there and has no column is refused in a filter, never searched for in vain. `in_order` and `in_parts`:
    what an index leads to, by values and ranges, and by parts of a text.
    """

    search: ColumnElement[Any]
    simple: Mapping[Keys, ColumnElement[Any]] = field(default_factory=dict)
    constant: Mapping[Keys, str | bool] = field(default_factory=dict)
    elements: Mapping[Keys, ElementTable] = field(default_factory=dict)
    computed: frozenset[Keys] = frozenset({("id",), ("meta",), ("groups",), ("members",)})
    in_order: frozenset[Keys] = frozenset()
    in_parts: frozenset[Keys] = frozenset()

    def column(self, path: AttributePath) -> ColumnElement[Any] | None:
        """What holds the single value at `path` outside the `search` copy."""
        constant = self.constant.get(path.keys)
        if constant is not None:
            return literal(constant, Boolean() if isinstance(constant, bool) else String())
        return self.simple.get(path.keys)

    def table(self, path: AttributePath, node: Filter) -> ElementTable | None:
        """The table of elements that decides `node`, a term on `path`."""
        table = self.elements.get(AttributePath(path.urn, path.attribute).keys)
        return table if table is not None and table.answers(node) else None

    def lacks(self, path: AttributePath) -> bool:
        """Whether the value at `path` is not in the `search` copy."""
        keys = path.keys
        return any(keys[:length] in self.computed for length in range(1, len(keys) + 1))


@dataclass(frozen=True)
class Elements:
    """The rows that the elements of one attribute of one resource make, and what holds in each."""

    rows: FromClause
    place: "Place"
    join: Condition | None = None
    few_of: ElementTable | None = None
    """The table, where few of its rows satisfy what is asked."""

    def exist(self, test: "Callable[[Place], Condition] | None" = None) -> Condition:
        """Whether there is an element; with `test`, one that satisfies it."""
        if self.few_of is not None and test is not None:
            return self._is_among(self.few_of, test)
        query: Select[Any] = select(literal_column("1")).select_from(self.rows).correlate_except(self.rows)
        if self.join is not None:
            query = query.where(self.join)
        return (query if test is None else query.where(test(self.place))).exists()

    def _is_among(self, table: ElementTable, test: "Callable[[Place], Condition]") -> Condition:
        """The same begun at the elements: SQLite would look at every resource and ask whether it has one."""
        of_tenant = self.rows.c.tenant_id == bindparam("tenant")
        return table.resource.in_(select(table.owner).where(of_tenant, test(self.place)))


@dataclass(frozen=True)
class ResourcePlace:
    """A row of a resource's table."""

    columns: Columns

    def value(self, path: AttributePath) -> ColumnElement[Any]:
        """The one comparable value at `path`, or NULL. Raises InvalidFilter where the database has none."""
        column = self.columns.column(path)
        if column is not None:
            return column
        if self.columns.lacks(path):
            raise _refusal(path)
        return _typed(self.columns.search, path.keys, path.leaf)

    def elements(self, path: AttributePath, node: Filter) -> Elements | None:
        """The elements that `path` ranges over, fit to decide `node`; None where there is one value at most."""
        whole = AttributePath(path.urn, path.attribute)
        if not whole.leaf.multi_valued:
            return _values(self.columns.search, path.keys) if path.leaf.multi_valued else None
        table = self.columns.table(path, node)
        if table is not None:
            few_of = table if table.narrows(node) else None
            return Elements(table.table, RowPlace(table), table.join, few_of)
        if self.columns.lacks(whole):
            raise _refusal(whole)
        rows = expressions.elements_at(self.columns.search, whole.keys)
        return Elements(rows, ElementPlace(rows.c.value))

    def is_object(self, path: AttributePath) -> Condition:
        """Whether the complex value at `path` is there, empty or not."""
        if self.columns.lacks(path):
            return true()
        return expressions.is_object(self.columns.search, path.keys)

    def in_document(self, path: AttributePath, node: Filter) -> bool:
        """Whether `node`, a term on `path`, is decided by the `search` copy."""
        if self.columns.lacks(path) or self.columns.column(path) is not None:
            return False
        return self.columns.table(path, node) is None


@dataclass(frozen=True)
class ElementPlace:
    """One element of an array in the `search` copy, or one value of a list inside it."""

    holder: ColumnElement[Any]
    innermost: bool = False

    def value(self, path: AttributePath) -> ColumnElement[Any]:
        """The one comparable value at `path`, or NULL."""
        keys = () if path.sub is None or self.innermost else (path.sub.name,)
        return _typed(self.holder, keys, path.leaf)

    def elements(self, path: AttributePath, _node: Filter) -> Elements | None:
        """The values of a multi-valued sub-attribute."""
        if self.innermost or path.sub is None or not path.sub.multi_valued:
            return None
        return _values(self.holder, (path.sub.name,))


@dataclass(frozen=True)
class RowPlace:
    """One row of a table of elements."""

    table: ElementTable

    def value(self, path: AttributePath) -> ColumnElement[Any]:
        """The column of a sub-attribute. Raises InvalidFilter where there is none."""
        column = self.table.columns.get(path.leaf.name.lower())
        if column is None:
            raise _refusal(path)
        return column

    def elements(self, _path: AttributePath, _node: Filter) -> None:
        """Nothing: a row holds single values."""
        return


Place = ResourcePlace | ElementPlace | RowPlace


def _values(holder: ColumnElement[Any], keys: Keys) -> Elements:
    rows = expressions.elements_at(holder, keys)
    return Elements(rows, ElementPlace(rows.c.value, innermost=True))


def _typed(holder: ColumnElement[Any], keys: Keys, attribute: Attribute) -> ColumnElement[Any]:
    if attribute.type == "boolean":
        return expressions.boolean_at(holder, keys)
    if attribute.type in {"integer", "decimal"}:
        return expressions.number_at(holder, keys)
    return expressions.text_at(holder, keys)


def _requires_value(node: Filter) -> bool:
    """Whether only an element with a non-empty `value` can satisfy `node`."""
    match node:
        case Comparison(path, operator, literal_value):
            named = path.sub is not None and path.sub.name == "value"
            return named and operator in _NEEDS_TEXT and bool(literal_value)
        case ValuePath(_, inner):
            return _requires_value(inner)
        case And(terms):
            return any(map(_requires_value, terms))
        case Or(terms):
            return all(map(_requires_value, terms))
    return False


def _sub_names(node: Filter) -> Iterator[str]:
    match node:
        case Comparison(path) | Present(path):
            yield path.leaf.name.lower()
        case ValuePath(_, inner) | Not(inner):
            yield from _sub_names(inner)
        case And(terms) | Or(terms):
            for term in terms:
                yield from _sub_names(term)


def _refusal(path: AttributePath) -> InvalidFilter:
    return InvalidFilter(f"'{path}' is computed when it is read and cannot be searched.")
