"""Products that an admin gives people, and takes from them, by hand."""

from collections.abc import Collection

from scim_server.domain.directory import User
from scim_server.domain.seats import BY_ADMIN
from scim_server.services import entitling
from scim_server.services.ports import UnitOfWork

EXCLUDED_BY_ADMIN = "by_admin"


def products_called(uow: UnitOfWork, names: Collection[str]) -> list[str]:
    """The products of those codes, letter case ignored, each once. Raises Missing."""
    catalogue = uow.products.catalogue()
    found: dict[str, None] = {}
    for name in names:
        product = catalogue.find(name)
        if product is None:
            raise catalogue.unknown(name)
        found[product] = None
    return list(found)


def give(uow: UnitOfWork, user: User, products: Collection[str]) -> bool:
    """Let the locked person have products, whatever kept them out before; answers whether that is news.

    Raises SeatLimit.
    """
    before = _decided(uow, user)
    entitling.include(uow, user.id, products, uow.products.catalogue().named(user.entitlement_values))
    entitling.claim(uow, user.id, products, BY_ADMIN)
    entitling.refresh(uow, {user.id: user.may_hold}, own_request=user.may_hold)
    return _decided(uow, user) != before


def take(uow: UnitOfWork, user: User, products: Collection[str]) -> tuple[bool, list[str]]:
    """Take products from the locked person; answers whether that is news, and those that others go on giving.

    From these the person is kept out until an admin gives them by hand.
    """
    before = _decided(uow, user)
    claims = [claim for claim in uow.ledger.claims([user.id]) if claim.product in products]
    for claim in claims:
        if not claim.is_derived:
            entitling.unclaim(uow, user.id, [claim.product], claim.source)
    derived = sorted({claim.product for claim in claims if claim.is_derived})
    if derived:
        entitling.exclude(uow, user.id, derived, EXCLUDED_BY_ADMIN)
    entitling.refresh(uow, {user.id: user.may_hold})
    return _decided(uow, user) != before, derived


def lift(uow: UnitOfWork, user: User, products: Collection[str]) -> bool:
    """End what keeps the locked person out of products, so that rules and entitlements give them again.

    Answers whether that is news. Raises SeatLimit.
    """
    before = _decided(uow, user)
    entitling.include(uow, user.id, products, uow.products.catalogue().named(user.entitlement_values))
    entitling.refresh(uow, {user.id: user.may_hold}, own_request=user.may_hold)
    return _decided(uow, user) != before


def _decided(uow: UnitOfWork, user: User) -> tuple[set[tuple[str, str]], set[tuple[str, str, str]]]:
    """What people have decided about the person's products, derived claims apart."""
    claims, exclusions = uow.ledger.claims([user.id]), uow.ledger.exclusions([user.id])
    return (
        {(claim.product, claim.source) for claim in claims if not claim.is_derived},
        {(each.product, each.source, each.reason) for each in exclusions},
    )
