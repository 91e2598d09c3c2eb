"""RFC 6749 section 4.4: a client gets a token for what it may do by itself."""

from typing import Any

from authlib.oauth2.rfc6749 import ClientCredentialsGrant, UnauthorizedClientError

from scim_server.oauth.servers import Server
from scim_server.oauth.token_requests import IssuerRequest


class ClientCredentials(ClientCredentialsGrant):  # type: ignore[misc]
    """For clients that need nobody's consent: those that codes are sent to wait for an admin's."""

    request: IssuerRequest
    server: Server

    def validate_token_request(self) -> None:
        """Raises OAuth2Error."""
        applicant = self.server.authenticate_client(self.request)
        if applicant.client.redirect_uris:
            raise UnauthorizedClientError("This client gets tokens by authorization codes alone.")
        self.target = self.server.asked_for(self.request, applicant)

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        """The token; there is no refresh token (section 4.4.3)."""
        return 200, self.server.issue(self.request, self.request.client, self.target), self.TOKEN_RESPONSE_HEADER
