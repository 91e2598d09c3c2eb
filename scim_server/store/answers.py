"""What a statement was answered with, read as SQLAlchemy's results are."""

from collections import namedtuple
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from typing import Any

Make = Callable[[Sequence[Any]], Any]
"""Makes of a row's values what is wanted of it."""
Load = Callable[[Make], list[Any]]
"""Reads all rows, each made into what is wanted."""


class Answered:
    """What a statement was answered with, each time that it was executed."""

    __slots__ = ("_columns", "_load", "_make", "rowcount")

    def __init__(self, columns: tuple[str, ...], load: Load, rowcount: int, make: Make | None = None) -> None:
        self._columns, self._load, self.rowcount, self._make = columns, load, rowcount, make

    def all(self) -> list[Any]:
        return self._load(self._make or _row_class(self._columns)._make)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.all())

    def first(self) -> Any:
        return next(iter(self), None)

    def one(self) -> Any:
        (only,) = self.all()
        return only

    def scalar(self) -> Any:
        return self.scalars().first()

    def scalars(self) -> "Answered":
        return Answered(self._columns, self._load, self.rowcount, _first)

    def mappings(self) -> "Answered":
        return Answered(self._columns, self._load, self.rowcount, partial(_mapping, self._columns))


def _first(values: Sequence[Any]) -> Any:
    return values[0]


def _mapping(columns: tuple[str, ...], values: Sequence[Any]) -> dict[str, Any]:
    return dict(zip(columns, values, strict=True))


@lru_cache(maxsize=1_000)
def _row_class(columns: tuple[str, ...]) -> Any:
    return namedtuple("Row", columns, rename=True)
