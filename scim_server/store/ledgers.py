"""Claims, seats and subscriptions. Every statement works on a set; a counter never passes what was bought."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, func, select, update

from scim_server.domain.errors import Contention
from scim_server.domain.instants import Instant
from scim_server.domain.seats import Claim, Policy, Seat, SeatState, Subscription
from scim_server.store import rows
from scim_server.store.scopes import Scope
from scim_server.store.sets import among
from scim_server.store.tables import claims, seats, subscriptions, users

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
_QUEUE = (
    select(seats)
    .where(*_SEATS_OF_PRODUCT, seats.c.state == SeatState.WAITING.value)
    .order_by(seats.c.rank, seats.c.claimed, seats.c.id)
    .limit(bindparam("most"))
)
_HELD = select(func.count()).where(*_SEATS_OF_PRODUCT, seats.c.state == SeatState.HELD.value)
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
    .values(state=bindparam("new_state"), since=bindparam("now"))
)
"""One statement for all: one per person could, by a bad plan, read the whole queue each time."""
_MOVE = (
    update(seats)
    .where(*_SEATS_OF_PRODUCT, seats.c.user_id == bindparam("of_user"))
    .values(rank=bindparam("new_rank"), claimed=bindparam("new_claimed"))
)
_CLAIMS = select(claims).where(claims.c.tenant_id == _TENANT, among(claims.c.user_id))
_DROP_CLAIMS = delete(claims).where(
    claims.c.tenant_id == _TENANT,
    claims.c.product == _PRODUCT,
    claims.c.source == bindparam("of_source"),
    among(claims.c.user_id),
)
_RESTART_CLAIMS = (
    update(claims).where(claims.c.tenant_id == _TENANT, among(claims.c.user_id)).values(since=bindparam("now"))
)
_LOCK = (
    select(subscriptions)
    .where(subscriptions.c.tenant_id == _TENANT, among(subscriptions.c.product, "products"))
    .order_by(subscriptions.c.product)
    .with_for_update()
)
_SEATS = select(seats).where(seats.c.tenant_id == _TENANT, among(seats.c.user_id)).order_by(seats.c.product, seats.c.id)
_SEATS_OF_PRODUCTS = _SEATS.where(among(seats.c.product, "products"))
_DROP_SEATS = delete(seats).where(*_SEATS_OF_PRODUCT, among(seats.c.user_id))


@dataclass(frozen=True, slots=True)
class Ledger:
    """The seat ledger of one tenant."""

    scope: Scope

    def claims(self, user_ids: Collection[str]) -> list[Claim]:
        found = self.scope.rows(_CLAIMS, ids=user_ids) if user_ids else ()
        return [rows.claim_of(row) for row in found]

    def add_claims(self, new: Sequence[Claim]) -> None:
        self.scope.insert(claims, *map(rows.claim_row, new))

    def drop_claims(self, gone: Sequence[Claim]) -> None:
        for (product, source), user_ids in _grouped((claim.product, claim.source, claim.user_id) for claim in gone):
            self.scope.run(_DROP_CLAIMS, of_product=product, of_source=source, ids=user_ids)

    def restart_claims(self, user_ids: Collection[str], now: Instant) -> None:
        self.scope.run(_RESTART_CLAIMS, ids=user_ids, now=now)

    def lock(self, products: Sequence[str], needed: Collection[str]) -> dict[str, Subscription]:
        found = self._locked(products)
        absent = [product for product in products if product in needed and product not in found]
        if absent:
            self.scope.insert_absent(subscriptions, *({"product": product, **_NOTHING_BOUGHT} for product in absent))
            found = self._locked(products)
        return found

    def subscriptions(self) -> list[Subscription]:
        return [rows.subscription_of(row) for row in self.scope.rows(_SUBSCRIPTIONS)]

    def save_terms(self, product: str, seats: int, policy: Policy, overage: int) -> None:
        self.scope.run(_TERMS, of_product=product, bought=seats, new_policy=policy.value, allowance=overage)

    def count(self, product: str, assigned: int, waiting: int) -> None:
        if not self.scope.run(_COUNT, of_product=product, more_assigned=assigned, more_waiting=waiting):
            raise Contention(f"the seats of '{product}' changed under a lock")

    def recount(self, product: str, assigned: int, waiting: int) -> None:
        self.scope.run(_RECOUNT, of_product=product, counted=assigned, queued=waiting)

    def seats(self, user_ids: Collection[str], products: Collection[str] | None = None) -> list[Seat]:
        if not user_ids:
            return []
        if products is None:
            return [rows.seat_of(row) for row in self.scope.rows(_SEATS, ids=user_ids)]
        return [rows.seat_of(row) for row in self.scope.rows(_SEATS_OF_PRODUCTS, ids=user_ids, products=products)]

    def queue(self, product: str, limit: int) -> list[Seat]:
        return [rows.seat_of(row) for row in self.scope.rows(_QUEUE, of_product=product, most=limit)]

    def holders(self, product: str, limit: int) -> list[str]:
        return [row["document"]["userName"] for row in self.scope.rows(_HOLDERS, of_product=product, most=limit)]

    def held(self, product: str) -> int:
        return int(self.scope.scalar(_HELD, of_product=product))

    def add_seats(self, new: Sequence[Seat]) -> None:
        self.scope.insert(seats, *map(rows.seat_row, new))

    def set_state(self, product: str, user_ids: Collection[str], state: SeatState, now: Instant) -> None:
        if user_ids:
            self.scope.run(_SET_STATE, of_product=product, ids=user_ids, new_state=state.value, now=now)

    def move_seats(self, moved: Sequence[Seat]) -> None:
        self.scope.run_each(
            _MOVE,
            [
                {
                    "of_user": seat.user_id,
                    "of_product": seat.product,
                    "new_rank": seat.place.rank,
                    "new_claimed": seat.place.since,
                }
                for seat in moved
            ],
        )

    def drop_seats(self, gone: Sequence[Seat]) -> None:
        for (product,), user_ids in _grouped((seat.product, seat.user_id) for seat in gone):
            self.scope.run(_DROP_SEATS, of_product=product, ids=user_ids)

    def _locked(self, products: Sequence[str]) -> dict[str, Subscription]:
        return {row["product"]: rows.subscription_of(row) for row in self.scope.rows(_LOCK, products=products)}


def _grouped(keyed: Iterable[tuple[str, ...]]) -> list[tuple[tuple[str, ...], list[str]]]:
    """Tuples whose last part is a user id, collected by the parts before it."""
    ordered = sorted(keyed)
    return [(key, [each[-1] for each in group]) for key, group in groupby(ordered, key=lambda each: each[:-1])]
