"""Statements that were worked out once, found again whenever they are executed.

SQLAlchemy Core works a statement out for a database; from then on its text is sent as it is, with values in its places.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

import orjson
from sqlalchemy import Dialect, Executable
from sqlalchemy.sql.cache_key import CacheKey
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import Insert, UpdateBase
from sqlalchemy.util import LRUCache

from scim_server.store.sets import OF_ONE

Values = Mapping[str, Any]
Batch = Sequence[Values]
S = TypeVar("S")

SHAPES = 500
"""Shapes of statements that are kept; clients can ask for any number of them."""
JSON_WAYS: Mapping[str, Any] = {
    "json_serializer": lambda value: orjson.dumps(value).decode(),
    "json_deserializer": orjson.loads,
}
"""How a dialect of SQLAlchemy writes and reads JSON."""


class Form(NamedTuple):
    """What the text of a statement depends on beside itself: the columns it sets, and which sets have one member."""

    columns: frozenset[str] | None
    of_one: frozenset[str]

    @classmethod
    def of(cls, statement: Executable, batch: Batch, *, one_apart: bool = True) -> "Form":
        """The form in which a statement is executed with those values, once each.

        `one_apart` where a set of one is told in another way than any other (`store/sets.py`).
        """
        first = batch[0]
        if isinstance(statement, Insert):
            return cls(frozenset(first), _NONE)
        columns = frozenset(first) if isinstance(statement, UpdateBase) else None
        if not one_apart or len(batch) > 1:
            return cls(columns, _NONE)
        of_one = [name for name, value in first.items() if type(value) in _SETS and len(value) == 1]
        return cls(columns, frozenset(of_one))


_NONE: frozenset[str] = frozenset()
_SETS = frozenset({list, tuple, set, frozenset, type({}.keys()), type({}.values())})


@dataclass(frozen=True, slots=True)
class Worked:
    """A statement as SQLAlchemy has worked it out: its text, the names of the values in its places, in order, and
    those of them that it has anyway."""

    made: SQLCompiler
    text: str
    order: Sequence[str]
    fixed: Values


Write = Callable[[Worked], S]
"""How a statement that was worked out is written for a database."""


class Repertoire(Generic[S]):
    """The statements of one kind of database: those built once by themselves, those of a request by their shape."""

    def __init__(self, dialect: Dialect, write: Write[S], *, one_apart: bool) -> None:
        self._dialect, self._write, self._one_apart = dialect, write, one_apart
        self._built_once: WeakKeyDictionary[Executable, dict[Form, S | None]] = WeakKeyDictionary()
        self._shapes: LRUCache[Any, _Shape[S]] = LRUCache(SHAPES)

    def find(self, wanted: Executable, batch: Batch) -> tuple[S, Batch] | None:
        """What to send, and with which values each time; None where SQLAlchemy had better execute it."""
        form = Form.of(wanted, batch, one_apart=self._one_apart)
        forms = self._built_once.get(wanted)
        if forms is None:
            self._built_once[wanted] = {}  # met for the first time: it may be a request's own
            return self._by_shape(wanted, batch, form)
        if form not in forms:
            forms[form] = self._compiled(wanted, batch[0], form)
        known = forms[form]
        return None if known is None else (known, batch)

    def _compiled(self, statement: Executable, values: Values, form: Form) -> S | None:
        """A statement that is built once; None where its text depends on how many there are of a value."""
        made = self._worked_out(statement, form)
        late = made.post_compile_params | made.literal_execute_params
        if any(made.bind_names[bound] in values for bound in late):
            return None
        if not late:
            return self._written(made, made.string, made.positiontup, made.construct_params(values), values)
        expanded = made.construct_expanded_state(values)
        return self._written(made, expanded.statement, expanded.positiontup, expanded.parameters, values)

    def _by_shape(self, wanted: Any, batch: Batch, form: Form) -> tuple[S, Batch] | None:
        """Statements of one shape differ in the values bound in them, which SQLAlchemy's cache key lists in order."""
        key: CacheKey | None = wanted._generate_cache_key()
        if key is None:
            return None
        found = self._shapes.get((key.key, form))
        if found is None:
            found = self._shapes[key.key, form] = self._shape(wanted, batch[0], form, key)
        if found.statement is None:
            return None
        bound = {name: key.bindparams[place].effective_value for name, place in found.own}
        return found.statement, [{**bound, **values} for values in batch]

    def _shape(self, wanted: Any, values: Values, form: Form, key: CacheKey) -> "_Shape[S]":
        made = self._worked_out(wanted, form, key)
        if made.post_compile_params or made.literal_execute_params:
            return _Shape(None)
        places = {bound.key: place for place, bound in enumerate(key.bindparams)}
        own = tuple((name, places[bound.key]) for bound, name in made.bind_names.items() if bound.key in places)
        added = {name: bound.effective_value for bound, name in made.bind_names.items() if bound.key not in places}
        return _Shape(self._written(made, made.string, made.positiontup, added, values), own)

    def _worked_out(self, statement: Any, form: Form, key: CacheKey | None = None) -> SQLCompiler:
        names = None if form.columns is None else list(form.columns)
        made: SQLCompiler = statement.compile(
            dialect=self._dialect, column_keys=names, cache_key=key, compile_kwargs={OF_ONE: form.of_one}
        )
        return made

    def _written(self, made: SQLCompiler, text: str, order: Sequence[str] | None, known: Values, given: Values) -> S:
        fixed = {name: value for name, value in known.items() if name not in given}
        return self._write(Worked(made, text, order or (), fixed))


@dataclass(frozen=True, slots=True)
class _Shape(Generic[S]):
    """What statements of a shape have in common, and where each has its own values: by name, the place in its key."""

    statement: S | None
    own: tuple[tuple[str, int], ...] = ()
