"""Mails on their way: written with what they are about, sent afterwards, tried again with growing pauses."""

from dataclasses import dataclass
from datetime import timedelta

from scim_server.domain.instants import Instant, later

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
MOST_ATTEMPTS = 24
"""About a day's worth; then the mail stays where it is and the admin sends anew."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A plain text for one recipient. `about` is the id of what it is about, by which it can be taken back."""

    tenant_id: str
    id: str
    recipient: str
    subject: str
    body: str
    about: str
    created: Instant
    attempts: int
    next_attempt: Instant

    def next_after(self, now: Instant) -> Instant:
        """When to try again if the attempt made at `now` fails."""
        pause = min(FIRST_PAUSE * 2 ** min(self.attempts, 10), LONGEST_PAUSE)
        return later(now, pause)
