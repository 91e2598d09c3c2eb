"""The one table from exceptions to status codes, and SCIM Error answers for all of them (RFC 7644 section 3.12)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, TypeVar

import orjson
from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import MethodNotAllowed as WrongMethod

from scim_server.domain import errors as business
from scim_server.http.bodies import UnsupportedMediaType
from scim_server.http.responses import NotAcceptable, scim_response
from scim_server.oauth.headers import AmbiguousCredentials, InsufficientScope, Unauthenticated
from scim_server.oauth.rates import TooManyRequests
from scim_server.protocol import errors as protocol
from scim_server.protocol.messages import error_body
from scim_server.services.addresses import OAUTH_PATH

T = TypeVar("T")
Headers = Mapping[str, str | list[str]]

RETRY_AFTER = "5"
"""Seconds. Clients honour an integer only (https://developer.okta.com/docs/concepts/scim/faqs/)."""


class NotSupported(Exception):
    """RFC 7644 section 3.11: an endpoint of the protocol that this server does not offer."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class MethodNotAllowed(Exception):
    """The endpoint exists and does not take this method; `allowed` names those it takes."""

    def __init__(self, method: str, allowed: str) -> None:
        super().__init__(method)
        self.detail = f"{method} is not possible here; this address takes {allowed}."
        self.allowed = allowed


STATUS: Mapping[type[Exception], int] = {
    protocol.Uniqueness: 409,
    protocol.NotFound: 404,
    protocol.Forbidden: 403,
    protocol.PreconditionFailed: 412,
    protocol.PreconditionRequired: 428,
    protocol.TooLarge: 413,
    protocol.Conflict: 409,
    protocol.ScimError: 400,
    business.Missing: 404,
    business.Gone: 410,
    business.Taken: 409,
    business.QueueFull: 429,
    business.Forbidden: 403,
    business.SeatLimit: 403,
    business.RoleAboveMax: 403,
    business.LastSuperAdmin: 403,
    business.Refusal: 400,
    business.Unavailable: 503,
    Unauthenticated: 401,
    AmbiguousCredentials: 400,
    InsufficientScope: 403,
    MethodNotAllowed: 405,
    TooManyRequests: 429,
    NotAcceptable: 406,
    UnsupportedMediaType: 415,
    NotSupported: 501,
}
"""Looked up along the class's ancestors, nearest first."""

SCIM_TYPE: Mapping[type[Exception], str] = {
    business.Taken: "uniqueness",
    business.Invalid: "invalidValue",
    business.TooMany: "tooMany",
}
"""The keywords of business refusals; the protocol's own errors carry theirs."""

UNAVAILABLE = (
    "The server cannot reach its database just now. Read the resource to see whether the request was carried out, "
    "then send it again."
)
BROKEN = "The server failed while handling the request, which changed nothing. Quote request id {id} to its operator."

PROBLEM_JSON = "application/problem+json"
SCIM = "scim"
"""What the paths of the service provider begin with."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is answered to a request, or to one operation of a bulk, that was not carried out."""

    status: int
    scim_type: str | None
    detail: str
    headers: Headers = field(default_factory=dict)

    @property
    def body(self) -> dict[str, Any]:
        """The Error message."""
        return error_body(self.status, self.scim_type, self.detail)


def answer_errors(app: Flask) -> None:
    """Answer what no blueprint answers: the errors of /scim and /oauth as such, all others by problem details (RFC
    9457)."""

    @app.errorhandler(Exception)
    def answer(error: Exception) -> Response:
        if f"{request.path}/".startswith(f"/{SCIM}/"):  # a host that is none leaves a request without a rule
            return error_response(error, g.request_id)
        refusal = refusal_of(error, g.request_id)
        if f"{request.path}/".startswith(f"{OAUTH_PATH}/"):
            kind = "server_error" if refusal.status >= 500 else "invalid_request"
            return oauth_refusal(refusal.status, kind, refusal.detail, refusal.headers)
        title = HTTPStatus(refusal.status).phrase
        body = {"type": "about:blank", "title": title, "status": refusal.status, "detail": refusal.detail}
        return Response(orjson.dumps(body), refusal.status, refusal.headers, content_type=PROBLEM_JSON)


def oauth_refusal(status: int, error: str, detail: str, headers: Headers = MappingProxyType({})) -> Response:
    """A refusal in the form of RFC 6749 section 5.2, which nobody keeps."""
    kept = {"Cache-Control": "no-store", "Pragma": "no-cache", **headers}
    body = orjson.dumps({"error": error, "error_description": detail})
    return Response(body, status, kept, content_type="application/json")


def error_response(error: Exception, request_id: str) -> Response:
    """The answer to a request that ended in `error`."""
    refusal = scim_refusal(error, request_id)
    return scim_response(refusal.body, refusal.status, refusal.headers)


def scim_refusal(error: Exception, request_id: str) -> Refusal:
    """What an error means to a SCIM client, which is counted."""
    refusal = refusal_of(error, request_id)
    g.refusals.append(refusal)
    return refusal


def refusal_of(error: Exception, request_id: str) -> Refusal:
    """What an error means to the client. The log gets to know of what nobody expected, with its traceback."""
    if isinstance(error, HTTPException):
        return _of_framework(error)
    status = _nearest(STATUS, error)
    if status is None:
        g.failures.append(error)
        return Refusal(500, None, BROKEN.format(id=request_id))
    if status == 503:
        g.failures.append(error)
        detail = getattr(error, "ADVICE", UNAVAILABLE)
        return Refusal(503, None, detail, {"Retry-After": RETRY_AFTER})
    scim_type = getattr(error, "scim_type", None) or _nearest(SCIM_TYPE, error)
    return Refusal(status, scim_type, getattr(error, "detail", str(error)), _headers(error))


def _of_framework(error: HTTPException) -> Refusal:
    details = {
        413: (
            f"The request is larger than the {request.max_content_length} bytes that this server takes. "
            "Split it, or ask its operator for a higher limit."
        ),
    }
    status = error.code or 500
    allowed = error.valid_methods if isinstance(error, WrongMethod) else None
    headers = {"Allow": ", ".join(sorted(allowed))} if allowed else {}
    return Refusal(status, None, details.get(status, error.description or "The request cannot be served."), headers)


def _headers(error: Exception) -> dict[str, str | list[str]]:
    if isinstance(error, Unauthenticated):
        return {"WWW-Authenticate": error.challenges, **error.headers}
    if isinstance(error, AmbiguousCredentials | InsufficientScope):
        return {"WWW-Authenticate": error.challenge}
    if isinstance(error, TooManyRequests):
        return {"Retry-After": error.retry_after}
    if isinstance(error, business.QueueFull):
        return {"Retry-After": RETRY_AFTER}
    if isinstance(error, MethodNotAllowed):
        return {"Allow": error.allowed}
    return {}


def _nearest(table: Mapping[type[Exception], T], error: Exception) -> T | None:
    return next((table[kind] for kind in type(error).__mro__ if kind in table), None)
