"""Backups of a SQLite database: a copy of the file by SQLite's own backup, made and put back while others use it."""

import shutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import orjson

from scim_server.store.archives import TableCopy, Tally, blocks
from scim_server.store.databases import Database
from scim_server.store.tables import metadata

MEMBER = "database.sqlite"


def copy_out(database: Database, archive: zipfile.ZipFile, folder: Path) -> tuple[str, list[TableCopy]]:
    """Put the database into the archive, by way of a file in a folder; answers the revision, and what was copied."""
    with _scratch(folder) as file:
        database.copy_to(file)
        with closing(sqlite3.connect(file)) as copy:
            (revision,) = copy.execute("SELECT version_num FROM alembic_version").fetchone()
            tables = [
                _tallied(copy, table.name, tuple(table.columns.keys()), tuple(table.primary_key.columns.keys()))
                for table in metadata.sorted_tables
            ]
        with file.open("rb") as content, archive.open(MEMBER, "w", force_zip64=True) as sink:
            shutil.copyfileobj(content, sink)
    return revision, tables


@contextmanager
def extracted(archive: zipfile.ZipFile, folder: Path) -> Iterator[Path]:
    """The database of the archive as a file in a folder, for as long as the block lasts."""
    with _scratch(folder) as file:
        with file.open("wb") as sink:
            for block in blocks(archive, MEMBER):
                sink.write(block)
        yield file


def check(file: Path, tables: Sequence[TableCopy]) -> str | None:
    """What is not in a database as the manifest has it; None where all is."""
    try:
        with closing(sqlite3.connect(file)) as copy:
            (told,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
            if told != "ok":
                return f"SQLite says: {told}"
            for table in tables:
                if _tallied(copy, table.name, table.columns, table.key) != table:
                    return f"the rows of {table.name} are not those that were put there"
    except sqlite3.DatabaseError as error:
        return f"SQLite says: {error}"
    return None


def _tallied(copy: sqlite3.Connection, name: str, columns: tuple[str, ...], key: tuple[str, ...]) -> TableCopy:
    chosen, order = (", ".join(f'"{each}"' for each in names) for names in (columns, key))
    tally = Tally()
    for row in copy.execute(f'SELECT {chosen} FROM "{name}" ORDER BY {order}'):  # noqa: S608 our own names
        tally.add(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
    return tally.copy_of(name, columns, key)


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """Where a file can be that nobody else may read."""
    with tempfile.TemporaryDirectory(prefix=".scim-backup-", dir=folder) as scratch:
        yield Path(scratch) / MEMBER
