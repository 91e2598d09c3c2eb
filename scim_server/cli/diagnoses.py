"""`scim-server connection doctor`: what is wrong with a connection, and what to do about it."""

from collections.abc import Iterator

import click

from scim_server.api.items.diagnoses import DiagnosisItem
from scim_server.api.shapes import dump
from scim_server.cli.installations import migrated
from scim_server.cli.outputs import json_option, print_json, printable
from scim_server.services import diagnosing, tenancy
from scim_server.services.diagnosing import Diagnosis
from scim_server.services.findings import Finding, Verdict

MARKS = {Verdict.GOOD: "ok  ", Verdict.WARNING: "look", Verdict.BAD: "BAD "}


@click.command("doctor")
@click.argument("tenant")
@click.argument("connection")
@json_option
def doctor(tenant: str, connection: str, as_json: bool) -> None:
    """Find out what is wrong with a connection of TENANT, by its name or id.

    Plays the requests that its client sends when it is tested, and takes all of them back. Ends with 1 where something
    is bad.
    """
    # Imported here because no other command serves requests.
    from scim_server.app.edges import installed_check_ups
    from scim_server.dialects.terms import ProtocolTerms

    installation = migrated()
    owner = tenancy.tenant(installation.units, tenant)
    played = installed_check_ups(installation)
    found = diagnosing.diagnose(installation.units, owner, connection, played, ProtocolTerms())
    if as_json:
        print_json(dump(DiagnosisItem, found))
    else:
        click.echo(printable("\n".join(_lines(found))))
    if found.verdict is Verdict.BAD:
        click.get_current_context().exit(1)


def _lines(found: Diagnosis) -> Iterator[str]:
    for each in found.findings:
        yield from _told(each, MARKS[each.verdict])
    if found.refusals:
        yield "\nRefused of late:"
    for kind in found.refusals:
        yield f"{kind.times:4} x {kind.method} {kind.path} {kind.status} {kind.detail or ''}".rstrip()
        yield from _told(kind.why, "    ")
    yield "\nIts own requests, which were played and taken back:"
    for step in found.steps:
        answer = "-" if step.played.status is None else step.played.status
        yield f"{'ok  ' if step.why is None else 'BAD '} {answer:>3} {step.played.method} {step.played.path}"
        if step.why is not None:
            yield from _told(step.why, "    ", step.played.detail)


def _told(finding: Finding, mark: str, detail: str | None = None) -> Iterator[str]:
    yield f"{mark} {finding.says}"
    yield from (f"     {line}" for line in (detail, finding.cure) if line)
