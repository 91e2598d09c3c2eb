"""What a database says of itself: its clock, its settings, who is logged in, and where it lies."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, text

from scim_server.store.databases import Database
from scim_server.store.walls import OPERATOR, ROLE

SETTINGS = (
    "autovacuum",
    "fsync",
    "full_page_writes",
    "max_connections",
    "reserved_connections",
    "server_version_num",
    "superuser_reserved_connections",
    "synchronous_commit",
)
PRAGMAS = ("journal_mode", "synchronous")

_CLOCK = text("SELECT extract(epoch FROM clock_timestamp())")
_SETTINGS = text("SELECT name, setting FROM pg_settings WHERE name = ANY (CAST(:names AS text[]))")
_STATE = text(
    "SELECT (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()) AS encrypted, "
    "coalesce(host(inet_server_addr()) IN ('127.0.0.1', '::1'), true) AS is_local, "
    "(SELECT max(age(datfrozenxid)) FROM pg_database) AS age"
)
_LOGIN = text(
    "SELECT session_user AS name, current_user = :role AS takes_role, "
    "coalesce((SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = session_user), false) AS is_above, "
    "(SELECT bool_and(proleakproof) FROM pg_proc WHERE oid = ANY "
    '(CAST(\'{"jsonb_contains(jsonb,jsonb)","textlike(text,text)"}\' AS regprocedure[]))) AS sees_through'
)
_FOLDER = text("SELECT setting FROM pg_settings WHERE name = 'data_directory'")
_SIZE = text("SELECT pg_database_size(current_database())")


@dataclass(frozen=True, slots=True)
class Clock:
    """By how many seconds the database's clock is ahead of this machine's, give or take `doubt`."""

    ahead: float
    doubt: float


@dataclass(frozen=True, slots=True)
class Server:
    """PostgreSQL: its `settings` as this login has them, whether the way there is encrypted or local, and how many
    transactions ago its oldest rows were frozen."""

    settings: Mapping[str, str]
    encrypted: bool
    local: bool
    age: int

    @property
    def room(self) -> int:
        """Connections that are not set aside for superusers."""
        reserved = ("superuser_reserved_connections", "reserved_connections")
        return int(self.settings["max_connections"]) - sum(int(self.settings.get(name, 0)) for name in reserved)


@dataclass(frozen=True, slots=True)
class Login:
    """Who is logged in, whether it `takes_role` that the walls hold, whether it `is_above` them by itself, and whether
    the functions that indexes need are leakproof."""

    name: str
    takes_role: bool
    is_above: bool
    sees_through: bool


@dataclass(frozen=True, slots=True)
class Place:
    """The folder of a cluster, and how many bytes the database takes there."""

    folder: str
    size: int


def clock(database: Database, now: Callable[[], float]) -> Clock:
    """PostgreSQL's clock beside this machine's, `now` in seconds since 1970."""
    with database.read(OPERATOR) as connection:
        connection.execute(_CLOCK).scalar()  # whatever a first statement takes longer is no doubt
        before = now()
        there = float(connection.execute(_CLOCK).scalar() or 0)
        behind = now()
    return Clock(there - (before + behind) / 2, (behind - before) / 2)


def server(database: Database) -> Server:
    """What PostgreSQL says."""
    with database.read(OPERATOR) as connection:
        rows = connection.execute(_SETTINGS, {"names": list(SETTINGS)}).mappings().all()
        state = connection.execute(_STATE).mappings().all()[0]
    settings = {row["name"]: row["setting"] for row in rows}
    return Server(settings, bool(state["encrypted"]), state["is_local"], state["age"])


def login(connection: Connection) -> Login:
    """Who this connection is."""
    found = connection.execute(_LOGIN, {"role": ROLE}).mappings().all()[0]
    return Login(found["name"], found["takes_role"], found["is_above"], bool(found["sees_through"]))


def place(database: Database) -> Place | None:
    """Where PostgreSQL lies, if this login may know."""
    with database.read(OPERATOR) as connection:
        folder = connection.execute(_FOLDER).scalar()
        return None if folder is None else Place(folder, int(connection.execute(_SIZE).scalar() or 0))


def pragmas(database: Database) -> dict[str, str]:
    """What SQLite says, of a connection as all others are."""
    with database.read(OPERATOR) as connection:
        return {name: str(connection.exec_driver_sql(f"PRAGMA {name}").scalar()) for name in PRAGMAS}
