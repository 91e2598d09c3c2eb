"""Products that an admin gives people, and takes from them, by hand."""

from collections.abc import Collection

from scim_server.domain.directory import User
from scim_server.domain.errors import Missing
from scim_server.services import entitling
from scim_server.services.ports import UnitOfWork
from scim_server.services.returning import is_fact

BY_HAND = "direct:admin"
"""The source of claims that an admin makes."""
EXCLUDED_BY_ADMIN = "by_admin"


def products_called(uow: UnitOfWork, names: Collection[str]) -> list[str]:
    """The products of those codes, letter case ignored, each once. Raises Missing."""
    catalogue = uow.products.catalogue()
    found: dict[str, None] = {}
    for name in names:
        product = catalogue.find(name)
        if product is None:
            known = ", ".join(sorted(catalogue.products)) or "none yet"
            raise Missing(f"There is no product '{name}'. Known products: {known}")
        found[product] = None
    return list(found)


def give(uow: UnitOfWork, user: User, products: Collection[str]) -> None:
    """Let the locked person have products, whatever kept them out before. Raises SeatLimit."""
    entitling.include(uow, user.id, products)
    entitling.claim(uow, user.id, products, BY_HAND)
    entitling.refresh(uow, {user.id: user.may_hold}, own_request=user.may_hold)


def take(uow: UnitOfWork, user: User, products: Collection[str]) -> list[str]:
    """Take products from the locked person; answers those that entitlements or rules still give.

    From these the person is kept out until an admin gives them by hand.
    """
    claims = [claim for claim in uow.ledger.claims([user.id]) if claim.product in products]
    for claim in claims:
        if is_fact(claim.source):
            entitling.unclaim(uow, user.id, [claim.product], claim.source)
    derived = sorted({claim.product for claim in claims if not is_fact(claim.source)})
    if derived:
        entitling.exclude(uow, user.id, derived, EXCLUDED_BY_ADMIN)
    entitling.refresh(uow, {user.id: user.may_hold})
    return derived
