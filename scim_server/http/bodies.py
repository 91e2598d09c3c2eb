"""RFC 7644 section 3.1: the JSON body of a request, within its limit and of a media type that says so."""

from typing import Any

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge

from scim_server.protocol.texts import parse_json

MEDIA_TYPES = frozenset({"application/scim+json", "application/json"})
CHARSETS = frozenset({"utf-8", "utf8", "us-ascii"})
"""RFC 8259 section 8.1: JSON travels in UTF-8, of which ASCII is a part."""


class UnsupportedMediaType(Exception):
    """The body is declared as something other than JSON in UTF-8."""

    def __init__(self, declared: str) -> None:
        super().__init__(declared)
        self.detail = f"The body is {declared[:100]}; send application/scim+json (or application/json) in UTF-8."


def read_json(request: Request) -> Any:
    """The request's body. Raises UnsupportedMediaType, InvalidSyntax, and RequestEntityTooLarge beyond the limit."""
    if request.mimetype and request.mimetype not in MEDIA_TYPES:
        raise UnsupportedMediaType(request.mimetype)
    charset = request.mimetype_params.get("charset", "utf-8")
    if charset.lower() not in CHARSETS:
        raise UnsupportedMediaType(f"in the charset {charset}")
    encoding = request.headers.get("Content-Encoding", "identity")
    if encoding.lower() != "identity":
        raise UnsupportedMediaType(f"in the content encoding {encoding}")
    body = request.get_data()
    if request.content_length is None and len(body) == request.max_content_length:
        raise RequestEntityTooLarge  # werkzeug cuts a body of unknown length at the limit without a word
    return parse_json(body)
