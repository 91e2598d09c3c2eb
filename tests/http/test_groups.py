"""RFC 7644 sections 3.3, 3.4.1, 3.5 and 3.6 on Groups, and RFC 7643 section 4.2."""

import pytest

from tests.http.refusals import check_refusal, unchanged
from tests.worlds import GROUP, USER, Connection, World

NOBODY = "01890000-0000-7000-8000-000000000000"


def test_create_answers_the_group_with_its_members(client: Connection) -> None:
    ana = client.create_user("ana", displayName="Ana")
    answer = client.post(
        "/Groups",
        {"schemas": [GROUP], "displayName": "Sales", "externalId": "g-1", "members": [{"value": ana["id"]}]},
    )
    group = answer.json
    assert answer.status_code == 201
    assert answer.headers["Location"] == group["meta"]["location"]
    assert group["meta"]["location"].endswith(f"/scim/{client.slug}/v2/Groups/{group['id']}")
    assert group["members"] == [{"value": ana["id"], "$ref": ana["meta"]["location"], "type": "User", "display": "Ana"}]
    assert (group["displayName"], group["externalId"], group["schemas"]) == ("Sales", "g-1", [GROUP])
    assert client.get(f"/Groups/{group['id']}").json == group


def test_a_group_can_be_a_member(client: Connection) -> None:
    inner = client.create_group("Inner")
    outer = client.create_group("Outer", inner["id"])
    assert outer["members"] == [
        {"value": inner["id"], "$ref": inner["meta"]["location"], "type": "Group", "display": "Inner"}
    ]


def test_groups_in_a_ring_are_read_and_deleted(client: Connection) -> None:
    ana = client.create_user("ana")
    one = client.create_group("One", ana["id"])
    two = client.create_group("Two", one["id"])
    client.patch(f"/Groups/{one['id']}", {"op": "add", "path": "members", "value": [{"value": two["id"]}]})
    groups = {group["display"]: group["type"] for group in client.get(f"/Users/{ana['id']}").json["groups"]}
    assert groups == {"One": "direct", "Two": "indirect"}
    assert client.delete(f"/Groups/{one['id']}").status_code == 204
    assert client.member_ids(two["id"]) == set()


def test_a_deleted_user_leaves_their_groups(client: Connection) -> None:
    ana, bo = client.create_user("ana"), client.create_user("bo")
    group = client.create_group("Sales", ana["id"], bo["id"])
    client.delete(f"/Users/{ana['id']}")
    assert client.member_ids(group["id"]) == {bo["id"]}


def test_patch_answers_204_unless_attributes_are_asked(client: Connection) -> None:
    """Quirk 76."""
    group = client.create_group("Sales")
    answer = client.patch(f"/Groups/{group['id']}", {"op": "replace", "path": "displayName", "value": "Selling"})
    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (204, b"", 'W/"2"')
    rename = {"op": "replace", "path": "displayName", "value": "Sold"}
    answer = client.patch(f"/Groups/{group['id']}?attributes=displayName", rename)
    assert answer.status_code == 200
    assert answer.json == {"schemas": [GROUP], "id": group["id"], "displayName": "Sold"}
    answer = client.patch(f"/Groups/{group['id']}?excludedAttributes=members", rename)
    assert (answer.status_code, answer.json["displayName"]) == (200, "Sold")


MEMBER_PATCHES = {
    "add": ([("add", "members", ["c"])], "abc"),
    "add one as an object": ([("add", "members", "c")], "abc"),
    "add again": ([("add", "members", ["a", "c", "c"])], "abc"),
    "add without a path": ([("add", None, ["c"])], "abc"),
    "remove by filter": ([("remove", 'members[value eq "{a}"]', None)], "b"),
    "remove by two terms": ([("remove", 'members[value eq "{a}" or value eq "{b}"]', None)], ""),
    "remove by display": ([("remove", 'members[display eq "A"]', None)], "b"),
    "remove a stranger by filter": ([("remove", 'members[value eq "{c}"]', None)], "ab"),
    "remove by list": ([("remove", "members", ["a", "c"])], "b"),
    "remove nobody": ([("remove", "members", [])], "ab"),
    "remove all": ([("remove", "members", None)], ""),
    "replace": ([("replace", "members", ["b", "c"])], "bc"),
    "replace without a path": ([("replace", None, ["c"])], "c"),
    "replace by nobody": ([("replace", "members", [])], ""),
    "remove then add": ([("remove", "members", None), ("add", "members", ["c"])], "c"),
    "add then remove": ([("add", "members", ["c"]), ("remove", 'members[value eq "{c}"]', None)], "ab"),
    "replace then add": ([("replace", "members", ["c"]), ("add", "members", ["a"])], "ac"),
}


@pytest.mark.parametrize(("operations", "expected"), MEMBER_PATCHES.values(), ids=MEMBER_PATCHES.keys())
def test_members_are_patched(client: Connection, operations: list, expected: str) -> None:
    """Quirks 12 to 16, 51, 52 and C-22: the group ends with exactly those members."""
    ids = {letter: client.create_user(letter, displayName=letter.upper())["id"] for letter in "abc"}
    group = client.create_group("Sales", ids["a"], ids["b"])

    def values(letters: list | str | None) -> object:
        if isinstance(letters, list):
            return [{"value": ids[letter]} for letter in letters]
        return letters and {"value": ids[letters]}

    sent = []
    for op, path, letters in operations:
        operation = {"op": op} if path is None else {"op": op, "path": path.format(**ids)}
        if letters is not None:
            operation["value"] = values(letters) if path else {"members": values(letters)}
        sent.append(operation)
    answer = client.patch(f"/Groups/{group['id']}", *sent)
    assert answer.status_code == 204, answer.text
    assert client.member_ids(group["id"]) == {ids[letter] for letter in expected}
    version = 1 if expected == "ab" else 2
    assert client.get(f"/Groups/{group['id']}").headers["ETag"] == f'W/"{version}"'


def test_membership_without_effect_writes_nothing(client: Connection, house: World) -> None:
    ana = client.create_user("ana")
    group = client.create_group("Sales", ana["id"])
    with unchanged(house):
        for operation in (
            {"op": "add", "path": "members", "value": [{"value": ana["id"]}]},
            {"op": "remove", "path": f'members[value eq "{NOBODY}"]'},
            {"op": "replace", "path": "displayName", "value": "Sales"},
        ):
            assert client.patch(f"/Groups/{group['id']}", operation).status_code == 204


def test_renaming_leaves_the_members_alone(client: Connection) -> None:
    """Quirk 17."""
    ana = client.create_user("ana")
    group = client.create_group("Sales", ana["id"])
    client.patch(f"/Groups/{group['id']}", {"op": "replace", "value": {"id": group["id"], "displayName": "Selling"}})
    assert client.member_ids(group["id"]) == {ana["id"]}


def test_replace_sets_the_members_it_names(client: Connection) -> None:
    ana, bo = client.create_user("ana"), client.create_user("bo")
    group = client.create_group("Sales", ana["id"], externalId="g")
    answer = client.put(
        f"/Groups/{group['id']}", {"schemas": [GROUP], "displayName": "Sales", "members": [{"value": bo["id"]}]}
    )
    assert answer.status_code == 200
    assert [member["value"] for member in answer.json["members"]] == [bo["id"]]
    assert "externalId" not in answer.json
    answer = client.put(f"/Groups/{group['id']}", {"schemas": [GROUP], "displayName": "Sales"})
    assert client.member_ids(group["id"]) == {bo["id"]}
    answer = client.put(f"/Groups/{group['id']}", {"schemas": [GROUP], "displayName": "Sales", "members": []})
    assert "members" not in answer.json


def test_replace_with_the_same_changes_nothing(client: Connection, house: World) -> None:
    group = client.create_group("Sales", client.create_user("ana")["id"])
    with unchanged(house):
        answer = client.put(f"/Groups/{group['id']}", group)
    assert (answer.status_code, answer.json) == (200, group)


def test_unknown_members_are_skipped(client: Connection) -> None:
    """Quirk 50: the rest of the request is done."""
    ana = client.create_user("ana")
    group = client.create_group("Sales", NOBODY, ana["id"])
    assert client.member_ids(group["id"]) == {ana["id"]}
    client.patch(f"/Groups/{group['id']}", {"op": "add", "path": "members", "value": [{"value": NOBODY}]})
    assert client.member_ids(group["id"]) == {ana["id"]}


def test_unknown_members_are_refused_by_profile_rfc(strict: Connection, house: World) -> None:
    group = strict.create_group("Sales")
    with unchanged(house):
        answer = strict.patch(f"/Groups/{group['id']}", {"op": "add", "path": "members", "value": [{"value": NOBODY}]})
        check_refusal(answer, 400, "invalidValue", "members", NOBODY)
        answer = strict.post("/Groups", {"schemas": [GROUP], "displayName": "X", "members": [{"value": NOBODY}]})
        check_refusal(answer, 400, "invalidValue", "members", NOBODY)


def test_nobody_of_another_tenant_becomes_a_member(client: Connection, strict: Connection) -> None:
    ana = strict.create_user("ana")
    group = client.create_group("Sales", ana["id"])
    assert "members" not in group


def test_a_display_name_is_used_once(client: Connection, house: World) -> None:
    """Quirk 57."""
    client.create_group("Sales")
    other = client.create_group("Other")
    with unchanged(house):
        for answer in (
            client.post("/Groups", {"schemas": [GROUP], "displayName": "SALES"}),
            client.put(f"/Groups/{other['id']}", {"schemas": [GROUP], "displayName": "sales"}),
            client.patch(f"/Groups/{other['id']}", {"op": "replace", "path": "displayName", "value": "Sales"}),
        ):
            check_refusal(answer, 409, "uniqueness", "displayName")


def test_display_names_may_repeat_in_profile_rfc(strict: Connection) -> None:
    assert strict.create_group("Sales")["id"] != strict.create_group("Sales")["id"]


BAD_GROUPS = {
    "no name": ({}, "displayName"),
    "empty name": ({"displayName": ""}, "displayName"),
    "long name": ({"displayName": "x" * 513}, "displayName"),
    "number for a name": ({"displayName": 7}, "displayName"),
    "number for a member": ({"displayName": "X", "members": [7]}, "members"),
    "text for members": ({"displayName": "X", "members": 7}, "members"),
}


@pytest.mark.parametrize(("body", "named"), BAD_GROUPS.values(), ids=BAD_GROUPS.keys())
def test_refuses_groups(client: Connection, house: World, body: dict, named: str) -> None:
    group = client.create_group("Sales")
    with unchanged(house):
        check_refusal(client.post("/Groups", {"schemas": [GROUP], **body}), 400, "invalidValue", named)
        check_refusal(client.put(f"/Groups/{group['id']}", {"schemas": [GROUP], **body}), 400, "invalidValue", named)


BAD_PATCHES = {
    "name removed": ({"op": "remove", "path": "displayName"}, "mutability", "displayName"),
    "member changed in place": (
        {"op": "replace", "path": 'members[value eq "x"].value', "value": "y"},
        "mutability",
        "member",
    ),
    "no such member": (
        {"op": "replace", "path": f'members[value eq "{NOBODY}"]', "value": {"value": "x"}},
        "noTarget",
        "members",
    ),
    "unknown filter attribute": ({"op": "remove", "path": 'members[shoe eq "x"]'}, "invalidFilter", "shoe"),
    "number for a member": ({"op": "add", "path": "members", "value": 7}, "invalidValue", "members"),
    "attribute of a user": ({"op": "add", "path": "userName", "value": "x"}, "invalidPath", "userName"),
}


@pytest.mark.parametrize(("operation", "scim_type", "named"), BAD_PATCHES.values(), ids=BAD_PATCHES.keys())
def test_refuses_patches(client: Connection, house: World, operation: dict, scim_type: str, named: str) -> None:
    group = client.create_group("Sales", client.create_user("ana")["id"])
    with unchanged(house):
        check_refusal(client.patch(f"/Groups/{group['id']}", operation), 400, scim_type, named)


def test_an_id_belongs_to_its_own_endpoint(client: Connection, house: World) -> None:
    ana, group = client.create_user("ana"), client.create_group("Sales")
    with unchanged(house):
        check_refusal(client.get(f"/Groups/{ana['id']}"), 404, None, ana["id"])
        check_refusal(client.get(f"/Users/{group['id']}"), 404, None, group["id"])
        check_refusal(client.delete(f"/Users/{group['id']}"), 404, None, group["id"])
        check_refusal(client.put(f"/Groups/{NOBODY}", {"schemas": [GROUP], "displayName": "X"}), 404, None, NOBODY)
        check_refusal(client.put(f"/Users/{NOBODY}", {"schemas": [USER], "userName": "x"}), 404, None, NOBODY)
