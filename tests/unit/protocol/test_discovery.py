"""What the server says about itself: RFC 7644 section 4, RFC 7643 sections 5 to 7."""

from typing import Any

import pytest

from scim_server.protocol.codec import decode_value
from scim_server.protocol.discovery import (
    Capabilities,
    listed_schemas,
    listed_types,
    resource_type_resource,
    schema_resource,
    service_provider_config,
)
from scim_server.protocol.messages import parse_query
from scim_server.protocol.registry import standard_registry
from scim_server.protocol.schemas import Attribute

BASE = "https://seats.example.com/scim/acme/v2"
REGISTRY = standard_registry()
CORE = "urn:ietf:params:scim:schemas:core:2.0:"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
SEATS = "urn:scim-server:schemas:extension:seats:2.0:User"
ROLE = "urn:okta:scim:schemas:core:1.0:Role"
ENTITLEMENT = "urn:okta:scim:schemas:core:1.0:Entitlement"


def misfits(resource: dict[str, Any], urn: str) -> list[str]:
    """Where a resource does not fit the schema of that URN."""
    schema = REGISTRY.schema(urn)
    assert schema is not None
    common = {"schemas", "id", "meta"}
    found = [name for name in resource if name not in common and schema.attribute(name) is None]
    for attribute in schema.attributes:
        value = resource.get(attribute.name)
        if value is None:
            found += [attribute.name] if attribute.required else []
        else:
            decode_value(writable(attribute), value)
            found += missing(attribute, value)
    return found


def missing(attribute: Attribute, value: Any) -> list[str]:
    elements = value if isinstance(value, list) else [value]
    required = [sub.name for sub in attribute.sub_attributes if sub.required]
    return [f"{attribute.name}.{name}" for name in required for element in elements if name not in element]


def writable(attribute: Attribute) -> Attribute:
    """The attribute without its readOnly, which would have the codec look away."""
    subs = tuple(writable(sub) for sub in attribute.sub_attributes)
    return Attribute(
        attribute.name, attribute.type, attribute.multi_valued, mutability="readWrite", sub_attributes=subs
    )


@pytest.mark.parametrize(
    "capabilities",
    [
        None,
        Capabilities(bulk=True, sort=True, documentation="https://example.com/docs"),
        Capabilities(roles_and_entitlements=True),
    ],
)
def test_the_service_provider_config_fits_its_schema(capabilities: Capabilities | None) -> None:
    """R-7643-5-01, quirk 73: every required block is there, each of its declared type."""
    config = service_provider_config(BASE, capabilities)
    assert config["schemas"] == [CORE + "ServiceProviderConfig"]
    assert misfits(config, CORE + "ServiceProviderConfig") == []
    assert config["meta"] == {
        "resourceType": "ServiceProviderConfig",
        "location": f"{BASE}/ServiceProviderConfig",
    }


def test_the_service_provider_config_says_what_it_is_told() -> None:
    config = service_provider_config(
        BASE, Capabilities(bulk=True, bulk_operations=5, bulk_bytes=6, sort=True, etag=False, cursor_timeout=7)
    )
    assert config["bulk"] == {"supported": True, "maxOperations": 5, "maxPayloadSize": 6}
    assert (config["sort"], config["etag"]) == ({"supported": True}, {"supported": False})
    assert config["pagination"] == {
        "cursor": True,
        "index": True,
        "defaultPaginationMethod": "index",
        "defaultPageSize": 100,
        "maxPageSize": 200,
        "cursorTimeout": 7,
    }
    assert config["changePassword"] == {"supported": False}


def test_advertised_page_sizes_are_the_enforced_ones() -> None:
    """R-7643-5-04."""
    config = service_provider_config(BASE)
    assert parse_query({"count": "1000000"}).count == config["filter"]["maxResults"]
    assert parse_query({"count": "1000000"}).count == config["pagination"]["maxPageSize"]
    assert parse_query({}).count == config["pagination"]["defaultPageSize"]


def test_schemas_are_those_of_the_resource_types() -> None:
    """R-7643-6-01; seats, roles and entitlements show only where they are asked for."""
    names = [schema.urn for schema in listed_schemas(REGISTRY)]
    assert sorted(names) == sorted([CORE + "User", CORE + "Group", ENTERPRISE])
    everything = [schema.urn for schema in listed_schemas(REGISTRY, unlisted=True)]
    assert sorted(everything) == sorted([*names, SEATS, ROLE, ENTITLEMENT])


@pytest.mark.parametrize("schema", listed_schemas(REGISTRY, unlisted=True), ids=lambda schema: schema.name)
def test_a_schema_resource_fits_the_schema_of_schemas(schema: Any) -> None:
    """R-7643-7-01: it is written from what the engine runs on."""
    resource = schema_resource(schema, BASE)
    assert misfits(resource, CORE + "Schema") == []
    assert resource["id"] == schema.urn
    assert resource["meta"] == {"resourceType": "Schema", "location": f"{BASE}/Schemas/{schema.urn}"}


def test_no_schema_resource_shows_a_password() -> None:
    """R-7643-7-02: the server keeps none, so none is offered."""
    user = REGISTRY.resource_type("User").schema
    names = [attribute["name"] for attribute in schema_resource(user, BASE)["attributes"]]
    assert "password" not in names
    assert "userName" in names


@pytest.mark.parametrize("kind", REGISTRY.resource_types.values(), ids=lambda kind: kind.name)
def test_a_resource_type_resource_fits_its_schema(kind: Any) -> None:
    """R-7643-6-01 and 02: the id is the name, and each schema it names is listed."""
    resource = resource_type_resource(kind, BASE)
    assert misfits(resource, CORE + "ResourceType") == []
    assert resource["id"] == resource["name"] == kind.name
    assert resource["meta"]["location"] == f"{BASE}/ResourceTypes/{kind.name}"
    named = [resource["schema"], *(extension["schema"] for extension in resource.get("schemaExtensions", ()))]
    assert set(named) <= {schema.urn for schema in listed_schemas(REGISTRY, unlisted=not kind.listed)}


def test_resource_types_are_listed_or_not() -> None:
    assert [kind.name for kind in listed_types(REGISTRY)] == ["Group", "User"]
    assert [kind.name for kind in listed_types(REGISTRY, unlisted=True)] == ["Entitlement", "Group", "Role", "User"]
    assert [kind.name for kind in REGISTRY.resource_types.values() if kind.is_read_only] == ["Entitlement", "Role"]


def test_a_schema_says_what_its_reader_is_answered() -> None:
    """R-7643-7-01: what is returned by default is published as such, for those who get it so."""
    seats = REGISTRY.schema(SEATS)
    assert seats is not None
    for by_default, returned in (((), "request"), ((SEATS,), "default")):
        attributes = schema_resource(seats, BASE, by_default)["attributes"]
        assert {attribute["returned"] for attribute in attributes} == {returned}


def test_the_seats_extension_is_listed_only_on_demand() -> None:
    """Generic checkers try to write what they find listed."""
    user = REGISTRY.resource_type("User")
    enterprise = {"schema": ENTERPRISE, "required": False}
    assert resource_type_resource(user, BASE)["schemaExtensions"] == [enterprise]
    everything = resource_type_resource(user, BASE, unlisted=True)
    assert everything["schemaExtensions"] == [enterprise, {"schema": SEATS, "required": False}]
