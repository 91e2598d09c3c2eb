"""RFC 7644 section 4, RFC 7643 sections 5 to 7: what the server says about itself.

Schemas are written from the attributes that the engine runs on, every characteristic spelt out, so that what
is published is what is enforced.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from scim_server.protocol.messages import DEFAULT_COUNT, MAX_COUNT
from scim_server.protocol.registry import RESOURCE_TYPE_URN, SCHEMA_URN, Registry
from scim_server.protocol.schemas import STRING_TYPES, Attribute, ResourceType, Schema, SchemaExtension

ENDPOINTS = frozenset({"ServiceProviderConfig", "Schemas", "ResourceTypes"})
SERVICE_PROVIDER_CONFIG_URN = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"

BEARER_TOKEN: Mapping[str, Any] = {
    "type": "oauthbearertoken",
    "name": "Bearer token",
    "description": "A token of the connection, sent in the Authorization header",
    "specUri": "https://www.rfc-editor.org/rfc/rfc6750",
    "primary": True,
}
OAUTH2: Mapping[str, Any] = {
    "type": "oauth2",
    "name": "OAuth 2.0",
    "description": "An access token of the tenant's authorization server, whose metadata say how a client gets one",
    "specUri": "https://www.rfc-editor.org/rfc/rfc6749",
}
DPOP: Mapping[str, Any] = {
    "type": "oauth2",
    "name": "OAuth 2.0 with DPoP",
    "description": "An access token that is bound to a key, with a proof of the key in each request",
    "specUri": "https://www.rfc-editor.org/rfc/rfc9449",
}
MUTUAL_TLS: Mapping[str, Any] = {
    "type": "oauth2",
    "name": "OAuth 2.0 with mutual TLS",
    "description": "An access token that is bound to the certificate that the client connects with",
    "specUri": "https://www.rfc-editor.org/rfc/rfc8705",
}
HTTP_BASIC: Mapping[str, Any] = {
    "type": "httpbasic",
    "name": "HTTP Basic",
    "description": "A token of the connection as the password, under the connection's name",
    "specUri": "https://www.rfc-editor.org/rfc/rfc7617",
}
AUTHENTICATION = (BEARER_TOKEN, OAUTH2, DPOP, MUTUAL_TLS, HTTP_BASIC)
"""Every way to authenticate, of which some are not everybody's."""

ROLES_AND_ENTITLEMENTS: Mapping[str, Any] = {
    "roles": {
        "supported": True,
        "multipleRolesSupported": True,
        "primarySupported": True,
        "typeSupported": True,
        "types": ["Role"],
    },
    "entitlements": {
        "supported": True,
        "multipleEntitlementsSupported": True,
        "primarySupported": True,
        "typeSupported": True,
        "types": ["Entitlement"],
    },
}
"""draft-ietf-scim-roles-entitlements section 3.1. The types are those that /Roles and /Entitlements show."""

ASYNC_RESPONSE = "urn:ietf:params:scim:event:misc:asyncresp"
"""The event of a request that was carried out asynchronously (RFC 9967 section 2.5.1.3)."""


@dataclass(frozen=True, slots=True)
class SecurityEvents:
    """RFC 9967 section 4: whether requests are carried out asynchronously, and the events that streams can have."""

    on_request: bool = False
    event_uris: Sequence[str] = ()

    @property
    def attribute(self) -> dict[str, Any] | None:
        """As the configuration has it; None where there is nothing to tell."""
        told = [uri for uri in self.event_uris if uri != ASYNC_RESPONSE]
        uris = [*told, *([ASYNC_RESPONSE] if self.on_request else ())]
        if not uris:
            return None
        return {"asyncRequest": "request" if self.on_request else "none", "eventUris": uris}


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What this installation supports; sizes in bytes, times in seconds. Each is advertised, so each must be true."""

    patch: bool = True
    bulk: bool = False
    bulk_operations: int = 1000
    bulk_bytes: int = 10_000_000
    filter: bool = True
    max_count: int = MAX_COUNT
    default_count: int = DEFAULT_COUNT
    change_password: bool = False
    sort: bool = False
    etag: bool = True
    cursor_timeout: int = 3600
    default_paging: Literal["index", "cursor", "cursor_only"] = "index"
    roles_and_entitlements: bool = False
    documentation: str | None = None
    interop_conformant: bool | None = None
    """Whether every switch of an interop profile stands as the draft has it; None where the tenant has another one."""
    authentication: Sequence[Mapping[str, Any]] = (BEARER_TOKEN, OAUTH2)
    security_events: SecurityEvents = SecurityEvents()


def service_provider_config(base_url: str, capabilities: Capabilities | None = None) -> dict[str, Any]:
    """The ServiceProviderConfig resource of the service at `base_url`."""
    able = capabilities or Capabilities()
    config: dict[str, Any] = {
        "schemas": [SERVICE_PROVIDER_CONFIG_URN],
        "patch": {"supported": able.patch},
        "bulk": {
            "supported": able.bulk,
            "maxOperations": able.bulk_operations,
            "maxPayloadSize": able.bulk_bytes,
        },
        "filter": {"supported": able.filter, "maxResults": able.max_count},
        "changePassword": {"supported": able.change_password},
        "sort": {"supported": able.sort},
        "etag": {"supported": able.etag},
        "pagination": {
            "cursor": True,
            "index": able.default_paging != "cursor_only",
            "defaultPaginationMethod": "index" if able.default_paging == "index" else "cursor",
            "defaultPageSize": able.default_count,
            "maxPageSize": able.max_count,
            "cursorTimeout": able.cursor_timeout,
        },
        "authenticationSchemes": [dict(scheme) for scheme in able.authentication],
        "meta": _meta("ServiceProviderConfig", f"{base_url}/ServiceProviderConfig"),
    }
    if (security_events := able.security_events.attribute) is not None:
        config["securityEvents"] = security_events
    if able.roles_and_entitlements:
        config["RolesAndEntitlements"] = dict(ROLES_AND_ENTITLEMENTS)
    if able.interop_conformant is not None:
        config["interopProfileConformant"] = able.interop_conformant
    if able.documentation is not None:
        config["documentationUri"] = able.documentation
    return config


def listed_types(registry: Registry, *, unlisted: bool = False) -> list[ResourceType]:
    """The resource types; with `unlisted` also those that are not `listed`."""
    return [kind for kind in registry.resource_types.values() if kind.listed or unlisted]


def listed_schemas(registry: Registry, *, unlisted: bool = False) -> list[Schema]:
    """The resource types' schemas, each once; with `unlisted` also those that are not `listed`."""
    found: dict[str, Schema] = {}
    for kind in listed_types(registry, unlisted=unlisted):
        extensions = (extension.schema for extension in _extensions(kind, unlisted))
        for schema in (kind.schema, *extensions):
            found.setdefault(schema.urn, schema)
    return list(found.values())


def schema_resource(schema: Schema, base_url: str, by_default: Collection[str] = ()) -> dict[str, Any]:
    """The Schema resource that describes `schema`, without write-only attributes: the server keeps none.

    Where its URN is among `by_default`, what is returned on request is returned by default for this reader.
    """
    changed = {"request": "default"} if schema.urn in by_default else {}
    definitions = (definition_of(attribute) for attribute in schema.attributes if attribute.mutability != "writeOnly")
    return {
        "schemas": [SCHEMA_URN],
        "id": schema.urn,
        "name": schema.name,
        "description": schema.description,
        "attributes": [
            {**definition, "returned": changed.get(definition["returned"], definition["returned"])}
            for definition in definitions
        ],
        "meta": _meta("Schema", f"{base_url}/Schemas/{schema.urn}"),
    }


def definition_of(attribute: Attribute) -> dict[str, Any]:
    """An attribute as RFC 7643 section 7 writes it, without characteristics that its type does not have."""
    definition: dict[str, Any] = {
        "name": attribute.name,
        "type": attribute.type,
        "multiValued": attribute.multi_valued,
        "description": attribute.description,
        "required": attribute.required,
    }
    if attribute.canonical_values:
        definition["canonicalValues"] = list(attribute.canonical_values)
    if attribute.type in STRING_TYPES:
        definition["caseExact"] = attribute.case_exact
    definition["mutability"] = attribute.mutability
    definition["returned"] = attribute.returned
    if attribute.type not in {"complex", "boolean", "any"}:
        definition["uniqueness"] = attribute.uniqueness
    if attribute.reference_types:
        definition["referenceTypes"] = list(attribute.reference_types)
    if attribute.sub_attributes:
        definition["subAttributes"] = [definition_of(sub) for sub in attribute.sub_attributes]
    return definition


def resource_type_resource(kind: ResourceType, base_url: str, *, unlisted: bool = False) -> dict[str, Any]:
    """The ResourceType resource of `kind`; with `unlisted` also its extensions that are not `listed`."""
    resource: dict[str, Any] = {
        "schemas": [RESOURCE_TYPE_URN],
        "id": kind.name,
        "name": kind.name,
        "description": kind.description,
        "endpoint": kind.endpoint,
        "schema": kind.schema.urn,
    }
    extensions = [
        {"schema": extension.schema.urn, "required": extension.required} for extension in _extensions(kind, unlisted)
    ]
    if extensions:
        resource["schemaExtensions"] = extensions
    resource["meta"] = _meta("ResourceType", f"{base_url}/ResourceTypes/{kind.name}")
    return resource


def _extensions(kind: ResourceType, unlisted: bool) -> list[SchemaExtension]:
    return [extension for extension in kind.extensions if extension.listed or unlisted]


def _meta(resource_type: str, location: str) -> dict[str, str]:
    return {"resourceType": resource_type, "location": location}
