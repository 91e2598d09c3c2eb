"""What a tenant's admin consented to: the grant, the code it begins as, and the refresh tokens that keep it alive."""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from scim_server.domain.instants import Instant, later

CODE_LIFE = timedelta(seconds=60)
"""How long an authorization code may be redeemed (RFC 6749 section 4.1.2 recommends ten minutes at most)."""
IDLE_LIFE = timedelta(days=90)
"""How long a grant lives on that its client does not use."""
SECOND_CHANCE = timedelta(seconds=60)
"""How long a client that lost the answer may send a refresh token again, once."""
APPROVAL_LIFE = timedelta(minutes=10)
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
"""RFC 7636 section 4.1."""


class GrantState(StrEnum):
    """A `pending` one is a code that nobody has redeemed yet; one that `lapsed` was not used for too long."""

    PENDING = "pending"
    LIVE = "live"
    LAPSED = "lapsed"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class OAuthGrant:
    """What `approver` consented to: that a client may have `scopes` at `resource`.

    It begins as an authorization code (RFC 6749 section 4.1) with a `digest`, for one `redirect_uri` and, where there
    is a `challenge`, whoever knows what it was made of (PKCE, S256). From when it is `redeemed` on it is the family of
    the tokens that come of it, and `expires` moves on with each use.
    """

    tenant_id: str
    id: str
    client_id: str
    digest: str
    redirect_uri: str
    challenge: str | None
    scopes: frozenset[str]
    resource: str
    approver: str
    created: Instant
    expires: Instant
    redeemed: Instant | None = None
    revoked: Instant | None = None

    def state(self, now: Instant) -> GrantState:
        """How it stands at `now`."""
        if self.revoked is not None:
            return GrantState.REVOKED
        if now >= self.expires:
            return GrantState.LAPSED
        return GrantState.PENDING if self.redeemed is None else GrantState.LIVE

    def is_proved_by(self, verifier: str | None) -> bool:
        """RFC 7636 section 4.6: whether the challenge was made of that. Without a challenge there must be no verifier:
        whoever has one sent a challenge, which somebody took away (RFC 9700 section 4.8.2)."""
        if self.challenge is None or verifier is None:
            return self.challenge is verifier
        if not VERIFIER.fullmatch(verifier):
            return False
        made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        return hmac.compare_digest(made, self.challenge)


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A refresh token, good once; `family` is its grant. It is bound to its client, which proves who it is each time,
    and to no key besides (RFC 9449 section 5).

    One that is both `used` and `revoked` had its second chance, or another one of its family had.
    """

    tenant_id: str
    id: str
    client_id: str
    family: str
    digest: str
    scopes: frozenset[str]
    resource: str
    created: Instant
    expires: Instant
    used: Instant | None = None
    revoked: Instant | None = None

    def may_come_again(self, followers: Iterable["RefreshToken"], now: Instant) -> bool:
        """Whether its client may have lost the answer to it: used a moment ago, and what followed it never."""
        if self.used is None or self.revoked is not None or any(each.used for each in followers):
            return False
        return now <= later(self.used, SECOND_CHANCE)


@dataclass(frozen=True, slots=True)
class ApprovalCode:
    """With it somebody may consent once to what a client asks for, in the name of `approver` and as far as that one may
    go: `permits`, None for everything."""

    tenant_id: str
    id: str
    client_id: str
    digest: str
    approver: str
    permits: frozenset[str] | None
    created: Instant
    expires: Instant
    used: Instant | None = None

    def is_live(self, now: Instant) -> bool:
        """Whether it proves anything at `now`."""
        return self.used is None and now < self.expires
