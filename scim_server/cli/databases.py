"""`scim-server db`: the schema of the database."""

import click

from scim_server.cli.installations import opened
from scim_server.cli.outputs import json_option, report
from scim_server.store import migrations


@click.group("db")
def databases() -> None:
    """The database behind SCIM_DATABASE_URL."""


@databases.command("upgrade")
@json_option
def upgrade(as_json: bool) -> None:
    """Bring the database to the schema of this version.

    Creates it where it is a SQLite file that does not exist yet. Safe to run from several places at once, and
    again at any time.
    """
    before, after = migrations.upgrade(opened().database)
    outcome = "is up to date" if before == after else f"was upgraded from {before or 'empty'}"
    report(
        {"before": before, "after": after},
        f"The database {outcome}: it is at revision {after}.",
        as_json=as_json,
    )
