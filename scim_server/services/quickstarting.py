"""The demo tenant: what the quickstart's story needs to be there. Made once, and left alone from then on."""

from collections.abc import Mapping
from datetime import timedelta

from scim_server.domain.events import Cause
from scim_server.domain.instants import later
from scim_server.domain.seats import Policy
from scim_server.domain.tenants import Tenant
from scim_server.services import ruling, subscribing, tenancy, tokens
from scim_server.services.ports import Units
from scim_server.services.token_entries import LIVE, SoughtTokens, TokenEntry

SLUG = "demo"
PRODUCTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "meeting": ("Meeting", ()),
    "webinar": ("Webinar", ("meeting",)),
    "training": ("Training", ("meeting",)),
}
SEATS: Mapping[str, int] = {"meeting": 5, "webinar": 2, "training": 1}
RULES: Mapping[str, tuple[str, ...]] = {"Sales": ("meeting", "webinar"), "Trainers": ("training",)}
CONNECTIONS = ("okta", "entra")
"""Each is named like its identity provider."""
TOKEN_LIFE = timedelta(days=7)
"""By this life, which nobody else's tokens of these connections should have, the quickstart knows its own."""


def set_up(units: Units, cause: Cause) -> Tenant:
    """The demo tenant with all that belongs to it; adds what is missing, changes nothing that is there."""
    tenant = next((tenant for tenant in tenancy.tenants(units) if tenant.slug == SLUG), None)
    if tenant is None:
        tenant = tenancy.create_tenant(units, cause, SLUG, "Demo", "tolerant")
    _add_products(units)
    _add_subscriptions(units, tenant, cause)
    _add_rules(units, tenant, cause)
    _add_connections(units, tenant, cause)
    return tenant


def renew_token(units: Units, tenant: Tenant, cause: Cause, connection: str) -> tuple[str, int]:
    """A new token for a connection of the demo, and how many of earlier runs were revoked to make room for it.

    Raises Taken where the connection has as many as it may have of others.
    """
    issued = tokens.tokens_of_connection(units, tenant, connection, SoughtTokens())
    earlier = [token for token in issued if token.state == LIVE and _is_ours(token)]
    for token in earlier:
        tokens.revoke_token(units, cause, token.id)
    _, text = tenancy.issue_token(units, tenant, cause, connection, TOKEN_LIFE)
    return text, len(earlier)


def _add_products(units: Units) -> None:
    known = {product.code for product in tenancy.products(units)}
    for code, (name, includes) in PRODUCTS.items():
        if code not in known:
            tenancy.create_product(units, code, name, includes)


def _add_subscriptions(units: Units, tenant: Tenant, cause: Cause) -> None:
    """A subscription without seats was never bought: the store makes those by itself."""
    bought = {seating.product for seating in subscribing.subscriptions(units, tenant) if seating.seats}
    for product, seats in SEATS.items():
        if product not in bought:
            subscribing.set_subscription(units, tenant, cause, product, seats, Policy.WAIT, None)


def _add_rules(units: Units, tenant: Tenant, cause: Cause) -> None:
    """A rule is known by what it gives: its group may have been renamed since."""
    given = {rule.products for rule in ruling.rules(units, tenant)}
    for group, products in RULES.items():
        if frozenset(products) not in given:
            ruling.create_rule(units, tenant, cause, {"group": group, "products": products})


def _add_connections(units: Units, tenant: Tenant, cause: Cause) -> None:
    known = {connection.name for connection in tenancy.connections(units, tenant)}
    for name in CONNECTIONS:
        if name not in known:
            tenancy.create_connection(
                units, tenant, cause, name, idp=name, manages_entitlements="auto", max_role="admin"
            )


def _is_ours(token: TokenEntry) -> bool:
    return token.expires == later(token.created, TOKEN_LIFE)
