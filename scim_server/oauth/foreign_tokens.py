"""Tokens of other issuers that stand for a connection, or for a client at the token endpoint.

Who trusts the issuer is looked up first, over all tenants, and what the token says of itself must fit; only then are
keys fetched, and the signature is checked. So no stranger makes the server connect to anywhere.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from scim_server.domain.instants import Instant
from scim_server.domain.oauth_clients import TrustedIssuer
from scim_server.domain.tenants import Connection, Tenant
from scim_server.oauth.issuer_keys import IssuerKeys, KeySource
from scim_server.oauth.jwts import BadJwt, Jwt, check_times, is_signed_with, read_jwt
from scim_server.services.ports import Units
from scim_server.services.trusting import note_reach

TYPES = frozenset({"", "jwt", "at+jwt"})
ASSERTION_TYPES = frozenset({"", "jwt", "client-authentication+jwt"})
"""What `typ` may say: tokens that are made for something else are not taken for this (RFC 8725 section 3.11)."""
MOST_SOURCES = 4
"""Sources of keys that are tried for one token; more than one there is where tenants disagree about an issuer."""


@dataclass(frozen=True, slots=True)
class Matched:
    """A token that was checked, and whom it stands for."""

    tenant: Tenant
    connection: Connection
    issuer: TrustedIssuer
    jwt: Jwt


class ForeignTokens:
    """Checks tokens against the trusted issuers in the store."""

    def __init__(self, units: Units, keys: IssuerKeys) -> None:
        self._units, self._keys = units, keys
        self._noted: dict[str, bool] = {}

    def at_door(self, text: str, slug: str) -> Matched:
        """The token of a connection, one of the tenant of that slug if it is trusted there. Raises BadJwt."""
        return self._matched(text, TYPES, slug, lambda trusted: trusted.client_id is None)

    def assertion(self, text: str, tenant: Tenant, client_id: str) -> Matched:
        """What proves that client to be itself. Raises BadJwt."""
        mine = (tenant.id, client_id)
        return self._matched(
            text, ASSERTION_TYPES, tenant.slug, lambda trusted: (trusted.tenant_id, trusted.client_id) == mine
        )

    def _matched(
        self, text: str, types: frozenset[str], slug: str, concerns: Callable[[TrustedIssuer], bool]
    ) -> Matched:
        jwt = read_jwt(text)
        if jwt.type not in types:
            raise BadJwt("It was issued for something else, going by typ.")
        candidates, now = self._candidates(jwt, slug, concerns)
        if candidates:
            check_times(jwt, now)
        tried: dict[KeySource, bool] = {}
        for candidate in candidates:
            source = KeySource(candidate.issuer.issuer, candidate.issuer.jwks_uri)
            if source not in tried and len(tried) < MOST_SOURCES:
                tried[source] = self._is_signed(candidate, source, now)
            if tried.get(source):
                return candidate
        raise BadJwt("Nobody here trusts its issuer for what it says, or it is not signed with the issuer's keys.")

    def _candidates(
        self, jwt: Jwt, slug: str, concerns: Callable[[TrustedIssuer], bool]
    ) -> tuple[Sequence[Matched], float]:
        """Whom the token stands for if it is true, those of the path's tenant first; and the time."""
        issuer = jwt.text_of("iss")
        if not issuer:
            raise BadJwt("It does not say who issued it.")
        with self._units.overview() as operator:
            found, now = operator.trusting(issuer), operator.now
        fitting = [Matched(*trust, jwt) for trust in found if concerns(trust[2]) and trust[2].fits(jwt.claims)]
        return sorted(fitting, key=lambda each: each.tenant.slug != slug), _seconds(now)

    def _is_signed(self, candidate: Matched, source: KeySource, now: float) -> bool:
        jwt = candidate.jwt
        kept = self._keys.of(source, jwt.key_id, now)
        self._note(candidate, reached=kept.problem is None)
        return any(is_signed_with(jwt, key) for key in kept.named(jwt.key_id))

    def _note(self, candidate: Matched, *, reached: bool) -> None:
        """Tell the tenant's admin, once each time that it changes."""
        issuer = candidate.issuer
        if self._noted.get(issuer.id) is not reached:
            note_reach(self._units, candidate.tenant, candidate.connection, issuer, reached=reached)
            self._noted[issuer.id] = reached


def _seconds(now: Instant) -> float:
    return datetime.fromisoformat(now).timestamp()
