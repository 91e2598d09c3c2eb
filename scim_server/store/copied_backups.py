"""Backups of a PostgreSQL database: every table by COPY, all as of one moment, and back in one transaction.

The server's own login does it, whose rows come through the wall around each table: pg_dump refuses those of a login
that is no superuser, and COPY puts none in, so that they arrive in a temporary table first.
"""

import zipfile
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Table

from scim_server.domain.errors import Invalid
from scim_server.store.archives import TableCopy, Tally, blocks
from scim_server.store.databases import Database
from scim_server.store.moved_tables import COUNTED
from scim_server.store.tables import metadata
from scim_server.store.walls import OPERATOR

_ALL = (
    "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') "
    "AND NOT relispartition AND relname <> 'alembic_version'"
)
_REVISION = "SELECT version_num FROM alembic_version"


def copy_out(database: Database, archive: zipfile.ZipFile) -> tuple[str, list[TableCopy]]:
    """Put every table into the archive, while everybody goes on; answers the revision, and what was copied."""
    with database.snapshot(OPERATOR) as connection:
        driver = connection.driver()  # type: ignore[attr-defined]
        (revision,) = driver.execute(_REVISION).fetchone()
        copied = []
        for table in metadata.sorted_tables:
            if table.name not in COUNTED:
                with archive.open(_member(table.name), "w", force_zip64=True) as sink:
                    copied.append(_dump(driver, table.name, *_shape(table), sink.write))
    return revision, copied


def check(archive: zipfile.ZipFile, tables: Sequence[TableCopy]) -> str | None:
    """What is not in the archive as it was put there; None where all is."""
    for table in tables:
        tally = Tally()
        for block in blocks(archive, _member(table.name)):
            tally.add(block)
        if tally.copy_of(table.name, table.columns, table.key) != table:
            return f"the rows of {table.name} are not those that were put there"
    return None


def copy_in(database: Database, archive: zipfile.ZipFile, tables: Sequence[TableCopy]) -> None:
    """Replace all rows by those of the archive: as a whole, or not at all. The schema is that of the backup.

    Raises Invalid where a table then has other rows than it had, Contention where somebody does not let go of one.
    """
    with database.exclusive() as connection:
        driver = connection.driver()  # type: ignore[attr-defined]
        driver.execute("SET LOCAL lock_timeout = '10s'")
        there = [name for (name,) in driver.execute(_ALL).fetchall()]
        driver.execute(f"TRUNCATE {', '.join(_quoted(there))}")
        for table in tables:
            _fill(driver, table, archive)
        for table in tables:
            found = _dump(driver, table.name, table.columns, table.key, lambda _: 0)
            if found != table:
                raise Invalid(f"Nothing was restored: {table.name} did not come back as it was.")
        driver.execute("ANALYZE")
        connection.commit()


def _fill(driver: Any, table: TableCopy, archive: zipfile.ZipFile) -> None:
    columns = ", ".join(_quoted(table.columns))
    driver.execute(f'CREATE TEMP TABLE "arriving" (LIKE "{table.name}")')
    with driver.cursor() as cursor, cursor.copy(f"COPY arriving ({columns}) FROM STDIN (ENCODING 'UTF8')") as rows:
        for block in blocks(archive, _member(table.name)):
            rows.write(block)
    driver.execute(f'INSERT INTO "{table.name}" ({columns}) SELECT {columns} FROM arriving')  # noqa: S608 our own names
    driver.execute("DROP TABLE arriving")


def _dump(
    driver: Any, name: str, columns: tuple[str, ...], key: tuple[str, ...], write: Callable[[bytes], Any]
) -> TableCopy:
    """All rows, in the order of their key, which compares bytes wherever the database is."""
    chosen = f'SELECT {", ".join(_quoted(columns))} FROM "{name}" ORDER BY {", ".join(_quoted(key))}'  # noqa: S608
    tally = Tally()
    with driver.cursor() as cursor, cursor.copy(f"COPY ({chosen}) TO STDOUT (ENCODING 'UTF8')") as rows:
        for block in rows:
            part = bytes(block)
            tally.add(part)
            write(part)
    return tally.copy_of(name, columns, key)


def _shape(table: Table) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(table.columns.keys()), tuple(table.primary_key.columns.keys())


def _member(table: str) -> str:
    return f"tables/{table}"


def _quoted(names: Sequence[str]) -> list[str]:
    return [f'"{name}"' for name in names]
