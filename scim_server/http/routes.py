"""RFC 7644 section 3.2: which address and method does what.

The rules take everything under /scim, so that trailing and double slashes are served without a redirect
(which would lose the body of a POST), and so that an unknown caller learns nothing but 401.
"""

from flask import Blueprint, Response, g
from flask.blueprints import BlueprintSetupState
from flask.globals import request_ctx
from werkzeug.routing import BaseConverter, Rule

from scim_server.http.admissions import ASYNC_REQUESTS
from scim_server.http.discoveries import public_configuration, public_slug, views_of_discovery
from scim_server.http.errors import SCIM, MethodNotAllowed, error_response
from scim_server.http.exchanges import Exchange, ScimService
from scim_server.http.outcomes import views_of_outcome
from scim_server.http.provisioning_logs import Recording
from scim_server.http.responses import scim_response
from scim_server.http.views import View, Views, views_of_all, views_of_bulk, views_of_me, views_of_one, views_of_search
from scim_server.protocol.discovery import ENDPOINTS
from scim_server.protocol.errors import Forbidden

FIXED = frozenset({"Me", "Bulk", ".search", ASYNC_REQUESTS})
"""Endpoints beside those of resource types and of discovery."""
NAMED = FIXED | ENDPOINTS
DEEPEST = 3
"""Segments below the base address that the log tells of; no address that is served has as many."""


class _Rest(BaseConverter):
    """Whatever is left of the path, slashes at either end included."""

    regex = r"[\s\S]*"
    part_isolating = False


def scim_blueprint(service: ScimService) -> Blueprint:
    """Every address under /scim, for every method: what is not possible there is answered as a SCIM Error."""
    blueprint = Blueprint("scim", __name__)

    @blueprint.record_once
    def add_rules(state: BlueprintSetupState) -> None:
        app = state.app
        app.url_map.converters["rest"] = _Rest
        app.url_map.merge_slashes = False
        for address in ("/scim", "/scim/<rest:rest>"):
            app.url_map.add(Rule(address, endpoint=SCIM, methods=None))
        app.view_functions[SCIM] = serve

    def serve(rest: str = "") -> Response:
        asked = request_ctx.request
        recording = Recording(asked, service.redaction, g.request_id, g.came, g.begun)
        try:
            if (slug := public_slug(rest, asked)) is not None:
                return public_configuration(service, slug, asked)
            exchange = Exchange.begin(service, rest, asked, recording)
            g.route = _route(exchange)
            response = _view(exchange)()
        except Exception as error:
            response = error_response(error, g.request_id)
        recording.close(service.log, response)
        return response

    return blueprint


def _route(exchange: Exchange) -> str:
    """The address as the log has it: names of endpoints as they are, anything else as `{id}`."""
    registry = exchange.caller.registry
    segments = (each if each in NAMED or registry.at(f"/{each}") else "{id}" for each in exchange.path[:DEEPEST])
    return "/".join(("/scim/{tenant}/v2", *segments))


def _view(exchange: Exchange) -> View:
    """What answers this method at this path. Raises NotFound, MethodNotAllowed, NotSupported, Forbidden."""
    views, method = _views(exchange), exchange.request.method
    if method == "OPTIONS":
        return lambda: scim_response(None, 204, {"Allow": _allowed(views)})
    view = views.get("GET" if method == "HEAD" else method)
    if view is None:
        raise MethodNotAllowed(method, _allowed(views))
    return view


def _views(exchange: Exchange) -> Views:
    registry = exchange.caller.registry
    if exchange.path == ("Me",):
        return views_of_me(exchange)
    if exchange.path[:-1] == (ASYNC_REQUESTS,) and exchange.service.deferral is not None:
        return views_of_outcome(exchange, exchange.path[-1])
    if exchange.caller.person_id is not None and not ENDPOINTS.intersection(exchange.path[:1]):
        raise Forbidden("The token of a person opens /Me and the discovery endpoints, nothing else.")
    match exchange.path:
        case ():
            return views_of_all(exchange, None)
        case (".search",):
            return views_of_search(exchange, None)
        case ("Bulk",):
            return views_of_bulk(exchange)
        case (endpoint, ".search") if kind := registry.at(f"/{endpoint}"):
            return views_of_search(exchange, kind)
        case (endpoint,) if kind := registry.at(f"/{endpoint}"):
            return views_of_all(exchange, kind)
        case (endpoint, resource_id) if kind := registry.at(f"/{endpoint}"):
            return views_of_one(exchange, kind, resource_id)
    return views_of_discovery(exchange)


def _allowed(views: Views) -> str:
    methods = [*views, *(["HEAD"] if "GET" in views else []), "OPTIONS"]
    return ", ".join(methods)
