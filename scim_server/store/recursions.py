"""Steps of recursive queries, which look up the rows that belong to those found before."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Text, and_, bindparam, literal_column
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


_GROUP = literal_column("'Group'", Text())
"""In the words of an index of groups in groups alone, by which PostgreSQL finds that there are few, or none."""


def is_groups(membership: FromClause, found: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a membership of the tenant is that of a group, joined to a column of the rows found before that is never
    null."""
    of_tenant = membership.c.tenant_id == AgainFor(bindparam("tenant"), found)
    return and_(of_tenant, membership.c.kind == AgainFor(_GROUP, found))
