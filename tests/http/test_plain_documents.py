"""A list shows people as a read does, whether their documents are taken apart for it or go out as they are stored."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scim_server.services import reconciling, tenancy
from scim_server.store.walls import OPERATOR
from tests.worlds import CAUSE, ENTERPRISE, SEATS, USER, Connection, World

BADGES = "urn:example:params:scim:schemas:extension:badges:2.0:User"
ATTRIBUTES = [
    {"name": "colour"},
    {"name": "pin", "returned": "never"},
    {"name": "visits", "returned": "request"},
    {"name": "doors", "type": "complex", "multiValued": True, "subAttributes": [{"name": "value"}, {"name": "key"}]},
]
ATTRIBUTES[-1]["subAttributes"][-1]["returned"] = "request"  # type: ignore[index]
EVERYTHING = {
    "name": {"givenName": "Ana", "familyName": 'Ek "\\ é\u2028'},
    "emails": [{"value": "a@x.test", "type": "work", "primary": True}],
    "externalId": "",
    ENTERPRISE: {"department": "R&D"},
}
PLAIN: dict[str, dict[str, Any]] = {
    "least": {},
    "much": EVERYTHING,
    "extended": {BADGES: {"colour": "red"}},
    "keyless": {BADGES: {"doors": [{"value": "north"}]}},
}
OTHERS: dict[str, dict[str, Any]] = {
    "hidden": {BADGES: {"colour": "red", "pin": "1234"}},
    "hidden-alone": {BADGES: {"pin": "1234"}},
    "on-request": {BADGES: {"visits": "7"}},
    "on-request-within": {BADGES: {"doors": [{"value": "north", "key": "k1"}]}},
}


@pytest.fixture
def badges(tmp_path: Path) -> Path:
    """A folder of schemas, with an extension of users."""
    (tmp_path / "badges.json").write_text(json.dumps({"id": BADGES, "attributes": ATTRIBUTES}))
    (tmp_path / "user.json").write_text(json.dumps({"name": "User", "schemaExtensions": [{"schema": BADGES}]}))
    return tmp_path


@pytest.fixture
def client(build_world: Callable[..., World], badges: Path) -> Connection:
    world = build_world(schemas_dir=badges)
    return world.connect(world.tenant("acme"))


def marked(world: World) -> set[str]:
    """The names of people whose documents go out as they are stored."""
    statement = "SELECT user_name_key FROM users WHERE plain IS NOT NULL"
    with world.installation.database.read(OPERATOR) as connection:
        return set(connection.exec_driver_sql(statement).scalars())


def check(client: Connection) -> None:
    """Every list shows what reads show."""
    listed = client.get("/Users?sortBy=userName").json["Resources"]
    assert listed
    assert listed == [client.get(f"/Users/{each['id']}").json for each in listed]
    for place in ("/Users?sortBy=userName&cursor=", "/Users?sortBy=userName&filter=userName pr"):
        assert client.get(place).json["Resources"] == listed
    searched = client.post("/Users/.search", {"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]})
    of_all = [each for each in client.get("/").json["Resources"] if each["meta"]["resourceType"] == "User"]
    for some in (searched.json["Resources"], of_all):
        assert sorted(some, key=lambda each: each["userName"]) == listed


def test_a_list_shows_what_reads_show(client: Connection, build_world: Callable[..., World]) -> None:
    for name, attributes in {**PLAIN, **OTHERS}.items():
        client.create_user(name, **attributes)
    assert marked(build_world()) == {*PLAIN}
    check(client)
    assert "1234" not in client.get("/Users").text


def test_with_groups_and_managers(client: Connection, build_world: Callable[..., World]) -> None:
    boss = client.create_user("boss", displayName="The boss")
    ana = client.create_user("ana", **{ENTERPRISE: {"manager": {"value": boss["id"]}}})
    inner = client.create_group("Inner", ana["id"], boss["id"])
    client.create_group("Outer", inner["id"])
    check(client)
    assert marked(build_world()) == {"boss"}
    _, shown = client.get("/Users?sortBy=userName").json["Resources"]
    assert [(each["display"], each["type"]) for each in shown["groups"]] == [("Inner", "direct"), ("Outer", "indirect")]

    assert client.patch(f"/Users/{ana['id']}", {"op": "remove", "path": f"{ENTERPRISE}:manager"}).status_code == 200
    assert marked(build_world()) == {"ana", "boss"}
    check(client)


def test_it_follows_each_change(client: Connection, build_world: Callable[..., World]) -> None:
    address = f"/Users/{client.create_user('ana', **EVERYTHING)['id']}"
    for change, is_plain in (
        ({"op": "replace", "path": f"{BADGES}:pin", "value": "1234"}, False),
        ({"op": "replace", "path": "displayName", "value": "Ana"}, False),
        ({"op": "remove", "path": f"{BADGES}:pin"}, True),
    ):
        assert client.patch(address, change).status_code == 200
        assert marked(build_world()) == ({"ana"} if is_plain else set())
        check(client)
    assert client.put(address, {"schemas": [USER], "userName": "ana", BADGES: {"pin": "1"}}).status_code == 200
    assert marked(build_world()) == set()
    check(client)


def test_a_schema_that_hides_more_is_heeded_at_once(
    client: Connection, build_world: Callable[..., World], badges: Path
) -> None:
    """Documents keep the mark of what was shown when they were written."""
    ana = client.create_user("ana", **{BADGES: {"colour": "red"}})
    hiding = [{**each, "returned": "never"} for each in ATTRIBUTES[:1]] + ATTRIBUTES[1:]
    (badges / "badges.json").write_text(json.dumps({"id": BADGES, "attributes": hiding}))
    world = build_world(schemas_dir=badges)
    later = replace(client, http=world.app.test_client())
    (shown,) = later.get("/Users").json["Resources"]
    assert (shown["id"], shown["schemas"], BADGES in shown) == (ana["id"], [USER, BADGES], False)
    check(later)


def test_after_a_change_of_the_schemas_they_are_marked_anew(
    client: Connection, build_world: Callable[..., World], badges: Path
) -> None:
    """By hand, which finds nothing wrong and has no version raised."""
    for name in ("ana", "ben"):
        client.create_user(name, **{BADGES: {"pin" if name == "ben" else "colour": "1"}})
    before = client.get("/Users").json
    telling = [{**each, "returned": "default"} for each in ATTRIBUTES]
    (badges / "badges.json").write_text(json.dumps({"id": BADGES, "attributes": telling}))
    world = build_world(schemas_dir=badges)
    later, acme = replace(client, http=world.app.test_client()), tenancy.tenant(world.units, client.slug)
    assert reconciling.differences(world.units, acme) == []
    assert reconciling.repair(world.units, acme, CAUSE) == []
    assert marked(world) == {"ana", "ben"}
    check(later)
    assert [each["meta"] for each in later.get("/Users").json["Resources"]] == [
        each["meta"] for each in before["Resources"]
    ]


def test_whoever_is_told_of_seats_is_told_in_lists(house: World) -> None:
    client = house.connect(house.tenant(), idp="okta")
    client.create_user("ana")
    assert all(SEATS in each for each in client.get("/Users").json["Resources"])
    check(client)
