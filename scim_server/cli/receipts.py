"""`scim-server receipt`: what the application has to end for whoever left, and that it has."""

import click

from scim_server.api.items.receipts import ReceiptItem
from scim_server.api.shapes import dump, dump_all
from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import json_option, listing, report
from scim_server.domain.receipts import Part
from scim_server.services import receipt_lists, receipting, tenancy
from scim_server.services.receipt_lists import ListedReceipt

COLUMNS = {
    "User": "userName",
    "Ended": "ended",
    "State": "state",
    "Since": "since",
    "Due": "due",
    "Missing": "missing",
    "Id": "id",
}


@click.group("receipt")
def receipts() -> None:
    """Leaver receipts: that sessions, keys and access to data of whoever left have ended."""


@receipts.command("list")
@click.argument("tenant")
@click.option("--open", "is_open", is_flag=True, help="Only those that are not closed, overdue ones included.")
@click.option("--overdue", "is_overdue", is_flag=True, help="Only those that are overdue.")
@click.option("--user", metavar="USERNAME", help="Only of that person, who may be deleted.")
@json_option
def list_(tenant: str, is_open: bool, is_overdue: bool, user: str | None, as_json: bool) -> None:
    """The receipts of people who left TENANT, the oldest first."""
    units = migrated().units
    found = receipt_lists.receipts(
        units, tenancy.tenant(units, tenant), is_open=is_open, is_overdue=is_overdue, person=user
    )
    listing(dump_all(ReceiptItem, found), COLUMNS, f"Tenant '{tenant}' has no such receipt.", as_json=as_json)


@receipts.command("acknowledge")
@click.argument("tenant")
@click.argument("receipt_id", metavar="ID")
@click.argument("parts", metavar="[PART]...", nargs=-1, type=click.Choice([part.value for part in Part]))
@json_option
def acknowledge(tenant: str, receipt_id: str, parts: tuple[str, ...], as_json: bool) -> None:
    """Acknowledge that parts of the receipt ID of TENANT have ended: sessions, keys, data_access; without any, all."""
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    ended = {Part(part) for part in parts} or set(Part)
    receipting.acknowledge(units, owner, cause(), receipt_id, ended)
    listed = receipt_lists.receipt(units, owner, receipt_id)
    report(dump(ReceiptItem, listed), _sentence(listed), as_json=as_json)


def _sentence(listed: ListedReceipt) -> str:
    who, missing = listed.user_name or listed.receipt.user_id, listed.receipt.missing
    if listed.receipt.closed is None:
        return f"The receipt of '{who}' still misses {', '.join(part.value for part in missing)}."
    return f"The receipt of '{who}' is {listed.state.value}."
