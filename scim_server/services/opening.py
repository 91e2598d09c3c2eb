"""Subscriptions that begin because somebody should have a product which the tenant never bought."""

from collections.abc import Collection, Sequence

from scim_server.domain.events import Change
from scim_server.domain.facts import of_subscription
from scim_server.domain.seats import Subscription
from scim_server.services.ports import UnitOfWork


def lock_subscriptions(
    uow: UnitOfWork, products: Sequence[str], needed: Collection[str], action: str = "subscription.opened"
) -> dict[str, Subscription]:
    """Lock those subscriptions of `products` that exist, by product; one of `needed` is made with no seats.

    `action` is what the trail calls that.
    """
    found = uow.ledger.lock(products)
    absent = [product for product in products if product in needed and product not in found]
    if not absent:
        return found
    opened = uow.ledger.open(absent)
    found = uow.ledger.lock(products)
    for product in opened:
        uow.record(Change("subscription", product, action, None, of_subscription(found[product])))
    return found
