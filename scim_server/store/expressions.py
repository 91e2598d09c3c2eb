"""SQL expressions over JSON and text that mean the same on SQLite and PostgreSQL, each with a spelling per database.

Values are bind parameters, those of a filter as `blanks` has them. Paths are part of the text: they come from the
schema documents, never from a request, so there is one shape per attribute, compiled once and cached by SQLAlchemy.
Design section 5: the database only ever compares bytes.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    ColumnElement,
    Numeric,
    String,
    TableValuedAlias,
    literal_column,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from scim_server.store.blanks import bound, bound_document, known

POSTGRESQL = "postgresql"


class _Expression(FunctionElement[Any]):
    """An expression that its arguments say all about, so that they can be its cache key."""

    inherit_cache = True
    name = "expression"

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.inherit_cache = True  # SQLAlchemy wants it said by each class for itself

    def spell(self, compiler: SQLCompiler) -> str:
        """The SQL for the database that is compiled for."""
        own = self.postgresql if compiler.dialect.name == POSTGRESQL else self.sqlite
        return own(*(_Lazy(compiler, clause) for clause in self.clauses))

    def sqlite(self, *arguments: Any) -> str:
        raise NotImplementedError

    def postgresql(self, *arguments: Any) -> str:
        raise NotImplementedError


class _Lazy:
    """An argument that is compiled where a spelling uses it: a bind parameter left out must not be sent."""

    def __init__(self, compiler: SQLCompiler, clause: ColumnElement[Any]) -> None:
        self._compiler = compiler
        self._clause = clause

    def __str__(self) -> str:
        return self._compiler.process(self._clause)


@compiles(_Expression)
def _spell(element: _Expression, compiler: SQLCompiler, **_: Any) -> str:
    return element.spell(compiler)


class _At(_Expression):
    """A value below `holder`: arguments are holder, path for SQLite, path for PostgreSQL."""

    def sqlite(self, holder: Any, path: Any, _other: Any) -> str:
        return str(holder) if str(path) == "'$'" else f"json_extract({holder}, {path})"


class _Text(_At):
    type = String()

    def postgresql(self, holder: Any, _other: Any, path: Any) -> str:
        return f'(({holder} #>> {path}) COLLATE "C")'


class _Boolean(_At):
    type = Boolean()

    def postgresql(self, holder: Any, _other: Any, path: Any) -> str:
        return f"(({holder} #>> {path}) = 'true')"


class _Number(_At):
    type = Numeric()

    def postgresql(self, holder: Any, _other: Any, path: Any) -> str:
        return f"CASE WHEN jsonb_typeof({holder} #> {path}) = 'number' THEN ({holder} #>> {path})::numeric END"


class _IsObject(_Expression):
    type = Boolean()

    def sqlite(self, holder: Any, path: Any, _other: Any) -> str:
        return f"(json_type({holder}, {path}) = 'object')"

    def postgresql(self, holder: Any, _other: Any, path: Any) -> str:
        return f"(jsonb_typeof({holder} #> {path}) = 'object')"


class _Elements(_Expression):
    type = JSON()

    def sqlite(self, holder: Any, path: Any, _other: Any) -> str:
        return f"json_each({holder}, {path})"

    def postgresql(self, holder: Any, _other: Any, path: Any) -> str:
        # The path query gives an array whatever is stored, where jsonb_array_elements alone would raise.
        return f"jsonb_array_elements(jsonb_path_query_array({holder}, {path}))"


class _First(_Expression):
    """Arguments: holder, array path for SQLite, for PostgreSQL."""

    type = JSON()

    def sqlite(self, holder: Any, path: Any, _other: Any) -> str:
        return f"json_extract({holder}, {path} || '[0]')"

    def postgresql(self, holder: Any, _other: Any, path: Any) -> str:
        return f"({holder} #> ({path}::text[] || '0'::text))"


class _Primary(_First):
    def sqlite(self, holder: Any, path: Any, _other: Any) -> str:
        rows = f"json_each({holder}, {path}) WHERE json_extract(value, '$.primary') = 1 LIMIT 1"
        return f"coalesce((SELECT value FROM {rows}), {super().sqlite(holder, path, _other)})"  # noqa: S608

    def postgresql(self, holder: Any, _other: Any, path: Any) -> str:
        chosen = f"jsonb_path_query_first({holder} #> {path}, '$[*] ? (@.\"primary\" == true)')"
        return f"coalesce({chosen}, {super().postgresql(holder, _other, path)})"


class _Holds(_Expression):
    type = Boolean()

    def sqlite(self, _holder: Any, _document: Any) -> str:
        return "1"

    def postgresql(self, holder: Any, document: Any) -> str:
        return f"({holder} @> {document})"


class _NumberValue(_Expression):
    type = Numeric()

    def sqlite(self, text: Any) -> str:
        return f"json_extract({text}, '$')"

    def postgresql(self, text: Any) -> str:
        return f"CAST({text} AS numeric)"


class _Contains(_Expression):
    type = Boolean()

    def sqlite(self, text: Any, part: Any, _pattern: Any) -> str:
        return f"(instr({text}, {part}) > 0)"

    def postgresql(self, text: Any, _part: Any, pattern: Any) -> str:
        return f"({text} LIKE {pattern})"


class _EndsWith(_Contains):
    def sqlite(self, text: Any, part: Any, _pattern: Any) -> str:
        return f"(substr({text}, -length({part})) = {part})"


class _Mentions(_Expression):
    type = Boolean()

    def sqlite(self, holder: Any, key: Any) -> str:
        return f"(instr({holder}, {key}) > 0)"

    def postgresql(self, holder: Any, key: Any) -> str:
        return f"(strpos(CAST({holder} AS text), {key}) > 0)"


class _ListOf(_Expression):
    type = JSON()

    def sqlite(self, value: Any) -> str:
        return f"json_group_array({value})"

    def postgresql(self, value: Any) -> str:
        return f"json_agg({value})"


class _Grouped(_Expression):
    type = Boolean()

    def sqlite(self, inner: Any) -> str:
        return f"({inner})"

    postgresql = sqlite


def text_at(holder: ColumnElement[Any], keys: Sequence[str]) -> ColumnElement[str]:
    """The text below a JSON value, or NULL; no keys: the value itself. Compared byte by byte."""
    return _Text(holder, *_paths(keys))


def mentions(holder: ColumnElement[Any], key: str) -> ColumnElement[bool]:
    """Whether a key may lie anywhere in a JSON text, found out without taking it apart."""
    return _Mentions(holder, _quoted(f'"{key}"'))


def boolean_at(holder: ColumnElement[Any], keys: Sequence[str]) -> ColumnElement[bool]:
    """The boolean below a JSON value, or NULL."""
    return _Boolean(holder, *_paths(keys))


def number_at(holder: ColumnElement[Any], keys: Sequence[str]) -> ColumnElement[Any]:
    """The number below a JSON value, or NULL."""
    return _Number(holder, *_paths(keys))


def is_object(holder: ColumnElement[Any], keys: Sequence[str]) -> ColumnElement[bool]:
    """Whether a JSON object lies below a JSON value; NULL where nothing does."""
    return _IsObject(holder, *_paths(keys))


def elements_at(holder: ColumnElement[Any], keys: Sequence[str]) -> TableValuedAlias:
    """The elements of the array below a JSON value as rows with one column, `value`."""
    path = f"${_steps(keys)}"
    return _Elements(holder, _quoted(path), _quoted(f"{path}[*]")).table_valued("value")


def leading_at(holder: ColumnElement[Any], keys: Sequence[str], *, primary: bool) -> ColumnElement[Any]:
    """The element that stands for a whole array (RFC 7644 section 3.4.2.3): the primary one, else the first."""
    return (_Primary if primary else _First)(holder, *_paths(keys))


def holds(holder: ColumnElement[Any], document: Any) -> ColumnElement[bool]:
    """Whether a JSON value contains `document`: on PostgreSQL, where an index answers it; true elsewhere.

    Only ever beside an exact test that implies it.
    """
    return _Holds(holder, bound_document(document, JSONB()))


def number_value(number: Any) -> ColumnElement[Any]:
    """A number, read from its decimal digits as the numbers in documents are, so that both round alike."""
    return number_of(bound(number, String(), repr))


def number_of(digits: ColumnElement[str]) -> ColumnElement[Any]:
    """The number that a text spells in JSON, for comparing with those in documents."""
    return _NumberValue(digits)


def contains(text: ColumnElement[str], part: Any) -> ColumnElement[bool]:
    """Whether `part`, which is not empty, lies in a text."""
    return _Contains(text, bound(part, String()), bound(part, String(), lambda part: f"%{_plain(part)}%"))


def starts_with(text: ColumnElement[str], part: Any) -> ColumnElement[bool]:
    """Whether a text begins with `part`: a range, so that any index in byte order serves it."""
    begins = text >= bound(part, String())
    if _successor(known(part)) is None:
        return begins
    return begins & (text < bound(part, String(), _successor))


def ends_with(text: ColumnElement[str], part: Any) -> ColumnElement[bool]:
    """Whether a text ends with `part`, which is not empty."""
    return _EndsWith(text, bound(part, String()), bound(part, String(), lambda part: f"%{_plain(part)}"))


def list_of(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """A JSON array of that value of all rows of a group, in no order."""
    return _ListOf(value)


def grouped(inner: ColumnElement[bool]) -> ColumnElement[bool]:
    """`inner` in parentheses that SQLAlchemy does not take away."""
    return _Grouped(inner)


def _plain(part: str) -> str:
    """`part` without meaning as a LIKE pattern; backslash is PostgreSQL's own escape."""
    return part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _successor(part: str) -> str | None:
    """The least text above every text that begins with `part`, in order of code points; None where there is none."""
    stem = part.rstrip("\U0010ffff")
    if not stem:
        return None
    last = ord(stem[-1]) + 1
    return stem[:-1] + chr(0xE000 if last == 0xD800 else last)


def _paths(keys: Sequence[str]) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    array = ",".join(f'"{key}"' for key in keys)
    return _quoted(f"${_steps(keys)}"), _quoted("{" + array + "}")


def _steps(keys: Sequence[str]) -> str:
    return "".join(f'."{key}"' for key in keys)


def _quoted(text: str) -> ColumnElement[Any]:
    return literal_column("'" + text.replace("'", "''") + "'")
