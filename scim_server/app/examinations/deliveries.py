"""Whether anybody relays events and sends them: servers do so, or workers, and what they leave behind says whether."""

from collections.abc import Iterator

from scim_server.app.examinations.findings import Finding, bad, good
from scim_server.domain.cells import HOME
from scim_server.domain.instants import Instant
from scim_server.store import delivery_figures
from scim_server.store.databases import Database
from scim_server.store.walls import OPERATOR

LONGEST = 600
"""Seconds after which nobody seems to be at it."""


def examine_deliveries(name: str, database: Database, now: Instant) -> Iterator[Finding]:
    """The events of one cell."""
    with database.read(OPERATOR) as connection:
        event, due = delivery_figures.delays(connection, now, name)
    where = "" if name == HOME else f" in cell {name}"
    if event > LONGEST:
        yield bad(
            "events_wait",
            f"Nobody gives events{where} their positions: the oldest has waited for {_minutes(event)}.",
            "Run `scim-server serve` with SCIM_WORKER on, or `scim-server worker`; its log says what fails.",
        )
    if due > LONGEST:
        yield bad(
            "webhooks_wait",
            f"Nobody sends to webhooks{where}, or too few do: one has been due for {_minutes(due)}.",
            "Run `scim-server worker`, or more of them, beside servers with SCIM_WORKER=off.",
        )
    if max(event, due) <= LONGEST:
        yield good("events", f"Events{where} are on their way.")


def _minutes(seconds: float) -> str:
    return f"{round(seconds / 60)} minutes"
