"""Schema files: what is read, what stops the start, and in which words (RFC 7643 sections 2.1, 2.2, 6 and 7)."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from scim_server.protocol.folders import BadSchemas, load_registries
from scim_server.protocol.registry import Registries, standard_registry

URN = "urn:example:params:scim:schemas:core:2.0:Lamp"
EXTRA = "urn:example:params:scim:schemas:extension:extra:2.0:Lamp"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Schema"
RESOURCE_TYPE = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"

Load = Callable[[Mapping[str, Any]], Registries]

LAMP = {"schemas": [SCHEMA], "id": URN, "name": "Lamp", "attributes": [{"name": "colour"}]}
EXTENSION = {"id": EXTRA, "attributes": [{"name": "watts", "type": "integer"}]}
TYPE = {"schemas": [RESOURCE_TYPE], "name": "Lamp", "endpoint": "/Lamps", "schema": URN}
GOOD = {"lamp.json": LAMP, "extra.json": EXTENSION, "type.json": TYPE}


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """The registries of a folder with those files; what is no text or bytes is written as JSON."""

    def from_files(files: Mapping[str, Any]) -> Registries:
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return load_registries(tmp_path)

    return from_files


def faults(load: Load, files: Mapping[str, Any]) -> list[str]:
    with pytest.raises(BadSchemas) as refused:
        load(files)
    return list(refused.value.faults)


def test_without_a_folder_the_shipped_schemas_are_served() -> None:
    assert load_registries(None).of("acme") is standard_registry()


def test_a_folder_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(BadSchemas, match="no folder"):
        load_registries(tmp_path / "nothing")


@pytest.mark.covers("R-7643-2.2-01", "R-7643-3.3-03")
def test_files_are_told_apart_by_schemas_or_by_shape_in_any_sub_folder(load: Load) -> None:
    bare = {name: value for name, value in TYPE.items() if name != "schemas"}
    extended = {**bare, "schemaExtensions": [{"schema": EXTRA.upper()}]}
    group = {"name": "Group", "schemaExtensions": [{"schema": EXTRA, "required": True}]}
    registry = load(
        {"a/lamp.json": LAMP, "b/c/extra.json": EXTENSION, "type.json": extended, "group.json": group}
    ).shared
    lamp = registry.resource_type("Lamp")
    assert (lamp.endpoint, lamp.schema.urn) == ("/Lamps", URN)
    assert [(each.schema.urn, each.required) for each in lamp.extensions] == [(EXTRA, False)]
    assert [(each.schema.urn, each.required) for each in registry.resource_type("Group").extensions] == [(EXTRA, True)]
    assert registry.resource_type("User") is standard_registry().resource_type("User")
    assert standard_registry().resource_type("Group").extensions == ()


def test_other_files_and_hidden_folders_are_passed_over(load: Load) -> None:
    """A mounted volume keeps older copies in a folder whose name begins with dots."""
    registry = load({**GOOD, "README.md": b"text", "..2026/lamp.json": LAMP, ".old/type.json": b"{"}).shared
    assert registry.resource_types.keys() - standard_registry().resource_types.keys() == {"Lamp"}


def test_member_names_are_read_in_any_letter_case(load: Load) -> None:
    lamp = {"ID": URN, "Attributes": [{"Name": "colours", "MULTIVALUED": True, "caseexact": True}]}
    attribute = load({"lamp.json": lamp}).shared.schema(URN).attribute("colours")  # type: ignore[union-attr]
    assert (attribute.multi_valued, attribute.case_exact) == (True, True)  # type: ignore[union-attr]


def test_the_shipped_words_for_a_resource_type_may_be_repeated(load: Load) -> None:
    """What /ResourceTypes/User answers, with one extension more, is a document that adds it."""
    document = {
        "schemas": [RESOURCE_TYPE],
        "id": "User",
        "name": "User",
        "endpoint": "/Users",
        "description": "People",
        "schema": USER,
        "schemaExtensions": [{"schema": ENTERPRISE, "required": False}, {"schema": EXTRA, "required": False}],
        "meta": {"resourceType": "ResourceType"},
    }
    shipped = [each.schema.name for each in standard_registry().resource_type("User").extensions]
    kind = load({"extra.json": EXTENSION, "user.json": document}).shared.resource_type("User")
    assert [each.schema.name for each in kind.extensions] == [*shipped, "Lamp"]


def attributes(*definitions: Any) -> dict[str, Any]:
    return {"lamp.json": {**LAMP, "attributes": list(definitions)}}


def kind(**changes: Any) -> dict[str, Any]:
    changed = {name: value for name, value in {**TYPE, **changes}.items() if value is not None}
    return {**GOOD, "type.json": changed}


INNER = {"name": "inner", "type": "complex", "subAttributes": [{"name": "x"}]}

BAD: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "no JSON": ({"lamp.json": b"{"}, "lamp.json: not JSON: "),
    "not UTF-8": ({"lamp.json": b"\xff"}, "lamp.json: not UTF-8: byte 0"),
    "nested deeply": ({"lamp.json": b"[" * 100_000}, "lamp.json: n"),
    "a list": ({"lamp.json": [LAMP]}, "lamp.json: expected a JSON object, got a list"),
    "named twice": ({"lamp.json": b'{"id":"a","id":"b"}'}, "lamp.json: id: named twice"),
    "no kind": ({"lamp.json": {"name": "x"}}, "lamp.json: schemas: neither a schema"),
    "another kind": ({"lamp.json": {"schemas": [USER], "attributes": []}}, "lamp.json: schemas: neither a schema"),
    "no id": ({"lamp.json": {"attributes": []}}, "lamp.json: id: missing"),
    "no attributes": ({"lamp.json": {"schemas": [SCHEMA], "id": URN}}, "lamp.json: attributes: missing"),
    "no URN": ({"lamp.json": {**LAMP, "id": "Lamp"}}, "lamp.json: id: 'Lamp' is no URN"),
    "a message's URN": (
        {"lamp.json": {**LAMP, "id": "urn:ietf:params:scim:api:messages:2.0:PatchOp"}},
        "lamp.json: id: 'urn:ietf:params:scim:api:messages:2.0:PatchOp' is the URN of a message",
    ),
    "a shipped URN": ({"lamp.json": {**LAMP, "id": USER.upper()}}, "lamp.json: id: the schema 'URN:IETF"),
    "a URN twice": ({"a.json": LAMP, "b.json": {**LAMP, "id": URN.lower()}}, "b.json: id: the schema 'urn:"),
    "a bad name": (attributes({"name": "1abc"}), "lamp.json: attributes[0].name: '1abc' is no attribute name"),
    "a dotted name": (attributes({"name": "a.b"}), "lamp.json: attributes[0].name: 'a.b' is no attribute name"),
    "$ref outside": (attributes({"name": "$ref"}), "lamp.json: attributes[0].name: '$ref' is no attribute name"),
    "a common name": (attributes({"name": "externalid"}), "attributes[0].name: every resource has 'externalid'"),
    "no name": (attributes({"type": "string"}), "lamp.json: attributes[0].name: missing"),
    "a name twice": (attributes({"name": "a"}, {"name": "A"}), "lamp.json: attributes[1].name: 'A' is defined twice"),
    "an unknown type": (attributes({"name": "a", "type": "text"}), "attributes[0].type: 'text' is none of string, "),
    "any": (attributes({"name": "a", "type": "any"}), "attributes[0].type: 'any' is none of string, "),
    "a wrong word for mutability": (
        attributes({"name": "a", "mutability": "readwrite"}),
        "attributes[0].mutability: 'readwrite' is none of readOnly, readWrite, immutable, writeOnly",
    ),
    "a wrong word for returned": (
        attributes({"name": "a", "returned": "sometimes"}),
        "attributes[0].returned: 'sometimes' is none of always, never, default, request",
    ),
    "a wrong word for uniqueness": (
        attributes({"name": "a", "uniqueness": "manufacturer"}),
        "attributes[0].uniqueness: 'manufacturer' is none of none, server, global",
    ),
    "an unknown member": (attributes({"name": "a", "mutabilty": "x"}), "attributes[0].mutabilty: unknown; expected "),
    "text for a boolean": (
        attributes({"name": "a", "required": "yes"}),
        "attributes[0].required: expected true or false, got a text",
    ),
    "nested complex": (
        attributes({"name": "a", "type": "complex", "subAttributes": [INNER]}),
        "attributes[0].subAttributes[0].",
    ),
    "complex without parts": (attributes({"name": "a", "type": "complex"}), "attributes[0].subAttributes: 'a' needs"),
    "parts of a text": (attributes({"name": "a", "subAttributes": [{"name": "b"}]}), "attributes[0].subAttributes:"),
    "a unique boolean": (
        attributes({"name": "a", "type": "boolean", "uniqueness": "server"}),
        "attributes[0].uniqueness: 'a' cannot be unique",
    ),
    "a secret that is shown": (
        attributes({"name": "a", "mutability": "writeOnly", "returned": "always"}),
        "attributes[0].returned: 'a' is writeOnly",
    ),
    "reference types of a text": (
        attributes({"name": "a", "referenceTypes": ["User"]}),
        "attributes[0].referenceTypes: 'a' has none",
    ),
    "a bad name of a part": (
        attributes({"name": "a", "type": "complex", "subAttributes": [{"name": "-x"}]}),
        "attributes[0].subAttributes[0].name: '-x' is no attribute name",
    ),
    "no endpoint": (kind(endpoint=None), "type.json: endpoint: missing"),
    "no schema": (kind(schema=None), "type.json: schema: missing"),
    "no type name": (kind(name=None), "type.json: name: missing"),
    "a bad type name": (kind(name="La mp"), "type.json: name: 'La mp' is no name"),
    "a type name in other case": (kind(name="USER"), "type.json: name: 'USER' differs from User"),
    "a bad endpoint": (kind(endpoint="Lamps"), "type.json: endpoint: 'Lamps' is no endpoint"),
    "a deep endpoint": (kind(endpoint="/a/b"), "type.json: endpoint: '/a/b' is no endpoint"),
    "Users": (kind(endpoint="/users"), "type.json: endpoint: '/users' is where User is served"),
    **{
        name: (kind(endpoint=f"/{name}"), f"type.json: endpoint: '/{name}' is the protocol's own")
        for name in ("Bulk", "Me", "Schemas", "ResourceTypes", "ServiceProviderConfig", "Roles", "Entitlements")
    },
    "an unknown schema": (kind(schema="urn:x:y"), "type.json: schema: no document describes 'urn:x:y'"),
    "an unknown extension": (
        kind(schemaExtensions=[{"schema": "urn:x:y"}]),
        "type.json: schemaExtensions[0].schema: no document describes 'urn:x:y'",
    ),
    "an extension twice": (
        kind(schemaExtensions=[{"schema": EXTRA}, {"schema": EXTRA.upper()}]),
        "type.json: schemaExtensions[1].schema: 'URN:",
    ),
    "itself": (kind(schemaExtensions=[{"schema": URN}]), "type.json: schemaExtensions: "),
    "an extension without schema": (kind(schemaExtensions=[{}]), "type.json: schemaExtensions[0].schema: missing"),
    "another endpoint for users": ({"u.json": {"name": "User", "endpoint": "/People"}}, "u.json: endpoint: User has"),
    "another schema for users": ({**GOOD, "u.json": {"name": "User", "schema": URN}}, "u.json: schema: User has"),
    "the base schema of users": (
        {"u.json": {"name": "User", "schemaExtensions": [{"schema": USER}]}},
        "u.json: schemaExtensions[0].schema: ",
    ),
    "another answer for an extension": (
        {"u.json": {"name": "User", "schemaExtensions": [{"schema": ENTERPRISE, "required": True}]}},
        "u.json: schemaExtensions[0].required: User has that extension",
    ),
    "a tenant without a folder": ({"tenants/lamp.json": LAMP}, "tenants/lamp.json: lies in tenants/"),
}


@pytest.mark.covers("R-7643-2.1-02", "R-7643-2.3.8-01")
@pytest.mark.parametrize("name", BAD)
def test_a_fault_names_file_and_member(load: Load, name: str) -> None:
    files, sentence = BAD[name]
    found = faults(load, files)
    assert any(sentence in fault for fault in found), found
    assert all(fault.endswith(".") and fault.count("\n") == 0 for fault in found)


def test_each_file_with_a_fault_is_named(load: Load) -> None:
    found = faults(load, {**GOOD, "a.json": b"{", "b.json": {**LAMP, "id": "x"}, "z/c.json": {"name": "x"}})
    assert [fault.partition(":")[0] for fault in found] == ["a.json", "b.json", "z/c.json"]


def test_two_types_cannot_share_an_endpoint(load: Load) -> None:
    found = faults(load, {**GOOD, "z.json": {**TYPE, "name": "Bulb"}})
    assert found == ["z.json: endpoint: '/Lamps' is where Lamp is served; choose another one."]


@pytest.mark.covers("R-7644-6-06")
def test_a_tenant_can_have_schemas_of_its_own(load: Load) -> None:
    tenant = {"name": "Lamp", "schemaExtensions": [{"schema": EXTRA}]}
    registries = load(
        {
            "lamp.json": LAMP,
            "type.json": TYPE,
            "tenants/acme/extra.json": EXTENSION,
            "tenants/acme/type.json": tenant,
            "tenants/other/extra.json": {**EXTENSION, "attributes": [{"name": "volts"}]},
        }
    )
    acme, other = registries.of("acme"), registries.of("other")
    assert acme.resource_type("Lamp").extension(EXTRA) is not None
    assert other.resource_type("Lamp") is registries.of("third").resource_type("Lamp") is registries.shared.at("/Lamps")
    assert registries.shared.schema(EXTRA) is None
    assert other.schema(EXTRA) is not acme.schema(EXTRA)


def test_a_tenant_cannot_redefine_what_all_have(load: Load) -> None:
    found = faults(load, {**GOOD, "tenants/acme/lamp.json": LAMP})
    assert found[0].startswith("tenants/acme/lamp.json: id: the schema")
