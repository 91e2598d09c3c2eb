"""The span of each request, with what the log has of it as well. Nothing is set up where nothing is traced."""

from contextlib import ExitStack

from flask import Flask, Response, g, request

from scim_server.http.peers import Peers
from scim_server.telemetry import traces

UNKNOWN = "request"
"""What a span is called until the route is known."""


def trace_requests(app: Flask, peers: Peers) -> None:
    """Begin a span with each request. It ends behind all that is set up later."""
    if not traces.is_on():
        return

    @app.before_request
    def begin() -> None:
        said = {name: request.headers[name] for name in (traces.PARENT, traces.STATE) if name in request.headers}
        g.stack = ExitStack()
        g.span = g.stack.enter_context(traces.span(UNKNOWN, "SERVER", said, trusted=peers.is_proxy(request)))

    @app.after_request
    def tell(response: Response) -> Response:
        if "facts" in g:
            _describe(g.facts)
        return response

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        if (stack := g.pop("stack", None)) is not None:
            stack.close()


def _describe(facts: dict[str, object]) -> None:
    """By the names of OpenTelemetry's conventions for HTTP where there are any."""
    span, method, status = g.span, str(facts["method"]), int(str(facts["status"]))
    span.update_name(f"{method} {facts['route']}")
    span.set_attribute("http.request.method", method)
    span.set_attribute("http.route", str(facts["route"]))
    span.set_attribute("http.response.status_code", status)
    for name in ("request_id", "tenant", "actor"):
        if name in facts:
            span.set_attribute(f"scim.{name}", str(facts[name]))
    if g.get("dialect"):
        span.set_attribute("scim.dialect", g.dialect)
    if status >= 500:
        traces.fail(span, str(status))
