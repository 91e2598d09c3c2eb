"""What happened: events for the products (outbox) and changes for the audit trail."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a user, named in the past tense, for example `seat.released`."""

    name: str
    user_id: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One object changed by one transaction, as it was and as it is; None where it was or is not there."""

    object_type: str
    object_id: str
    action: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None

    def followed_by(self, later: "Change") -> "Change | None":
        """Both as one change: what is made stays made; None for what was made and is gone again."""
        if self.before is None and later.after is None:
            return None
        action = self.action if self.before is None else later.action
        return Change(self.object_type, self.object_id, action, self.before, later.after)


@dataclass(frozen=True, slots=True)
class Cause:
    """Who opened the transaction, and in the course of what. `actor` is `connection:<id>`, `person:<id>`, `cli`,
    `invited` (whoever holds the link of an invitation) or `system`."""

    actor: str
    request_id: str
    reason: str
