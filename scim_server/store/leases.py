"""Which process runs a chore: whoever moves the time of its row forward, and nobody else until then."""

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from scim_server.domain.instants import Instant
from scim_server.store.tables import chore_leases


def take(connection: Connection, name: str, now: Instant, until: Instant, *, early: bool) -> bool:
    """Move the row of `name` to `until` if its time has come, or all the same if `early`; whether it moved.

    Of several that try at once one finds the row as it was: the others wait for it and find the time moved.
    """
    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(chore_leases)
    connection.execute(insert.values(name=name, until=now).on_conflict_do_nothing())
    moved = update(chore_leases).where(chore_leases.c.name == name)
    if not early:
        moved = moved.where(chore_leases.c.until <= now)
    return connection.execute(moved.values(until=until)).rowcount == 1


def all_leases(connection: Connection) -> dict[str, Instant]:
    """Every chore's time by name."""
    return {row.name: row.until for row in connection.execute(select(chore_leases))}
