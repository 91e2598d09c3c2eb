"""`scim-server connection`: links of identity providers to tenants."""

from typing import Any

import click

from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import json_option, listing, report
from scim_server.domain.access import ROLES
from scim_server.domain.tenants import IDPS, MANAGES_ENTITLEMENTS, Connection
from scim_server.services import tenancy

COLUMNS = {
    "Name": "name",
    "Identity provider": "idp",
    "Manages entitlements": "managesEntitlements",
    "Highest role": "maxRole",
    "Created": "created",
}


@click.group("connection")
def connections() -> None:
    """Connections: an identity provider's link to a tenant."""


@connections.command("create")
@click.argument("tenant")
@click.argument("name")
@click.option("--idp", type=click.Choice(IDPS), required=True, help="Which identity provider it is.")
@click.option(
    "--manages-entitlements",
    type=click.Choice(MANAGES_ENTITLEMENTS),
    default="auto",
    show_default=True,
    help="Whether a user sent without entitlements has none; auto: yes once it has sent some.",
)
@click.option(
    "--max-role", type=click.Choice(ROLES), default="admin", show_default=True, help="The highest role it may grant."
)
@json_option
def create(tenant: str, name: str, idp: str, manages_entitlements: str, max_role: str, as_json: bool) -> None:
    """Add a connection NAME to TENANT."""
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    connection = tenancy.create_connection(
        units, owner, cause(), name, idp=idp, manages_entitlements=manages_entitlements, max_role=max_role
    )
    report(
        _facts(tenant, connection),
        f"Connection '{tenant}/{name}' is there; `scim-server token issue {tenant}/{name}` makes a token for it.",
        as_json=as_json,
    )


@connections.command("list")
@click.argument("tenant")
@json_option
def list_(tenant: str, as_json: bool) -> None:
    """Every connection of TENANT by name."""
    units = migrated().units
    found = [_facts(tenant, each) for each in tenancy.connections(units, tenancy.tenant(units, tenant))]
    listing(found, COLUMNS, f"Tenant '{tenant}' has no connection yet.", as_json=as_json)


def _facts(tenant: str, connection: Connection) -> dict[str, Any]:
    return {
        "tenant": tenant,
        "id": connection.id,
        "name": connection.name,
        "idp": connection.idp,
        "managesEntitlements": connection.manages_entitlements,
        "maxRole": connection.max_role,
        "created": connection.created,
    }
