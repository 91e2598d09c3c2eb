"""`scim-server db`: the schema of the database."""

from typing import Any

import click

from scim_server.cli.installations import opened
from scim_server.cli.outputs import json_option, report
from scim_server.domain.cells import HOME
from scim_server.store import migrations


@click.group("db")
def databases() -> None:
    """The database behind SCIM_DATABASE_URL."""


@databases.command("upgrade")
@json_option
def upgrade(as_json: bool) -> None:
    """Bring the database to the schema of this version, and those of all other cells with it.

    Creates it where it is a SQLite file that does not exist yet. Safe to run from several places at once, and
    again at any time.
    """
    cells = opened().cells.databases
    upgraded = {name: migrations.upgrade(database) for name, database in cells.items()}
    before, after = upgraded[HOME]
    facts: dict[str, Any] = {"before": before, "after": after}
    if len(cells) > 1:
        facts["cells"] = [{"name": name, "before": was, "after": now} for name, (was, now) in upgraded.items()]
    sentences = [
        f"The database{'' if name == HOME else f' of cell {name}'} {_outcome(was, now)}: it is at revision {now}."
        for name, (was, now) in upgraded.items()
    ]
    report(facts, "\n".join(sentences), as_json=as_json)


def _outcome(before: str | None, after: str | None) -> str:
    return "is up to date" if before == after else f"was upgraded from {before or 'empty'}"
