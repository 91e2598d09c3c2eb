"""RFC 6749 sections 4.1.3 and 6: tokens for what an admin consented to, by a code first and then by refresh tokens."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authlib.oauth2.rfc6749 import (
    AuthorizationCodeGrant,
    InvalidGrantError,
    InvalidRequestError,
    InvalidScopeError,
    RefreshTokenGrant,
)

from scim_server.oauth.applicants import Applicant
from scim_server.oauth.refusals import InvalidTarget
from scim_server.oauth.servers import Server
from scim_server.oauth.targets import named, shown
from scim_server.oauth.token_requests import IssuerRequest
from scim_server.services import redeeming
from scim_server.services.ports import Units
from scim_server.services.redeeming import BadGrant, BeyondGrant, HeldRefreshToken, Holder, OtherResource, Renewed

Reply = tuple[int, dict[str, Any], list[tuple[str, str]]]


class AuthorizationCodes(AuthorizationCodeGrant):  # type: ignore[misc]
    """A code for tokens, once, from the client it was sent to, for the address it was sent to, with its verifier."""

    request: IssuerRequest
    server: Server

    def validate_token_request(self) -> None:
        """Raises OAuth2Error."""
        self.applicant = self.server.authenticate_client(self.request)
        _check_present(self.request, "code", "redirect_uri", *(["code_verifier"] if self.applicant.client.pkce else []))

    def create_token_response(self) -> Reply:
        """Raises InvalidGrantError."""
        form = self.request.form
        return _reply(
            self,
            lambda holder: redeeming.redeem(
                self.server.units, holder, form["code"], form["redirect_uri"], form.get("code_verifier")
            ),
        )


class RefreshTokens(RefreshTokenGrant):  # type: ignore[misc]
    """The next access token, and the next refresh token with it."""

    request: IssuerRequest
    server: Server

    def validate_token_request(self) -> None:
        """Raises OAuth2Error."""
        self.applicant = self.server.authenticate_client(self.request)
        _check_present(self.request, "refresh_token")
        if len(set(self.request.resources)) > 1:
            raise InvalidTarget

    def create_token_response(self) -> Reply:
        """Raises InvalidGrantError, InvalidScopeError, InvalidTarget."""
        form = self.request.form
        scopes = named(self.request.payload.scope)
        resource = next(iter(self.request.resources), None)
        return _reply(
            self,
            lambda holder: redeeming.refresh(self.server.units, holder, form["refresh_token"], scopes, resource),
        )


@dataclass(frozen=True, slots=True)
class HeldRefresh:
    """A refresh token as the endpoints for revocation and introspection see it."""

    units: Units
    held: HeldRefreshToken

    @property
    def tenant_id(self) -> str:
        return self.held.tenant.id

    @property
    def client_id(self) -> str:
        return self.held.token.client_id

    def revoke(self) -> None:
        redeeming.revoke_refresh_token(self.units, self.held)

    def introspection(self) -> dict[str, Any]:
        """It is of no use at a resource, so no audience is named."""
        token = self.held.token
        issued, expires = (int(datetime.fromisoformat(each).timestamp()) for each in (token.created, token.expires))
        known = {"active": True, "scope": shown(token.scopes), "client_id": token.client_id}
        return {**known, "iat": issued, "exp": expires}


def held_refresh_token(units: Units, text: str) -> HeldRefresh | None:
    """The live refresh token behind a text."""
    held = redeeming.find_refresh_token(units, text)
    return None if held is None else HeldRefresh(units, held)


def _check_present(request: IssuerRequest, *names: str) -> None:
    missing = [name for name in names if name not in request.form]
    if missing:
        raise InvalidRequestError(f"The parameter {missing[0]} is missing.")


def _reply(grant: AuthorizationCodes | RefreshTokens, renew: Callable[[Holder], Renewed]) -> Reply:
    """What renewing answers, once it is known that the access token can be bound to what it must be."""
    applicant: Applicant = grant.applicant
    confirmation = grant.server.confirmation(grant.request, applicant)
    holder = Holder(applicant.tenant, applicant.client, applicant.secret_id, grant.request.request_id)
    try:
        renewed = renew(holder)
    except OtherResource as error:
        raise InvalidTarget from error
    except BeyondGrant as error:
        raise InvalidScopeError(error.detail) from error
    except BadGrant as error:
        raise InvalidGrantError(error.detail) from error
    body = grant.server.signed(applicant, renewed.token, confirmation)
    return 200, {**body, "refresh_token": renewed.refresh_token}, grant.TOKEN_RESPONSE_HEADER
