"""RFC 7644 section 3.9: attributes and excludedAttributes, on every verb that answers a resource."""

import pytest

from tests.worlds import ENTERPRISE, SEATS, USER, Connection

ALWAYS = {"schemas", "id"}


@pytest.fixture
def ana(client: Connection) -> dict:
    return client.create_user(
        "ana",
        name={"givenName": "Ana", "familyName": "Ek"},
        emails=[{"value": "a@x.test", "type": "work"}],
        **{ENTERPRISE: {"department": "R&D", "employeeNumber": "7"}},
    )


NAMED = {
    "attributes=userName": {"userName"},
    "attributes=USERNAME,displayName": {"userName"},
    "attributes=userName,name": {"userName", "name"},
    "attributes=%20userName%20,,name": {"userName", "name"},
    "attributes=meta": {"meta"},
    "attributes=id": set(),
    "attributes=shoeSize": set(),
    "attributes=password": set(),
    "attributes=groups": set(),
    f"attributes={ENTERPRISE}:department": {ENTERPRISE},
    f"attributes={ENTERPRISE}": {ENTERPRISE},
    f"attributes={USER}:userName": {"userName"},
    f"attributes={SEATS}": {SEATS},
    f"attributes={SEATS}:status": {SEATS},
    "Attributes=userName": {"userName"},
    "attributes=": {"userName", "name", "emails", "active", "meta", ENTERPRISE},
    "excludedAttributes=name,emails": {"userName", "active", "meta", ENTERPRISE},
    "excludedAttributes=id,schemas,meta": {"userName", "name", "emails", "active", ENTERPRISE},
    f"excludedattributes={ENTERPRISE}": {"userName", "name", "emails", "active", "meta"},
    "excludedAttributes=shoeSize": {"userName", "name", "emails", "active", "meta", ENTERPRISE},
}


@pytest.mark.parametrize(("query", "expected"), NAMED.items(), ids=NAMED.keys())
def test_a_read_and_a_list_show(client: Connection, ana: dict, query: str, expected: set[str]) -> None:
    """C-98, C-101, C-102, C-104, C-105; id and schemas always."""
    read = client.get(f"/Users/{ana['id']}?{query}")
    assert read.status_code == 200
    assert read.json.keys() == expected | ALWAYS
    assert client.get(f"/Users?{query}").json["Resources"] == [read.json]
    assert read.headers["ETag"] == 'W/"1"'
    assert read.headers["Location"] == ana["meta"]["location"]


def test_sub_attributes_are_chosen_one_by_one(client: Connection, ana: dict) -> None:
    """C-100."""
    shown = client.get(f"/Users/{ana['id']}?attributes=name.givenName,emails.value").json
    assert shown["name"] == {"givenName": "Ana"}
    assert shown["emails"] == [{"value": "a@x.test"}]
    shown = client.get(f"/Users/{ana['id']}?excludedAttributes=name.givenName,{ENTERPRISE}:department").json
    assert shown["name"] == {"familyName": "Ek"}
    assert shown[ENTERPRISE] == {"employeeNumber": "7"}


def test_writes_are_shaped_as_well(client: Connection, ana: dict) -> None:
    """R-7644-3.3-05."""
    created = client.post("/Users?attributes=userName", {"schemas": [USER], "userName": "bo"})
    assert created.status_code == 201
    assert created.json.keys() == {"schemas", "id", "userName"}
    replaced = client.put(f"/Users/{ana['id']}?attributes=title", {"schemas": [USER], "userName": "ana", "title": "x"})
    assert replaced.json == {"schemas": [USER], "id": ana["id"], "title": "x"}
    patched = client.patch(f"/Users/{ana['id']}?excludedAttributes=meta", {"op": "remove", "path": "title"})
    assert patched.json.keys() == {"schemas", "id", "userName", "active"}


def test_seats_are_shown_only_where_asked_for(client: Connection, ana: dict) -> None:
    assert SEATS not in ana
    shown = client.get(f"/Users/{ana['id']}?attributes={SEATS}:status").json
    assert shown[SEATS] == {"status": "unassigned"}
    assert SEATS in shown["schemas"]


def test_members_can_be_left_out(client: Connection, ana: dict) -> None:
    """Quirk 19: Entra on every read of a group."""
    group = client.create_group("Sales", ana["id"])
    for query in ("excludedAttributes=members", "attributes=displayName"):
        assert "members" not in client.get(f"/Groups/{group['id']}?{query}").json
        assert "members" not in client.get(f"/Groups?{query}").json["Resources"][0]
    shown = client.get(f"/Groups/{group['id']}?attributes=members.value").json
    assert shown["members"] == [{"value": ana["id"]}]
