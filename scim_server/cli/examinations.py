"""`scim-server doctor`: what is wrong with the installation, or will be, and what to do about it."""

import os
from collections.abc import Iterator
from pathlib import Path

import click

from scim_server.cli.installations import opened
from scim_server.cli.outputs import counted, json_option, print_json, printable
from scim_server.config import VARIABLES, variable_name
from scim_server.services.findings import Verdict

MARKS = {Verdict.GOOD: "ok  ", Verdict.WARNING: "look", Verdict.BAD: "BAD "}


@click.command("doctor")
@click.option("--quiet", is_flag=True, help="Leave out what is as it should be.")
@json_option
def doctor(quiet: bool, as_json: bool) -> None:
    """Find out what is wrong with this installation, or will be, and say what to do about it.

    Looks at settings, databases, clocks, durability, walls between tenants, secrets, certificates, credentials that
    expire, audit trails, chores, disks and the mail server, and changes nothing. Ends with 1 where something is bad.
    """
    # Imported here because all other commands start faster without it.
    from scim_server.app.examinations.everything import examine, worst

    found = [each for each in examine(opened(), _secret_files()) if not (quiet and each.verdict is Verdict.GOOD)]
    verdict = worst(found)
    if as_json:
        findings = [
            {"code": each.code, "verdict": each.verdict.value, "says": each.says, "cure": each.cure} for each in found
        ]
        print_json({"verdict": verdict.value, "findings": findings})
    else:
        for each in found:
            click.echo(printable(f"{MARKS[each.verdict]} {each.says}"))
            if each.cure:
                click.echo(printable(f"     {each.cure}"))
        wrong, doubtful = (sum(each.verdict is which for each in found) for which in (Verdict.BAD, Verdict.WARNING))
        click.echo(f"{counted(wrong, 'thing')} wrong, {doubtful} to look at.")
    if verdict is Verdict.BAD:
        click.get_current_context().exit(1)


def _secret_files() -> dict[str, Path]:
    """The files that secrets of the settings are read from, by variable."""
    return dict(_files())


def _files() -> Iterator[tuple[str, Path]]:
    for field, variable in VARIABLES.items():
        name = f"{variable_name(field)}_FILE"
        if variable.secret and name in os.environ:
            yield name, Path(os.environ[name])
