"""Leaver receipts: what the application has to end for somebody who was suspended or deleted, and by when."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum

from scim_server.domain.instants import Instant, later

SETTING, HOURS, DAYS = "receipts", "receipt_hours", "receipt_days"
"""The settings of a tenant that ask for receipts, and say after how many hours one is due, and for how many days one is
kept that is closed."""


class Ended(StrEnum):
    """How somebody left."""

    SUSPENDED = "suspended"
    DELETED = "deleted"
    TAKEN_OVER = "taken_over"
    """Somebody else has their place, under the same id."""


class Part(StrEnum):
    """What the application ends, and acknowledges to have ended."""

    SESSIONS = "sessions"
    KEYS = "keys"
    DATA_ACCESS = "data_access"


class ReceiptState(StrEnum):
    """`void`: the person came back before all was acknowledged, or the tenant asks for no receipts any more."""

    OPEN = "open"
    OVERDUE = "overdue"
    CONFIRMED = "confirmed"
    VOID = "void"


CLOSED = (ReceiptState.CONFIRMED, ReceiptState.VOID)


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """When a part was acknowledged, and by whom: an actor as the audit trail writes it."""

    at: Instant
    by: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """One person's leaving. `reported` is when an admin was first told that it is overdue, `escalated` when again.

    `closed` is when the last part was acknowledged or it became void; `outcome` says which.
    """

    id: str
    user_id: str
    ended: Ended
    since: Instant
    due: Instant
    escalates: Instant
    acknowledged: Mapping[Part, Acknowledgement] = field(default_factory=dict)
    reported: Instant | None = None
    escalated: Instant | None = None
    closed: Instant | None = None
    outcome: ReceiptState | None = None

    @classmethod
    def opened(cls, receipt_id: str, user_id: str, ended: Ended, now: Instant, hours: int) -> "Receipt":
        """Due after so many hours; after as many again it is told louder."""
        due = later(now, timedelta(hours=hours))
        return cls(receipt_id, user_id, ended, now, due, later(due, timedelta(hours=hours)))

    def is_over_with(self, *, may_hold: bool) -> bool:
        """Whether nothing is to be acknowledged where whoever has the id now may hold seats: they are back, unless
        somebody else took their place."""
        return may_hold and self.ended is not Ended.TAKEN_OVER

    @property
    def missing(self) -> list[Part]:
        """What is yet to be acknowledged."""
        return [part for part in Part if part not in self.acknowledged]

    @property
    def alarm(self) -> Instant | None:
        """When the clock is to look at it next; None where it need not any more."""
        if self.closed is not None or self.escalated is not None:
            return None
        return self.due if self.reported is None else self.escalates

    def state_at(self, now: Instant) -> ReceiptState:
        """What has become of it."""
        if self.outcome is not None:
            return self.outcome
        return ReceiptState.OVERDUE if self.due <= now else ReceiptState.OPEN

    def acknowledging(self, parts: Collection[Part], now: Instant, actor: str) -> "Receipt":
        """With those parts acknowledged that were not; closed once all are. A closed one stays as it is."""
        fresh = {part: Acknowledgement(now, actor) for part in Part if part in parts and part in self.missing}
        if self.closed is not None or not fresh:
            return self
        after = replace(self, acknowledged={**self.acknowledged, **fresh})
        return after if after.missing else after.ended_as(ReceiptState.CONFIRMED, now)

    def ended_as(self, outcome: ReceiptState, now: Instant) -> "Receipt":
        """Closed."""
        return replace(self, closed=now, outcome=outcome)
