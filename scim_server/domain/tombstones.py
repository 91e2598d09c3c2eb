"""Who was deleted, and can come back for a while."""

from dataclasses import dataclass
from datetime import timedelta

from scim_server.domain.directory import User
from scim_server.domain.instants import Instant, later


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A deleted person as they were.

    `claims` are those that are facts, product and source, and `exclusions` those from everything, product and reason:
    what the document and the rules say is derived again. `held_back` are the issues that keep roles of the document
    from being granted: code, role, and the connection that wrote it. `successor` is the id of who came after them.
    """

    user: User
    deleted: Instant
    claims: tuple[tuple[str, str], ...] = ()
    exclusions: tuple[tuple[str, str], ...] = ()
    held_back: tuple[tuple[str, str, str | None], ...] = ()
    last_seen: Instant | None = None
    successor: str | None = None

    def restorable_until(self, retention_days: int) -> Instant:
        """The moment from which the person cannot be restored any more."""
        return later(self.deleted, timedelta(days=retention_days))
