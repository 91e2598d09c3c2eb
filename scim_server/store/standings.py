"""How people stand, as conditions on the table of users: what `domain.directory.standing` says of one person."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Table, and_, false, not_, or_, select

from scim_server.domain.directory import Status
from scim_server.domain.instants import Instant
from scim_server.domain.seats import SeatState
from scim_server.store.tables import claims, grants, seats, sightings, users

_MAY_HOLD = and_(users.c.active.is_(True), users.c.blocked_for.is_(None))


def has(table: Table, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a row of the table that meets the conditions is the person's."""
    mine = (table.c.tenant_id == users.c.tenant_id, table.c.user_id == users.c.id)
    return select(table.c.user_id).where(*mine, *conditions).correlate(users).exists()


def stands(status: Status, idle_before: Instant | None) -> Iterator[ColumnElement[bool]]:
    """What a row must meet for the status; `idle_before` is None where sign-ins do not matter."""
    if status is Status.DELETED:
        yield false()
    elif status is Status.SUSPENDED:
        yield not_(_MAY_HOLD)
    elif status in {Status.WAITING, Status.UNASSIGNED}:
        yield from (_MAY_HOLD, not_(has(grants)), not_(has(seats, seats.c.state != SeatState.WAITING.value)))
        yield has(claims) if status is Status.WAITING else not_(has(claims))
    else:
        yield _MAY_HOLD
        yield or_(has(grants), has(seats, seats.c.state != SeatState.WAITING.value))
        yield from _presence(status, idle_before)


def _presence(status: Status, idle_before: Instant | None) -> Iterator[ColumnElement[bool]]:
    if idle_before is None:
        if status is not Status.ACTIVE:
            yield false()
    elif status is Status.INVITED:
        yield not_(has(sightings))
    elif status is Status.INACTIVE:
        yield has(sightings, sightings.c.last_seen < idle_before)
    else:
        yield has(sightings, sightings.c.last_seen >= idle_before)
