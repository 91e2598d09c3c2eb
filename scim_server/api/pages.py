"""The OpenAPI document, and a page to browse it: for anybody, as neither says anything of any tenant.

The page is Swagger UI, whose files lie under static/ with their licence: nothing is fetched from elsewhere, and the
browser is told to hold it to that.
"""

from functools import cache

from flask import Blueprint, Response

from scim_server.api.blueprints import PREFIX, json_response
from scim_server.api.documents import document
from scim_server.api.endpoints import JSON
from scim_server.api.nouns import ENDPOINTS

DOCS = "/docs"
PAGE = "browser.html"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}


def pages_blueprint(public_url: str) -> Blueprint:
    """`/api/v1/openapi.json`, and `/api/v1/docs` with its files below it."""
    blueprint = Blueprint(
        "api_pages", __name__, url_prefix=PREFIX, static_folder="static", static_url_path=DOCS.lstrip("/")
    )

    @cache
    def written() -> Response:
        return json_response(document(ENDPOINTS, public_url), 200, JSON)

    def browser() -> Response:
        return blueprint.send_static_file(PAGE)

    @blueprint.after_request
    def confine(response: Response) -> Response:
        response.headers.update(HEADERS)
        return response

    blueprint.add_url_rule("/openapi.json", "openapi", written, provide_automatic_options=False)
    blueprint.add_url_rule(DOCS, "browser", browser, provide_automatic_options=False)
    return blueprint
