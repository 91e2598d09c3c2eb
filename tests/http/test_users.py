"""RFC 7644 sections 3.3, 3.4.1, 3.5 and 3.6 on Users."""

import re
from uuid import UUID

import pytest

from tests.http.refusals import check_refusal, unchanged
from tests.worlds import ENTERPRISE, SEATS, USER, Connection, World

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z")

FULL = {
    "schemas": [USER, ENTERPRISE],
    "userName": "Ana@X.test",
    "externalId": "e-1",
    "name": {"givenName": "Ana", "familyName": "Ånger", "formatted": "Ana Ånger"},
    "displayName": "  Ana Ånger 😀 ",
    "nickName": "",
    "profileUrl": "https://x.test/ana",
    "title": "Lead",
    "active": True,
    "emails": [
        {"value": "ana@x.test", "type": "work", "primary": True},
        {"value": "ana@home.test", "type": "home"},
    ],
    "phoneNumbers": [{"value": "tel:+1-201-555-0123", "type": "work"}],
    "addresses": [{"type": "work", "locality": "Malmö", "country": "SE"}],
    "x509Certificates": [{"value": "MIIB"}],
    ENTERPRISE: {"employeeNumber": "7", "department": "R&D", "manager": {"value": "nobody"}},
}


def test_create_answers_the_resource_and_its_address(client: Connection) -> None:
    answer = client.post("/Users", {"schemas": [USER], "userName": "ana"})
    ana = answer.json
    assert answer.status_code == 201
    assert answer.content_type == "application/scim+json"
    assert UUID(ana["id"]).version == 7
    address = f"https://seats.example.com/scim/{client.slug}/v2/Users/{ana['id']}"
    assert answer.headers["Location"] == answer.headers["Content-Location"] == ana["meta"]["location"] == address
    assert answer.headers["ETag"] == ana["meta"]["version"] == 'W/"1"'
    assert ana["meta"]["resourceType"] == "User"
    assert INSTANT.fullmatch(ana["meta"]["created"])
    assert ana["meta"]["created"] == ana["meta"]["lastModified"]
    assert ana["schemas"] == [USER]
    assert client.get(f"/Users/{ana['id']}").json == ana


def test_every_value_comes_back_as_it_was_sent(client: Connection) -> None:
    """Never trimmed, re-cased or reformatted (quirk 72); extensions after the base schema (quirk 62)."""
    ana = client.post("/Users", FULL).json
    kept = {name: value for name, value in ana.items() if name not in {"id", "meta"}}
    manager = kept[ENTERPRISE]["manager"]
    assert manager.pop("$ref").endswith("/Users/nobody")
    assert kept == FULL


def test_a_created_user_is_active_unless_told_otherwise(client: Connection) -> None:
    assert client.create_user("ana")["active"] is True
    assert client.create_user("bo", active=False)["active"] is False
    assert client.create_user("cy", active="False")["active"] is False


READ_ONLY = {
    "id": "mine",
    "meta": {"version": "x", "location": "y"},
    "groups": [{"value": "g"}],
    SEATS: {"status": "x"},
}


def test_read_only_attributes_in_a_body_are_ignored(client: Connection) -> None:
    """C-42, C-47, quirk 44."""
    ana = client.create_user("ana", **READ_ONLY)
    assert ana["id"] != "mine"
    assert "groups" not in ana
    assert ana["meta"]["version"] == 'W/"1"'
    answer = client.put(f"/Users/{ana['id']}", {"schemas": [USER], "userName": "ana", **READ_ONLY})
    assert answer.status_code == 200
    assert answer.json == ana


def test_null_and_empty_values_are_unassigned(client: Connection) -> None:
    """RFC 7643 section 2.5; an empty text is a value."""
    ana = client.create_user("ana", title=None, emails=[], name={}, nickName="")
    assert not {"title", "emails", "name"} & ana.keys()
    assert ana["nickName"] == ""


def test_a_password_is_neither_answered_nor_kept(client: Connection, house: World) -> None:
    """Invariant 11."""
    ana = client.create_user("ana", password="canary-3141")
    answer = client.patch(f"/Users/{ana['id']}", {"op": "replace", "path": "password", "value": "canary-3141"})
    assert answer.status_code == 200
    assert answer.headers["ETag"] == 'W/"1"'
    client.put(f"/Users/{ana['id']}", {"schemas": [USER], "userName": "ana", "password": "canary-3141", "title": "x"})
    everything = [house.rows("users"), house.trail(), house.rows("outbox")]
    assert "canary-3141" not in repr(everything) + client.get(f"/Users/{ana['id']}").text


def test_external_ids_may_repeat(client: Connection) -> None:
    """C-48."""
    client.create_user("ana", externalId="same")
    client.create_user("bo", externalId="same")
    assert len(client.find("/Users", 'externalId eq "same"')) == 2


def test_names_and_schemas_are_read_in_any_case(client: Connection) -> None:
    answer = client.post(
        "/Users",
        {
            "Schemas": [USER.upper()],
            "USERNAME": "ana",
            "NAME": {"GIVENNAME": "Ana"},
            "Emails": [{"Value": "a@x.test", "TYPE": "work"}],
            ENTERPRISE.lower(): {"DEPARTMENT": "R&D"},
        },
    )
    assert answer.status_code == 201, answer.text
    ana = answer.json
    assert ana["name"] == {"givenName": "Ana"}
    assert ana["emails"] == [{"value": "a@x.test", "type": "work"}]
    assert ana[ENTERPRISE] == {"department": "R&D"}
    assert ana["schemas"] == [USER, ENTERPRISE]


def test_replace_clears_what_it_leaves_out(client: Connection) -> None:
    """C-38; createds and ids stay; the version rises by one."""
    ana = client.post("/Users", FULL).json
    answer = client.put(f"/Users/{ana['id']}", {"schemas": [USER], "userName": "ana@x.test", "title": "New"})
    assert answer.status_code == 200
    assert answer.json.keys() == {"schemas", "id", "userName", "title", "active", "meta"}
    assert answer.json["meta"]["created"] == ana["meta"]["created"]
    assert answer.json["meta"]["lastModified"] > ana["meta"]["lastModified"]
    assert answer.headers["ETag"] == answer.json["meta"]["version"] == 'W/"2"'
    assert answer.headers["Location"] == answer.headers["Content-Location"] == ana["meta"]["location"]


def test_replace_with_the_same_changes_nothing(client: Connection, house: World) -> None:
    """C-44: a client that sends back what it read."""
    ana = client.post("/Users", FULL).json
    with unchanged(house):
        answer = client.put(f"/Users/{ana['id']}", ana)
    assert answer.status_code == 200
    assert answer.json == ana


def test_leaving_out_active_brings_nobody_back(client: Connection) -> None:
    ana = client.create_user("ana", active=False)
    answer = client.put(f"/Users/{ana['id']}", {"schemas": [USER], "userName": "ana"})
    assert answer.json["active"] is False


PATCHES = {
    "add": ([{"op": "add", "path": "title", "value": "Lead"}], {"title": "Lead"}),
    "op in any case": ([{"op": "Replace", "path": "TITLE", "value": "Lead"}], {"title": "Lead"}),
    "without a path": ([{"op": "replace", "value": {"title": "Lead", "name": {"givenName": "A"}}}], {"title": "Lead"}),
    "dotted key": ([{"op": "add", "value": {"name.givenName": "A"}}], {"name": {"givenName": "A", "familyName": "B"}}),
    "sub-attribute": (
        [{"op": "replace", "path": "name.givenName", "value": "A"}],
        {"name": {"givenName": "A", "familyName": "B"}},
    ),
    "complex merges": (
        [{"op": "replace", "path": "name", "value": {"givenName": "A"}}],
        {"name": {"givenName": "A", "familyName": "B"}},
    ),
    "value filter": (
        [{"op": "replace", "path": 'emails[type eq "work"].value', "value": "new@x.test"}],
        {"emails": [{"value": "new@x.test", "type": "work"}]},
    ),
    "element made from the filter": (
        [{"op": "add", "path": 'emails[type eq "home"].value', "value": "h@x.test"}],
        {"emails": [{"value": "w@x.test", "type": "work"}, {"type": "home", "value": "h@x.test"}]},
    ),
    "new primary": (
        [{"op": "add", "path": "emails", "value": [{"value": "p@x.test", "primary": True}]}],
        {"emails": [{"value": "w@x.test", "type": "work"}, {"value": "p@x.test", "primary": True}]},
    ),
    "extension by path": (
        [{"op": "add", "path": f"{ENTERPRISE}:department", "value": "R&D"}],
        {ENTERPRISE: {"department": "R&D"}, "schemas": [USER, ENTERPRISE]},
    ),
    "extension by URN": (
        [{"op": "add", "path": ENTERPRISE, "value": {"department": "R&D"}}],
        {ENTERPRISE: {"department": "R&D"}, "schemas": [USER, ENTERPRISE]},
    ),
    "extension come and gone": (
        [
            {"op": "add", "path": f"{ENTERPRISE}:department", "value": "R&D"},
            {"op": "remove", "path": f"{ENTERPRISE}:department"},
        ],
        {ENTERPRISE: None, "schemas": [USER]},
    ),
    "remove": ([{"op": "remove", "path": "name.familyName"}], {"name": None}),
    "remove all": ([{"op": "remove", "path": "emails"}], {"emails": None}),
    "remove by filter": ([{"op": "remove", "path": 'emails[value ew "@x.test"]'}], {"emails": None}),
    "null clears": ([{"op": "replace", "path": "emails", "value": None}], {"emails": None}),
    "in order": (
        [{"op": "add", "path": "title", "value": "A"}, {"op": "replace", "path": "title", "value": "B"}],
        {"title": "B"},
    ),
    "user name": ([{"op": "replace", "path": "userName", "value": "BO"}], {"userName": "BO"}),
}


@pytest.mark.parametrize(("operations", "expected"), PATCHES.values(), ids=PATCHES.keys())
def test_patch(client: Connection, operations: list[dict], expected: dict) -> None:
    """A PATCH answers 200 with the changed user, as it is then read."""
    ana = client.create_user("ana", name={"familyName": "B"}, emails=[{"value": "w@x.test", "type": "work"}])
    answer = client.patch(f"/Users/{ana['id']}", *operations)
    assert answer.status_code == 200, answer.text
    for name, value in expected.items():
        assert answer.json.get(name) == value
    assert client.get(f"/Users/{ana['id']}").json == answer.json
    assert answer.headers["ETag"] == answer.json["meta"]["version"]
    assert answer.headers["Location"] == ana["meta"]["location"]


NO_CHANGES = {
    "add of what is there": {"op": "add", "path": "emails", "value": [{"value": "w@x.test", "type": "work"}]},
    "replace by the same": {"op": "replace", "path": "userName", "value": "ana"},
    "remove of what is not there": {"op": "remove", "path": "title"},
    "remove by a filter that matches nothing": {"op": "remove", "path": 'emails[type eq "home"]'},
    "without a path": {"op": "replace", "value": {"active": True}},
    "manager sent back": {"op": "replace", "value": {ENTERPRISE: {"manager": {"value": "m", "$ref": "../Users/m"}}}},
    "read-only in a value": {"op": "replace", "value": {"id": "x", "meta": {}, "groups": []}},
}


@pytest.mark.parametrize("operation", NO_CHANGES.values(), ids=NO_CHANGES.keys())
def test_patch_without_effect(client: Connection, house: World, operation: dict) -> None:
    """C-02, C-04: success, no new version, nothing written."""
    work = {"value": "w@x.test", "type": "work"}
    ana = client.create_user("ana", emails=[work], **{ENTERPRISE: {"manager": {"value": "m"}}})
    with unchanged(house):
        answer = client.patch(f"/Users/{ana['id']}", operation)
    assert answer.status_code == 200
    assert answer.json == ana


def test_a_patch_of_nothing(client: Connection, strict: Connection, house: World) -> None:
    """Quirk 48: taken for no change; read strictly, C-30 refuses it."""
    ana, bo = client.create_user("ana"), strict.create_user("bo")
    with unchanged(house):
        assert client.patch(f"/Users/{ana['id']}").json == ana
        check_refusal(strict.patch(f"/Users/{bo['id']}"), 400, "invalidValue", "Operations")


def test_a_patch_is_all_or_nothing(client: Connection, house: World) -> None:
    ana = client.create_user("ana")
    with unchanged(house):
        answer = client.patch(
            f"/Users/{ana['id']}",
            {"op": "replace", "path": "title", "value": "Lead"},
            {"op": "replace", "path": "emails", "value": [{"value": "a@x.test", "primary": "maybe"}]},
        )
    check_refusal(answer, 400, "invalidValue", "emails", "primary")


def test_a_deleted_user_is_gone_and_the_name_is_free(client: Connection, house: World) -> None:
    """Quirks 58 and 59; a new id for whoever comes next."""
    ana = client.create_user("ana", externalId="e")
    answer = client.delete(f"/Users/{ana['id']}")
    assert (answer.status_code, answer.data) == (204, b"")
    assert "Content-Type" not in answer.headers
    with unchanged(house):
        for again in (
            client.get(f"/Users/{ana['id']}"),
            client.put(f"/Users/{ana['id']}", {"schemas": [USER], "userName": "ana"}),
            client.patch(f"/Users/{ana['id']}", {"op": "replace", "path": "active", "value": True}),
            client.delete(f"/Users/{ana['id']}"),
        ):
            check_refusal(again, 404, None, "User", ana["id"])
    assert client.find("/Users", 'userName eq "ana"') == []
    assert client.create_user("ana", externalId="e")["id"] != ana["id"]


def test_a_suspended_user_stays_visible(client: Connection) -> None:
    ana = client.create_user("ana")
    client.patch(f"/Users/{ana['id']}", {"op": "replace", "value": {"active": False}})
    assert client.get(f"/Users/{ana['id']}").json["active"] is False
    assert [each["id"] for each in client.find("/Users", "active eq false")] == [ana["id"]]


def test_groups_of_a_user_are_the_servers_to_say(client: Connection) -> None:
    """RFC 7643 section 4.1.2: direct and indirect; a change of groups is no change of the user."""
    ana = client.create_user("ana")
    inner = client.create_group("Inner", ana["id"])
    outer = client.create_group("Outer", inner["id"])
    groups = client.get(f"/Users/{ana['id']}").json["groups"]
    base = f"https://seats.example.com/scim/{client.slug}/v2/Groups"
    assert sorted(groups, key=lambda group: group["display"]) == [
        {"value": inner["id"], "$ref": f"{base}/{inner['id']}", "display": "Inner", "type": "direct"},
        {"value": outer["id"], "$ref": f"{base}/{outer['id']}", "display": "Outer", "type": "indirect"},
    ]
    assert client.get(f"/Users/{ana['id']}").headers["ETag"] == 'W/"1"'


def test_a_manager_is_shown_with_name_and_address(client: Connection) -> None:
    boss = client.create_user("boss", displayName="The Boss")
    ana = client.create_user("ana", **{ENTERPRISE: {"manager": {"value": boss["id"], "displayName": "made up"}}})
    assert ana[ENTERPRISE]["manager"] == {
        "value": boss["id"],
        "$ref": boss["meta"]["location"],
        "displayName": "The Boss",
    }
    client.patch(f"/Users/{boss['id']}", {"op": "replace", "path": "displayName", "value": "Bo"})
    assert client.get(f"/Users/{ana['id']}").json[ENTERPRISE]["manager"]["displayName"] == "Bo"
    client.delete(f"/Users/{boss['id']}")
    assert "displayName" not in client.get(f"/Users/{ana['id']}").json[ENTERPRISE]["manager"]


TWINS = {"same": "ana@x.test", "other case": "ANA@X.TEST", "full width": "ａna@x.test"}


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS.keys())
def test_a_user_name_is_used_once(client: Connection, house: World, twin: str) -> None:
    """Quirk 56, C-45: 409 for create, replace and patch; an inactive user counts."""
    client.create_user("ana@x.test", active=False)
    bo = client.create_user("bo@x.test")
    with unchanged(house):
        for answer in (
            client.post("/Users", {"schemas": [USER], "userName": twin}),
            client.put(f"/Users/{bo['id']}", {"schemas": [USER], "userName": twin}),
            client.patch(f"/Users/{bo['id']}", {"op": "replace", "path": "userName", "value": twin}),
        ):
            check_refusal(answer, 409, "uniqueness", "userName", twin)


def test_tenants_have_names_of_their_own(client: Connection, strict: Connection) -> None:
    client.create_user("ana")
    strict.create_user("ana")


BAD_USERS = {
    "no user name": ({"displayName": "Ana"}, "userName"),
    "null user name": ({"userName": None}, "userName"),
    "empty user name": ({"userName": ""}, "userName"),
    "blank user name": ({"userName": "  "}, "userName"),
    "number for a user name": ({"userName": 7}, "userName"),
    "user name with blanks": ({"userName": " ana "}, "userName"),
    "long user name": ({"userName": "a" * 513}, "userName"),
    "long external id": ({"userName": "ana", "externalId": "a" * 513}, "externalId"),
    "long display name": ({"userName": "ana", "displayName": "a" * 513}, "displayName"),
    "long e-mail": ({"userName": "ana", "emails": [{"value": "a" * 513}]}, "emails"),
    "text for a boolean": ({"userName": "ana", "active": "maybe"}, "active"),
    "number for a boolean": ({"userName": "ana", "active": 1}, "active"),
    "text for an object": ({"userName": "ana", "name": "Ana"}, "name"),
    "list for a text": ({"userName": "ana", "title": ["x"]}, "title"),
    "number in a list": ({"userName": "ana", "emails": [7]}, "emails"),
    "two primaries": (
        {"userName": "ana", "emails": [{"value": "a", "primary": True}, {"value": "b", "primary": True}]},
        "emails",
    ),
    "text for an extension": ({"userName": "ana", ENTERPRISE: "x"}, ENTERPRISE),
    "no address": ({"userName": "ana", "profileUrl": 7}, "profileUrl"),
}


@pytest.mark.parametrize(("body", "named"), BAD_USERS.values(), ids=BAD_USERS.keys())
def test_refuses_users(client: Connection, house: World, body: dict, named: str) -> None:
    ana = client.create_user("other")
    with unchanged(house):
        check_refusal(client.post("/Users", {"schemas": [USER], **body}), 400, "invalidValue", named)
        check_refusal(client.put(f"/Users/{ana['id']}", {"schemas": [USER], **body}), 400, "invalidValue", named)


BAD_PATCHES = {
    "unknown path": ([{"op": "replace", "path": "shoeSize", "value": 1}], "invalidPath", "shoeSize"),
    "unknown sub-attribute": ([{"op": "replace", "path": "name.shoe", "value": 1}], "invalidPath", "shoe"),
    "unknown URN": ([{"op": "add", "path": "urn:x:y:User:a", "value": 1}], "invalidPath", "urn:x:y"),
    "open bracket": ([{"op": "replace", "path": 'emails[type eq "work"', "value": 1}], "invalidPath", "emails"),
    "empty path": ([{"op": "replace", "path": "", "value": 1}], "invalidPath", "path"),
    "number for a path": ([{"op": "replace", "path": 7, "value": 1}], "invalidSyntax", "path"),
    "unknown attribute in a filter": (
        [{"op": "replace", "path": 'emails[shoe eq "1"].value', "value": "x"}],
        "invalidFilter",
        "shoe",
    ),
    "bad operator in a filter": (
        [{"op": "replace", "path": 'emails[type is "1"].value', "value": "x"}],
        "invalidFilter",
        "",
    ),
    "read-only": ([{"op": "replace", "path": "groups", "value": []}], "mutability", "groups"),
    "id": ([{"op": "replace", "path": "id", "value": "x"}], "mutability", "id"),
    "part of meta": ([{"op": "replace", "path": "meta.location", "value": "x"}], "mutability", "meta"),
    "remove a required": ([{"op": "remove", "path": "userName"}], "mutability", "userName"),
    "clear a required": ([{"op": "replace", "path": "userName", "value": None}], "invalidValue", "userName"),
    "remove nothing": ([{"op": "remove"}], "noTarget", "path"),
    "filter that can make nothing": (
        [{"op": "replace", "path": 'emails[value co "zz"].type', "value": "home"}],
        "noTarget",
        "emails",
    ),
    "unknown op": ([{"op": "move", "path": "title", "value": "x"}], "invalidSyntax", "op"),
    "no op": ([{"path": "title", "value": "x"}], "invalidSyntax", "op"),
    "text for an operation": (["add"], "invalidSyntax", "peration"),
    "wrong type": ([{"op": "replace", "path": "active", "value": "maybe"}], "invalidValue", "active"),
    "text without a path": ([{"op": "replace", "value": "x"}], "invalidValue", "value"),
    "base schema removed": (
        [{"op": "replace", "path": "schemas", "value": [ENTERPRISE]}],
        "mutability",
        "schemas",
    ),
}


@pytest.mark.parametrize(("operations", "scim_type", "named"), BAD_PATCHES.values(), ids=BAD_PATCHES.keys())
def test_refuses_patches(client: Connection, house: World, operations: list, scim_type: str, named: str) -> None:
    ana = client.create_user("ana", emails=[{"value": "w@x.test", "type": "work"}])
    with unchanged(house):
        check_refusal(client.patch(f"/Users/{ana['id']}", *operations), 400, scim_type, named)
