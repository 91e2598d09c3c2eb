"""Who gets in: the authenticators of the services, the authorization server, and sign-ins to the console."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial

from scim_server.app.installations import Installation
from scim_server.domain.sign_in_providers import Door, PersonClaim, SignInProvider
from scim_server.oauth.access_tokens import AccessTokens
from scim_server.oauth.api_bearers import ApiAuthenticator, stored_callers
from scim_server.oauth.applicants import Applicants
from scim_server.oauth.assertions import Assertions
from scim_server.oauth.bearers import Authenticator, stored_bearers
from scim_server.oauth.bindings import Bindings
from scim_server.oauth.foreign_tokens import ForeignTokens, foreign_bearers
from scim_server.oauth.grants import ClientCredentials
from scim_server.oauth.issuer_keys import IssuerKeys
from scim_server.oauth.key_rings import KeyRing
from scim_server.oauth.proofs import Nonces, Proofs
from scim_server.oauth.rates import RateLimits
from scim_server.oauth.renewals import AuthorizationCodes, RefreshTokens, held_refresh_token
from scim_server.oauth.security_event_tokens import SecurityEventTokens
from scim_server.oauth.servers import Finder, Server
from scim_server.oauth.sign_ins import SignIns
from scim_server.oauth.signed_bearers import signed_bearers, signed_callers
from scim_server.oauth.token_endpoints import Introspection, Revocation, held_access_token
from scim_server.services.addresses import callback_address
from scim_server.store.secrets import NONCES, installation_secret


@dataclass(frozen=True, slots=True)
class Doors:
    """What all of them share in one process."""

    installed: Installation
    ring: KeyRing
    tokens: AccessTokens
    keys: IssuerKeys
    foreign: ForeignTokens
    bindings: Bindings

    @classmethod
    def of(cls, installed: Installation) -> "Doors":
        """The doors of an installation; nothing is looked up yet."""
        units, public_url = installed.units, installed.settings.public_url
        ring, keys = KeyRing(units), IssuerKeys(installed.web)
        nonces = cache(lambda: Nonces(installation_secret(installed.database, NONCES)))
        return cls(
            installed,
            ring,
            AccessTokens(units, ring, public_url),
            keys,
            ForeignTokens(units, keys, public_url),
            Bindings(Proofs(units, nonces)),
        )

    @property
    def public_url(self) -> str:
        return self.installed.settings.public_url

    def scim(self) -> Authenticator:
        """In front of the SCIM service."""
        readers = [
            stored_bearers(self.installed.units, self.installed.log.note_use, self.installed.memory),
            signed_bearers(self.tokens, self.public_url),
            foreign_bearers(self.foreign),
        ]
        return Authenticator(self.public_url, readers, [self.bindings.hold])

    def api(self) -> ApiAuthenticator:
        """In front of the admin API."""
        readers = [
            stored_callers(self.installed.units, self.installed.log.note_use),
            signed_callers(self.tokens, self.public_url),
        ]
        return ApiAuthenticator(self.public_url, readers, [self.bindings.hold])

    def issuer(self, rates: RateLimits) -> Server:
        """The authorization server."""
        units, public_url = self.installed.units, self.public_url
        applicants = Applicants(units, Assertions(units, public_url, self.keys), self.foreign.check)
        finders: Sequence[Finder] = [
            partial(held_access_token, units, self.tokens, public_url),
            partial(held_refresh_token, units),
        ]
        server = Server(units, public_url, applicants, self.tokens, finders, self.bindings.bind, rates)
        for grant in (ClientCredentials, AuthorizationCodes, RefreshTokens):
            server.register_grant(grant)
        server.register_endpoint(Revocation)
        server.register_endpoint(Introspection)
        return server

    def security_event_tokens(self) -> SecurityEventTokens:
        """What signs what streams tell."""
        return SecurityEventTokens(self.ring, self.public_url)

    def sign_ins(self) -> SignIns:
        """What asks identity providers who somebody is."""
        return SignIns(self.installed.web, self.keys, callback_address(self.public_url))

    def operators_door(self) -> Door | None:
        """Where operators sign in to the console, if the settings say so."""
        settings = self.installed.settings
        if settings.oidc_issuer is None or settings.oidc_client_id is None or settings.oidc_client_secret is None:
            return None
        provider = SignInProvider(None, settings.oidc_issuer, settings.oidc_client_id, PersonClaim.EMAIL, "")
        return Door(None, provider, settings.oidc_client_secret)
