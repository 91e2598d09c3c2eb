"""What single switches of a profile decide (`scim-server tenant set`), over HTTP."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest

from scim_server.domain.errors import Taken
from scim_server.protocol.profiles import PROFILES, SWITCHES, profile_of, read_switches
from scim_server.services import tenancy
from tests.http.refusals import check_refusal, unchanged
from tests.worlds import CAUSE, ENTERPRISE, GROUP, USER, Connection, World

ConnectWith = Callable[..., Connection]
_numbers = count(1)


@pytest.fixture
def connect_with(house: World) -> ConnectWith:
    """A connection of a new tenant of that profile, with those switches set."""

    def connect(*switches: str, profile: str = "tolerant") -> Connection:
        tenant = house.tenant(f"switched-{next(_numbers)}", profile)
        changed = tenancy.set_terms(house.units, tenant, CAUSE, switches=read_switches(switches))
        return house.connect(changed)

    return connect


def test_every_switch_stands_in_one_of_its_positions_in_every_profile() -> None:
    for profile in PROFILES.values():
        for switch in SWITCHES.values():
            position = switch.position(profile)
            assert switch.position(profile_of(profile.name, ((switch.name, position),))) == position


def test_a_switch_holds_from_the_next_request_on_and_can_be_taken_back(house: World, connect_with: ConnectWith) -> None:
    client = connect_with()
    group = f"/Groups/{client.create_group('Sales')['id']}"
    rename = {"op": "replace", "path": "displayName", "value": "Sales"}
    assert client.patch(group, rename).status_code == 204
    tenant = tenancy.tenant(house.units, client.slug)
    tenant = tenancy.set_terms(house.units, tenant, CAUSE, switches={"patch.group_answer": "200"})
    assert client.patch(group, rename).json["displayName"] == "Sales"
    tenancy.set_terms(house.units, tenant, CAUSE, switches={"patch.group_answer": None})
    assert client.patch(group, rename).status_code == 204
    entries = [entry for entry in house.trail(tenant) if entry.object_id == tenant.id]
    assert [entry.action for entry in entries] == ["tenant.created", "tenant.changed", "tenant.changed"]


@pytest.mark.covers("R-7643-2.1-03", "R-7643-3-03")
def test_unknown_attributes(house: World, connect_with: ConnectWith) -> None:
    body = {"schemas": [USER, "urn:x:y"], "userName": "ana", "bogus": 1}
    answer = connect_with("unknown_attributes=ignore", profile="rfc").post("/Users", body)
    assert answer.status_code == 201
    assert "bogus" not in answer.json
    assert answer.json["schemas"] == [USER]
    client = connect_with("unknown_attributes=reject")
    with unchanged(house):
        check_refusal(client.post("/Users", body), 400, "invalidSyntax", "bogus")


@pytest.mark.covers("R-7643-4.3-01")
def test_unknown_references(house: World, connect_with: ConnectWith) -> None:
    body = {"schemas": [USER, ENTERPRISE], "userName": "ana", ENTERPRISE: {"manager": {"value": "nobody"}}}
    assert connect_with().post("/Users", body).status_code == 201
    client = connect_with(profile="rfc")
    group = client.create_group("Sales")["id"]
    with unchanged(house):
        check_refusal(client.post("/Users", body), 400, "invalidValue", "manager", "nobody")
        body[ENTERPRISE] = {"manager": {"value": group}}
        check_refusal(client.post("/Users", body), 400, "invalidValue", "manager", group)


def test_a_manager_who_has_left_is_in_nobodys_way(connect_with: ConnectWith) -> None:
    """What was true when it was written does not make later changes impossible."""
    client = connect_with(profile="rfc")
    manager = client.create_user("boss")["id"]
    extension = {ENTERPRISE: {"manager": {"value": manager}}}
    ana = client.create_user("ana", **{"schemas": [USER, ENTERPRISE], **extension})
    assert ana[ENTERPRISE]["manager"]["value"] == manager
    assert client.delete(f"/Users/{manager}").status_code == 204
    assert client.patch(f"/Users/{ana['id']}", {"op": "add", "path": "title", "value": "x"}).status_code == 200


@pytest.mark.covers("R-IOP-6.5-01", "R-IOP-6.5-02", "R-IOP-6.5-04", "R-7644-3.5.2.3-04", "C-17", "C-19")
def test_the_interop_draft_on_patch(house: World, connect_with: ConnectWith) -> None:
    client = connect_with(profile="interop")
    emails = [{"value": "a@x.test", "type": "work"}, {"value": "b@x.test", "type": "work"}]
    ana = client.create_user("ana", name={"givenName": "Ana", "familyName": "Lima"}, emails=emails)
    path = f"/Users/{ana['id']}"
    with unchanged(house):
        check_refusal(client.patch(path, {"op": "add", "value": {"title": "x"}}), 400, "invalidSyntax", "path")
        whole = {"op": "replace", "path": 'emails[type eq "work"]', "value": {"value": "c@x.test"}}
        check_refusal(client.patch(path, whole), 400, "invalidPath", "sub-attribute")
        both = {"op": "replace", "path": 'emails[type eq "work"].display', "value": "x"}
        check_refusal(client.patch(path, both), 400, "invalidFilter", "2 elements")
    replaced = client.patch(path, {"op": "replace", "path": "name", "value": {"givenName": "Bea"}})
    assert replaced.json["name"] == {"givenName": "Bea"}
    added = client.patch(path, {"op": "add", "path": "name", "value": {"familyName": "Lima"}})
    assert added.json["name"] == {"givenName": "Bea", "familyName": "Lima"}


@pytest.mark.covers("R-IOP-4-01")
def test_conformance_to_the_interop_draft_is_claimed_when_it_is_true(connect_with: ConnectWith) -> None:
    def claim(*switches: str, profile: str) -> Any:
        config = connect_with(*switches, profile=profile).get("/ServiceProviderConfig").json
        return config.get("interopProfileConformant")

    assert claim(profile="interop") is claim(profile="ipsie") is True
    assert claim("patch.pathless=allow", profile="interop") is False
    assert claim(profile="tolerant") is claim(profile="rfc") is None


@pytest.mark.covers("R-IPSIE-6.1-01", "R-7643-7-02")
def test_a_password_is_dropped_or_refused_and_never_published(house: World, connect_with: ConnectWith) -> None:
    body = {"schemas": [USER], "userName": "ana", "password": "hunter2"}
    assert connect_with().post("/Users", body).status_code == 201
    client = connect_with(profile="ipsie")
    ana = f"/Users/{client.create_user('ana')['id']}"
    with unchanged(house):
        check_refusal(client.post("/Users", {**body, "userName": "bo"}), 400, "invalidSyntax", "password")
        change = {"op": "replace", "path": "password", "value": "hunter2"}
        check_refusal(client.patch(ana, change), 400, "invalidSyntax", "password")
    names = [attribute["name"] for attribute in client.get(f"/Schemas/{USER}").json["attributes"]]
    assert "password" not in names


BADLY_FORMATTED = [
    {"addresses": [{"type": "work", "country": "USA"}]},
    {"timezone": "Mars/Olympus"},
    {"locale": "english"},
    {"preferredLanguage": "en US"},
    {"emails": [{"value": "not an address"}]},
]
WELL_FORMATTED = {
    "addresses": [{"type": "work", "country": "US"}],
    "timezone": "America/Sao_Paulo",
    "locale": "en-US",
    "preferredLanguage": "da, en-gb;q=0.8, en;q=0.7",
    "emails": [{"value": "a@x.test"}],
}


@pytest.mark.covers("R-7643-4.1-07")
@pytest.mark.parametrize("attributes", BADLY_FORMATTED, ids=lambda each: next(iter(each)))
def test_formats(house: World, connect_with: ConnectWith, attributes: dict[str, Any]) -> None:
    body = {"schemas": [USER], "userName": "ana", **attributes}
    assert connect_with().post("/Users", body).status_code == 201
    client = connect_with("formats=strict")
    with unchanged(house):
        check_refusal(client.post("/Users", body), 400, "invalidValue", next(iter(attributes)))
    client.create_user("bo", **WELL_FORMATTED)


@pytest.mark.covers("R-7644-7-09")
def test_names_that_are_made_to_look_like_another(house: World, connect_with: ConnectWith) -> None:
    cyrillic = "\u0430na"
    for name in (cyrillic, f"x.{cyrillic}@example.com"):
        assert connect_with().post("/Users", {"schemas": [USER], "userName": name}).status_code == 201
        client = connect_with("user.mixed_scripts=refuse")
        with unchanged(house):
            check_refusal(client.post("/Users", {"schemas": [USER], "userName": name}), 400, "invalidValue", "scripts")
    client = connect_with("user.mixed_scripts=refuse")
    for name in (
        "\u0438\u0432\u0430\u043d\u043e\u0432@example.com",
        "jos\u00e9",
        "\u5c71\u7530\u305f\u308d\u3046",
        "\u03a9",
    ):
        client.create_user(name)


def test_a_second_group_of_the_same_name(house: World, connect_with: ConnectWith) -> None:
    client = connect_with("group.unique_names=on", profile="rfc")
    client.create_group("Sales")
    with unchanged(house):
        answer = client.post("/Groups", {"schemas": [GROUP], "displayName": "SALES"})
        check_refusal(answer, 409, "uniqueness", "SALES")


@pytest.mark.covers("R-7644-3.14-08", "R-9110-13-02")
def test_a_change_must_name_the_version_it_is_meant_for(house: World, connect_with: ConnectWith) -> None:
    client = connect_with("if_match_required=on")
    ana = f"/Users/{client.create_user('ana')['id']}"
    body = {"schemas": [USER], "userName": "bea"}
    change = {"op": "replace", "path": "userName", "value": "bea"}
    with unchanged(house):
        for answer in (client.put(ana, body), client.patch(ana, change), client.delete(ana)):
            check_refusal(answer, 428, None, "If-Match", 'W/"1"')
        check_refusal(client.put("/Users/nobody", body), 404)
        check_refusal(client.put(ana, {"userName": ""}), 428)
        operation = {"method": "PUT", "path": ana, "data": body}
        bulk = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [operation]}
        assert client.post("/Bulk", bulk).json["Operations"][0]["status"] == "428"
    assert client.put(ana, body, If_Match='W/"1"').status_code == 200
    bulk["Operations"][0]["version"] = 'W/"2"'
    assert client.post("/Bulk", bulk).json["Operations"][0]["status"] == "200"
    assert client.delete(ana, If_Match="*").status_code == 204


@pytest.mark.parametrize("endpoint", ["/Users", "/Groups"])
def test_external_ids_are_unique_where_a_tenant_wants_it(
    house: World, connect_with: ConnectWith, endpoint: str
) -> None:
    client = connect_with("external_id_unique=on")
    schema, name = (USER, "userName") if endpoint == "/Users" else (GROUP, "displayName")

    def body(of: str, external_id: str | None) -> dict[str, Any]:
        return {"schemas": [schema], name: of, "externalId": external_id}

    first = client.post(endpoint, body("a", "x")).json
    with unchanged(house):
        check_refusal(client.post(endpoint, body("b", "x")), 409, "uniqueness", "externalId")
    second = client.post(endpoint, body("b", "X")).json
    with unchanged(house):
        change = {"op": "replace", "path": "externalId", "value": "x"}
        check_refusal(client.patch(f"{endpoint}/{second['id']}", change), 409, "uniqueness")
    assert client.put(f"{endpoint}/{first['id']}", body("a", "y")).status_code == 200
    assert client.patch(f"{endpoint}/{second['id']}", change).status_code in {200, 204}
    assert client.delete(f"{endpoint}/{first['id']}").status_code == 204
    assert client.post(endpoint, body("c", "y")).status_code == 201


def test_turning_that_on_looks_at_who_is_there_already(house: World, connect_with: ConnectWith) -> None:
    client = connect_with()
    ana, bea = (client.create_user(name, externalId="x")["id"] for name in ("ana", "bea"))
    client.create_group("Sales", externalId="x")
    with unchanged(house), pytest.raises(Taken, match="'x' belongs to two"):
        house.switch(client.slug, "external_id_unique", "on")
    client.patch(f"/Users/{bea}", {"op": "replace", "path": "externalId", "value": "y"})
    house.switch(client.slug, "external_id_unique", "on")
    with unchanged(house):
        body = {"schemas": [USER], "userName": "cat", "externalId": "y"}
        check_refusal(client.post("/Users", body), 409, "uniqueness")
    house.switch(client.slug, "external_id_unique", "off")
    client.patch(f"/Users/{ana}", {"op": "replace", "path": "externalId", "value": "z"})
    assert client.post("/Users", body).status_code == 201


def test_a_race_for_one_external_id_has_one_winner(world: World) -> None:
    tenant = tenancy.set_terms(world.units, world.tenant(), CAUSE, switches={"external_id_unique": "on"})
    client = world.connect(tenant)

    def create(number: int) -> int:
        body = {"schemas": [USER], "userName": f"u{number}", "externalId": "x"}
        return world.same_client(client).post("/Users", body).status_code

    with ThreadPoolExecutor(8) as pool:
        assert Counter(pool.map(create, range(16))) == {201: 1, 409: 15}
