"""Tenants, connections, tokens and the catalogue of products: what an operator sets up."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

import structlog

from scim_server.domain.access import ROLES, check_within
from scim_server.domain.errors import Invalid, Missing, Taken, Unavailable
from scim_server.domain.events import Cause, Change
from scim_server.domain.facts import of_connection, of_tenant, of_token
from scim_server.domain.instants import later
from scim_server.domain.networks import checked_networks
from scim_server.domain.products import Product, check_code
from scim_server.domain.tenants import (
    IDPS,
    MANAGES_ENTITLEMENTS,
    MOST_LIVE_TOKENS,
    SCIM_SCOPES,
    Connection,
    Tenant,
    Token,
    check_slug,
)
from scim_server.services.credentials import Prefix, check_life, digest, new_text
from scim_server.services.expiring import settle_expiries
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.retrying import retried

SHARE = "share-products"

_log = structlog.get_logger("scim_server.cells")


def create_tenant(units: Units, cause: Cause, slug: str, name: str, profile: str) -> Tenant:
    """Open a tenant, and its audit trail with that.

    Raises Invalid for an impossible slug or name, Taken where the slug is in use.
    """
    if not name.strip():
        raise Invalid("A tenant needs a name.")
    with units.operator() as operator:
        tenant = Tenant(operator.new_tenant_id(), check_slug(slug), name, profile, operator.now)
        operator.add_tenant(tenant)
        operator.webhooks.hook_new(tenant)
        operator.record(tenant, Change("tenant", tenant.id, "tenant.created", None, of_tenant(tenant)), cause)
        operator.commit()
        return tenant


def tenants(units: Units) -> list[Tenant]:
    """Every tenant by slug."""
    found = []
    for part in units.parts():
        with part.overview() as operator:
            found += operator.tenants()
    return sorted(found, key=lambda tenant: tenant.slug)


def tenant(units: Units, slug: str) -> Tenant:
    """The tenant of that slug; raises Missing."""
    with units.overview() as operator:
        found, here = operator.tenant(slug), operator.cell
    if found is not None and found.cell != here:
        with units.overview(found.id) as operator:
            found = operator.tenant(slug)
    if found is None:
        raise no_tenant(slug)
    return found


def no_tenant(slug: str) -> Missing:
    return Missing(f"There is no tenant '{slug}'. `scim-server tenant list` shows all.")


def set_terms(
    units: Units,
    tenant: Tenant,
    cause: Cause,
    *,
    name: str | None = None,
    profile: str | None = None,
    switches: Mapping[str, str | None] = MappingProxyType({}),
    settings: Mapping[str, str | None] = MappingProxyType({}),
) -> Tenant:
    """Change a tenant's name, profile, switches or settings, from the next request on.

    A switch that is None follows the profile, a setting that is None is as by default. What profiles and switches
    mean is the protocol's business: they must be known to be good. Raises Invalid for an impossible setting or name.
    """
    if name is not None and not name.strip():
        raise Invalid("A tenant needs a name.")
    with units.write(tenant, cause) as uow:
        kept = {**dict(uow.tenant.switched), **switches}
        switched = tuple(sorted((key, position) for key, position in kept.items() if position is not None))
        changed = replace(
            tenant,
            name=tenant.name if name is None else name,
            profile=tenant.profile if profile is None else profile,
            switched=switched,
            settings=uow.tenant.settings.set(settings),
        )
        if changed != tenant:
            uow.save_tenant(changed)
            uow.record(Change("tenant", tenant.id, "tenant.changed", of_tenant(tenant), of_tenant(changed)))
            uow.commit()
        return changed


def create_product(units: Units, code: str, name: str, includes: Collection[str]) -> Product:
    """Add a product to the catalogue; what it includes never changes, so no products include each other in a circle.

    Raises Missing for an unknown included product, Taken for a used code.
    """
    if not name.strip():
        raise Invalid("A product needs a name.")
    if code in includes:
        raise Invalid(f"'{code}' cannot include itself: leave that out.")
    with units.operator() as operator:
        known = operator.catalogue().products
        unknown = sorted(set(includes) - known.keys())
        if unknown:
            raise Missing(f"'{code}' cannot include '{unknown[0]}': there is no such product. Create it first.")
        product = Product(check_code(code), name, frozenset(includes))
        operator.add_product(product)
        operator.commit()
    try:
        share_products(units)
    except Unavailable as error:
        _log.warning("a cell does not know a product yet", product=code, reason=str(error))
    return product


def share_products(units: Units) -> int:
    """The chore: have every cell know the products of home; answers how many were new to one."""
    home, *others = units.parts()
    with home.overview() as operator:
        catalogue = operator.catalogue().products
    added, missed = 0, None
    for part in others:
        try:
            added += _add_missing(part, catalogue)
        except Unavailable as error:
            missed = error
    if missed is not None:
        raise missed
    return added


@retried
def _add_missing(part: Units, catalogue: Mapping[str, Product]) -> int:
    with part.operator() as operator:
        known = set(operator.catalogue().products)
        added = 0
        while ready := [each for each in catalogue.values() if each.code not in known and each.includes <= known]:
            for product in ready:
                operator.add_product(product)
            known |= {product.code for product in ready}
            added += len(ready)
        operator.commit()
        return added


def products(units: Units) -> list[Product]:
    """The whole catalogue by code."""
    with units.overview() as operator:
        return sorted(operator.catalogue().products.values(), key=lambda product: product.code)


def product(units: Units, code: str) -> Product:
    """The product of that code; raises Missing."""
    with units.overview() as operator:
        catalogue = operator.catalogue()
    if code not in catalogue.products:
        raise catalogue.unknown(code)
    return catalogue.products[code]


def create_connection(
    units: Units,
    tenant: Tenant,
    cause: Cause,
    name: str,
    *,
    idp: str,
    manages_entitlements: str,
    max_role: str,
    creator_only: bool = False,
    networks: Collection[str] = (),
) -> Connection:
    """Add a link to an identity provider.

    Raises Taken where the name is in use, Invalid for an unknown choice or no network, Forbidden for a role above
    whoever adds it.
    """
    check_terms(name, idp, manages_entitlements, max_role)
    check_within(ROLES[max_role], cause.permits)
    kept_to = checked_networks(networks)
    with units.write(tenant, cause) as uow:
        new = Connection(tenant.id, uow.new_id(), name, idp, manages_entitlements, False, max_role, uow.now)
        connection = replace(new, creator_only=creator_only, networks=kept_to)
        uow.connections.add(connection)
        uow.record(Change("connection", connection.id, "connection.created", None, of_connection(connection)))
        uow.commit()
        return connection


def connections(units: Units, tenant: Tenant) -> list[Connection]:
    """Every connection of the tenant by name."""
    with units.read(tenant) as uow:
        return uow.connections.all()


def note_entitlements_written(uow: UnitOfWork, connection: Connection) -> None:
    """Note that a connection writes roles or entitlements, once it does so for the first time."""
    uow.connections.mark_wrote_entitlements(connection.id)
    name = "wroteEntitlements"
    uow.record(Change("connection", connection.id, "connection.wrote_entitlements", {name: False}, {name: True}))


def issue_token(
    units: Units,
    tenant: Tenant,
    cause: Cause,
    connection_name: str,
    life: timedelta,
    scopes: Collection[str] = SCIM_SCOPES,
) -> tuple[Token, str]:
    """A new token for a connection, by its name or id: what is stored, and the text that is shown this once.

    Raises Missing, Invalid, Taken where the connection has as many live tokens as it may, Forbidden where it may grant
    a role above whoever issues it.
    """
    check_life(life)
    _check_scopes(scopes)
    with units.write(tenant, cause) as uow:
        connection = connection_called(uow, connection_name)
        live = live_tokens(uow, connection)
        if len(live) >= MOST_LIVE_TOKENS:
            known = " and ".join(f"'{token.id}'" for token in live)
            raise Taken(
                f"Connection '{connection.name}' has {len(live)} live tokens already, {known}: one in use, one to "
                f"change over to. `scim-server token rotate {tenant.slug} {connection.name}` replaces the one in use; "
                "`scim-server token revoke ID` ends one."
            )
        token, text = new_token(uow, connection, scopes, life)
        settle_expiries(uow)
        uow.commit()
        return token, text


def new_token(uow: UnitOfWork, connection: Connection, scopes: Collection[str], life: timedelta) -> tuple[Token, str]:
    """The same in the caller's transaction, however many there are. Raises Forbidden."""
    check_power(uow, connection)
    token_id, text = new_text(Prefix.CONNECTION, connection.tenant_id)
    expires = later(uow.now, life)
    token = Token(
        connection.tenant_id, token_id, connection.id, digest(text), uow.now, expires, scopes=frozenset(scopes)
    )
    uow.connections.add_token(token)
    facts = {**of_token(token), "connection": connection.name}
    uow.record(Change("token", token.id, "token.issued", None, facts))
    return token, text


def _check_scopes(scopes: Collection[str]) -> None:
    unknown = sorted(set(scopes) - SCIM_SCOPES)
    if unknown or not scopes:
        problem = f"'{unknown[0]}' is no scope of SCIM" if unknown else "A token needs at least one scope"
        raise Invalid(f"{problem}. Scopes: {', '.join(sorted(SCIM_SCOPES))}.")


def live_tokens(uow: UnitOfWork, connection: Connection) -> list[Token]:
    """The live tokens of a connection, oldest first; nobody else issues or ends one until the transaction is over."""
    uow.connections.lock(connection.id)
    known = uow.connections.unrevoked_tokens()
    return [token for token in known if token.connection_id == connection.id and token.is_live(uow.now)]


def check_power(uow: UnitOfWork, connection: Connection) -> None:
    """Raises Forbidden where whoever speaks for the connection could give more than who is about to let them: by the
    roles that it may grant, or by a rule, as it says who is in which group and what is known of people."""
    if uow.cause.permits is None:
        return
    known = uow.roles.all(kept=True).by_code
    ruled = {rule.role for rule in uow.rules.all() if rule.enabled and rule.role is not None}
    for code in sorted({connection.max_role, *ruled}):
        check_within(known[code], uow.cause.permits)


def connection_called(uow: UnitOfWork, text: str) -> Connection:
    """The connection of that name, or else of that id; raises Missing."""
    found = uow.connections.named(text) or next((each for each in uow.connections.all() if each.id == text), None)
    if found is None:
        raise Missing(f"Tenant '{uow.tenant.slug}' has no connection '{text}'.")
    return found


def check_terms(name: str, idp: str, manages_entitlements: str, max_role: str) -> None:
    """Raises Invalid where a connection cannot be called so, or be set up so."""
    if "/" in name or not name.strip():
        raise Invalid("A connection's name must not be empty and must not contain '/'.")
    _check_choice("idp", idp, IDPS)
    _check_choice("manages-entitlements", manages_entitlements, MANAGES_ENTITLEMENTS)
    _check_choice("max-role", max_role, ROLES)


def _check_choice(option: str, value: str, choices: Collection[str]) -> None:
    if value not in choices:
        raise Invalid(f"'{value}' is no choice for {option}: use {', '.join(choices)}.")
