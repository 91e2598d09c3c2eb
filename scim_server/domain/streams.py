"""Streams: to whom a tenant tells its changes as security event tokens (RFC 8417, RFC 9967), which of them, and how.

How far a stream has come, what is parked and what was refused are kept as a webhook's are (`domain/webhooks.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeGuard

from scim_server.domain.errors import Invalid
from scim_server.domain.instants import Instant
from scim_server.domain.webhooks import LONGEST_NAME, LONGEST_URL, Stopped, Webhook, is_address, is_name

LONGEST_AUDIENCE, LONGEST_DESCRIPTION, LONGEST_FILTER, LONGEST_AUTHORIZATION = 2048, 1000, 2000, 4096
MOST_AUDIENCES = 10
MOST_REQUESTED = 100
LONGEST_EVENT_URI = 200
EVERY_SCIM_EVENT = "urn:ietf:params:scim:event:*"
"""What a stream asks for that names nothing: every event of RFC 9967, and none of RISC and CAEP (R-RISC-2-02)."""

VERIFICATION_REQUESTED = "stream.verification_requested"
"""The event of somebody who asks whether a stream works."""
STATUS_CHANGED = "stream.status_changed"
"""The event of a stream that sends, or does not send any more."""


class Delivery(StrEnum):
    """How tokens come to the receiver: the `protocol` of its row."""

    PUSH = "push"
    """Each is posted to the receiver's address (RFC 8935)."""
    POLL = "poll"
    """The receiver asks for them (RFC 8936)."""


class Form(StrEnum):
    """How much a stream tells of a change (RFC 9967 section 2.4)."""

    NOTICE = "notice"
    """The names of the attributes."""
    FULL = "full"
    """The values as well."""


class Status(StrEnum):
    """Whether a stream sends (SSF 1.0 section 8.1.2)."""

    ENABLED = "enabled"
    PAUSED = "paused"
    """Nothing is sent, and everything is kept until it is enabled again."""
    DISABLED = "disabled"
    """Nothing is sent, and nothing is kept for it."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A receiver of a tenant's changes as security event tokens.

    `requested` are event URIs, or what they begin with and `*`, without repetition. `filter` is a SCIM filter on
    users: who is in the feed; None is everybody, and every group. `owner` is the actor that made it, such as
    `client:<id>` or `api:<id>`: over SSF each sees its own (R-SSF-7-01). `url` is where a push stream sends to, and
    `authorized` whether an Authorization header, kept as a secret, goes with it. `reason` says why it is `status`.
    Where that is so `by_admin`, the receiver does not change it.
    """

    id: str
    name: str
    delivery: Delivery
    audience: tuple[str, ...]
    owner: str
    created: Instant
    form: Form = Form.NOTICE
    requested: tuple[str, ...] = (EVERY_SCIM_EVENT,)
    filter: str | None = None
    url: str | None = None
    authorized: bool = False
    description: str | None = None
    status: Status = Status.ENABLED
    reason: str | None = None
    by_admin: bool = False

    @property
    def enabled(self) -> bool:
        return self.status is Status.ENABLED

    @property
    def listens(self) -> bool:
        """Whether events are kept for it, be they sent now or later."""
        return self.status is not Status.DISABLED

    def switched_off(self, why: Stopped) -> "Stream":
        """The stream whose receiver is at fault: everything is kept until somebody enables it again."""
        return replace(self, status=Status.PAUSED, reason=why.value)

    def takes(self, event_uri: str) -> bool:
        """Whether it asks for events of that URI."""
        return any(is_meant(event_uri, each) for each in self.requested)


Receiver = Webhook | Stream
"""Whoever is sent a tenant's events, in one way or another."""


def is_of_operator(receiver: Receiver) -> TypeGuard[Webhook]:
    """Whether it stands in the tenant for a webhook of the operator."""
    return isinstance(receiver, Webhook) and receiver.operator_id is not None


def is_meant(event_uri: str, pattern: str) -> bool:
    """Whether an event URI is meant by a pattern: by itself, or by what it begins with, up to a `*` at the end."""
    return event_uri.startswith(pattern[:-1]) if pattern.endswith("*") else event_uri == pattern


def delivered(requested: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """Those of the known event URIs that are asked for, in the order in which they are known (R-SSF-8-01)."""
    return tuple(uri for uri in known if any(is_meant(uri, each) for each in requested))


def check_stream(stream: Stream) -> None:
    """Raises Invalid where no stream can be so. Plain http is for private networks that the operator allows."""
    _check_words(stream)
    _check_requested(stream.requested)
    if stream.delivery is Delivery.PUSH and (stream.url is None or not is_address(stream.url)):
        raise Invalid(
            f"'{(stream.url or '')[:100]}' is no address to push tokens to: write https://HOST[:PORT]/PATH, without a "
            f"user, of {LONGEST_URL} characters at most."
        )
    if stream.delivery is Delivery.POLL and stream.url is not None:
        raise Invalid("Nothing is sent to the receiver of a poll stream, which fetches: leave its address out.")


def check_authorization(delivery: Delivery, authorization: str | None) -> None:
    """Raises Invalid for what cannot go with what is pushed as its Authorization header."""
    if not authorization:
        return
    if delivery is Delivery.POLL:
        raise Invalid("Nothing is sent to the receiver of a poll stream, which fetches: leave its authorization out.")
    if not (authorization.isascii() and authorization.isprintable() and authorization == authorization.strip()):
        raise Invalid("An Authorization header is one line of ASCII, such as: Bearer TOKEN")
    if len(authorization) > LONGEST_AUTHORIZATION:
        raise Invalid(f"An Authorization header has {LONGEST_AUTHORIZATION} characters at most.")


def _check_words(stream: Stream) -> None:
    audience = stream.audience
    if not is_name(stream.name):
        raise Invalid(f"A stream's name has 1 to {LONGEST_NAME} printable characters and no space at its ends.")
    if not 0 < len(audience) <= MOST_AUDIENCES or not all(_is_word(each, LONGEST_AUDIENCE) for each in audience):
        raise Invalid(
            f"A stream's audience is 1 to {MOST_AUDIENCES} names of its receiver, each of {LONGEST_AUDIENCE} printable "
            f"characters at most and without spaces, such as https://app.example.com."
        )
    if stream.description is not None and len(stream.description) > LONGEST_DESCRIPTION:
        raise Invalid(f"A stream's description has {LONGEST_DESCRIPTION} characters at most.")
    if stream.filter is not None and not 0 < len(stream.filter) <= LONGEST_FILTER:
        raise Invalid(f'A stream\'s filter has 1 to {LONGEST_FILTER} characters, such as: department eq "Sales"')


def _check_requested(requested: Sequence[str]) -> None:
    """A URI that the server does not know is allowed: nothing is delivered for it (SSF 1.0 section 8.1.1)."""
    if len(requested) > MOST_REQUESTED:
        raise Invalid(f"A stream asks for {MOST_REQUESTED} events at most: end a URI with * to mean several.")
    wrong = next((each for each in requested if not _is_word(each, LONGEST_EVENT_URI)), None)
    if wrong is not None:
        raise Invalid(f"'{wrong[:100]}' is no URI of events: write one such as {EVERY_SCIM_EVENT}")


def _is_word(text: str, longest: int) -> bool:
    return 0 < len(text) <= longest and text.isprintable() and " " not in text
