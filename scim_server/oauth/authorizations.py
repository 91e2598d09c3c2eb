"""RFC 6749 section 4.1 with RFC 7636 and RFC 9207: what a client asks an admin for, and where the answer goes.

Until client and redirect address are known to belong together, nothing is sent anywhere: whoever looks at the page is
told. From then on everything goes back to the client, with its `state` and our `iss`.
"""

import re
from dataclasses import dataclass

from authlib.common.urls import add_params_to_uri
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import AccessDeniedError, InvalidRequestError

from scim_server.domain.oauth_clients import OAuthClient
from scim_server.domain.tenants import Tenant
from scim_server.oauth.applicants import Applicant
from scim_server.oauth.servers import Server
from scim_server.oauth.token_requests import IssuerRequest
from scim_server.services.addresses import issuer_address
from scim_server.services.consenting import Wish
from scim_server.services.credentials import TENANT_ID_LENGTH, is_public_id

CODE, QUERY, S256 = "code", "query", "S256"
"""The one response type, response mode and challenge method there is."""
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
"""RFC 7636 section 4.2: SHA-256 in base 64 for addresses."""


class UnsupportedResponse(OAuth2Error):  # type: ignore[misc]
    """The client asks for something else than a code."""

    error = "unsupported_response_type"
    description = "This server answers with a code alone: send response_type=code."


class Misdirected(Exception):
    """The request names no client of the tenant that gets codes, or an address that is not one of the client's."""

    def __init__(self, *, client_is_known: bool) -> None:
        super().__init__()
        self.client_is_known = client_is_known


class SentBack(Exception):
    """The client is told what is wrong, at `address`."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address


@dataclass(frozen=True, slots=True)
class Return:
    """Where the answer to a request goes: an address of the client's, with what the client gets back as it sent it."""

    redirect_uri: str
    issuer: str
    state: str | None

    def with_code(self, code: str) -> str:
        """The address with an authorization code (RFC 6749 section 4.1.2)."""
        return self._with([(CODE, code)])

    def with_error(self, error: OAuth2Error) -> str:
        """The address with an error (section 4.1.2.1)."""
        return self._with([pair for pair in error.get_body() if pair[0] in {"error", "error_description"}])

    def refused(self) -> str:
        """The address with the news that the admin said no."""
        return self.with_error(AccessDeniedError("The admin refused."))

    def _with(self, parameters: list[tuple[str, str]]) -> str:
        state = [] if self.state is None else [("state", self.state)]
        address: str = add_params_to_uri(self.redirect_uri, [*parameters, *state, ("iss", self.issuer)])
        return address


def authorization(server: Server, request: IssuerRequest) -> tuple[Wish, Return]:
    """What the client asks for, and where it is answered. Raises Misdirected, SentBack."""
    tenant, client = _client(server, request)
    back = _return(server, tenant, client, request)
    try:
        return _wish(server, tenant, client, request), back
    except OAuth2Error as error:
        raise SentBack(back.with_error(error)) from error


def _client(server: Server, request: IssuerRequest) -> tuple[Tenant, OAuthClient]:
    client_id = _single(request, "client_id") or ""
    if not is_public_id(client_id):
        raise Misdirected(client_is_known=False)
    with server.units.bearers(client_id[:TENANT_ID_LENGTH]) as bearers:
        known = bearers.client(client_id)
    if known is None or known[0].slug != request.slug or known[1].revoked or not known[1].redirect_uris:
        raise Misdirected(client_is_known=False)
    return known[0], known[1]


def _return(server: Server, tenant: Tenant, client: OAuthClient, request: IssuerRequest) -> Return:
    """RFC 9700 section 4.1.3: the address must be one of the client's, to the letter."""
    redirect_uri = _single(request, "redirect_uri")
    if redirect_uri not in client.redirect_uris or redirect_uri is None:
        raise Misdirected(client_is_known=True)
    issuer = issuer_address(server.public_url, tenant.slug)
    return Return(redirect_uri, issuer, _single(request, "state"))


def _wish(server: Server, tenant: Tenant, client: OAuthClient, request: IssuerRequest) -> Wish:
    """Raises OAuth2Error for what the client must do otherwise."""
    request.payload.check_single()
    asked = request.payload.data
    if "response_type" not in asked:
        raise InvalidRequestError("The parameter response_type is missing: send code.")
    if asked["response_type"] != CODE:
        raise UnsupportedResponse
    if asked.get("response_mode", QUERY) != QUERY:
        raise InvalidRequestError("This server answers in the query alone: leave response_mode out.")
    challenge = _challenge(client, asked)
    target = server.asked_for(request, Applicant(tenant, client))
    return Wish(tenant, client, target.scopes, target.resource, asked["redirect_uri"], challenge)


def _challenge(client: OAuthClient, asked: dict[str, str]) -> str | None:
    """That of PKCE (RFC 7636 section 4.3). Raises InvalidRequestError where it is wrong, or missing and demanded."""
    names = {"code_challenge", "code_challenge_method"}
    if not client.pkce and names.isdisjoint(asked):
        return None
    challenge = asked.get("code_challenge", "")
    if not CHALLENGE.fullmatch(challenge) or asked.get("code_challenge_method") != S256:
        raise InvalidRequestError("PKCE is required: send code_challenge with code_challenge_method=S256.")
    return challenge


def _single(request: IssuerRequest, name: str) -> str | None:
    """The parameter, unless there is none or more than one."""
    values = request.payload.datalist[name]
    return values[0] if len(values) == 1 else None
