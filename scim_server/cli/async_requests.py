"""`scim-server request`: what SCIM clients had answered before it was carried out."""

import click

from scim_server.api.items.async_requests import AsyncRequestItem, WholeAsyncRequestItem
from scim_server.api.shapes import dump, dump_all
from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import facts_table, json_option, listing, print_json, report
from scim_server.services import deferring, tenancy

COLUMNS = {
    "Accepted": "accepted",
    "State": "state",
    "Sender": "sender",
    "Method": "method",
    "Path": "path",
    "Of": "operations",
    "Done": "completed",
    "Failed": "failed",
    "Trouble": "trouble",
    "Id": "id",
}
RESULTS = {"Number": "number", "Method": "method", "Status": "status", "Resource": "uri", "Detail": "detail"}


@click.group("request")
def async_requests() -> None:
    """Asynchronous requests of SCIM clients (Prefer: respond-async)."""


@async_requests.command("list")
@click.argument("tenant")
@click.option("--waiting", is_flag=True, help="Only those that are not finished.")
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True, help="So many at most.")
@json_option
def list_(tenant: str, waiting: bool, limit: int, as_json: bool) -> None:
    """The newest asynchronous requests of TENANT, and how far each is."""
    units = migrated().units
    found = deferring.async_requests(units, tenancy.tenant(units, tenant), waiting=waiting or None, most=limit)
    listing(
        dump_all(AsyncRequestItem, found), COLUMNS, f"Tenant '{tenant}' has no asynchronous request.", as_json=as_json
    )


@async_requests.command("show")
@click.argument("tenant")
@click.argument("request_id", metavar="ID")
@json_option
def show(tenant: str, request_id: str, as_json: bool) -> None:
    """What came of the asynchronous request ID of TENANT: of each operation, where it is a Bulk."""
    units = migrated().units
    item = dump(WholeAsyncRequestItem, deferring.async_request(units, tenancy.tenant(units, tenant), request_id))
    if as_json:
        print_json(item)
        return
    completions = item.pop("completions")
    facts_table(item)
    listing(completions, RESULTS, "Nothing came of it yet.", as_json=False)


@async_requests.command("cancel")
@click.argument("tenant")
@click.argument("request_id", metavar="ID")
@json_option
def cancel(tenant: str, request_id: str, as_json: bool) -> None:
    """Call off the asynchronous request ID of TENANT, or what is left of a Bulk: it fails when its turn comes."""
    units = migrated().units
    named = tenancy.tenant(units, tenant)
    deferring.cancel(units, named, cause(), request_id)
    item = dump(WholeAsyncRequestItem, deferring.async_request(units, named, request_id))
    report(item, f"The asynchronous request '{request_id}' is called off.", as_json=as_json)
