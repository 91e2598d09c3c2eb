"""Mails on their way: written with what they are about, sent afterwards, tried again with growing pauses."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from scim_server.domain.instants import Instant, later

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
MOST_ATTEMPTS = 24
"""About a day's worth; then the mail stays where it is and the admin sends anew."""


KEPT = timedelta(days=30)
"""For so long it can be seen what became of a mail."""


class MailState(StrEnum):
    """`failed`: given up after so many attempts."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Mail:
    """A plain text for one recipient. `about` is the id of what it is about, by which it can be taken back.

    `sent` is when the mail server took it; its body is forgotten then.
    """

    tenant_id: str
    id: str
    recipient: str
    subject: str
    body: str
    about: str
    created: Instant
    attempts: int
    next_attempt: Instant
    sent: Instant | None = None

    @property
    def state(self) -> MailState:
        """What has become of it so far."""
        if self.sent is not None:
            return MailState.SENT
        return MailState.WAITING if self.attempts < MOST_ATTEMPTS else MailState.FAILED

    def next_after(self, now: Instant) -> Instant:
        """When to try again if the attempt made at `now` fails."""
        pause = min(FIRST_PAUSE * 2 ** min(self.attempts, 10), LONGEST_PAUSE)
        return later(now, pause)
