"""Faults of errors, formats, methods and authentication (RFC 7644 sections 2, 3.2, 3.8 and 3.12)."""

from dataclasses import replace
from typing import Any

from flask import Response, request

from scim_server.domain.errors import Taken
from scim_server.http import bodies, errors, exchanges, responses, routes
from scim_server.http.errors import error_response
from scim_server.http.exchanges import Exchange
from scim_server.oauth.bearers import Authenticator
from scim_server.oauth.headers import Unauthenticated
from scim_server.oauth.presented import Presented
from scim_server.protocol.errors import InvalidFilter, InvalidPath, NotFound
from scim_server.protocol.messages import error_body
from scim_server.resources.callers import Caller
from tests.faults.catalogue import Area, Patch
from tests.faults.mutations import alter_answer, wrap_method

refusals = Area("errors")
formats = Area("formats")
access = Area("access")


@refusals.fault("status-number", "`status` of an error is a number.", "error.body endpoint.unknown auth.wrong")
def status_number(patch: Patch) -> None:
    alter_answer(patch, error_body, lambda body: {**body, "status": int(body["status"])})


@refusals.fault("no-urn", "An error's schemas do not name the Error message.", "error.body endpoint.unknown")
def no_urn(patch: Patch) -> None:
    alter_answer(patch, error_body, lambda body: {**body, "schemas": []})


@refusals.fault("no-detail", "An error has no detail.", "error.detail error.detail-names-attribute")
def no_detail(patch: Patch) -> None:
    alter_answer(patch, error_body, lambda body: {name: body[name] for name in body if name != "detail"})


@refusals.fault(
    "filter-type",
    "A bad filter has scimType invalidSyntax.",
    "bad-filter.unknown bad-filter.missing-operand search.bad-filter",
)
def filter_type(patch: Patch) -> None:
    patch.setattr(InvalidFilter, "scim_type", "invalidSyntax")


@refusals.fault("path-type", "A bad path has scimType invalidValue.", "patch-path.unknown patch.atomic")
def path_type(patch: Patch) -> None:
    patch.setattr(InvalidPath, "scim_type", "invalidValue")


@refusals.fault("duplicate-type", "A duplicate has scimType invalidValue.", "create.duplicate put.duplicate")
def duplicate_type(patch: Patch) -> None:
    patch.setitem(errors.SCIM_TYPE, Taken, "invalidValue")


@refusals.fault("own-type", "scimType is a word of the server's own.", "create.duplicate error.known-types")
def own_type(patch: Patch) -> None:
    patch.setitem(errors.SCIM_TYPE, Taken, "alreadyExists")


@refusals.fault("html-404", "404 is a page in HTML.", "endpoint.unknown retrieve.missing delete.get-afterwards")
def html_404(patch: Patch) -> None:
    def answered(error: Exception, request_id: str) -> Response:
        if isinstance(error, NotFound):
            return Response("<h1>Not Found</h1>", 404, content_type="text/html")
        return error_response(error, request_id)

    patch.setattr(routes, "error_response", answered)


@refusals.fault("no-allow", "405 has no Allow.", "endpoint.allow")
def no_allow(patch: Patch) -> None:
    patch.setattr(errors, "_headers", lambda error: {})


@refusals.fault("method-404", "A method that an endpoint does not take is answered with 404.", "endpoint.allow")
def method_404(patch: Patch) -> None:
    patch.setitem(errors.STATUS, errors.MethodNotAllowed, 404)


@refusals.fault(
    "missing-400", "What is not there is answered with 400.", "retrieve.missing delete.twice put.never-creates"
)
def missing_400(patch: Patch) -> None:
    patch.setitem(errors.STATUS, NotFound, 400)


@refusals.fault("discloses", "An error shows a traceback.", "security.error-discloses-nothing")
def discloses(patch: Patch) -> None:
    alter_answer(
        patch, error_body, lambda body: {**body, "detail": f"Traceback (most recent call last): {body['detail']}"}
    )


@refusals.fault("below-served", "What lies below a resource is the resource itself.", "endpoint.below")
def below_served(patch: Patch) -> None:
    wrap_method(patch, routes, "_views", lambda original, exchange: original(replace(exchange, path=exchange.path[:2])))


@formats.fault("json-alone", "Answers are application/json, whatever is accepted.", "format.default")
def json_alone(patch: Patch) -> None:
    patch.setattr(responses, "_media_type", lambda: responses.JSON)


@formats.fault("text-html", "Answers are text/html.", "format.scim format.json format.error discovery.media-type")
def text_html(patch: Patch) -> None:
    patch.setattr(responses, "_media_type", lambda: "text/html")


@formats.fault("any-body", "A body in any format is read as JSON.", "format.other-body")
def any_body(patch: Patch) -> None:
    class Everything(frozenset[str]):
        def __contains__(self, name: object) -> bool:
            return True

    patch.setattr(bodies, "MEDIA_TYPES", Everything())


@formats.fault("scim-alone", "A body in application/json is refused.", "format.json")
def scim_alone(patch: Patch) -> None:
    patch.setattr(bodies, "MEDIA_TYPES", frozenset({responses.SCIM_JSON}))


@formats.fault("no-parameters", "A media type with a charset is refused.", "format.with-charset")
def no_parameters(patch: Patch) -> None:
    def read(sent: Any) -> Any:
        if "charset" in sent.mimetype_params:
            raise bodies.UnsupportedMediaType(sent.content_type)
        return original(sent)

    original = exchanges.read_json
    patch.setattr(exchanges, "read_json", read)


@formats.fault("not-acceptable", "Who accepts application/scim+json alone is answered with 406.", "format.scim")
def not_acceptable(patch: Patch) -> None:
    patch.setattr(responses, "OFFERED", frozenset({responses.JSON, "application/*", "*/*"}))


@formats.fault("accept-500", "An Accept that excludes JSON breaks the server.", "format.other-answer")
def accept_500(patch: Patch) -> None:
    patch.setitem(errors.STATUS, responses.NotAcceptable, 500)


@formats.fault("bytes-replaced", "Bytes that are no UTF-8 are replaced.", "format.utf-8")
def bytes_replaced(patch: Patch) -> None:
    original = bodies.parse_json
    patch.setattr(bodies, "parse_json", lambda body: original(body.decode("utf-8", "replace").encode()))


@formats.fault("head-refused", "HEAD is answered with 405.", "endpoint.head")
def head_refused(patch: Patch) -> None:
    def view(original: Any, exchange: Any) -> Any:
        if exchange.request.method == "HEAD":
            raise errors.MethodNotAllowed("HEAD", "GET")
        return original(exchange)

    wrap_method(patch, routes, "_view", view)


@access.fault(
    "no-token",
    "Who sends no token is taken for the caller before.",
    "auth.none-users auth.none-bulk async.unauthorised",
)
def no_token(patch: Patch) -> None:
    known: list[tuple[str, ...]] = []

    def authenticated(original: Any, guard: Any, presented: Presented) -> Any:
        shown = presented.authorization or (known[-1] if known else ())
        found = original(guard, replace(presented, authorization=shown))
        known.append(shown)
        return found

    wrap_method(patch, Authenticator, "authenticate", authenticated)


@access.fault("forbidden", "A wrong token is answered with 403.", "auth.wrong auth.cut auth.none-users")
def forbidden(patch: Patch) -> None:
    patch.setitem(errors.STATUS, Unauthenticated, 403)


@access.fault("no-challenge", "401 does not say how to authenticate.", "auth.challenge")
def no_challenge(patch: Patch) -> None:
    original = errors._headers
    patch.setattr(errors, "_headers", lambda error: {} if isinstance(error, Unauthenticated) else original(error))


@access.fault("token-in-address", "A token in the address is taken.", "security.token-in-query")
def token_in_address(patch: Patch) -> None:
    def authenticated(original: Any, guard: Any, presented: Presented) -> Any:
        named = request.args.get("access_token") or request.args.get("token")
        shown = presented.authorization or ((f"Bearer {named}",) if named else ())
        return original(guard, replace(presented, authorization=shown))

    wrap_method(patch, Authenticator, "authenticate", authenticated)


@access.fault(
    "other-base",
    "Addresses in answers are those of the server behind a proxy.",
    "tenancy.locations",
)
def other_base(patch: Patch) -> None:
    patch.setattr(
        Caller, "address", lambda caller, endpoint, resource_id: f"http://127.0.0.1:8000{endpoint}/{resource_id}"
    )


@access.fault("relative-addresses", "Addresses in answers are relative.", "common.location-absolute")
def relative_addresses(patch: Patch) -> None:
    patch.setattr(Caller, "address", lambda caller, endpoint, resource_id: f"{endpoint}/{resource_id}")


@access.fault("any-version", "Every version of the protocol is served as this one.", "version.v1 version.v3")
def any_version(patch: Patch) -> None:
    def begin(cls: Any, service: Any, rest: str, *given: Any) -> Any:
        segments = rest.strip("/").split("/")
        return original(cls, service, "/".join([segments[0], exchanges.VERSION, *segments[2:]]), *given)

    original = Exchange.begin.__func__
    patch.setattr(Exchange, "begin", classmethod(begin))
