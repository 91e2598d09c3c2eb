"""What SQLAlchemy compiled for one engine serves the next: nearly every test opens engines of its own.

To compile the statements of a request costs several times as much as to run them, and an engine forgets them with its
end. They depend on the kind of database and on how JSON is read and written, on nothing of a single database.
"""

from typing import Any

from sqlalchemy import Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

_COMPILED: LRUCache[Any, Any] = LRUCache(2_000)


class _Alike:
    """Dialects that compile alike are equal, by which SQLAlchemy finds what it has compiled."""

    supports_statement_cache = True
    _json_serializer: Any
    _json_deserializer: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Alike) and self._ways() == other._ways()

    def __hash__(self) -> int:
        return hash(self._ways())

    def _ways(self) -> tuple[Any, ...]:
        return type(self), self._json_serializer, self._json_deserializer

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        engine.update_execution_options(compiled_cache=_COMPILED)


class SQLite(_Alike, SQLiteDialect_pysqlite):
    supports_statement_cache = True


class PostgreSQL(_Alike, PGDialect_psycopg):
    supports_statement_cache = True


def remember_compiled() -> None:
    """Let all engines from now on share what they compile."""
    registry.register("sqlite", __name__, SQLite.__name__)
    registry.register("postgresql.psycopg", __name__, PostgreSQL.__name__)
