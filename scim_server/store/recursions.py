"""Steps of recursive queries, which look up the rows that belong to those found before."""

from typing import Any

from sqlalchemy import ColumnElement, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class AgainFor(FunctionElement[str]):
    """A value as it is told for each row of what is joined.

    SQLite expects a million rows of a recursive query. If a table that it joins to them is narrowed by itself, be it by
    the tenant in its key, it reads all those rows of the table beforehand to make a Bloom filter, for a handful.
    """

    type = Text()
    inherit_cache = True


@compiles(AgainFor, "postgresql")
def _once(element: AgainFor, compiler: SQLCompiler, **kw: Any) -> str:
    value, _ = element.clauses
    return compiler.process(value, **kw)


@compiles(AgainFor, "sqlite")
def _for_each(element: AgainFor, compiler: SQLCompiler, **kw: Any) -> str:
    value, found = (compiler.process(each, **kw) for each in element.clauses)
    return f"CASE WHEN {found} IS NOT NULL THEN {value} END"


def tenant_for(found: ColumnElement[Any]) -> AgainFor:
    """The tenant, beside a column of the rows found before that is never null."""
    return AgainFor(bindparam("tenant"), found)
