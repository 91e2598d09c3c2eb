"""The operator's view of all tenants: how each is, page by page."""

from collections.abc import Iterator

from scim_server.domain.tenants import Tenant
from scim_server.services import tenancy
from scim_server.services.ports import Units
from scim_server.services.tenant_healths import SoughtTenants, TenantHealth

AT_ONCE = 200
"""Tenants read at once where all are asked for."""


def healths(units: Units, sought: SoughtTenants, after: str, most: int) -> list[TenantHealth]:
    """The tenants that are sought, by slug, those behind `after`, so many at most; one statement for each cell."""
    found: list[TenantHealth] = []
    for part in units.parts():
        with part.overview() as operator:
            if sought.cell in {None, operator.cell}:
                found += operator.healths(sought, after, most)
    return sorted(found, key=lambda each: each.tenant.slug)[:most]


def every_health(units: Units, sought: SoughtTenants) -> Iterator[TenantHealth]:
    """All of them, read bit by bit."""
    after = ""
    while found := healths(units, sought, after, AT_ONCE):
        yield from found
        after = found[-1].tenant.slug


def health(units: Units, tenant: Tenant) -> TenantHealth:
    """That of one tenant. Raises Missing."""
    found = healths(units, SoughtTenants(slug=tenant.slug), "", 1)
    if not found:
        raise tenancy.no_tenant(tenant.slug)
    return found[0]
