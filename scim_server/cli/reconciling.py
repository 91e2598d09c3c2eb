"""`scim-server reconcile`: is the ledger what it must be, and if not, make it so."""

import click

from scim_server.api.items.differences import LedgerDifferenceItem
from scim_server.api.shapes import dump_all
from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import json_option, listing
from scim_server.domain.tenants import Tenant
from scim_server.services import reconciling, tenancy

COLUMNS = {"Tenant": "tenant", "Difference": "difference"}
DIFFERENT = 1


@click.command("reconcile")
@click.argument("tenant", required=False)
@click.option("--check", is_flag=True, help="Only look: exit code 0 where nothing differs, 1 with the list.")
@json_option
def reconcile(tenant: str | None, check: bool, as_json: bool) -> None:
    """Hold the ledger of TENANT, or of all tenants, against what it must be, and repair what is derived.

    Assigned seats that have a claim stay; run again, it finds and changes nothing. While a tenant is repaired its
    changes wait; a check is exact only while nothing changes.
    """
    units = migrated().units
    why = cause()

    def wrong(owner: Tenant) -> list[str]:
        return reconciling.differences(units, owner) if check else reconciling.repair(units, owner, why)

    owners = tenancy.tenants(units) if tenant is None else [tenancy.tenant(units, tenant)]
    found = [{"tenant": owner.slug, "difference": each} for owner in owners for each in wrong(owner)]
    if found and not check and not as_json:
        click.echo("Repaired:")
    listing(
        dump_all(LedgerDifferenceItem, found),
        COLUMNS,
        "Nothing differs: the ledger is what it must be.",
        as_json=as_json,
    )
    if found and check:
        click.get_current_context().exit(DIFFERENT)
