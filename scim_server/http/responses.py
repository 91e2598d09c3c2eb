"""RFC 7644 sections 3.1 and 3.8: answers in JSON, with version and location in headers as in the body."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from hashlib import blake2b
from itertools import chain
from threading import BoundedSemaphore
from typing import Any

import orjson
from flask import Request, Response, request
from werkzeug.datastructures import Headers, MIMEAccept
from werkzeug.http import parse_accept_header

from scim_server.protocol.preferences import preferences
from scim_server.resources.operations import Answer
from scim_server.resources.renderings import Rendering

WRITES = frozenset({"POST", "PUT", "PATCH"})
SCIM_JSON = "application/scim+json"
JSON = "application/json"

HEADERS = 100
"""Accept headers that are remembered with what they mean; a client sends the same with every request."""
_WITHOUT_BODY = frozenset({204, 304})

OFFERED = frozenset({SCIM_JSON, JSON, "application/*", "*/*"})
"""What a client may accept to get an answer: our media types and the ranges they lie in."""


MOST_LONG_ANSWERS = 2
"""Long answers that a process sends in portions at once. Each keeps a thread for as long as its client reads, and those
who read slowly must not get all of them: one more is sent in one piece, which keeps memory but no thread."""
_long_answers = BoundedSemaphore(MOST_LONG_ANSWERS)


class NotAcceptable(Exception):
    """The client takes no form of JSON (RFC 7644 section 3.8, RFC 9110 section 15.5.7)."""

    def __init__(self, accepted: str) -> None:
        super().__init__(accepted)
        self.detail = f"Accept is '{accepted[:100]}', but this server answers in {SCIM_JSON} (or {JSON}) alone."


class ScimResponse(Response):
    """An answer whose addresses are URIs and whose length is known, so that its headers go out as they are."""

    def get_wsgi_headers(self, environ: Any) -> Headers:
        """A copy, put right, where there is no body."""
        return super().get_wsgi_headers(environ) if self.status_code in _WITHOUT_BODY else self.headers


def check_acceptable(request: Request) -> None:
    """Raises NotAcceptable where the Accept header leaves no media type that the server can answer in."""
    accepted = request.headers.get("Accept", "")
    if not _is_acceptable(accepted):
        raise NotAcceptable(accepted)


@lru_cache(HEADERS)
def _is_acceptable(accepted: str) -> bool:
    """Parameters such as a charset, which Okta sends, make no difference."""
    ranges = parse_accept_header(accepted, MIMEAccept)
    offered = [kind.partition(";")[0].strip().lower() for kind, quality in ranges if quality]
    return not accepted.strip() or not OFFERED.isdisjoint(offered)


def scim_response(body: Any, status: int = 200, headers: Mapping[str, str | list[str]] | None = None) -> Response:
    """An answer with a JSON body, or without one where `body` is None."""
    if body is not None:
        return ScimResponse(orjson.dumps(body), status, headers, content_type=_media_type())
    response = ScimResponse(b"", status, headers)
    response.headers.pop("Content-Type", None)
    return response


def resource_response(answer: Answer, status: int = 200) -> Response:
    """A resource with its ETag and address; 204 where there is nothing to show, 304 where the client has it."""
    headers = {"ETag": answer.tag}
    if answer.unchanged:
        return scim_response(None, 304, headers)
    if answer.resource is None:
        return scim_response(None, 204, headers)
    headers["Location"] = headers["Content-Location"] = answer.location
    if request.method in WRITES and _prefers_minimal():
        del headers["Content-Location"]
        minimal = status if status == 201 else 204
        return scim_response(None, minimal, {**headers, "Preference-Applied": "return=minimal"})
    if answer.members is not None:
        return _group_response(answer.resource, answer.members, status, headers)
    return scim_response(answer.resource, status, headers)


def _group_response(
    group: dict[str, Any], members: Rendering, status: int, headers: Mapping[str, str | list[str]]
) -> Response:
    """A group with its members, which are text already; a long one is sent as it is inflated."""
    head, end = orjson.dumps(group)[:-1] + b',"members":[', b"]}"
    whole = chain((head,), members.text(), (end,))
    body = _in_portions(whole) if members.is_deflated else b"".join(whole)
    response = ScimResponse(body, status, headers, content_type=_media_type())
    response.content_length = len(head) + members.length + len(end)
    return response


def _in_portions(whole: Iterator[bytes]) -> Iterator[bytes]:
    """The text as it comes, or in one piece where as many as may be are being sent."""
    if not _long_answers.acquire(blocking=False):
        yield b"".join(whole)
        return
    try:
        yield from whole
    finally:
        _long_answers.release()


def _prefers_minimal() -> bool:
    """RFC 7240 section 4.2."""
    return preferences(request.headers.getlist("Prefer")).get("return", "").lower() == "minimal"


def discovery_response(body: Any) -> Response:
    """What the server says of itself, with a tag to ask again by: it changes as the tenant's switches do."""
    tag = f'W/"{blake2b(orjson.dumps(body), digest_size=12).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if request.if_none_match.contains_weak(tag.removeprefix("W/").strip('"')):
        return scim_response(None, 304, headers)
    return scim_response(body, 200, headers)


def _media_type() -> str:
    return _media_type_for(request.headers.get("Accept", ""))


@lru_cache(HEADERS)
def _media_type_for(accepted: str) -> str:
    """scim+json, unless the client wants JSON and does not know SCIM's own type (quirk 35 in docs/dialects.md)."""
    accepted = accepted.lower()
    return JSON if JSON in accepted and SCIM_JSON not in accepted else SCIM_JSON
