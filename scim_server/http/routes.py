"""RFC 7644 section 3.2: which address and method does what.

The rules take everything under /scim, so that trailing and double slashes are served without a redirect
(which would lose the body of a POST), and so that an unknown caller learns nothing but 401.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Request, Response, g, request
from flask.blueprints import BlueprintSetupState
from werkzeug.routing import BaseConverter, Rule

from scim_server.dialects.catalogue import normalise
from scim_server.dialects.habits import Message, Verb
from scim_server.http.bodies import read_json
from scim_server.http.bulk import bulk_body
from scim_server.http.errors import MethodNotAllowed, NotSupported, error_response
from scim_server.http.provisioning_logs import LogSink, Recording
from scim_server.http.rates import RateLimits
from scim_server.http.responses import check_acceptable, discovery_response, resource_response, scim_response
from scim_server.oauth.bearers import Authenticator
from scim_server.protocol import discovery
from scim_server.protocol.codec import decode_message
from scim_server.protocol.errors import Forbidden, InvalidFilter, InvalidValue, NotFound
from scim_server.protocol.messages import Query, list_response, parse_query, read_search
from scim_server.protocol.profiles import is_conformant
from scim_server.protocol.redactions import Redaction
from scim_server.protocol.registry import Registries
from scim_server.protocol.schemas import ResourceType
from scim_server.protocol.versions import Conditions
from scim_server.resources.bulk import run_bulk
from scim_server.resources.callers import Caller
from scim_server.resources.operations import Operations
from scim_server.resources.representations import by_default
from scim_server.resources.searches import Searches

VERSION = "v2"
NUL = "\0"
"""No database text can hold it, so it is part of no id."""
DISCOVERY = frozenset({"ServiceProviderConfig", "Schemas", "ResourceTypes"})

_CONFIGURATION = re.compile(rf"/*([a-z0-9-]+)/+{VERSION}/+ServiceProviderConfig/*")

View = Callable[[], Response]


@dataclass(frozen=True, slots=True)
class ScimService:
    """What the routes need. `public_url` is the server's address as clients know it.

    `switched_off` names habits that are left alone, so that one can see what each of them is for.
    """

    authenticator: Authenticator
    operations: Operations
    searches: Searches
    log: LogSink
    redaction: Redaction
    registries: Registries
    public_url: str
    max_body_bytes: int
    rates: RateLimits
    switched_off: frozenset[str] = frozenset()


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
            app.url_map.add(Rule(address, endpoint="scim", methods=None))
        app.view_functions["scim"] = serve

    def serve(rest: str = "") -> Response:
        recording = Recording(request, service.redaction, g.request_id, g.came, g.begun)
        try:
            if (slug := _open_to_all(rest, request)) is not None:
                return _public_configuration(service, slug)
            response = _Exchange.begin(service, rest, request, recording).view()()
        except Exception as error:
            response = error_response(error, g.request_id)
        recording.close(service.log, response)
        return response

    return blueprint


@dataclass(frozen=True, slots=True)
class _Exchange:
    """One authenticated request: who calls, and what the path names below the base address."""

    service: ScimService
    request: Request
    caller: Caller
    path: tuple[str, ...]
    recording: Recording

    @classmethod
    def begin(cls, service: ScimService, rest: str, request: Request, recording: Recording) -> "_Exchange":
        """Authenticate first; a path of another tenant is answered as if it did not exist."""
        bearer = service.authenticator.authenticate(request.headers.get("Authorization"))
        segments = tuple(segment for segment in rest.split("/") if segment)
        recording.begin(bearer.tenant, ":".join(bearer.owner), gathers=segments[2:] == ("Bulk",))
        if segments[:2] != (bearer.tenant.slug, VERSION) or NUL in rest:
            raise NotFound("There is nothing at this address.")
        base_url = f"{service.public_url}/scim/{bearer.tenant.slug}/{VERSION}"
        service.rates.take(bearer)
        check_acceptable(request)
        registry = service.registries.of(bearer.tenant.slug)
        person_id = bearer.person.id if bearer.person else None
        caller = Caller(bearer.tenant, bearer.connection, base_url, g.request_id, registry, recording, person_id)
        return cls(service, request, caller, segments[2:], recording)

    def view(self) -> View:
        """What answers this method at this path. Raises NotFound, MethodNotAllowed, NotSupported."""
        views = self._views()
        if self.request.method == "OPTIONS":
            return lambda: scim_response(None, 204, {"Allow": _allowed(views)})
        view = views.get("GET" if self.request.method == "HEAD" else self.request.method)
        if view is None:
            raise MethodNotAllowed(self.request.method, _allowed(views))
        return view

    def _views(self) -> Mapping[str, View]:
        if self.path == ("Me",):
            return self._views_of_me()
        if self.caller.person_id is not None and not DISCOVERY.intersection(self.path[:1]):
            raise Forbidden("The token of a person opens /Me and the discovery endpoints, nothing else.")
        match self.path:
            case ():
                return {"GET": lambda: self._find(None)}
            case (".search",):
                return {"POST": lambda: self._search(None)}
            case (endpoint, ".search") if kind := self.caller.registry.at(f"/{endpoint}"):
                self.recording.concerns(kind.name)
                return {"POST": lambda: self._search(kind)}
            case (endpoint,) if kind := self.caller.registry.at(f"/{endpoint}"):
                return _offered(kind, self._views_of_all(kind))
            case (endpoint, resource_id) if kind := self.caller.registry.at(f"/{endpoint}"):
                return _offered(kind, self._views_of_one(kind, resource_id))
            case ("Bulk",):
                return {"POST": self._bulk}
        return self._views_of_discovery()

    def _views_of_discovery(self) -> Mapping[str, View]:
        match self.path:
            case ("ServiceProviderConfig",):
                return {"GET": self._service_provider_config}
            case ("Schemas" | "ResourceTypes" as listing,):
                return {"GET": lambda: self._list_discovery(listing)}
            case ("Schemas" | "ResourceTypes" as listing, name):
                return {"GET": lambda: self._read_discovery(listing, name)}
        raise NotFound("There is nothing at this address. /ResourceTypes lists what this server serves.")

    def _views_of_all(self, kind: ResourceType) -> Mapping[str, View]:
        self.recording.concerns(kind.name)
        return {"GET": lambda: self._find(kind), "POST": lambda: self._create(kind)}

    def _views_of_one(self, kind: ResourceType, resource_id: str) -> Mapping[str, View]:
        self.recording.concerns(kind.name, resource_id)
        return {
            "GET": lambda: self._read(kind, resource_id),
            "PUT": lambda: self._replace(kind, resource_id),
            "PATCH": lambda: self._patch(kind, resource_id),
            "DELETE": lambda: self._delete(kind, resource_id),
        }

    def _views_of_me(self) -> Mapping[str, View]:
        """RFC 7644 section 3.11: the resource of the person whose token it is (corner case C-128)."""
        profile, person_id = self.caller.profile, self.caller.person_id
        if profile.me == "off":
            raise NotSupported("This tenant does not offer /Me.")
        if person_id is None:
            raise NotFound("/Me is the resource of a person; the token belongs to a connection, which is none.")
        views = self._views_of_one(self.caller.registry.resource_type("User"), person_id)
        refused = {"POST": _refusal("Nobody can sign up here; the identity provider creates people.")}
        if not profile.me_delete:
            refused["DELETE"] = _refusal("This tenant does not let people delete themselves; ask its administrator.")
        return {**views, **refused}

    def _find(self, kind: ResourceType | None) -> Response:
        return scim_response(self.service.searches.find(self.caller, kind, self._query(kind), in_address=True))

    def _search(self, kind: ResourceType | None) -> Response:
        """RFC 7644 section 3.4.3: the query is in the body."""
        message = self.caller.registry.messages["SearchRequest"]
        query = read_search(
            decode_message(self._asked("search", kind, self._json()), message, InvalidValue, strict=False)
        )
        return scim_response(self.service.searches.find(self.caller, kind, query))

    def _create(self, kind: ResourceType) -> Response:
        query, body = self._query(kind), self._body("create", kind)
        return resource_response(self.service.operations.create(self.caller, kind, body, query), 201)

    def _read(self, kind: ResourceType, resource_id: str) -> Response:
        query, conditions = self._query(kind), self._conditions()
        if query.filter is not None:
            raise InvalidFilter("One resource cannot be filtered; filter the list it is in, or leave the filter out.")
        return resource_response(self.service.operations.read(self.caller, kind, resource_id, query, conditions))

    def _replace(self, kind: ResourceType, resource_id: str) -> Response:
        query, body = self._query(kind), self._body("replace", kind)
        operations = self.service.operations
        return resource_response(operations.replace(self.caller, kind, resource_id, body, query, self._conditions()))

    def _patch(self, kind: ResourceType, resource_id: str) -> Response:
        query, body = self._query(kind), self._body("patch", kind)
        operations = self.service.operations
        return resource_response(operations.patch(self.caller, kind, resource_id, body, query, self._conditions()))

    def _delete(self, kind: ResourceType, resource_id: str) -> Response:
        self.service.operations.delete(self.caller, kind, resource_id, self._conditions())
        return scim_response(None, 204)

    def _bulk(self) -> Response:
        envelope = self._normalised("bulk", self.caller.registry.resource_type("User"), self._json())
        outcomes = run_bulk(self.service.operations, self.caller, envelope, self._normalised)
        return scim_response(bulk_body(outcomes, self.caller.request_id))

    def _service_provider_config(self) -> Response:
        capabilities = replace(
            _capabilities(self.service),
            interop_conformant=is_conformant(self.caller.profile),
            default_paging=self.caller.profile.default_paging,
            roles_and_entitlements=self.caller.lists_seats,
        )
        return discovery_response(discovery.service_provider_config(self.caller.base_url, capabilities))

    def _list_discovery(self, listing: str) -> Response:
        """RFC 7644 section 4: discovery is not searched, so a filter is refused with 403."""
        if parse_query(self.request.args).filter is not None:
            raise Forbidden(f"/{listing} cannot be filtered; read it whole.")
        found = list(self._discovered(listing).values())
        return discovery_response(list_response(found, len(found)))

    def _read_discovery(self, listing: str, name: str) -> Response:
        found = self._discovered(listing, unlisted=True).get(name.lower())
        if found is None:
            raise NotFound(f"There is no '{name}' among /{listing}.")
        return discovery_response(found)

    def _discovered(self, listing: str, *, unlisted: bool = False) -> dict[str, dict[str, Any]]:
        """The resources of a discovery endpoint by lower-cased id, on request with those it does not list."""
        registry, base, whole = self.caller.registry, self.caller.base_url, self.caller.lists_seats
        if listing == "Schemas":
            schemas = discovery.listed_schemas(registry, unlisted=unlisted or whole)
            found = [discovery.schema_resource(schema, base, by_default(self.caller)) for schema in schemas]
        else:
            kinds = discovery.listed_types(registry, unlisted=unlisted or whole)
            found = [discovery.resource_type_resource(kind, base, unlisted=whole) for kind in kinds]
        return {resource["id"].lower(): resource for resource in found}

    def _query(self, kind: ResourceType | None) -> Query:
        """The query in the RFC's shape; most requests have none."""
        args = self.request.args
        return parse_query(self._asked("query", kind, args.to_dict()) if args else args)

    def _asked(self, verb: Verb, kind: ResourceType | None, query: Any) -> Any:
        """A query in the RFC's shape; one over all types as each of them would have it."""
        for each in [kind] if kind else self.caller.registry.resource_types.values():
            query = self._normalised(verb, each, query)
        return query

    def _conditions(self) -> Conditions:
        headers = self.request.headers
        required = self.caller.profile.require_if_match
        return Conditions(headers.get("If-Match"), headers.get("If-None-Match"), required)

    def _body(self, verb: Verb, kind: ResourceType) -> Any:
        return self._normalised(verb, kind, self._json())

    def _json(self) -> Any:
        return self.recording.came(read_json(self.request))

    def _normalised(self, verb: Verb, kind: ResourceType, body: Any) -> Any:
        """The body in the RFC's shape, whatever client it comes from; what was put right is noted for the log."""
        message, fired = normalise(Message(verb, kind, body), self.caller.profile, self.service.switched_off)
        self.recording.understood(fired)
        return message.body


def _refusal(detail: str) -> View:
    def refuse() -> Response:
        raise Forbidden(detail)

    return refuse


def _offered(kind: ResourceType, views: Mapping[str, View]) -> Mapping[str, View]:
    return {"GET": views["GET"]} if kind.is_read_only else views


def _open_to_all(rest: str, request: Request) -> str | None:
    """The slug in the address of a ServiceProviderConfig that somebody without a token reads (RFC 7643 section 5)."""
    found = _CONFIGURATION.fullmatch(rest)
    anonymous = request.method in {"GET", "HEAD"} and "Authorization" not in request.headers
    return found.group(1) if found and anonymous else None


def _public_configuration(service: ScimService, slug: str) -> Response:
    """The same for every slug, so that nobody learns which tenants there are."""
    check_acceptable(request)
    base_url = f"{service.public_url}/scim/{slug}/{VERSION}"
    return discovery_response(discovery.service_provider_config(base_url, _capabilities(service)))


def _capabilities(service: ScimService) -> discovery.Capabilities:
    return discovery.Capabilities(
        sort=True,
        bulk=True,
        bulk_operations=service.operations.steps.limits.bulk_operations,
        bulk_bytes=service.max_body_bytes,
        cursor_timeout=int(service.searches.cursor_timeout.total_seconds()),
    )


def _allowed(views: Mapping[str, View]) -> str:
    methods = [*views, *(["HEAD"] if "GET" in views else []), "OPTIONS"]
    return ", ".join(methods)
