"""Statements as SQLite takes them: text with places, what goes there, and how what comes back is read."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.dialects.sqlite import pysqlite
from sqlalchemy.types import TypeEngine

from scim_server.store.answers import Answered, Make
from scim_server.store.repertoires import JSON_WAYS, Repertoire, Values, Worked

Process = Callable[[Any], Any]
"""Writes a value of ours as SQLite has it, or reads one of SQLite's."""

_DIALECT: Dialect = pysqlite.dialect(dbapi=sqlite3, **JSON_WAYS)


Reader = tuple[int, Process]
"""A column of a row, and how its values are read; those of others are as they come."""


@dataclass(frozen=True, slots=True)
class FileStatement:
    """A statement with its places: for each the name of its value and how it is written, and values it has anyway."""

    text: str
    places: tuple[tuple[str, Process | None], ...]
    fixed: Values
    columns: tuple[str, ...]
    """Those of the rows that it answers; none where it answers none, or where only SQLite knows in what order."""
    readers: tuple[Reader, ...]
    kinds: Mapping[str, Process]
    """The readers by the names of their columns."""

    def parameters(self, values: Values) -> list[Any]:
        """What to bind. Raises KeyError for a value that is missing."""
        given = {**self.fixed, **values} if self.fixed else values
        return [given[name] if write is None else write(given[name]) for name, write in self.places]

    def executed(self, driver: sqlite3.Connection, batch: Sequence[list[Any]]) -> Answered:
        """What it is answered with, executed once with each of those parameters. Raises sqlite3's errors."""
        if len(batch) == 1:
            cursor = driver.execute(self.text, batch[0])
            rows, touched = cursor.fetchall(), cursor.rowcount
        elif self.columns:
            each = [driver.execute(self.text, parameters).fetchall() for parameters in batch]
            rows = list(chain.from_iterable(each))
            touched = len(rows)
        else:
            cursor = driver.executemany(self.text, batch)
            rows, touched = [], cursor.rowcount
        if rows and not self.columns:
            columns = tuple(column[0] for column in cursor.description)
            return Answered(columns, partial(_loaded, rows, _readers(columns, self.kinds)), touched)
        return Answered(self.columns, partial(_loaded, rows, self.readers), touched)

    def __str__(self) -> str:
        return self.text


def _loaded(rows: list[tuple[Any, ...]], readers: Sequence[Reader], make: Make) -> list[Any]:
    if not readers:
        return [make(row) for row in rows]
    found = []
    for row in rows:
        values = list(row)
        for at, read in readers:
            values[at] = read(values[at])
        found.append(make(values))
    return found


def _readers(columns: Sequence[str], kinds: Mapping[str, Process]) -> tuple[Reader, ...]:
    return tuple((at, kinds[name]) for at, name in enumerate(columns) if name in kinds)


def repertoire() -> Repertoire[FileStatement]:
    """One for SQLite, with nothing in it."""
    return Repertoire(_DIALECT, _statement, one_apart=False)


def _statement(worked: Worked) -> FileStatement:
    made = worked.made
    in_order = made._ordered_columns or made._textual_ordered_columns
    columns = tuple(column.keyname for column in made._result_columns) if in_order else ()
    read_by = {column.keyname: _impl(column.type).result_processor(_DIALECT, None) for column in made._result_columns}
    kinds = {name: read for name, read in read_by.items() if read is not None}
    places = tuple((name, _written_by(worked, name)) for name in worked.order)
    return FileStatement(worked.text, places, worked.fixed, columns, _readers(columns, kinds), kinds)


def _written_by(worked: Worked, name: str) -> Process | None:
    bound = worked.made.binds.get(name)
    return None if bound is None else _impl(bound.type).bind_processor(_DIALECT)


def _impl(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    return kind.dialect_impl(_DIALECT)
