"""Buying seats and giving them back."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from scim_server.domain.errors import Contention, Invalid, Missing, SeatsInUse
from scim_server.domain.events import Cause, Change
from scim_server.domain.facts import of_subscription
from scim_server.domain.seats import Policy, Subscription
from scim_server.domain.tenants import Tenant
from scim_server.services import entitling
from scim_server.services.flagging import flag_subscription
from scim_server.services.opening import lock_subscriptions
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.retrying import retried

MOST_SEATS = 10_000_000
MOST_HOLDERS_NAMED = 50


@dataclass(frozen=True, slots=True)
class Seating:
    """A subscription with what is known of its seats."""

    product: str
    seats: int
    policy: str
    overage: int
    assigned: int
    waiting: int
    held: int
    free: int


@retried
def set_subscription(
    units: Units, tenant: Tenant, cause: Cause, product: str, seats: int, policy: Policy | None, overage: int | None
) -> Seating:
    """Buy `seats` of `product`; whoever waits gets what has become free.

    Policy and overage stay as they are where None. Raises Missing for an unknown product, Invalid for impossible
    numbers, SeatsInUse with the holders where fewer seats are bought than are assigned.
    """
    with units.write(tenant, cause) as uow:
        change_terms(uow, product, seats, policy, overage)
        seating = _seating(uow.ledger.lock([product])[product], uow.ledger.held_by_product())
        uow.commit()
        return seating


@retried
def add_seats(units: Units, tenant: Tenant, cause: Cause, product: str, more: int) -> Seating:
    """Buy so many seats more than were bought until now, by whomever. Raises Missing, Invalid."""
    if more < 1:
        raise Invalid("At least one seat must be added.")
    with units.write(tenant, cause) as uow:
        catalogue = uow.products.catalogue()
        if product not in catalogue.products:
            raise catalogue.unknown(product)
        before = lock_subscriptions(uow, catalogue.related([product]), [product], "subscription.set")[product]
        change_terms(uow, product, before.seats + more, None, None)
        seating = _seating(uow.ledger.lock([product])[product], uow.ledger.held_by_product())
        uow.commit()
        return seating


def change_terms(uow: UnitOfWork, product: str, seats: int, policy: Policy | None, overage: int | None) -> None:
    """The same in the caller's transaction."""
    catalogue = uow.products.catalogue()
    if product not in catalogue.products:
        raise catalogue.unknown(product)
    people = _waiting_people(uow, product) if policy is not None else {}
    before = lock_subscriptions(uow, catalogue.related([product]), [product], "subscription.set")[product]
    terms = _terms(before, seats, policy, overage)
    _refuse_taking_seats_in_use(uow, before, terms)
    if terms != before:
        uow.ledger.save_terms(product, terms.seats, terms.policy, terms.overage)
        uow.record(Change("subscription", product, "subscription.set", of_subscription(before), of_subscription(terms)))
        flag_subscription(uow, before, terms)
    if before.policy is not terms.policy:
        _refuse_missing_anybody(uow, product, people)
        entitling.refresh(uow, people)
    entitling.promote(uow, [product])
    if terms != before:
        uow.surveys.note_seat_use(product, uow.now)


def subscriptions(units: Units, tenant: Tenant) -> list[Seating]:
    """Every subscription of the tenant, by product."""
    with units.read(tenant) as uow:
        held = uow.ledger.held_by_product()
        return [_seating(subscription, held) for subscription in uow.ledger.subscriptions()]


def subscription(units: Units, tenant: Tenant, product: str) -> Seating:
    """One subscription; raises Missing where the tenant never bought or wanted the product."""
    found = next((seating for seating in subscriptions(units, tenant) if seating.product == product), None)
    if found is None:
        raise Missing(f"Tenant '{tenant.slug}' has no subscription of '{product}'.")
    return found


def _waiting_people(uow: UnitOfWork, product: str) -> dict[str, bool]:
    """Who waits for the product: a change between policies may give or take their fallback."""
    return uow.users.lock(seat.user_id for seat in uow.ledger.waiting(product))


def _refuse_missing_anybody(uow: UnitOfWork, product: str, people: Collection[str]) -> None:
    """People are locked before subscriptions, so somebody may have joined the queue in between."""
    if any(seat.user_id not in people for seat in uow.ledger.waiting(product)):
        raise Contention(f"somebody joined the queue for '{product}' meanwhile")


def _refuse_taking_seats_in_use(uow: UnitOfWork, before: Subscription, terms: Subscription) -> None:
    """Invariant 7. Buying some of the seats that an allowance already covers is always possible."""
    lowered = terms.seats < before.seats and terms.seats < terms.assigned
    if lowered or terms.assigned > terms.capacity:
        holders = [*uow.ledger.holders(terms.product, MOST_HOLDERS_NAMED), *_invited(uow, terms.product)]
        wanted = terms.seats if lowered else terms.capacity
        raise SeatsInUse(terms.product, wanted, terms.assigned, holders[:MOST_HOLDERS_NAMED])


def _invited(uow: UnitOfWork, product: str) -> list[str]:
    """Who has the product reserved by an invitation."""
    keeping = {seat.invitation_id for seat in uow.ledger.reservations() if seat.product == product}
    return [f"{each.address} (invited)" for each in uow.invitations.all() if each.id in keeping]


def _terms(before: Subscription, seats: int, policy: Policy | None, overage: int | None) -> Subscription:
    chosen = policy or before.policy
    allowance = overage if overage is not None else (before.overage if chosen is Policy.OVERAGE else 0)
    if not 0 <= seats <= MOST_SEATS or not 0 <= allowance <= MOST_SEATS:
        raise Invalid(f"Seats and overage must lie between 0 and {MOST_SEATS}.")
    return Subscription(before.product, seats, chosen, allowance, before.assigned, before.waiting)


def _seating(subscription: Subscription, held: Mapping[str, int]) -> Seating:
    return Seating(
        product=subscription.product,
        seats=subscription.seats,
        policy=subscription.policy.value,
        overage=subscription.overage,
        assigned=subscription.assigned,
        waiting=subscription.waiting,
        held=held.get(subscription.product, 0),
        free=subscription.free,
    )
