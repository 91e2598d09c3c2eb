"""How subscriptions are used day by day: written down every so often, and read with today as it is."""

from functools import cache
from typing import Any

from sqlalchemy import Connection, Insert, Select, bindparam, case, func, select
from sqlalchemy.dialects import postgresql, sqlite

from scim_server.domain.instants import Instant
from scim_server.domain.seats import SeatState
from scim_server.store.scopes import Scope
from scim_server.store.tables import BYTES, seat_uses, seats, subscriptions

KEY = ("tenant_id", "product", "day")
_SEEN = ("seats", "assigned", "held", "waiting")
TODAY = bindparam("today", type_=BYTES)
_HELD = (
    select(func.count())
    .where(
        seats.c.tenant_id == subscriptions.c.tenant_id,
        seats.c.product == subscriptions.c.product,
        seats.c.state == SeatState.HELD.value,
    )
    .correlate(subscriptions)
    .scalar_subquery()
)
USED_NOW: Select[Any] = select(
    subscriptions.c.tenant_id,
    subscriptions.c.product,
    TODAY.label("day"),
    subscriptions.c.seats,
    subscriptions.c.assigned,
    _HELD.label("held"),
    subscriptions.c.waiting,
    subscriptions.c.assigned.label("peak"),
).where(subscriptions.c.seats >= 0)
"""Every subscription as it is used at this moment, as a row of today. The condition, which holds for all, keeps SQLite
from taking the ON CONFLICT that follows for a part of the query."""

_ONE = (subscriptions.c.tenant_id == bindparam("tenant"), subscriptions.c.product == bindparam("of_product"))


def note(connection: Connection, now: Instant) -> int:
    """Write down how every subscription of every tenant is used on the day of `now`, by one statement."""
    statement = _note(connection.dialect.name == "sqlite", one=False)
    counting = {"preserve_rowcount": True}
    return connection.execute(statement, {"today": day_of(now)}, execution_options=counting).rowcount


def note_one(scope: Scope, product: str, now: Instant) -> None:
    """Write down the same of one subscription."""
    scope.run(_note(scope.is_sqlite, one=True), of_product=product, today=day_of(now))


def day_of(moment: Instant) -> str:
    """The day of a moment, in UTC."""
    return moment.partition("T")[0]


@cache
def _note(is_sqlite: bool, *, one: bool) -> Insert:
    insert = (sqlite if is_sqlite else postgresql).insert(seat_uses)
    statement = insert.from_select([*KEY, *_SEEN, "peak"], USED_NOW.where(*_ONE) if one else USED_NOW)
    seen = statement.excluded
    peak = case((seen.peak > seat_uses.c.peak, seen.peak), else_=seat_uses.c.peak)
    upsert: Insert = statement.on_conflict_do_update(
        index_elements=list(KEY), set_={**{name: seen[name] for name in _SEEN}, "peak": peak}
    )
    return upsert
