"""The one line that each request writes into the log: what was asked of which address, by whom, and how it ended.

Nothing that a client can write enters it but the name of the method: the route is that of the table of routes, with
`{id}` or the like where ids and secrets stand. JSON escapes the rest.
"""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import structlog
from flask import Flask, Response, g, has_app_context
from flask.globals import app_ctx, request_ctx
from structlog.typing import EventDict, WrappedLogger

from scim_server.domain.errors import Unavailable
from scim_server.http.tallies import tally

LONGEST_METHOD = 20
OF_REQUEST = ("request_id", "tenant", "actor")
"""What a request is known by in every line that is written while it is served."""
NOWHERE = "nowhere"
"""The route of an address that no route takes."""

Wsgi = Callable[[Any, Any], Iterable[bytes]]

_PLACE = re.compile(r"<(?:\w+:)?(\w+)>")

_log = structlog.get_logger("scim_server.http")


def tell_requests(app: Flask) -> None:
    """Log and count each request when its answer is complete, which is after all that is set up later.

    `g.route`, `g.tenant` (a slug) and `g.actor` are taken from whoever learns them, and so is `g.refused`, why a client
    was not let in, with whom it claimed to be, if there is one of that id (`g.claimed`). `g.facts` is what was told.
    """

    @app.after_request
    def tell(response: Response) -> Response:
        facts = _facts(response.status_code)
        failures: Sequence[Exception] = g.failures
        faults = [each for each in failures if not isinstance(each, Unavailable)]
        if faults:
            _log.error("request failed", **facts, faults=len(faults), exc_info=faults[0])
        elif failures:
            _log.warning("database unavailable", **facts, reason=str(failures[0]))
        else:
            _log.info("request", **facts)
        tally(facts, has_failed=bool(faults))
        g.facts = facts
        return response


def of_request(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Say which request a line belongs to, and whose it is, where one is served (a processor of structlog)."""
    if has_app_context():
        known = app_ctx.g
        for name in OF_REQUEST:
            if name not in line and known.get(name) is not None:
                line[name] = known.get(name)
    return line


class BrokenOff(Exception):
    """An answer could not be finished. It says nothing more: web servers write what they are told into their logs."""


def tell_broken_answers(app: Flask) -> None:
    """Log what goes wrong while an answer is sent, which is after its line, or outside of all that Flask handles."""
    inner: Wsgi = app.wsgi_app

    def serve(environ: Any, start_response: Any) -> Iterable[bytes]:
        try:
            return _Told(inner(environ, start_response))
        except Exception as error:
            raise _broken_off(error) from None

    app.wsgi_app = serve  # type: ignore[method-assign]


class _Told:
    """The pieces of an answer."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces
        self.close: Callable[[], None] = getattr(pieces, "close", lambda: None)

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._pieces
        except Exception as error:
            raise _broken_off(error) from None


def _broken_off(error: Exception) -> BrokenOff:
    _log.error("an answer broke off", exc_info=error)
    return BrokenOff()


def _facts(status: int) -> dict[str, Any]:
    asked, known = request_ctx.request, app_ctx.g
    rule = asked.url_rule
    facts = {
        "request_id": known.request_id,
        "method": asked.method[:LONGEST_METHOD],
        "route": known.get("route") or (NOWHERE if rule is None else _PLACE.sub(r"{\1}", rule.rule)),
        "status": status,
        "ms": round((time.perf_counter() - known.begun) * 1e3, 1),
        "tenant": known.get("tenant"),
        "actor": known.get("actor"),
        "client": known.client,
        "claimed": known.get("claimed"),
        "refused": known.get("refused"),
    }
    return {name: fact for name, fact in facts.items() if fact is not None}
