"""What lists of people can be narrowed by in a tenant: its products, roles, connections and groups."""

from collections.abc import Sequence
from dataclasses import dataclass

from scim_server.domain.access import Role
from scim_server.domain.tenants import Connection, Tenant
from scim_server.services.ports import Units

MOST_GROUPS = 200
"""Groups that are offered by name; any other can be named all the same."""


@dataclass(frozen=True, slots=True)
class Facets:
    """Codes of the products that the tenant bought, its roles, its connections, and the names of its oldest groups."""

    products: Sequence[str]
    roles: Sequence[Role]
    connections: Sequence[Connection]
    groups: Sequence[str]


def facets(units: Units, tenant: Tenant) -> Facets:
    """Of the tenant as it is now, with a fixed number of statements."""
    with units.browse(tenant) as uow:
        return Facets(
            [each.product for each in uow.ledger.subscriptions()],
            list(uow.roles.all().by_code.values()),
            uow.connections.all(),
            sorted(group.display_name for group in uow.groups.page("", MOST_GROUPS)),
        )


def products(units: Units, tenant: Tenant) -> list[str]:
    """Codes of the products that the tenant bought."""
    with units.browse(tenant) as uow:
        return [each.product for each in uow.ledger.subscriptions()]
