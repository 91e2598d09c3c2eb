"""How people stand, as conditions on the table of users: what `domain.directory.standing` says of one person.

What few people meet is looked up by an index of its own or worked out of whole tables; what many may meet is asked of
each person in turn, as a page ends with the last that fits.
"""

from collections.abc import Iterator

from sqlalchemy import Boolean, ColumnElement, Select, Table, and_, false, literal_column, not_, or_, select

from scim_server.domain.directory import Status
from scim_server.domain.instants import Instant
from scim_server.domain.seats import SeatState
from scim_server.store.tables import claims, grants, seats, sightings, users

_MAY_HOLD = and_(users.c.active.is_(True), users.c.blocked_for.is_(None))
_COUNTS = seats.c.state != SeatState.WAITING.value
_SUSPENDED = literal_column("(NOT users.active OR users.blocked_for IS NOT NULL)", Boolean())
_UNSEEN = literal_column("NOT users.seen", Boolean())
"""Both in the words of their index: a bound value would hide it from the database."""


def has(table: Table, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a row of the table that meets the conditions is the person's."""
    return _theirs(table, *conditions).exists()


def _has_each(table: Table, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """The same, asked of one person after the other: the offset keeps PostgreSQL from reading the whole table first."""
    return _theirs(table, *conditions).offset(0).exists()


def _theirs(table: Table, *conditions: ColumnElement[bool]) -> Select[tuple[str]]:
    mine = (table.c.tenant_id == users.c.tenant_id, table.c.user_id == users.c.id)
    return select(table.c.user_id).where(*mine, *conditions).correlate(users)


def stands(status: Status, idle_before: Instant | None) -> Iterator[ColumnElement[bool]]:
    """What a row must meet for the status; `idle_before` is None where sign-ins do not matter."""
    if status is Status.DELETED:
        yield false()
    elif status is Status.SUSPENDED:
        yield _SUSPENDED
    elif status in {Status.WAITING, Status.UNASSIGNED}:
        yield and_(_MAY_HOLD, not_(has(grants)), not_(has(seats, _COUNTS)))
        yield has(claims) if status is Status.WAITING else not_(has(claims))
    else:
        yield _MAY_HOLD
        yield or_(_has_each(grants), _has_each(seats, _COUNTS))
        yield from _presence(status, idle_before)


def _presence(status: Status, idle_before: Instant | None) -> Iterator[ColumnElement[bool]]:
    if idle_before is None:
        if status is not Status.ACTIVE:
            yield false()
    elif status is Status.INVITED:
        yield _UNSEEN
    elif status is Status.INACTIVE:
        yield has(sightings, sightings.c.last_seen < idle_before)
    else:
        yield has(sightings, sightings.c.last_seen >= idle_before)
