"""/Entitlements: what can stand in a user's `entitlements` (draft-ietf-scim-roles-entitlements section 3.3).

Clients of that draft read `value` and `display`, Okta reads `id`, `displayName`, `description` and `type`
(https://developer.okta.com/docs/guides/scim-with-entitlements/main/), so a resource carries both.
"""

from collections.abc import Iterator
from typing import Any

from scim_server.domain.products import Catalogue, Product
from scim_server.domain.seats import Subscription
from scim_server.resources.ports import ResourceUnit


def documents(uow: ResourceUnit) -> Iterator[dict[str, Any]]:
    """Every product with its seats. One that was not bought can be assigned as well: whoever gets it waits."""
    catalogue = uow.products.catalogue()
    bought = {subscription.product: subscription for subscription in uow.ledger.subscriptions()}
    for product in catalogue.products.values():
        yield _document(product, catalogue, bought.get(product.code, Subscription(product.code, seats=0)))


def _document(product: Product, catalogue: Catalogue, subscription: Subscription) -> dict[str, Any]:
    """Used are the seats that count; a product that comes with a bundle takes none of its own."""
    included = sorted(product.includes)
    names = ", ".join(catalogue.products[code].name for code in included)
    return {
        "value": product.code,
        "display": product.name,
        "displayName": product.name,
        "description": f"A seat of {product.name}" + (f", which includes {names}" if names else ""),
        "type": "Entitlement",
        "supported": True,
        "limitedAssignmentsPermitted": True,
        "totalAssignmentsPermitted": subscription.capacity,
        "totalAssignmentsUsed": subscription.assigned,
        "containedBy": catalogue.bundles_with(product.code),
        "contains": included,
    }
