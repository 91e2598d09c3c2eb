"""Looking at seats: who holds which, who waits in which order, and what is behind them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scim_server.domain.directory import User
from scim_server.domain.instants import Instant
from scim_server.domain.seats import Claim, Exclusion, Seat, SeatState
from scim_server.domain.tenants import Tenant
from scim_server.services import naming
from scim_server.services.handing import products_called
from scim_server.services.people import source_of
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.sought_seats import SoughtSeats

AT_ONCE = 1000
"""Seats read at once where all are asked for."""
Behind = tuple[int, int, Instant, str]
"""Where a page of a queue ended: the place, and the rank, claim time and id of the seat there."""


@dataclass(frozen=True, slots=True)
class SeatView:
    """A seat, whose it is, and the source of the claim it comes from."""

    seat: Seat
    user_name: str
    display_name: str | None
    source: str


@dataclass(frozen=True, slots=True)
class Waiter:
    """A waiting seat at its place in the queue, 1 first."""

    place: int
    view: SeatView

    @property
    def key(self) -> Behind:
        """What the next page begins behind."""
        seat = self.view.seat
        return self.place, seat.place.rank, seat.place.since, seat.id


@dataclass(frozen=True, slots=True)
class Intents:
    """What gives a person products, and what keeps them out of some."""

    user: User
    claims: Sequence[Claim]
    exclusions: Sequence[Exclusion]


def seats(
    units: Units,
    tenant: Tenant,
    *,
    product: str | None = None,
    state: SeatState | None = None,
    person: str | None = None,
    after: tuple[str, str] | None = None,
    limit: int,
) -> list[SeatView]:
    """The tenant's seats by person and product, those behind `after`, so many at most; a fixed number of statements.

    Raises Missing for an unknown product or person.
    """
    with units.browse(tenant) as uow:
        return _views(uow, uow.ledger.page(_sought(uow, product, state, person), after, limit))


def every_seat(
    units: Units,
    tenant: Tenant,
    *,
    product: str | None = None,
    state: SeatState | None = None,
    person: str | None = None,
) -> Iterator[SeatView]:
    """All of them, read bit by bit. Raises Missing as `seats` does."""
    with units.browse(tenant) as uow:
        sought, after = _sought(uow, product, state, person), None
        while found := uow.ledger.page(sought, after, AT_ONCE):
            yield from _views(uow, found)
            after = found[-1].user_id, found[-1].product


def waiting(units: Units, tenant: Tenant, product: str, *, after: Behind | None = None, limit: int) -> list[Waiter]:
    """Who waits for the product in the order of the queue, those behind `after`, so many at most. Raises Missing."""
    with units.browse(tenant) as uow:
        return _waiters(uow, products_called(uow, [product])[0], after, limit)


def everybody_waiting(units: Units, tenant: Tenant, product: str) -> Iterator[Waiter]:
    """All of them, read bit by bit. Raises Missing."""
    with units.browse(tenant) as uow:
        code, after = products_called(uow, [product])[0], None
        while found := _waiters(uow, code, after, AT_ONCE):
            yield from found
            after = found[-1].key


def intents(units: Units, tenant: Tenant, person: str) -> Intents:
    """The claims and exclusions of a person by product. Raises Missing."""
    with units.read(tenant) as uow:
        user = naming.person(uow, person)
        claims, exclusions = uow.ledger.claims([user.id]), uow.ledger.exclusions([user.id])
        return Intents(
            user,
            sorted(claims, key=lambda claim: (claim.product, claim.place, claim.source)),
            sorted(exclusions, key=lambda each: (each.product, each.source)),
        )


def _sought(uow: UnitOfWork, product: str | None, state: SeatState | None, person: str | None) -> SoughtSeats:
    return SoughtSeats(
        None if product is None else products_called(uow, [product])[0],
        state,
        None if person is None else naming.person(uow, person).id,
    )


def _waiters(uow: UnitOfWork, product: str, after: Behind | None, limit: int) -> list[Waiter]:
    found = uow.ledger.waiting_page(product, None if after is None else after[1:], limit)
    first = 1 if after is None else after[0] + 1
    return [Waiter(place, view) for place, view in enumerate(_views(uow, found), first)]


def _views(uow: UnitOfWork, found: Sequence[Seat]) -> list[SeatView]:
    ids = {seat.user_id for seat in found}
    people = {user.id: user for user in uow.users.some(ids)}
    claims: dict[str, list[Claim]] = {user_id: [] for user_id in ids}
    for claim in uow.ledger.claims(ids):
        claims[claim.user_id].append(claim)
    return [
        SeatView(
            seat,
            people[seat.user_id].user_name,
            people[seat.user_id].display_name,
            source_of(seat, claims[seat.user_id]),
        )
        for seat in found
        if seat.user_id in people
    ]
