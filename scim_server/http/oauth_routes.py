"""The authorization server over HTTP: which address below /oauth and /.well-known does what.

Everything refused is answered in the form of RFC 6749 section 5.2, whoever asks for what.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson
import structlog
from flask import Blueprint, Response, g, request
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter, Rule

from scim_server.domain.errors import Unavailable
from scim_server.domain.tenants import SLUG
from scim_server.oauth import metadata
from scim_server.oauth.key_rings import KeyRing
from scim_server.oauth.presented import Presented, presented
from scim_server.oauth.servers import Answer, Server
from scim_server.oauth.token_endpoints import INTROSPECTION, REVOCATION
from scim_server.oauth.token_requests import IssuerRequest
from scim_server.services.addresses import API_PATH, OAUTH_PATH

FORM = "application/x-www-form-urlencoded"
LARGEST_FORM = 32_768
"""Bytes: an assertion, a token and some parameters."""
RETRY_AFTER = "5"
KEEP_KEYS = "public, max-age=900"
"""The next key is published a day before it signs, so nobody with a copy is ever late."""
KEEP_METADATA = "public, max-age=3600"

View = Callable[[str], Response]
"""Answers a request to the issuer of a slug."""
Views = Mapping[str, Mapping[str, View]]
"""What answers at each endpoint of an issuer, by method."""

_log = structlog.get_logger("scim_server.oauth")


class Refused(Exception):
    """The request does not get as far as the authorization server."""

    def __init__(self, status: int, detail: str, **headers: str) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, headers


@dataclass(frozen=True, slots=True)
class OAuthService:
    """What the endpoints are served with. `presents` is what a request shows of who sends it."""

    server: Server
    ring: KeyRing
    public_url: str

    def views(self) -> Views:
        """The endpoints that every issuer has."""
        return {
            "token": {"POST": lambda slug: _answer(self.server.create_token_response(self._asked(slug)))},
            REVOCATION: {"POST": lambda slug: self._endpoint(REVOCATION, slug)},
            INTROSPECTION: {"POST": lambda slug: self._endpoint(INTROSPECTION, slug)},
            "jwks": {"GET": lambda _slug: _public({"keys": self.ring.public_keys()}, KEEP_KEYS)},
        }

    def presented(self) -> Presented:
        """What this request shows of who sends it."""
        return presented(request.headers, request.method, f"{self.public_url}{request.path}", request.remote_addr)

    def _endpoint(self, name: str, slug: str) -> Response:
        return _answer(self.server.create_endpoint_response(name, self._asked(slug)))

    def _asked(self, slug: str) -> IssuerRequest:
        """The form of the request. Raises Refused for any other body (RFC 6749 section 3.2)."""
        if request.mimetype != FORM:
            raise Refused(415, f"The parameters come as {FORM}, in the body.")
        return IssuerRequest(slug, self.presented(), request.form.to_dict(flat=False), g.request_id)


def oauth_blueprint(service: OAuthService, views: Views) -> Blueprint:
    """Everything under /oauth, and the metadata; `views` are the endpoints of an issuer."""
    blueprint = Blueprint("oauth", __name__)

    @blueprint.record_once
    def add_rules(state: BlueprintSetupState) -> None:
        app = state.app
        app.url_map.converters["within"] = _Within
        for kind in (metadata.SERVER, metadata.RESOURCE):
            app.url_map.add(Rule(f"/.well-known/{kind}<within:rest>", endpoint=kind, methods=["GET"]))
        for address in (OAUTH_PATH, f"{OAUTH_PATH}/<within:rest>"):
            app.url_map.add(Rule(address, endpoint="oauth", methods=None))
        app.view_functions["oauth"] = serve
        app.view_functions[metadata.SERVER] = lambda rest: _guarded(lambda: _server(service.public_url, rest))
        app.view_functions[metadata.RESOURCE] = lambda rest: _guarded(lambda: _resource(service.public_url, rest))

    def serve(rest: str = "") -> Response:
        return _guarded(lambda: _view(views, rest))

    return blueprint


class _Within(BaseConverter):
    """Whatever is left of the path, slashes included."""

    regex = r"[\s\S]*"
    part_isolating = False


def _view(views: Views, rest: str) -> Response:
    request.max_content_length = LARGEST_FORM
    slug, _, name = rest.partition("/")
    if name not in views or not SLUG.fullmatch(slug):
        raise Refused(404, "There is nothing at this address.")
    allowed = views[name]
    method = "GET" if request.method == "HEAD" else request.method
    if method not in allowed:
        raise Refused(405, f"This address takes {', '.join(allowed)}.", Allow=", ".join(allowed))
    return allowed[method](slug)


def _server(public_url: str, rest: str) -> Response:
    """RFC 8414 section 3: the path of the issuer follows the well-known part."""
    slug = _below(public_url, rest, f"{OAUTH_PATH}/")
    if slug is None or not SLUG.fullmatch(slug):
        raise Refused(404, "There is no issuer at this address.")
    return _public(metadata.server_metadata(public_url, slug), KEEP_METADATA)


def _resource(public_url: str, rest: str) -> Response:
    """RFC 9728 section 3.1: the path of the resource follows it likewise."""
    if _below(public_url, rest, API_PATH) == "":
        return _public(metadata.api_metadata(public_url), KEEP_METADATA)
    slug, _, version = (_below(public_url, rest, "/scim/") or "").partition("/")
    if version != "v2" or not SLUG.fullmatch(slug):
        raise Refused(404, "There is no protected resource at this address.")
    return _public(metadata.scim_metadata(public_url, slug), KEEP_METADATA)


def _below(public_url: str, path: str, prefix: str) -> str | None:
    """What is left of a path below `prefix`, which lies below the path of the server's own address if that has one."""
    own = urlsplit(public_url).path
    whole = path.removeprefix(own) if path.startswith(f"{own}{prefix}") else path
    return whole.removeprefix(prefix) if whole.startswith(prefix) else None


def _answer(answer: Answer) -> Response:
    return Response(orjson.dumps(answer.body), answer.status, list(answer.headers))


def _public(body: Any, kept: str) -> Response:
    return Response(orjson.dumps(body), 200, {"Cache-Control": kept}, content_type="application/json")


def _guarded(view: Callable[[], Response]) -> Response:
    try:
        return view()
    except Refused as refused:
        return _refusal(refused.status, "invalid_request", refused.detail, **refused.headers)
    except Unavailable as error:
        _log.warning("database unavailable", request_id=g.request_id, reason=str(error))
        detail = "The server cannot reach what it needs just now. Send the request again."
        return _refusal(503, "temporarily_unavailable", detail, **{"Retry-After": RETRY_AFTER})
    except HTTPException as error:
        return _refusal(error.code or 500, "invalid_request", error.name)
    except Exception as error:
        _log.error("request failed", request_id=g.request_id, exc_info=error)
        return _refusal(500, "server_error", f"The server failed. Quote request {g.request_id} to its operator.")


def _refusal(status: int, error: str, detail: str, **headers: str) -> Response:
    body = orjson.dumps({"error": error, "error_description": detail})
    kept = {"Cache-Control": "no-store", "Pragma": "no-cache", **headers}
    return Response(body, status, kept, content_type="application/json")
