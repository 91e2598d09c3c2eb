"""Statements as PostgreSQL takes them: text with numbered places, and what goes where.

SQLAlchemy Core works a statement out once; from then on its text is sent as it is, to be prepared once a connection.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import orjson
from psycopg import DataError
from sqlalchemy import JSON, Dialect, Executable
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.types import TypeEngine

Dump = Callable[[Any], bytes | None]

_DIALECT: Dialect = psycopg.dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement with its places: for each the name of its value, how it is written, and the value it has anyway."""

    name: bytes
    """Of the prepared statement, the same in every connection of this process."""
    text: bytes
    places: tuple[tuple[str, Dump], ...]
    fixed: Mapping[str, Any]
    columns: tuple[str, ...]

    def parameters(self, values: Mapping[str, Any]) -> list[bytes | None]:
        """What to send. Raises KeyError for a value that is missing, DataError for text that PostgreSQL cannot hold."""
        given = {**self.fixed, **values} if self.fixed else values
        return [dump(given[name]) for name, dump in self.places]


def compiled(statement: Executable, values: Mapping[str, Any]) -> Statement | None:
    """The statement as it is sent for such values; None where its text depends on how many there are of one."""
    names = list(values) if isinstance(statement, UpdateBase) else None
    made: Any = statement.compile(dialect=_DIALECT, column_keys=names)  # type: ignore[attr-defined]
    text, order, fixed = made.string, made.positiontup or (), made.construct_params(values)
    late = made.post_compile_params | made.literal_execute_params
    if late:
        if any(made.bind_names[bound] in values for bound in late):
            return None
        expanded = made.construct_expanded_state(values)
        text, order, fixed = expanded.statement, expanded.positiontup or (), expanded.parameters
    return Statement(
        b"s%d" % next(_numbers),
        text.encode(),
        tuple((name, _dump_of(made, name)) for name in order),
        {name: value for name, value in fixed.items() if name not in values},
        tuple(column.keyname for column in made._result_columns),
    )


def _dump_of(made: SQLCompiler, name: str) -> Dump:
    bound = made.binds.get(name)
    if bound is None:
        return dump
    kind: TypeEngine[Any] = bound.type.dialect_impl(_DIALECT)
    if isinstance(kind, JSON):
        return _dump_json
    process = kind.bind_processor(_DIALECT)
    return dump if process is None else lambda value: dump(process(value))


def dump(value: Any) -> bytes | None:
    """A value in PostgreSQL's text format."""
    if value is None:
        return None
    if isinstance(value, str):
        written = value.encode()
        if b"\0" in written:  # the text would end there
            raise DataError("PostgreSQL text cannot contain NUL")
        return written
    if isinstance(value, bool):
        return b"t" if value else b"f"
    if isinstance(value, int | float):
        return b"%d" % value if isinstance(value, int) else repr(value).encode()
    if isinstance(value, Sequence):
        return b"{%b}" % b",".join(_quoted(each) for each in value)
    raise TypeError(f"PostgreSQL is sent no {type(value).__name__}")


def _dump_json(value: Any) -> bytes | None:
    return None if value is None else orjson.dumps(value)


def _quoted(text: str) -> bytes:
    written = dump(text) or b""
    return b'"%b"' % written.replace(b"\\", b"\\\\").replace(b'"', b'\\"')


class Repertoire:
    """The statements that are built once. One that is met again is taken for such; all others come and go."""

    def __init__(self) -> None:
        self._met: WeakKeyDictionary[Executable, dict[Any, Statement | None]] = WeakKeyDictionary()

    def statement(self, wanted: Executable, values: Mapping[str, Any]) -> Statement | None:
        """What to send for it, None where SQLAlchemy had better execute it."""
        forms = self._met.get(wanted)
        if forms is None:
            self._met[wanted] = {}
            return None
        form = frozenset(values) if isinstance(wanted, UpdateBase) else None
        if form not in forms:
            forms[form] = compiled(wanted, values)
        return forms[form]
