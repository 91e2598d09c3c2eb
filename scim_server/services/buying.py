"""Seats that are bought elsewhere: where a tenant has a billing page, who asked there for how many is written down."""

from dataclasses import dataclass

from scim_server.domain.errors import Invalid
from scim_server.domain.events import Cause, Change
from scim_server.domain.instants import Instant
from scim_server.domain.tenants import Tenant
from scim_server.services.actors import PERSON, people_among
from scim_server.services.ports import Units
from scim_server.services.subscribing import MOST_SEATS

ORDER = "order"
"""Entries of the trail about seats that somebody wants; the product is what they are about."""


@dataclass(frozen=True, slots=True)
class Order:
    """Who asked for how many more seats, and when; None where it was nobody of the tenant, or somebody gone."""

    at: Instant
    user_name: str | None
    seats: int


def ask_for_seats(units: Units, tenant: Tenant, cause: Cause, product: str, more: int) -> None:
    """Write into the audit trail that so many more seats of a product are wanted; nothing else changes.

    Raises Missing for an unknown product, Invalid for an impossible number.
    """
    if not 1 <= more <= MOST_SEATS:
        raise Invalid(f"The number of seats must lie between 1 and {MOST_SEATS}.")
    with units.write(tenant, cause) as uow:
        catalogue = uow.products.catalogue()
        if product not in catalogue.products:
            raise catalogue.unknown(product)
        uow.record(Change(ORDER, product, "seats.ordered", None, {"seats": more}))
        uow.commit()


def last_order(units: Units, tenant: Tenant, product: str) -> Order | None:
    """The newest of a product; None where nobody ever asked."""
    with units.read(tenant) as uow:
        found = uow.trail.of_objects(ORDER, [product])
        if not found:
            return None
        last = max(found, key=lambda entry: entry.id)
        people = {user.id: user.user_name for user in uow.users.some(people_among({last.actor}))}
        return Order(last.at, people.get(last.actor.removeprefix(PERSON)), int((last.after or {})["seats"]))
