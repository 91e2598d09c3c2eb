"""Client assertions signed with a key of the client's own: RFC 7523 sections 2.2 and 3, with the audience rules of
draft-ietf-oauth-rfc7523bis section 4."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from joserfc.jwk import Key

from scim_server.domain.instants import Instant, instant
from scim_server.domain.oauth_clients import OAuthClient
from scim_server.domain.tenants import Tenant
from scim_server.oauth.jwts import BadToken, Jwt, moment_in, read_jwt, text_in
from scim_server.services import access_tokens
from scim_server.services.addresses import issuer_address
from scim_server.services.client_keys import algorithms_of, keys_in
from scim_server.services.ports import Units

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TYPES = frozenset({"jwt", "client-authentication+jwt"})
"""What the header may call the assertion, letter case ignored; it may call it nothing."""
LONGEST_LIFE = timedelta(minutes=10)
LEEWAY = timedelta(minutes=1)
"""By how much a client's clock may be ahead."""
LONGEST_ID = 256
KIND = "client assertion"

Federated = Callable[[Tenant, OAuthClient, str], bool]
"""Whether the assertion is a token of a foreign issuer that stands for the client."""


class RemoteKeys(Protocol):
    """JWK Sets at addresses, kept for a while."""

    def at(self, address: str, kid: str | None, now: Instant) -> list[Key]:
        """The keys of that id at that address, read anew where there is none at hand; none where it cannot be read."""
        ...


class Assertions:
    """Verifies what clients sign. `remote` gets the keys of those that publish them at an address."""

    def __init__(self, units: Units, public_url: str, remote: RemoteKeys) -> None:
        self._units, self._public_url, self._remote = units, public_url, remote

    def proves(self, tenant: Tenant, client: OAuthClient, text: str, now: Instant) -> bool:
        """Whether the client made the assertion for this issuer, just now, and shows it for the first time."""
        try:
            assertion = read_jwt(text)
        except BadToken:
            return False
        issuer = issuer_address(self._public_url, tenant.slug)
        if not assertion.is_typed(TYPES) or not self._is_signed(client, assertion, now):
            return False
        expires = _expiry(assertion.claims, client.id, issuer, datetime.fromisoformat(now))
        shown = text_in(assertion.claims, "jti")
        if expires is None or shown is None or len(shown) > LONGEST_ID:
            return False
        return access_tokens.use_once(self._units, tenant, client, KIND, f"{client.id}\0{shown}", expires)

    def _is_signed(self, client: OAuthClient, assertion: Jwt, now: Instant) -> bool:
        kid = text_in(assertion.header, "kid")
        candidates = [key for key in self._keys(client, kid, now) if kid is None or key.get("kid") in (None, kid)]
        return any(assertion.is_by(key, algorithms_of(key)) for key in candidates)

    def _keys(self, client: OAuthClient, kid: str | None, now: Instant) -> list[Key]:
        if client.jwks_uri is None:
            return keys_in(client.jwks or {})
        return self._remote.at(client.jwks_uri, kid, now)


def _expiry(claims: Mapping[str, Any], client_id: str, issuer: str, now: datetime) -> Instant | None:
    """Until when the assertion holds; None where it does not. The issuer identifier must be its only audience."""
    named = claims.get("iss") == claims.get("sub") == client_id
    meant = claims.get("aud") in (issuer, [issuer])
    expires = moment_in(claims, "exp")
    begins = [moment_in(claims, name) for name in ("nbf", "iat") if name in claims]
    if not named or not meant or expires is None or None in begins:
        return None
    latest = (now + LEEWAY).timestamp()
    if any(each is not None and each > latest for each in begins):
        return None
    if not now.timestamp() < expires <= (now + LONGEST_LIFE + LEEWAY).timestamp():
        return None
    return instant(datetime.fromtimestamp(expires, UTC))
