"""What a request wrote: the changes that its transactions committed, seen at the door of the database.

It costs next to nothing, so it watches every request; comparing all rows before and after would cost a hundred times
as much, and does so for a sample, to show that nothing passes by here.
"""

import re
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, event

from scim_server.store.tables import metadata

_CHANGE = re.compile(r'\b(?:INSERT\s+INTO|(?<!FOR )(?<!KEY )(?<!DO )UPDATE|DELETE\s+FROM)\s+"?(\w+)', re.IGNORECASE)
ASIDE = frozenset({"provisioning_log", "idempotent_requests", "resource_counts"})
"""A row for every request, keys that a refused request takes back, and what triggers count of other tables."""
SEALING = frozenset({"audit", "audit_chains", "audit_checkpoints"})
"""What whoever reads the whole trail makes sure of first: that all of it is in the chain."""


class _Change(NamedTuple):
    """So many rows more (fewer, below zero) in a table; None where rows were changed otherwise."""

    table: str
    rows: int | None


class Writes:
    """The tables that were changed since somebody last asked, by connections of one engine."""

    def __init__(self, engine: Engine) -> None:
        self._committed: list[_Change] = []
        self._open: dict[int, list[_Change]] = {}
        event.listen(engine, "after_cursor_execute", self._executed)
        event.listen(engine, "commit", self._commit)
        event.listen(engine, "rollback", self._roll_back)

    def taken(self) -> set[str]:
        """The tables changed since the last time, those aside. Nothing of ours uses savepoints."""
        changes, self._committed = self._committed, []
        found = _changed(changes) - ASIDE
        return set() if found <= SEALING else found

    def _executed(
        self, connection: Connection, cursor: Any, statement: str, _parameters: Any, _context: Any, _many: bool
    ) -> None:
        changes = [_Change(table, None) for table in _CHANGE.findall(statement) if table in metadata.tables]
        if changes and (cursor.rowcount != 0 or "RETURNING" in statement):
            if len(changes) == 1 and cursor.rowcount > 0:
                changes = [_Change(changes[0].table, _rows_more(statement, cursor.rowcount))]
            self._open.setdefault(id(connection), []).extend(changes)

    def _commit(self, connection: Connection) -> None:
        self._committed.extend(self._open.pop(id(connection), ()))

    def _roll_back(self, connection: Connection) -> None:
        self._open.pop(id(connection), None)


def _rows_more(statement: str, count: int) -> int | None:
    if statement.startswith("INSERT") and "ON CONFLICT" not in statement:
        return count
    return -count if statement.startswith("DELETE") else None


def _changed(changes: list[_Change]) -> set[str]:
    """The tables concerned, but for those whose new rows, and no others, were all taken back.

    A file of people is read into the store as it arrives and taken out again where its last line cannot be used.
    """
    more: dict[str, int] = {}
    found = set()
    for table, rows in changes:
        more[table] = more.get(table, 0) + (rows or 0)
        if rows is None or more[table] < 0:
            found.add(table)
    return found | {table for table, rows in more.items() if rows}
