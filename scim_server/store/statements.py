"""Statements as PostgreSQL takes them: text with numbered places, and what goes where.

SQLAlchemy Core works a statement out once; from then on its text is sent as it is, to be prepared once a connection.
"""

import itertools
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from types import NoneType
from typing import Any
from weakref import WeakKeyDictionary

import orjson
from psycopg import DataError
from sqlalchemy import JSON, Dialect, Executable
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.sql.cache_key import CacheKey
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import Insert, UpdateBase
from sqlalchemy.types import TypeEngine
from sqlalchemy.util import LRUCache

from scim_server.store.sets import OF_ONE, TextSet

Dump = Callable[[Any], bytes | None]
Batch = Sequence[Mapping[str, Any]]

_DIALECT: Dialect = psycopg.dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
SHAPES = 500
"""Shapes of statements that are kept; clients can ask for any number of them."""
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


@dataclass(frozen=True, slots=True)
class Form:
    """What the text of a statement depends on beside itself: the columns it sets, and which sets have one member."""

    columns: frozenset[str] | None
    of_one: frozenset[str]

    @classmethod
    def of(cls, statement: Executable, batch: Batch) -> "Form":
        """The form in which a statement is executed with those values, once each."""
        first = batch[0]
        if isinstance(statement, Insert):
            return cls(frozenset(first), _NONE)
        of_one = [name for name, value in first.items() if type(value) in _SETS and len(value) == 1]
        columns = frozenset(first) if isinstance(statement, UpdateBase) else None
        return cls(columns, frozenset(of_one) if len(batch) == 1 else _NONE)


_NONE: frozenset[str] = frozenset()
_SETS = frozenset({list, tuple, set, frozenset, type({}.keys()), type({}.values())})


def _worked_out(statement: Any, form: Form, key: CacheKey | None = None) -> SQLCompiler:
    names = None if form.columns is None else list(form.columns)
    made: SQLCompiler = statement.compile(
        dialect=_DIALECT, column_keys=names, cache_key=key, compile_kwargs={OF_ONE: form.of_one}
    )
    return made


def compiled(statement: Executable, values: Mapping[str, Any], form: Form) -> Statement | None:
    """A statement that is built once, as it is sent; None where its text depends on how many there are of a value."""
    made = _worked_out(statement, form)
    late = made.post_compile_params | made.literal_execute_params
    if any(made.bind_names[bound] in values for bound in late):
        return None
    if not late:
        return _statement(made, made.string, made.positiontup, made.construct_params(values), values)
    expanded = made.construct_expanded_state(values)
    return _statement(made, expanded.statement, expanded.positiontup, expanded.parameters, values)


def _statement(
    made: SQLCompiler, text: str, order: Sequence[str] | None, known: Mapping[str, Any], given: Collection[str]
) -> Statement:
    return Statement(
        b"s%d" % next(_numbers),
        text.encode(),
        tuple((name, _dump_of(made, name)) for name in order or ()),
        {name: value for name, value in known.items() if name not in given},
        tuple(column.keyname for column in made._result_columns),
    )


def _dump_of(made: SQLCompiler, name: str) -> Dump:
    bound = made.binds.get(name)
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


class Repertoire:
    """The statements that were worked out: those built once by themselves, those of a request by their shape."""

    def __init__(self) -> None:
        self._built_once: WeakKeyDictionary[Executable, dict[Form, Statement | None]] = WeakKeyDictionary()
        self._shapes: LRUCache[Any, _Shape] = LRUCache(SHAPES)

    def find(self, wanted: Executable, batch: Batch) -> tuple[Statement, Batch] | None:
        """What to send, and with which values each time; None where SQLAlchemy had better execute it."""
        form = Form.of(wanted, batch)
        forms = self._built_once.get(wanted)
        if forms is None:
            self._built_once[wanted] = {}  # met for the first time: it may be a request's own
            return self._by_shape(wanted, batch, form)
        if form not in forms:
            forms[form] = compiled(wanted, batch[0], form)
        known = forms[form]
        return None if known is None else (known, batch)

    def _by_shape(self, wanted: Any, batch: Batch, form: Form) -> tuple[Statement, Batch] | None:
        """Statements of one shape differ in the values bound in them, which SQLAlchemy's cache key lists in order."""
        key: CacheKey | None = wanted._generate_cache_key()
        if key is None:
            return None
        found = self._shapes.get((key.key, form))
        if found is None:
            found = self._shapes[key.key, form] = _shape(wanted, batch[0], form, key)
        if found.statement is None:
            return None
        bound = {name: key.bindparams[place].effective_value for name, place in found.own}
        return found.statement, [{**bound, **values} for values in batch]


@dataclass(frozen=True, slots=True)
class _Shape:
    """What statements of a shape have in common, and where each has its own values: by name, the place in its key."""

    statement: Statement | None
    own: tuple[tuple[str, int], ...] = ()


def _shape(wanted: Any, values: Mapping[str, Any], form: Form, key: CacheKey) -> _Shape:
    made = _worked_out(wanted, form, key)
    if made.post_compile_params or made.literal_execute_params:
        return _Shape(None)
    places = {bound.key: place for place, bound in enumerate(key.bindparams)}
    own = tuple((name, places[bound.key]) for bound, name in made.bind_names.items() if bound.key in places)
    return _Shape(_statement(made, made.string, made.positiontup, {}, values), own)
