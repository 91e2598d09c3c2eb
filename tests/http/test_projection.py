"""RFC 7644 section 3.9: attributes and excludedAttributes, on every verb that answers a resource."""

import pytest

from tests.http.refusals import check_refusal, unchanged
from tests.http.test_statements import counting
from tests.worlds import ENTERPRISE, SEATS, USER, Connection, World

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


@pytest.mark.covers(
    *(f"R-7644-3.4.2.5-{number:02}" for number in (1, 2, 5, 6, 7, 9, 10)),
    *("C-98", "C-101", "C-102", "C-104", "C-105"),
)
@pytest.mark.parametrize(("query", "expected"), NAMED.items(), ids=NAMED.keys())
def test_a_read_and_a_list_show(client: Connection, ana: dict, query: str, expected: set[str]) -> None:
    """C-98, C-101, C-102, C-104, C-105; id and schemas always."""
    read = client.get(f"/Users/{ana['id']}?{query}")
    assert read.status_code == 200
    assert read.json.keys() == expected | ALWAYS
    assert client.get(f"/Users?{query}").json["Resources"] == [read.json]
    assert client.get(f"/Users?{query}&cursor=").json["Resources"] == [read.json]
    assert client.get(f"/?{query}").json["Resources"] == [read.json]
    assert read.headers["ETag"] == 'W/"1"'
    assert read.headers["Location"] == ana["meta"]["location"]


@pytest.mark.covers("R-7644-3.4.2.5-04", "C-100")
def test_sub_attributes_are_chosen_one_by_one(client: Connection, ana: dict) -> None:
    """C-100."""
    shown = client.get(f"/Users/{ana['id']}?attributes=name.givenName,emails.value").json
    assert shown["name"] == {"givenName": "Ana"}
    assert shown["emails"] == [{"value": "a@x.test"}]
    shown = client.get(f"/Users/{ana['id']}?excludedAttributes=name.givenName,{ENTERPRISE}:department").json
    assert shown["name"] == {"familyName": "Ek"}
    assert shown[ENTERPRISE] == {"employeeNumber": "7"}
    shown = client.get(f"/Users/{ana['id']}?excludedAttributes=emails.type,{USER.upper()}:NAME").json
    assert shown["emails"] == [{"value": "a@x.test"}]
    assert "name" not in shown


@pytest.mark.covers("R-7644-3.4.2.5-07", "R-7644-3.4.3-03")
@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({"attributes": ["userName"]}, {"userName"}),
        ({"attributes": [" USERNAME ", "", "name.givenName", "shoeSize"]}, {"userName", "name"}),
        ({"attributes": []}, {"userName", "name", "emails", "active", "meta", ENTERPRISE}),
        ({"attributes": [ENTERPRISE], "excludedAttributes": []}, {ENTERPRISE}),
        ({"excludedAttributes": ["emails", "meta", f"{ENTERPRISE}"]}, {"userName", "name", "active"}),
    ],
)
def test_a_search_shows(client: Connection, ana: dict, query: dict, shown: set[str]) -> None:
    for endpoint in ("", "/Users"):
        (found,) = client.search(endpoint, **query).json["Resources"]
        assert found.keys() == shown | ALWAYS


@pytest.mark.covers("R-7644-3.4.2.5-03", "C-99")
def test_both_kinds_of_list_are_refused_everywhere(client: Connection, house: World, ana: dict) -> None:
    query = "attributes=userName&excludedAttributes=emails"
    one, body = f"/Users/{ana['id']}?{query}", {"schemas": [USER], "userName": "bo"}
    with unchanged(house):
        for answer in (
            *(client.get(path) for path in (one, f"/Users?{query}", f"/?{query}", f"/Groups?{query}&filter=id pr")),
            *(client.post(f"/Users?{query}", body), client.put(one, body)),
            client.patch(one, {"op": "replace", "path": "title", "value": "x"}),
        ):
            check_refusal(answer, 400, "invalidValue", "excludedAttributes")


@pytest.mark.covers("R-7644-3.4.2.5-09")
def test_the_version_is_that_of_the_whole(client: Connection, ana: dict) -> None:
    address = f"/Users/{ana['id']}"
    client.patch(address, {"op": "replace", "path": "title", "value": "x"})
    for query in (
        "",
        "?attributes=userName",
        "?attributes=meta.version",
        "?excludedAttributes=title",
        "?attributes=id",
    ):
        answer = client.get(address + query)
        assert answer.headers["ETag"] == 'W/"2"'
        assert answer.json.get("meta", {}).get("version", 'W/"2"') == 'W/"2"'
    assert client.get(f"{address}?attributes=userName", If_None_Match='W/"2"').status_code == 304


@pytest.mark.covers("R-7644-3.4.2.5-08")
@pytest.mark.parametrize(
    "query", ["excludedAttributes=members", "attributes=displayName", "excludedAttributes=MEMBERS,meta"]
)
def test_members_that_are_not_shown_are_not_read(client: Connection, house: World, ana: dict, query: str) -> None:
    group = client.create_group("Sales", ana["id"])
    for path in (f"/Groups/{group['id']}?{query}", f"/Groups?{query}", f"/Groups?{query}&cursor="):
        client.get(path)
        with counting(house) as count:
            assert client.get(path).status_code == 200
        assert [statement for statement in count.statements if "members" in statement] == []
    with counting(house) as count:
        client.get(f"/Groups/{group['id']}")
    assert any("members" in statement for statement in count.statements)


@pytest.mark.covers("R-7644-3.3-05", "R-7644-3.4.2.5-07")
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


@pytest.mark.covers("R-7644-3.4.2.5-02", "C-101")
def test_members_can_be_left_out(client: Connection, ana: dict) -> None:
    """Quirk 19: Entra on every read of a group."""
    group = client.create_group("Sales", ana["id"])
    for query in ("excludedAttributes=members", "attributes=displayName"):
        assert "members" not in client.get(f"/Groups/{group['id']}?{query}").json
        assert "members" not in client.get(f"/Groups?{query}").json["Resources"][0]
    shown = client.get(f"/Groups/{group['id']}?attributes=members.value").json
    assert shown["members"] == [{"value": ana["id"]}]
    shown = client.get(f"/Groups/{group['id']}?excludedAttributes=members.display,members.$ref").json
    assert shown["members"] == [{"value": ana["id"], "type": "User"}]
