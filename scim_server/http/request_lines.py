"""The one line that each request writes into the log: what was asked of which address, by whom, and how it ended.

Nothing that a client can write enters it but the name of the method: the route is that of the table of routes, with
`{id}` or the like where ids and secrets stand. JSON escapes the rest.
"""

import time
from collections.abc import Sequence
from typing import Any

import structlog
from flask import Flask, Response, g, request

from scim_server.domain.errors import Unavailable

LONGEST_METHOD = 20
NOWHERE = "nowhere"
"""The route of an address that no route takes."""

_log = structlog.get_logger("scim_server.http")


def tell_requests(app: Flask) -> None:
    """Log each request when its answer is complete, which is after all that is set up later.

    `g.route`, `g.tenant` (a slug) and `g.actor` are taken from whoever learns them.
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
        return response


def _facts(status: int) -> dict[str, Any]:
    rule = request.url_rule
    facts = {
        "request_id": g.request_id,
        "method": request.method[:LONGEST_METHOD],
        "route": g.get("route") or (NOWHERE if rule is None else rule.rule),
        "status": status,
        "ms": round((time.perf_counter() - g.begun) * 1e3, 1),
        "tenant": g.get("tenant"),
        "actor": g.get("actor"),
        "client": g.client,
    }
    return {name: fact for name, fact in facts.items() if fact is not None}
