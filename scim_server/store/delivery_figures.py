"""What metrics say of webhooks in a database: how they do, how far they are behind, and what is parked or given up."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, case, func, literal, literal_column, or_, select, union_all

from scim_server.domain.instants import Instant, seconds_since
from scim_server.domain.streams import Delivery
from scim_server.domain.webhooks import WEBHOOK
from scim_server.store.shared_pauses import IN_TURN
from scim_server.store.tables import (
    deliveries,
    event_positions,
    operator_webhooks,
    outbox,
    tenants,
    webhook_cursors,
    webhooks,
)
from scim_server.telemetry import catalogue
from scim_server.telemetry.metrics import Figure

MOST_LOOKED_AT = 10_000
"""Of events that are not yet on their way, that are parked, and that are dead letters: more are no more news."""
STATES = ("working", "failing", "off")
OWNERS = ("tenant", "operator")
RECEIVERS = (*(("tenant", each) for each in (WEBHOOK, *map(str, Delivery))), ("operator", WEBHOOK))
"""Whose they are, and how they are told."""

_CURSOR, _ABOVE = webhook_cursors.c, operator_webhooks.c
_HERE = (tenants.c.id == _CURSOR.tenant_id) & (tenants.c.cell == bindparam("cell"))
_BEHIND = func.sum(func.coalesce(event_positions.c.last, 0) - _CURSOR.position)


def _state(stopped: ColumnElement[Any], failing: ColumnElement[Any]) -> ColumnElement[str]:
    return case((stopped.is_not(None), "off"), (failing.is_not(None), "failing"), else_="working")


_OWN_STATE = _state(webhooks.c.stopped, _CURSOR.failing).label("state")
_OF_TENANTS = (
    select(
        literal("tenant").label("owner"),
        webhooks.c.protocol,
        _OWN_STATE,
        func.count().label("number"),
        _BEHIND.label("behind"),
    )
    .select_from(webhook_cursors)
    .join(tenants, _HERE)
    .join(webhooks, (webhooks.c.tenant_id == _CURSOR.tenant_id) & (webhooks.c.id == _CURSOR.webhook_id))
    .outerjoin(event_positions, event_positions.c.tenant_id == _CURSOR.tenant_id)
    .where(_CURSOR.operator_id.is_(None))
    .group_by(webhooks.c.protocol, _OWN_STATE)
)
_ABOVE_STATE = _state(_ABOVE.stopped, _ABOVE.failing).label("state")
_OF_OPERATOR = (
    select(literal("operator"), literal(WEBHOOK), _ABOVE_STATE, func.count(), literal(0))
    .where(_ABOVE.removed.is_(False))
    .group_by(_ABOVE_STATE)
)
_OPERATOR_BEHIND = (
    select(literal("operator"), literal(WEBHOOK), _ABOVE_STATE, literal(0), _BEHIND)
    .select_from(webhook_cursors)
    .join(tenants, _HERE)
    .join(operator_webhooks, _ABOVE.id == _CURSOR.operator_id)
    .outerjoin(event_positions, event_positions.c.tenant_id == _CURSOR.tenant_id)
    .group_by(_ABOVE_STATE)
)
_WEBHOOKS = union_all(_OF_TENANTS, _OF_OPERATOR, _OPERATOR_BEHIND)
_OLDEST_DUE = (
    select(func.min(_CURSOR.due))
    .join(tenants, _HERE)
    .where(
        _CURSOR.due <= bindparam("now"),
        or_(_CURSOR.lease.is_(None), _CURSOR.lease <= bindparam("now")),
        IN_TURN,
    )
)


def _counted(state: str) -> Any:
    """By the index of what is in that state."""
    found = (
        select(deliveries.c.tenant_id)
        .join(tenants, (tenants.c.id == deliveries.c.tenant_id) & (tenants.c.cell == bindparam("cell")))
        .where(deliveries.c.state == literal_column(f"'{state}'"))
        .limit(MOST_LOOKED_AT)
        .subquery()
    )
    return select(literal(state).label("state"), func.count().label("number")).select_from(found)


_KEPT_BACK = union_all(_counted("parked"), _counted("dead"))


_NEW = (
    select(outbox.c.at)
    .join(tenants, (tenants.c.id == outbox.c.tenant_id) & (tenants.c.cell == bindparam("cell")))
    .where(outbox.c.position.is_(None))
    .limit(MOST_LOOKED_AT)
    .subquery()
)
NEW_EVENTS = select(func.count().label("number"), func.min(_NEW.c.at).label("oldest"))
"""Those that have no position yet."""


def delays(connection: Connection, now: Instant, cell: str) -> tuple[float, float]:
    """For how many seconds the oldest event has waited for its position, and the webhook that is due the longest for
    somebody who sends."""
    event = connection.execute(NEW_EVENTS, {"cell": cell}).one().oldest
    due = connection.execute(_OLDEST_DUE, {"cell": cell, "now": now}).scalar()
    return seconds_since(event, now), seconds_since(due, now)


def figures_of_webhooks(connection: Connection, now: Instant, cell: str) -> Iterator[Figure]:
    """All of them, by three statements."""
    numbers = {(owner, state): 0 for owner in OWNERS for state in STATES}
    behind = dict.fromkeys(RECEIVERS, 0)
    for row in connection.execute(_WEBHOOKS, {"cell": cell}):
        numbers[row.owner, row.state] += row.number
        if row.state != "off":
            behind[row.owner, row.protocol] += max(0, int(row.behind or 0))
    for (owner, state), number in numbers.items():
        yield Figure(catalogue.WEBHOOKS.name, (cell, owner, state), number)
    for receivers, events in behind.items():
        yield Figure(catalogue.WEBHOOK_BEHIND.name, (cell, *receivers), events)
    oldest = connection.execute(_OLDEST_DUE, {"cell": cell, "now": now}).scalar()
    yield Figure(catalogue.WEBHOOK_AGE.name, (cell,), seconds_since(oldest, now))
    for row in connection.execute(_KEPT_BACK, {"cell": cell}):
        yield Figure(catalogue.KEPT_BACK.name, (cell, row.state), row.number)
