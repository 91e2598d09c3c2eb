"""What PostgreSQL answered, read as SQLAlchemy's results are."""

from collections import namedtuple
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from psycopg.adapt import Transformer
from psycopg.pq.abc import PGresult


class Answered:
    """What a statement was answered with, each time that it was executed."""

    def __init__(self, driver: Any, columns: tuple[str, ...], results: Sequence[PGresult]) -> None:
        self._driver, self._results = driver, results
        self._columns = columns or _names(results[0])

    @property
    def rowcount(self) -> int:
        return sum(result.command_tuples or 0 for result in self._results)

    def all(self) -> list[Any]:
        loader = Transformer(self._driver)
        found: list[Any] = []
        for result in self._results:
            loader.set_pgresult(result)
            found += loader.load_rows(0, result.ntuples, self._row)
        return found

    def _row(self, values: Sequence[Any]) -> Any:
        return _row_class(self._columns)._make(values)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.all())

    def first(self) -> Any:
        return next(iter(self), None)

    def one(self) -> Any:
        (only,) = self.all()
        return only

    def scalar(self) -> Any:
        row = Answered(self._driver, self._columns, self._results).first()
        return None if row is None else row[0]

    def scalars(self) -> "Answered":
        return _Scalars(self._driver, self._columns, self._results)

    def mappings(self) -> "Answered":
        return _Mappings(self._driver, self._columns, self._results)


class _Mappings(Answered):
    def _row(self, values: Sequence[Any]) -> Any:
        return dict(zip(self._columns, values, strict=True))


class _Scalars(Answered):
    def _row(self, values: Sequence[Any]) -> Any:
        return values[0]


def _names(result: PGresult) -> tuple[str, ...]:
    """The columns of a statement that was written as text."""
    return tuple((result.fname(column) or b"").decode() for column in range(result.nfields))


@lru_cache(maxsize=1_000)
def _row_class(columns: tuple[str, ...]) -> Any:
    return namedtuple("Row", columns, rename=True)
