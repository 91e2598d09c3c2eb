"""What the commands of webhooks, of the operator's webhooks and of streams have alike."""

from collections.abc import Iterable

import click

from scim_server.api.items.webhooks import DeliveryItem
from scim_server.api.shapes import dump_all
from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import listing
from scim_server.cli.parameters import together
from scim_server.domain.webhooks import Attempt, Delivery, State
from scim_server.services import redelivering, tenancy
from scim_server.services.redelivering import Called, Replay

LOG_COLUMNS = {
    "At": "at",
    "Event": "event",
    "Position": "position",
    "Kind": "kind",
    "State": "state",
    "Attempts": "attempts",
    "Status": "status",
    "Next": "due",
    "Detail": "detail",
}
log_options = together(
    click.option(
        "--state",
        type=click.Choice([*map(str, State)]),
        callback=lambda _context, _parameter, said: None if said is None else State(said),
        help="Those alone; dead letters are dead.",
    ),
    click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True, help="So many at most."),
)


replay_options = together(
    click.option("--event", metavar="ID", help="One event."),
    click.option("--from", "first", type=click.IntRange(1), metavar="POSITION", help="The first of several."),
    click.option("--to", "last", type=click.IntRange(1), metavar="POSITION", help="The last of them."),
)
"""Which events are sent again, as `wanted` reads it."""


def wanted(event: str | None, first: int | None, last: int | None) -> str | tuple[int, int]:
    """The event, or the positions of the first and the last of several. Raises UsageError where that is not said."""
    if event is not None and first is last is None:
        return event
    if event is None and first is not None and last is not None:
        return first, last
    raise click.UsageError("Say --event ID, or --from and --to.", click.get_current_context())


def replay(tenant: str, named: str, again: str | tuple[int, int], called: Called) -> Replay:
    """Have what is `wanted` sent again to the webhook or stream of that name."""
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    if isinstance(again, str):
        return redelivering.replay_event(units, owner, cause(), named, again, called=called)
    return redelivering.replay_range(units, owner, cause(), named, *again, called=called)


def log(found: Iterable[Delivery], empty: str, *, as_json: bool) -> None:
    """Print entries of the log of what was sent."""
    listing(dump_all(DeliveryItem, found), LOG_COLUMNS, empty, as_json=as_json)


def outcome(tried: Attempt | Delivery) -> str:
    """What came of a trial; its detail is a sentence that says why the receiver did not take it."""
    if tried.detail is None:
        return f"The receiver took it ({tried.milliseconds} ms)."
    return f"The receiver did not take it ({tried.milliseconds} ms): {tried.detail}"
