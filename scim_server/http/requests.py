"""What every answer of the server carries, whoever makes it: the id of its request, and no invitation to guess."""

import time
from datetime import UTC, datetime

import uuid_utils
from flask import Flask, Response, g

from scim_server.domain.instants import instant

HEADERS = {"X-Content-Type-Options": "nosniff"}


def number_requests(app: Flask) -> None:
    """Give each request an id, `g.request_id`, which its answer shows as X-Request-Id and the logs repeat.

    It is a UUIDv7 (RFC 9562 section 5.7), so that logs sort by it; what a client sends as X-Request-Id proves nothing.
    `g.came` is the moment the request came, `g.begun` the same on a clock that measures spans.
    """

    @app.before_request
    def number() -> None:
        g.request_id = str(uuid_utils.uuid7())
        g.came, g.begun = instant(datetime.now(UTC)), time.perf_counter()

    @app.after_request
    def show(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.request_id
        response.headers.update(HEADERS)
        return response
