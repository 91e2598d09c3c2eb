"""RFC 9967 section 2.5.1: requests that are answered 202 and carried out later, at most once and in order."""

import json
import threading
import time
from datetime import timedelta
from threading import Event
from typing import Any, NoReturn

import pytest
from werkzeug.test import TestResponse

from scim_server.app.edges import installed_runs
from scim_server.domain.async_requests import MOST_ATTEMPTS
from scim_server.domain.errors import Contention
from scim_server.domain.tenants import Tenant
from scim_server.resources.users import UserHandler
from scim_server.services import deferring, erasing, person_tokens, tenancy, tokens
from scim_server.services.completing import TakenOver, take
from tests.queues import work
from tests.worlds import CAUSE, ERROR, PATCH_OP, USER, Connection, World

ASYNC = {"Prefer": "respond-async"}
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
BULK_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"


@pytest.fixture
def client(house: World, client: Connection) -> Connection:
    """A connection of a tenant that takes asynchronous requests."""
    house.decide(client.slug, async_requests="request")
    return client


def tenant_of(world: World, client: Connection) -> Tenant:
    return tenancy.tenant(world.units, client.slug)


def accepted(answer: TestResponse) -> str:
    """What the 202 is known by."""
    assert answer.status_code == 202, answer.text
    assert answer.data == b""
    assert answer.headers["Preference-Applied"] == "respond-async"
    assert "Content-Type" not in answer.headers
    txn = answer.headers["Set-Txn"]
    assert answer.headers["Location"].endswith(f"/AsyncRequests/{txn}")
    return txn


def outcome(client: Connection, txn: str) -> list[dict[str, Any]]:
    """What the result address says."""
    answer = client.get(f"/AsyncRequests/{txn}", Accept="application/scim+json")
    assert answer.status_code == 200, answer.text
    assert answer.json["schemas"] == [BULK_RESPONSE]
    return answer.json["Operations"]


def completions(world: World, client: Connection) -> list[dict[str, Any]]:
    """The events of the tenant's completions, in order, each with its subject and request."""
    tenant = tenant_of(world, client)
    found = [
        row for row in world.rows("outbox") if row["tenant_id"] == tenant.id and row["event"] == "request.completed"
    ]
    return [
        {**json.loads(row["payload"]), "subject": row["subject"], "request": row["request_id"]}
        if isinstance(row["payload"], str)
        else {**row["payload"], "subject": row["subject"], "request": row["request_id"]}
        for row in sorted(found, key=lambda row: row["id"])
    ]


def rename(name: str) -> dict[str, Any]:
    return {"op": "replace", "path": "displayName", "value": name}


@pytest.mark.covers("R-9967-2.5.1-01", "R-9967-2.5.1-02", "R-9967-3-01")
def test_a_change_is_answered_at_once_and_made_later(house: World, client: Connection) -> None:
    ana = client.create_user("ana")
    txn = accepted(client.patch(f"/Users/{ana['id']}", rename("Ana"), **ASYNC))
    assert "displayName" not in client.get(f"/Users/{ana['id']}").json
    waiting = client.get(f"/AsyncRequests/{txn}")
    assert (waiting.status_code, waiting.headers["Set-Txn"], waiting.headers["Retry-After"]) == (202, txn, "5")
    assert work(house) == 1
    changed = client.get(f"/Users/{ana['id']}").json
    assert changed["displayName"] == "Ana"
    told = {
        "method": "PATCH",
        "status": "200",
        "version": changed["meta"]["version"],
        "location": changed["meta"]["location"],
    }
    assert outcome(client, txn) == [told]
    (event,) = completions(house, client)
    about = {"txn": txn, "request": txn, "uri": f"/Users/{ana['id']}", "subject": f"user:{ana['id']}"}
    assert event == {**told, **about}
    assert work(house) == 0


@pytest.mark.covers("R-9967-2.5.1-01", "R-9967-2.5.1-06")
@pytest.mark.parametrize("verb", ["POST", "PUT", "PATCH", "DELETE"])
def test_every_verb(house: World, client: Connection, verb: str) -> None:
    ana = client.create_user("ana")
    path = "/Users" if verb == "POST" else f"/Users/{ana['id']}"
    bodies = {
        "POST": {"schemas": [USER], "userName": "ben"},
        "PUT": {"schemas": [USER], "userName": "ana", "title": "Boss"},
        "PATCH": {"schemas": [PATCH_OP], "Operations": [rename("Ana")]},
        "DELETE": None,
    }
    txn = accepted(client.send(verb, path, bodies[verb], **ASYNC))
    work(house)
    (told,) = outcome(client, txn)
    status = {"POST": "201", "DELETE": "204"}.get(verb, "200")
    assert (told["method"], told["status"], "version" in told) == (verb, status, verb != "DELETE")
    found = client.get(told["location"].partition("/v2")[2])
    assert found.status_code == (404 if verb == "DELETE" else 200)
    logged = [row for row in house.rows("provisioning_log") if row["id"] == txn]
    assert [row["status"] for row in logged] == [int(status)]
    assert "s after it was accepted (respond-async)" in str(logged[0]["notes"])


@pytest.mark.covers("R-9967-2.5.1-06")
def test_what_fails_later_is_told_with_its_error(house: World, client: Connection) -> None:
    client.create_user("ana")
    txn = accepted(client.post("/Users", {"schemas": [USER], "userName": "ana"}, **ASYNC))
    work(house)
    (told,) = outcome(client, txn)
    assert (told["method"], told["status"], set(told)) == ("POST", "409", {"method", "status", "response"})
    assert (told["response"]["schemas"], told["response"]["scimType"]) == ([ERROR], "uniqueness")
    (event,) = completions(house, client)
    tenant = tenant_of(house, client)
    assert (event["subject"], event["response"]["status"], event["uri"]) == (f"tenant:{tenant.id}", "409", None)
    (logged,) = [row for row in house.rows("provisioning_log") if row["id"] == txn]
    assert (logged["status"], logged["scim_type"]) == (409, "uniqueness")


@pytest.mark.covers("R-9967-2.5.1-08")
def test_what_is_wrong_in_itself_is_refused_at_once(house: World, client: Connection) -> None:
    ana = client.create_user("ana")
    path = f"/Users/{ana['id']}"
    bad = {
        "no JSON": ("POST", "/Users", "{", 400),
        "no userName": ("POST", "/Users", {"schemas": [USER]}, 400),
        "no PatchOp": ("PATCH", path, {"schemas": [PATCH_OP], "Operations": [{"op": "jump"}]}, 400),
        "nobody": ("PATCH", "/Users/nobody", {"schemas": [PATCH_OP], "Operations": [rename("x")]}, 404),
        "nobody to delete": ("DELETE", "/Users/nobody", None, 404),
        "no endpoint": ("POST", "/Rockets", {}, 404),
        "no operations": ("POST", "/Bulk", {"schemas": [BULK], "Operations": []}, 400),
    }
    for name, (verb, address, body, status) in bad.items():
        answer = client.send(verb, address, body, **ASYNC)
        assert (name, answer.status_code) == (name, status)
        assert answer.json["schemas"] == [ERROR]
        assert "Set-Txn" not in answer.headers
    assert client.http.post(f"/scim/{client.slug}/v2/Users", headers=ASYNC).status_code == 401
    assert work(house) == 0


@pytest.mark.covers("R-9967-2.5.1-08")
def test_a_stale_version_is_refused_at_once_and_again_when_it_is_its_turn(house: World, client: Connection) -> None:
    """Corner case C-137."""
    ana = client.create_user("ana")
    path, tag = f"/Users/{ana['id']}", ana["meta"]["version"]
    assert client.patch(path, rename("x"), **ASYNC, If_Match='W/"99"').status_code == 412
    first = accepted(client.patch(path, rename("first"), **ASYNC, If_Match=tag))
    second = accepted(client.patch(path, rename("second"), **ASYNC, If_Match=tag))
    work(house)
    assert [outcome(client, txn)[0]["status"] for txn in (first, second)] == ["200", "412"]
    assert client.get(path).json["displayName"] == "first"


@pytest.mark.covers("R-9967-2.5.1-04")
def test_accept_is_ignored(house: World, client: Connection) -> None:
    ana = client.create_user("ana")
    path = f"/Users/{ana['id']}"
    accepted(client.patch(path, rename("Ana"), **ASYNC, Accept="text/html"))
    assert client.patch(path, rename("Ana"), Accept="text/html").status_code == 406
    work(house)


@pytest.mark.covers("R-9967-2.5.1-05")
def test_nobody_else_reads_what_came_of_it(house: World, client: Connection) -> None:
    ana = client.create_user("ana")
    txn = accepted(client.delete(f"/Users/{ana['id']}", **ASYNC))
    other = house.connect(tenant_of(house, client), "entra")
    for _ in range(2):
        assert other.get(f"/AsyncRequests/{txn}").status_code == 404
        work(house)
    assert client.get(f"/AsyncRequests/{txn}").status_code == 200
    assert client.get("/AsyncRequests/nothing").status_code == 404
    assert client.get(f"/AsyncRequests/{txn}:0").status_code == 404
    assert client.post(f"/AsyncRequests/{txn}", {}).status_code == 405


@pytest.mark.covers("R-9967-2.5.1-03")
@pytest.mark.parametrize(
    ("prefer", "status"),
    [
        ("respond-async, wait=10", 200),
        ("respond-async; wait=10", 202),
        ("wait=5, Respond-Async", 200),
        ("respond-async, wait=0", 202),
        ("respond-async, wait=soon", 202),
        ("return=minimal", 204),
        ('foo="a, respond-async"', 200),
    ],
)
def test_how_long_a_client_waits(house: World, client: Connection, prefer: str, status: int) -> None:
    ana = client.create_user("ana")
    answer = client.patch(f"/Users/{ana['id']}", rename("Ana"), Prefer=prefer)
    assert answer.status_code == status
    work(house)


def test_nothing_overtakes_what_the_same_client_sent_before(house: World, client: Connection) -> None:
    ana = client.create_user("ana")
    path = f"/Users/{ana['id']}"
    sent = [accepted(client.patch(path, rename(str(number)), **ASYNC)) for number in range(4)]
    sent.append(accepted(client.patch(path, rename("last"), Prefer="respond-async, wait=10")))
    assert work(house) == 5
    assert [event["txn"] for event in completions(house, client)] == sent
    assert client.get(path).json["displayName"] == "last"


def test_who_may_write_alone_may_ask_what_came_of_it(house: World, client: Connection) -> None:
    tenant = tenant_of(house, client)
    _, token = tenancy.issue_token(house.units, tenant, CAUSE, client.name, timedelta(days=1), {"scim:write"})
    writer = Connection(house.app.test_client(), client.slug, token, client.name)
    txn = accepted(writer.post("/Users", {"schemas": [USER], "userName": "ben"}, **ASYNC))
    work(house)
    assert [each["status"] for each in outcome(writer, txn)] == ["201"]
    assert writer.get("/Users").status_code == 403


def test_without_the_setting_the_preference_is_ignored(house: World, connect_as: Any) -> None:
    client = connect_as("tolerant")
    ana = client.create_user("ana")
    answer = client.patch(f"/Users/{ana['id']}", rename("Ana"), **ASYNC)
    assert answer.status_code == 200
    assert not {"Set-Txn", "Preference-Applied"} & set(answer.headers.keys())
    assert client.get("/AsyncRequests/0193a2c4-7d00-7b00-8000-0a1b2c3d4e5f").status_code == 404


@pytest.mark.covers("R-9967-2.5.1-07")
def test_each_operation_of_a_bulk_is_told_of_by_its_index(house: World, client: Connection) -> None:
    ana = client.create_user("ana")
    operations = [
        {"method": "PATCH", "path": "/Users/bulkId:ben", "data": {"schemas": [PATCH_OP], "Operations": [rename("B")]}},
        {"method": "POST", "path": "/Users", "bulkId": "ben", "data": {"schemas": [USER], "userName": "ben"}},
        {"method": "DELETE", "path": "/Users/nobody"},
        {"method": "DELETE", "path": f"/Users/{ana['id']}"},
    ]
    txn = accepted(client.post("/Bulk", {"schemas": [BULK], "Operations": operations}, **ASYNC))
    work(house)
    told = outcome(client, txn)
    assert [(each["method"], each["status"]) for each in told] == [
        ("PATCH", "200"),
        ("POST", "201"),
        ("DELETE", "404"),
        ("DELETE", "204"),
    ]
    assert told[1]["bulkId"] == "ben"
    assert {event["txn"]: event["status"] for event in completions(house, client)} == {
        f"{txn}:{number}": each["status"] for number, each in enumerate(told)
    }
    assert outcome(client, f"{txn}:1") == [told[1]]
    assert client.get(f"/AsyncRequests/{txn}:4").status_code == 404
    (logged,) = [row for row in house.rows("provisioning_log") if row["id"] == txn]
    assert logged["status"] == 200


@pytest.mark.covers("R-9967-2.5.1-07")
def test_what_a_bulk_does_not_come_to_is_told_of_as_well(house: World, client: Connection) -> None:
    operations = [
        {"method": "DELETE", "path": "/Users/nobody"},
        {"method": "POST", "path": "/Users", "bulkId": "ben", "data": {"schemas": [USER], "userName": "ben"}},
    ]
    txn = accepted(client.post("/Bulk", {"schemas": [BULK], "failOnErrors": 1, "Operations": operations}, **ASYNC))
    work(house)
    assert [each["status"] for each in outcome(client, txn)] == ["404", "409"]
    assert client.find("/Users", 'userName eq "ben"') == []


def test_a_bulk_is_waited_for_where_it_is_small(house: World, client: Connection) -> None:
    def bulk(size: int) -> dict[str, Any]:
        return {"schemas": [BULK], "Operations": [{"method": "DELETE", "path": "/Users/nobody"}] * size}

    assert client.post("/Bulk", bulk(100), Prefer="respond-async, wait=5").status_code == 200
    assert client.post("/Bulk", bulk(101), Prefer="respond-async, wait=5").status_code == 202
    work(house)


def test_a_password_is_not_kept(house: World, client: Connection) -> None:
    ana = client.create_user("ana")
    password = {"op": "replace", "path": "password", "value": "hush-9"}
    bare = {"op": "add", "value": {"PassWord": "hush-9", "title": "Boss"}}
    accepted(client.patch(f"/Users/{ana['id']}", password, bare, rename("Ana"), **ASYNC))
    accepted(client.post("/Users", {"schemas": [USER], "userName": "ben", "password": "hush-9"}, **ASYNC))
    assert "hush-9" not in str(house.rows("async_requests"))
    assert work(house) == 2
    changed = client.get(f"/Users/{ana['id']}").json
    assert (changed["displayName"], changed["title"]) == ("Ana", "Boss")
    assert len(client.find("/Users", 'userName eq "ben"')) == 1


@pytest.mark.parametrize("path", ["password.value", "/password", 'password[type eq "x"]', f"{USER}:Password"])
def test_a_password_of_a_malformed_bulk_is_not_kept(house: World, client: Connection, path: str) -> None:
    """Its operations are checked when it is carried out."""
    patch = {"schemas": [PATCH_OP], "Operations": [{"op": "replace", "path": path, "value": [{"value": "hush-9"}]}]}
    entries = [
        {"method": "PATCH", "path": "/Users/nobody", "data": patch},
        {"method": "PATCH", "path": "/Me", "data": {"Operations": [{"op": "add", "value": {"password": "hush-9"}}]}},
        {"method": "POST", "path": "/Users", "bulkId": "z", "data": {USER: {"password": "hush-9"}}},
    ]
    txn = accepted(client.post("/Bulk?attributes=id", {"schemas": [BULK], "Operations": entries}, **ASYNC))
    (kept,) = [row for row in house.rows("async_requests") if row["id"] == txn]
    assert ("hush-9" in kept["body"], "nobody" in kept["body"], kept["path"]) == (False, True, "/Bulk")
    work(house)


def test_what_was_said_is_forgotten_when_it_is_done(house: World, client: Connection) -> None:
    txn = accepted(client.post("/Users", {"schemas": [USER], "userName": "ben"}, **ASYNC))
    work(house)
    (row,) = [row for row in house.rows("async_requests") if row["id"] == txn]
    assert (row["body"], row["holder"]) == ("", None)


def test_whoever_is_suspended_meanwhile_changes_nothing_any_more(house: World, client: Connection) -> None:
    tenant = tenant_of(house, client)
    ana = client.create_user("ana")["id"]
    _, token = person_tokens.issue_token(house.units, tenant, CAUSE, "ana", timedelta(days=1))
    me = Connection(house.app.test_client(), tenant.slug, token, "ana")
    done = accepted(me.patch("/Me", rename("A"), **ASYNC))
    work(house)
    assert outcome(me, done)[0]["status"] == "200"
    late = accepted(me.patch("/Me", rename("B"), **ASYNC))
    client.patch(f"/Users/{ana}", {"op": "replace", "value": {"active": False}})
    work(house)
    assert client.get(f"/Users/{ana}").json["displayName"] == "A"
    told = [event for event in completions(house, client) if event["txn"] == late]
    assert [(event["status"], event["subject"]) for event in told] == [("403", f"user:{ana}")]
    (logged,) = [row for row in house.rows("provisioning_log") if row["id"] == late]
    assert (logged["status"], "gone or suspended" in logged["detail"]) == (403, True)


def test_a_tenant_is_as_it_is_when_a_request_s_turn_comes(house: World, client: Connection) -> None:
    """Not as it was when the first of the same turn began."""
    before = tenant_of(house, client)
    ana = client.create_user("ana")
    late = accepted(client.patch(f"/Users/{ana['id']}", rename("B"), **ASYNC))
    house.switch(client.slug, "if_match_required", "on")
    (row,) = [row for row in house.rows("async_requests") if row["id"] == late]
    assert installed_runs(house.installation).run(before, row["actor"], Event()) == 1
    assert outcome(client, late)[0]["status"] == "428"


def test_what_came_with_a_token_that_is_revoked_since_changes_nothing(house: World, client: Connection) -> None:
    """What came with another of the same connection is carried out."""
    tenant = tenant_of(house, client)
    token, text = tenancy.issue_token(house.units, tenant, CAUSE, client.name, timedelta(days=1))
    leaked = Connection(house.app.test_client(), client.slug, text, client.name)
    bad = accepted(leaked.post("/Users", {"schemas": [USER], "userName": "eve"}, **ASYNC))
    good = accepted(client.post("/Users", {"schemas": [USER], "userName": "ben"}, **ASYNC))
    tokens.revoke_token(house.units, CAUSE, token.id)
    work(house)
    assert [outcome(client, txn)[0]["status"] for txn in (bad, good)] == ["403", "201"]
    assert client.find("/Users", 'userName eq "eve"') == []


def test_a_bulk_ends_when_its_token_is_revoked(house: World, client: Connection) -> None:
    """It is looked for every few seconds: what is done by then stays."""
    tenant = tenant_of(house, client)
    token, text = tenancy.issue_token(house.units, tenant, CAUSE, client.name, timedelta(days=1))
    leaked = Connection(house.app.test_client(), client.slug, text, client.name)
    operations = [
        {"method": "POST", "path": "/Users", "bulkId": name, "data": {"schemas": [USER], "userName": name}}
        for name in ("eve", "mallory")
    ]
    txn = accepted(leaked.post("/Bulk", {"schemas": [BULK], "Operations": operations}, **ASYNC))
    (row,) = [row for row in house.rows("async_requests") if row["id"] == txn]

    class Revoking(Event):
        """Asked before each request and each operation."""

        asked = 0

        def is_set(self) -> bool:
            self.asked += 1
            if self.asked == 3:
                tokens.revoke_token(house.units, CAUSE, token.id)
                house.advance(6)
            return False

    assert installed_runs(house.installation).run(tenant, row["actor"], Revoking()) == 1
    assert [each["status"] for each in outcome(client, txn)] == ["201", "403"]
    assert client.find("/Users", 'userName eq "mallory"') == []


def test_what_names_an_erased_person_is_not_carried_out(house: World, client: Connection) -> None:
    tenant = tenant_of(house, client)
    zoe = client.create_user("zoe.quimby@x.test")["id"]
    refused = accepted(client.post("/Users", {"schemas": [USER], "userName": "zoe.quimby@x.test"}, **ASYNC))
    work(house)
    client.delete(f"/Users/{zoe}")
    late = accepted(client.post("/Users", {"schemas": [USER], "userName": "zoe.quimby@x.test"}, **ASYNC))
    other = accepted(client.post("/Users", {"schemas": [USER], "userName": "bob"}, **ASYNC))
    erasing.erase_person(house.units, tenant, CAUSE, "zoe.quimby@x.test", despite_retention=True)
    assert outcome(client, refused)[0]["response"]["detail"] == "erased"
    work(house)
    assert [outcome(client, txn)[0]["status"] for txn in (late, other)] == ["403", "201"]
    assert [
        row for name in ("async_requests", "async_results") for row in house.rows(name) if "quimby" in str(row)
    ] == []


def test_what_names_an_erased_person_is_not_gone_on_with(house: World, client: Connection) -> None:
    tenant = tenant_of(house, client)
    zoe = client.create_user("zoe.quimby@x.test")["id"]
    client.delete(f"/Users/{zoe}")
    late = accepted(client.post("/Users", {"schemas": [USER], "userName": "zoe.quimby@x.test"}, **ASYNC))
    (row,) = [row for row in house.rows("async_requests") if row["id"] == late]
    begun = take(house.units, tenant, row["actor"])
    assert begun is not None
    assert "quimby" in str(begun.request.body)
    erasing.erase_person(house.units, tenant, CAUSE, "zoe.quimby@x.test", despite_retention=True)
    with pytest.raises(TakenOver):
        installed_runs(house.installation)._carry_out(tenant, begun, Event())
    work(house)
    assert (outcome(client, late)[0]["status"], client.find("/Users", "userName pr")) == ("403", [])


def test_what_was_called_by_an_erased_person_is_not_any_more(house: World, client: Connection) -> None:
    tenant, name = tenant_of(house, client), "zoe.quimby@x.test"
    zoe = client.create_user(name)["id"]
    entries = [
        {"method": "POST", "path": "/Users", "bulkId": name, "data": {"schemas": [USER], "userName": "bob"}},
        {"method": "DELETE", "path": f"/Users/{name}"},
        {"method": "DELETE", "path": f"/Users/{zoe}"},
    ]
    bulk = {"schemas": [BULK], "Operations": entries}
    done = accepted(client.post(f"/Bulk?count={name}", bulk, **ASYNC, X_Request_Id=f"sync {name}"))
    work(house)
    (row,) = [row for row in house.rows("async_requests") if row["id"] == done]
    assert "quimby" not in str(row)
    bob = client.find("/Users", 'userName eq "bob"')[0]["id"]
    waiting = accepted(client.delete(f"/Users/{bob}", **ASYNC, X_Request_Id=f"sync {name}", If_Match='W/"1"'))
    erasing.erase_person(house.units, tenant, CAUSE, name, despite_retention=True)
    kept = [row for table in ("async_requests", "async_results") for row in house.rows(table)]
    assert [row for row in kept if "quimby" in str(row)] == []
    assert [each["status"] for each in outcome(client, done)] == ["201", "404", "204"]
    work(house)
    assert outcome(client, waiting)[0]["status"] == "204"


@pytest.mark.parametrize(("limit", "most"), [("MOST_WAITING", 2), ("MOST_BYTES", 250)])
def test_as_many_wait_as_may(
    house: World, client: Connection, monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    """Beyond them one is carried out at once, unless that would be before earlier ones of the same client."""
    monkeypatch.setattr(deferring, limit, most)
    other = house.connect(tenant_of(house, client), "entra")
    ana = client.create_user("ana")
    path = f"/Users/{ana['id']}"
    for number in range(2):
        accepted(client.patch(path, rename(str(number)), **ASYNC))
    refused = client.patch(path, rename("2"), **ASYNC)
    assert (refused.status_code, refused.headers["Retry-After"], refused.json["schemas"]) == (429, "5", [ERROR])
    assert other.patch(path, rename("other"), **ASYNC).status_code == 200
    work(house)
    accepted(client.patch(path, rename("3"), **ASYNC))
    work(house)
    assert client.get(path).json["displayName"] == "3"


def test_who_has_lost_the_lease_changes_nothing(house: World, client: Connection) -> None:
    """One that was slow, and whose request somebody else has taken since."""
    ana = client.create_user("ana")
    accepted(client.patch(f"/Users/{ana['id']}", rename("Ana"), **ASYNC))
    tenant, (row,) = (
        tenant_of(house, client),
        [each for each in house.rows("async_requests") if each["finished"] is None],
    )
    runs = installed_runs(house.installation)
    slow = take(house.units, tenant, row["actor"])
    assert slow is not None
    assert take(house.units, tenant, row["actor"]) is None
    house.advance(61)
    assert work(house) == 1
    with pytest.raises(TakenOver):
        runs._carry_out(tenant, slow, Event())
    assert client.get(f"/Users/{ana['id']}").json["meta"]["version"] == 'W/"2"'
    assert len(completions(house, client)) == 1


def test_a_request_that_was_put_off_is_soon_another_s_again(house: World, client: Connection) -> None:
    """Where whoever took it ends without saying so; how soon depends on how often it was begun."""
    accepted(client.post("/Users", {"schemas": [USER], "userName": "ben"}, **ASYNC))
    tenant, (row,) = (
        tenant_of(house, client),
        [each for each in house.rows("async_requests") if each["finished"] is None],
    )
    for lease in (60, 120, 240, 480, 960, 960):
        assert take(house.units, tenant, row["actor"]) is not None
        house.advance(lease - 1)
        assert take(house.units, tenant, row["actor"]) is None
        house.advance(2)
    assert work(house) == 1


def test_what_the_store_refuses_is_put_off(house: World, client: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what comes behind it; after eight attempts it fails as it would have at first."""
    ana = client.create_user("ana")
    txn = accepted(client.patch(f"/Users/{ana['id']}", rename("Ana"), **ASYNC))
    accepted(client.patch(f"/Users/{ana['id']}", rename("Bea"), **ASYNC))
    with monkeypatch.context() as broken:
        broken.setattr(UserHandler, "patch", contended)
        for attempt in range(1, MOST_ATTEMPTS):
            assert work(house) == 0
            (kept,) = [each for each in house.rows("async_requests") if each["id"] == txn]
            assert (kept["attempts"], "same things at once" in kept["trouble"]) == (attempt, True)
            house.advance(1800)
        work(house)
        assert outcome(client, txn)[0]["status"] == "503"
    house.advance(1800)
    work(house)
    assert client.get(f"/Users/{ana['id']}").json["displayName"] == "Bea"


def contended(*_: object) -> NoReturn:
    raise Contention("somebody else was first")


def test_a_bulk_goes_on_where_a_process_ended(house: World, client: Connection) -> None:
    posts = [
        {
            "method": "POST",
            "path": "/Users",
            "bulkId": f"u{number}",
            "data": {"schemas": [USER], "userName": f"u{number}"},
        }
        for number in range(3)
    ]
    txn = accepted(client.post("/Bulk", {"schemas": [BULK], "Operations": posts}, **ASYNC))
    tenant, (row,) = tenant_of(house, client), [each for each in house.rows("async_requests") if each["id"] == txn]

    class Stopping(Event):
        """Set once it was asked for often enough."""

        asked = 0

        def is_set(self) -> bool:
            self.asked += 1
            return self.asked > 3

    assert installed_runs(house.installation).run(tenant, row["actor"], Stopping()) == 0
    partly = client.get(f"/AsyncRequests/{txn}:0", Accept="application/json")
    assert (partly.status_code, client.get(f"/AsyncRequests/{txn}").status_code) == (200, 202)
    assert work(house) == 1
    assert [each["status"] for each in outcome(client, txn)] == ["201", "201", "201"]


def test_what_came_of_it_is_kept_for_a_week(house: World, client: Connection) -> None:
    txn = accepted(client.post("/Users", {"schemas": [USER], "userName": "ben"}, **ASYNC))
    house.do_chore("forget-async-requests")
    house.advance(8 * 86_400)
    house.do_chore("forget-async-requests")
    assert client.get(f"/AsyncRequests/{txn}").status_code == 202, "what waits is kept"
    work(house)
    assert client.get(f"/AsyncRequests/{txn}").status_code == 200
    house.do_chore("forget-async-requests")
    assert client.get(f"/AsyncRequests/{txn}").status_code == 404


@pytest.mark.covers("R-9967-4-01")
def test_discovery_says_so_where_it_is_on(house: World, client: Connection, connect_as: Any) -> None:
    told = client.get("/ServiceProviderConfig").json["securityEvents"]
    assert told == {"asyncRequest": "request", "eventUris": ["urn:ietf:params:scim:event:misc:asyncresp"]}
    assert "securityEvents" not in connect_as("tolerant").get("/ServiceProviderConfig").json
    assert "AsyncRequests" not in client.get("/ResourceTypes").text


def test_a_worker_carries_out_what_comes_while_it_runs(house: World, client: Connection) -> None:
    worker = house.installation.event_worker()
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        txn = accepted(client.post("/Users", {"schemas": [USER], "userName": "ben"}, **ASYNC))
        ends = time.monotonic() + 30
        while client.get(f"/AsyncRequests/{txn}").status_code == 202 and time.monotonic() < ends:
            time.sleep(0.01)
    finally:
        worker.stop()
        thread.join()
    assert outcome(client, txn)[0]["status"] == "201"
