"""`scim-server dialects`: what clients write otherwise than the RFC says, and what the server makes of it."""

from typing import Any

import click

from scim_server.cli.outputs import json_option, listing, print_json
from scim_server.dialects.pages import on_in, page, pretty
from scim_server.dialects.quirks import ENTRIES, Entry

COLUMNS = {
    "Name": "name",
    "What": "what",
    "Clients": "clients",
    "Rows": "rows",
    "On in": "on",
    "Source": "source",
}


@click.group("dialects")
def dialects() -> None:
    """Dialects: the declared habits of clients."""


@dialects.command("list")
@click.option("--client", help="Only what this client does: okta, entra, ...")
@json_option
def list_(client: str | None, as_json: bool) -> None:
    """Every habit that is served. `dialects show NAME` has its sample."""
    found = [_facts(entry) for entry in ENTRIES if client is None or client in entry.clients]
    listing(found, COLUMNS, f"No habit of '{client}' is known.", as_json=as_json)


@dialects.command("show")
@click.argument("name", type=click.Choice([entry.name for entry in ENTRIES]), metavar="NAME")
@json_option
def show(name: str, as_json: bool) -> None:
    """One habit, and what comes before and after."""
    entry = next(entry for entry in ENTRIES if entry.name == name)
    facts = {**_facts(entry), "before": entry.before, "after": entry.after}
    if as_json:
        print_json(facts)
        return
    click.echo(f"{entry.name}: {entry.summary}")
    click.echo(f"Clients: {', '.join(entry.clients)}. On in: {on_in(entry)}. Source: {entry.source}")
    click.echo(f"\nBefore:\n{pretty(entry.before)}\n\nAfter:\n{pretty(entry.after)}")


@dialects.command("page")
def page_() -> None:
    """docs/dialects.md."""
    click.echo(page())


def _facts(entry: Entry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "what": entry.summary,
        "clients": list(entry.clients),
        "rows": list(entry.quirks),
        "on": on_in(entry),
        "source": entry.source,
    }
