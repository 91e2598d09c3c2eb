"""What happened: events for the products (outbox) and changes for the audit trail."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PEOPLE = frozenset({"user", "claims", "recordings", "invitation", "add"})
"""Types of objects whose id is that of a person, or of somebody who is to become one."""
NAMING = ("user", "organiser")
"""Facts of other objects that name the person whom they are about."""
PLACES = frozenset({"seat", "reservation"})
"""Types of objects that take a seat of a subscription, unless they wait for one."""
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


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

    @property
    def person(self) -> str | None:
        """The id of the person whom the change is about: the object itself, or whom its facts name."""
        if self.object_type in PEOPLE:
            return self.object_id
        facts = self.after or self.before or {}
        named = (facts.get(member) for member in NAMING)
        return next((each for each in named if isinstance(each, str) and ID.fullmatch(each)), None)

    @property
    def seats(self) -> dict[str, int]:
        """By how many the assigned seats of which product changed."""
        if self.object_type not in PLACES:
            return {}
        delta = _seats_taken(self.after) - _seats_taken(self.before)
        product = (self.after or self.before or {}).get("product")
        return {str(product): delta} if product is not None and delta else {}

    def followed_by(self, later: "Change") -> "Change | None":
        """Both as one change: what is made stays made; None for what was made and is gone again."""
        if self.before is None and later.after is None:
            return None
        action = self.action if self.before is None else later.action
        return Change(self.object_type, self.object_id, action, self.before, later.after)


def _seats_taken(facts: Mapping[str, Any] | None) -> int:
    return int(facts is not None and facts.get("state") != "waiting")


@dataclass(frozen=True, slots=True)
class Cause:
    """Who opened the transaction, and in the course of what. `actor` is `connection:<id>`, `person:<id>`, `api:<token id>`,
    `operator:<token id>`, `cli`,
    `invited` (whoever holds the link of an invitation) or `system`."""

    actor: str
    request_id: str
    reason: str
