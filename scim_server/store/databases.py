"""One database, SQLite or PostgreSQL, with the same answers from both (design section 5).

Reads on PostgreSQL are one round trip each, in a transaction of their own; writes on SQLite take a lock per process
and a file lock beside the database around BEGIN IMMEDIATE, because SQLite's own waiting is unfair.

Whoever opens a connection says whom it reaches: a tenant by its id, two of them with a comma between, or OPERATOR.
PostgreSQL holds it to that (`store/walls.py`).

A database that is one of several cells lets a tenant write as long as the tenant lives there: each transaction shares
a lock of the tenant, which whoever moves the tenant away takes alone (`store/moves.py`).
"""

import fcntl
import os
import select
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Connection, Engine, Text, create_engine, event, make_url, text
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DBAPIError,
    DisconnectionError,
    IntegrityError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout

from scim_server.domain.cells import Whereabouts
from scim_server.domain.errors import Contention, Unavailable
from scim_server.store.file_lines import FileLine
from scim_server.store.limits import LIMITS, Limits
from scim_server.store.poolers import PARAMETER, Pooler, pooler_of
from scim_server.store.repertoires import JSON_WAYS
from scim_server.store.troubles import lock_trouble, trouble
from scim_server.store.vaults import Vault
from scim_server.store.walls import OPERATOR, ROLE
from scim_server.telemetry.catalogue import POOL_TIMEOUTS

if TYPE_CHECKING:
    from scim_server.store.replicas import Replicas

BUSY_TIMEOUT = 30.0
"""Seconds a SQLite connection waits for another one's lock."""
PREPARED = 500
"""Statements that a SQLite connection keeps prepared."""
CONNECT_TIMEOUT = 5
"""Seconds to wait for PostgreSQL to answer a new connection."""
LOST_RACES = frozenset({"40001", "40P01", "55P03"})
"""SQLSTATE of serialization failure, deadlock and a lock that could not be had in time."""


class BadDatabaseUrl(ValueError):
    """The URL is none of a database this server runs on."""


class Elsewhere(Exception):
    """A tenant does not live here. `found` is what this database says of where it does, None where it knows nothing."""

    def __init__(self, tenant_id: str, found: Whereabouts | None) -> None:
        super().__init__(tenant_id)
        self.tenant_id = tenant_id
        self.found = found


class Database:
    """An engine and how to read and write with it. `vault` seals what is stored to be read again; `limits` are of
    searches.

    `cell` is its name among several databases that tenants live in, None where it is the only one. `replicas` follow it
    and answer lists and reports in its place.
    """

    replicas: "Replicas | None" = None

    def __init__(
        self, url: str, pool_size: int = 5, vault: Vault | None = None, limits: Limits = LIMITS, cell: str | None = None
    ) -> None:
        self.vault = vault or Vault()
        self.limits = limits
        self.cell = cell
        try:
            parsed = make_url(url)
        except ArgumentError as error:
            raise BadDatabaseUrl("not a database URL") from error
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if not self.is_sqlite and parsed.get_backend_name() != "postgresql":
            raise BadDatabaseUrl("neither sqlite:///FILE nor postgresql://USER@HOST/NAME")
        if self.is_sqlite and parsed.database in {None, "", ":memory:"}:
            raise BadDatabaseUrl("SQLite needs a file: sqlite:///FILE")
        if self.is_sqlite:
            self.engine = _sqlite_engine(url, pool_size)
            self._writer: Any = _WriterLock(Path(f"{parsed.database}.lock"))
        else:
            self.engine = _postgresql_engine(parsed, pool_size)
            self._writer = None

    @contextmanager
    def read(self, reach: str) -> Iterator[Connection]:
        """A connection to read with. Raises Unavailable where the database cannot be reached."""
        with _translated(), self._connection(reach, writes=False) as connection:
            yield connection

    @contextmanager
    def browse(self, tenant_id: str) -> Iterator[Connection]:
        """The same for a list or a report of a tenant, which a replica may answer."""
        opened = self.read(tenant_id) if self.replicas is None else self.replicas.browse(self, tenant_id)
        with _translated(), opened as connection:
            yield connection

    @contextmanager
    def write(self, reach: str, residents: Sequence[str] | None = None) -> Iterator[Connection]:
        """A connection in a transaction, rolled back unless the caller commits it.

        In a cell the `residents`, tenants by their ids, live there until it is over: whom it reaches, if nothing else
        is said. Raises Elsewhere where one does not.
        """
        with _translated(), self._writer or nullcontext(), self._connection(reach, writes=True) as connection:
            named = () if reach == OPERATOR else reach.split(",")
            self._hold(connection, named if residents is None else residents)
            yield connection

    def _hold(self, connection: Any, residents: Sequence[str]) -> None:
        """Keep the tenants from moving away, and see whether they did, in one round trip."""
        if self.cell is None or not residents:
            return
        ids = {"ids": sorted(residents)}
        _, staying = connection.together((_STAY, ids), (_STAYING, ids))
        found = {row["id"]: Whereabouts(row["cell"], row["moved"]) for row in staying.mappings()}
        for tenant_id in residents:
            if tenant_id not in found or found[tenant_id].cell != self.cell:
                raise Elsewhere(tenant_id, found.get(tenant_id))

    @contextmanager
    def snapshot(self, reach: str) -> Iterator[Connection]:
        """A connection to read with, as of one moment however many statements it takes."""
        with _translated(), self._snapshot(reach) as connection:
            yield connection

    def _snapshot(self, reach: str) -> Connection:
        if self.is_sqlite:
            return FileLine(self.engine, reach, writes=False, as_of_one_moment=True)
        from scim_server.store.lines import SNAPSHOT, Line

        return Line(self.engine, reach, writes=True, begin=SNAPSHOT)

    def whereabouts(self, tenant_id: str) -> Whereabouts | None:
        """Where this database says that the tenant lives."""
        with self.read(tenant_id) as connection:
            found = connection.execute(_WHEREABOUTS, {"tenant": tenant_id}).mappings().first()
        return None if found is None else Whereabouts(found["cell"], found["moved"])

    def _connection(self, reach: str, *, writes: bool) -> Connection:
        if self.is_sqlite:
            return FileLine(self.engine, reach, writes=writes)
        # Imported here because an installation over SQLite need not have the driver.
        from scim_server.store.lines import Line

        return Line(self.engine, reach, writes=writes)

    @contextmanager
    def exclusive(self) -> Iterator[Connection]:
        """A write by the owner of the tables that no other process makes at the same time, for migrations.

        Who connects from then on has the role of the application, whether or not there was one before.
        """
        with self.write(OPERATOR, ()) as connection:
            if not self.is_sqlite:
                connection.exec_driver_sql("SET LOCAL ROLE NONE")
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7264837462)")
            yield connection
        self.dispose()

    def connections(self) -> tuple[int, int]:
        """How many this process has in use, and how many it keeps besides."""
        pool: Any = self.engine.pool
        return pool.checkedout(), pool.checkedin()

    def scrub(self) -> None:
        """Empty the write-ahead log of SQLite, where pages lie as they were; busy readers keep theirs."""
        if self.is_sqlite:
            with _translated(), closing(self.engine.raw_connection()) as connection:
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def copy_to(self, file: Path) -> None:
        """Make a file of what is in that of SQLite at this moment; nobody waits for it."""
        with _translated(), closing(self.engine.raw_connection()) as here, closing(sqlite3.connect(file)) as there:
            driver: Any = here.driver_connection
            driver.backup(there)
            there.execute("PRAGMA journal_mode = DELETE")  # all of it in one file

    def become(self, file: Path) -> None:
        """Have SQLite hold what is in another file, in one step, for whoever is connected as well."""
        with (
            _translated(),
            self._writer,
            closing(self.engine.raw_connection()) as here,
            closing(sqlite3.connect(file)) as there,
        ):
            driver: Any = here.driver_connection
            there.backup(driver)

    def dispose(self) -> None:
        """Close every idle connection."""
        self.engine.dispose()
        if self._writer is not None:
            self._writer.close()
        if self.replicas is not None:
            self.replicas.dispose()


@contextmanager
def reaching_all(connection: Connection) -> Iterator[None]:
    """Lift the wall of a transaction that has begun, for the statements of the block.

    For what concerns all tenants and tells nothing of any.
    """
    if connection.dialect.name != "postgresql":
        yield
        return
    line: Any = connection
    driver = line.connection.driver_connection
    driver.execute(REACH, (OPERATOR,))
    yield
    driver.execute(REACH, (line.reach,))


CUT = "cut"
"""Where a connection notes whether the large tables are in partitions by tenant (`store/tenant_partitions.py`)."""
IS_CUT = "SELECT relkind = 'p' FROM pg_class WHERE oid = to_regclass('users')"
REACH = "SELECT set_config('scim.tenant', %s, true)"
REACH_IN_ROLE = f"{REACH}, set_config('role', '{ROLE}', true)"
TIMEOUT = "SELECT set_config('statement_timeout', %s, true)"
RESIDENCE = 7264837463
"""The advisory lock that whoever writes for a tenant shares has this number, moved by a hash of the tenant's id."""
_STAY = text(
    f"SELECT count(pg_advisory_xact_lock_shared({RESIDENCE} + hashtext(id))) "  # noqa: S608 a number of ours
    "FROM unnest(CAST(:ids AS text[])) AS id"
)
_STAYING = text("SELECT id, cell, moved FROM tenants WHERE id = ANY (CAST(:ids AS text[]))").columns(
    id=Text(), cell=Text(), moved=Text()
)
_WHEREABOUTS = text("SELECT cell, moved FROM tenants WHERE id = :tenant").columns(cell=Text(), moved=Text())

_SHARED: dict[str, Any] = {**JSON_WAYS, "hide_parameters": True}
"""What both engines have in common. Parameters are people's data and stay out of messages."""


def _postgresql_engine(given: URL, pool_size: int) -> Engine:
    try:
        url, pooler = pooler_of(given)
    except ValueError as error:
        raise BadDatabaseUrl(f"its {PARAMETER} is to be one of {', '.join(Pooler)}") from error
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_reset_on_return=None,  # whoever gives a connection back has ended what was open in it
        connect_args=({} if "connect_timeout" in url.query else {"connect_timeout": CONNECT_TIMEOUT})
        | {"prepare_threshold": None},  # the driver's own prepared statements end with all others
        **_SHARED,
    )

    @event.listens_for(engine, "checkout")
    def refuse_closed(dbapi_connection: Any, _record: Any, _proxy: Any) -> None:
        """An idle server says nothing, unless it says goodbye: asking the socket spares asking the server."""
        poll = select.poll()
        poll.register(dbapi_connection.fileno(), select.POLLIN)
        if poll.poll(0):
            raise DisconnectionError("the server closed the connection")

    @event.listens_for(engine, "connect")
    def welcome(dbapi_connection: Any, record: Any) -> None:
        pooler.welcome(dbapi_connection, record.info)

    @event.listens_for(engine, "connect")
    def look_for_partitions(dbapi_connection: Any, record: Any) -> None:
        record.info[CUT] = dbapi_connection.execute(IS_CUT).fetchone() == (True,)
        dbapi_connection.commit()

    @event.listens_for(engine, "do_execute")
    def read_within_reach(cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
        """A read is a transaction of its own, all of it in one round trip.

        What is sent in one pipeline is one transaction without being told (PostgreSQL, section "Pipelining"); to tell
        costs a quarter more.
        """
        driver = cursor.connection
        if not driver.autocommit:
            return False
        line = context.root_connection
        deadline = line.deadline
        with driver.pipeline():
            driver.execute(REACH_IN_ROLE if line.takes_role else REACH, (line.reach,))
            if deadline is not None:
                driver.execute(TIMEOUT, (milliseconds_until(deadline),))
            cursor.execute(statement, parameters)
        return True

    return engine


def milliseconds_until(deadline: float) -> str:
    """What is left until a moment; at least one, for none at all would be no limit."""
    return str(max(1, int(1000 * (deadline - time.monotonic()))))


_SETTINGS = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "wal_autocheckpoint = 4000")
"""Of every connection to SQLite. A new person changes 55 pages, many the same as the one before: copied into the
database after 16 MB instead of 4, they are copied less often, and creates wait a fifth less for the disk."""


def _sqlite_engine(url: str, pool_size: int) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=-1,
        pool_reset_on_return=None,  # whoever gives a connection back has ended what was open in it
        connect_args={"timeout": BUSY_TIMEOUT, "isolation_level": None, "cached_statements": PREPARED},
        **_SHARED,
    )

    database = engine.url.database or ""
    path = Path(database)
    found_before = threading.Event()

    @event.listens_for(engine, "do_connect")
    def refuse_to_begin_anew(*_: Any) -> None:
        """SQLite makes a missing file; a database that has just been moved away is not an empty one.

        A new file is the owner's alone: people's data and the digests of tokens lie in it.
        """
        if path.exists():
            return
        if found_before.is_set():
            raise sqlite3.OperationalError("the database file is gone")
        if path.parent.is_dir():
            path.touch(mode=0o600)

    @event.listens_for(engine, "checkout")
    def refuse_replaced(_connection: Any, record: Any, _proxy: Any) -> None:
        """An open file lives on under another name, where nobody would look for what is written to it."""
        if record.info["file"] != _identity(database):
            raise DisconnectionError("the database file was moved or replaced")

    @event.listens_for(engine, "connect")
    def configure(dbapi_connection: Any, record: Any) -> None:
        record.info["file"] = _identity(database)
        found_before.set()
        for setting in _SETTINGS:
            dbapi_connection.execute(f"PRAGMA {setting}")

    return engine


def _identity(path: str) -> tuple[int, int] | None:
    """Which file lies at `path`, if any."""
    try:
        found = os.stat(path)  # each request asks, and a Path would take twice the time
    except OSError:
        return None
    return found.st_dev, found.st_ino


class _WriterLock:
    """One writer at a time: among the threads of this process, then among the processes of this machine.

    The lock of a file is shared with whoever inherits the open file: a process that was forked opens its own.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = threading.Lock()
        self._file: int | None = None
        self._pid = os.getpid()

    def close(self) -> None:
        """Close the file unless a thread is writing; the next one opens it again."""
        if self._threads.acquire(blocking=False):
            self._close()
            self._threads.release()

    def _close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def __enter__(self) -> None:
        self._threads.acquire()
        try:
            self._lock_file()
        except OSError as error:
            self._threads.release()
            raise lock_trouble(error) from error
        except BaseException:
            self._threads.release()
            raise

    def _lock_file(self) -> None:
        if self._pid != os.getpid():
            self._close()
        if self._file is None:
            self._pid = os.getpid()
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)
        self._threads.release()


@contextmanager
def _translated() -> Iterator[None]:
    """Database trouble in the words of the domain; a broken constraint passes, its owner knows what it means."""
    try:
        yield
    except IntegrityError:
        raise
    except PoolTimeout as error:
        POOL_TIMEOUTS.add()
        raise Unavailable("every database connection is busy") from error
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) in LOST_RACES:
            raise Contention("lost against another transaction") from error
        if (found := trouble(error.orig)) is not None:
            raise found from error
        if error.connection_invalidated or isinstance(error, OperationalError) or type(error) is DatabaseError:
            raise Unavailable(f"the database cannot be reached: {_first_line(error.orig)}") from error
        raise
    except sqlite3.Error as error:
        if (found := trouble(error)) is not None:
            raise found from error
        raise


def _first_line(error: BaseException | None) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
