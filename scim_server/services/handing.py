"""Products that an admin gives people, and takes from them, by hand."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from scim_server.domain.directory import User
from scim_server.domain.events import Change
from scim_server.domain.seats import BY_ADMIN, Claim
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
    before = _facts(uow, [user.id])
    entitling.include(uow, user.id, products, uow.products.catalogue().named(user.entitlement_values))
    entitling.claim(uow, user.id, products, BY_ADMIN)
    entitling.refresh(uow, {user.id: user.may_hold}, own_request=user.may_hold)
    return _record(uow, before)


def claim_imported(uow: UnitOfWork, claims: Sequence[Claim]) -> None:
    """Let locked people have products because a list of people says so; `entitling.refresh` is to follow.

    A fixed number of statements, however many people.
    """
    before = _facts(uow, {each.user_id for each in claims})
    entitling.add_facts(uow, claims)
    _record(uow, before)


def take(uow: UnitOfWork, user: User, products: Collection[str]) -> tuple[bool, list[str]]:
    """Take products from the locked person; answers whether that is news, and those that others go on giving.

    From these the person is kept out until an admin gives them by hand.
    """
    before = _facts(uow, [user.id])
    claims = [claim for claim in uow.ledger.claims([user.id]) if claim.product in products]
    for claim in claims:
        if not claim.is_derived:
            entitling.unclaim(uow, user.id, [claim.product], claim.source)
    derived = sorted({claim.product for claim in claims if claim.is_derived})
    if derived:
        entitling.exclude(uow, user.id, derived, EXCLUDED_BY_ADMIN)
    entitling.refresh(uow, {user.id: user.may_hold})
    return _record(uow, before), derived


def _facts(uow: UnitOfWork, user_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """What people have decided about the products of each, derived claims apart."""
    facts: dict[str, dict[str, Any]] = {
        user_id: {"user": user_id, "claims": [], "exclusions": []} for user_id in user_ids
    }
    for claim in sorted(uow.ledger.claims(user_ids), key=lambda claim: (claim.product, claim.source)):
        if not claim.is_derived:
            facts[claim.user_id]["claims"].append([claim.product, claim.source])
    for each in sorted(uow.ledger.exclusions(user_ids), key=lambda each: (each.product, each.source)):
        facts[each.user_id]["exclusions"].append([each.product, each.source, each.reason])
    return facts


def _record(uow: UnitOfWork, before: Mapping[str, dict[str, Any]]) -> bool:
    """Note what has changed since; answers whether anything has."""
    after = _facts(uow, before.keys())
    changed = [user_id for user_id in before if after[user_id] != before[user_id]]
    for user_id in changed:
        uow.record(Change("claims", user_id, "claims.changed", before[user_id], after[user_id]))
    return bool(changed)
