"""The installation a command works on, and the cause that its writes are recorded under."""

from pathlib import Path
from uuid import uuid4

import click
from structlog.contextvars import bound_contextvars

from scim_server.app import Installation, install
from scim_server.cli.failures import Refused
from scim_server.domain.events import Cause
from scim_server.http.logs import configure_logging
from scim_server.store.revisions import is_current

UPGRADE = "scim-server db upgrade"
SQLITE = "sqlite:///"
REQUEST_ID = "scim_server.request_id"
"""Where a command keeps the id under which all its writes and lines in the log are found."""
QUIETLY = {"info": "warning"}
"""A command says itself what it has done."""


def opened() -> Installation:
    """The installation that the settings name, in whatever state.

    When the command ends, what it wrote is sealed into the audit trail, and the database is closed.
    """
    installation = install()
    settings = installation.settings
    configure_logging(QUIETLY.get(settings.log_level, settings.log_level), settings.log_format)
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
    context = click.get_current_context()
    _, _, command = context.command_path.partition(" ")
    if REQUEST_ID not in context.meta:
        context.meta[REQUEST_ID] = str(uuid4())
        context.with_resource(bound_contextvars(request_id=context.meta[REQUEST_ID]))
    return Cause("cli", context.meta[REQUEST_ID], command, quiet)


def has_file(database_url: str) -> bool:
    """Looking into a SQLite file that is not there would create it."""
    path = database_url.removeprefix(SQLITE)
    return path == database_url or Path(path.partition("?")[0]).exists()
