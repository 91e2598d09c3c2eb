"""What happened: events for the products (outbox) and changes for the audit trail."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from scim_server.domain.deltas import DELTAS, united
from scim_server.domain.instants import Instant

PEOPLE = frozenset({"user", "tombstone", "claims", "recordings", "invitation", "add"})
"""Types of objects whose id is that of a person, or of somebody who is to become one."""
NAMING = ("user", "organiser")
"""Facts of other objects that name the person whom they are about."""
PROVISIONED = "user.provisioned"
"""The event of a person who is new."""
TAKEN_OVER = "user.taken_over"
"""The event of a person whose place somebody else has taken, under the same id."""
REQUEST_COMPLETED = "request.completed"
"""The event of an asynchronous request, or of one operation of it, that has been carried out."""
USER, GROUP, PRODUCT, TENANT = "user", "group", "product", "tenant"
"""What events are about."""
EVERY_OF = ".*"
"""What ends a pattern of types, such as `user.*`: every type that begins so."""
MOST_IDS = 100
"""Named in one event."""
ATTRIBUTES = ("userName", "displayName", "externalId", "active", "emails", "entitlements", "roles")
"""The facts of a person or a group that are attributes of their resource; beside them those of the profile."""
PLACES = frozenset({"seat", "reservation"})
"""Types of objects that take a seat of a subscription, unless they wait for one."""
LEDGERS = frozenset({"claims"})
"""Types of objects that nobody makes or removes: None stands for nothing that went, or nothing that came."""
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom or what an event is about: a person or a group by id, a product by code, or else the tenant by id.

    `name` is the userName of a person or the displayName of a group, where it is at hand.
    """

    kind: str
    id: str
    name: str | None = field(default=None, compare=False)

    @property
    def key(self) -> str:
        """What no other subject of the tenant has; events are numbered by it."""
        return f"{self.kind}:{self.id}"

    @classmethod
    def of(cls, key: str, name: str | None) -> Self:
        """The subject behind a key."""
        kind, _, id_ = key.partition(":")
        return cls(kind, id_, name)

    @classmethod
    def person(cls, user_id: str, user_name: str | None = None) -> Self:
        return cls(USER, user_id, user_name)


@dataclass(frozen=True, slots=True)
class ScimChange:
    """A change of a user or a group as SCIM tells it (RFC 9967 section 2.4).

    `method` is `create`, `put`, `patch` or `delete`; `uri` is relative to the base address; `version` is the entity tag
    after it, None once it is gone. `attributes` are PATCH paths, sorted. `data` is the final representation, what a PUT
    would take, or a PatchOp message; None where nobody wants it, or it is too large. `active` is the new value where
    that is another. `identifiers` has, where the name or the primary address is another, the one before and the new
    one: `userName` and `newUserName`, `email` and `newEmail`, those that there are.
    """

    method: str
    uri: str
    external_id: str | None
    version: str | None
    attributes: tuple[str, ...]
    data: Mapping[str, Any] | None
    active: bool | None
    identifiers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, named in the past tense, for example `seat.released` (`services/event_types.py`)."""

    name: str
    subject: Subject
    data: Mapping[str, Any]
    scim: ScimChange | None = field(default=None, compare=False)


def is_of(name: str, pattern: str) -> bool:
    """Whether a type of events is meant by a pattern: by its name, or by what it begins with, such as `user.*`."""
    return name.startswith(pattern.removesuffix("*")) if pattern.endswith(EVERY_OF) else name == pattern


def some_of(ids: Collection[str]) -> dict[str, Any]:
    """Ids as an event has them: how many, and the first of them, so that no event is larger the more it is about."""
    return {"total": len(ids), "ids": sorted(ids)[:MOST_IDS]}


@dataclass(frozen=True, slots=True)
class PlacedEvent:
    """An event as it is read: the `number`-th of its subject, at its `position` among all events of the tenant."""

    id: str
    event: str
    subject: Subject
    number: int
    position: int
    at: Instant
    request_id: str
    payload: Mapping[str, Any]
    scim: ScimChange | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One object changed by one transaction, as it was and as it is; None where it was or is not there.

    A fact that neither side names stays as it was. Of sets (`deltas.DELTAS`) the sides name what went and what came.
    """

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
    def attributes(self) -> list[str]:
        """The attributes of a person or a group that have another value than before, by name."""
        before, after = (_attributes(side) for side in (self.before, self.after))
        return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))

    @property
    def seats(self) -> dict[str, int]:
        """By how many the assigned seats of which product changed."""
        if self.object_type not in PLACES:
            return {}
        delta = _seats_taken(self.after) - _seats_taken(self.before)
        product = (self.after or self.before or {}).get("product")
        return {str(product): delta} if product is not None and delta else {}

    def followed_by(self, later: "Change") -> "Change | None":
        """Both as one change: what is made stays made; None for what was made and is gone again, and for a ledger
        in which nothing went or came in the end."""
        is_ledger = self.object_type in LEDGERS
        made, gone = (side is None and not is_ledger for side in (self.before, later.after))
        before, after = self._sides(later)
        if (made and gone) or (is_ledger and not before and not after):
            return None
        return Change(
            self.object_type,
            self.object_id,
            self.action if made else later.action,
            None if made or (is_ledger and not before) else before,
            None if gone or (is_ledger and not after) else after,
        )

    def _sides(self, later: "Change") -> tuple[dict[str, Any], dict[str, Any]]:
        """What the first of both found, and what the later one left."""
        found, left, found_later, left_later = (
            each or {} for each in (self.before, self.after, later.before, later.after)
        )
        before = {name: fact for name, fact in found_later.items() if name not in left} | dict(found)
        after = {name: fact for name, fact in left.items() if name not in found_later} | dict(left_later)
        for name in DELTAS.get(self.object_type, ()):
            differences = united((found, left), (found_later, left_later), name)
            for side, difference in zip((before, after), differences, strict=True):
                side.pop(name, None)
                side.update({name: difference} if difference else {})
        return before, after


def _attributes(facts: Mapping[str, Any] | None) -> dict[str, Any]:
    known = facts or {}
    return {name: known.get(name) for name in ATTRIBUTES} | dict(known.get("profile") or {})


def _seats_taken(facts: Mapping[str, Any] | None) -> int:
    return int(facts is not None and facts.get("state") != "waiting")


@dataclass(frozen=True, slots=True)
class Cause:
    """Who opened the transaction, in the course of what, and how far they may go. A `quiet` one sends no notices.

    `actor` is `connection:<id>`, `person:<id>`, `api:<token id>`, `client:<id>` (an OAuth client),
    `operator:<token id>`, `cli`, `invited` (whoever holds the link of an invitation) or `system`. `permits` are the
    permissions that the roles they give may have; None is all.
    """

    actor: str
    request_id: str
    reason: str
    quiet: bool = False
    permits: frozenset[str] | None = None

    def quietly(self, quiet: bool = True) -> Self:
        """The same, sending no notices, where `quiet`."""
        return replace(self, quiet=self.quiet or quiet)
