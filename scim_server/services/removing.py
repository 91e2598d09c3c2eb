"""Held removals: seats that a mass removal would have taken go on working until an admin, or their time, decides."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from scim_server.domain.errors import Contention, Missing
from scim_server.domain.events import Cause
from scim_server.domain.instants import Instant
from scim_server.domain.seats import BY_ADMIN, Seat
from scim_server.domain.tenants import Tenant
from scim_server.services import entitling
from scim_server.services.chores import cause as chore_cause
from scim_server.services.chores import for_each_tenant
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.retrying import retried

CHORE = "release-held-seats"


@dataclass(frozen=True, slots=True)
class Removal:
    """A held seat: whose it is, since when, when it goes, and the id of the request that would have taken it."""

    id: str
    user_id: str
    user_name: str
    product: str
    since: Instant
    due: Instant
    held_for: str


def held(
    units: Units,
    tenant: Tenant,
    after: tuple[Instant, str] | None = None,
    most: int | None = None,
    product: str | None = None,
) -> list[Removal]:
    """The held seats of the tenant, or of one product, the first due first: those `after` a due moment and an id, so
    many at most."""
    with units.read(tenant) as uow:
        return _removals(uow, uow.ledger.held_seats(after or ("", ""), most, product))


def among(units: Units, tenant: Tenant, product: str, ids: Collection[str]) -> list[Removal]:
    """Those of the held seats of a product that have these ids, the first due first; others are passed over."""
    with units.read(tenant) as uow:
        return _removals(uow, [seat for seat in uow.ledger.held_seats(product=product) if seat.id in ids])


def held_until(units: Units, tenant: Tenant, product: str, moment: Instant) -> list[str]:
    """The ids of the seats of a product that were held by that moment."""
    with units.read(tenant) as uow:
        return [seat.id for seat in uow.ledger.held_seats(product=product) if seat.since <= moment]


@retried
def approve(units: Units, tenant: Tenant, cause: Cause, ids: Collection[str] | None = None) -> list[Removal]:
    """Release those held seats, or all, now; whoever waits gets them. Answers what was released. Raises Missing."""
    return _decide(units, tenant, cause, _chosen(tenant, ids), _release)


@retried
def restore(units: Units, tenant: Tenant, cause: Cause, ids: Collection[str] | None = None) -> list[Removal]:
    """Let the people keep those held seats, or all, by a claim of the admin. Answers what was kept. Raises Missing."""
    return _decide(units, tenant, cause, _chosen(tenant, ids), _keep)


def release_due(units: Units) -> int:
    """The chore: release the held seats of every tenant whose time has run out; answers how many."""
    with units.overview() as operator:
        concerned = operator.tenants_with_due_removals()
    return for_each_tenant(concerned, lambda tenant: len(_release_due(units, tenant, chore_cause(CHORE))))


@retried
def _release_due(units: Units, tenant: Tenant, cause: Cause) -> list[Removal]:
    def is_due(uow: UnitOfWork, seats: list[Seat]) -> list[Seat]:
        return [seat for seat in seats if seat.due is not None and seat.due <= uow.now]

    return _decide(units, tenant, cause, is_due, _release)


Choice = Callable[[UnitOfWork, list[Seat]], list[Seat]]
Decision = Callable[[UnitOfWork, dict[str, bool], list[Seat]], None]


def _decide(units: Units, tenant: Tenant, cause: Cause, choose: Choice, decide: Decision) -> list[Removal]:
    """Nothing chosen changes nothing."""
    with units.read(tenant) as uow:
        if not choose(uow, uow.ledger.held_seats()):
            return []
    with units.write(tenant, cause) as uow:
        chosen = choose(uow, uow.ledger.held_seats())
        may_hold = uow.users.lock({seat.user_id for seat in chosen})
        if choose(uow, uow.ledger.held_seats()) != chosen:
            raise Contention("held seats changed meanwhile")
        removals = _removals(uow, chosen)
        decide(uow, may_hold, chosen)
        uow.commit()
        return removals


def _chosen(tenant: Tenant, ids: Collection[str] | None) -> Choice:
    def choose(_: UnitOfWork, seats: list[Seat]) -> list[Seat]:
        if ids is None:
            return seats
        missing = sorted(set(ids) - {seat.id for seat in seats})
        if missing:
            raise Missing(
                f"No held seat '{missing[0]}' in tenant '{tenant.slug}': it was decided already, or never held. "
                f"`scim-server removal list {tenant.slug}` shows all."
            )
        return [seat for seat in seats if seat.id in ids]

    return choose


def _release(uow: UnitOfWork, may_hold: dict[str, bool], seats: list[Seat]) -> None:
    entitling.end_held(uow, may_hold, seats)


def _keep(uow: UnitOfWork, may_hold: dict[str, bool], seats: list[Seat]) -> None:
    for user_id in may_hold:
        products = [seat.product for seat in seats if seat.user_id == user_id]
        entitling.claim(uow, user_id, products, BY_ADMIN)
    entitling.refresh(uow, may_hold)


def _removals(uow: UnitOfWork, seats: Collection[Seat]) -> list[Removal]:
    names = {user.id: user.user_name for user in uow.users.some({seat.user_id for seat in seats})}
    return [
        Removal(
            seat.id,
            seat.user_id,
            names.get(seat.user_id, ""),
            seat.product,
            seat.since,
            seat.due or "",
            seat.held_for or "",
        )
        for seat in seats
    ]
