"""`scim-server event`: what happened, as applications are told."""

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import click

from scim_server.api.items.events import EventsItem, EventTypeItem
from scim_server.api.shapes import dump, dump_all
from scim_server.cli.installations import migrated
from scim_server.cli.outputs import json_option, listing, print_json, print_json_line, printable, to_the_second
from scim_server.domain.tenants import Tenant
from scim_server.services import event_pages, pulling, tenancy
from scim_server.services.event_types import EVENT_TYPES
from scim_server.services.ports import Units
from scim_server.services.pulling import Wanted

PAUSE = 0.5
"""Seconds between two looks at events that are followed."""
PAGE = 100
TYPES = {"Type": "name", "Version": "version", "About": "subjects", "Means": "means"}
COLUMNS = {
    "Position": "position",
    "At": "at",
    "Type": "type",
    "About": "about",
    "Number": "number",
    "Data": "data",
    "Request": "requestId",
}


@click.group("event")
def events() -> None:
    """What happened, as applications are told."""


type_option = click.option(
    "--type", "types", multiple=True, metavar="seat.assigned|user.*|...", help="Events of that type alone; repeatable."
)


@events.command("types")
@json_option
def types_(as_json: bool) -> None:
    """Every type of event; --json has their JSON schemas."""
    listing(dump_all(EventTypeItem, sorted(EVENT_TYPES.items())), TYPES, "", as_json=as_json)


@events.command("page")
def page() -> None:
    """docs/events.md, from the catalogue of events."""
    click.echo(event_pages.page())


@events.command("list")
@click.argument("tenant")
@click.option("--after", type=click.IntRange(0), metavar="POSITION", help="Events behind that. [default: the newest]")
@type_option
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many at most.")
@json_option
def list_(tenant: str, after: int | None, types: tuple[str, ...], limit: int, as_json: bool) -> None:
    """The events of TENANT, oldest first: the newest, or those behind a position."""
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    wanted = pulling.types_of(types)
    if after is None:
        pulled = pulling.latest(units, owner, wanted, limit)
    else:
        pulled = pulling.pull(units, owner, Wanted(after, wanted, limit))
    shown = dump(EventsItem, pulled)
    if as_json:
        print_json(shown)
        return
    listing([_row(each) for each in shown["items"]], COLUMNS, _empty(pulled), as_json=False)


@events.command("follow")
@click.argument("tenant")
@click.option("--after", type=click.IntRange(0), metavar="POSITION", help="Events behind that. [default: new ones]")
@type_option
@json_option
def follow(tenant: str, after: int | None, types: tuple[str, ...], as_json: bool) -> None:
    """The events of TENANT as they come, one a line, until Ctrl-C."""
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    begin = pulling.newest(units, owner, 0) if after is None else after
    with suppress(KeyboardInterrupt):
        for each in _following(units, owner, Wanted(begin, pulling.types_of(types), PAGE)):
            if as_json:
                print_json_line(each)
            else:
                click.echo(printable("  ".join(_texts(_row(each)))))


def _following(units: Units, tenant: Tenant, wanted: Wanted) -> Iterator[dict[str, Any]]:
    while True:
        pulled = pulling.pull(units, tenant, wanted)
        yield from dump(EventsItem, pulled)["items"]
        wanted = replace(wanted, after=pulled.next)
        if pulled.next == pulled.last:
            time.sleep(PAUSE)


def _row(event: dict[str, Any]) -> dict[str, Any]:
    subject = event["subject"]
    name = subject.get("userName") or subject.get("displayName") or subject["id"]
    data = [f"{member}={_plain(value)}" for member, value in event["data"].items() if value is not None]
    return {**event, "at": to_the_second(event["at"]), "about": f"{subject['type']} {name}", "data": data}


def _plain(value: Any) -> str:
    """A value in few words: of ids how many they are."""
    if isinstance(value, dict):
        return str(value["total"]) if "total" in value else ",".join(f"{key}:{value[key]}" for key in value)
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _texts(row: dict[str, Any]) -> Iterator[str]:
    for member in COLUMNS.values():
        yield " ".join(row[member]) if isinstance(row[member], list) else str(row[member])


def _empty(pulled: pulling.Pulled) -> str:
    if pulled.next < pulled.last:
        return f"There is no such event up to position {pulled.next}: go on with --after {pulled.next}."
    return f"Tenant '{pulled.tenant.slug}' has no such event."
