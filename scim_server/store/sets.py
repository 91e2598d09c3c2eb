"""Sets of ids as one bound value, however many there are, so that statements are built once and cached."""

from collections.abc import Collection
from typing import Any

import orjson
from sqlalchemy import Boolean, ColumnElement, Dialect, FromClause, Select, Text, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

OF_ONE = "of_one"
"""What to compile a statement with, on PostgreSQL: the names of the sets that have one member."""


class TextSet(TypeDecorator[Collection[str]]):
    """A collection of texts: an array on PostgreSQL, a JSON list on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(Text()) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Collection[str] | None, dialect: Dialect) -> Any:
        texts = list(value or ())
        return texts if dialect.name == "postgresql" else orjson.dumps(texts).decode()


class Among(FunctionElement[bool]):
    """Whether a column holds one of the texts bound under a name."""

    type = Boolean()
    inherit_cache = True
    _is_implicitly_boolean = True
    """Spares SQLite, which has no booleans, a comparison with 1 that would hide the index from it."""


class Outside(Among):
    """Whether a column holds none of the texts bound under a name, of which there may be 100,000."""

    inherit_cache = True


class AmongRows(Among):
    """Whether a column holds one of the texts that a query answers, of which there are few."""

    inherit_cache = True


def outside(column: ColumnElement[Any], name: str = "ids") -> Outside:
    """Whether `column`, which is never null, holds none of the texts that are bound as `name`."""
    return Outside(column, bindparam(name, type_=TextSet()))


def among(column: ColumnElement[Any], name: str = "ids") -> Among:
    """Whether `column` holds one of the texts that are bound as `name`."""
    return Among(column, bindparam(name, type_=TextSet()))


def among_rows(column: ColumnElement[Any], rows: Select[Any]) -> AmongRows:
    """Whether `column` holds one of the texts that `rows` answer, so few that each is looked up in an index."""
    return AmongRows(column, rows.scalar_subquery())


@compiles(Among, "postgresql")
def _any(element: Among, compiler: SQLCompiler, **kw: Any) -> str:
    """A set of one is told by itself. Of a set to come the planner expects ten, so that it would plan each time anew in
    the hope of fewer."""
    column, bound = element.clauses
    named, listed = compiler.process(column, **kw), compiler.process(bound, **kw)
    return f"{named} = ({listed})[1]" if bound.key in kw.get(OF_ONE, ()) else f"{named} = ANY ({listed})"


@compiles(Among, "sqlite")
def _in_list(element: Among, compiler: SQLCompiler, **kw: Any) -> str:
    column, bound = element.clauses
    listed = f"SELECT value FROM json_each({compiler.process(bound, **kw)})"  # noqa: S608 compiled parts, no values
    return f"{compiler.process(column, **kw)} IN ({listed})"


@compiles(AmongRows, "postgresql")
def _any_row(element: AmongRows, compiler: SQLCompiler, **kw: Any) -> str:
    """As an array: of rows the planner would expect a tenth of the table where a page's length is yet to be bound."""
    column, query = element.clauses
    return f"{compiler.process(column, **kw)} = ANY (ARRAY{compiler.process(query, **kw)})"


@compiles(AmongRows, "sqlite")
def _in_rows(element: AmongRows, compiler: SQLCompiler, **kw: Any) -> str:
    column, query = element.clauses
    return f"{compiler.process(column, **kw)} IN {compiler.process(query, **kw)}"


@compiles(Outside, "postgresql")
def _not_any(element: Outside, compiler: SQLCompiler, **kw: Any) -> str:
    """Joined, because a list is gone through for each row where a plan is made before it is known."""
    column, bound = element.clauses
    listed = f"unnest({compiler.process(bound, **kw)}) AS listed (id)"
    return f"NOT EXISTS (SELECT FROM {listed} WHERE listed.id = {compiler.process(column, **kw)})"


@compiles(Outside, "sqlite")
def _not_in_list(element: Outside, compiler: SQLCompiler, **kw: Any) -> str:
    column, bound = element.clauses
    listed = f"SELECT value FROM json_each({compiler.process(bound, **kw)})"  # noqa: S608 compiled parts, no values
    return f"{compiler.process(column, **kw)} NOT IN ({listed})"


def listed(is_sqlite: bool, name: str = "ids") -> FromClause:
    """The texts that are bound as `name` as rows with the column `id`."""
    bound = bindparam(name, type_=TextSet())
    if is_sqlite:
        rows = func.json_each(bound).table_valued("value")
        return select(rows.c.value.label("id")).subquery("listed")
    return func.unnest(bound).table_valued("id", name="listed").render_derived()
