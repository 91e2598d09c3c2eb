"""RFC 7644 sections 3.4.2.1 and 3.4.2.4, RFC 9865: one page of a list over one or several resource types.

Two statements at most, however many types and resources: the page, and how many match where it does not say so itself.
Those of lists without a filter are built once for each way to sort and to walk, and their total is looked up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    String,
    Subquery,
    bindparam,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.types import NullType

from scim_server.protocol.cursors import Position
from scim_server.protocol.filters import Filter
from scim_server.protocol.messages import MAX_COUNT
from scim_server.protocol.paths import AttributePath
from scim_server.protocol.schemas import ResourceType
from scim_server.resources.ports import Part, Window
from scim_server.store.blanks import MOST_VALUES, Bindings, blanked, shape_of, values_of
from scim_server.store.columns import Columns, Condition
from scim_server.store.completions import COMPLETED, completed
from scim_server.store.filtering import condition
from scim_server.store.keysets import Order, leading, order_of, place_of, position_of
from scim_server.store.rows import Row
from scim_server.store.scopes import Scope
from scim_server.store.searches import check_size, is_narrowed, limited
from scim_server.store.sets import among
from scim_server.store.tables import resource_counts

Sought = tuple[ResourceType, Filter | None]
"""What is sought among the resources of a type."""
Asked = tuple[Select[Any], Mapping[str, Any]]
"""A statement and what is bound in it."""

SHAPES = 64
"""Lists, and filters, whose statements are kept, some 190 KB each: clients ask in few ways."""

_HOW_MANY = select(func.coalesce(func.sum(resource_counts.c.total), 0)).where(
    resource_counts.c.tenant_id == bindparam("tenant"), among(resource_counts.c.type, "types")
)
_TOTAL = _HOW_MANY.scalar_subquery()


@dataclass(frozen=True, slots=True)
class Source:
    """Where the resources of a part lie: `rows` selects id, document, version, created and modified of all of them."""

    part: Part
    rows: Select[Any]
    columns: Columns


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a page, each with the name of its type in `kind`; how many match; where the next pages begin."""

    total: int
    rows: Sequence[Row]
    before: Position | None = None
    after: Position | None = None


def read_page(scope: Scope, sources: Sequence[Source], window: Window) -> Rows:
    """The page that `window` shows of the resources in all `sources`.

    Raises InvalidFilter, InvalidValue or TooMany.
    """
    statements, filled = _statements(sources, window)
    _check_size(scope, sources)
    given = {**filled, **place_of(window.position), "plain": _mark(sources)}
    counts = (statements.counts, {"types": [source.part.kind.name for source in sources], **given})
    page = (statements.page, {**_bounds(window), **given})
    with limited(scope):
        if not window.count:
            return Rows(_total(scope.together(counts)[0]), [])
        if not window.by_cursor:
            return _by_index(scope, counts, page, window, is_filtered=_is_filtered(sources))
        counted, rows = scope.together(counts, page)
    return _walked(_total(counted), rows, window, behind=bool(counted[0]["behind"]))


def _mark(sources: Sequence[Source]) -> str | None:
    """Of plain documents, which users alone have."""
    return next((source.part.plain for source in sources if source.part.kind.name == "User"), None)


def _check_size(scope: Scope, sources: Sequence[Source]) -> None:
    """Raises TooMany where a filter is to read more resources than it may."""
    types = [
        source.part.kind.name
        for source in sources
        if source.part.condition is not None
        and not is_narrowed(source.part.condition, source.columns, by_parts=not scope.is_sqlite)
    ]
    if types:
        check_size(scope, scope.scalar(_HOW_MANY, types=types))


def _by_index(scope: Scope, counts: Asked, page: Asked, window: Window, *, is_filtered: bool) -> Rows:
    """What is sought by a filter is seldom more than a page: then the page itself says how many there are."""
    if not is_filtered:
        rows, counted = scope.together(page, counts)
        return Rows(_total(counted), rows)
    (rows,) = scope.together(page)
    if 0 < len(rows) < window.count or (not rows and not window.skipped):
        return Rows(window.skipped + len(rows), rows)
    return Rows(_total(scope.together(counts)[0]), rows)


def _is_filtered(sources: Sequence[Source]) -> bool:
    return any(source.part.condition is not None for source in sources)


def _bounds(window: Window) -> dict[str, int]:
    most = window.count + 1 if window.by_cursor else window.count
    return {"most": most, "skipped": window.skipped, "reached": most + window.skipped}


def _total(counts: Sequence[Row]) -> int:
    return int(counts[0]["total"] or 0)


def _walked(total: int, rows: Sequence[Row], window: Window, *, behind: bool) -> Rows:
    """The page and its neighbours: one row more than a page says that another follows on the way walked."""
    more = len(rows) > window.count
    shown = rows[: window.count]
    if window.position is not None and window.position.backward:
        shown, behind, more = shown[::-1], more, behind
    if not shown:
        return Rows(total, [])
    before = position_of(shown[0], backward=True) if behind else None
    return Rows(total, shown, before, position_of(shown[-1], backward=False) if more else None)


@dataclass(frozen=True, slots=True)
class _Statements:
    """`counts` answers the `total`, and whether any lies `behind` the position of a walk."""

    counts: Select[*tuple[Any, ...]]
    page: Select[Any]


@dataclass(frozen=True, slots=True)
class _Way:
    """How a list is walked. Statements differ by where a position is, not by which: its values are bound."""

    ascending: bool
    skips: bool
    position: Position | None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Way) and self._shape == other._shape

    def __hash__(self) -> int:
        return hash(self._shape)

    @property
    def forward(self) -> bool:
        return self.position is None or not self.position.backward

    @property
    def _shape(self) -> tuple[object, ...]:
        key = None if self.position is None else type(self.position.key)
        return self.ascending, self.skips, self.forward, key


@dataclass(frozen=True, eq=False)
class _Filters:
    """What is sought, type by type. Filters of one shape are the same to whoever builds statements."""

    each: tuple[Sought, ...]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Filters) and self._shape == other._shape

    def __hash__(self) -> int:
        return hash(self._shape)

    @property
    def most_values(self) -> int:
        return max(sum(1 for _ in values_of(sought)) for _, sought in self.each if sought is not None)

    @cached_property
    def _shape(self) -> tuple[object, ...]:
        return tuple(None if sought is None else shape_of(sought) for _, sought in self.each)


@dataclass(frozen=True, slots=True)
class _Kind:
    """What one part is made of but its condition."""

    name: str
    rows: Select[Any]
    columns: Columns
    sort_by: AttributePath | None
    completed: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Branch:
    """One part as SQL: its name, all its rows, the condition, and its share of the order."""

    name: str
    rows: Select[Any]
    condition: Condition | None
    order: Order
    completed: frozenset[str]

    @property
    def matching(self) -> Select[Any]:
        return self.rows if self.condition is None else self.rows.where(self.condition)

    def chosen(self, stretch: Condition | None) -> Select[Any]:
        """The matching rows in order, with their keys; those of one stretch of the way."""
        rows = self.matching if stretch is None else self.matching.where(stretch)
        return rows.add_columns(self.kind, self.order.shown()).order_by(*self.order.terms())

    @property
    def kind(self) -> ColumnElement[str]:
        return literal(self.name, String()).label("kind")


def _statements(sources: Sequence[Source], window: Window) -> tuple[_Statements, Mapping[str, Any]]:
    """The statements, and what the filters bind in them."""
    kinds = tuple(map(_kind, sources))
    way = _Way(window.ascending, window.skipped > 0, window.position)
    if not _is_filtered(sources):
        return _of_all(kinds, way), {}
    filters = _Filters(tuple((source.part.kind, source.part.condition) for source in sources))
    if filters.most_values > MOST_VALUES:
        return _of_matching(kinds, way, filters.each), {}
    bound, statements = _of_shape(kinds, way, filters)
    filled: dict[str, Any] = {}
    for bindings, (_, each) in zip(bound, filters.each, strict=True):
        filled |= {} if each is None else bindings.filled(each)
    return statements, filled


def _kind(source: Source) -> _Kind:
    part = source.part
    return _Kind(part.kind.name, source.rows, source.columns, part.sort_by, COMPLETED.intersection(part.computed))


@lru_cache(SHAPES)
def _of_all(kinds: tuple[_Kind, ...], way: _Way) -> _Statements:
    branches = _branches(kinds, [None] * len(kinds), way)
    behind = false() if way.position is None else or_(*(_any_behind(each, way.position) for each in branches))
    return _Statements(select(_TOTAL.label("total"), behind.label("behind")), _page(branches, way))


@lru_cache(SHAPES)
def _of_shape(kinds: tuple[_Kind, ...], way: _Way, filters: _Filters) -> tuple[Sequence[Bindings], _Statements]:
    """The statements for all filters of the shape that these have, and what each of them binds."""
    bound = [Bindings(f"filter_{number}") for number, _ in enumerate(filters.each)]
    blank = [
        (kind, None if each is None else blanked(each, bindings))
        for (kind, each), bindings in zip(filters.each, bound, strict=True)
    ]
    return bound, _of_matching(kinds, way, blank)


def _of_matching(kinds: Sequence[_Kind], way: _Way, filters: Sequence[Sought]) -> _Statements:
    conditions = [
        None if each is None else condition(each, resource_type, kind.columns)
        for (resource_type, each), kind in zip(filters, kinds, strict=True)
    ]
    branches = _branches(kinds, conditions, way)
    counted = [each.matching.with_only_columns(*_counts(each, way), maintain_column_froms=True) for each in branches]
    each = union_all(*counted).subquery() if len(counted) > 1 else counted[0].subquery()
    total, beyond = func.sum(each.c.total), func.sum(each.c.beyond)
    return _Statements(select(total.label("total"), (total > beyond).label("behind")), _page(branches, way))


def _branches(kinds: Sequence[_Kind], conditions: Sequence[Condition | None], way: _Way) -> list[_Branch]:
    like = leading(kind.sort_by for kind in kinds)
    branches = []
    for kind, sought in zip(kinds, conditions, strict=True):
        order = order_of(kind.sort_by, like, kind.columns, way.ascending)
        branches.append(_Branch(kind.name, kind.rows, sought, replace(order, forward=way.forward), kind.completed))
    return branches


def _counts(branch: _Branch, way: _Way) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """How many match, and how many of them lie beyond the position."""
    total = func.count().label("total")
    beyond = func.count() if way.position is None else func.count().filter(branch.order.beyond(way.position))
    return total, beyond.label("beyond")


def _any_behind(branch: _Branch, position: Position) -> Condition:
    """Whether any row lies on the way to `position`, it included: one look at an index for each stretch."""
    back = replace(branch.order, forward=not branch.order.forward)
    ways = [*back.stretches(position), back.at(position)]
    return or_(*(branch.rows.with_only_columns(literal(1)).where(each).exists() for each in ways))


def _page(branches: Sequence[_Branch], way: _Way) -> Select[Any]:
    """The rows of the page, with all that is answered beside them."""
    computed = frozenset[str]().union(*(each.completed for each in branches))
    rows = _rows(branches, way)
    if not computed:
        return rows
    page = rows.cte("page")
    return completed(page, computed, _over(branches[0].order, page).terms())


def _rows(branches: Sequence[_Branch], way: _Way) -> Select[Any]:
    chosen = [
        each.chosen(stretch)
        for each in branches
        for stretch in ([None] if way.position is None else each.order.stretches(way.position))
    ]
    if len(chosen) > 1:
        return _united(branches[0].order, chosen)
    if way.skips:
        return _deep(branches[0])
    return _bounded(chosen[0] if branches[0].condition is not None else select(_at_most(chosen[0])))


def _united(order: Order, chosen: Sequence[Select[Any]]) -> Select[Any]:
    """Each gives as many rows as could be on the page, so that an index in its order serves it."""
    limited = [each.limit(bindparam("reached")).subquery() for each in chosen]
    everything = union_all(*(select(each) for each in limited)).subquery()
    return _bounded(select(everything).order_by(*_over(order, everything).terms()))


def _at_most(rows: Select[Any]) -> Subquery:
    """No more rows than any page has, of a list without a filter. The planner, who takes a bound limit for a tenth of
    the table, would work out the whole statement anew each time in the hope that it is less."""
    return rows.limit(literal_column(str(MAX_COUNT + 1))).subquery()


def _deep(branch: _Branch) -> Select[Any]:
    """Rows that are only passed by are not read: an index has all that their order depends on."""
    narrow = branch.matching.with_only_columns(branch.order.id, branch.order.shown(), maintain_column_froms=True)
    passed = _bounded(narrow.order_by(*branch.order.terms())).subquery()
    whole = branch.rows.add_columns(branch.kind, passed.c.sort_key).join(passed, passed.c.id == branch.order.id)
    return whole.order_by(*_over(branch.order, passed).terms())


def _over(order: Order, rows: CTE | Subquery) -> Order:
    """The same order of rows that have their keys. Taken as any expression: a column of a union passes for NOT NULL
    where it is that in the first type."""
    key = None if order.key is None else type_coerce(rows.c.sort_key, NullType())
    return replace(order, key=key, id=rows.c.id)


def _bounded(rows: Select[Any]) -> Select[Any]:
    return rows.limit(bindparam("most")).offset(bindparam("skipped"))
