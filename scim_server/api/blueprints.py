"""The admin API as a Flask blueprint: from the table of endpoints to routes, from a request to a call and back."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from functools import cache, partial
from typing import Any

import orjson
from flask import Blueprint, Response, g, request
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.exceptions import MethodNotAllowed as WrongMethod
from werkzeug.routing import BaseConverter, Map, Rule

from scim_server.api import problems
from scim_server.api.answers import Accepted, Answered, Made, Page, Stream
from scim_server.api.bodies import read_json, read_upload
from scim_server.api.calls import ApiService, Call, check_scope, tenant_called
from scim_server.api.endpoints import JSON, Endpoint
from scim_server.api.keys import once
from scim_server.api.problems import (
    FieldErrors,
    Kind,
    Malformed,
    MethodNotAllowed,
    Problem,
    UnsupportedMediaType,
    problem_of,
)
from scim_server.api.shapes import Body, dump, dump_all, load_body, load_query
from scim_server.domain.errors import Missing
from scim_server.oauth.api_bearers import ApiBearer
from scim_server.oauth.headers import AmbiguousCredentials, InsufficientScope, Unauthenticated
from scim_server.oauth.presented import presented
from scim_server.oauth.rates import TooManyRequests
from scim_server.services.addresses import API_PATH

PREFIX = API_PATH
API = "api.enter"
"""What serves every address and method: the endpoints have a table of their own."""
WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
PLACE = re.compile(r"\{(\w+)\}")


class _Anything(BaseConverter):
    """Whatever is left of the path, slashes included."""

    regex = r"[\s\S]*"
    part_isolating = False


def api_blueprint(service: ApiService, endpoints: Sequence[Endpoint]) -> Blueprint:
    """Everything under /api/v1 that `endpoints` declare."""
    blueprint = Blueprint("api", __name__, url_prefix=PREFIX)
    view = partial(_enter, service, endpoints)

    @blueprint.record_once
    def add_route(state: BlueprintSetupState) -> None:
        state.app.url_map.converters["anything"] = _Anything
        for path in ("", "/<anything:rest>"):
            state.app.url_map.add(Rule(PREFIX + path, endpoint=API, methods=None))
        state.app.view_functions[API] = view

    blueprint.register_error_handler(Exception, _refuse)
    return blueprint


@cache
def _routes(addresses: Sequence[tuple[str, str]]) -> Map:
    """From a method and a path to the place of its endpoint. Werkzeug takes a tenth of a second to work it out."""
    rules = (
        Rule(PREFIX + PLACE.sub(r"<\1>", path), endpoint=place, methods=[method])
        for place, (method, path) in enumerate(addresses)
    )
    return Map(rules, strict_slashes=False, merge_slashes=False)


def _enter(service: ApiService, endpoints: Sequence[Endpoint], rest: str = "") -> Response:
    """Whoever is not known learns not even which addresses there are."""
    routes = _routes(tuple((endpoint.method, endpoint.path) for endpoint in endpoints)).bind("")
    try:
        place, path = routes.match(f"{PREFIX}/{rest}", request.method)
    except HTTPException as error:
        _bearer(service)
        return _nowhere(error)
    g.route = f"{PREFIX}{endpoints[place].path}"
    return _serve(service, endpoints[place], path)


def _nowhere(error: HTTPException) -> Response:
    if not isinstance(error, WrongMethod):
        detail = f"There is nothing at this address. {PREFIX}/openapi.json lists all that there is."
        return _problem(Problem(problems.NO_ADDRESS, detail, g.request_id))
    allowed = sorted(set(error.valid_methods or ()) - {"HEAD"})
    if request.method == "OPTIONS":
        return Response(status=204, headers={"Allow": ", ".join([*allowed, "OPTIONS"])})
    raise MethodNotAllowed(request.method, ", ".join(allowed))


def _serve(service: ApiService, endpoint: Endpoint, path: Mapping[str, str]) -> Response:
    bearer = _bearer(service)
    if any("\0" in value for value in path.values()):
        raise Missing("There is nothing of that name.")
    owner = tenant_called(service.units, bearer, path["tenant"]) if "tenant" in path else None
    check_scope(bearer, endpoint.scope, service.public_url)
    uploads = endpoint.takes != JSON
    try:
        body = {} if uploads or endpoint.method not in WITH_BODY else _body(service, endpoint)
    except (FieldErrors, Malformed) as error:
        if endpoint.refuses is None:
            raise
        status = 415 if isinstance(error, UnsupportedMediaType) else 400
        return json_response(dump(endpoint.refuses, error), status)
    call = Call(
        service,
        bearer,
        g.request_id,
        f"{endpoint.method} {PREFIX}{endpoint.path}",
        path,
        owner,
        load_query(endpoint.query, request.args.to_dict(flat=False)),
        body,
        read_upload(service, request, endpoint.takes) if uploads else None,
        _chosen(endpoint),
    )
    with call.upload or nullcontext():
        if endpoint.method == "POST" and endpoint.keyed:
            return once(call, request, endpoint.hides, lambda: _answer(endpoint, endpoint.run(call)))
        return _answer(endpoint, endpoint.run(call))


def _body(service: ApiService, endpoint: Endpoint) -> Mapping[str, Any]:
    return load_body(endpoint.body or Body, read_json(service, request))


def _chosen(endpoint: Endpoint) -> str:
    """The media type of the answer: that of files only where it is asked for by name."""
    wanted = [JSON, endpoint.gives] if endpoint.gives else [JSON]
    return request.accept_mimetypes.best_match(wanted, JSON) or JSON


def _answer(endpoint: Endpoint, answered: Answered) -> Response:
    match answered:
        case None:
            return Response(status=204)
        case Stream():
            return _file(answered)
        case Page() if endpoint.shows:
            return json_response({"items": dump_all(endpoint.shows, answered.items), "next": answered.next}, 200)
        case Made() if endpoint.shows:
            return json_response(dump(endpoint.shows, answered.value), 201, Location=PREFIX + answered.location)
        case Accepted() if deferred := endpoint.defers or endpoint.shows:
            return json_response(dump(deferred, answered.value), 202)
    assert endpoint.shows is not None, "what is answered is shown as something"
    return json_response(dump(endpoint.shows, answered), endpoint.status)


def json_response(value: Any, status: int, media_type: str = JSON, **headers: str | list[str]) -> Response:
    """A JSON answer that nobody keeps."""
    kept: dict[str, str | list[str]] = {"Cache-Control": "no-store", **headers}
    return Response(orjson.dumps(value), status, kept, content_type=media_type)


def _file(stream: Stream) -> Response:
    disposition = f'attachment; filename="{stream.file_name}"'
    headers = {"Cache-Control": "no-store", "Content-Disposition": disposition}
    return Response(_begun(stream.pieces), 200, headers, content_type=f"{stream.media_type}; charset=utf-8")


def _begun(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces, the first of them made already: what goes wrong before is answered as a problem."""
    first = next(pieces, b"")

    def rest() -> Iterator[bytes]:
        yield first
        yield from pieces

    return rest()


def _bearer(service: ApiService) -> ApiBearer:
    """Who calls, which the log is told too. Raises Unauthenticated, TooManyRequests for a tenant's calls."""
    url = f"{service.public_url}{request.path}"
    bearer = service.authenticator.authenticate(
        presented(request.headers, request.method, url, g.client, g.certificate)
    )
    g.tenant, g.actor = bearer.tenant and bearer.tenant.slug, bearer.actor
    if bearer.tenant is not None:
        service.rates.take_of(bearer.tenant)
    return bearer


def _refuse(error: Exception) -> Response:
    problem = problem_of(error, g.request_id)
    if problem is None:
        problem = _unforeseen(error)
    elif problem.kind.status == 503:
        g.failures.append(error)
    return _problem(problem, **_headers(error, problem))


def _unforeseen(error: Exception) -> Problem:
    if isinstance(error, RequestEntityTooLarge):
        detail = f"The body is larger than the {request.max_content_length} bytes that are taken here. Split it."
        return Problem(problems.TOO_LARGE, detail, g.request_id)
    if isinstance(error, HTTPException):
        kind = Kind(error.code or 500, "http", error.name)
        return Problem(kind, error.description or error.name, g.request_id)
    g.failures.append(error)
    return Problem(problems.BROKEN, problems.FAILED.format(id=g.request_id), g.request_id)


def _headers(error: Exception, problem: Problem) -> dict[str, str | list[str]]:
    if isinstance(error, Unauthenticated):
        return {"WWW-Authenticate": error.challenges, **error.headers}
    if isinstance(error, AmbiguousCredentials | InsufficientScope):
        return {"WWW-Authenticate": error.challenge}
    if isinstance(error, MethodNotAllowed):
        return {"Allow": error.allowed}
    if isinstance(error, TooManyRequests):
        return {"Retry-After": error.retry_after}
    return {"Retry-After": problems.RETRY_AFTER} if problem.kind.status == 503 else {}


def _problem(problem: Problem, **headers: str | list[str]) -> Response:
    return json_response(problem.body, problem.kind.status, problems.MEDIA_TYPE, **headers)
