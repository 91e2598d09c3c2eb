"""The authorization server over HTTP: its endpoints, and the metadata of it and of what it protects.

What is refused there is answered in the form of RFC 6749 section 5.2, whatever is wrong.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson
from flask import Blueprint, Response, g, request
from werkzeug.exceptions import HTTPException, NotFound, RequestEntityTooLarge, UnsupportedMediaType

from scim_server.domain.errors import Unavailable
from scim_server.domain.tenants import SLUG
from scim_server.http.errors import RETRY_AFTER, oauth_refusal
from scim_server.oauth import metadata
from scim_server.oauth.key_rings import KeyRing
from scim_server.oauth.presented import Presented, presented
from scim_server.oauth.servers import Answer, Server
from scim_server.oauth.token_endpoints import INTROSPECTION, REVOCATION
from scim_server.oauth.token_requests import IssuerRequest
from scim_server.oauth.transmitter_metadata import TRANSMITTER, transmitter_metadata
from scim_server.services.addresses import API_PATH, OAUTH_PATH

FORM = "application/x-www-form-urlencoded"
LARGEST_FORM = 32_768
"""Bytes: an assertion, a token and some parameters."""
JSON = "application/json"
KEEP_KEYS = "public, max-age=900"
"""The next key is published a day before it signs, so nobody with a copy is ever late."""
KEEP_METADATA = "public, max-age=3600"


@dataclass(frozen=True, slots=True)
class OAuthService:
    """What the endpoints are served with. `public_url` is the server's address as clients know it."""

    server: Server
    ring: KeyRing
    public_url: str

    def presented(self) -> Presented:
        """What this request shows of who sends it."""
        url = f"{self.public_url}{request.path}"
        return presented(request.headers, request.method, url, g.client, g.certificate)

    def asked(self, slug: str) -> IssuerRequest:
        """The form of this request. Raises UnsupportedMediaType for any other body (RFC 6749 section 3.2)."""
        request.max_content_length = LARGEST_FORM
        if request.mimetype not in {FORM, ""}:
            raise UnsupportedMediaType(f"The parameters come as {FORM}, in the body.")
        return IssuerRequest(slug, self.presented(), request.form.to_dict(flat=False), g.request_id)


def oauth_blueprint(service: OAuthService) -> Blueprint:
    """Everything below the issuer of a tenant."""
    blueprint = Blueprint("oauth", __name__, url_prefix=f"{OAUTH_PATH}/<slug>")

    def token(slug: str) -> Response:
        asked = service.asked(slug)
        return _answer(asked, service.server.create_token_response(asked))

    def revoke(slug: str) -> Response:
        asked = service.asked(slug)
        return _answer(asked, service.server.create_endpoint_response(REVOCATION, asked))

    def introspect(slug: str) -> Response:
        asked = service.asked(slug)
        return _answer(asked, service.server.create_endpoint_response(INTROSPECTION, asked))

    def jwks(slug: str) -> Response:
        _check_slug(slug)
        return _public({"keys": service.ring.public_keys()}, KEEP_KEYS)

    for view in (token, revoke, introspect):
        blueprint.add_url_rule(f"/{view.__name__}", view_func=view, methods=["POST"], provide_automatic_options=False)
    blueprint.add_url_rule("/jwks", view_func=jwks, methods=["GET"], provide_automatic_options=False)
    blueprint.register_error_handler(Exception, _refuse)
    return blueprint


def metadata_blueprint(public_url: str, *, certificates: bool) -> Blueprint:
    """RFC 8414 section 3, RFC 9728 section 3 and SSF 1.0 section 7.2: the path of what they are of follows the
    well-known part.

    `certificates` says whether those of clients get here.
    """
    blueprint = Blueprint("metadata", __name__, url_prefix="/.well-known")
    own = urlsplit(public_url).path

    def of_server(rest: str) -> Response:
        slug = _below(own, rest, f"{OAUTH_PATH}/")
        _check_slug(slug)
        return _public(metadata.server_metadata(public_url, slug, certificates=certificates), KEEP_METADATA)

    def of_resource(rest: str) -> Response:
        if _below(own, rest, API_PATH, otherwise=rest) == "":
            return _public(metadata.api_metadata(public_url, certificates=certificates), KEEP_METADATA)
        slug, _, version = _below(own, rest, "/scim/").partition("/")
        _check_slug(slug if version == "v2" else "")
        return _public(metadata.scim_metadata(public_url, slug, certificates=certificates), KEEP_METADATA)

    def of_transmitter(rest: str) -> Response:
        slug = _below(own, rest, f"{OAUTH_PATH}/")
        _check_slug(slug)
        return _public(transmitter_metadata(public_url, slug), KEEP_METADATA)

    views = ((metadata.SERVER, of_server), (metadata.RESOURCE, of_resource), (TRANSMITTER, of_transmitter))
    for kind, view in views:
        blueprint.add_url_rule(f"/{kind}/<path:rest>", kind, view, methods=["GET"], provide_automatic_options=False)
    blueprint.register_error_handler(Exception, _refuse)
    return blueprint


def _below(own: str, path: str, prefix: str, otherwise: str = "") -> str:
    """What is left of a path below `prefix`, which lies below `own`, the path of the server's own address.

    A proxy that cuts that off may do so here as well.
    """
    whole = f"/{path}"
    start = next((each for each in (f"{own}{prefix}", prefix) if whole.startswith(each)), None)
    return otherwise if start is None else whole.removeprefix(start)


def _check_slug(slug: str) -> None:
    if not SLUG.fullmatch(slug):
        raise NotFound("There is nothing at this address.")


def _answer(asked: IssuerRequest, answer: Answer) -> Response:
    if asked.client is not None:
        g.tenant, g.actor = asked.slug, f"client:{asked.client.get_client_id()}"
    elif answer.reason is not None:
        g.refused, g.claimed = answer.reason.value, asked.claimed and f"client:{asked.claimed.id}"
    return Response(orjson.dumps(answer.body), answer.status, list(answer.headers))


def _public(body: Mapping[str, Any], kept: str) -> Response:
    return Response(orjson.dumps(body), 200, {"Cache-Control": kept}, content_type=JSON)


def _refuse(error: Exception) -> Response:
    if isinstance(error, RequestEntityTooLarge):
        return oauth_refusal(
            413, "invalid_request", f"The form is larger than the {LARGEST_FORM} bytes that are taken here."
        )
    if isinstance(error, HTTPException):
        return oauth_refusal(error.code or 500, "invalid_request", error.description or error.name)
    g.failures.append(error)
    if isinstance(error, Unavailable):
        detail = "The server cannot reach what it needs just now. Send the request again."
        return oauth_refusal(503, "temporarily_unavailable", detail, {"Retry-After": RETRY_AFTER})
    return oauth_refusal(500, "server_error", f"The server failed. Quote request {g.request_id} to its operator.")
