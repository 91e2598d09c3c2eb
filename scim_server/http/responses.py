"""RFC 7644 sections 3.1 and 3.8: answers in JSON, with version and location in headers as in the body."""

from collections.abc import Mapping
from typing import Any

import orjson
from flask import Response, request

from scim_server.resources.operations import Answer

SCIM_JSON = "application/scim+json"
JSON = "application/json"


def scim_response(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer with a JSON body, or without one where `body` is None."""
    content = b"" if body is None else orjson.dumps(body)
    response = Response(content, status, headers)
    if body is None:
        response.headers.pop("Content-Type", None)
    else:
        response.content_type = _media_type()
    return response


def resource_response(answer: Answer, status: int = 200) -> Response:
    """A resource with its ETag and address; 204 where there is nothing to show, 304 where the client has it."""
    headers = {"ETag": answer.tag}
    if answer.unchanged:
        return scim_response(None, 304, headers)
    if answer.resource is None:
        return scim_response(None, 204, headers)
    headers["Location"] = headers["Content-Location"] = answer.location
    return scim_response(answer.resource, status, headers)


def _media_type() -> str:
    """scim+json, unless the client wants JSON and does not know SCIM's own type (idp-clients.md quirk 35)."""
    accepted = request.headers.get("Accept", "").lower()
    return JSON if JSON in accepted and SCIM_JSON not in accepted else SCIM_JSON
