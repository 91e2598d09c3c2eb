"""RFC 9068: access tokens as signed texts, each with a row in the store by which it can be ended at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from scim_server.domain.instants import Instant
from scim_server.domain.oauth_clients import AccessToken, OAuthClient
from scim_server.domain.tenants import Connection, Tenant
from scim_server.oauth.jwts import (
    LONGEST,
    BadToken,
    decoded,
    decoded_object,
    is_signature,
    moment_in,
    sign_jwt,
    text_in,
)
from scim_server.oauth.key_rings import KeyRing
from scim_server.services.addresses import OAUTH_PATH, issuer_address
from scim_server.services.credentials import TENANT_ID_LENGTH, is_public_id
from scim_server.services.ports import Bearers, Units

LEEWAY = 60
"""Seconds by which the clocks of two of our machines may differ."""


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A live access token with whom it was issued to. `scopes` are what it permits now.

    `confirmation` is the `cnf` claim (RFC 7800 section 3.1): what the token is bound to.
    """

    tenant: Tenant
    client: OAuthClient
    connection: Connection | None
    token: AccessToken
    scopes: frozenset[str]
    confirmation: Mapping[str, str] = field(default_factory=dict)


class AccessTokens:
    """Writes and reads the access tokens of all issuers of the installation."""

    def __init__(self, units: Units, ring: KeyRing, public_url: str) -> None:
        self._units, self._ring, self._public_url = units, ring, public_url

    def text(self, tenant: Tenant, token: AccessToken, confirmation: Mapping[str, str]) -> str:
        """The token as its client gets it (section 2.2); with a `cnf` where there is something to confirm."""
        issued = int(_seconds(token.created))
        claims: dict[str, Any] = {
            "iss": issuer_address(self._public_url, tenant.slug),
            "sub": token.client_id,
            "client_id": token.client_id,
            "aud": token.resource,
            "exp": int(_seconds(token.expires)),
            "iat": issued,
            "nbf": issued,
            "jti": token.id,
            "scope": " ".join(sorted(token.scopes)),
        }
        if confirmation:
            claims["cnf"] = dict(confirmation)
        signer = self._ring.signer()
        return sign_jwt(signer.head, claims, signer.key, signer.algorithm)

    def find(self, text: str) -> IssuedToken | None:
        """The live token behind a text, whatever it is for; None for anything else, mostly before any look-up."""
        if len(text) > LONGEST or not text.isascii() or text.count(".") != 2:
            return None
        head, body, signature = text.split(".")
        try:
            claims = decoded_object(body)
            token_id = text_in(claims, "jti") or ""
            if not is_public_id(token_id):
                return None
            with self._units.bearers(token_id[:TENANT_ID_LENGTH]) as bearers:
                if not self._is_ours(bearers, claims, head, body, signature):
                    return None
                found, now = bearers.access_token(token_id), bearers.now
        except BadToken:
            return None
        if found is None:
            return None
        tenant, client, connection, token = found
        if not _agrees(claims, issuer_address(self._public_url, tenant.slug), token) or not token.is_live(now):
            return None
        return _opened(tenant, client, connection, token, claims)

    def _is_ours(self, bearers: Bearers, claims: Mapping[str, Any], head: str, body: str, signature: str) -> bool:
        """Whether we signed the token and it is good now. Raises BadToken.

        The header must be the very one that one of our keys writes, so nothing in it needs to be read. Of the claims
        nothing was believed until then but which tenant to look in.
        """
        known = self._ring.verifier(bearers, head, ours=self._names_us(claims))
        if known is None or not is_signature(*known, f"{head}.{body}".encode(), decoded(signature)):
            return False
        return _is_current(claims, _seconds(bearers.now))

    def _names_us(self, claims: Mapping[str, Any]) -> bool:
        issuer = text_in(claims, "iss")
        return issuer is not None and issuer.startswith(f"{self._public_url}{OAUTH_PATH}/")


def _is_current(claims: Mapping[str, Any], now: float) -> bool:
    expires, begins, issued = (moment_in(claims, name) for name in ("exp", "nbf", "iat"))
    if expires is None or begins is None or issued is None:
        return False
    return now < expires and max(begins, issued) <= now + LEEWAY


def _agrees(claims: Mapping[str, Any], issuer: str, token: AccessToken) -> bool:
    """Whether the text says what is kept of the token."""
    said = [claims.get(name) for name in ("iss", "aud", "sub", "client_id")]
    return said == [issuer, token.resource, token.client_id, token.client_id]


def _opened(
    tenant: Tenant, client: OAuthClient, connection: Connection | None, token: AccessToken, claims: Mapping[str, Any]
) -> IssuedToken | None:
    """What the token is good for, as its client may go today; None where that is nothing."""
    bound = claims.get("cnf", {})
    scopes = token.scopes & client.scopes
    demanded = {"jkt": client.dpop, "x5t#S256": client.certificate_bound}
    unbound = not isinstance(bound, dict) or any(wanted and name not in bound for name, wanted in demanded.items())
    if client.revoked is not None or unbound or not scopes:
        return None
    return IssuedToken(tenant, client, connection, token, scopes, bound)


def _seconds(moment: Instant) -> float:
    return datetime.fromisoformat(moment).astimezone(UTC).timestamp()
