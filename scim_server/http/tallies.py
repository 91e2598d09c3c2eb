"""What each request counts as, once its answer is known."""

from collections.abc import Mapping
from typing import Any

from flask.globals import app_ctx

from scim_server.telemetry.catalogue import FAULTS, REFUSALS, REQUEST_SECONDS, REQUESTS, TURNED_AWAY
from scim_server.telemetry.meters import OTHER

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NONE = "none"


def tally(facts: Mapping[str, Any], *, has_failed: bool) -> None:
    """Count the request that this is told of in the log, as one that met a fault where it `has_failed`."""
    known = app_ctx.g
    route, method = facts["route"], facts["method"]
    if method not in METHODS:
        method = OTHER
    REQUESTS.add(route, method, known.get("dialect") or NONE, str(facts["status"]))
    REQUEST_SECONDS.observe(facts["ms"] / 1e3, route, method)
    if has_failed:
        FAULTS.add()
    for refusal in known.refusals:
        REFUSALS.add(refusal.scim_type or NONE, str(refusal.status))
    if "refused" in facts:
        TURNED_AWAY.add(facts["refused"])
