"""Statements as SQLite takes them: text with places, what goes there, and how what comes back is read."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.dialects.sqlite import pysqlite
from sqlalchemy.types import TypeEngine

from scim_server.store.answers import Answered, Make
from scim_server.store.repertoires import JSON_WAYS, Repertoire, Values, Worked

Process = Callable[[Any], Any]
"""Writes a value of ours as SQLite has it, or reads one of SQLite's."""

_DIALECT: Dialect = pysqlite.dialect(dbapi=sqlite3, **JSON_WAYS)


@dataclass(frozen=True, slots=True)
class FileStatement:
    """A statement with its places: for each the name of its value and how it is written, and values it has anyway."""

    text: str
    places: tuple[tuple[str, Process | None], ...]
    fixed: Values
    columns: tuple[str, ...]
    """Those of the rows that it answers; none where it answers none, or was written as text."""
    readers: Mapping[str, Process]
    """How the values of some columns are read; those of others are as they come."""

    def parameters(self, values: Values) -> list[Any]:
        """What to bind. Raises KeyError for a value that is missing."""
        given = {**self.fixed, **values} if self.fixed else values
        return [given[name] if write is None else write(given[name]) for name, write in self.places]

    def executed(self, driver: sqlite3.Connection, batch: Sequence[list[Any]]) -> Answered:
        """What it is answered with, executed once with each of those parameters. Raises sqlite3's errors."""
        if len(batch) == 1 or self.columns:
            cursors = [driver.execute(self.text, parameters) for parameters in batch[:1]]
            rows = cursors[0].fetchall()
            for parameters in batch[1:]:
                cursors.append(driver.execute(self.text, parameters))
                rows += cursors[-1].fetchall()
        else:
            cursors, rows = [driver.executemany(self.text, batch)], []
        columns = self.columns or tuple(column[0] for column in cursors[0].description or ())
        readers = [(at, self.readers[name]) for at, name in enumerate(columns) if name in self.readers]
        return Answered(columns, partial(_loaded, rows, readers), partial(_touched, cursors))

    def __str__(self) -> str:
        return self.text


def _loaded(rows: list[tuple[Any, ...]], readers: Sequence[tuple[int, Process]], make: Make) -> list[Any]:
    if not readers:
        return [make(row) for row in rows]
    found = []
    for row in rows:
        values = list(row)
        for at, read in readers:
            values[at] = read(values[at])
        found.append(make(values))
    return found


def _touched(cursors: Sequence[sqlite3.Cursor]) -> int:
    return sum(cursor.rowcount for cursor in cursors)


def repertoire() -> Repertoire[FileStatement]:
    """One for SQLite, with nothing in it."""
    return Repertoire(_DIALECT, _statement, one_apart=False)


def _statement(worked: Worked) -> FileStatement:
    made = worked.made
    named = tuple(column.keyname for column in made._result_columns)
    readers = {column.keyname: _impl(column.type).result_processor(_DIALECT, None) for column in made._result_columns}
    return FileStatement(
        worked.text,
        tuple((name, _written_by(worked, name)) for name in worked.order),
        worked.fixed,
        named if made._ordered_columns or made._textual_ordered_columns else (),
        {name: read for name, read in readers.items() if read is not None},
    )


def _written_by(worked: Worked, name: str) -> Process | None:
    bound = worked.made.binds.get(name)
    return None if bound is None else _impl(bound.type).bind_processor(_DIALECT)


def _impl(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    return kind.dialect_impl(_DIALECT)
