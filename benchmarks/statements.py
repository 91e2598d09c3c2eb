"""Counting the SQL statements of a step; a batch counts once."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from tests.worlds import World


def count_statements(world: World, step: Callable[[], Any]) -> int:
    """How many statements `step` sends to the database."""
    count = 0

    def counted(*_: Any) -> None:
        nonlocal count
        count += 1

    engine = world.installation.database.engine
    event.listen(engine, "before_cursor_execute", counted)
    try:
        step()
    finally:
        event.remove(engine, "before_cursor_execute", counted)
    return count
