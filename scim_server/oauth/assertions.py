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
from scim_server.oauth.reasons import Reason
from scim_server.oauth.refusals import InvalidClient
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

Federated = Callable[[Tenant, OAuthClient, str], None]
"""Checks that the assertion is a token of a foreign issuer that stands for the client. Raises InvalidClient."""


class RemoteKeys(Protocol):
    """JWK Sets at addresses, kept for a while."""

    def at(self, address: str, kid: str | None, now: Instant) -> list[Key]:
        """The keys of that id at that address, read anew where there is none at hand; none where it cannot be read."""
        ...


class Assertions:
    """Verifies what clients sign. `remote` gets the keys of those that publish them at an address."""

    def __init__(self, units: Units, public_url: str, remote: RemoteKeys) -> None:
        self._units, self._public_url, self._remote = units, public_url, remote

    def check(self, tenant: Tenant, client: OAuthClient, text: str, now: Instant) -> None:
        """The client must have made the assertion for this issuer, just now, and show it for the first time.

        Raises InvalidClient.
        """
        try:
            assertion = read_jwt(text)
        except BadToken as error:
            raise InvalidClient(Reason.UNREADABLE) from error
        if not assertion.is_typed(TYPES):
            raise InvalidClient(Reason.OTHER_TYPE)
        if not self._is_signed(client, assertion, now):
            raise InvalidClient(Reason.NOT_SIGNED)
        _check_names(assertion.claims, client.id, issuer_address(self._public_url, tenant.slug))
        expires = _expiry(assertion.claims, datetime.fromisoformat(now))
        shown = text_in(assertion.claims, "jti")
        if shown is None or len(shown) > LONGEST_ID:
            raise InvalidClient(Reason.NO_ID)
        if not access_tokens.use_once(self._units, tenant, client, KIND, f"{client.id}\0{shown}", expires):
            raise InvalidClient(Reason.SHOWN_BEFORE)

    def _is_signed(self, client: OAuthClient, assertion: Jwt, now: Instant) -> bool:
        kid = text_in(assertion.header, "kid")
        candidates = [key for key in self._keys(client, kid, now) if kid is None or key.get("kid") in (None, kid)]
        return any(assertion.is_by(key, algorithms_of(key)) for key in candidates)

    def _keys(self, client: OAuthClient, kid: str | None, now: Instant) -> list[Key]:
        if client.jwks_uri is None:
            return keys_in(client.jwks or {})
        return self._remote.at(client.jwks_uri, kid, now)


def _check_names(claims: Mapping[str, Any], client_id: str, issuer: str) -> None:
    """It is by and about the client, and the issuer identifier is its only audience. Raises InvalidClient."""
    if not claims.get("iss") == claims.get("sub") == client_id:
        raise InvalidClient(Reason.OTHER_NAMES)
    if claims.get("aud") not in (issuer, [issuer]):
        raise InvalidClient(Reason.OTHER_AUDIENCE)


def _expiry(claims: Mapping[str, Any], now: datetime) -> Instant:
    """Until when the assertion holds. Raises InvalidClient where it does not hold now, or for too long."""
    expires = moment_in(claims, "exp")
    begins = [moment_in(claims, name) for name in ("nbf", "iat") if name in claims]
    if expires is None or None in begins:
        raise InvalidClient(Reason.NO_MOMENTS)
    latest = (now + LEEWAY).timestamp()
    if any(each is not None and each > latest for each in begins):
        raise InvalidClient(Reason.NOT_YET)
    if expires <= now.timestamp():
        raise InvalidClient(Reason.EXPIRED)
    if expires > (now + LONGEST_LIFE + LEEWAY).timestamp():
        raise InvalidClient(Reason.TOO_LONG)
    return instant(datetime.fromtimestamp(expires, UTC))
