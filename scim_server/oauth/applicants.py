"""Clients that prove who they are to an endpoint (RFC 6749 section 2.3), each by the method it was registered with."""

import base64
import binascii
import hmac
from dataclasses import dataclass
from urllib.parse import unquote_plus

from authlib.oauth2.rfc6749 import InvalidRequestError

from scim_server.domain.oauth_clients import ClientMethod, OAuthClient
from scim_server.domain.tenants import Connection, Tenant
from scim_server.oauth.assertions import ASSERTION_TYPE, Assertions, Federated
from scim_server.oauth.headers import LONGEST_HEADER
from scim_server.oauth.jwts import BadToken, read_jwt, text_in
from scim_server.oauth.reasons import Reason
from scim_server.oauth.refusals import InvalidClient
from scim_server.oauth.token_requests import IssuerRequest
from scim_server.services.credentials import TENANT_ID_LENGTH, Credential, Prefix, is_public_id, read_credential
from scim_server.services.ports import Units

BY_SECRET = {
    ClientMethod.BASIC: (ClientMethod.BASIC,),
    ClientMethod.POST: (ClientMethod.POST, ClientMethod.BASIC),
}
"""How a secret may come, by what the client was registered with: Basic always (RFC 6749 section 2.3.1)."""


@dataclass(frozen=True, slots=True)
class Applicant:
    """A client that proved who it is, with its tenant, the connection that it acts as, if any, and the id of the secret
    that it proved itself with, if it did so with one."""

    tenant: Tenant
    client: OAuthClient
    connection: Connection | None = None
    secret_id: str | None = None

    def get_client_id(self) -> str:
        """What Authlib calls it by."""
        return self.client.id


@dataclass(frozen=True, slots=True)
class _Claim:
    """Who a request says it comes from, and the secret or assertion it says so with."""

    method: ClientMethod
    client_id: str
    proof: str

    def check_plausible(self) -> None:
        """Anything that we cannot have made is refused before any look-up. Raises InvalidClient."""
        if not is_public_id(self.client_id):
            raise InvalidClient(Reason.NOT_OUR_ID)
        if self.method in BY_SECRET and _read_secret(self.proof) is None:
            raise InvalidClient(Reason.NOT_OUR_SECRET)


class Applicants:
    """Knows clients by their proofs. `federated` judges tokens of foreign issuers."""

    def __init__(self, units: Units, assertions: Assertions, federated: Federated) -> None:
        self._units, self._assertions, self._federated = units, assertions, federated

    def prove(self, request: IssuerRequest) -> Applicant:
        """The client behind a request to its own issuer. Raises InvalidClient, InvalidRequestError."""
        claim = _claim(request)
        claim.check_plausible()
        return self._by_secret(request, claim) if claim.method in BY_SECRET else self._by_assertion(request, claim)

    def _by_secret(self, request: IssuerRequest, claim: _Claim) -> Applicant:
        """A wrong secret finds as much as an unknown client: nothing."""
        shown = _read_secret(claim.proof)
        assert shown is not None, "it is plausible"
        with self._units.bearers(claim.client_id[:TENANT_ID_LENGTH]) as bearers:
            found, now = bearers.client_by_secret(claim.client_id, shown.digest), bearers.now
        if found is None or not hmac.compare_digest(found[3].digest, shown.digest):
            raise InvalidClient(Reason.NO_SUCH_SECRET)
        tenant, client, connection, secret = found
        _check_client(request, tenant, client)
        if not secret.is_live(now):
            raise InvalidClient(Reason.SECRET_OVER)
        if claim.method not in BY_SECRET.get(client.method, ()):
            raise InvalidClient(Reason.OTHER_METHOD)
        return Applicant(tenant, client, connection, secret.id)

    def _by_assertion(self, request: IssuerRequest, claim: _Claim) -> Applicant:
        with self._units.bearers(claim.client_id[:TENANT_ID_LENGTH]) as bearers:
            known, now = bearers.client(claim.client_id), bearers.now
        if known is None:
            raise InvalidClient(Reason.UNKNOWN)
        tenant, client, connection = known
        _check_client(request, tenant, client)
        match client.method:
            case ClientMethod.PRIVATE_KEY_JWT:
                self._assertions.check(tenant, client, claim.proof, now)
            case ClientMethod.FEDERATION:
                self._federated(tenant, client, claim.proof)
            case _:
                raise InvalidClient(Reason.OTHER_METHOD)
        return Applicant(tenant, client, connection)


def _check_client(request: IssuerRequest, tenant: Tenant, client: OAuthClient) -> None:
    """It must be a live one of the issuer's own tenant. Raises InvalidClient."""
    if tenant.slug != request.slug:
        raise InvalidClient(Reason.OTHER_TENANT)
    request.claimed = client
    if client.revoked is not None:
        raise InvalidClient(Reason.REVOKED)


def _claim(request: IssuerRequest) -> _Claim:
    """What the request shows of the client. Raises InvalidRequestError where it is more than one thing."""
    form = request.payload.data
    shown = [_basic(request), _posted(form), _asserted(form)]
    claims = [claim for claim in shown if claim is not None]
    if len(claims) > 1:
        raise InvalidRequestError("A client proves who it is in one way, not in several.")
    if not claims:
        raise InvalidClient(Reason.NO_PROOF)
    if form.get("client_id") not in (None, claims[0].client_id):
        raise InvalidClient(Reason.TWO_CLIENTS)
    return claims[0]


def _basic(request: IssuerRequest) -> _Claim | None:
    """RFC 6749 section 2.3.1: id and secret, form-encoded, as HTTP Basic (RFC 7617)."""
    headers = request.presented.authorization
    if not headers:
        return None
    scheme, _, encoded = headers[0].partition(" ")
    if len(headers) > 1 or scheme.lower() != "basic" or len(encoded) > LONGEST_HEADER:
        raise InvalidClient(Reason.NOT_BASIC)
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise InvalidClient(Reason.NOT_BASIC) from error
    client_id, _, secret = (unquote_plus(part) for part in text.partition(":"))
    return _Claim(ClientMethod.BASIC, client_id, secret)


def _posted(form: dict[str, str]) -> _Claim | None:
    if "client_secret" not in form:
        return None
    return _Claim(ClientMethod.POST, form.get("client_id", ""), form["client_secret"])


def _asserted(form: dict[str, str]) -> _Claim | None:
    """RFC 7521 section 4.2: the assertion of a client without `client_id` is of whom it is about."""
    if "client_assertion" not in form and "client_assertion_type" not in form:
        return None
    if form.get("client_assertion_type") != ASSERTION_TYPE or "client_assertion" not in form:
        raise InvalidRequestError(f"An assertion comes as client_assertion, of client_assertion_type {ASSERTION_TYPE}.")
    assertion = form["client_assertion"]
    try:
        subject = text_in(read_jwt(assertion).claims, "sub")
    except BadToken as error:
        raise InvalidClient(Reason.UNREADABLE) from error
    return _Claim(ClientMethod.PRIVATE_KEY_JWT, form.get("client_id", subject or ""), assertion)


def _read_secret(text: str) -> Credential | None:
    """What a secret's text says of itself."""
    credential = read_credential(text)
    return credential if credential is not None and credential.prefix is Prefix.CLIENT else None
