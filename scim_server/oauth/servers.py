"""The authorization server over Authlib: one for all issuers of the installation."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from authlib.oauth2 import AuthorizationServer, OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError

from scim_server.domain.networks import admits
from scim_server.domain.oauth_clients import AccessToken, OAuthClient
from scim_server.domain.tenants import Tenant
from scim_server.oauth.access_tokens import AccessTokens
from scim_server.oauth.applicants import Applicant, Applicants
from scim_server.oauth.presented import Presented
from scim_server.oauth.rates import RateLimits, TooManyRequests
from scim_server.oauth.reasons import Reason
from scim_server.oauth.refusals import Busy, Elsewhere, InvalidClient, UnsupportedGrant
from scim_server.oauth.targets import Target, shown, target, targets
from scim_server.oauth.token_requests import IssuerRequest
from scim_server.services import access_tokens
from scim_server.services.access_tokens import Grant
from scim_server.services.ports import Units


@dataclass(frozen=True, slots=True)
class Answer:
    """What an endpoint answers; `body` is JSON-shaped. `reason` is why no client was let in, for the log alone."""

    status: int
    body: Mapping[str, Any]
    headers: Sequence[tuple[str, str]]
    reason: Reason | None = None


class HeldToken(Protocol):
    """A live token of some kind, as the endpoints for revocation and introspection see it."""

    @property
    def tenant_id(self) -> str: ...

    @property
    def client_id(self) -> str: ...

    def revoke(self) -> None:
        """End it at once."""
        ...

    def introspection(self) -> dict[str, Any]:
        """What RFC 7662 section 2.2 has of it."""
        ...


Binder = Callable[[Presented, Tenant, OAuthClient], Mapping[str, str]]
"""What a client's token is bound to, as its `cnf`: the key or certificate behind the request. Raises OAuth2Error."""
Finder = Callable[[str], HeldToken | None]
"""The live token of one kind behind a text."""


class Server(AuthorizationServer):  # type: ignore[misc]
    """Grants and endpoints are registered with it; each proves its client by `applicants`."""

    def __init__(
        self,
        units: Units,
        public_url: str,
        applicants: Applicants,
        tokens: AccessTokens,
        finders: Sequence[Finder],
        binder: Binder,
        rates: RateLimits,
    ) -> None:
        super().__init__()
        self.units, self.public_url, self.finders = units, public_url, finders
        self._applicants, self._tokens, self._binder, self._rates = applicants, tokens, binder, rates

    def authenticate_client(self, request: IssuerRequest, methods: Any = None, endpoint: str = "token") -> Applicant:
        """The client behind a request, by the one method that is its own; it proves itself once. Raises OAuth2Error."""
        del methods, endpoint
        if request.client is None:
            request.client = self._admitted(self._applicants.prove(request), request.presented.address)
        applicant: Applicant = request.client
        return applicant

    def _admitted(self, applicant: Applicant, address: str | None) -> Applicant:
        """Raises Elsewhere where its connection takes no requests from that address, Busy where it asks too often."""
        if applicant.connection is not None and not admits(applicant.connection.networks, address):
            raise Elsewhere(description=f"The connection of this client takes no requests from {address}.")
        try:
            self._rates.take(applicant.tenant, "client", applicant.client.id)
        except TooManyRequests as error:
            raise Busy(error.detail, error.retry_after) from error
        return applicant

    def create_token_response(self, request: IssuerRequest) -> Answer:
        """The answer of the token endpoint. Whoever is no client learns nothing else."""
        try:
            request.payload.check_single()
            self.authenticate_client(request)
            return super().create_token_response(request)  # type: ignore[no-any-return]
        except OAuth2Error as error:
            return self.handle_error_response(request, error)

    def create_oauth2_request(self, request: IssuerRequest) -> IssuerRequest:
        return request

    def get_token_grant(self, request: IssuerRequest) -> Any:
        if request.payload.grant_type is None:
            raise InvalidRequestError("The parameter grant_type is missing.")
        found = (kind for kind, _ in self._token_grants if kind.check_token_endpoint(request))
        kind = next(found, None)
        if kind is None:
            raise UnsupportedGrant
        return kind(request, self)

    def handle_error_response(self, request: IssuerRequest, error: OAuth2Error) -> Answer:
        answer: Answer = super().handle_error_response(request, error)
        return replace(answer, reason=error.reason) if isinstance(error, InvalidClient) else answer

    def handle_response(self, status: int, body: Any, headers: Sequence[tuple[str, str]]) -> Answer:
        return Answer(status, body or {}, headers)

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    def find(self, text: str) -> HeldToken | None:
        """The live token behind a text, of whatever kind."""
        return next((found for find in self.finders if (found := find(text)) is not None), None)

    def asked_for(self, request: IssuerRequest, applicant: Applicant) -> Target:
        """What the request wants a token for. Raises InvalidScopeError, InvalidTarget."""
        offered = targets(applicant.client, self.public_url, applicant.tenant.slug)
        return target(offered, request.payload.scope, request.resources)

    def issue(self, request: IssuerRequest, applicant: Applicant, wanted: Target) -> dict[str, Any]:
        """The answer with a new access token (RFC 6749 section 5.1). Raises OAuth2Error where it cannot be bound."""
        confirmation = self.confirmation(request, applicant)
        grant = Grant(applicant.client, wanted.scopes, wanted.resource, applicant.secret_id)
        return self.signed(applicant, access_tokens.issue(self.units, applicant.tenant, grant), confirmation)

    def confirmation(self, request: IssuerRequest, applicant: Applicant) -> Mapping[str, str]:
        """What the client's token is to be bound to. Raises OAuth2Error where it cannot be."""
        return self._binder(request.presented, applicant.tenant, applicant.client)

    def signed(self, applicant: Applicant, token: AccessToken, confirmation: Mapping[str, str]) -> dict[str, Any]:
        """The answer with an access token that is kept already."""
        return {
            "access_token": self._tokens.text(applicant.tenant, token, confirmation),
            "token_type": "DPoP" if "jkt" in confirmation else "Bearer",
            "expires_in": applicant.client.token_seconds,
            "scope": shown(token.scopes),
        }
