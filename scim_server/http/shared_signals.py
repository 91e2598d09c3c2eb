"""The management of streams by their receivers (SSF 1.0 section 8), below the issuer of the tenant.

A receiver is a program with the scope `events.receive`: an OAuth client, or a token of the admin API. What it is
refused is answered with the status that SSF has for it, and in words as RFC 8935 section 2.3 has them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from flask import Blueprint, Response, g, request

from scim_server.domain.errors import Invalid, Missing
from scim_server.domain.events import Cause
from scim_server.domain.streams import Status
from scim_server.domain.tenants import Tenant
from scim_server.http.bodies import read_json
from scim_server.http.errors import refusal_of
from scim_server.http.stream_documents import configuration, new_stream, status, wishes
from scim_server.oauth.api_bearers import REALM, ApiAuthenticator, ApiBearer
from scim_server.oauth.challenges import insufficient_scope
from scim_server.oauth.presented import presented
from scim_server.oauth.rates import RateLimits
from scim_server.oauth.transmitter_metadata import ADD, REMOVE, STATUS, STREAM, VERIFY
from scim_server.services import streaming, tenancy
from scim_server.services.addresses import OAUTH_PATH, api_address, issuer_address
from scim_server.services.ports import Units, Web
from scim_server.services.receiving import choose_subject, own_stream, own_streams
from scim_server.services.stream_changes import StreamWishes, change_stream
from scim_server.services.stream_owners import RECEIVES

LARGEST_BODY = 65_536
ERRORS: Mapping[int, str] = {401: "authentication_failed", 403: "access_denied"}
"""What RFC 8935 section 2.4 calls it; anything else is an `invalid_request`."""


@dataclass(frozen=True, slots=True)
class SignalsService:
    """What the endpoints are served with; `web` is the way out to receivers."""

    authenticator: ApiAuthenticator
    units: Units
    web: Web
    public_url: str
    rates: RateLimits


@dataclass(frozen=True, slots=True)
class _Call:
    """One request of a receiver, which may make it."""

    service: SignalsService
    tenant: Tenant
    bearer: ApiBearer

    @property
    def units(self) -> Units:
        return self.service.units

    @property
    def actor(self) -> str:
        return self.bearer.actor

    @property
    def cause(self) -> Cause:
        return Cause(self.actor, g.request_id, f"{request.method} {request.path}", permits=self.bearer.scopes)

    @property
    def issuer(self) -> str:
        return issuer_address(self.service.public_url, self.tenant.slug)

    def shown(self, stream: Any) -> dict[str, Any]:
        return configuration(stream, self.service.public_url, self.tenant.slug)


def shared_signals_blueprint(service: SignalsService) -> Blueprint:
    """The endpoints that the transmitter's configuration names."""
    blueprint = Blueprint("shared_signals", __name__, url_prefix=f"{OAUTH_PATH}/<slug>/ssf")

    def serve(path: str, method: str, run: Callable[[_Call], Response]) -> None:
        def view(slug: str) -> Response:
            request.max_content_length = LARGEST_BODY
            return run(_called(service, slug))

        endpoint = f"{method}-{path.replace(':', '-')}"
        blueprint.add_url_rule(f"/{path}", endpoint, view, methods=[method], provide_automatic_options=False)

    serve(STREAM, "POST", _create)
    serve(STREAM, "GET", _read)
    serve(STREAM, "PATCH", _update)
    serve(STREAM, "PUT", _replace)
    serve(STREAM, "DELETE", _delete)
    serve(STATUS, "GET", _read_status)
    serve(STATUS, "POST", _update_status)
    serve(VERIFY, "POST", _verify)
    serve(ADD, "POST", _add_subject)
    serve(REMOVE, "POST", _remove_subject)
    blueprint.register_error_handler(Exception, _refuse)
    return blueprint


def _called(service: SignalsService, slug: str) -> _Call:
    """Raises Unauthenticated, InsufficientScope, TooManyRequests, and Missing for another tenant than the caller's."""
    url = f"{service.public_url}{request.path}"
    bearer = service.authenticator.authenticate(
        presented(request.headers, request.method, url, g.client, g.certificate)
    )
    g.tenant, g.actor = bearer.tenant and bearer.tenant.slug, bearer.actor
    if bearer.tenant is not None:
        service.rates.take_of(bearer.tenant)
    tenant = tenancy.tenant(service.units, slug) if bearer.tenant is None else bearer.tenant
    if tenant.slug != slug:
        raise Missing(f"There is no tenant '{slug}'.")
    if RECEIVES not in bearer.scopes:
        raise insufficient_scope(REALM, service.public_url, api_address(service.public_url), bearer, RECEIVES)
    return _Call(service, tenant, bearer)


def _create(call: _Call) -> Response:
    """Section 8.1.1.1."""
    wanted = new_stream(_body(), call.actor, f"ssf {g.request_id}")
    return _answer(
        call.shown(streaming.create_stream(call.units, call.service.web, call.tenant, call.cause, wanted)), 201
    )


def _read(call: _Call) -> Response:
    """Section 8.1.1.2."""
    if "stream_id" not in request.args:
        return _answer([call.shown(each) for each in own_streams(call.units, call.tenant, call.actor)])
    return _answer(call.shown(own_stream(call.units, call.tenant, call.actor, _stream_id(request.args))))


def _update(call: _Call) -> Response:
    """Section 8.1.1.3."""
    return _change(call, replaces=False)


def _replace(call: _Call) -> Response:
    """Section 8.1.1.4."""
    return _change(call, replaces=True)


def _change(call: _Call, *, replaces: bool) -> Response:
    body = _body()
    stream = own_stream(call.units, call.tenant, call.actor, _stream_id(body))
    wanted = wishes(body, stream, call.shown(stream), replaces=replaces)
    return _answer(call.shown(change_stream(call.units, call.service.web, call.tenant, call.cause, stream.id, wanted)))


def _delete(call: _Call) -> Response:
    """Section 8.1.1.5."""
    stream = own_stream(call.units, call.tenant, call.actor, _stream_id(request.args))
    streaming.remove_stream(call.units, call.tenant, call.cause, stream.id)
    return _answer(None, 204)


def _read_status(call: _Call) -> Response:
    """Section 8.1.2.1."""
    return _answer(status(own_stream(call.units, call.tenant, call.actor, _stream_id(request.args))))


def _update_status(call: _Call) -> Response:
    """Section 8.1.2.2."""
    body = _body()
    stream = own_stream(call.units, call.tenant, call.actor, _stream_id(body))
    wanted = StreamWishes(status=_status(body), reason=_text(body, "reason"))
    cause = call.cause.quietly()
    return _answer(status(change_stream(call.units, call.service.web, call.tenant, cause, stream.id, wanted)))


def _verify(call: _Call) -> Response:
    """Section 8.1.4.2."""
    body = _body()
    stream = own_stream(call.units, call.tenant, call.actor, _stream_id(body))
    streaming.verify_stream(call.units, call.tenant, call.cause, stream.id, _text(body, "state"))
    return _answer(None, 204)


def _add_subject(call: _Call) -> Response:
    """Section 8.1.3.2. Whether the subject has been verified makes no difference."""
    _choose_subject(call, wanted=True)
    return _answer(None)


def _remove_subject(call: _Call) -> Response:
    """Section 8.1.3.3."""
    _choose_subject(call, wanted=False)
    return _answer(None, 204)


def _choose_subject(call: _Call, *, wanted: bool) -> None:
    body = _body()
    subject = body.get("subject")
    choose_subject(call.units, call.tenant, call.cause, _stream_id(body), call.issuer, subject, wanted=wanted)


def _body() -> Mapping[str, Any]:
    found = read_json(request)
    if not isinstance(found, dict):
        raise Invalid("The body is a JSON object.")
    return found


def _stream_id(said: Mapping[str, Any]) -> str:
    found = said.get("stream_id")
    if not isinstance(found, str) or "\0" in found:
        raise Invalid("Say which stream it is about: stream_id is missing.")
    return found


def _status(body: Mapping[str, Any]) -> Status:
    said = body.get("status")
    known = [each.value for each in Status]
    if not isinstance(said, str) or said not in known:
        raise Invalid(f"'status' is one of {', '.join(known)}.")
    return Status(said)


def _text(body: Mapping[str, Any], name: str) -> str | None:
    found = body.get(name)
    if found is not None and not isinstance(found, str):
        raise Invalid(f"'{name}' is a text.")
    return found


def _answer(body: Any, code: int = 200) -> Response:
    content = b"" if body is None else orjson.dumps(body)
    return Response(content, code, {"Cache-Control": "no-store"}, content_type="application/json")


def _refuse(error: Exception) -> Response:
    refusal = refusal_of(error, g.request_id)
    kind = "server_error" if refusal.status >= 500 else ERRORS.get(refusal.status, "invalid_request")
    headers = {"Cache-Control": "no-store", **refusal.headers}
    body = orjson.dumps({"err": kind, "description": refusal.detail})
    return Response(body, refusal.status, headers, content_type="application/json")
