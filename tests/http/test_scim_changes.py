"""RFC 9967: of each change of a user or a group, one event says what SCIM makes of it, where somebody listens."""

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from scim_server.domain.events import ScimChange
from scim_server.resources.scim_changes import MOST_MEMBERS
from tests.http.conftest import Connect
from tests.tellings import events, listen, told
from tests.worlds import ENTERPRISE, GROUP, PATCH_OP, USER, Connection, World

ANA: dict[str, Any] = {
    "schemas": [USER, ENTERPRISE],
    "externalId": "e-1",
    "displayName": "Ana Alt",
    "name": {"givenName": "Ana", "familyName": "Alt"},
    "title": "Buyer",
    "emails": [{"value": "ana@x.test", "type": "work", "primary": True}, {"value": "ana@home.test", "type": "home"}],
    ENTERPRISE: {"department": "Sales"},
}
TRAITS = "urn:example:params:scim:schemas:extension:traits:2.0:Any"
DOCUMENTS = ("id", "meta")


@pytest.fixture
def heard(house: World, client: Connection) -> Connection:
    """A client of a tenant where somebody wants the data."""
    listen(house, client.slug)
    return client


@pytest.fixture
def twin(connect_as: Connect) -> Connection:
    """A client of another tenant, that is told the same."""
    return connect_as("rfc")


def body_of(resource: dict[str, Any]) -> dict[str, Any]:
    """What of a resource the client says."""
    return {name: value for name, value in resource.items() if name not in DOCUMENTS}


def last(house: World, client: Connection, resource_id: str) -> ScimChange:
    return told(house, client, resource_id)[-1][1]


def done(answer: TestResponse) -> TestResponse:
    assert answer.status_code < 300, answer.text
    return answer


@pytest.mark.covers("R-9967-2.4-02", "R-9967-2.2-03", "R-9967-2.2-04")
def test_a_new_user_is_told_as_a_get_answers_it(house: World, heard: Connection) -> None:
    boss = heard.create_user("boss", displayName="The Boss")["id"]
    ana = heard.create_user("ana", **{**ANA, ENTERPRISE: {"department": "Sales", "manager": {"value": boss}}})
    ((name, change),) = told(house, heard, ana["id"])
    got = heard.get(f"/Users/{ana['id']}")
    assert (name, change.method, change.uri, change.external_id) == (
        "user.provisioned", "create", f"/Users/{ana['id']}", "e-1"
    )  # fmt: skip
    assert change.data == got.json
    assert got.json[ENTERPRISE]["manager"]["displayName"] == "The Boss"
    assert change.version == got.headers["ETag"]
    assert change.attributes == (
        "active", "displayName", "emails", "externalId", "name.familyName", "name.givenName", "title",
        f"{ENTERPRISE}:department", f"{ENTERPRISE}:manager.value", "userName",
    )  # fmt: skip
    assert (change.active, change.identifiers) == (None, {})


PATCHES: dict[str, tuple[list[dict[str, Any]], tuple[str, ...]]] = {
    "a sub-attribute": (
        [{"op": "replace", "path": "name.familyName", "value": "Neu"}],
        ("name.familyName",),
    ),
    "no path": (
        [{"op": "replace", "value": {"title": "Head", "nickName": "A"}}],
        ("nickName", "title"),
    ),
    "a value filter": (
        [{"op": "replace", "path": 'emails[type eq "work"].value', "value": "a@x.test"}],
        ("emails",),
    ),
    "an extension": (
        [{"op": "add", "path": f"{ENTERPRISE}:costCenter", "value": "7"}],
        (f"{ENTERPRISE}:costCenter",),
    ),
    "the end of an extension": (
        [{"op": "remove", "path": ENTERPRISE}],
        (f"{ENTERPRISE}:department",),
    ),
    "the end of a complex value": (
        [{"op": "remove", "path": "name"}],
        ("name.familyName", "name.givenName"),
    ),
    "a list that is new": (
        [{"op": "add", "path": "phoneNumbers", "value": [{"value": "+1", "type": "work"}]}],
        ("phoneNumbers",),
    ),
    "what changes, of what is said": (
        [{"op": "replace", "path": "title", "value": "Buyer"}, {"op": "add", "path": "nickName", "value": "A"}],
        ("nickName",),
    ),
    "Okta's suspension": (
        [{"op": "replace", "value": {"active": False}}],
        ("active",),
    ),
    "Entra's suspension": (
        [{"op": "Replace", "path": "active", "value": "False"}],
        ("active",),
    ),
    "Entra's dotted keys": (
        [{"op": "Add", "value": {"name.givenName": "Anna", f"{ENTERPRISE}:department": "Art"}}],
        ("name.givenName", f"{ENTERPRISE}:department"),
    ),
}  # fmt: skip


@pytest.mark.covers("R-9967-2.4-03", "R-9967-2.2-03", "R-9967-2.2-04")
@pytest.mark.parametrize("shape", PATCHES)
def test_a_patch_is_told_as_a_patch_that_does_the_same(
    house: World, heard: Connection, twin: Connection, shape: str
) -> None:
    operations, attributes = PATCHES[shape]
    ana, other = (each.create_user("ana", **ANA)["id"] for each in (heard, twin))
    version = done(heard.patch(f"/Users/{ana}", *operations)).headers["ETag"]
    name, change = told(house, heard, ana)[-1]
    assert (change.method, change.attributes, change.version) == ("patch", attributes, version)
    assert name == ("user.suspended" if attributes == ("active",) else "user.changed")
    assert change.data is not None
    assert change.data["schemas"] == [PATCH_OP]
    done(twin.send("PATCH", f"/Users/{other}", change.data))
    assert body_of(twin.get(f"/Users/{other}").json) == body_of(heard.get(f"/Users/{ana}").json)


@pytest.mark.covers("R-9967-2.4-03")
def test_a_put_is_told_as_a_put_that_does_the_same(house: World, heard: Connection, twin: Connection) -> None:
    ana, other = (each.create_user("ana", **ANA)["id"] for each in (heard, twin))
    body = {"schemas": [USER], "userName": "ana", "name": {"givenName": "Ana", "familyName": "Neu"}}
    version = done(heard.put(f"/Users/{ana}", body)).headers["ETag"]
    change = last(house, heard, ana)
    assert (change.method, change.version) == ("put", version)
    assert change.attributes == (
        "displayName", "emails", "externalId", "name.familyName", "title", f"{ENTERPRISE}:department"
    )  # fmt: skip
    done(twin.put(f"/Users/{other}", change.data))
    assert body_of(twin.get(f"/Users/{other}").json) == body_of(heard.get(f"/Users/{ana}").json)


def test_what_went_is_told_without_data(house: World, heard: Connection) -> None:
    ana = heard.create_user("ana", **ANA)["id"]
    done(heard.delete(f"/Users/{ana}"))
    name, change = told(house, heard, ana)[-1]
    assert name == "user.deleted"
    assert change == ScimChange("delete", f"/Users/{ana}", "e-1", None, (), None, None, {})


@pytest.mark.covers("R-9967-2.4-07")
def test_what_changed_nothing_or_was_refused_is_not_told(house: World, heard: Connection) -> None:
    ana = heard.create_user("ana", **ANA)["id"]
    team = heard.create_group("Team", ana)["id"]
    known = len(events(house, heard.slug))
    heard.create_user("ben")
    assert heard.patch(f"/Users/{ana}", {"op": "replace", "path": "title", "value": "Buyer"}).status_code == 200
    assert heard.put(f"/Users/{ana}", body_of(heard.get(f"/Users/{ana}").json)).status_code == 200
    assert heard.patch(f"/Groups/{team}", {"op": "add", "path": "members", "value": [{"value": ana}]}).status_code < 300
    refused = {"op": "replace", "path": "userName", "value": "ben"}
    assert heard.patch(f"/Users/{ana}", refused).status_code == 409
    assert heard.patch(f"/Users/{ana}", {"op": "replace", "path": "nonsense", "value": "x"}).status_code == 400
    assert heard.patch(f"/Users/{ana}", {"op": "remove", "path": "title"}, If_Match='W/"9"').status_code == 412
    assert heard.post("/Users", {"schemas": [USER], "userName": "ana"}).status_code == 409
    assert [each.event for each in events(house, heard.slug)[known:]] == ["user.provisioned"]


@pytest.mark.covers("R-9967-2.4-05", "C-140")
@pytest.mark.parametrize(
    ("first", "operation", "turned"),
    [
        (True, {"op": "replace", "path": "active", "value": False}, False),
        (False, {"op": "replace", "path": "active", "value": True}, True),
        (True, {"op": "remove", "path": "active"}, None),
        (True, {"op": "replace", "path": "title", "value": "x"}, None),
    ],
)
def test_what_active_became_is_told(
    house: World, heard: Connection, first: bool, operation: dict[str, Any], turned: bool | None
) -> None:
    ana = heard.create_user("ana", active=first)["id"]
    assert last(house, heard, ana).active is None
    done(heard.patch(f"/Users/{ana}", operation))
    assert last(house, heard, ana).active is turned


@pytest.mark.parametrize(
    ("operation", "identifiers"),
    [
        ({"op": "replace", "path": "userName", "value": "anna"}, {"userName": "ana", "newUserName": "anna"}),
        (
            {"op": "replace", "path": 'emails[type eq "work"].value', "value": "a@x.test"},
            {"email": "ana@x.test", "newEmail": "a@x.test"},
        ),
        ({"op": "replace", "path": 'emails[type eq "home"].value', "value": "a@x.test"}, {}),
        ({"op": "remove", "path": 'emails[type eq "work"]'}, {"email": "ana@x.test", "newEmail": "ana@home.test"}),
        ({"op": "remove", "path": "emails"}, {"email": "ana@x.test"}),
    ],
)
def test_another_name_or_address_is_told_with_the_one_before(
    house: World, heard: Connection, operation: dict[str, Any], identifiers: dict[str, str]
) -> None:
    ana = heard.create_user("ana", **ANA)["id"]
    done(heard.patch(f"/Users/{ana}", operation))
    assert last(house, heard, ana).identifiers == identifiers


def test_whoever_wants_notices_has_no_data_written(house: World, client: Connection) -> None:
    listen(house, client.slug, "notice")
    ana = client.create_user("ana", **ANA)["id"]
    team = client.create_group("Team", ana)["id"]
    done(client.patch(f"/Users/{ana}", {"op": "replace", "path": "title", "value": "Head"}))
    done(client.put(f"/Groups/{team}", {"schemas": [GROUP], "displayName": "Crew"}))
    found = [change for _, change in told(house, client)]
    assert [(change.method, change.data) for change in found] == [
        ("create", None), ("create", None), ("patch", None), ("put", None)
    ]  # fmt: skip
    assert all(change.attributes for change in found)


def test_where_nobody_listens_nothing_is_written(house: World, client: Connection) -> None:
    ana = client.create_user("ana", **ANA)["id"]
    team = client.create_group("Team", ana)["id"]
    done(client.patch(f"/Users/{ana}", {"op": "replace", "path": "title", "value": "Head"}))
    listen(house, client.slug)
    listen(house, client.slug, None)
    done(client.put(f"/Groups/{team}", {"schemas": [GROUP], "displayName": "Crew"}))
    done(client.delete(f"/Users/{ana}"))
    assert told(house, client) == []
    slug = [row["id"] for row in house.rows("tenants") if row["slug"] == client.slug]
    assert {row["scim"] for row in house.rows("outbox") if [row["tenant_id"]] == slug} == {None}


def test_a_new_group_is_told_as_a_get_answers_it(house: World, heard: Connection) -> None:
    ana, inner = heard.create_user("ana", **ANA)["id"], heard.create_group("Inner")["id"]
    team = heard.create_group("Team", ana, inner, externalId="g-1")["id"]
    ((name, change),) = told(house, heard, team)
    got = heard.get(f"/Groups/{team}")
    assert (name, change.method, change.uri, change.external_id) == (
        "group.created",
        "create",
        f"/Groups/{team}",
        "g-1",
    )
    assert change.data == got.json
    assert change.version == got.headers["ETag"]
    assert change.attributes == ("displayName", "externalId", "members")


def test_members_are_told_as_they_join_and_leave(house: World, heard: Connection) -> None:
    ana, ben, eva = (heard.create_user(name)["id"] for name in ("ana", "ben", "eva"))
    team = heard.create_group("Team", ana, ben)["id"]
    done(
        heard.patch(
            f"/Groups/{team}",
            {"op": "remove", "path": f'members[value eq "{ana}"]'},
            {"op": "add", "path": "members", "value": [{"value": eva}, {"value": ben}]},
        )
    )
    name, change = told(house, heard, team)[-1]
    assert (name, change.method, change.attributes) == ("group.changed", "patch", ("members",))
    assert change.data == {
        "schemas": [PATCH_OP],
        "Operations": [
            {"op": "remove", "path": f'members[value eq "{ana}"]'},
            {"op": "add", "path": "members", "value": [{"value": eva}]},
        ],
    }
    assert change.version == heard.get(f"/Groups/{team}").headers["ETag"]
    done(heard.delete(f"/Users/{ben}"))
    left = last(house, heard, team)
    assert left.data is not None
    assert left.data["Operations"] == [{"op": "remove", "path": f'members[value eq "{ben}"]'}]
    assert left.version == heard.get(f"/Groups/{team}").headers["ETag"]
    assert (last(house, heard, ben).method, told(house, heard, ben)[-1][0]) == ("delete", "user.deleted")
    done(heard.delete(f"/Groups/{team}"))
    assert last(house, heard, team) == ScimChange("delete", f"/Groups/{team}", None, None, (), None, None, {})


def test_a_group_that_is_put_is_told_with_all_its_members(house: World, heard: Connection, twin: Connection) -> None:
    ana, ben = (heard.create_user(name)["id"] for name in ("ana", "ben"))
    team = heard.create_group("Team", ana)["id"]
    body = {"schemas": [GROUP], "displayName": "Crew", "members": [{"value": ana}, {"value": ben}]}
    done(heard.put(f"/Groups/{team}", body))
    change = last(house, heard, team)
    assert (change.method, change.attributes) == ("put", ("displayName", "members"))
    members = [{"value": each, "type": "User"} for each in sorted([ana, ben])]
    assert change.data == {"schemas": [GROUP], "displayName": "Crew", "members": members}


def test_what_is_too_long_is_told_by_name(house: World, heard: Connection) -> None:
    ana = heard.create_user("ana")["id"]
    done(heard.patch(f"/Users/{ana}", {"op": "add", "path": "title", "value": "x" * 70_000}))
    long = last(house, heard, ana)
    assert (long.data, long.attributes, long.version) == (None, ("title",), 'W/"2"')
    done(heard.patch(f"/Users/{ana}", {"op": "add", "path": "title", "value": "é" * 10_000}))
    assert last(house, heard, ana).data is not None


def test_a_cycle_in_a_bulk_request_is_told_as_it_is_in_the_end(house: World, heard: Connection) -> None:
    bodies = {
        name: {"schemas": [GROUP], "displayName": name, "members": [{"value": f"bulkId:{other}"}]}
        for name, other in (("one", "two"), ("two", "one"))
    }
    operations = [{"method": "POST", "path": "/Groups", "bulkId": name, "data": body} for name, body in bodies.items()]
    message = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations}
    answer = done(heard.post("/Bulk", message))
    ids = [each["location"].rpartition("/")[2] for each in answer.json["Operations"]]
    for group_id in ids:
        ((name, change),) = told(house, heard, group_id)
        assert (name, change.method) == ("group.created", "create")
        assert change.data == heard.get(f"/Groups/{group_id}").json


def test_each_operation_of_a_bulk_request_is_told(house: World, heard: Connection) -> None:
    ana = heard.create_user("ana", **ANA)["id"]
    operations: list[dict[str, Any]] = [
        {"method": "POST", "path": "/Users", "bulkId": "b", "data": {"schemas": [USER], "userName": "ben"}},
        {
            "method": "PATCH",
            "path": f"/Users/{ana}",
            "data": {"schemas": [PATCH_OP], "Operations": [{"op": "replace", "path": "title", "value": "Head"}]},
        },
        {"method": "PUT", "path": f"/Users/{ana}", "data": {"schemas": [USER], "userName": "ana"}},
        {"method": "DELETE", "path": f"/Users/{ana}"},
    ]
    message = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations}
    done(heard.post("/Bulk", message))
    assert [change.method for _, change in told(house, heard)] == ["create", "create", "patch", "put", "delete"]


def test_one_event_of_several_has_it(house: World, heard: Connection) -> None:
    """Whoever gets a seat with the same request has events of that as well."""
    tenant = listen(house, heard.slug)
    house.buy(tenant, "meeting", 1)
    ana = heard.create_user("ana", entitlements=["meeting"])["id"]
    mine = [each for each in events(house, heard.slug) if each.subject.id == ana]
    assert [(each.event, each.scim is not None) for each in mine] == [
        ("user.provisioned", True), ("seat.assigned", False)
    ]  # fmt: skip
    assert [each.number for each in mine] == [1, 2]
    done(heard.patch(f"/Users/{ana}", {"op": "replace", "value": {"active": False}}))
    mine = [each for each in events(house, heard.slug) if each.subject.id == ana][2:]
    assert [(each.event, each.scim is not None) for each in mine] == [
        ("user.suspended", True), ("seat.released", False)
    ]  # fmt: skip


@pytest.mark.covers("R-9967-2.4-06")
def test_a_password_is_told_nowhere(house: World, heard: Connection) -> None:
    ana = heard.create_user("ana", password="t1meMa$heen")["id"]
    done(heard.patch(f"/Users/{ana}", {"op": "replace", "value": {"password": "t1meMa$heen", "title": "x"}}))
    assert "t1meMa" not in str(events(house, heard.slug))
    assert [change.attributes for _, change in told(house, heard)] == [("active", "userName"), ("title",)]


@pytest.mark.covers("R-9967-2.4-06")
def test_what_nobody_is_shown_is_told_by_name_alone(library: World, reader: Connection) -> None:
    listen(library, reader.slug)
    ana = reader.create_user("ana", **{TRAITS: {"hidden": "s3cret", "notes": "asked", "marker": "m", "pin": "1234"}})
    made = last(library, reader, ana["id"])
    assert made.data is not None
    assert made.data[TRAITS] == {"notes": "asked", "marker": "m"}
    assert {f"{TRAITS}:{name}" for name in ("hidden", "notes", "marker")} <= set(made.attributes)
    done(reader.patch(f"/Users/{ana['id']}", {"op": "replace", "path": f"{TRAITS}:hidden", "value": "s3cret too"}))
    hidden = last(library, reader, ana["id"])
    assert (hidden.method, hidden.attributes, hidden.data) == ("patch", (f"{TRAITS}:hidden",), None)
    done(reader.put(f"/Users/{ana['id']}", {"schemas": [USER], "userName": "ana", TRAITS: {"hidden": "s3cret 3"}}))
    assert last(library, reader, ana["id"]).data == {"schemas": [USER, TRAITS], "userName": "ana", "active": True}
    assert "s3cret" not in str(events(library, reader.slug))


def test_a_large_group_is_told_by_the_names_of_attributes(build_world: Callable[..., World]) -> None:
    world = build_world(bulk_max_operations=2000)
    client = world.connect(world.tenant())
    listen(world, client.slug)
    people = [f"p{number}" for number in range(MOST_MEMBERS + 1)]
    operations = [
        {"method": "POST", "path": "/Users", "bulkId": name, "data": {"schemas": [USER], "userName": name}}
        for name in people
    ]
    message = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations}
    answer = done(client.post("/Bulk", message))
    ids = [each["location"].rpartition("/")[2] for each in answer.json["Operations"]]
    team = client.create_group("Team", *ids)["id"]
    made = last(world, client, team)
    assert (made.method, made.data, made.attributes) == ("create", None, ("displayName", "members"))
    done(client.patch(f"/Groups/{team}", {"op": "remove", "path": "members"}))
    emptied = last(world, client, team)
    assert (emptied.method, emptied.data, emptied.attributes) == ("patch", None, ("members",))
    some = [{"value": member_id} for member_id in ids[:1000]]
    done(client.patch(f"/Groups/{team}", {"op": "add", "path": "members", "value": some}))
    joined = last(world, client, team)
    assert joined.data is not None
    assert len(joined.data["Operations"][0]["value"]) == 1000


def test_a_name_in_disguise_is_told_and_is_no_other_person(house: World, heard: Connection) -> None:
    ana = heard.create_user("ana@x.test", emails=[{"value": "ana@x.test", "type": "work"}])["id"]
    disguised = f"{'0' * 32}ana@x.test"
    done(heard.patch(f"/Users/{ana}", {"op": "replace", "path": "userName", "value": disguised}))
    change = last(house, heard, ana)
    assert change.data is not None
    assert change.data["Operations"] == [{"op": "replace", "path": "userName", "value": disguised}]
    assert change.identifiers == {}
