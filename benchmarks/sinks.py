"""Putting many rows into a database past every check of it, which is for rows that are known to be right."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import psycopg
from psycopg import sql

from benchmarks.patterns import Counter
from scim_server.services.audit_entries import Chain
from scim_server.store.tables import metadata

Rows = Mapping[str, Sequence[tuple[Any, ...]]]
Columns = Mapping[str, Sequence[str]]


class Sink(Protocol):
    """Where rows go. What is put in is committed at once."""

    def put(self, columns: Columns, rows: Rows) -> None:
        """Put rows in, by table; a table's columns are in the order of its rows."""
        ...

    def count(self, counter: Counter) -> None:
        """Raise a counter."""
        ...

    def move_chain(self, tenant_id: str, chain: Chain) -> None:
        """Say where a tenant's audit trail ends now."""
        ...

    def listed(self, tenant_id: str, most: int) -> list[tuple[str, str]]:
        """Ids and user names of the tenant's people in the order of their ids; of many only some, evenly spread."""
        ...

    def settle(self) -> None:
        """Do at once what the database does by and by after many changes."""
        ...


@contextmanager
def sink(url: str) -> Iterator[Sink]:
    """The sink of a database."""
    if url.startswith("sqlite:///"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=30, isolation_level=None)) as file:
            yield _File(file)
    else:
        with psycopg.connect(url, autocommit=True) as connection:
            yield _Server(connection)


@dataclass(frozen=True, slots=True)
class _Server:
    connection: psycopg.Connection[Any]

    def put(self, columns: Columns, rows: Rows) -> None:
        with self.connection.transaction():
            self.connection.execute("SET LOCAL session_replication_role = replica")
            for table in metadata.sorted_tables:
                if table.name in rows:
                    self._copy(table.name, columns[table.name], rows[table.name])

    def _copy(self, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
        with self.connection.cursor().copy(statement) as copy:
            for row in rows:
                copy.write_row(row)

    def count(self, counter: Counter) -> None:
        with self.connection.transaction():
            self.connection.execute("SET LOCAL session_replication_role = replica")
            self.connection.execute(counting(counter, "%s").encode(), (counter.by, *counter.key))

    def move_chain(self, tenant_id: str, chain: Chain) -> None:
        self.connection.execute(_MOVE.replace("?", "%s").encode(), (chain.sequence, chain.hash, tenant_id))

    def listed(self, tenant_id: str, most: int) -> list[tuple[str, str]]:
        return self.connection.execute(
            _LISTED.replace("%", "%%").replace("?", "%s").encode(), (tenant_id, most)
        ).fetchall()

    def settle(self) -> None:
        self.connection.execute("VACUUM (ANALYZE)")
        self.connection.execute("CHECKPOINT")


@dataclass(frozen=True, slots=True)
class _File:
    connection: sqlite3.Connection

    def put(self, columns: Columns, rows: Rows) -> None:
        self.connection.execute("PRAGMA foreign_keys = OFF")
        self.connection.execute("BEGIN IMMEDIATE")
        for table, found in rows.items():
            names = ", ".join(f'"{name}"' for name in columns[table])
            blanks = ", ".join("?" for _ in columns[table])
            self.connection.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({blanks})', found)
        self.connection.execute("COMMIT")

    def count(self, counter: Counter) -> None:
        self.connection.execute(counting(counter, "?"), (counter.by, *counter.key))

    def move_chain(self, tenant_id: str, chain: Chain) -> None:
        self.connection.execute(_MOVE, (chain.sequence, chain.hash, tenant_id))

    def listed(self, tenant_id: str, most: int) -> list[tuple[str, str]]:
        return self.connection.execute(_LISTED, (tenant_id, most)).fetchall()

    def settle(self) -> None:
        self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


_MOVE = "UPDATE audit_chains SET sequence = ?, hash = ? WHERE tenant_id = ?"
_LISTED = """
SELECT id, user_name_key
FROM (
    SELECT id, user_name_key, row_number() OVER (ORDER BY id) AS place, count(*) OVER () AS everybody
    FROM users WHERE tenant_id = ?
) AS numbered
WHERE place % (1 + (everybody - 1) / ?) = 0
ORDER BY id
"""


def counting(counter: Counter, mark: str) -> str:
    """The statement that raises a counter by the first of its values; the others are the key."""
    keys = [column.name for column in metadata.tables[counter.table].primary_key]
    found = " AND ".join(f'"{key}" = {mark}' for key in keys)
    return f'UPDATE "{counter.table}" SET "{counter.column}" = "{counter.column}" + {mark} WHERE {found}'
