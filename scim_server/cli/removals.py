"""`scim-server removal`: seats that a mass removal would have taken, and what becomes of them."""

from collections.abc import Sequence

import click

from scim_server.api.items.removals import RemovalItem
from scim_server.api.shapes import dump_all
from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import asks, json_option, listing, report, yes_option
from scim_server.domain.tenants import Tenant
from scim_server.services import removing, tenancy
from scim_server.services.ports import Units
from scim_server.services.removing import Removal

COLUMNS = {
    "User": "userName",
    "Product": "product",
    "Held since": "since",
    "Released at": "due",
    "Request": "cause",
    "Id": "id",
}


@click.group("removal")
def removals() -> None:
    """Held removals: seats that go on working until an admin, or their time, decides."""


@removals.command("list")
@click.argument("tenant")
@json_option
def list_(tenant: str, as_json: bool) -> None:
    """Every held seat of TENANT, the first due first. `log show` has the request that would have taken it."""
    units = migrated().units
    found = removing.held(units, tenancy.tenant(units, tenant))
    listing(dump_all(RemovalItem, found), COLUMNS, _none(tenant), as_json=as_json)


@removals.command("approve")
@click.argument("tenant")
@click.argument("seat_id", metavar="[ID]", required=False)
@yes_option
@json_option
def approve(tenant: str, seat_id: str | None, yes: bool, as_json: bool) -> None:
    """Release the held seat ID of TENANT now, or all of them; whoever waits gets them."""
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    ids = _asked(units, owner, seat_id, "Release these seats now?", ask=asks(yes=yes, as_json=as_json))
    _report(removing.approve(units, owner, cause(), ids), tenant, "is released", "are released", as_json=as_json)


@removals.command("restore")
@click.argument("tenant")
@click.argument("seat_id", metavar="[ID]", required=False)
@yes_option
@json_option
def restore(tenant: str, seat_id: str | None, yes: bool, as_json: bool) -> None:
    """Let whoever has the held seat ID of TENANT keep it, or everybody, by a claim of the admin's."""
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    ids = _asked(units, owner, seat_id, "Let these people keep their seats?", ask=asks(yes=yes, as_json=as_json))
    _report(removing.restore(units, owner, cause(), ids), tenant, "is kept", "are kept", as_json=as_json)


def _asked(units: Units, tenant: Tenant, seat_id: str | None, question: str, *, ask: bool) -> list[str] | None:
    """The ids that are meant; None for all. At a terminal those shown are meant, and nobody who is held meanwhile."""
    if not ask:
        return None if seat_id is None else [seat_id]
    shown = [each for each in removing.held(units, tenant) if seat_id in {None, each.id}]
    if not shown:
        return [] if seat_id is None else [seat_id]
    listing(dump_all(RemovalItem, shown), COLUMNS, "", as_json=False)
    click.confirm(question, abort=True)
    return [each.id for each in shown]


def _report(decided: Sequence[Removal], tenant: str, one: str, several: str, *, as_json: bool) -> None:
    if as_json or not decided:
        listing(dump_all(RemovalItem, decided), COLUMNS, _none(tenant), as_json=as_json)
        return
    first = decided[0]
    seat = f"The seat of '{first.product}' of '{first.user_name}' {one}."
    report({}, seat if len(decided) == 1 else f"{len(decided)} held seats {several}.", as_json=False)


def _none(tenant: str) -> str:
    return f"Tenant '{tenant}' has no held seat."
