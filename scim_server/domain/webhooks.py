"""Webhooks: where a tenant's events are sent, which of them, how far that has come, and what came of each attempt."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from scim_server.domain.errors import Invalid
from scim_server.domain.events import EVERY_OF, PlacedEvent, is_of
from scim_server.domain.instants import Instant, later

WEBHOOK = "webhook"
"""How a webhook is told, beside the ways in which a stream is (`streams.Delivery`)."""
LONGEST_NAME, LONGEST_URL = 100, 2048
MOST_TYPES = 100
TYPE = re.compile(r"[a-z_]+(?:\.[a-z_]+)*")
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1800, 3600))
"""How long a receiver, or an event that was refused, is left alone after each failure; then hourly."""
PATIENCE = timedelta(hours=24)
"""After so long of failing a webhook is switched off, and an event that was refused is a dead letter."""
WORRYING = timedelta(hours=1)
"""After so long of failing an admin is told."""
LONGEST_PAUSE = timedelta(hours=24)
"""That a receiver can ask for."""
MOST_PARKED = 1000
"""Events that wait because they, or earlier ones of the same person, were refused; a receiver of more is at fault."""


class Stopped(StrEnum):
    """Why a webhook is switched off."""

    BY_ADMIN = "by_admin"
    FAILING = "failing"
    GONE = "gone"
    """The receiver answered 410."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """A receiver of a tenant's events. Without `types` it gets all; `stopped` is why it gets none.

    What is signed with the secret before the present one is signed with both until `overlaps`. One with an
    `operator_id` stands in the tenant for a webhook of the operator, and is as that one is.
    """

    id: str
    name: str
    url: str
    types: tuple[str, ...]
    created: Instant
    stopped: Stopped | None = None
    overlaps: Instant | None = None
    operator_id: str | None = None

    @property
    def enabled(self) -> bool:
        return self.stopped is None

    def switched_off(self, why: Stopped) -> "Webhook":
        """The webhook whose receiver is at fault."""
        return replace(self, stopped=why)

    def takes(self, event: str) -> bool:
        """Whether events of that type are sent there."""
        return not self.types or any(is_of(event, each) for each in self.types)


def check_webhook(name: str, url: str, types: Sequence[str]) -> None:
    """Raises Invalid where no webhook can be so. Plain http is for private networks that the operator allows."""
    if not is_name(name):
        raise Invalid(f"A webhook's name has 1 to {LONGEST_NAME} printable characters and no space at its ends.")
    if not is_address(url):
        raise Invalid(f"'{url[:100]}' is no address to send events to: write https://HOST[:PORT]/PATH, without a user.")
    if len(types) > MOST_TYPES:
        raise Invalid(f"A webhook filters by {MOST_TYPES} types at most: use such as seat{EVERY_OF} for several.")
    wrong = next((each for each in types if not TYPE.fullmatch(each.removesuffix(EVERY_OF))), None)
    if wrong is not None:
        raise Invalid(f"'{wrong[:100]}' is no type of events: write one such as user.suspended, or seat{EVERY_OF}.")


def is_name(text: str) -> bool:
    """Whether people can call a webhook or a stream so."""
    return 0 < len(text) <= LONGEST_NAME and text.isprintable() and text == text.strip()


def is_address(text: str) -> bool:
    """Whether events can be sent there, as far as the text says it."""
    try:
        parts = urlsplit(text)
        good = parts.scheme in {"https", "http"} and parts.hostname and parts.port != 0
    except ValueError:
        return False
    plain = text.isascii() and text.isprintable() and not set(text) & set(" \\#")
    return bool(good) and plain and "@" not in parts.netloc and len(text) <= LONGEST_URL


@dataclass(frozen=True, slots=True)
class Secrets:
    """What is signed with: the present secret, and the one before it while they overlap."""

    present: str
    former: str | None = None

    def good_at(self, now: Instant, overlaps: Instant | None) -> "Secrets":
        """Those that are good at that moment, where the former one is until `overlaps`."""
        return self if overlaps is not None and overlaps > now else Secrets(self.present)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a webhook has come: all events up to `position` are dealt with, and those `ahead` of it.

    It is `due` at that moment, None while there is nothing to do. `failures` count the attempts since its receiver
    took, or refused, something; `failing` is since when. `replays` are ranges of positions to be sent again.
    `acked` are the ids of tokens that a poll stream has had, of events that it has not had as a whole.
    """

    position: int
    ahead: tuple[int, ...] = ()
    due: Instant | None = None
    failures: int = 0
    failing: Instant | None = None
    trouble: str | None = None
    accepted: Instant | None = None
    replays: tuple[tuple[int, int], ...] = ()
    acked: tuple[str, ...] = ()

    def passing(self, read: Iterable[int], done: Iterable[int]) -> "Progress":
        """Further by what is done of the positions that were read, in order, from the first one behind this; never
        back, where it went on otherwise since they were."""
        settled = {*self.ahead, *done}
        position = self.position
        for each in read:
            if each not in settled:
                break
            position = max(position, each)
        return replace(self, position=position, ahead=tuple(sorted(each for each in settled if each > position)))

    def failed(self, now: Instant, trouble: str) -> "Progress":
        return replace(self, failures=self.failures + 1, failing=self.failing or now, trouble=trouble)

    def answered(self, now: Instant, *, accepted: bool) -> "Progress":
        """The receiver is there: it took something, or refused it."""
        return replace(self, failures=0, failing=None, trouble=None, accepted=now if accepted else self.accepted)

    def fails_for(self, now: Instant, long: timedelta) -> bool:
        return self.failing is not None and later(self.failing, long) <= now


def pause(failures: int, share: float) -> timedelta:
    """How long to wait after so many failures, at least one; `share`, 0 to 1, spreads those that failed at once."""
    return PAUSES[min(failures, len(PAUSES)) - 1] * (0.9 + 0.2 * share)


class Verdict(StrEnum):
    """What an answer means for the event and its receiver."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    """This one event; the receiver works."""
    REJECTED = "rejected"
    """This one event, for good."""
    FAILED = "failed"
    """The receiver does not work at the moment."""
    GONE = "gone"
    """It wants no more events."""
    BEHIND = "behind"
    """Not sent, as an earlier event of the same person was refused."""


_OF_THE_RECEIVER = frozenset({408, 425, 429})
"""Of the statuses 400 to 499 those that say nothing about the request itself."""


def verdict_of(status: int) -> Verdict:
    """What an answer of that status means."""
    if 200 <= status < 300:
        return Verdict.ACCEPTED
    if status == 410:
        return Verdict.GONE
    if 400 <= status < 500 and status not in _OF_THE_RECEIVER:
        return Verdict.REFUSED
    return Verdict.FAILED


class Kind(StrEnum):
    """Why an event is sent."""

    NEW = "new"
    PARKED = "parked"
    REPLAY = "replay"
    TEST = "test"


class State(StrEnum):
    """What became of a delivery."""

    DELIVERED = "delivered"
    FAILED = "failed"
    PARKED = "parked"
    """It was refused, or waits behind one that was, and is sent again at its time."""
    DEAD = "dead"
    """It was refused for a day, or for good."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of sending an event once. `wait` is for how long the receiver asks to be left alone."""

    verdict: Verdict
    status: int | None = None
    detail: str | None = None
    milliseconds: int = 0
    wait: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """An entry of the log; `subject` is the key of the event's. What is parked has one entry, whose latest attempt it
    tells; `due` is its next one."""

    id: str
    webhook_id: str
    event_id: str
    event: str
    subject: str
    position: int | None
    kind: Kind
    state: State
    attempts: int
    begun: Instant
    at: Instant
    status: int | None = None
    detail: str | None = None
    milliseconds: int = 0
    due: Instant | None = None

    @classmethod
    def begun_by(
        cls, attempt: Attempt, id_: str, receiver_id: str, event: PlacedEvent, kind: Kind, state: State, now: Instant
    ) -> "Delivery":
        """The entry after the first attempt, or where there was none yet as an earlier event was refused."""
        return cls(
            id=id_,
            webhook_id=receiver_id,
            event_id=event.id,
            event=event.event,
            subject=event.subject.key,
            position=event.position or None,
            kind=kind,
            state=state,
            attempts=0 if attempt.verdict is Verdict.BEHIND else 1,
            begun=now,
            at=now,
            status=attempt.status,
            detail=attempt.detail,
            milliseconds=attempt.milliseconds,
        )


@dataclass(frozen=True, slots=True)
class Sending:
    """An event to be sent: its body, or of a stream the claims of its tokens in order, and the entry of the log where
    it is parked."""

    event: PlacedEvent
    kind: Kind
    body: bytes = b""
    parked: Delivery | None = None
    tokens: tuple[Mapping[str, Any], ...] = ()
