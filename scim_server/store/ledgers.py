"""Claims, seats and subscriptions. Every statement works on a set; a counter never passes what was bought."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import orjson
from sqlalchemy import ColumnElement, bindparam, delete, func, literal, select, text, tuple_, union, update

from scim_server.domain.errors import Contention
from scim_server.domain.instants import Instant
from scim_server.domain.seats import Claim, Exclusion, Policy, Reservation, Seat, SeatState, Subscription
from scim_server.services.sought_seats import SoughtSeats
from scim_server.store import rows
from scim_server.store.dossiers import Dossiers
from scim_server.store.scopes import Scope
from scim_server.store.sets import among
from scim_server.store.tables import claims, exclusions, guarded_releases, reservations, seats, subscriptions, users

_NOTHING_BOUGHT = {"seats": 0, "overage": 0, "assigned": 0, "waiting": 0, "policy": Policy.WAIT.value}

_TENANT: ColumnElement[Any] = bindparam("tenant")
_PRODUCT: ColumnElement[Any] = bindparam("of_product")
_OF_PRODUCT = (subscriptions.c.tenant_id == _TENANT, subscriptions.c.product == _PRODUCT)
_SUBSCRIPTIONS = select(subscriptions).where(subscriptions.c.tenant_id == _TENANT).order_by(subscriptions.c.product)
_COUNT = (
    update(subscriptions)
    .where(
        *_OF_PRODUCT,
        subscriptions.c.assigned + bindparam("more_assigned") <= subscriptions.c.seats + subscriptions.c.overage,
    )
    .values(
        assigned=subscriptions.c.assigned + bindparam("more_assigned"),
        waiting=subscriptions.c.waiting + bindparam("more_waiting"),
    )
)
_TERMS = (
    update(subscriptions)
    .where(*_OF_PRODUCT)
    .values(seats=bindparam("bought"), policy=bindparam("new_policy"), overage=bindparam("allowance"))
)
_RECOUNT = update(subscriptions).where(*_OF_PRODUCT).values(assigned=bindparam("counted"), waiting=bindparam("queued"))
_SEATS_OF_PRODUCT = (seats.c.tenant_id == _TENANT, seats.c.product == _PRODUCT)
_WAITING = (
    select(seats)
    .where(*_SEATS_OF_PRODUCT, seats.c.state == SeatState.WAITING.value)
    .order_by(seats.c.rank, seats.c.claimed, seats.c.id)
)
_WAITING_PAGE = _WAITING.limit(bindparam("most"))
_PAGE = (
    select(seats)
    .where(seats.c.tenant_id == _TENANT)
    .order_by(seats.c.user_id, seats.c.product)
    .limit(bindparam("most"))
)
_MINE = seats.alias("mine")
_TURN = ("rank", "claimed", "id")
_BEFORE_MINE = (
    seats.c.tenant_id == _MINE.c.tenant_id,
    seats.c.product == _MINE.c.product,
    seats.c.state == SeatState.WAITING.value,
    tuple_(*(seats.c[name] for name in _TURN)) < tuple_(*(_MINE.c[name] for name in _TURN)),
)
_AHEAD = select(
    _MINE.c.product, select(func.count()).where(*_BEFORE_MINE).correlate(_MINE).scalar_subquery().label("ahead")
).where(_MINE.c.tenant_id == _TENANT, _MINE.c.user_id == bindparam("of_user"), _MINE.c.state == SeatState.WAITING.value)
_UNBOUND = _WAITING.where(seats.c.bond.is_(None))
_OVER = func.coalesce(seats.c.policy, bindparam("policy")) == Policy.OVERAGE.value
_QUEUE = union(
    *(
        select(part.subquery())
        for part in (
            _UNBOUND.limit(bindparam("most")),
            _UNBOUND.where(_OVER).limit(bindparam("most_over")),
            _WAITING.where(seats.c.bond.is_not(None)),
        )
    )
)
"""Who could get a seat: the first in the queue, the first of those who may exceed what was bought, and, since not all
of the first may be able to take one, everybody who is bound."""
_HELD = (
    select(seats.c.product, func.count().label("held"))
    .where(seats.c.tenant_id == _TENANT, seats.c.due.is_not(None))
    .group_by(seats.c.product)
)
"""By their ends, which held seats alone have: an index has them, and few are held at any time."""
_HOLDERS = (
    select(users.c.document)
    .join(seats, (seats.c.tenant_id == users.c.tenant_id) & (seats.c.user_id == users.c.id))
    .where(*_SEATS_OF_PRODUCT, seats.c.state != SeatState.WAITING.value)
    .order_by(seats.c.since, seats.c.id)
    .limit(bindparam("most"))
)
_SET_STATE = (
    update(seats)
    .where(*_SEATS_OF_PRODUCT, among(seats.c.user_id))
    .values(state=bindparam("new_state"), since=bindparam("now"), due=None, held_for=None)
)
"""One statement for all: one per person could, by a bad plan, read the whole queue each time."""
_MOVE = (
    update(seats)
    .where(*_SEATS_OF_PRODUCT, seats.c.user_id == bindparam("of_user"))
    .values({name: bindparam(f"new_{name}") for name in ("rank", "claimed", "policy", "bond")})
)
_MOVE_ALL = text(
    "UPDATE seats SET rank = moved.rank, claimed = moved.claimed, policy = moved.policy, bond = moved.bond "
    "FROM json_to_recordset(CAST(:moved AS json)) "
    "AS moved(user_id text, product text, rank integer, claimed text, policy text, bond text) "
    "WHERE seats.tenant_id = :tenant AND seats.product = moved.product AND seats.user_id = moved.user_id"
)
"""For PostgreSQL: told of them one by one it might, by a bad plan, read the whole queue each time."""
_HOLD = (
    update(seats)
    .where(*_SEATS_OF_PRODUCT, among(seats.c.user_id))
    .values(state=SeatState.HELD.value, since=bindparam("now"), due=bindparam("until"), held_for=bindparam("by"))
)
_DUE = (
    select(seats)
    .where(
        seats.c.tenant_id == _TENANT,
        seats.c.due.is_not(None),
        tuple_(seats.c.due, seats.c.id) > tuple_(bindparam("after_due"), bindparam("after_id")),
    )
    .order_by(seats.c.due, seats.c.id)
)
_DROP_CLAIMS = delete(claims).where(
    claims.c.tenant_id == _TENANT,
    claims.c.product == _PRODUCT,
    claims.c.source == bindparam("of_source"),
    among(claims.c.user_id),
)
_RESTART_CLAIMS = (
    update(claims).where(claims.c.tenant_id == _TENANT, among(claims.c.user_id)).values(since=bindparam("now"))
)
_LOCK = _SUBSCRIPTIONS.where(among(subscriptions.c.product, "products")).with_for_update()
_OF_WINDOW = (guarded_releases.c.tenant_id == _TENANT, guarded_releases.c.product == _PRODUCT)
_GUARDED = select(func.sum(guarded_releases.c.seats)).where(*_OF_WINDOW, guarded_releases.c.at > bindparam("window"))
_FORGET_GUARDED = delete(guarded_releases).where(*_OF_WINDOW, guarded_releases.c.at <= bindparam("window"))
_DROP_EXCLUSIONS = delete(exclusions).where(
    exclusions.c.tenant_id == _TENANT,
    exclusions.c.product == _PRODUCT,
    exclusions.c.source == bindparam("of_source"),
    among(exclusions.c.user_id),
)
_RESERVATIONS = select(reservations).where(reservations.c.tenant_id == _TENANT).order_by(reservations.c.id)
_DROP_RESERVATIONS = delete(reservations).where(
    reservations.c.tenant_id == _TENANT, reservations.c.invitation_id == bindparam("of_invitation")
)
_DROP_SEATS = delete(seats).where(*_SEATS_OF_PRODUCT, among(seats.c.user_id))


@dataclass(frozen=True, slots=True)
class Ledger:
    """The seat ledger of one tenant."""

    scope: Scope
    dossiers: Dossiers
    dropped: list[Claim] = field(default_factory=list)

    def expect(self, user_ids: Collection[str]) -> None:
        self.dossiers.expect(user_ids)

    def expect_subscriptions(self) -> None:
        self.scope.expect(_SUBSCRIPTIONS)

    def claims(self, user_ids: Collection[str]) -> list[Claim]:
        return [rows.claim_of(row) for row in self.dossiers.rows(claims, user_ids)]

    def add_claims(self, new: Sequence[Claim]) -> None:
        self.dossiers.add(claims, [rows.claim_row(claim) for claim in new])

    def drop_claims(self, gone: Sequence[Claim]) -> None:
        self.dropped.extend(gone)
        self.dossiers.forget(claims, [claim.user_id for claim in gone])
        for (product, source), user_ids in _grouped((claim.product, claim.source, claim.user_id) for claim in gone):
            self.scope.run(_DROP_CLAIMS, of_product=product, of_source=source, ids=user_ids)

    def restart_claims(self, user_ids: Collection[str], now: Instant) -> None:
        self.scope.run(_RESTART_CLAIMS, ids=user_ids, now=now)
        self.dossiers.forget(claims, user_ids)

    def lock(self, products: Sequence[str]) -> dict[str, Subscription]:
        self.dossiers.locked(seats)
        self.scope.forget(_SUBSCRIPTIONS)
        return {row["product"]: rows.subscription_of(row) for row in self.scope.rows(_LOCK, products=products)}

    def open(self, products: Sequence[str]) -> list[str]:
        new = [{"product": product, **_NOTHING_BOUGHT} for product in products]
        return [row["product"] for row in self.scope.inserted(subscriptions, subscriptions.c.product, *new)]

    def subscriptions(self) -> list[Subscription]:
        return [rows.subscription_of(row) for row in self.scope.expected(_SUBSCRIPTIONS)]

    def save_terms(self, product: str, seats: int, policy: Policy, overage: int) -> None:
        self.scope.run(_TERMS, of_product=product, bought=seats, new_policy=policy.value, allowance=overage)

    def count(self, product: str, assigned: int, waiting: int) -> None:
        if not self.scope.run(_COUNT, of_product=product, more_assigned=assigned, more_waiting=waiting):
            raise Contention(f"the seats of '{product}' changed under a lock")

    def recount(self, product: str, assigned: int, waiting: int) -> None:
        self.scope.run(_RECOUNT, of_product=product, counted=assigned, queued=waiting)

    def seats(self, user_ids: Collection[str], products: Collection[str] | None = None) -> list[Seat]:
        found = map(rows.seat_of, self.dossiers.rows(seats, user_ids))
        wanted = [seat for seat in found if products is None or seat.product in products]
        return sorted(wanted, key=lambda seat: (seat.product, seat.id))

    def queue(self, subscription: Subscription) -> list[Seat]:
        most_over = subscription.room(Policy.OVERAGE)
        if not most_over:
            return []
        found = self.scope.rows(
            _QUEUE,
            of_product=subscription.product,
            most=subscription.room(Policy.WAIT),
            most_over=most_over,
            policy=subscription.policy.value,
        )
        return sorted(map(rows.seat_of, found), key=lambda seat: seat.turn)

    def waiting(self, product: str) -> list[Seat]:
        return [rows.seat_of(row) for row in self.scope.rows(_WAITING, of_product=product)]

    def page(self, sought: SoughtSeats, after: tuple[str, str] | None, most: int) -> list[Seat]:
        statement = _PAGE
        if sought.product is not None:
            statement = statement.where(seats.c.product == sought.product)
        if sought.state is not None:
            statement = statement.where(seats.c.state == sought.state.value)
        if sought.user_id is not None:
            statement = statement.where(seats.c.user_id == sought.user_id)
        if after is not None:
            statement = statement.where(tuple_(seats.c.user_id, seats.c.product) > tuple_(*map(literal, after)))
        return [rows.seat_of(row) for row in self.scope.rows(statement, most=most)]

    def waiting_page(self, product: str, after: tuple[int, Instant, str] | None, most: int) -> list[Seat]:
        statement = _WAITING_PAGE
        if after is not None:
            turn = tuple_(*(seats.c[name] for name in _TURN))
            statement = statement.where(turn > tuple_(*map(literal, after)))
        return [rows.seat_of(row) for row in self.scope.rows(statement, of_product=product, most=most)]

    def ahead(self, user_id: str) -> dict[str, int]:
        return {row["product"]: row["ahead"] for row in self.scope.rows(_AHEAD, of_user=user_id)}

    def held_seats(
        self, after: tuple[Instant, str] = ("", ""), most: int | None = None, product: str | None = None
    ) -> list[Seat]:
        statement = _DUE if product is None else _DUE.where(seats.c.product == _PRODUCT)
        found = self.scope.rows(statement.limit(most), after_due=after[0], after_id=after[1], of_product=product)
        return [rows.seat_of(row) for row in found]

    def holders(self, product: str, limit: int) -> list[str]:
        return [row["document"]["userName"] for row in self.scope.rows(_HOLDERS, of_product=product, most=limit)]

    def held_by_product(self) -> dict[str, int]:
        return {row["product"]: row["held"] for row in self.scope.rows(_HELD)}

    def add_seats(self, new: Sequence[Seat]) -> None:
        self.dossiers.add(seats, [rows.seat_row(seat) for seat in new])

    def set_state(self, product: str, user_ids: Collection[str], state: SeatState, now: Instant) -> None:
        if user_ids:
            self.dossiers.forget(seats, user_ids)
            self.scope.run(_SET_STATE, of_product=product, ids=user_ids, new_state=state.value, now=now)

    def move_seats(self, moved: Sequence[Seat]) -> None:
        self.dossiers.forget(seats, [seat.user_id for seat in moved])
        if self.scope.is_sqlite:
            self.scope.run_each(
                _MOVE,
                [
                    {
                        "of_user": seat.user_id,
                        "of_product": seat.product,
                        **{f"new_{name}": value for name, value in rows.want_columns(seat.want).items()},
                    }
                    for seat in moved
                ],
            )
        elif moved:
            wants = [
                {"user_id": seat.user_id, "product": seat.product, **rows.want_columns(seat.want)} for seat in moved
            ]
            self.scope.run(_MOVE_ALL, moved=orjson.dumps(wants).decode())

    def hold_seats(self, held: Sequence[Seat]) -> None:
        self.dossiers.forget(seats, [seat.user_id for seat in held])
        for (product, since, due, held_for), user_ids in _grouped(
            (seat.product, seat.since, seat.due or "", seat.held_for or "", seat.user_id) for seat in held
        ):
            self.scope.run(_HOLD, of_product=product, ids=user_ids, now=since, until=due, by=held_for)

    def guarded_releases(self, product: str, since: Instant) -> int:
        return int(self.scope.scalar(_GUARDED, of_product=product, window=since) or 0)

    def note_guarded_releases(self, new_id: str, product: str, now: Instant, count: int, window: Instant) -> None:
        self.scope.run(_FORGET_GUARDED, of_product=product, window=window)
        if count:
            self.scope.insert(guarded_releases, {"id": new_id, "product": product, "at": now, "seats": count})

    def exclusions(self, user_ids: Collection[str]) -> list[Exclusion]:
        found = self.dossiers.rows(exclusions, user_ids)
        return [rows.record_of(Exclusion, row) for row in found]

    def add_exclusions(self, new: Collection[Exclusion]) -> None:
        self.dossiers.forget(exclusions, [each.user_id for each in new])
        self.scope.insert_absent(exclusions, *map(rows.columns_of, new))

    def drop_exclusions(self, gone: Collection[Exclusion]) -> None:
        self.dossiers.forget(exclusions, [each.user_id for each in gone])
        for (product, source), user_ids in _grouped((each.product, each.source, each.user_id) for each in gone):
            self.scope.run(_DROP_EXCLUSIONS, of_product=product, of_source=source, ids=user_ids)

    def reservations(self, invitation_id: str | None = None) -> list[Reservation]:
        statement = _RESERVATIONS
        if invitation_id is not None:
            statement = statement.where(reservations.c.invitation_id == invitation_id)
        return [rows.record_of(Reservation, row) for row in self.scope.rows(statement)]

    def add_reservations(self, new: Sequence[Reservation]) -> None:
        self.scope.insert(reservations, *map(rows.columns_of, new))

    def drop_reservations(self, invitation_id: str) -> None:
        self.scope.run(_DROP_RESERVATIONS, of_invitation=invitation_id)

    def drop_seats(self, gone: Sequence[Seat]) -> None:
        self.dossiers.forget(seats, [seat.user_id for seat in gone])
        for (product,), user_ids in _grouped((seat.product, seat.user_id) for seat in gone):
            self.scope.run(_DROP_SEATS, of_product=product, ids=user_ids)


def _grouped(keyed: Iterable[tuple[str, ...]]) -> list[tuple[tuple[str, ...], list[str]]]:
    """Tuples whose last part is a user id, collected by the parts before it."""
    ordered = sorted(keyed)
    return [(key, [each[-1] for each in group]) for key, group in groupby(ordered, key=lambda each: each[:-1])]
