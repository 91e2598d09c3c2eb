"""The OpenAPI document, and a page to browse it: for anybody, as neither says anything of any tenant."""

from functools import cache

from flask import Blueprint, Response

from scim_server.api.blueprints import PREFIX, json_response
from scim_server.api.documents import document
from scim_server.api.endpoints import JSON
from scim_server.api.nouns import ENDPOINTS


def pages_blueprint(public_url: str) -> Blueprint:
    """`/api/v1/openapi.json`."""
    blueprint = Blueprint("api_pages", __name__, url_prefix=PREFIX)

    @cache
    def written() -> Response:
        return json_response(document(ENDPOINTS, public_url), 200, JSON)

    blueprint.add_url_rule("/openapi.json", "openapi", written)
    return blueprint
