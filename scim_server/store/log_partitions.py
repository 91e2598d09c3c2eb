"""The provisioning log's partitions on PostgreSQL, each of which goes as a whole once all of it is too old.

The log is partitioned by `id`: a UUIDv7 begins with its moment, so the key that the tenant leads (tenant_id, id) needs
no column more, a look-up by id reads one partition, and so does whoever looks for some hours. A partition lasts for a
thirtieth of the retention, at least a day (`services/provisioning_logs.py`). What no partition is there for, such as
old entries of a tenant that has moved here, goes into `provisioning_log_default`: no entry is ever refused for want of
a partition.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection

from scim_server.domain.instants import Instant
from scim_server.services.log_entries import earliest_id
from scim_server.store.walls import wall

AHEAD = timedelta(days=3)
"""For how long there are partitions already, so that a server may rest over a weekend."""
DAY = timedelta(days=1)
PATIENCE = "200ms"
"""How long writers may have to wait behind whoever makes or drops a partition, until that one gives up for now."""
DEFAULT = "provisioning_log_default"

_MAY = """
SELECT relkind = 'p' AND pg_has_role(session_user, relowner, 'USAGE')
FROM pg_class WHERE oid = to_regclass('provisioning_log')
"""
"""Whether there is a log in partitions, which the login owns."""
_ALONE = "SELECT pg_advisory_xact_lock(7264837461)"
_PARTITIONS = r"""
SELECT relname, substring(pg_get_expr(relpartbound, pg_class.oid) FROM $$TO \('(.+)'\)$$) AS ends
FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid WHERE inhparent = to_regclass('provisioning_log')
"""
_NEWEST_APART = f"SELECT max(id) FROM {DEFAULT} WHERE id >= '{{begins}}' AND id < '{{ends}}'"  # noqa: S608 ids of ours
_MAKE = (
    "CREATE TABLE {name} (LIKE provisioning_log INCLUDING DEFAULTS)",
    "ALTER TABLE provisioning_log ATTACH PARTITION {name} FOR VALUES FROM ('{begins}') TO ('{ends}')",
)


def extend(connection: Connection, now: Instant, lasting: timedelta) -> bool:
    """Make the partitions that the next days need; False where the log has none, or the login does not own it.

    The transaction goes on as the owner. Locks that cannot be had at once are Contention.
    """
    connection.exec_driver_sql("SET LOCAL ROLE NONE")
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{PATIENCE}'")
    if not connection.exec_driver_sql(_MAY).scalar():
        return False
    connection.exec_driver_sql(_ALONE)
    today = date.fromisoformat(now[:10])
    begins = max([today, *(_day_of(ends) for _, ends in _partitions(connection))])
    while begins <= today + AHEAD:
        begins = _make(connection, begins, lasting)
    return True


def drop(connection: Connection, before: str) -> None:
    """Drop the partitions that hold nothing but ids below `before`, once the transaction is the owner's."""
    for name, ends in _partitions(connection):
        if ends <= before:
            connection.exec_driver_sql(f"DROP TABLE {name}")


def _partitions(connection: Connection) -> Iterator[tuple[str, str]]:
    """Each by its name, and the id that it ends before."""
    found = connection.exec_driver_sql(_PARTITIONS).all()
    return ((name, ends) for name, ends in found if ends is not None)


def _make(connection: Connection, first: date, lasting: timedelta) -> date:
    """Make the partition that begins with a day; answers the day that it ends before.

    Beside the log until it is whole, so that nobody who writes meanwhile waits. Days of which the default partition has
    entries already are left to it.
    """
    last = first + max(lasting, DAY)
    bounds = {"begins": _id_of(first), "ends": _id_of(last)}
    connection.exec_driver_sql(f"LOCK TABLE {DEFAULT} IN ACCESS EXCLUSIVE MODE")
    newest_apart = connection.exec_driver_sql(_NEWEST_APART.format(**bounds)).scalar()
    if newest_apart is not None:
        return _day_of(newest_apart) + DAY
    name = f"provisioning_log_{first:%Y%m%d}"
    make, attach = (statement.format(name=name, **bounds) for statement in _MAKE)
    connection.exec_driver_sql(make)
    wall(connection, name, "tenant_id")
    connection.exec_driver_sql(attach)
    return last


def _id_of(day: date) -> str:
    return earliest_id(datetime.combine(day, time(), UTC).isoformat())


def _day_of(request_id: str) -> date:
    milliseconds = int(request_id[:13].replace("-", ""), 16)
    return datetime.fromtimestamp(milliseconds / 1000, UTC).date()
