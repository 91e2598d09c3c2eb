"""Statements as PostgreSQL takes them: text with numbered places, prepared once a connection, and what goes where."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import NoneType
from typing import Any

import orjson
from psycopg import DataError
from sqlalchemy import JSON, Dialect
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.types import TypeEngine

from scim_server.store.repertoires import Repertoire, Worked
from scim_server.store.sets import TextSet

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

    def __str__(self) -> str:
        return self.text.decode()


def _statement(worked: Worked) -> Statement:
    return Statement(
        b"s%d" % next(_numbers),
        worked.text.encode(),
        tuple((name, _dump_of(worked, name)) for name in worked.order),
        worked.fixed,
        tuple(column.keyname for column in worked.made._result_columns),
    )


def repertoire() -> Repertoire[Statement]:
    """One for PostgreSQL, with nothing in it."""
    return Repertoire(_DIALECT, _statement, one_apart=True)


def _dump_of(worked: Worked, name: str) -> Dump:
    bound = worked.made.binds.get(name)
    if bound is None:
        return dump
    if isinstance(bound.type, TextSet):
        return lambda texts: dump(list(texts or ()))
    kind: TypeEngine[Any] = bound.type.dialect_impl(_DIALECT)
    if isinstance(kind, JSON):
        return _dump_json
    process = kind.bind_processor(_DIALECT)
    return dump if process is None else lambda value: dump(process(value))


def dump(value: Any) -> bytes | None:
    """A value in PostgreSQL's text format. Raises DataError for text that it cannot hold."""
    write = _WRITERS.get(type(value))
    if write is not None:
        return write(value)
    if isinstance(value, str):
        return _written(value)
    if isinstance(value, Sequence):
        return b"{%b}" % b",".join(_quoted(each) for each in value)
    raise TypeError(f"PostgreSQL is sent no {type(value).__name__}")


def _written(text: str) -> bytes:
    written = text.encode()
    if b"\0" in written:  # the text would end there
        raise DataError("PostgreSQL text cannot contain NUL")
    return written


_WRITERS: Mapping[type, Dump] = {
    str: _written,
    NoneType: lambda _: None,
    bool: lambda value: b"t" if value else b"f",
    int: lambda value: b"%d" % value,
    float: lambda value: repr(value).encode(),
}


def _dump_json(value: Any) -> bytes | None:
    return None if value is None else orjson.dumps(value)


def _quoted(text: str) -> bytes:
    return b'"%b"' % _written(text).replace(b"\\", b"\\\\").replace(b'"', b'\\"')
