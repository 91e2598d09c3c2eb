"""RFC 7009 and RFC 7662: a client ends a token of its own, and asks what a token of its tenant is good for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from scim_server.domain.instants import Instant
from scim_server.oauth.access_tokens import AccessTokens, IssuedToken
from scim_server.oauth.applicants import Applicant
from scim_server.oauth.servers import HeldToken, Server
from scim_server.oauth.targets import shown
from scim_server.oauth.token_requests import IssuerRequest
from scim_server.services import access_tokens
from scim_server.services.addresses import issuer_address
from scim_server.services.ports import Units

REVOCATION, INTROSPECTION = "revoke", "introspect"


@dataclass(frozen=True, slots=True)
class HeldAccessToken:
    """An access token as these endpoints see it."""

    units: Units
    issued: IssuedToken
    issuer: str

    @property
    def tenant_id(self) -> str:
        return self.issued.tenant.id

    @property
    def client_id(self) -> str:
        return self.issued.client.id

    def revoke(self) -> None:
        access_tokens.revoke(self.units, self.issued.tenant, self.issued.client, self.issued.token.id)

    def introspection(self) -> dict[str, Any]:
        token = self.issued.token
        issued, expires = (_seconds(each) for each in (token.created, token.expires))
        bound = {"cnf": dict(self.issued.confirmation)} if self.issued.confirmation else {}
        return {
            "active": True,
            "scope": shown(self.issued.scopes),
            "client_id": token.client_id,
            "token_type": "DPoP" if "jkt" in self.issued.confirmation else "Bearer",
            "exp": expires,
            "iat": issued,
            "nbf": issued,
            "sub": token.client_id,
            "aud": token.resource,
            "iss": self.issuer,
            "jti": token.id,
            **bound,
        }


def held_access_token(units: Units, tokens: AccessTokens, public_url: str, text: str) -> HeldAccessToken | None:
    """The live access token behind a text."""
    issued = tokens.find(text)
    return None if issued is None else HeldAccessToken(units, issued, issuer_address(public_url, issued.tenant.slug))


class _OfTenant:
    """Tokens of another tenant are as unknown as any. A hint says where to look first, and may be wrong."""

    server: Server

    def authenticate_endpoint_client(self, request: IssuerRequest) -> Applicant:
        """Raises OAuth2Error."""
        request.payload.check_single()
        applicant = self.server.authenticate_client(request)
        if "token" not in request.form:
            raise InvalidRequestError("The parameter token is missing.")
        return applicant

    def token(self, request: IssuerRequest, applicant: Applicant) -> HeldToken | None:
        """The live token that the request is about."""
        found = self.server.find(request.form["token"])
        return found if found is not None and found.tenant_id == applicant.tenant.id else None


class Revocation(_OfTenant, RevocationEndpoint):  # type: ignore[misc]
    """What is unknown is over already, and that is as good."""

    ENDPOINT_NAME = REVOCATION

    def authenticate_token(self, request: IssuerRequest, applicant: Applicant) -> HeldToken | None:
        """Raises InvalidRequestError for the token of another client (section 2.1)."""
        found = self.token(request, applicant)
        if found is not None and found.client_id != applicant.client.id:
            raise InvalidRequestError("The token is another client's.")
        return found

    def revoke_token(self, token: HeldToken, request: IssuerRequest) -> None:
        del request
        token.revoke()


class Introspection(_OfTenant, IntrospectionEndpoint):  # type: ignore[misc]
    """Whatever is not live, or not the tenant's, is not active, and no more is said of it (section 2.2)."""

    ENDPOINT_NAME = INTROSPECTION

    def authenticate_token(self, request: IssuerRequest, applicant: Applicant) -> HeldToken | None:
        return self.token(request, applicant)

    def create_introspection_payload(self, token: HeldToken | None) -> dict[str, Any]:
        return {"active": False} if token is None else token.introspection()


def _seconds(moment: Instant) -> int:
    return int(datetime.fromisoformat(moment).timestamp())
