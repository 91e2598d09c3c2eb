"""Chores whose time has come and that nobody has run."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from scim_server.app.examinations.findings import Finding, bad, good, warning
from scim_server.domain.instants import Instant, later
from scim_server.services.chores import Chore, due
from scim_server.services.ports import Units

LATE = timedelta(minutes=15)
"""A server looks every 15 seconds."""
CURE = "Run `scim-server serve` or a worker, or call `scim-server chores run` every minute; its log says what fails."


def examine_chores(units: Units, chores: Sequence[Chore], now: Instant) -> Iterator[Finding]:
    """All of them, in whatever cell."""
    times = due(units, chores)
    never = [chore.name for chore, at in times if at is None]
    late = [f"{chore.name} (due since {at[:16]}Z)" for chore, at in times if at is not None and at < later(now, -LATE)]
    if late:
        yield bad("chores_late", f"Chores are not run: {', '.join(late)}.", CURE)
    if never:
        yield warning("chores_never", f"Chores have never run here: {', '.join(never)}.", CURE)
    if not late and not never:
        yield good("chores", "Every chore was run when it was due.")
