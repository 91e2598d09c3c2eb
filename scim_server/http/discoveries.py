"""RFC 7644 section 4: ServiceProviderConfig, Schemas and ResourceTypes over HTTP."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Request, Response

from scim_server.domain.tenants import Connection
from scim_server.http.exchanges import VERSION, Exchange, ScimService
from scim_server.http.responses import check_acceptable, discovery_response
from scim_server.http.views import Views
from scim_server.protocol import discovery
from scim_server.protocol.errors import Forbidden, NotFound
from scim_server.protocol.messages import list_response, parse_query
from scim_server.protocol.profiles import is_conformant
from scim_server.resources.representations import by_default

_CONFIGURATION = re.compile(rf"/*([a-z0-9-]+)/+{VERSION}/+ServiceProviderConfig/*")


def views_of_discovery(exchange: Exchange) -> Views:
    """At an address of discovery. Raises NotFound for any other."""
    match exchange.path:
        case ("ServiceProviderConfig",):
            return {"GET": lambda: _configuration(exchange)}
        case ("Schemas" | "ResourceTypes" as listing,):
            return {"GET": lambda: _list(exchange, listing)}
        case ("Schemas" | "ResourceTypes" as listing, name):
            return {"GET": lambda: _read(exchange, listing, name)}
    raise NotFound("There is nothing at this address. /ResourceTypes lists what this server serves.")


def public_slug(rest: str, request: Request) -> str | None:
    """The slug in the address of a ServiceProviderConfig that somebody without a token reads (RFC 7643 section 5)."""
    found = _CONFIGURATION.fullmatch(rest)
    anonymous = request.method in {"GET", "HEAD"} and "Authorization" not in request.headers
    return found.group(1) if found and anonymous else None


def public_configuration(service: ScimService, slug: str, request: Request) -> Response:
    """The same for every slug, so that nobody learns which tenants there are."""
    check_acceptable(request)
    return discovery_response(discovery.service_provider_config(service.base_url(slug), _capabilities(service)))


def _configuration(exchange: Exchange) -> Response:
    caller = exchange.caller
    capabilities = replace(
        _capabilities(exchange.service),
        interop_conformant=is_conformant(caller.profile),
        default_paging=caller.profile.default_paging,
        roles_and_entitlements=caller.lists_seats,
        authentication=_schemes(exchange.service, caller.connection),
        security_events=discovery.SecurityEvents(caller.tenant.settings.takes_async_requests, caller.tenant.told),
    )
    return discovery_response(discovery.service_provider_config(caller.base_url, capabilities))


def _list(exchange: Exchange, listing: str) -> Response:
    """Discovery is not searched, so a filter is refused with 403."""
    if parse_query(exchange.request.args).filter is not None:
        raise Forbidden(f"/{listing} cannot be filtered; read it whole.")
    found = list(_discovered(exchange, listing).values())
    return discovery_response(list_response(found, len(found)))


def _read(exchange: Exchange, listing: str, name: str) -> Response:
    found = _discovered(exchange, listing, unlisted=True).get(name.lower())
    if found is None:
        raise NotFound(f"There is no '{name}' among /{listing}.")
    return discovery_response(found)


def _discovered(exchange: Exchange, listing: str, *, unlisted: bool = False) -> dict[str, dict[str, Any]]:
    """The resources of a discovery endpoint by lower-cased id, on request with those it does not list."""
    caller = exchange.caller
    registry, base, whole = caller.registry, caller.base_url, caller.lists_seats
    if listing == "Schemas":
        schemas = discovery.listed_schemas(registry, unlisted=unlisted or whole)
        found = [discovery.schema_resource(schema, base, by_default(caller)) for schema in schemas]
    else:
        kinds = discovery.listed_types(registry, unlisted=unlisted or whole)
        found = [discovery.resource_type_resource(kind, base, unlisted=whole) for kind in kinds]
    return {resource["id"].lower(): resource for resource in found}


def _schemes(service: ScimService, connection: Connection | None = None) -> list[Mapping[str, Any]]:
    """How requests are authenticated, those of that connection among them."""
    wanted = {
        discovery.MUTUAL_TLS["name"]: service.passes_certificates,
        discovery.HTTP_BASIC["name"]: connection is not None and connection.accepts_basic,
    }
    return [scheme for scheme in discovery.AUTHENTICATION if wanted.get(scheme["name"], True)]


def _capabilities(service: ScimService) -> discovery.Capabilities:
    return discovery.Capabilities(
        sort=True,
        bulk=True,
        bulk_operations=service.operations.steps.limits.bulk_operations,
        bulk_bytes=service.max_body_bytes,
        authentication=_schemes(service),
        cursor_timeout=int(service.searches.cursor_timeout.total_seconds()),
    )
