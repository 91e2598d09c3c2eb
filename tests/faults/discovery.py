"""Faults of discovery (RFC 7644 section 4, RFC 7643 sections 5 to 7)."""

from typing import Any

from scim_server.http import discoveries
from scim_server.protocol import discovery
from scim_server.protocol.discovery import schema_resource
from scim_server.protocol.messages import Query, list_response
from tests.faults.catalogue import Area, Patch
from tests.faults.mutations import wrap_method

area = Area("discovery")


def _definitions(patch: Patch, alter: Any) -> None:
    """Publish attributes otherwise."""
    original = discovery.definition_of
    patch.setattr(discovery, "definition_of", lambda attribute: alter(original(attribute)))


@area.fault("filter-taken", "A filter on discovery is ignored.", "discovery.no-filter")
def filter_taken(patch: Patch) -> None:
    patch.setattr(discoveries, "parse_query", lambda args: Query())


@area.fault("paged", "Discovery is paged.", "discovery.no-paging")
def paged(patch: Patch) -> None:
    def listed(exchange: Any, listing: str) -> Any:
        query = discoveries.parse_query(exchange.request.args)
        found = list(discoveries._discovered(exchange, listing).values())
        if query.filter is not None:
            raise discoveries.Forbidden("Discovery cannot be filtered.")
        page = found[query.start_index - 1 :][: query.count]
        return discoveries.discovery_response(list_response(page, len(found), query.start_index))

    patch.setattr(discoveries, "_list", listed)


@area.fault("nulls", "Characteristics that an attribute does not have are published as null.", "discovery.no-nulls")
def nulls(patch: Patch) -> None:
    _definitions(patch, lambda definition: {"canonicalValues": None, "referenceTypes": None, **definition})


@area.fault("required-wrong", "Attributes that are required are not published as that.", "published.user-username")
def required_wrong(patch: Patch) -> None:
    _definitions(patch, lambda definition: {**definition, "required": False})


@area.fault(
    "case-wrong", "Every text is published as case exact.", "published.user-username published.user-displayname"
)
def case_wrong(patch: Patch) -> None:
    _definitions(patch, lambda definition: {**definition, "caseExact": True})


@area.fault("unpublished", "An attribute that users show is in no schema.", "schema.nothing-unlisted")
def unpublished(patch: Patch) -> None:
    def published(*given: Any) -> Any:
        schema = schema_resource(*given)
        listed = [each for each in schema["attributes"] if each["name"] != "active"]
        return {**schema, "attributes": listed}

    patch.setattr(discovery, "schema_resource", published)


@area.fault(
    "type-wrong",
    "Multi-valued attributes are published as single ones.",
    "published.user-emails published.group-members",
)
def type_wrong(patch: Patch) -> None:
    _definitions(patch, lambda definition: {**definition, "multiValued": False})


@area.fault("no-reference-types", "References do not say what they refer to.", "schema.reference-types")
def no_reference_types(patch: Patch) -> None:
    _definitions(patch, lambda definition: {name: definition[name] for name in definition if name != "referenceTypes"})


@area.fault("endpoint-wrong", "A resource type names an endpoint that does not answer.", "resource-type.endpoints")
def endpoint_wrong(patch: Patch) -> None:
    _answer(patch, "resource_type_resource", lambda kind: {**kind, "endpoint": f"{kind['endpoint']}/all"})


@area.fault("schema-unserved", "A schema that a resource type names is not served.", "resource-type.schemas")
def schema_unserved(patch: Patch) -> None:
    _answer(patch, "resource_type_resource", lambda kind: {**kind, "schema": f"{kind['schema']}:X"})


@area.fault("no-meta", "Discovery resources have no meta.", "discovery.meta")
def no_meta(patch: Patch) -> None:
    for name in ("resource_type_resource", "schema_resource"):
        _answer(patch, name, lambda resource: {key: resource[key] for key in resource if key != "meta"})


@area.fault("config-listed", "ServiceProviderConfig is a list.", "config.one-object")
def config_listed(patch: Patch) -> None:
    _answer(patch, "service_provider_config", lambda config: list_response([config], 1))


@area.fault("bulk-unlimited", "ServiceProviderConfig does not say how large a bulk may be.", "config.bulk-limits")
def bulk_unlimited(patch: Patch) -> None:
    _answer(patch, "service_provider_config", lambda config: {**config, "bulk": {"supported": True}})


@area.fault("no-schemes", "ServiceProviderConfig does not say how to authenticate.", "config.authentication")
def no_schemes(patch: Patch) -> None:
    _answer(patch, "service_provider_config", lambda config: {**config, "authenticationSchemes": []})


@area.fault("urn-exact", "A schema is found only by the exact spelling of its URN.", "schema.any-case")
def urn_exact(patch: Patch) -> None:
    def read(original: Any, exchange: Any, listing: str, name: str) -> Any:
        if listing == "Schemas" and name != name.replace("URN:", "urn:"):
            raise discoveries.NotFound("There is no such schema.")
        return original(exchange, listing, name)

    wrap_method(patch, discoveries, "_read", read)


@area.fault("other-maximum", "More resources come than filter.maxResults says.", "page.maximum")
def other_maximum(patch: Patch) -> None:
    _answer(patch, "service_provider_config", lambda config: {**config, "filter": {"supported": True, "maxResults": 2}})


@area.fault("bulk-denied", "Bulk is served and denied.", "config.unsupported-bulk")
def bulk_denied(patch: Patch) -> None:
    denied = {"supported": False, "maxOperations": 0, "maxPayloadSize": 0}
    _answer(patch, "service_provider_config", lambda config: {**config, "bulk": denied})


def _answer(patch: Patch, name: str, alter: Any) -> None:
    original = getattr(discovery, name)
    patch.setattr(discovery, name, lambda *given, **named: alter(original(*given, **named)))
