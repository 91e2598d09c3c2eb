"""Sets of ids as one bound value, however many there are, so that statements are built once and cached."""

from collections.abc import Collection
from typing import Any

import orjson
from sqlalchemy import Boolean, ColumnElement, Dialect, Text, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


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


def among(column: ColumnElement[Any], name: str = "ids") -> Among:
    """Whether `column` holds one of the texts that are bound as `name`."""
    return Among(column, bindparam(name, type_=TextSet()))


@compiles(Among, "postgresql")
def _any(element: Among, compiler: SQLCompiler, **kw: Any) -> str:
    column, bound = element.clauses
    return f"{compiler.process(column, **kw)} = ANY ({compiler.process(bound, **kw)})"


@compiles(Among, "sqlite")
def _in_list(element: Among, compiler: SQLCompiler, **kw: Any) -> str:
    column, bound = element.clauses
    listed = f"SELECT value FROM json_each({compiler.process(bound, **kw)})"  # noqa: S608 compiled parts, no values
    return f"{compiler.process(column, **kw)} IN ({listed})"
