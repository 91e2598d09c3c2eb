"""What the audit trail holds: entries as they are chained, checkpoints, and entries as an admin reads them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scim_server.domain.events import Cause, Change
from scim_server.domain.instants import Instant
from scim_server.services import audit_chains

OBJECT_TYPES = (
    "user",
    "claims",
    "seat",
    "grant",
    "group",
    "rule",
    "subscription",
    "reservation",
    "order",
    "template",
    "role",
    "session",
    "recordings",
    "tombstone",
    "receipt",
    "add",
    "import",
    "invitation",
    "welcome",
    "mail_template",
    "connection",
    "token",
    "issuer",
    "oauth_client",
    "client_secret",
    "oauth_grant",
    "approval_code",
    "domain",
    "sign_in_provider",
    "webhook",
    "stream",
    "resource",
    "tenant",
    "move",
    "erasure",
    "request",
)
"""What entries are about. An index leads from type and id to them."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """What an entry says openly."""

    id: str
    at: Instant
    actor: str
    request_id: str
    cause: str
    object_type: str
    object_id: str
    action: str
    person: str | None
    seats: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SealedEntry(_Entry):
    """One entry as it is stored, chained and exported.

    `before` and `after` of an entry about a `person` are ciphertexts, of any other entry plain facts. `sequence` and
    `hash` are None until the entry is sealed.
    """

    before: Mapping[str, Any] | str | None
    after: Mapping[str, Any] | str | None
    sequence: int | None = None
    hash: str | None = None

    def chained(self) -> dict[str, Any]:
        """What the entry's hash is over."""
        return {
            "id": self.id,
            "at": self.at,
            "actor": self.actor,
            "requestId": self.request_id,
            "cause": self.cause,
            "objectType": self.object_type,
            "objectId": self.object_id,
            "action": self.action,
            "person": self.person,
            "before": self.before,
            "after": self.after,
            "seats": self.seats,
        }


@dataclass(frozen=True, slots=True)
class AuditEntry(_Entry):
    """One entry as an admin reads it. `erased` says that its facts are gone with the person's key."""

    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    sequence: int | None
    erased: bool

    @classmethod
    def foreseen(cls, change: Change, at: Instant, cause: Cause) -> "AuditEntry":
        """The entry that a change would get; without an id, as it has none yet."""
        return cls(
            id="",
            at=at,
            actor=cause.actor,
            request_id=cause.request_id,
            cause=cause.reason,
            object_type=change.object_type,
            object_id=change.object_id,
            action=change.action,
            person=change.person,
            before=change.before,
            after=change.after,
            seats=change.seats,
            sequence=None,
            erased=False,
        )


@dataclass(frozen=True, slots=True)
class Joining:
    """A member's coming into a group, by one entry."""

    group_id: str
    member_id: str
    at: Instant
    actor: str
    request_id: str
    cause: str


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signature over the chain as far as one entry."""

    sequence: int
    hash: str
    at: Instant
    signature: str


@dataclass(frozen=True, slots=True)
class Chain:
    """The end of a tenant's chain: how many entries are sealed, and the hash of the last one."""

    sequence: int
    hash: str

    @classmethod
    def begun(cls, tenant_id: str) -> "Chain":
        """The chain without any entry."""
        return cls(0, audit_chains.beginning(tenant_id))

    def sealed(self, entry: SealedEntry) -> "Chain":
        """The chain with one more entry."""
        return Chain(self.sequence + 1, audit_chains.link(self.hash, entry.chained()))


@dataclass(frozen=True, slots=True)
class Verification:
    """How far the chain was followed since `begun`: as far as the entry in place `sequence`, whose hash is `hash`.

    It is followed up to the place `upto`, where it ended then, and signed as far as `signed`. `finished` is when all
    of it was found whole, or `fault` in it.
    """

    begun: Instant
    upto: int
    hash: str
    sequence: int = 0
    signed: int = 0
    checkpoints: int = 0
    finished: Instant | None = None
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class SoughtEntries:
    """Which entries to find: the newest `limit` that meet every condition that is not None.

    `user_name` is met by entries about whoever has that name or id, or had it when they were deleted; `object_id` by
    entries about that object or person; `since` by entries written from that moment on, `until` by those written
    before that one; `below` by entries older than the one of that id.
    """

    limit: int
    user_name: str | None = None
    object_id: str | None = None
    request_id: str | None = None
    since: Instant | None = None
    until: Instant | None = None
    action: str | None = None
    entry_id: str | None = None
    below: str | None = None
    actor: str | None = None
    object_type: str | None = None
