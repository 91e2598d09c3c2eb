"""RFC 7644 section 3.1: the JSON body of a request, within its limit and of a media type that says so."""

from typing import Any

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge

from scim_server.protocol.texts import parse_json

MEDIA_TYPES = frozenset({"application/scim+json", "application/json"})


class UnsupportedMediaType(Exception):
    """The body is declared as something other than JSON."""

    def __init__(self, media_type: str) -> None:
        super().__init__(media_type)
        self.detail = f"The body is {media_type}; send application/scim+json (or application/json)."


def read_json(request: Request) -> Any:
    """The request's body. Raises UnsupportedMediaType, InvalidSyntax, and RequestEntityTooLarge beyond the limit."""
    if request.mimetype and request.mimetype not in MEDIA_TYPES:
        raise UnsupportedMediaType(request.mimetype)
    body = request.get_data()
    if request.content_length is None and len(body) == request.max_content_length:
        raise RequestEntityTooLarge  # werkzeug cuts a body of unknown length at the limit without a word
    return parse_json(body)
