"""What a request wrote: the changes that its transactions committed, seen at the door of the database.

It costs next to nothing, so it watches every request; comparing all rows before and after would cost a hundred times
as much, and does so for a sample, to show that nothing passes by here.
"""

import re
from typing import Any

from sqlalchemy import Connection, Engine, event

from scim_server.store.tables import metadata

_CHANGE = re.compile(r'\b(?:INSERT\s+INTO|(?<!FOR )(?<!KEY )(?<!DO )UPDATE|DELETE\s+FROM)\s+"?(\w+)', re.IGNORECASE)
ASIDE = frozenset({"provisioning_log", "idempotent_requests"})
"""A row for every request, and keys that a refused request takes back."""
SEALING = frozenset({"audit", "audit_chains", "audit_checkpoints"})
"""What whoever reads the whole trail makes sure of first: that all of it is in the chain."""


class Writes:
    """The tables that were changed since somebody last asked, by connections of one engine."""

    def __init__(self, engine: Engine) -> None:
        self._committed: set[str] = set()
        self._open: dict[int, list[str]] = {}
        event.listen(engine, "after_cursor_execute", self._executed)
        event.listen(engine, "commit", self._commit)
        event.listen(engine, "rollback", self._roll_back)

    def taken(self) -> set[str]:
        """The tables changed since the last time, those aside. Nothing of ours uses savepoints."""
        found, self._committed = self._committed - ASIDE, set()
        return set() if found <= SEALING else found

    def _executed(
        self, connection: Connection, cursor: Any, statement: str, _parameters: Any, _context: Any, _many: bool
    ) -> None:
        changed = [table for table in _CHANGE.findall(statement) if table in metadata.tables]
        if changed and (cursor.rowcount != 0 or "RETURNING" in statement):
            self._open.setdefault(id(connection), []).extend(changed)

    def _commit(self, connection: Connection) -> None:
        self._committed.update(self._open.pop(id(connection), ()))

    def _roll_back(self, connection: Connection) -> None:
        self._open.pop(id(connection), None)
