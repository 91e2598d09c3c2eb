"""`scim-server log`: what clients sent, and what came of it."""

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from scim_server.cli.installations import migrated
from scim_server.cli.outputs import facts_table, json_option, print_json, print_json_line, printable
from scim_server.domain.errors import Missing
from scim_server.domain.instants import Instant, instant
from scim_server.domain.tenants import Tenant
from scim_server.services import provisioning_logs, tenancy
from scim_server.services.log_entries import LogEntry, Sought
from scim_server.services.ports import Units

STATUS = re.compile(r"([1-5])(xx|[0-9]{2})", re.IGNORECASE)
PAUSE = 1.0
"""Seconds between two looks at a log that is followed."""
LATE = timedelta(seconds=60)
"""How long after it came a request's entry may appear: a write's is written at its end."""
LONGEST_WORDS = 60
"""Characters of an error's detail that a line shows."""


@click.group("log")
def logs() -> None:
    """The provisioning log: what clients sent, and what came of it."""


def _statuses(text: str) -> tuple[int, int]:
    """4xx, or one status."""
    found = STATUS.fullmatch(text)
    if found is None:
        raise click.BadParameter(f"'{text}' is no status: write one, for example 409, or a class, for example 4xx.")
    if found[2].lower() == "xx":
        return int(found[1]) * 100, int(found[1]) * 100 + 99
    return int(text), int(text)


@logs.command("tail")
@click.argument("tenant")
@click.option("--follow", is_flag=True, help="Go on with what comes, until Ctrl-C.")
@click.option("--lines", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many at most.")
@click.option("--connection", metavar="NAME", help="Requests of that connection.")
@click.option("--status", type=_statuses, metavar="4xx|409|...", help="Requests answered so.")
@click.option("--user", metavar="USERNAME", help="Requests that name, changed or meant that person.")
@click.option("--resource", metavar="ID", help="Requests that changed or meant that user or group.")
@json_option
def tail(
    tenant: str,
    follow: bool,
    lines: int,
    connection: str | None,
    status: tuple[int, int] | None,
    user: str | None,
    resource: str | None,
    as_json: bool,
) -> None:
    """The newest requests to TENANT, newest last, one line each.

    Reads appear within a second or two. Under --json a list, with --follow one object a line.
    """
    if user is not None and resource is not None:
        raise click.UsageError("--user and --resource exclude each other.", click.get_current_context())
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    names = connection_names(units, owner)
    actor = None if connection is None else _actor(names, owner, connection)
    sought = Sought(lines, actor=actor, statuses=status, object_id=resource, user_name=user)
    found = provisioning_logs.entries(units, owner, sought)
    if as_json and not follow:
        print_json([_facts(entry, owner, names) for entry in found])
        return
    for entry in _with_following(units, owner, sought, found) if follow else found:
        if as_json:
            print_json_line(_facts(entry, owner, names))
        else:
            click.echo(printable(_line(entry, owner, names)))
    if not found and not follow:
        click.echo(f"The log of '{tenant}' has no such request.")


@logs.command("show")
@click.argument("request_id", metavar="ID")
@json_option
def show(request_id: str, as_json: bool) -> None:
    """The whole entry of the request ID, which its answer carried as X-Request-Id, whichever tenant's."""
    units = migrated().units
    owner, entry = provisioning_logs.entry(units, request_id)
    facts = _facts(entry, owner, connection_names(units, owner))
    if as_json:
        print_json(facts)
        return
    changes = [f"{change['action']} {change['id']}" for change in facts.pop("changes")]
    facts_table({**facts, "changes": changes})


def _with_following(units: Units, tenant: Tenant, sought: Sought, found: list[LogEntry]) -> Iterator[LogEntry]:
    """Those found, then every other as it appears, until Ctrl-C."""
    shown = {entry.id for entry in found}
    yield from found
    while _pause():
        fresh = provisioning_logs.entries_since(units, tenant, sought, instant(datetime.now(UTC) - LATE), shown)
        shown |= {entry.id for entry in fresh}
        yield from fresh


def _pause() -> bool:
    """Whether to go on after it."""
    try:
        time.sleep(PAUSE)
    except KeyboardInterrupt:
        return False
    return True


def connection_names(units: Units, tenant: Tenant) -> dict[str, str]:
    """The names of a tenant's connections by the actor they are in the log."""
    return {f"connection:{each.id}": each.name for each in tenancy.connections(units, tenant)}


def _actor(names: dict[str, str], tenant: Tenant, connection: str) -> str:
    for actor, name in names.items():
        if name == connection:
            return actor
    raise Missing(f"Tenant '{tenant.slug}' has no connection '{connection}'.")


def _line(entry: LogEntry, tenant: Tenant, names: dict[str, str]) -> str:
    parts = [
        _to_the_second(entry.at),
        names.get(entry.actor, entry.actor),
        f"{entry.method:<6}",
        entry.path.removeprefix(f"/scim/{tenant.slug}/v2") or "/",
        str(entry.status),
        f"{entry.milliseconds} ms",
        f"[{', '.join(entry.habits)}]" if entry.habits else "",
        _first_words(entry.detail or "; ".join(entry.notes)),
        entry.id,
    ]
    return "  ".join(part for part in parts if part).replace("\n", " ")


def _to_the_second(moment: Instant) -> str:
    return f"{moment[:19]}Z"


def _first_words(text: str) -> str:
    if len(text) <= LONGEST_WORDS:
        return text
    return f"{text[:LONGEST_WORDS].rpartition(' ')[0] or text[:LONGEST_WORDS]} ..."


def _facts(entry: LogEntry, tenant: Tenant, names: dict[str, str]) -> dict[str, Any]:
    return {
        "id": entry.id,
        "at": entry.at,
        "tenant": tenant.slug,
        "connection": names.get(entry.actor, entry.actor),
        "clientRequestId": entry.client_request_id,
        "method": entry.method,
        "path": entry.path,
        "body": entry.body,
        "habits": list(entry.habits),
        "notes": list(entry.notes),
        "changes": [
            {"type": change.object_type, "id": change.object_id, "action": change.action} for change in entry.changes
        ],
        "status": entry.status,
        "scimType": entry.scim_type,
        "detail": entry.detail,
        "resourceType": entry.resource_type,
        "resourceId": entry.resource_id,
        "milliseconds": entry.milliseconds,
    }
