"""The body of a request: a JSON object through the strict gate, or a file on its way to disk."""

from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge

from scim_server.api.calls import ApiService
from scim_server.api.endpoints import JSON
from scim_server.api.problems import UnsupportedMediaType

IN_MEMORY = 1 << 20
"""Bytes of a file that are kept in memory; what is longer lies on disk."""
PIECE = 1 << 16
CHARSETS = frozenset({"utf-8", "utf8", "us-ascii"})


def read_json(service: ApiService, request: Request) -> Any:
    """The body; an empty one is an empty object. Raises UnsupportedMediaType, Malformed, RequestEntityTooLarge."""
    body = request.get_data()
    if request.content_length is None and len(body) == request.max_content_length:
        raise RequestEntityTooLarge  # werkzeug cuts a body of unknown length at the limit without a word
    if not body:
        return {}
    _check_kind(request, JSON)
    return service.parse(body)


def read_upload(service: ApiService, request: Request, media_type: str) -> IO[bytes]:
    """The body as a file. Raises UnsupportedMediaType, RequestEntityTooLarge."""
    request.max_content_length = most = service.max_upload_bytes
    _check_kind(request, media_type)
    if (request.content_length or 0) > most:
        raise RequestEntityTooLarge
    file = cast(IO[bytes], SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115 the call ends with the request
    taken = 0
    while piece := request.stream.read(PIECE):
        taken += len(piece)
        if taken > most:
            file.close()
            raise RequestEntityTooLarge
        file.write(piece)
    file.seek(0)
    return file


def _check_kind(request: Request, wanted: str) -> None:
    encoding = request.headers.get("Content-Encoding", "identity")
    charset = request.mimetype_params.get("charset", "utf-8")
    if request.mimetype and request.mimetype != wanted:
        raise UnsupportedMediaType(f"The body is {request.mimetype[:100]}; send {wanted}.")
    if wanted == JSON and charset.lower() not in CHARSETS:
        raise UnsupportedMediaType(f"The body is in the charset {charset[:100]}; send it in UTF-8.")
    if encoding.lower() != "identity":
        raise UnsupportedMediaType(f"The body is in the content encoding {encoding[:100]}; send it as it is.")
