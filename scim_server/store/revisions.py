"""At which revision of the schema a database is. Alembic knows too, but a server that runs need not load it."""

from functools import cache
from importlib.resources import files

from sqlalchemy import Connection, inspect, text

from scim_server.store.databases import Database
from scim_server.store.walls import OPERATOR

_TABLE = "alembic_version"
_REVISION = text(f"SELECT version_num FROM {_TABLE}")  # noqa: S608 a name of ours


def is_current(database: Database) -> bool:
    """Whether the database is at the newest revision. Raises Unavailable where it cannot be reached."""
    with database.read(OPERATOR) as connection:
        return revision_of(connection) == newest()


def revision_of(connection: Connection) -> str | None:
    """The revision that the schema is at; None where there is no schema yet."""
    revision: str | None = connection.scalar(_REVISION) if inspect(connection).has_table(_TABLE) else None
    return revision


@cache
def newest() -> str:
    """The newest revision this version knows: scripts have it in their names, as `m0014_log_partitions.py`."""
    scripts = (files("scim_server.store") / "migrations" / "versions").iterdir()
    return max(script.name[1:5] for script in scripts if script.name.startswith("m0"))
