"""What is known of every request, whoever answers it: its id, when it came, who sent it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

import uuid_utils
from flask import Flask, Request, Response, g
from flask.globals import app_ctx, request_ctx

from scim_server.domain.instants import instant
from scim_server.http.certificates import certificate_of
from scim_server.http.peers import Peers


def receive_requests(
    app: Flask, peers: Peers, check: Callable[[Request], None], certificate_header: str | None = None
) -> None:
    """Give each request an id, `g.request_id`, which its answer shows as X-Request-Id and the log repeats; check it.

    The id is a UUIDv7 (RFC 9562 section 5.7), so that logs sort by it; what a client sends as X-Request-Id proves
    nothing. `g.came` is the moment the request came, `g.begun` the same on a clock that measures spans, `g.client` the
    client's address, `g.is_proxied` whether a trusted proxy sent the request, `g.certificate` the thumbprint of
    the client's certificate if such a proxy passes one on in `certificate_header`. `g.failures` takes the exceptions
    that nobody expected, for the line in the log, `g.refusals` what SCIM requests were refused with, to be counted.
    """

    @app.before_request
    def receive() -> None:
        came, begun = instant(datetime.now(UTC)), time.perf_counter()
        asked, known = request_ctx.request, app_ctx.g
        is_proxied = peers.is_proxy(asked)
        known.request_id, known.came, known.begun = str(uuid_utils.uuid7()), came, begun
        known.failures, known.refusals = [], []
        known.client, known.is_proxied = peers.client(asked), is_proxied
        known.certificate = certificate_of(asked, certificate_header, is_proxied=is_proxied)
        check(asked)

    @app.after_request
    def show(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.request_id
        return response
