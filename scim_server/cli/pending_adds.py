"""`scim-server pending-add`: people who are added once their address is free outside the tenant."""

import click

from scim_server.api.items.users import PendingAddItem
from scim_server.api.shapes import dump, dump_all
from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import json_option, listing, report, show_one
from scim_server.services import joining, tenancy

COLUMNS = {
    "E-mail": "email",
    "First name": "firstName",
    "Last name": "lastName",
    "Products": "products",
    "Roles": "roles",
    "Since": "created",
    "Id": "id",
}


@click.group("pending-add")
def pending_adds() -> None:
    """Pending adds: people whose address is in use outside the tenant, added by themselves once it is free."""


@pending_adds.command("list")
@click.argument("tenant")
@json_option
def list_(tenant: str, as_json: bool) -> None:
    """Every add of TENANT that waits, oldest first."""
    units = migrated().units
    found = dump_all(PendingAddItem, joining.waiting_adds(units, tenancy.tenant(units, tenant)))
    listing(found, COLUMNS, f"No add waits in tenant '{tenant}'.", as_json=as_json)


@pending_adds.command("show")
@click.argument("tenant")
@click.argument("add", metavar="EMAIL_OR_ID")
@json_option
def show(tenant: str, add: str, as_json: bool) -> None:
    """One add of TENANT that waits."""
    units = migrated().units
    found = dump(PendingAddItem, joining.waiting_add(units, tenancy.tenant(units, tenant), add))
    show_one(found, as_json=as_json)


@pending_adds.command("cancel")
@click.argument("tenant")
@click.argument("add", metavar="EMAIL_OR_ID")
@json_option
def cancel(tenant: str, add: str, as_json: bool) -> None:
    """Call off an add of TENANT that waits."""
    units = migrated().units
    cancelled = joining.cancel_add(units, tenancy.tenant(units, tenant), cause(), add)
    said = f"The add of '{cancelled.newcomer.address}' is called off."
    report(dump(PendingAddItem, cancelled), said, as_json=as_json)
