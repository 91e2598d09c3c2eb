"""The installation a command works on, and the cause that its writes are recorded under."""

from pathlib import Path
from uuid import uuid4

import click

from scim_server.app import Installation, install
from scim_server.cli.failures import Refused
from scim_server.domain.events import Cause
from scim_server.store.revisions import is_current

UPGRADE = "scim-server db upgrade"
SQLITE = "sqlite:///"


def opened() -> Installation:
    """The installation that the settings name, in whatever state.

    When the command ends, what it wrote is sealed into the audit trail, and the database is closed.
    """
    installation = install()
    context = click.get_current_context()
    context.call_on_close(installation.cells.dispose)
    context.call_on_close(installation.sealer.flush)
    return installation


def migrated() -> Installation:
    """The installation; raises Refused unless its database is at the newest revision."""
    installation = opened()
    refuse_unready(installation)
    return installation


def refuse_unready(installation: Installation) -> None:
    """Raises Refused unless the database is at the newest revision, Unavailable where it cannot be reached."""
    if not has_file(installation.settings.database_url) or not is_current(installation.database):
        raise Refused(f"The database is not at the schema of this version: run `{UPGRADE}` first.")


def cause(*, quiet: bool = False) -> Cause:
    """Why a write happens: the command, under an id of its own. A `quiet` one sends people no notices."""
    _, _, command = click.get_current_context().command_path.partition(" ")
    return Cause("cli", str(uuid4()), command, quiet)


def has_file(database_url: str) -> bool:
    """Looking into a SQLite file that is not there would create it."""
    path = database_url.removeprefix(SQLITE)
    return path == database_url or Path(path.partition("?")[0]).exists()
