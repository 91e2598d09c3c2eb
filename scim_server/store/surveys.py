"""What reports read: the next rows after a place in their order, each by one statement."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, case, func, or_, select, tuple_

from scim_server.domain.instants import Instant
from scim_server.domain.seats import Seat, SeatState
from scim_server.domain.sessions import Kind, Session
from scim_server.services.ports import Issue, SeatUse
from scim_server.store import rows
from scim_server.store.memberships import USERS_BELOW
from scim_server.store.rulebooks import issues_of
from scim_server.store.scopes import Scope
from scim_server.store.seat_uses import TODAY, USED_NOW, note_one
from scim_server.store.sessions import session_of
from scim_server.store.sets import among
from scim_server.store.tables import issues, members, seat_uses, seats, sessions, sightings, subscriptions, users

_TENANT: ColumnElement[Any] = bindparam("tenant")


def _beyond(*columns: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a row stands behind the place that is bound as place_0, place_1, ..."""
    places = [bindparam(f"place_{number}", type_=column.type) for number, column in enumerate(columns)]
    return tuple_(*columns) > tuple_(*places)


def _of_group(column: ColumnElement[Any]) -> ColumnElement[bool]:
    return column.in_(select(USERS_BELOW.subquery().c.member_id))


_UPCOMING = (
    select(sessions)
    .where(
        sessions.c.tenant_id == _TENANT,
        sessions.c.kind != Kind.RECORDING.value,
        sessions.c.starts >= bindparam("since"),
        sessions.c.starts <= bindparam("until"),
        _beyond(sessions.c.starts, sessions.c.id),
    )
    .order_by(sessions.c.starts, sessions.c.id)
    .limit(bindparam("most"))
)
_PEOPLE = (
    select(users.c.id)
    .where(users.c.tenant_id == _TENANT, users.c.id > bindparam("place_0"))
    .order_by(users.c.id)
    .limit(bindparam("most"))
)
_GROUPS = (
    select(members.c.member_id, members.c.group_id)
    .where(members.c.tenant_id == _TENANT, members.c.kind == "User", among(members.c.member_id))
    .order_by(members.c.member_id, members.c.group_id)
)
_HIGHEST = case((seat_uses.c.peak > subscriptions.c.assigned, seat_uses.c.peak), else_=subscriptions.c.assigned)
_DAYS = (
    select(seat_uses)
    .where(seat_uses.c.tenant_id == _TENANT, seat_uses.c.day < TODAY)
    .union_all(
        USED_NOW.with_only_columns(*list(USED_NOW.selected_columns)[:-1], _HIGHEST.label("peak"))
        .join_from(
            subscriptions,
            seat_uses,
            (seat_uses.c.tenant_id == subscriptions.c.tenant_id)
            & (seat_uses.c.product == subscriptions.c.product)
            & (seat_uses.c.day == TODAY),
            isouter=True,
        )
        .where(subscriptions.c.tenant_id == _TENANT)
    )
    .subquery("days")
)
_SEAT_USES = (
    select(_DAYS)
    .where(
        _DAYS.c.day >= bindparam("since"),
        _DAYS.c.day <= bindparam("until"),
        _beyond(_DAYS.c.product, _DAYS.c.day),
    )
    .order_by(_DAYS.c.product, _DAYS.c.day)
    .limit(bindparam("most"))
)
_SEAT_USES_OF_PRODUCT = _SEAT_USES.where(_DAYS.c.product == bindparam("of_product"))
_SEEN = (sightings.c.tenant_id == seats.c.tenant_id) & (sightings.c.user_id == seats.c.user_id)
_IDLE = (
    seats.c.tenant_id == _TENANT,
    seats.c.state == SeatState.ASSIGNED.value,
    seats.c.since < bindparam("before"),
    or_(sightings.c.last_seen.is_(None), sightings.c.last_seen < bindparam("before")),
)
_IDLE_SEATS = (
    select(seats)
    .join_from(seats, sightings, _SEEN, isouter=True)
    .where(*_IDLE, _beyond(seats.c.user_id, seats.c.product))
    .order_by(seats.c.user_id, seats.c.product)
    .limit(bindparam("most"))
)
_IDLE_COUNTS = (
    select(seats.c.product, func.count().label("idle"))
    .join_from(seats, sightings, _SEEN, isouter=True)
    .where(*_IDLE)
    .group_by(seats.c.product)
)
_QUEUE_ORDER = (seats.c.product, seats.c.rank, seats.c.claimed, seats.c.id)
_QUEUE = (
    select(seats)
    .where(seats.c.tenant_id == _TENANT, seats.c.state == SeatState.WAITING.value, _beyond(*_QUEUE_ORDER))
    .order_by(*_QUEUE_ORDER)
    .limit(bindparam("most"))
)
_OF_PRODUCT = seats.c.product == bindparam("of_product")
_OPEN_ISSUES = (
    select(issues)
    .where(issues.c.tenant_id == _TENANT, issues.c.closed.is_(None), _beyond(issues.c.code, issues.c.id))
    .order_by(issues.c.code, issues.c.id)
    .limit(bindparam("most"))
)
_OPEN_ISSUES_OF_CODE = _OPEN_ISSUES.where(issues.c.code == bindparam("of_code"))
_ISSUE_COUNTS = (
    select(issues.c.code, func.count().label("open"))
    .where(issues.c.tenant_id == _TENANT, issues.c.closed.is_(None))
    .group_by(issues.c.code)
)


@dataclass(frozen=True, slots=True)
class Surveys:
    """The surveys of one tenant."""

    scope: Scope

    def upcoming(
        self,
        after: tuple[Instant, str],
        most: int,
        *,
        since: Instant,
        until: Instant,
        organiser: str | None,
        group: str | None,
    ) -> list[Session]:
        statement = _UPCOMING
        if organiser is not None:
            statement = statement.where(sessions.c.organiser == bindparam("of_organiser"))
        if group is not None:
            statement = statement.where(_of_group(sessions.c.organiser))
        found = self._page(statement, after, most, since=since, until=until, of_organiser=organiser, ids=[group or ""])
        return list(map(session_of, found))

    def people(self, after: str, most: int, group: str | None) -> list[str]:
        statement = _PEOPLE if group is None else _PEOPLE.where(_of_group(users.c.id))
        return [row["id"] for row in self._page(statement, (after,), most, ids=[group or ""])]

    def groups_of(self, user_ids: Collection[str]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for row in self.scope.rows(_GROUPS, ids=user_ids) if user_ids else ():
            found.setdefault(row["member_id"], []).append(row["group_id"])
        return found

    def seat_uses(
        self, after: tuple[str, str], most: int, *, product: str | None, since: str, until: str, today: str
    ) -> list[SeatUse]:
        statement = _SEAT_USES if product is None else _SEAT_USES_OF_PRODUCT
        found = self._page(statement, after, most, of_product=product, since=since, until=until, today=today)
        return [rows.record_of(SeatUse, row) for row in found]

    def note_seat_use(self, product: str, now: Instant) -> None:
        note_one(self.scope, product, now)

    def idle_seats(self, after: tuple[str, str], most: int, *, before: Instant, product: str | None) -> list[Seat]:
        statement = _IDLE_SEATS if product is None else _IDLE_SEATS.where(_OF_PRODUCT)
        return list(map(rows.seat_of, self._page(statement, after, most, before=before, of_product=product)))

    def idle_counts(self, before: Instant) -> dict[str, int]:
        return {row["product"]: row["idle"] for row in self.scope.rows(_IDLE_COUNTS, before=before)}

    def queue(self, after: tuple[str, int, Instant, str], most: int, product: str | None) -> list[Seat]:
        statement = _QUEUE if product is None else _QUEUE.where(_OF_PRODUCT)
        return list(map(rows.seat_of, self._page(statement, after, most, of_product=product)))

    def open_issues(self, after: tuple[str, str], most: int, code: str | None = None) -> list[Issue]:
        statement = _OPEN_ISSUES if code is None else _OPEN_ISSUES_OF_CODE
        return issues_of(self._page(statement, after, most, of_code=code))

    def issue_counts(self) -> dict[str, int]:
        return {row["code"]: row["open"] for row in self.scope.rows(_ISSUE_COUNTS)}

    def _page(self, statement: Select[Any], after: tuple[Any, ...], most: int, **bound: Any) -> Any:
        places = {f"place_{number}": place for number, place in enumerate(after)}
        return self.scope.rows(statement, most=most, **places, **bound)
