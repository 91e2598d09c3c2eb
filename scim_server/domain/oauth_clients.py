"""Clients of the authorization server, what it issues to them, and the foreign issuers that a connection trusts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from scim_server.domain.access import PERMISSIONS
from scim_server.domain.errors import Invalid
from scim_server.domain.instants import Instant
from scim_server.domain.tenants import SCIM_READ, SCIM_SCOPES, SCIM_WRITE

TOKEN_SECONDS = 3600
"""How long an access token lives unless its client has it otherwise."""
SHORTEST_TOKEN_SECONDS, LONGEST_TOKEN_SECONDS = 300, 6 * 3600
SHORTEST_FEDERATED_SECONDS = 3600
"""What Microsoft Entra ID wants of tokens that it gets by workload identity federation: one to six hours."""
LONGEST_CLIENT_NAME = 128
MOST_REDIRECTS = 20
SCIM = "scim"
"""What both scopes of SCIM are called together (IPSIE)."""
CLIENT_SCOPES: Mapping[str, frozenset[str]] = {
    SCIM: SCIM_SCOPES,
    SCIM_READ: frozenset({SCIM_READ}),
    SCIM_WRITE: frozenset({SCIM_WRITE}),
    **{code: frozenset({code}) for code in PERMISSIONS},
}
"""The scopes that a request may name, with what each of them stands for."""
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


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
    and `certificate_bound` demand tokens that are bound to a key of the client's. `pkce` demands a challenge for each
    code; every client here proves who it is, so one whose product cannot send any may do without (RFC 9700
    section 2.1.1).
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
    pkce: bool = True
    revoked: Instant | None = None

    @property
    def has_secrets(self) -> bool:
        """Whether it proves itself by a secret, of which it may have several."""
        return self.method in {ClientMethod.BASIC, ClientMethod.POST}

    @property
    def scim_scopes(self) -> frozenset[str]:
        """What it may do at its connection's SCIM service."""
        return self.scopes & SCIM_SCOPES

    @property
    def admin_scopes(self) -> frozenset[str]:
        """What it may do at the admin API."""
        return self.scopes - SCIM_SCOPES


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
    """An access token that was issued, by its `jti`. `family` is the grant that it came of, if any."""

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
class SigningKey:
    """A key that access tokens are signed with. `public` is a JWK, `private` the PEM text of the key;
    of a stored key, as it is sealed.

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

    def is_published(self, now: Instant) -> bool:
        """Whether what it signed is good at `now`, if it signed anything."""
        return self.ends is None or now < self.ends

    def is_waiting(self, now: Instant) -> bool:
        """Whether it was made to sign later than `now`, and so has signed nothing.

        One that was to sign at once may have, however far its maker's clock was ahead.
        """
        return self.created < self.starts and now < self.starts and self.is_published(now)


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


def expanded(scopes: Iterable[str]) -> frozenset[str]:
    """Scopes as they are kept: `scim` is both of SCIM's. Raises Invalid for unknown ones."""
    wanted = list(scopes)
    unknown = sorted(set(wanted) - CLIENT_SCOPES.keys())
    if unknown:
        raise Invalid(f"'{unknown[0]}' is no scope of a client. Scopes: {', '.join(CLIENT_SCOPES)}.")
    return frozenset().union(*(CLIENT_SCOPES[scope] for scope in wanted))


def check_client(client: OAuthClient) -> None:
    """Raises Invalid for what no client can be; its keys are looked at elsewhere."""
    if not client.name.strip() or not client.name.isprintable() or len(client.name) > LONGEST_CLIENT_NAME:
        raise Invalid(f"A client needs a name of 1 to {LONGEST_CLIENT_NAME} printable characters.")
    if not client.scopes:
        raise Invalid("A client needs at least one scope.")
    if client.scim_scopes and client.connection_id is None:
        raise Invalid("Scopes of SCIM need a connection, which the client acts as: name one, or leave them out.")
    if client.connection_id is not None and not client.scim_scopes:
        raise Invalid("A client with a connection needs a scope of SCIM: scim, scim:read or scim:write.")
    if not SHORTEST_TOKEN_SECONDS <= client.token_seconds <= LONGEST_TOKEN_SECONDS:
        raise Invalid(f"Access tokens live {SHORTEST_TOKEN_SECONDS} to {LONGEST_TOKEN_SECONDS} seconds.")
    if client.method is ClientMethod.FEDERATION and client.token_seconds < SHORTEST_FEDERATED_SECONDS:
        raise Invalid(
            f"Access tokens of a client of the method federation live {SHORTEST_FEDERATED_SECONDS} seconds at least: "
            "Entra takes no others."
        )
    _check_keys(client)
    _check_redirects(client.redirect_uris)


def _check_keys(client: OAuthClient) -> None:
    sources = [client.jwks, client.jwks_uri]
    given = sum(source is not None for source in sources)
    if client.method is ClientMethod.PRIVATE_KEY_JWT and given != 1:
        raise Invalid("A client of the method private_key_jwt needs its public keys: either jwks or jwks-uri.")
    if client.method is not ClientMethod.PRIVATE_KEY_JWT and given:
        raise Invalid(f"A client of the method {client.method} has no keys: leave jwks and jwks-uri out.")
    if client.jwks_uri is not None and not _is_address(client.jwks_uri):
        raise Invalid("jwks-uri must be an https address, or a loopback one, without a fragment.")


def _check_redirects(addresses: tuple[str, ...]) -> None:
    """RFC 9700 section 4.1: codes are sent to addresses that were registered to the letter, over TLS or to oneself."""
    if len(addresses) > MOST_REDIRECTS:
        raise Invalid(f"A client has at most {MOST_REDIRECTS} redirect addresses.")
    wrong = next((each for each in addresses if not _is_address(each)), None)
    if wrong is not None:
        raise Invalid(f"'{wrong[:200]}' is no redirect address: use https, or http to a loopback one; no fragment.")


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        host = parts.hostname if parts.port != 0 else None
    except ValueError:
        return False
    if not host or "#" in text or "@" in parts.netloc or not text.isascii() or not text.isprintable() or " " in text:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)
