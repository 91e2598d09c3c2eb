"""`scim-server log`: what clients sent, and what came of it."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import click

from scim_server.api.items.logs import LoggedRequestItem
from scim_server.api.shapes import dump, dump_all
from scim_server.cli.installations import migrated
from scim_server.cli.outputs import facts_table, json_option, print_json, print_json_line, printable
from scim_server.cli.parameters import moment
from scim_server.domain.instants import Instant, instant
from scim_server.domain.tenants import Tenant
from scim_server.services import provisioning_logs, tenancy
from scim_server.services.log_entries import STATUSES, LoggedRequest, Sought, statuses_of
from scim_server.services.ports import Units

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
    if STATUSES.match(text.lower()) is None:
        raise click.BadParameter(f"'{text}' is no status: write one, for example 409, or a class, for example 4xx.")
    return statuses_of(text.lower())


@logs.command("tail")
@click.argument("tenant")
@click.option("--follow", is_flag=True, help="Go on with what comes, until Ctrl-C.")
@click.option("--lines", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many at most.")
@click.option("--connection", metavar="NAME", help="Requests of that connection.")
@click.option("--status", type=_statuses, metavar="4xx|409|...", help="Requests answered so.")
@click.option("--user", metavar="USERNAME", help="Requests that name, changed or meant that person.")
@click.option("--resource", metavar="ID", help="Requests that changed or meant that user or group.")
@click.option("--path", metavar="TEXT", help="Requests with that in their path.")
@click.option("--since", type=moment, metavar="2026-11-30|7d|12h", help="Requests from then on (UTC).")
@click.option("--until", type=moment, metavar="2026-11-30|7d|12h", help="Requests before then (UTC).")
@json_option
def tail(
    tenant: str,
    follow: bool,
    lines: int,
    connection: str | None,
    status: tuple[int, int] | None,
    user: str | None,
    resource: str | None,
    path: str | None,
    since: Instant | None,
    until: Instant | None,
    as_json: bool,
) -> None:
    """The newest requests to TENANT, newest last, one line each.

    Reads appear within a second or two. Under --json a list, with --follow one object a line.
    """
    if user is not None and resource is not None:
        raise click.UsageError("--user and --resource exclude each other.", click.get_current_context())
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    sought = Sought(lines, since=since, until=until, path=path, statuses=status, object_id=resource, user_name=user)
    found = provisioning_logs.requests(units, owner, sought, connection)
    if as_json and not follow:
        print_json(dump_all(LoggedRequestItem, found))
        return
    for each in _with_following(units, owner, sought, connection, found) if follow else found:
        if as_json:
            print_json_line(dump(LoggedRequestItem, each))
        else:
            click.echo(printable(_line(each)))
    if not found and not follow:
        click.echo(f"The log of '{tenant}' has no such request.")


@logs.command("show")
@click.argument("request_id", metavar="ID")
@json_option
def show(request_id: str, as_json: bool) -> None:
    """The whole entry of the request ID, which its answer carried as X-Request-Id, whichever tenant's."""
    facts = dump(LoggedRequestItem, provisioning_logs.request_anywhere(migrated().units, request_id))
    if as_json:
        print_json(facts)
        return
    changes = [f"{change['action']} {change['id']}" for change in facts.pop("changes")]
    facts_table({**facts, "changes": changes})


def _with_following(
    units: Units, tenant: Tenant, sought: Sought, connection: str | None, found: list[LoggedRequest]
) -> Iterator[LoggedRequest]:
    """Those found, then every other as it appears, until Ctrl-C."""
    shown = {each.entry.id for each in found}
    yield from found
    while _pause():
        late = instant(datetime.now(UTC) - LATE)
        fresh = provisioning_logs.requests_since(units, tenant, sought, connection, late, shown)
        shown |= {each.entry.id for each in fresh}
        yield from fresh


def _pause() -> bool:
    """Whether to go on after it."""
    try:
        time.sleep(PAUSE)
    except KeyboardInterrupt:
        return False
    return True


def _line(request: LoggedRequest) -> str:
    entry = request.entry
    parts = [
        _to_the_second(entry.at),
        request.connection,
        f"{entry.method:<6}",
        entry.path.removeprefix(f"/scim/{request.tenant}/v2") or "/",
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
