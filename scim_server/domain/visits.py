"""Visits of the console: from a sign-in to its end. A link that nobody has followed yet is a visit to come."""

from dataclasses import dataclass
from datetime import timedelta

from scim_server.domain.instants import Instant

LINK_LIFE = timedelta(minutes=10)
"""How long a sign-in link can be followed, once."""
LIFE = timedelta(hours=12)
"""How long a visit lasts at most; one that is idle ends sooner, with its cookie."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A person's visit, or without tenant and person the operator's. The store knows a digest, never the secret.

    `begun` is None while it is a link. `expires` is the end of the link, then that of the visit.
    """

    tenant_id: str | None
    id: str
    user_id: str | None
    digest: str
    created: Instant
    expires: Instant
    begun: Instant | None = None

    def is_live(self, now: Instant) -> bool:
        """Whether it opens the console, as long as the person is not suspended."""
        return self.begun is not None and now < self.expires

    def can_begin(self, now: Instant) -> bool:
        """Whether its link can be followed."""
        return self.begun is None and now < self.expires
