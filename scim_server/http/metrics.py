"""`/metrics` at the public address, for whoever shows the operator's token for it."""

from collections.abc import Callable

from flask import Blueprint, Response, request

from scim_server.oauth.headers import Unauthenticated
from scim_server.telemetry.expositions import MEDIA_TYPE
from scim_server.telemetry.listeners import PATH, REALM, is_known


def metrics_blueprint(text: Callable[[], bytes], token: str) -> Blueprint:
    """The page. It answers whether or not the database does."""
    blueprint = Blueprint("metrics", __name__)

    def show() -> Response:
        if not is_known(request.headers.get("Authorization"), token):
            raise Unauthenticated("Metrics are shown to whoever has SCIM_METRICS_TOKEN.", [REALM])
        return Response(text(), content_type=MEDIA_TYPE)

    blueprint.add_url_rule(PATH, "show", show, methods=["GET"], provide_automatic_options=False)
    return blueprint
