"""Schemas as data: a file adds an extension or a whole resource type (RFC 7643 sections 3.3, 6 and 7)."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from scim2_client.engines.wsgi import WSGISCIMClient
from scim2_tester import Status, check_server

from tests.http.conftest import SCHEMAS
from tests.http.refusals import check_refusal, unchanged
from tests.http.test_statements import counting
from tests.worlds import ENTERPRISE, SEATS, USER, Connection, World

DEVICE = "urn:ietf:params:scim:schemas:core:2.0:Device"
BLE = "urn:ietf:params:scim:schemas:extension:ble:2.0:Device"
AGENT = "urn:ietf:params:scim:schemas:core:2.0:Agent"
ASSET = "urn:example:params:scim:schemas:core:2.0:Asset"
LEASE = "urn:example:params:scim:schemas:extension:lease:2.0:Asset"
TRAITS = "urn:example:params:scim:schemas:extension:traits:2.0:Any"
PLAIN = "urn:example:params:scim:schemas:extension:plain:2.0:Any"

DOCUMENT = Path(__file__).parents[2] / "docs" / "custom-schemas.md"


def device(name: str, **attributes: Any) -> dict[str, Any]:
    return {"schemas": [DEVICE], "displayName": name, "active": True, **attributes}


def created(client: Connection, endpoint: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(endpoint, body)
    assert answer.status_code == 201, answer.text
    return answer.json


def names(client: Connection, path: str) -> list[str]:
    return [found["displayName"] for found in client.get(path).json["Resources"]]


@pytest.mark.covers("R-9944-1-01", "R-7644-3.3.1-01", "R-7643-3.1-06", "R-7643-3.1-07")
def test_a_device_is_created_read_replaced_patched_and_deleted(reader: Connection) -> None:
    answer = reader.post("/Devices", device("Door", mudUrl="https://example.com/door.json", externalId="d1"))
    made = answer.json
    assert answer.status_code == 201
    assert made["schemas"] == [DEVICE]
    assert made["meta"]["resourceType"] == "Device"
    assert made["meta"]["location"] == answer.headers["Location"] == f"{_base(reader)}/Devices/{made['id']}"
    assert made["meta"]["version"] == answer.headers["ETag"] == 'W/"1"'
    address = f"/Devices/{made['id']}"
    assert reader.get(address).json == made

    replaced = reader.put(address, device("Gate")).json
    assert (replaced["displayName"], "mudUrl" in replaced, "externalId" in replaced) == ("Gate", False, False)
    patched = reader.patch(address, {"op": "replace", "path": "active", "value": False})
    assert (patched.status_code, patched.json["active"], patched.headers["ETag"]) == (200, False, 'W/"3"')
    assert patched.json["meta"]["lastModified"] > made["meta"]["lastModified"]
    same = reader.patch(address, {"op": "replace", "path": "active", "value": False})
    assert same.json == patched.json

    assert reader.delete(address).status_code == 204
    check_refusal(reader.get(address), 404, None, "Device")
    check_refusal(reader.delete(address), 404)


def _base(client: Connection) -> str:
    return f"https://seats.example.com/scim/{client.slug}/v2"


@pytest.mark.covers("R-7643-2.2-02", "R-7643-3-01", "R-7643-3-02", "R-7643-3-03", "R-7643-2.1-03", "R-7643-2.1-04")
def test_what_a_device_may_not_be(reader_as: Any, library: World) -> None:
    strict = reader_as("rfc")
    made = created(strict, "/Devices", device("Door"))
    with unchanged(library):
        check_refusal(
            strict.post("/Devices", {"schemas": [DEVICE], "active": True}), 400, "invalidValue", "displayName"
        )
        check_refusal(strict.post("/Devices", device("Door", colour="red")), 400, "invalidSyntax", "colour")
        check_refusal(strict.post("/Devices", device("Door") | {"schemas": [USER]}), 400, "invalidSyntax", DEVICE)
        check_refusal(strict.post("/Devices", device("Door") | {"schemas": [DEVICE, USER]}), 400, "invalidSyntax", USER)
        check_refusal(strict.post("/Devices", {"displayName": "x", "active": True}), 400, "invalidSyntax", "schemas")
        check_refusal(strict.post("/Devices", device("Door", displayname="x")), 400, "invalidSyntax", "displayName")
        address = f"/Devices/{made['id']}"
        removal = {"op": "remove", "path": "displayName"}
        check_refusal(strict.patch(address, removal), 400, "mutability", "displayName")
        check_refusal(strict.put(address, device("Door"), If_Match='W/"7"'), 412)


@pytest.mark.covers("R-7643-2.1-01", "R-7643-2.1-03")
def test_names_are_read_in_any_letter_case_and_unknown_ones_are_ignored(reader: Connection) -> None:
    made = created(reader, "/Devices", {"DISPLAYNAME": "Door", "Active": True, "colour": "red", BLE.upper(): _ble("1")})
    assert made["displayName"] == "Door"
    assert made[BLE]["deviceMacAddress"] == "1"
    assert "colour" not in made


def _ble(address: str, **attributes: Any) -> dict[str, Any]:
    return {"deviceMacAddress": address, "versionSupport": ["5.4"], **attributes}


@pytest.mark.covers("R-7643-3.3-01", "R-7643-3-05", "R-7643-3-06", "R-7643-2.2-06")
def test_the_extension_of_a_device_comes_and_goes(reader: Connection, library: World) -> None:
    made = created(reader, "/Devices", device("Lock", **{BLE: _ble("2C:54", irk="canary-7b1f")}))
    assert made["schemas"] == [DEVICE, BLE]
    assert made[BLE] == _ble("2C:54")
    address = f"/Devices/{made['id']}"
    added = reader.patch(address, {"op": "add", "path": f"{BLE}:versionSupport", "value": ["6.0"]}).json
    assert added[BLE]["versionSupport"] == ["5.4", "6.0"]
    secret = reader.patch(address, {"op": "add", "path": f"{BLE}:irk", "value": "canary-7b1f"})
    assert secret.json["meta"]["version"] == added["meta"]["version"]
    half = {"op": "remove", "path": f"{BLE}:deviceMacAddress"}
    check_refusal(reader.patch(address, half), 400, "mutability", "deviceMacAddress")
    bare = reader.put(address, device("Lock")).json
    assert bare["schemas"] == [DEVICE]
    assert reader.patch(address, {"op": "add", "value": {BLE: _ble("2C:55")}}).json["schemas"] == [DEVICE, BLE]
    assert reader.patch(address, {"op": "remove", "path": BLE}).json["schemas"] == [DEVICE]
    assert "canary-7b1f" not in repr([library.rows("resources"), library.trail()])


FILTERS = {
    'displayName eq "DOOR"': {"door"},
    'displayName sw "g" and active eq true': {"gate"},
    "active eq false": {"lamp"},
    f'{BLE}:deviceMacAddress eq "2c:54"': {"door"},
    f"{BLE} pr": None,
    f"{BLE}:mobility eq true": {"door"},
    f'{BLE}:versionSupport eq "5.4"': {"door", "gate"},
    f'{BLE}:versionSupport[value sw "6"]': {"gate"},
    f'not ({BLE}:versionSupport eq "5.4")': {"lamp"},
    'externalId eq "x2"': {"gate"},
    'externalId eq "X2"': set(),
    'mudUrl co "example.com/L"': {"lamp"},
    'mudUrl co "EXAMPLE.com/L"': set(),
    "groups pr": set(),
    'meta.resourceType eq "Device"': {"door", "gate", "lamp"},
    'meta.created gt "2020-01-01T00:00:00Z"': {"door", "gate", "lamp"},
    'id eq "nothing"': set(),
}


@pytest.mark.covers("R-9944-1-01", "R-7643-2.2-03")
def test_devices_are_filtered_sorted_paged_and_projected(reader: Connection) -> None:
    door, _, _ = (
        created(reader, "/Devices", body)
        for body in (
            device("door", **{BLE: _ble("2C:54", mobility=True)}),
            device("gate", externalId="x2", **{BLE: _ble("2C:55") | {"versionSupport": ["5.4", "6.0"]}}),
            device("lamp", mudUrl="https://example.com/Lamp.json") | {"active": False},
        )
    )
    created(reader, "/Agents", {"schemas": [AGENT], "name": "door", "active": True})
    for text, expected in FILTERS.items():
        if expected is None:
            check_refusal(reader.get(f"/Devices?filter={quote(text)}"), 400, "invalidFilter")
        else:
            assert {found["displayName"] for found in reader.find("/Devices", text)} == expected, text
    assert [found["id"] for found in reader.find("/Devices", f'id eq "{door["id"]}"')] == [door["id"]]
    check_refusal(reader.get("/Devices?filter=" + quote('colour eq "x"')), 400, "invalidFilter", "colour")
    assert names(reader, "/Devices?sortBy=displayName&sortOrder=descending") == ["lamp", "gate", "door"]
    assert names(reader, f"/Devices?sortBy={BLE}:deviceMacAddress") == ["door", "gate", "lamp"]
    page = reader.get("/Devices?startIndex=2&count=1").json
    assert (page["totalResults"], page["itemsPerPage"], page["Resources"][0]["displayName"]) == (3, 1, "gate")
    shown = reader.get(f"/Devices/{door['id']}?attributes={BLE}:mobility").json
    assert shown == {"schemas": [DEVICE, BLE], "id": door["id"], BLE: {"mobility": True}}
    assert "active" not in reader.get(f"/Devices/{door['id']}?excludedAttributes=active").json


@pytest.mark.covers("R-7643-6-01", "R-7643-6-02", "R-7643-7-01", "R-7643-7-02")
def test_discovery_lists_what_the_files_describe(reader: Connection) -> None:
    kinds = {kind["id"]: kind for kind in reader.get("/ResourceTypes").json["Resources"]}
    assert kinds.keys() == {"User", "Group", "Device", "Agent", "AgenticApplication", "Asset", "LeasedAsset"}
    assert kinds["Device"]["endpoint"] == "/Devices"
    assert kinds["Device"]["schemaExtensions"] == [{"schema": BLE, "required": False}]
    assert kinds["LeasedAsset"]["schemaExtensions"] == [{"schema": LEASE, "required": True}]
    assert [each["schema"] for each in kinds["User"]["schemaExtensions"]] == [ENTERPRISE, TRAITS, PLAIN]
    for kind in kinds.values():
        assert kind["id"] == kind["name"]
        assert reader.get(f"/ResourceTypes/{kind['id']}").json == kind
        assert reader.get(kind["endpoint"]).status_code == 200
        for urn in (kind["schema"], *(each["schema"] for each in kind.get("schemaExtensions", []))):
            assert reader.get(f"/Schemas/{urn}").json["id"] == urn
    listed = [schema["id"] for schema in reader.get("/Schemas").json["Resources"]]
    assert len(listed) == len(set(listed))
    assert {DEVICE, BLE, AGENT, ASSET, LEASE, TRAITS, PLAIN} <= set(listed)
    assert SEATS not in listed
    ble = {attribute["name"] for attribute in reader.get(f"/Schemas/{BLE}").json["attributes"]}
    assert "deviceMacAddress" in ble
    assert "irk" not in ble


@pytest.mark.covers("R-7643-2.2-01", "R-7643-2.1-02")
def test_what_a_schema_leaves_out_is_published_with_its_default(reader: Connection) -> None:
    only, parts = reader.get(f"/Schemas/{PLAIN}").json["attributes"]
    assert only == {
        "name": "only",
        "type": "string",
        "multiValued": False,
        "description": "",
        "required": False,
        "caseExact": False,
        "mutability": "readWrite",
        "returned": "default",
        "uniqueness": "none",
    }
    assert [sub["name"] for sub in parts["subAttributes"]] == ["$ref"]


@pytest.mark.covers("R-7643-3.3-02")
def test_a_required_extension_stays(reader: Connection, library: World) -> None:
    until = "2027-01-01T00:00:00+01:00"
    body = {"schemas": [ASSET, LEASE], "label": "Van", LEASE: {"until": until}}
    made = created(reader, "/LeasedAssets", body)
    assert made[LEASE] == {"until": until}
    address = f"/LeasedAssets/{made['id']}"
    with unchanged(library):
        check_refusal(reader.post("/LeasedAssets", {"schemas": [ASSET], "label": "Van"}), 400, "invalidValue", LEASE)
        check_refusal(reader.put(address, {"schemas": [ASSET], "label": "Van"}), 400, "invalidValue", LEASE)
        check_refusal(reader.patch(address, {"op": "remove", "path": LEASE}), 400, "mutability", LEASE)
        half = body | {LEASE: {"partner": "Bank"}}
        check_refusal(reader.post("/LeasedAssets", half), 400, "invalidValue", "until")
    check_refusal(reader.get(address.replace("LeasedAssets", "Assets")), 404)


@pytest.mark.covers("R-7643-3.1-02", "R-7643-3.1-03")
def test_types_in_one_table_do_not_see_each_other(reader: Connection) -> None:
    asset = created(reader, "/Assets", {"schemas": [ASSET], "label": "Desk"})
    assert reader.find("/Assets", "label pr") == [asset]
    assert reader.find("/LeasedAssets", "label pr") == []
    for endpoint in ("/LeasedAssets", "/Devices", "/Users", "/Groups"):
        for method in ("GET", "DELETE"):
            check_refusal(reader.send(method, f"{endpoint}/{asset['id']}"), 404)
    check_refusal(reader.get(f"/Assets/{asset['id'].upper()}"), 404)


def test_names_that_users_and_groups_compute_are_plain_elsewhere(reader: Connection) -> None:
    user = reader.create_user("ana")
    body = {"schemas": [ASSET], "label": "Desk", "members": ["oak", "steel"], "manager": {"value": user["id"]}}
    made = created(reader, "/Assets", body)
    assert (made["members"], made["manager"]) == (body["members"], body["manager"])
    assert reader.find("/Assets", 'members eq "STEEL"') == [made]
    assert reader.find("/Assets", f'manager eq "{user["id"]}"') == [made]


@pytest.mark.covers("R-7643-4.2-03")
def test_a_device_is_no_member_of_a_group(reader_as: Any, library: World) -> None:
    reader, strict = reader_as("tolerant"), reader_as("rfc")
    made = created(reader, "/Devices", device("Door"))
    assert "members" not in reader.create_group("Staff", made["id"])
    made = created(strict, "/Devices", device("Door"))
    body = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Staff"}
    with unchanged(library):
        check_refusal(strict.post("/Groups", body | {"members": [{"value": made["id"]}]}), 400, "invalidValue")


def test_a_change_of_a_device_has_one_audit_entry(reader: Connection, library: World) -> None:
    made = created(reader, "/Devices", device("Door"))
    reader.put(f"/Devices/{made['id']}", device("Gate"))
    reader.delete(f"/Devices/{made['id']}")
    entries = [entry for entry in library.trail() if entry.object_id == made["id"]]
    assert [entry.action for entry in entries] == ["device.created", "device.changed", "device.deleted"]
    assert [entry.before and entry.before["displayName"] for entry in entries] == [None, "Door", "Gate"]
    assert [entry.after and entry.after["displayName"] for entry in entries] == ["Door", "Gate", None]
    assert {entry.cause for entry in entries} == {"create Device", "replace Device", "delete Device"}


@pytest.mark.covers("R-AGENT-3-01")
def test_agents_have_names_of_their_own(reader: Connection, library: World) -> None:
    made = created(reader, "/Agents", {"schemas": [AGENT], "name": "Helper", "owners": [{"value": "x"}]})
    assert "owners" not in made
    with unchanged(library):
        check_refusal(reader.post("/Agents", {"schemas": [AGENT], "name": "HELPER"}), 409, "uniqueness", "name")
    assert reader.find("/Agents", 'name eq "helper"') == [made]
    application = {"schemas": [AGENT.replace(":Agent", ":AgenticApplication")], "name": "Helper"}
    created(reader, "/AgenticApplications", application)


@pytest.mark.covers("R-7644-6-02")
def test_devices_stay_with_their_tenant(reader_as: Any) -> None:
    one, other = reader_as("tolerant"), reader_as("tolerant")
    made = created(one, "/Devices", device("Door", **{BLE: _ble("2C:54")}))
    created(other, "/Devices", device("Door", **{BLE: _ble("2C:54")}))
    for method, body in (("GET", None), ("PUT", device("x")), ("DELETE", None)):
        check_refusal(other.send(method, f"/Devices/{made['id']}", body), 404)
    assert other.find("/Devices", f'id eq "{made["id"]}"') == []


@pytest.mark.covers("R-AGENT-3-01")
@pytest.mark.parametrize("profile", ["tolerant", "rfc"])
def test_scim2_tester_finds_no_fault_in_agents(build_world: Callable[..., World], profile: str) -> None:
    world = build_world(schemas_dir=SCHEMAS / "agents")
    agents = world.connect(world.tenant("acme", profile))
    headers = {"Authorization": f"Bearer {agents.token}"}
    client = WSGISCIMClient(world.app, base_url="https://seats.example.com/scim/acme/v2", headers=headers)
    results = check_server(client, resource_types=["Agent", "AgenticApplication"])
    faults = {Status.ERROR, Status.CRITICAL, Status.DEVIATION}
    assert len([result for result in results if result.status is Status.SUCCESS]) > 30
    assert [(result.title, result.reason) for result in results if result.status in faults] == []


def test_a_request_about_devices_costs_a_fixed_number_of_statements(reader: Connection, library: World) -> None:
    """Two of each for its unique value, whatever the number of devices and of their values."""
    costs = []
    for size in (1, 30):
        bodies = [device(f"d{number}", **{BLE: _ble(f"{size}-{number}")}) for number in range(size)]
        with counting(library) as creating:
            made = [created(reader, "/Devices", body) for body in bodies]
        address = f"/Devices/{made[0]['id']}"
        move = {"op": "replace", "path": f"{BLE}:deviceMacAddress", "value": f"moved-{size}"}
        with counting(library) as changing:
            assert reader.patch(address, move).status_code == 200
        with counting(library) as listing:
            assert len(names(reader, "/Devices?filter=active%20eq%20true")) >= size
        costs.append((int(creating) // size, int(changing), int(listing)))
    assert costs[0] == costs[1]


def test_the_documented_example_works(build_world: Callable[..., World], tmp_path: Path) -> None:
    """docs/custom-schemas.md: the two files, the request, the answer."""
    blocks = re.findall(r"```(?:json|console)\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    schema, kind = blocks[:2]
    request = next(block for block in blocks if "curl" in block).partition("<<'END'\n")[2].partition("END")[0]
    promised = json.loads(next(block for block in blocks if '"meta"' in block))
    (tmp_path / "printer.json").write_text(schema)
    (tmp_path / "printer-type.json").write_text(kind)
    world = build_world(schemas_dir=tmp_path)
    client = world.connect(world.tenant("acme"))
    made = created(client, "/Printers", json.loads(request))
    assert made.keys() == promised.keys()
    assert {**made, "id": 0, "meta": 0} == {**promised, "id": 0, "meta": 0}
    assert (made["meta"].keys(), made["meta"]["resourceType"]) == (promised["meta"].keys(), "Printer")
    check_refusal(client.post("/Printers", request), 409, "uniqueness")
    assert client.find("/Printers", 'trays[type eq "A3"]') == [made]
