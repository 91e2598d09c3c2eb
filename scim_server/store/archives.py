"""A backup as a file: a ZIP archive of what was stored, and a manifest that says what that must be.

The manifest has each table with its columns in order, its rows counted, and SHA-256 over them as they are written; it
comes last, so that a file that broke off has none.
"""

import hashlib
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

from scim_server.domain.errors import Invalid, Missing, Taken
from scim_server.domain.instants import Instant

FORMAT = "scim-server backup 1"
MANIFEST = "manifest.json"
SQLITE, POSTGRESQL = "sqlite", "postgresql"
BLOCK = 1 << 20
FASTEST = 1
"""Of zlib's levels: higher ones save a tenth and take three times as long."""


@dataclass(frozen=True, slots=True)
class TableCopy:
    """A table as it was: its columns in order, those of its key, how many rows, and a digest of all in order."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup is of, and when; `kind` is that of the database, `revision` that of its schema."""

    kind: str
    cell: str
    revision: str
    at: Instant
    version: str
    tables: tuple[TableCopy, ...]

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables)


@dataclass(slots=True)
class Tally:
    """Counts rows and digests them as they pass; each ends with a line feed."""

    rows: int = 0
    _sha: Any = field(default_factory=hashlib.sha256)

    def add(self, block: bytes) -> None:
        self.rows += block.count(b"\n")
        self._sha.update(block)

    def copy_of(self, name: str, columns: tuple[str, ...], key: tuple[str, ...]) -> TableCopy:
        return TableCopy(name, columns, key, self.rows, self._sha.hexdigest())


@contextmanager
def written(file: Path) -> Iterator[zipfile.ZipFile]:
    """A new archive, its owner's alone, that is there under its name once it is whole and on the disk.

    Raises Taken where there is a file already.
    """
    if file.exists():
        raise Taken(f"There is a file {file} already: give the backup a name of its own.")
    unfinished = file.with_name(f"{file.name}.part")
    try:
        with open(os.open(unfinished, os.O_CREAT | os.O_TRUNC | os.O_RDWR, 0o600), "w+b") as sink:
            with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=FASTEST) as archive:
                yield archive
            sink.flush()
            os.fsync(sink.fileno())
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


def seal(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Put the manifest in, as the last thing."""
    archive.writestr(MANIFEST, orjson.dumps({"format": FORMAT, **asdict(manifest)}, option=orjson.OPT_INDENT_2))


@contextmanager
def read(file: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """An archive and its manifest. Raises Missing where there is none, Invalid where it is none or damaged, also for
    what is found out while it is read."""
    if not file.is_file():
        raise Missing(f"There is no file {file}.")
    with ExitStack() as stack:
        try:
            archive = stack.enter_context(zipfile.ZipFile(file))
            manifest = _manifest(archive.read(MANIFEST))
        except _UNREADABLE as error:
            raise _no_backup(file, error) from error
        try:
            yield archive, manifest
        except _BROKEN as error:
            raise _no_backup(file, error) from error


def damaged(file: Path, why: str) -> Invalid:
    """What is said of a file that is not to be trusted."""
    return Invalid(f"{file} is damaged and was not used: {why}. Take another backup.")


_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError)
"""What comes up when something in an archive is read that is not as it was put there."""
_UNREADABLE = (*_BROKEN, KeyError, ValueError, TypeError, AttributeError, OSError)
"""The same of its outline and its manifest, which may be anything."""


def _no_backup(file: Path, error: Exception) -> Invalid:
    return damaged(file, f"it is no whole backup of this server ({type(error).__name__})")


def blocks(archive: zipfile.ZipFile, member: str) -> Iterator[bytes]:
    """A member, block by block. Raises BadZipFile where there is none."""
    if member not in archive.NameToInfo:
        raise zipfile.BadZipFile(f"{member} is missing")
    with archive.open(member) as content:
        while block := content.read(BLOCK):
            yield block


def _manifest(text: bytes) -> Manifest:
    document = orjson.loads(text)
    if document.pop("format") != FORMAT:
        raise ValueError
    tables = tuple(
        TableCopy(**{**table, "columns": tuple(table["columns"]), "key": tuple(table["key"])})
        for table in document.pop("tables")
    )
    return Manifest(**document, tables=tables)
