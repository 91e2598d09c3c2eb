"""What of a request may be kept: without its secrets, at most so long, and as any database can store it."""

from dataclasses import dataclass
from typing import Any

from flask import Request

from scim_server.protocol.redactions import Redaction
from scim_server.services.log_entries import BODY_CUT, BODY_NOT_KEPT, PATH_CUT

LONGEST_BODY = 10_000
LONGEST_PATH = 2_000
LONGEST_DETAIL = 1_000
LONGEST_ID = 200
LONGEST_METHOD = 20
"""Characters that are kept."""
LONGEST_CLIENT_ID = 128
"""A client's own id of the request is kept whole or not at all."""
UNREAD: Any = object()
"""Stands for a body that was not read, or could not be."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A request as it is kept. `notes` say what is missing; `is_clean` that there was no secret to take out."""

    method: str
    path: str
    body: str | None
    client_request_id: str | None
    notes: tuple[str, ...]
    is_clean: bool


def excerpt(request: Request, body: Any, redaction: Redaction) -> Excerpt:
    """What may be kept of `request`, whose body is the JSON value `body` or UNREAD."""
    path, is_clean_path, notes = _path(request, redaction)
    text, is_clean_body, more = _body(request, body, redaction)
    return Excerpt(
        method=storable(request.method)[:LONGEST_METHOD],
        path=path,
        body=text,
        client_request_id=_client_request_id(request, redaction),
        notes=(*notes, *more),
        is_clean=is_clean_path and is_clean_body,
    )


def storable(text: str) -> str:
    """`text` without what PostgreSQL takes in no text: NUL and lone surrogates."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def _path(request: Request, redaction: Redaction) -> tuple[str, bool, list[str]]:
    # The query is cut before it is looked at too, as looking costs time; what follows a secret's name goes anyway.
    query = request.query_string[: 4 * LONGEST_PATH].decode("utf-8", "replace")
    kept, is_clean = redaction.query(query)
    given = request.path[: 4 * LONGEST_PATH]
    path = redaction.text(given)
    is_clean = is_clean and path == given
    whole = storable(f"{path}?{kept}" if kept else path)
    if len(whole) <= LONGEST_PATH:
        return whole, is_clean, []
    length = len(request.path) + len(request.query_string)
    return whole[:LONGEST_PATH], is_clean, [f"{PATH_CUT}: it has {length} characters, {LONGEST_PATH} are kept"]


def _body(request: Request, body: Any, redaction: Redaction) -> tuple[str | None, bool, list[str]]:
    """A body that is no JSON may hold a secret anywhere, so nothing of it is kept."""
    if body is UNREAD:
        length = request.content_length
        return None, not length, [f"{BODY_NOT_KEPT}: {length} bytes that were not read as JSON"] if length else []
    raw = request.get_data()
    text, is_clean = redaction.body(raw, body, LONGEST_BODY)
    if len(text) <= LONGEST_BODY:
        return storable(text), is_clean, []
    return storable(text[:LONGEST_BODY]), is_clean, [f"{BODY_CUT}: it has {len(raw)} bytes, {LONGEST_BODY} are kept"]


def _client_request_id(request: Request, redaction: Redaction) -> str | None:
    given = request.headers.get("X-Request-Id", "").strip()
    if not 0 < len(given) <= LONGEST_CLIENT_ID or not given.isascii() or not given.isprintable():
        return None
    return redaction.text(given)
