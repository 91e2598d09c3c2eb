"""RFC 7644 sections 3.4.2.1 and 3.4.2.4, RFC 9865: one page of a list over one or several resource types.

Two statements at most, however many types and resources: the page, and how many match where it does not say so itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    bindparam,
    func,
    literal,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.types import NullType

from scim_server.protocol.cursors import Position
from scim_server.resources.ports import Part, Window
from scim_server.store.columns import Columns
from scim_server.store.filtering import condition
from scim_server.store.keysets import Order, leading, order_of, position_of
from scim_server.store.rows import Row
from scim_server.store.scopes import Scope


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
    """The page that `window` shows of the resources in all `sources`. Raises InvalidFilter or InvalidValue."""
    branches = _branches(sources, window)
    if not window.count:
        return Rows(_total(scope.rows(_counts(branches, window))), [])
    if not window.by_cursor:
        return _by_index(scope, branches, window)
    counts, rows = scope.together((_counts(branches, window), {}), (_page(branches, window), _bounds(window)))
    total = _total(counts)
    behind = total > int(counts[0]["beyond"] or 0) if window.position else False
    return _walked(total, rows, window, behind=behind)


def _by_index(scope: Scope, branches: Sequence["_Branch"], window: Window) -> Rows:
    """What is sought by a filter is seldom more than a page: then the page itself says how many there are."""
    page, counts = _page(branches, window), _counts(branches, window)
    if any(branch.is_filtered for branch in branches):
        rows = scope.rows(page, **_bounds(window))
        if 0 < len(rows) < window.count or (not rows and not window.skipped):
            return Rows(window.skipped + len(rows), rows)
        return Rows(_total(scope.rows(counts)), rows)
    rows, counted = scope.together((page, _bounds(window)), (counts, {}))
    return Rows(_total(counted), rows)


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
class _Branch:
    """One part as SQL: its name, its matching rows, and its share of the order."""

    name: str
    rows: Select[Any]
    order: Order
    is_filtered: bool


def _branches(sources: Sequence[Source], window: Window) -> list[_Branch]:
    like = leading(source.part.sort_by for source in sources)
    forward = window.position is None or not window.position.backward
    branches = []
    for source in sources:
        order = order_of(source.part.sort_by, like, source.columns, window.ascending)
        rows = source.rows
        if source.part.condition is not None:
            rows = rows.where(condition(source.part.condition, source.part.kind, source.columns))
        is_filtered = source.part.condition is not None
        branches.append(_Branch(source.part.kind.name, rows, replace(order, forward=forward), is_filtered))
    return branches


def _counts(branches: Sequence[_Branch], window: Window) -> Select[Any]:
    """`total`, and on a walk how many of them lie `beyond` its position."""
    counted = [
        branch.rows.with_only_columns(*_counted(branch, window), maintain_column_froms=True) for branch in branches
    ]
    if len(counted) == 1:
        return counted[0]
    each = union_all(*counted).subquery()
    return select(*(func.sum(column).label(column.name) for column in each.c))


def _counted(branch: _Branch, window: Window) -> list[ColumnElement[Any]]:
    total = func.count().label("total")
    if window.position is None:
        return [total]
    return [total, func.count().filter(branch.order.beyond(window.position)).label("beyond")]


def _page(branches: Sequence[_Branch], window: Window) -> Select[Any]:
    if len(branches) == 1:
        return _chosen(branches[0], window).limit(bindparam("most")).offset(bindparam("skipped"))
    # Each type gives as many rows as could be on the page, so that an index in its order serves it.
    limited = [_chosen(branch, window).limit(bindparam("reached")).subquery() for branch in branches]
    everything = union_all(*(select(each) for each in limited)).subquery()
    # Taken as any expression: a column of a union passes for NOT NULL where it is that in the first type.
    key = None if branches[0].order.key is None else type_coerce(everything.c.sort_key, NullType())
    order = replace(branches[0].order, key=key, id=everything.c.id)
    return select(everything).order_by(*order.terms()).limit(bindparam("most")).offset(bindparam("skipped"))


def _chosen(branch: _Branch, window: Window) -> Select[Any]:
    """The rows of a branch on the way walked, in order, with their keys."""
    rows = branch.rows if window.position is None else branch.rows.where(branch.order.beyond(window.position))
    kind = literal(branch.name, String()).label("kind")
    return rows.add_columns(kind, branch.order.shown()).order_by(*branch.order.terms())
