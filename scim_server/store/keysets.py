"""RFC 9865: pages by keyset, the resources beyond a (sort key, id), whatever was inserted or deleted meanwhile."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Label,
    Numeric,
    String,
    Text,
    UnaryExpression,
    and_,
    bindparam,
    cast,
    false,
    null,
    or_,
    type_coerce,
)
from sqlalchemy.types import NullType, TypeEngine

from scim_server.protocol.cursors import Position
from scim_server.protocol.errors import InvalidValue
from scim_server.protocol.ordering import sortable
from scim_server.protocol.paths import AttributePath
from scim_server.store import expressions
from scim_server.store.columns import Columns, Condition
from scim_server.store.rows import Row
from scim_server.store.sorting import directed, is_nullable, sort_key

_TEXT, _NUMBER, _BOOLEAN = Text(), Numeric(), Boolean()
_COMPARED_AS: Mapping[str, TypeEngine[Any]] = {"boolean": _BOOLEAN, "integer": _NUMBER, "decimal": _NUMBER}
"""How the values of a type are compared; all others are texts, compared by bytes."""


@dataclass(frozen=True, slots=True)
class Order:
    """The order of a list as one of its types has it: by `key`, None where nothing is sorted by, then by `id`.

    `forward` is the way the list is walked; `rising` says whether keys grow on that way.
    """

    key: ColumnElement[Any] | None
    id: ColumnElement[Any]
    ascending: bool
    forward: bool = True

    @property
    def rising(self) -> bool:
        return self.ascending == self.forward

    def terms(self) -> list[UnaryExpression[Any]]:
        """The ORDER BY terms on the way walked."""
        by_id = self.id.asc() if self.forward else self.id.desc()
        return [by_id] if self.key is None else [directed(self.key, rising=self.rising), by_id]

    def stretches(self, position: Position) -> list[Condition]:
        """What comes after `position` on the way walked, as ranges that follow each other; an index gives each.

        Missing keys are last where keys rise. The place is bound as `mark` and `place`.
        """
        after_id = self.id > _place(position) if self.forward else self.id < _place(position)
        if self.key is None:
            return [after_id]
        missing = self.key.is_(None) if is_nullable(self.key) else None
        if position.key is None:
            last = false() if missing is None else and_(missing, after_id)
            return [last] if self.rising else [last, self.key.is_not(None)]
        mark = _bound(self.key, position.key)
        reached, passed = (self.key >= mark, self.key > mark) if self.rising else (self.key <= mark, self.key < mark)
        found = and_(reached, or_(passed, after_id))
        return [found] if missing is None or not self.rising else [found, missing]

    def beyond(self, position: Position) -> Condition:
        """Whether a resource comes after `position` on the way walked."""
        return or_(*self.stretches(position))

    def at(self, position: Position) -> Condition:
        """Whether a resource is the one at `position`."""
        return self.id == _place(position)

    def shown(self) -> Label[Any]:
        """The key as a column `sort_key`; numbers as the driver gives them, for SQLAlchemy would round them."""
        key = cast(null(), _TEXT) if self.key is None else self.key
        return (type_coerce(key, NullType()) if isinstance(key.type, Numeric) else key).label("sort_key")


def order_of(path: AttributePath | None, like: AttributePath | None, columns: Columns, ascending: bool) -> Order:
    """How a type is ordered whose resources lie in `columns`. Raises InvalidValue where it cannot be sorted by `path`.

    `like` is what the types of the list are sorted by, see `leading`: where this one lacks the attribute, or has one
    of another kind, its keys are missing.
    """
    resource_id = columns.simple[("id",)]
    if like is None:
        return Order(None, resource_id, ascending)
    wanted = _compared_as(like) or _TEXT
    if path is None or _compared_as(path) is not wanted:
        return Order(cast(null(), wanted), resource_id, ascending)
    return Order(sort_key(path, columns), resource_id, ascending)


def leading(paths: Iterable[AttributePath | None]) -> AttributePath | None:
    """The first of the types' paths that can be sorted by, None where there is nothing to sort by.

    Raises InvalidValue where there are paths and none of them can.
    """
    given = [path for path in paths if path is not None]
    for path in given:
        if _compared_as(path) is not None:
            return path
    return sortable(given[0]) if given else None


def _compared_as(path: AttributePath) -> TypeEngine[Any] | None:
    try:
        return _COMPARED_AS.get(sortable(path).leaf.type, _TEXT)
    except InvalidValue:
        return None


def position_of(row: Row, *, backward: bool) -> Position:
    """The place of a row that was read with its key."""
    key = row["sort_key"]
    return Position(key if key is None or isinstance(key, str | bool) else str(key), row["id"], backward)


def place_of(position: Position | None) -> dict[str, Any]:
    """What the place of a walk is bound by, for a statement that was built for another."""
    return {} if position is None else {"mark": position.key, "place": position.id}


def _place(position: Position) -> ColumnElement[Any]:
    return bindparam("place", position.id, String())


def _bound(key: ColumnElement[Any], value: str | bool) -> ColumnElement[Any]:
    if isinstance(value, bool):
        return bindparam("mark", value, Boolean())
    mark = bindparam("mark", value, String())
    return expressions.number_of(mark) if isinstance(key.type, Numeric) else mark
