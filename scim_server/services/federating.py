"""The identity provider that a tenant's people sign in to the console with: at most one, set up by its admins."""

from scim_server.domain.access import ROLES, SUPER_ADMIN, check_within
from scim_server.domain.domains import ascii_name
from scim_server.domain.errors import Invalid, Missing
from scim_server.domain.events import Cause, Change
from scim_server.domain.facts import of_sign_in_provider
from scim_server.domain.sign_in_providers import Door, PersonClaim, SignInProvider, check_provider
from scim_server.domain.tenants import SLUG, Tenant
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.retrying import retried


@retried
def set_provider(
    units: Units,
    tenant: Tenant,
    cause: Cause,
    issuer: str,
    client_id: str,
    secret: str | None = None,
    claim: str = PersonClaim.EMAIL,
) -> SignInProvider:
    """Have the tenant's people sign in with that provider. Without a secret the one that is known stays.

    Whoever chooses the provider can be everybody, so it takes all that a super admin may do. Raises Forbidden, Invalid.
    """
    check_within(ROLES[SUPER_ADMIN], cause.permits)
    check_provider(issuer, client_id, claim, secret)
    with units.write(tenant, cause) as uow:
        uow.guard(exclusive=True)
        before = uow.sign_in_provider.get()
        kept = secret or _kept_secret(uow, before, issuer, client_id)
        after = SignInProvider(tenant.id, issuer, client_id, PersonClaim(claim), uow.now)
        then = None if before is None else of_sign_in_provider(before)
        uow.sign_in_provider.put(after, kept)
        uow.record(Change("sign_in_provider", tenant.id, "sign_in_provider.set", then, of_sign_in_provider(after)))
        uow.commit()
        return after


def _kept_secret(uow: UnitOfWork, before: SignInProvider | None, issuer: str, client_id: str) -> str:
    """The secret there is, which no other provider is shown."""
    if before is None or (before.issuer, before.client_id) != (issuer, client_id):
        raise Invalid("A client secret is needed: the provider shows it where the client is registered.")
    return uow.sign_in_provider.secret()


def provider(units: Units, tenant: Tenant) -> SignInProvider:
    """The tenant's sign-in provider. Raises Missing."""
    with units.read(tenant) as uow:
        return _provider(uow)


@retried
def remove_provider(units: Units, tenant: Tenant, cause: Cause) -> SignInProvider:
    """Let nobody sign in with it any more; who is signed in stays so. Raises Missing."""
    with units.write(tenant, cause) as uow:
        uow.guard(exclusive=True)
        removed = _provider(uow)
        uow.sign_in_provider.remove()
        facts = of_sign_in_provider(removed)
        uow.record(Change("sign_in_provider", tenant.id, "sign_in_provider.removed", facts, None))
        uow.commit()
        return removed


def door(units: Units, text: str) -> Door | None:
    """Where those sign in who type that: a tenant's slug, a domain that it has verified, or an address in one.

    None where there is no such tenant or it has no provider, or where several have the domain.
    """
    doors = [found for tenant in _named(units, text) if (found := door_of(units, tenant)) is not None]
    return doors[0] if len(doors) == 1 else None


def door_of(units: Units, tenant: Tenant) -> Door | None:
    """Where the people of that tenant sign in."""
    with units.read(tenant) as uow:
        found = uow.sign_in_provider.get()
        return None if found is None else Door(tenant, found, uow.sign_in_provider.secret())


def _named(units: Units, text: str) -> list[Tenant]:
    """Read over all cells, since none knows of another's domains."""
    typed = text.strip().lower()
    domain = ascii_name(typed.rpartition("@")[2])
    found: list[Tenant] = []
    for part in units.parts():
        with part.overview() as operator:
            if SLUG.fullmatch(typed):
                named = operator.tenant(typed)
                found += [named] if named is not None and named.cell == operator.cell else []
            elif domain is not None:
                found += operator.tenants_with_domain(domain)
    return found


def _provider(uow: UnitOfWork) -> SignInProvider:
    found = uow.sign_in_provider.get()
    if found is None:
        raise Missing(
            f"The people of tenant '{uow.tenant.slug}' sign in with no provider. "
            f"`scim-server console provider set {uow.tenant.slug}` sets one."
        )
    return found
