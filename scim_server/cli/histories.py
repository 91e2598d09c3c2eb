"""`scim-server history`: how something was at any past moment, and what has changed since."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from scim_server.api.items.histories import HistoryItem
from scim_server.api.shapes import dump
from scim_server.cli.installations import migrated
from scim_server.cli.outputs import facts_table, json_option, listing, print_json, printable, to_the_second
from scim_server.cli.parameters import moment
from scim_server.domain.instants import Instant
from scim_server.services import histories as past
from scim_server.services import tenancy
from scim_server.services.histories import History

ENTRY_COLUMNS = {"At": "at", "By": "actor", "Did": "action", "To": "objectId", "Why": "cause", "Request": "requestId"}
DIFFERENCE_COLUMNS = {"Changed": "member", "Before": "before", "After": "after"}
MOMENT = "2026-11-30|7d|12h"
MOST_ELEMENTS = 20
"""Of a list, in a table."""
ERASED = "A part of what happened was erased with a person's key: what is shown may lack it."

Look = Callable[..., History]


@click.group("history")
def histories() -> None:
    """How a person, a group or a subscription was at any past moment, and what has changed since.

    --at is the moment to look at, a date, a date and time (UTC) or so long ago; --until a later one to compare it with.
    Both are now unless they are given. All of it is read from the audit trail.
    """


def _command(kind: str, argument: str, look: Look, about: str) -> None:
    @histories.command(kind, help=about, short_help=about.partition("\n")[0])
    @click.argument("tenant")
    @click.argument("name", metavar=argument)
    @click.option("--at", type=moment, metavar=MOMENT, help="The moment to look at.")
    @click.option("--until", type=moment, metavar=MOMENT, help="A later one to compare it with.")
    @json_option
    def show(tenant: str, name: str, at: Instant | None, until: Instant | None, as_json: bool) -> None:
        units = migrated().units
        found = look(units, tenancy.tenant(units, tenant), name, at, until)
        facts = dump(HistoryItem, found)
        if as_json:
            print_json(facts)
        else:
            _show(name, facts)


_command("user", "USERNAME", past.user_history, "A person, by the user name of then or now or by id, also gone.")
_command("group", "GROUP", past.group_history, "A group, by its name of then or now or by id, also gone.")
_command("subscription", "PRODUCT", past.subscription_history, "What was bought, who held it and who waited.")


def _show(name: str, history: Mapping[str, Any]) -> None:
    at, until = (to_the_second(history[each]) for each in ("at", "until"))
    if history["state"] is None:
        click.echo(printable(f"There was no {history['kind']} '{name}' at {at}."))
    else:
        click.echo(printable(f"The {history['kind']} '{name}' at {at}:"))
        facts_table({member: _shown(value) for member, value in history["state"].items()})
    if history["at"] != history["until"]:
        click.echo(f"Until {until}:")
        rows = [{key: _shown(value) for key, value in each.items()} for each in history["differences"]]
        listing(rows, DIFFERENCE_COLUMNS, "Nothing is otherwise.", as_json=False)
        if history["entries"]:
            listing(history["entries"], ENTRY_COLUMNS, "", as_json=False)
    if history["erased"]:
        click.echo(ERASED)


def _shown(value: Any) -> Any:
    """A fact as people read it in a cell."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_text(part)}" for name, part in value.items() if part not in (None, [], "", {}))
    if isinstance(value, Sequence) and not isinstance(value, str):
        first = [_text(each) for each in value[:MOST_ELEMENTS]]
        return [*first, f"and {len(value) - MOST_ELEMENTS} more"] if len(value) > MOST_ELEMENTS else first
    return value


def _text(value: Any) -> str:
    shown = _shown(value)
    return "(" + "; ".join(map(str, shown)) + ")" if isinstance(shown, list) else str(shown)
