"""`scim-server chores`: what is done every so often. `serve` does it by itself."""

from datetime import timedelta

import click

from scim_server.api.items.chores import ChoreItem, TurnItem
from scim_server.api.shapes import dump_all
from scim_server.cli.installations import migrated
from scim_server.cli.outputs import counted, json_option, listing
from scim_server.services.chores import due, named, run_due, run_now

COLUMNS = {"Chore": "name", "Every": "every", "Next": "next", "What": "does"}
TURN_COLUMNS = {"Chore": "name", "Done": "done", "Failure": "failure"}
FAILED = 1
UNITS = {unit: timedelta(**{f"{unit}s": 1}) for unit in ("day", "hour", "minute", "second")}


@click.group("chores")
def chores() -> None:
    """Chores: what is done every so often for all tenants; `serve` does it by itself."""


@chores.command("list")
@json_option
def list_(as_json: bool) -> None:
    """Every chore, and when it is due next."""
    installation = migrated()
    found = dump_all(ChoreItem, due(installation.units, installation.chores))
    rows = found if as_json else [{**each, "every": _words(timedelta(seconds=each["every"]))} for each in found]
    listing(rows, COLUMNS, "There is no chore.", as_json=as_json)


@chores.command("run")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@json_option
def run(names: tuple[str, ...], as_json: bool) -> None:
    """Run the chores that are due and that nobody else runs, or those named, due or not.

    Made to be called every minute where the server runs under another WSGI server than `serve`. Ends with exit code
    1 where one fails; the others are run all the same.
    """
    installation = migrated()
    units = installation.units
    wanted = named(installation.chores, names)
    turns = list(run_now(units, wanted) if names else run_due(units, installation.chores))
    listing(dump_all(TurnItem, turns), TURN_COLUMNS, "No chore is due.", as_json=as_json)
    if any(turn.done is None for turn in turns):
        click.get_current_context().exit(FAILED)


def _words(every: timedelta) -> str:
    """How long, in the largest unit that leaves nothing over."""
    unit = next(unit for unit in UNITS if not every % UNITS[unit])
    return counted(every // UNITS[unit], unit)
