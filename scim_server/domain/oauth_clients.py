"""Clients of the authorization server, what it issues to them, and the foreign issuers that a connection trusts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from scim_server.domain.instants import Instant

TOKEN_SECONDS = 3600
"""How long an access token lives unless its client has it otherwise."""
SHORTEST_TOKEN_SECONDS, LONGEST_TOKEN_SECONDS = 300, 6 * 3600


class ClientMethod(StrEnum):
    """How a client proves who it is at the token endpoint (RFC 7591 section 2)."""

    BASIC = "client_secret_basic"
    POST = "client_secret_post"
    PRIVATE_KEY_JWT = "private_key_jwt"
    FEDERATION = "federation"
    """By a token of a trusted issuer, as workload identity federation has it."""


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """A client of one tenant. Its access tokens act as its connection; without one they open the admin API alone.

    `scopes` are the most it may ask for. `jwks` or `jwks_uri` hold the keys it signs its assertions with;
    `redirect_uris` are where the authorization endpoint may send its codes, none for a client that gets none. `dpop`
    and `certificate_bound` demand tokens that are bound to a key of the client's.
    """

    tenant_id: str
    id: str
    connection_id: str | None
    name: str
    method: ClientMethod
    scopes: frozenset[str]
    created: Instant
    redirect_uris: tuple[str, ...] = ()
    jwks: Mapping[str, Any] | None = None
    jwks_uri: str | None = None
    token_seconds: int = TOKEN_SECONDS
    dpop: bool = False
    certificate_bound: bool = False
    revoked: Instant | None = None


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """A secret of a client as the store knows it: a digest."""

    tenant_id: str
    id: str
    client_id: str
    digest: str
    created: Instant
    expires: Instant
    revoked: Instant | None = None
    last_used: Instant | None = None

    def is_live(self, now: Instant) -> bool:
        """Whether the secret proves anything at `now`."""
        return self.revoked is None and now < self.expires


@dataclass(frozen=True, slots=True)
class AccessToken:
    """An access token that was issued, by its `jti`. `family` is the authorization code that it came of, if any."""

    tenant_id: str
    id: str
    client_id: str
    family: str | None
    scopes: frozenset[str]
    resource: str
    created: Instant
    expires: Instant
    revoked: Instant | None = None

    def is_live(self, now: Instant) -> bool:
        """Whether the token opens anything at `now`."""
        return self.revoked is None and now < self.expires


@dataclass(frozen=True, slots=True)
class AuthorizationCode:
    """RFC 6749 section 4.1: what an admin consented to, good once. `challenge` is that of PKCE, by S256."""

    tenant_id: str
    id: str
    client_id: str
    digest: str
    redirect_uri: str
    challenge: str
    scopes: frozenset[str]
    resource: str
    approver: str
    created: Instant
    expires: Instant
    used: Instant | None = None


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A refresh token, good once; `binding` is the thumbprint of the key it is bound to."""

    tenant_id: str
    id: str
    client_id: str
    family: str
    digest: str
    scopes: frozenset[str]
    resource: str
    created: Instant
    expires: Instant
    binding: str | None = None
    used: Instant | None = None
    revoked: Instant | None = None


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that access tokens are signed with. `public` is a JWK; `private` the PEM text of the key.

    It is published from the moment it is made, signs from `starts` until a newer one does, and is published until
    `ends`.
    """

    id: str
    algorithm: str
    public: Mapping[str, Any]
    private: str
    created: Instant
    starts: Instant
    ends: Instant | None = None


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """Whose tokens stand for a connection, or, with `client_id`, for that client at the token endpoint.

    A token fits if it is signed with a key of the issuer's (`jwks_uri`, or what the issuer's metadata name), is meant
    for `audience`, comes from `subject` where there is one, and has every one of `claims` with just that value.
    """

    tenant_id: str
    id: str
    connection_id: str
    client_id: str | None
    name: str
    issuer: str
    audience: str
    subject: str | None
    created: Instant
    claims: Mapping[str, str] = field(default_factory=dict)
    jwks_uri: str | None = None
    scopes: frozenset[str] = frozenset()

    def fits(self, claims: Mapping[str, Any]) -> bool:
        """Whether a token of the issuer with those claims is meant, its signature and time apart."""
        audience = claims.get("aud")
        return (
            self.audience in (audience if isinstance(audience, list) else [audience])
            and self.subject in {None, _text(claims.get("sub"))}
            and all(_text(claims.get(name)) == value for name, value in self.claims.items())
        )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
