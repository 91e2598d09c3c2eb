"""The relay's side of the outbox: events that are committed get their positions, and go when they are old.

Numbers of one subject are given under a lock that is held until the commit, so whoever sees one of them sees all before
it: to take each subject's events in the order of their numbers leaves none behind.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Text, bindparam, delete, func, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from scim_server.domain.instants import Instant
from scim_server.domain.streams import Delivery
from scim_server.store.databases import RESIDENCE
from scim_server.store.sets import among
from scim_server.store.tables import event_positions, outbox, webhook_cursors, webhooks

RELAYING = RESIDENCE + (1 << 33)
"""The advisory lock of whoever gives positions: far from those of tenants."""
_ALONE = "SELECT pg_try_advisory_xact_lock(%s)"
_NEXT = "SELECT tenant_id FROM outbox WHERE position IS NULL"
_WAITING = text(
    f"WITH RECURSIVE waiting (id) AS (SELECT ({_NEXT} ORDER BY tenant_id LIMIT 1) UNION ALL "  # noqa: S608 our own names
    f"SELECT ({_NEXT} AND tenant_id > waiting.id ORDER BY tenant_id LIMIT 1) FROM waiting WHERE id IS NOT NULL) "
    "SELECT tenants.id FROM waiting JOIN tenants ON tenants.id = waiting.id WHERE tenants.cell = :cell"
).columns(id=Text())
"""One step in the index for each tenant, however many events it has."""
_OF_TENANT = outbox.c.tenant_id == bindparam("tenant", type_=Text())
_PENDING = (
    select(outbox.c.id, outbox.c.subject, outbox.c.number)
    .where(_OF_TENANT, outbox.c.position.is_(None))
    .order_by(outbox.c.subject, outbox.c.number)
    .limit(bindparam("most"))
    .subquery("pending")
)
_MOMENT = func.max(_PENDING.c.id).over(partition_by=_PENDING.c.subject, order_by=_PENDING.c.number)
_ORDERED = select(_PENDING.c.id, _PENDING.c.number, _MOMENT.label("moment")).subquery("ordered")
"""Ids begin with their moments; one that is earlier than that of a lower number was made by a clock that is behind."""
_PLACED = select(
    _ORDERED.c.id, func.row_number().over(order_by=(_ORDERED.c.moment, _ORDERED.c.number)).label("place")
).subquery("placed")
_PLACE = (
    update(outbox).where(_OF_TENANT, outbox.c.id == _PLACED.c.id).values(position=_PLACED.c.place + bindparam("above"))
)
_LAST = select(event_positions.c.last).where(event_positions.c.tenant_id == bindparam("tenant"))


def _counting(dialect: Any) -> Any:
    counted = dialect.insert(event_positions)
    return counted.on_conflict_do_update(index_elements=["tenant_id"], set_={"last": counted.excluded.last})


_COUNT = {True: _counting(sqlite), False: _counting(postgresql)}
_SENT_TO = select(webhooks.c.id).where(
    webhooks.c.tenant_id == bindparam("tenant", type_=Text()),
    webhooks.c.stopped.is_(None),
    webhooks.c.protocol != Delivery.POLL.value,
)
_WAKE = (
    update(webhook_cursors)
    .where(
        webhook_cursors.c.tenant_id == bindparam("tenant", type_=Text()),
        webhook_cursors.c.failures == 0,
        or_(webhook_cursors.c.due.is_(None), webhook_cursors.c.due > bindparam("now")),
        webhook_cursors.c.webhook_id.in_(_SENT_TO),
    )
    .values(due=bindparam("now"))
)
"""Those that have nothing to do; one that rests is left alone, and so is one that fetches. Whoever finds nothing more
to do for one holds the counter (`event_logs.Events.hold`), so that it is woken by events that come at the same
moment."""
_OLDEST = (
    select(outbox.c.id)
    .where(_OF_TENANT, outbox.c.id < bindparam("before"), outbox.c.position.is_not(None))
    .order_by(outbox.c.id)
    .limit(bindparam("most"))
)
_FORGET = delete(outbox).where(_OF_TENANT, among(outbox.c.id))


def waiting_tenants(connection: Connection, cell: str) -> list[str]:
    """The ids of the tenants of the cell with events that have no position."""
    return list(connection.execute(_WAITING, {"cell": cell}).scalars())


def place(connection: Connection, tenant_ids: Iterable[str], now: Instant, most: int) -> int | None:
    """Give positions to the events of each tenant, so many at most, and wake its webhooks; answers how many got one.

    None where somebody else is at it, who holds the lock until the commit.
    """
    is_sqlite = connection.dialect.name == "sqlite"
    if not is_sqlite and not connection.exec_driver_sql(_ALONE, (RELAYING,)).scalar():
        return None
    return sum(_place(connection, tenant_id, now, most, is_sqlite=is_sqlite) for tenant_id in tenant_ids)


def _place(connection: Connection, tenant_id: str, now: Instant, most: int, *, is_sqlite: bool) -> int:
    last = connection.execute(_LAST, {"tenant": tenant_id}).scalar() or 0
    placed = connection.execute(_PLACE, {"tenant": tenant_id, "above": last, "most": most}).rowcount
    if placed:
        connection.execute(_COUNT[is_sqlite], {"tenant_id": tenant_id, "last": last + placed})
        connection.execute(_WAKE, {"tenant": tenant_id, "now": now})
    return placed


def forget(connection: Connection, tenant_id: str, before: str, most: int) -> int:
    """Remove the oldest events with positions and ids below `before`, so many at most; answers how many."""
    oldest = connection.execute(_OLDEST, {"tenant": tenant_id, "before": before, "most": most}).scalars().all()
    return connection.execute(_FORGET, {"tenant": tenant_id, "ids": oldest}).rowcount if oldest else 0
