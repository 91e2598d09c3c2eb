"""`scim-server undo`: a change, or all of one request, taken back."""

import click

from scim_server.api.items.undoing import UndoneItem
from scim_server.api.shapes import dump
from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import asks, counted, json_option, listing, print_json, printable, yes_option
from scim_server.services import tenancy, undoing
from scim_server.services.undoing import Undoable, Undone

ENTRY_COLUMNS = {"Change": "action", "Of": "objectType", "Object": "name", "At": "at", "By": "actor"}
STAYING_COLUMNS = {"Stays": "action", "Object": "objectId", "Because": "reason"}
PEOPLE_COLUMNS = {"User name": "userName", "Gains": "gains", "Loses": "loses"}
MOST_SHOWN = 50


@click.command("undo")
@click.argument("tenant")
@click.option("--request", "request_id", metavar="ID", help="All that this request changed.")
@click.option("--entry", "entry_id", metavar="ID", help="This entry of the audit trail alone.")
@click.option("--preview", is_flag=True, help="Say what would be taken back and who would notice; change nothing.")
@yes_option
@json_option
def undo(tenant: str, request_id: str | None, entry_id: str | None, preview: bool, yes: bool, as_json: bool) -> None:
    """Take back a change of TENANT, or all of one request; `audit list` shows both ids.

    Refused where what was changed has been changed again since. Seats follow: nobody who has got one meanwhile loses
    it. The undo is a request of its own: undone in turn, all is as it was.
    """
    if (request_id is None) == (entry_id is None):
        raise click.UsageError("Name what to undo: either --request or --entry.")
    units = migrated().units
    owner, asked = tenancy.tenant(units, tenant), Undoable(request_id, entry_id)
    if preview or asks(yes=yes, as_json=as_json):
        foreseen = undoing.preview(units, owner, cause(), asked)
        if as_json:
            print_json(dump(UndoneItem, foreseen))
        else:
            _show(foreseen)
        if preview:
            return
        click.confirm("Undo it?", abort=True)
    undone = undoing.undo(units, owner, cause(), asked)
    if as_json:
        print_json(dump(UndoneItem, undone))
    else:
        changes = counted(len(undone.reverted), "change is", "changes are")
        click.echo(f"{changes} undone, as request {undone.request_id}: undo that one to have it back.")


def _show(undone: Undone) -> None:
    facts = dump(UndoneItem, undone)
    listing(facts["reverted"], ENTRY_COLUMNS, "", as_json=False)
    if facts["staying"]:
        listing(facts["staying"], STAYING_COLUMNS, "", as_json=False)
    people = facts["people"]
    click.echo(f"{counted(len(people), 'person', 'people')} would gain or lose products. Nothing is changed.")
    if people:
        listing(list(map(_row, people[:MOST_SHOWN])), PEOPLE_COLUMNS, "", as_json=False)
    if len(people) > MOST_SHOWN:
        click.echo(printable(f"... and {len(people) - MOST_SHOWN} more: --json has everybody."))


def _row(person: dict[str, list[dict[str, str]]]) -> dict[str, object]:
    gains = [f"{shift['product']} ({shift['after']})" for shift in person["gains"]]
    return {**person, "gains": gains, "loses": [shift["product"] for shift in person["loses"]]}
