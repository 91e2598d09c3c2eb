"""Addresses for whoever watches the process: alive, ready, which version."""

from collections.abc import Callable
from importlib.metadata import version

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from scim_server.domain.errors import Unavailable
from scim_server.http.errors import RETRY_AFTER

DISTRIBUTION = "scim-server"


def health_blueprint(is_current: Callable[[], bool]) -> Blueprint:
    """`/healthz`, `/readyz` and `/version`; `is_current` says whether the database is reachable and migrated."""
    blueprint = Blueprint("health", __name__)

    @blueprint.get("/healthz")
    def alive() -> ResponseReturnValue:
        return jsonify(status="ok")

    @blueprint.get("/readyz")
    def ready() -> ResponseReturnValue:
        try:
            migrated = is_current()
        except Unavailable:
            return unavailable("The database cannot be reached.")
        if not migrated:
            return unavailable("The database wants `scim-server db upgrade`.")
        return jsonify(status="ok")

    def unavailable(detail: str) -> ResponseReturnValue:
        return jsonify(status="unavailable", detail=detail), 503, {"Retry-After": RETRY_AFTER}

    @blueprint.get("/version")
    def version_() -> ResponseReturnValue:
        return jsonify(name=DISTRIBUTION, version=version(DISTRIBUTION))

    return blueprint
