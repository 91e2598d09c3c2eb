"""Tokens of other issuers that stand for a connection, or for a client at the token endpoint.

Who trusts the issuer is looked up first, over all tenants, and what the token says of itself must fit; only then are
keys fetched, and the signature is checked. So no stranger makes the server connect to anywhere.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scim_server.domain.oauth_clients import OAuthClient, TrustedIssuer
from scim_server.domain.tenants import Connection, Tenant
from scim_server.oauth.bearers import Bearer
from scim_server.oauth.doors import Reader
from scim_server.oauth.issuer_keys import IssuerKeys, KeySource
from scim_server.oauth.jwts import BadToken, Jwt, moment_in, read_jwt, text_in
from scim_server.oauth.presented import Presented
from scim_server.oauth.reasons import Reason
from scim_server.oauth.refusals import InvalidClient
from scim_server.oauth.verifying_keys import is_key_id
from scim_server.services.addresses import OAUTH_PATH
from scim_server.services.ports import Units
from scim_server.services.trusting import note_reach

TYPES = frozenset({"jwt", "at+jwt"})
ASSERTION_TYPES = frozenset({"jwt", "client-authentication+jwt"})
"""What `typ` may say, if it says anything: what is made for something else is not taken for this (RFC 8725 section
3.11)."""
LEEWAY = 60
"""Seconds by which the clock of an issuer may differ."""
MOST_SOURCES = 4
"""Sources of keys that are tried for one token; there is more than one where tenants disagree about an issuer."""


@dataclass(frozen=True, slots=True)
class Matched:
    """Whom a token stands for, by which trust."""

    tenant: Tenant
    connection: Connection
    issuer: TrustedIssuer


class ForeignTokens:
    """Checks tokens against the trusted issuers in the store, which the installation's own are none of."""

    def __init__(self, units: Units, keys: IssuerKeys, public_url: str) -> None:
        self._units, self._keys = units, keys
        self._own = f"{public_url}{OAUTH_PATH}/"
        self._noted: dict[str, bool] = {}

    def find(self, text: str, slug: str) -> tuple[Matched, Mapping[str, Any]] | None:
        """The connection that a token stands for, with its claims: one of the tenant of that slug if it is trusted
        there. None for whatever opens nothing."""
        found = self._matched(text, TYPES, slug, lambda trusted: trusted.client_id is None)
        return None if isinstance(found, Reason) else found

    def check(self, tenant: Tenant, client: OAuthClient, text: str) -> None:
        """The token must prove that client to be itself, at the token endpoint (RFC 7523 section 2.2).

        Raises InvalidClient.
        """
        mine = (tenant.id, client.id)
        found = self._matched(
            text, ASSERTION_TYPES, tenant.slug, lambda trusted: (trusted.tenant_id, trusted.client_id) == mine
        )
        if isinstance(found, Reason):
            raise InvalidClient(found)

    def _matched(
        self, text: str, types: frozenset[str], slug: str, concerns: Callable[[TrustedIssuer], bool]
    ) -> tuple[Matched, Mapping[str, Any]] | Reason:
        try:
            jwt = read_jwt(text)
        except BadToken:
            return Reason.UNREADABLE
        if not jwt.is_typed(types) or not is_key_id(jwt.header.get("kid", "-")):
            return Reason.OTHER_TYPE
        candidates, now = self._candidates(jwt, slug, concerns)
        if not candidates:
            return Reason.NOT_TRUSTED
        if not _is_current(jwt.claims, now):
            return Reason.NOT_CURRENT
        tried: dict[KeySource, bool] = {}
        for candidate in candidates:
            source = KeySource(candidate.issuer.issuer, candidate.issuer.jwks_uri)
            if source not in tried and len(tried) < MOST_SOURCES:
                tried[source] = self._is_signed(jwt, candidate, source, now)
            if tried.get(source):
                return candidate, jwt.claims
        return Reason.NOT_BY_ISSUER

    def _candidates(
        self, jwt: Jwt, slug: str, concerns: Callable[[TrustedIssuer], bool]
    ) -> tuple[Sequence[Matched], float]:
        """Whom the token stands for if it is true, those of the path's tenant first; and the time."""
        issuer = text_in(jwt.claims, "iss")
        if issuer is None or issuer.startswith(self._own):
            return (), 0
        with self._units.overview(self._neighbour(slug)) as operator:
            found = operator.trusting(issuer, text_in(jwt.claims, "sub"))
            now = datetime.fromisoformat(operator.now)
        fitting = [Matched(*trust) for trust in found if concerns(trust[2]) and trust[2].fits(jwt.claims)]
        return sorted(fitting, key=lambda each: each.tenant.slug != slug), now.timestamp()

    def _neighbour(self, slug: str) -> str | None:
        """Where there are several cells, whom the path names: whoever lives elsewhere is not meant."""
        if len(self._units.parts()) == 1:
            return None
        with self._units.overview() as operator:
            named = operator.tenant(slug)
        return None if named is None else named.id

    def _is_signed(self, jwt: Jwt, candidate: Matched, source: KeySource, now: float) -> bool:
        key_id = text_in(jwt.header, "kid")
        kept = self._keys.of(source, key_id, now)
        self._note(candidate, reached=kept.problem is None)
        return any(key.signed(jwt) for key in kept.named(key_id))

    def _note(self, candidate: Matched, *, reached: bool) -> None:
        """Tell the tenant's admin, once each time that it changes."""
        issuer = candidate.issuer
        if self._noted.get(issuer.id) is not reached:
            note_reach(self._units, candidate.tenant, candidate.connection, issuer, reached=reached)
            self._noted[issuer.id] = reached


def foreign_bearers(tokens: ForeignTokens) -> Reader[Bearer]:
    """Knows the tokens of other issuers that stand for a connection."""

    def read(text: str, presented: Presented) -> Bearer | None:
        found = tokens.find(text, presented.slug)
        if found is None:
            return None
        matched, claims = found
        binding = claims.get("cnf", {})
        if not isinstance(binding, dict):
            return None
        return Bearer(matched.tenant, connection=matched.connection, scopes=matched.issuer.scopes, binding=binding)

    return read


def _is_current(claims: Mapping[str, Any], now: float) -> bool:
    """RFC 7519 sections 4.1.4 to 4.1.6, `exp` required."""
    expires = moment_in(claims, "exp")
    begins = [moment_in(claims, name) for name in ("nbf", "iat") if name in claims]
    return (
        expires is not None
        and now < expires + LEEWAY
        and all(each is not None and each <= now + LEEWAY for each in begins)
    )
