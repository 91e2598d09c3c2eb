"""`scim-server audit`: who changed what, and the proof that nobody changed it since."""

import os
from pathlib import Path
from typing import Any

import click

from scim_server.api.items.audits import AuditEntryItem, AuditKeyItem, VerificationItem
from scim_server.api.shapes import dump, dump_all
from scim_server.cli.failures import Refused
from scim_server.cli.installations import migrated
from scim_server.cli.outputs import counted, json_option, listing, print_json, report, show_one
from scim_server.cli.parameters import moment
from scim_server.domain.instants import Instant
from scim_server.services import auditing, provisioning_logs, stocktaking, tenancy
from scim_server.services.audit_entries import AuditEntry, SoughtEntries

MOST_DIFFERENCES = 5
"""Of the trail and what is stored, in a sentence."""
ALWAYS_CHANGED = frozenset({"version", "modified"})
"""What says no more than that something was changed."""
COLUMNS = {
    "At": "at",
    "Who": "who",
    "Action": "action",
    "Object": "object",
    "Changed": "changed",
    "Seats": "seats",
    "Why": "cause",
    "Request": "requestId",
}


@click.group("audit")
def audits() -> None:
    """The audit trail: who changed what, and the proof that nobody changed it since."""


@audits.command("list")
@click.argument("tenant")
@click.option("--user", metavar="USERNAME", help="Entries about that person, also one who is gone.")
@click.option("--object", "object_id", metavar="ID", help="Entries about that person, group, rule, ...")
@click.option("--request", "request_id", metavar="ID", help="Entries of one request, by its X-Request-Id.")
@click.option("--action", metavar="user.created|...", help="Entries of that action.")
@click.option("--since", type=moment, metavar="2026-11-30|7d|12h", help="Entries from then on (UTC).")
@click.option("--until", type=moment, metavar="2026-11-30|7d|12h", help="Entries before then (UTC).")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many at most.")
@json_option
def list_(
    tenant: str,
    user: str | None,
    object_id: str | None,
    request_id: str | None,
    action: str | None,
    since: Instant | None,
    until: Instant | None,
    limit: int,
    as_json: bool,
) -> None:
    """The changes made in TENANT, newest first; --json shows each object before and after."""
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    found = auditing.entries(units, owner, SoughtEntries(limit, user, object_id, request_id, since, until, action))
    if as_json:
        print_json(dump_all(AuditEntryItem, found))
        return
    names = provisioning_logs.actor_names(units, owner)
    rows = [_row(entry, names) for entry in found]
    listing(rows, COLUMNS, f"The audit trail of '{tenant}' has no such entry.", as_json=False)


@audits.command("show")
@click.argument("tenant")
@click.argument("entry_id", metavar="ID")
@json_option
def show(tenant: str, entry_id: str, as_json: bool) -> None:
    """The entry ID of the trail of TENANT, its object before and after."""
    units = migrated().units
    facts = dump(AuditEntryItem, auditing.entry(units, tenancy.tenant(units, tenant), entry_id))
    show_one(facts, as_json=as_json)


@audits.command("verify")
@click.argument("tenant")
@json_option
def verify(tenant: str, as_json: bool) -> None:
    """Prove that the trail of TENANT is what was written: nothing changed, removed, added or moved.

    Entries that are not in the chain yet are sealed first, and counted.
    """
    installation = migrated()
    owner = tenancy.tenant(installation.units, tenant)
    found = auditing.check(installation.units, owner, installation.sealer.key())
    if as_json:
        print_json(dump(VerificationItem, found))
        click.get_current_context().exit(0 if found.fault is None else 1)
    if found.fault is not None:
        raise Refused(f"The audit trail of '{tenant}' is broken. {found.fault}")
    click.echo(f"The audit trail of '{tenant}' is whole: {_counted(found)}.{_tail(found)}")


@audits.command("compare")
@click.argument("tenant")
@json_option
def compare(tenant: str, as_json: bool) -> None:
    """Replay the trail of TENANT from its first entry, and say whether that gives just what is stored.

    Exit code 0 is agreement, 1 differences. Exact only while nobody writes; holds all of the tenant in memory.
    """
    units = migrated().units
    found = stocktaking.compare(units, tenancy.tenant(units, tenant))
    if as_json:
        print_json({"tenant": tenant, "agrees": not found, "differences": found})
        click.get_current_context().exit(1 if found else 0)
    if found:
        named = "; ".join(found[:MOST_DIFFERENCES])
        more = f" (and {len(found) - MOST_DIFFERENCES} more: --json has all)" if found[MOST_DIFFERENCES:] else ""
        raise Refused(f"The audit trail of '{tenant}' and what is stored are not the same: {named}{more}.")
    click.echo(f"The audit trail of '{tenant}' says just what is stored.")


@audits.command("export")
@click.argument("tenant")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write it there.")
@json_option
def export(tenant: str, output: Path | None, as_json: bool) -> None:
    """The whole trail of TENANT as JSON lines, which anybody with the public key can verify.

    Facts about people stay encrypted in it.
    """
    installation = migrated()
    owner = tenancy.tenant(installation.units, tenant)
    lines = auditing.export(installation.units, owner, installation.sealer.key())
    if output is None:
        for line in lines:
            click.echo(line, nl=False)
        return
    partial = output.with_name(f"{output.name}.partial")
    with partial.open("wb") as file:
        written = sum(1 for line in lines if file.write(line))
    os.replace(partial, output)
    report(
        {"tenant": tenant, "file": str(output), "lines": written},
        f"Exported the audit trail of '{tenant}' to {output}.",
        as_json=as_json,
    )


@audits.command("key")
@json_option
def key(as_json: bool) -> None:
    """The public key that checkpoints are verified with: keep it where this server cannot change it."""
    text = auditing.public_key(migrated().sealer.key())
    report(dump(AuditKeyItem, text), text, as_json=as_json)


def _counted(found: auditing.Finding) -> str:
    return f"{counted(found.entries, 'entry', 'entries')} under {counted(found.checkpoints, 'checkpoint')}"


def _tail(found: auditing.Finding) -> str:
    return f" {found.unsealed} of them had not been sealed before." if found.unsealed else ""


def _row(entry: AuditEntry, names: dict[str, str]) -> dict[str, Any]:
    facts = entry.after or entry.before or {}
    name = facts.get("displayName") or facts.get("userName") or facts.get("name") or entry.object_id
    return {
        "at": f"{entry.at[:19]}Z",
        "who": names.get(entry.actor, entry.actor),
        "action": entry.action,
        "object": f"{entry.object_type} {name}",
        "changed": "(erased)" if entry.erased else _changed(entry),
        "seats": [f"{product} {delta:+}" for product, delta in sorted(entry.seats.items())],
        "cause": entry.cause,
        "requestId": entry.request_id,
    }


def _changed(entry: AuditEntry) -> list[str]:
    """The names of the members that differ, of an object that was there before and after."""
    if entry.before is None or entry.after is None:
        return []
    before, after = entry.before, entry.after
    names = (before.keys() | after.keys()) - ALWAYS_CHANGED
    return sorted(name for name in names if before.get(name) != after.get(name))
