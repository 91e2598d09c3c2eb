"""RFC 7644 section 3.7: many operations in one request."""

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from scim_server.domain.errors import Contention, Unavailable
from tests.http.conftest import Connect
from tests.http.refusals import check_refusal, unchanged
from tests.http.test_statements import counting
from tests.worlds import ENTERPRISE, ERROR, GROUP, PATCH_OP, USER, Connection, World

REQUEST = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
RESPONSE = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"

Operation = dict[str, Any]
Build = Callable[..., World]


def post(bulk_id: str | None, endpoint: str = "/Users", **data: Any) -> Operation:
    """A POST of a user or a group, named like its bulkId unless told otherwise."""
    name, schema = ("userName", USER) if endpoint == "/Users" else ("displayName", GROUP)
    body = {"schemas": [schema], name: bulk_id, **data}
    return {"method": "POST", "path": endpoint, "data": body} | ({"bulkId": bulk_id} if bulk_id else {})


def group(bulk_id: str, *references: str, **data: Any) -> Operation:
    """A POST of a group with members by bulkId."""
    return post(bulk_id, "/Groups", members=[{"value": f"bulkId:{each}"} for each in references], **data)


def managed(bulk_id: str, manager: str, **data: Any) -> Operation:
    """A POST of a user whose manager is named by bulkId."""
    return post(bulk_id, **{ENTERPRISE: {"manager": {"value": f"bulkId:{manager}"}}}, **data)


def patch(path: str, *operations: dict[str, Any], **members: Any) -> Operation:
    return {
        "method": "PATCH",
        "path": path,
        "data": {"schemas": [PATCH_OP], "Operations": list(operations)},
        **members,
    }


def delete(path: str, **members: Any) -> Operation:
    return {"method": "DELETE", "path": path, **members}


def send(client: Connection, *operations: Any, **members: Any) -> Any:
    return client.post("/Bulk", {"schemas": [REQUEST], "Operations": list(operations), **members})


def done(client: Connection, *operations: Any, **members: Any) -> list[dict[str, Any]]:
    """The results of a bulk that was processed."""
    answer = send(client, *operations, **members)
    assert answer.status_code == 200, answer.text
    assert answer.json["schemas"] == [RESPONSE]
    assert set(answer.json) == {"schemas", "Operations"}
    return answer.json["Operations"]


def statuses(results: list[dict[str, Any]]) -> list[str]:
    return [result["status"] for result in results]


def made(result: dict[str, Any]) -> str:
    """The id of the resource that an operation was about."""
    return result["location"].rpartition("/")[2]


def check_failure(result: dict[str, Any], status: int, scim_type: str | None, *words: str) -> None:
    assert result["status"] == str(status), result
    assert "version" not in result
    error = result["response"]
    assert error["schemas"] == [ERROR]
    assert error["status"] == str(status)
    assert error.get("scimType") == scim_type, error
    for word in words:
        assert word in error["detail"], error


def manager_of(client: Connection, user_id: str) -> str | None:
    return client.get(f"/Users/{user_id}").json.get(ENTERPRISE, {}).get("manager", {}).get("value")


@pytest.mark.covers("R-7644-3.7-01", "R-7644-3.7-02", "R-7644-3.7-03", "R-7644-3.7.3-01", "C-121")
def test_every_method_in_one_request(client: Connection) -> None:
    old, gone = client.create_user("old")["id"], client.create_user("gone")["id"]
    results = done(
        client,
        post("new"),
        {"method": "put", "path": f"/Users/{old}", "data": {"schemas": [USER], "userName": "older"}},
        patch(f"/Users/{old}", {"op": "replace", "path": "displayName", "value": "Old"}, bulkId="p"),
        delete(f"/Users/{gone}"),
    )
    base = f"https://seats.example.com/scim/{client.slug}/v2/Users"
    created = made(results[0])
    assert results == [
        {
            "method": "POST",
            "bulkId": "new",
            "version": 'W/"1"',
            "location": f"{base}/{created}",
            "status": "201",
        },
        {"method": "PUT", "version": 'W/"2"', "location": f"{base}/{old}", "status": "200"},
        {"method": "PATCH", "bulkId": "p", "version": 'W/"3"', "location": f"{base}/{old}", "status": "200"},
        {"method": "DELETE", "location": f"{base}/{gone}", "status": "204"},
    ]
    assert client.get(f"/Users/{created}").json["userName"] == "new"
    after = client.get(f"/Users/{old}")
    assert (after.json["userName"], after.json["displayName"]) == ("older", "Old")
    assert after.headers["ETag"] == 'W/"3"'
    assert client.get(f"/Users/{gone}").status_code == 404


@pytest.mark.covers("R-7644-3.7-02", "R-7644-3.7-04", "R-7644-3.7-05")
def test_an_error_is_one_operations_own(client: Connection) -> None:
    taken = client.create_user("ana")
    results = done(client, post("ana"), post("bo"), delete("/Users/nobody"), post("cy"))
    assert statuses(results) == ["409", "201", "404", "201"]
    check_failure(results[0], 409, "uniqueness", "ana")
    check_failure(results[2], 404, None, "nobody")
    assert "location" not in results[0]
    assert results[2]["location"].endswith("/Users/nobody")
    assert [each["id"] for each in client.find("/Users", 'userName eq "ana"')] == [taken["id"]]


@pytest.mark.covers("R-7644-3.7-06", "C-122")
@pytest.mark.parametrize(("most", "processed"), [(1, ["201", "409"]), (2, ["201", "409", "201", "400"]), (9, None)])
def test_fail_on_errors_stops_and_keeps_what_was_done(client: Connection, most: int, processed: Any) -> None:
    client.create_user("taken")
    operations = [post("ana"), post("x", userName="taken"), post("bo"), post(None), post("cy")]
    results = done(client, *operations, failOnErrors=most)
    assert statuses(results) == (processed or ["201", "409", "201", "400", "201"])
    there = {each["userName"] for each in client.find("/Users", "userName pr")}
    assert there == {"taken"} | {r["bulkId"] for r in results if r["status"] == "201"}


@pytest.mark.covers("C-122")
def test_the_first_error_leaves_one_result(client: Connection) -> None:
    results = done(client, delete("/Users/nobody"), post("ana"), failOnErrors=1)
    assert statuses(results) == ["404"]


@pytest.mark.covers("C-123", "R-7644-3.7-08")
@pytest.mark.parametrize(
    ("message", "scim_type", "word"),
    [
        ({"failOnErrors": 0}, "invalidSyntax", "failOnErrors"),
        ({"failOnErrors": -1}, "invalidSyntax", "failOnErrors"),
        ({"failOnErrors": "1"}, "invalidSyntax", "failOnErrors"),
        ({"failOnErrors": True}, "invalidSyntax", "failOnErrors"),
        ({"Operations": None}, "invalidSyntax", "Operations"),
        ({"Operations": {}}, "invalidSyntax", "Operations"),
        ({"Operations": []}, "invalidValue", "Operations"),
        ({"Operations": [None]}, "invalidSyntax", "peration"),
        ({"Operations": [post("a"), 7]}, "invalidSyntax", "peration"),
        ({"Operations": [{**post("a"), "method": 7}]}, "invalidSyntax", "method"),
        ({"Operations": [{**post("a"), "path": ["/Users"]}]}, "invalidSyntax", "path"),
        ({"Operations": [{**post("a"), "bulkId": 7}]}, "invalidSyntax", "bulkId"),
        ({"Operations": [post("a"), post("b") | {"bulkId": "a"}]}, "invalidSyntax", "bulkId"),
        ({"Operations": [post("a"), delete("/Users/x", bulkId="a")]}, "invalidSyntax", "bulkId"),
    ],
)
def test_a_message_that_is_none_is_refused_as_a_whole(
    client: Connection, house: World, message: Any, scim_type: str, word: str
) -> None:
    body = {"schemas": [REQUEST], "Operations": [post("a")], **message}
    with unchanged(house):
        check_refusal(client.post("/Bulk", body), 400, scim_type, word)


@pytest.mark.parametrize("body", [[], "x", None, {}, {"schemas": [REQUEST]}], ids=json.dumps)
def test_a_body_that_is_no_bulk_request_is_refused(client: Connection, house: World, body: Any) -> None:
    with unchanged(house):
        check_refusal(client.post("/Bulk", json.dumps(body)), 400, "invalidSyntax")


@pytest.mark.covers("R-7643-3-01")
def test_the_profile_decides_whether_the_messages_urn_is_needed(client: Connection, strict: Connection) -> None:
    body = {"Operations": [post("ana")]}
    assert client.post("/Bulk", body).status_code == 200
    check_refusal(strict.post("/Bulk", body), 400, "invalidSyntax", "BulkRequest")


@pytest.mark.covers("R-7644-3.7-01", "R-7644-3.7-07", "R-7644-3.7-11", "C-124")
@pytest.mark.parametrize(
    "operation",
    [
        {"method": "GET", "path": "/Users/x"},
        {"method": "HEAD", "path": "/Users"},
        {"path": "/Users/x"},
        post(None),
        post("x") | {"bulkId": ""},
        post("x") | {"path": "/Users/x"},
        {"method": "POST", "bulkId": "x", "data": {}},
        delete("/Users"),
        delete("/Users/"),
        delete(""),
        {"method": "PUT", "path": "/Groups", "data": {}},
        *(
            {"method": method, "path": path, "bulkId": "x", "data": {}}
            for method in ("POST", "DELETE")
            for path in (
                "https://seats.example.com/scim/acme/v2/Users",
                "https://other.example.com/Users",
                "//other.example.com/Users/1",
                "/scim/other/v2/Users/1",
                "/other/v2/Users",
                "../other/v2/Users/1",
                "/Me",
                "/.search",
                "/Bulk",
                "/ServiceProviderConfig",
                "/Schemas",
                "/Nothing/1",
                "/Roles",
                "/Entitlements/meeting",
            )
        ),
        {"method": "POST", "path": "/Users/.search", "bulkId": "x", "data": {}},
    ],
)
def test_an_operation_that_is_impossible_is_400_and_the_others_run(client: Connection, operation: Operation) -> None:
    results = done(client, operation, post("ana"))
    assert statuses(results) == ["400", "201"]
    check_failure(results[0], 400, "invalidSyntax")


@pytest.mark.covers("R-7644-3.7-11")
def test_paths_are_read_with_a_slash_or_without(client: Connection) -> None:
    first, second = client.create_user("a")["id"], client.create_user("b")["id"]
    assert statuses(done(client, delete(f"Users/{first}"), delete(f"/Users/{second}/"))) == ["204", "204"]


@pytest.mark.parametrize("path", ["/Users/%00", "/Users/a/b", "/Groups/?x=1"])
def test_a_strange_id_is_of_nobody(client: Connection, path: str) -> None:
    check_failure(done(client, delete(path))[0], 404, None)


def test_another_tenants_resource_is_not_there(client: Connection, connect_as: Connect) -> None:
    theirs = connect_as("tolerant").create_user("ana")["id"]
    check_failure(done(client, delete(f"/Users/{theirs}"))[0], 404, None)


@pytest.mark.covers("R-7644-3.7-09")
def test_a_patch_is_a_whole_message(client: Connection) -> None:
    user = client.create_user("ana")["id"]
    change = {"op": "replace", "path": "title", "value": "Boss"}
    bare = {"method": "PATCH", "path": f"/Users/{user}", "data": [change]}
    results = done(client, bare, patch(f"/Users/{user}", change))
    check_failure(results[0], 400, "invalidSyntax", "PatchOp")
    assert results[1]["status"] == "200"
    assert client.get(f"/Users/{user}").json["title"] == "Boss"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_data_is_needed(client: Connection, method: str) -> None:
    user = client.create_user("ana")["id"]
    path = "/Users" if method == "POST" else f"/Users/{user}"
    check_failure(done(client, {"method": method, "path": path, "bulkId": "x"})[0], 400, "invalidSyntax")


@pytest.mark.covers("R-7644-3.7-10")
def test_a_version_is_a_condition(client: Connection) -> None:
    user = client.create_user("ana")["id"]
    change = {"op": "replace", "path": "title", "value": "Boss"}
    results = done(
        client,
        patch(f"/Users/{user}", change, version='W/"7"'),
        patch(f"/Users/{user}", change, version='W/"1"'),
        delete(f"/Users/{user}", version='W/"1"'),
        delete(f"/Users/{user}", version='W/"2"'),
    )
    assert statuses(results) == ["412", "200", "412", "204"]
    check_failure(results[0], 412, None, "If-Match")


@pytest.mark.covers("R-7644-3.7.2-01", "C-117")
def test_references_backwards(client: Connection) -> None:
    results = done(
        client,
        post("boss"),
        managed("ana", "boss"),
        group("team", "boss", "ana"),
        post("bo"),
        patch(
            "/Groups/bulkId:team",
            {"op": "add", "path": "members", "value": [{"value": "bulkId:bo"}]},
            {"op": "remove", "path": 'members[value eq "bulkId:ana"]'},
        ),
        patch("/Users/bulkId:bo", {"op": "add", "value": {ENTERPRISE: {"manager": {"value": "bulkId:ana"}}}}),
    )
    assert statuses(results) == ["201", "201", "201", "201", "200", "200"]
    boss, ana, team, bo = map(made, results[:4])
    assert results[4]["location"] == results[2]["location"]
    assert client.member_ids(team) == {boss, bo}
    assert (manager_of(client, ana), manager_of(client, bo)) == (boss, ana)


@pytest.mark.covers("R-7644-3.7.2-02", "R-7644-3.7-13", "R-7644-3.7.3-01", "C-118")
def test_references_forwards(client: Connection) -> None:
    results = done(client, group("team", "ana"), managed("ana", "boss"), post("boss"))
    assert [result["bulkId"] for result in results] == ["team", "ana", "boss"]
    assert statuses(results) == ["201", "201", "201"]
    team, ana, boss = map(made, results)
    assert client.member_ids(team) == {ana}
    assert manager_of(client, ana) == boss


@pytest.mark.covers("R-7644-3.7.2-03", "C-117")
def test_paths_by_bulk_id(client: Connection) -> None:
    results = done(
        client,
        delete("/Users/bulkId:b"),
        {"method": "PUT", "path": "/Users/bulkId:a", "data": {"schemas": [USER], "userName": "A"}},
        patch("/Users/bulkId:a", {"op": "add", "path": "title", "value": "Boss"}),
        post("a"),
        post("b"),
    )
    assert statuses(results) == ["204", "200", "200", "201", "201"]
    a, b = made(results[3]), made(results[4])
    assert [made(result) for result in results[:3]] == [b, a, a]
    assert client.get(f"/Users/{a}").json["title"] == "Boss"
    assert client.get(f"/Users/{b}").status_code == 404


BARE = [
    {"op": "add", "path": "members", "value": "bulkId:ana"},
    {"op": "Add", "path": "members", "value": ["bulkId:ana"]},
    {"op": "add", "path": f"{GROUP}:members", "value": {"value": "bulkId:ana"}},
    {"op": "add", "value": {"members": [{"Value": "BULKID:ana"}]}},
]


@pytest.mark.covers("R-7644-3.7.2-01")
@pytest.mark.parametrize("change", BARE, ids=json.dumps)
def test_members_are_found_wherever_a_client_puts_them(client: Connection, change: Any) -> None:
    team = client.create_group("Team")["id"]
    results = done(client, patch(f"/Groups/{team}", change), post("ana"))
    assert statuses(results) == ["200", "201"]
    assert client.member_ids(team) == {made(results[1])}


MANAGERS = [
    {"op": "add", "path": "manager", "value": "bulkId:boss"},
    {"op": "add", "path": f"{ENTERPRISE}:manager", "value": {"value": "bulkId:boss"}},
    {"op": "add", "path": f"{ENTERPRISE}:manager.value", "value": "bulkId:boss"},
    {"op": "add", "path": ENTERPRISE, "value": {"manager": {"value": "bulkId:boss"}}},
    {"op": "replace", "value": {f"{ENTERPRISE}:manager.value": "bulkId:boss"}},
]


@pytest.mark.covers("R-7644-3.7.2-01")
@pytest.mark.parametrize("change", MANAGERS, ids=json.dumps)
def test_managers_are_found_wherever_a_client_puts_them(client: Connection, change: Any) -> None:
    """The habits of clients hold for each operation: a manager as bare text is one."""
    ana = client.create_user("ana")["id"]
    results = done(client, patch(f"/Users/{ana}", change), post("boss"))
    assert statuses(results) == ["200", "201"], results
    assert manager_of(client, ana) == made(results[1])


def test_habits_hold_for_every_operation(client: Connection) -> None:
    user = client.create_user("ana")["id"]
    results = done(client, patch(f"/Users/{user}", {"op": "Replace", "path": "active", "value": "False"}))
    assert statuses(results) == ["200"]
    assert client.get(f"/Users/{user}").json["active"] is False


def test_what_only_reads_like_a_reference_stays(client: Connection) -> None:
    results = done(client, post("ana", displayName="bulkId:x", emails=[{"value": "bulkId:x"}], title="bulkId:ana"))
    assert statuses(results) == ["201"]
    user = client.get(f"/Users/{made(results[0])}").json
    assert (user["displayName"], user["title"]) == ("bulkId:x", "bulkId:ana")
    assert user["emails"][0]["value"] == "bulkId:x"


@pytest.mark.covers("R-7644-3.7.2-04", "C-120")
def test_a_reference_to_what_failed_is_a_conflict(client: Connection) -> None:
    client.create_user("taken")
    results = done(
        client,
        patch("/Users/bulkId:x", {"op": "add", "path": "title", "value": "Boss"}),
        group("team", "x"),
        group("above", "team"),
        post("x", userName="taken"),
        post("bo"),
        managed("cy", "bad"),
        post("bad") | {"path": "/Nothing"},
    )
    assert statuses(results) == ["409", "409", "409", "409", "201", "409", "400"]
    check_failure(results[3], 409, "uniqueness")
    for index in (0, 1, 2, 5):
        check_failure(results[index], 409, None, "bulkId")
    assert client.find("/Groups", "displayName pr") == []


@pytest.mark.covers("R-7644-3.7.2-04")
def test_a_reference_to_nothing_is_an_invalid_value(client: Connection) -> None:
    results = done(
        client,
        group("team", "nobody"),
        delete("/Users/bulkId:nobody"),
        patch("/Groups/x", {"op": "remove", "path": 'members[value eq "bulkId:nobody"]'}),
        delete("/Users/x", bulkId="labelled"),
        managed("ana", "labelled"),
    )
    assert statuses(results) == ["400", "400", "400", "404", "400"]
    for index in (0, 1, 2, 4):
        check_failure(results[index], 400, "invalidValue", "bulkId:")


@pytest.mark.covers("R-7644-3.7.1-01", "R-7643-4.2-05", "C-119")
def test_two_groups_that_contain_each_other(client: Connection) -> None:
    """The example of RFC 7644 section 3.7.1."""
    results = done(client, group("a", "b"), group("b", "a"))
    assert statuses(results) == ["201", "201"]
    a, b = map(made, results)
    assert client.member_ids(a) == {b}
    assert client.member_ids(b) == {a}
    for result, group_id in zip(results, (a, b), strict=True):
        assert client.get(f"/Groups/{group_id}").headers["ETag"] == result["version"]


def test_a_circle_of_managers_and_whoever_refers_to_it(client: Connection) -> None:
    results = done(
        client, group("team", "a", "d"), managed("a", "b"), managed("b", "c"), managed("c", "a"), managed("d", "d")
    )
    assert statuses(results) == ["201"] * 5
    team, a, b, c, d = map(made, results)
    assert [manager_of(client, each) for each in (a, b, c, d)] == [b, c, a, d]
    assert client.member_ids(team) == {a, d}


@pytest.mark.parametrize("profile", ["rfc", "interop", "ipsie"])
def test_strict_profiles_know_circles_too(connect_as: Connect, profile: str) -> None:
    """A member or manager that does not exist is refused there; in a circle everybody exists in the end."""
    client = connect_as(profile)
    operations = [group("g", "h", "a"), group("h", "g"), managed("a", "b"), managed("b", "a"), managed("c", "c")]
    for operation in operations[2:]:
        operation["data"]["schemas"].append(ENTERPRISE)
    results = done(client, *operations)
    assert statuses(results) == ["201"] * 5, results
    g, h, a, b, c = map(made, results)
    assert (client.member_ids(g), client.member_ids(h)) == ({h, a}, {g})
    assert [manager_of(client, each) for each in (a, b, c)] == [b, a, c]


def test_a_circle_is_made_as_it_was_sent(client: Connection) -> None:
    """What is made without a reference first is complete in the end: other values and members too."""
    ana = client.create_user("ana")["id"]
    first = group("a", "b")
    first["data"]["members"].append({"value": ana})
    first["data"] |= {"externalId": "e"}
    second = managed("x", "y", active=False, department="Sales", emails=[{"value": "x@x.test", "primary": True}])
    results = done(client, first, group("b", "a"), second, managed("y", "x"))
    a, b, x, y = map(made, results)
    assert client.member_ids(a) == {ana, b}
    assert client.get(f"/Groups/{a}").json["externalId"] == "e"
    user = client.get(f"/Users/{x}").json
    assert user["active"] is False
    assert user["emails"] == [{"value": "x@x.test", "primary": True}]
    assert user[ENTERPRISE]["manager"]["value"] == y


def test_a_circle_is_made_as_a_whole_or_not_at_all(client: Connection) -> None:
    client.create_group("Taken")
    results = done(client, group("a", "b"), group("b", "c"), group("c", "a", displayName="Taken"), post("ana"))
    assert statuses(results) == ["409", "409", "409", "201"]
    check_failure(results[2], 409, "uniqueness")
    for index in (0, 1):
        check_failure(results[index], 409, None, "'c'")
    assert [each["displayName"] for each in client.find("/Groups", "displayName pr")] == ["Taken"]


def test_every_failure_in_a_circle_counts(client: Connection) -> None:
    client.create_group("Taken")
    results = done(client, group("a", "b"), group("b", "a", displayName="Taken"), post("ana"), failOnErrors=2)
    assert statuses(results) == ["409", "409"]


@pytest.mark.covers("R-7644-3.7.1-01")
def test_a_circle_with_too_many_references_is_not_resolved(client: Connection) -> None:
    """Each change in a circle walks the circle again, so a dense one would hold everybody up."""
    names = [f"g{number}" for number in range(32)]
    results = done(client, *(group(name, *names) for name in names), post("ana"))
    assert statuses(results) == ["409"] * len(names) + ["201"]
    check_failure(results[0], 409, None, "1024 times; at most 1000")
    assert client.find("/Groups", "displayName pr") == []
    fewer = done(client, *(group(name, *names[1:]) for name in names))
    assert set(statuses(fewer)) == {"201"}


@pytest.mark.covers("R-7644-3.7-13")
def test_changes_of_one_resource_keep_their_order(client: Connection) -> None:
    """The first has to wait for ana, so the second, which overrides it, waits too; the delete frees her name."""
    old, team = client.create_user("ana")["id"], client.create_group("Team")["id"]
    results = done(
        client,
        patch(f"/Groups/{team}", {"op": "add", "path": "members", "value": [{"value": "bulkId:ana"}]}),
        patch(f"/Groups/{team}", {"op": "remove", "path": "members"}),
        delete(f"/Users/{old}"),
        post("ana"),
    )
    assert statuses(results) == ["200", "200", "204", "201"]
    assert client.member_ids(team) == set()


@pytest.mark.covers("R-7644-3.7-13")
def test_whoever_is_to_go_is_referred_to_first(strict: Connection) -> None:
    """The profile refuses members who are not there."""
    client = strict
    results = done(client, group("team", "ana", "bo"), post("ana"), delete("/Users/bulkId:ana"), post("bo"))
    assert statuses(results) == ["201", "201", "204", "201"]
    assert client.member_ids(made(results[0])) == {made(results[3])}


def test_bulk_ids_may_be_any_text(client: Connection) -> None:
    strange = 'a/b "c" \\ bulkId:é'
    path = f"members[value eq {json.dumps('bulkId:' + strange)}]"
    results = done(
        client,
        post(strange, userName="ana"),
        group("team", strange),
        patch("/Groups/bulkId:team", {"op": "remove", "path": path}),
        delete(f"/Users/bulkId:{strange}"),
    )
    assert statuses(results) == ["201", "201", "200", "204"], results


@pytest.mark.covers("R-7644-3.7.4-01")
def test_the_limits_are_published(build_world: Build) -> None:
    world = build_world(bulk_max_operations=7, max_body_bytes=5_000)
    config = world.connect(world.tenant()).get("/ServiceProviderConfig").json
    assert config["bulk"] == {"supported": True, "maxOperations": 7, "maxPayloadSize": 5_000}


@pytest.mark.covers("R-7644-3.7.4-02")
def test_too_many_operations_are_refused_before_anything_runs(build_world: Build) -> None:
    world = build_world(bulk_max_operations=3)
    client = world.connect(world.tenant())
    with unchanged(world):
        check_refusal(send(client, *(post(f"u{n}") for n in range(4))), 413, None, "3", "maxOperations")
        check_refusal(client.post("/Bulk", {"operations": [None] * 4}), 413, None, "3")
    assert statuses(done(client, *(post(f"u{n}") for n in range(3)))) == ["201"] * 3


@pytest.mark.covers("R-7644-3.7.4-02", "C-125")
@pytest.mark.parametrize("chunked", [False, True])
def test_too_many_bytes_are_refused_before_anything_runs(client: Connection, house: World, chunked: bool) -> None:
    limit = house.installation.settings.max_body_bytes
    body = json.dumps({"schemas": [REQUEST], "Operations": [post("ana"), post("bo", title="x" * limit)]}).encode()
    unknown_length = {
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
        "CONTENT_LENGTH": "",
        "HTTP_TRANSFER_ENCODING": "chunked",
    }
    with unchanged(house):
        answer = client.http.post(
            f"/scim/{client.slug}/v2/Bulk",
            data=body,
            headers={"Authorization": f"Bearer {client.token}", "Content-Type": "application/scim+json"},
            environ_overrides=unknown_length if chunked else {},
        )
        check_refusal(answer, 413, None, f"{limit} bytes")


def test_a_patch_has_limits_of_its_own(build_world: Build) -> None:
    world = build_world(patch_max_operations=3, patch_max_members=5)
    client = world.connect(world.tenant())
    user, team = client.create_user("ana")["id"], client.create_group("Team")["id"]
    members = [{"value": f"m{n}"} for n in range(6)]
    by_filter = [{"op": "remove", "path": f'members[value eq "m{n}"]'} for n in range(3)]
    refused = (
        (f"/Users/{user}", [{"op": "add", "path": "title", "value": "x"}] * 4, "3"),
        (f"/Groups/{team}", [{"op": "add", "path": "members", "value": members}], "5"),
        (f"/Groups/{team}", [{"op": "replace", "value": {"Members": members}}], "5"),
        (f"/Groups/{team}", [{"op": "add", "path": "members", "value": members[:4]}, *by_filter[:2]], "5"),
    )
    for path, operations, limit in refused:
        with unchanged(world):
            check_refusal(client.patch(path, *operations), 413, None, f"at most {limit} ")
        check_failure(done(client, patch(path, *operations))[0], 413, None, f"at most {limit} ")
    allowed = {"op": "add", "path": "members", "value": members[:4]}
    assert client.patch(f"/Groups/{team}", allowed, by_filter[0]).status_code == 204


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_bulk_takes_posts_alone(client: Connection, method: str) -> None:
    answer = client.send(method, "/Bulk")
    check_refusal(answer, 405, None, method)
    assert answer.headers["Allow"] == "POST, OPTIONS"


@pytest.mark.covers("R-7644-3.2-01")
def test_bulk_is_one_address(client: Connection) -> None:
    for path in ("/Users/x/Bulk", "/Bulk/x"):
        check_refusal(client.post(path, {}), 404)


@contextmanager
def striking(world: World, user_name: str, *errors: Exception) -> Iterator[list[Exception]]:
    """The store fails when that user is to be inserted, once with each of the errors; yields those still to come."""
    waiting = list(errors)

    def strike(connection: object, cursor: object, statement: str, parameters: object, *_: object) -> None:
        if waiting and statement.startswith("INSERT INTO users") and f"'{user_name}'" in repr(parameters):
            raise waiting.pop(0)

    engine = world.installation.database.engine
    event.listen(engine, "before_cursor_execute", strike)
    try:
        yield waiting
    finally:
        event.remove(engine, "before_cursor_execute", strike)


def test_a_fault_of_ours_is_one_operations_own(client: Connection, house: World) -> None:
    with striking(house, "b", RuntimeError("secret")):
        results = done(client, post("a"), post("b"), group("g", "b"), post("c"))
    assert statuses(results) == ["201", "500", "409", "201"]
    assert "secret" not in json.dumps(results)
    assert {each["userName"] for each in client.find("/Users", "userName pr")} == {"a", "c"}


def test_a_lost_race_is_run_again(client: Connection, house: World) -> None:
    """Nobody has to know; an operation that loses time and again is 503 alone."""
    with striking(house, "b", Contention(), Contention()) as waiting:
        assert statuses(done(client, post("a"), post("b"), post("c"))) == ["201"] * 3
    assert waiting == []
    with striking(house, "y", *(Contention() for _ in range(8))):
        results = done(client, post("x"), post("y"), post("z"))
    assert statuses(results) == ["201", "503", "201"]


def test_a_circle_that_loses_a_race_is_run_again(client: Connection, house: World) -> None:
    with striking(house, "b", Contention()) as waiting:
        results = done(client, managed("a", "b"), managed("b", "a"))
    assert (statuses(results), waiting) == (["201", "201"], [])
    a, b = map(made, results)
    assert (manager_of(client, a), manager_of(client, b)) == (b, a)


def test_a_store_that_goes_away_is_asked_nothing_more(client: Connection, house: World) -> None:
    with striking(house, "b", Unavailable("gone")):
        results = done(client, post("a"), post("b"), post("c"), group("g", "a"))
    assert statuses(results) == ["201", "503", "503", "503"]
    check_failure(results[2], 503, None, "again")


def test_a_refused_address_leaves_an_issue_as_for_a_single_request(build_world: Build) -> None:
    world = build_world()
    theirs, ours = world.connect(world.tenant("theirs")), world.connect(world.tenant("ours"))
    theirs.create_user("ana@x.test")
    results = done(ours, post("ana@x.test"), post("bo@x.test"))
    assert statuses(results) == ["409", "201"]
    assert [issue["code"] for issue in world.rows("issues")] == ["EMAIL_IN_USE"]


def test_seats_are_given_as_for_single_requests(build_world: Build) -> None:
    world = build_world()
    world.sell("meeting")
    tenant = world.tenant()
    client = world.connect(tenant)
    world.buy(tenant, "meeting", 2)
    world.rule(tenant, "Sales", "meeting")
    names = [f"u{number}" for number in range(4)]
    results = done(client, group("Sales", *names), *map(post, names))
    assert statuses(results) == ["201"] * 5
    assert world.seats(tenant, "meeting") == (2, 2, 0)


def test_the_audit_trail_has_an_entry_for_every_object_under_one_request(build_world: Build) -> None:
    world = build_world()
    client = world.connect(world.tenant())
    answer = send(client, post("ana"), group("a", "b"), group("b", "a"))
    entries = [entry for entry in world.trail() if entry.request_id == answer.headers["X-Request-Id"]]
    assert sorted(entry.action for entry in entries) == ["group.created", "group.created", "user.created"]


def test_the_log_has_one_entry_for_the_request(build_world: Build) -> None:
    """It names what changed, and no password, wherever it was."""
    world = build_world()
    client = world.connect(world.tenant())
    answer = send(client, post("ana", password="s3cret-word"), group("g", "h"), group("h", "g"))
    entries = [row for row in world.rows("provisioning_log") if row["id"] == answer.headers["X-Request-Id"]]
    assert [(entry["method"], entry["path"], entry["status"]) for entry in entries] == [
        ("POST", "/scim/acme/v2/Bulk", 200)
    ]
    for action in ("user.created", "group.created"):
        assert action in str(entries[0]["changes"])
    assert "s3cret-word" not in repr(world.rows("provisioning_log"))


def test_the_cost_is_that_of_the_operations(client: Connection, house: World) -> None:
    """Token and log entry are for the whole request; each operation costs the same number of statements."""
    costs = []
    for number in (1, 2, 20):
        operations = [post(f"n{number}-{each}") for each in range(number)]
        with counting(house) as count:
            done(client, *operations)
        costs.append(int(count))
    each = costs[1] - costs[0]
    assert costs[2] == costs[0] + 19 * each
    assert costs[0] == 2 + each


def test_a_thousand_people_are_created_in_one_bulk(build_world: Build) -> None:
    world = build_world()
    client = world.connect(world.tenant())
    results = done(client, *(post(f"u{number}", emails=[{"value": f"u{number}@x.test"}]) for number in range(1000)))
    assert statuses(results) == ["201"] * 1000


def test_a_long_chain_of_references_is_no_deep_one(build_world: Build) -> None:
    """Every operation waits for the next one, and the last for the first: one circle of 400."""
    world = build_world()
    client = world.connect(world.tenant())
    results = done(client, *(group(f"g{number}", f"g{(number + 1) % 400}") for number in range(400)))
    assert statuses(results) == ["201"] * 400
    assert client.member_ids(made(results[399])) == {made(results[0])}
