"""The shipped documents: they obey the schema language and say what RFC 7643 and its errata say."""

import copy
import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest

from scim_server.protocol.discovery import definition_of
from scim_server.protocol.registry import (
    COMMON_URN,
    NESTING,
    SCHEMA_URN,
    attribute_of,
    build,
    schema_of,
    standard_registry,
)
from scim_server.protocol.schemas import Attribute

FOLDERS = ("core", "extension", "messages", "resource_types")
CORE = "urn:ietf:params:scim:schemas:core:2.0:"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
SEATS = "urn:scim-server:schemas:extension:seats:2.0:User"


def documents(*folders: str) -> dict[str, dict[str, Any]]:
    root = files("scim_server.schemas")
    return {
        f"{folder}/{entry.name}": json.loads(entry.read_text(encoding="utf-8"))
        for folder in folders
        for entry in (root / folder).iterdir()
        if entry.name.endswith(".json")
    }


SCHEMAS = documents("core", "extension", "messages")


def definitions(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every attribute and sub-attribute that a document defines."""
    waiting = list(document["attributes"])
    while waiting:
        definition = waiting.pop()
        yield definition
        waiting.extend(definition.get("subAttributes", ()))


def find(urn: str, name: str) -> Attribute:
    """The attribute `name`, or its sub-attribute where the name has a dot."""
    registry = standard_registry()
    schema = registry.schema(urn) or next(one for one in registry.messages.values() if one.urn == urn)
    head, _, sub_name = name.partition(".")
    attribute = schema.attribute(head)
    found = attribute.sub(sub_name) if attribute and sub_name else attribute
    assert found is not None, f"{urn} has no {name}"
    return found


def test_the_registry_builds_from_the_shipped_documents() -> None:
    """Whatever is in the folders reaches the registry, under the name of its file."""
    registry = standard_registry()
    assert set(registry.resource_types) == {"User", "Group", "Role", "Entitlement"}
    assert set(registry.messages) == {path[9:-5] for path in SCHEMAS if path.startswith("messages/")}
    assert registry.schema(COMMON_URN) is None
    assert registry.schema(ENTERPRISE.upper()) is registry.schema(ENTERPRISE)


@pytest.mark.parametrize("path", SCHEMAS)
def test_a_schema_document_spells_out_every_characteristic(path: str) -> None:
    """What the engine reads from a document, written out again, is the document."""
    assert [definition_of(attribute) for attribute in schema_of(SCHEMAS[path]).attributes] == SCHEMAS[path][
        "attributes"
    ]


@pytest.mark.parametrize("path", documents(*FOLDERS))
def test_a_document_holds_no_null(path: str) -> None:
    """Entra's gallery test refuses nulls (quirk 74)."""
    assert "null" not in json.dumps(documents(*FOLDERS)[path])


@pytest.mark.parametrize("path", [path for path in SCHEMAS if SCHEMAS[path]["id"] not in NESTING])
def test_a_complex_attribute_holds_no_complex_one(path: str) -> None:
    """RFC 7643 section 2.3.8; section 8.7.2 makes an exception, and so does the draft on roles and entitlements."""
    for definition in definitions(SCHEMAS[path]):
        assert all(sub["type"] != "complex" for sub in definition.get("subAttributes", ()))
        assert (definition["type"] == "complex") == ("subAttributes" in definition)


@pytest.mark.parametrize("path", SCHEMAS)
def test_characteristics_have_values_that_the_language_knows(path: str) -> None:
    """The language is what Schema.json itself says of an attribute."""
    for definition in definitions(SCHEMAS[path]):
        for characteristic in ("type", "mutability", "returned", "uniqueness"):
            allowed = {*find(SCHEMA_URN, f"attributes.{characteristic}").canonical_values, "any"}
            assert definition.get(characteristic, "any") in allowed
        assert definition["description"], definition["name"]
        assert (definition["type"] == "reference") == ("referenceTypes" in definition)


def test_a_nested_complex_attribute_is_refused() -> None:
    """R-7643-2.3.8-01."""
    document = copy.deepcopy(SCHEMAS["core/Group.json"])
    document["attributes"][1]["subAttributes"].append({"name": "inner", "type": "complex", "subAttributes": []})
    with pytest.raises(ValueError, match="members"):
        schema_of(document)


def test_characteristics_left_out_take_their_defaults() -> None:
    """R-7643-2.2-01."""
    assert definition_of(attribute_of({"name": "x"})) == {
        "name": "x",
        "type": "string",
        "multiValued": False,
        "description": "",
        "required": False,
        "caseExact": False,
        "mutability": "readWrite",
        "returned": "default",
        "uniqueness": "none",
    }


def test_a_new_extension_is_a_document_and_no_code() -> None:
    """RFC 7643 section 3.3: an extension is bound to its resource type by URN, in any letter case."""
    extension = {"id": "urn:example:Desk", "name": "Desk", "attributes": [{"name": "room"}]}
    group = {**documents("resource_types")["resource_types/Group.json"]}
    group["schemaExtensions"] = [{"schema": "URN:EXAMPLE:DESK", "required": True}]
    schemas = [document for path, document in SCHEMAS.items() if not path.startswith("messages/")]
    kind = build([*schemas, extension], [], [group]).resource_type("Group")
    assert [(bound.schema.name, bound.required, bound.listed) for bound in kind.extensions] == [("Desk", True, True)]


def test_multi_valued_complex_attributes_of_a_user_offer_types() -> None:
    """Entra's gallery test wants canonical values for `type` in each of them."""
    for definition in SCHEMAS["core/User.json"]["attributes"]:
        if definition["type"] == "complex" and definition["multiValued"]:
            subs = {sub["name"]: sub for sub in definition["subAttributes"]}
            assert subs["type"]["canonicalValues"], definition["name"]


@pytest.mark.parametrize(
    ("urn", "name", "expected"),
    [
        (CORE + "User", "userName", {"required": True, "uniqueness": "server", "case_exact": False}),
        (CORE + "User", "password", {"mutability": "writeOnly", "returned": "never"}),
        (CORE + "User", "active", {"type": "boolean"}),
        (CORE + "User", "profileUrl", {"type": "reference", "case_exact": True}),
        (CORE + "User", "emails", {"multi_valued": True, "type": "complex"}),
        (CORE + "User", "emails.type", {"canonical_values": ("work", "home", "other")}),
        (CORE + "User", "addresses.primary", {"type": "boolean"}),
        (CORE + "User", "photos.value", {"type": "reference", "reference_types": ("external",)}),
        (CORE + "User", "x509Certificates.value", {"type": "binary", "case_exact": True}),
        (CORE + "User", "groups", {"mutability": "readOnly"}),
        (CORE + "User", "groups.value", {"mutability": "readOnly", "case_exact": True}),
        pytest.param(CORE + "User", "groups.$ref", {"reference_types": ("Group",)}, id="erratum 8471"),
        pytest.param(CORE + "Group", "displayName", {"required": True, "uniqueness": "none"}, id="erratum 5368"),
        (CORE + "Group", "members.value", {"mutability": "immutable", "case_exact": True}),
        (CORE + "Group", "members.type", {"mutability": "immutable", "canonical_values": ("User", "Group")}),
        (CORE + "Group", "members.$ref", {"mutability": "immutable", "reference_types": ("User", "Group")}),
        pytest.param(CORE + "Group", "members.display", {"mutability": "readOnly"}, id="erratum 6011"),
        pytest.param(ENTERPRISE, "manager.value", {"case_exact": True, "required": False}, id="erratum 8472"),
        (ENTERPRISE, "manager.displayName", {"mutability": "readOnly"}),
        (SEATS, "status", {"mutability": "readOnly", "returned": "request"}),
        (SEATS, "seats", {"mutability": "readOnly", "returned": "request", "multi_valued": True}),
        (SEATS, "issues.since", {"type": "dateTime", "mutability": "readOnly"}),
        pytest.param(CORE + "ResourceType", "schemaExtensions", {"multi_valued": True}, id="erratum 7522"),
        pytest.param(SCHEMA_URN, "attributes.referenceTypes", {"multi_valued": True}, id="erratum 5607"),
        pytest.param(
            CORE + "ServiceProviderConfig",
            "authenticationSchemes.primary",
            {"type": "boolean"},
            id="erratum 8011",
        ),
        ("urn:ietf:params:scim:api:messages:2.0:PatchOp", "Operations.value", {"type": "any"}),
    ],
)
def test_the_tables_of_rfc_7643_with_errata(urn: str, name: str, expected: dict[str, Any]) -> None:
    """Spot checks against the attribute tables of the standard."""
    attribute = find(urn, name)
    assert {key: getattr(attribute, key) for key in expected} == expected


def test_binary_is_a_type_and_complex_is_none_of_a_sub_attribute() -> None:
    """Errata 8435 and 8415."""
    kinds = find(SCHEMA_URN, "attributes").sub("type")
    sub_attributes = find(SCHEMA_URN, "attributes").sub("subAttributes")
    assert kinds is not None
    assert sub_attributes is not None
    assert {"binary", "complex"} <= set(kinds.canonical_values)
    sub_kinds = sub_attributes.sub("type")
    assert sub_kinds is not None
    assert set(kinds.canonical_values) - set(sub_kinds.canonical_values) == {"complex"}


def test_common_attributes_belong_to_every_resource_type() -> None:
    """RFC 7643 section 3.1."""
    for kind in standard_registry().resource_types.values():
        found = {name: kind.attribute(name) for name in ("schemas", "id", "externalId", "meta")}
        assert {name: attribute and attribute.returned for name, attribute in found.items()} == {
            "schemas": "always",
            "id": "always",
            "externalId": "default",
            "meta": "default",
        }
