"""A process that is killed at any step of an asynchronous request's way loses none, and carries none out twice."""

from collections import Counter
from typing import Any

import pytest

from scim_server.domain.tenants import Tenant
from scim_server.services import deferring, provisioning_logs
from scim_server.services.completing import LEASE
from tests.deaths import die
from tests.delivery import dying_runs
from tests.delivery.dying_runs import ACCEPTING, STEPS
from tests.http.test_async_requests import ASYNC, BULK, accepted, completions, outcome, rename
from tests.queues import work
from tests.worlds import CAUSE, PATCH_OP, USER, Connection, World


def die_at(step: str, database_url: str, token: str = "") -> None:
    """Run a process that is killed at that step."""
    die(dying_runs.main, database_url, step, token)


def patch(path: str, name: str) -> dict[str, Any]:
    return {"method": "PATCH", "path": path, "data": {"schemas": [PATCH_OP], "Operations": [rename(name)]}}


def post(name: str) -> dict[str, Any]:
    return {"method": "POST", "path": "/Users", "bulkId": name, "data": {"schemas": [USER], "userName": name}}


@pytest.mark.covers("R-9967-2.5.1-09")
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_a_step_it_carries_everything_out_once_and_in_order(
    world: World, acme: Tenant, okta: Connection, database_url: str, step: str
) -> None:
    world.decide("acme", async_requests="request")
    ana = okta.create_user("ana")["id"]
    first = accepted(okta.patch(f"/Users/{ana}", rename("1"), **ASYNC))
    operations = [
        post("ben"),
        patch("/Users/bulkId:ben", "1"),
        {"method": "DELETE", "path": "/Users/nobody"},
        {**post("ana"), "bulkId": "twin"},
        patch("/Users/bulkId:ben", "2"),
        patch(f"/Users/{ana}", "2"),
    ]
    bulk = accepted(okta.post("/Bulk", {"schemas": [BULK], "Operations": operations}, **ASYNC))
    last = accepted(okta.post("/Users", {"schemas": [USER], "userName": "ana"}, **ASYNC))
    die_at(step, database_url)
    world.advance(int(LEASE.total_seconds()) + 1)
    work(world)
    statuses = [[each["status"] for each in outcome(okta, txn)] for txn in (first, bulk, last)]
    assert statuses == [["200"], ["201", "200", "404", "409", "200", "200"], ["409"]]
    told = Counter(event["txn"] for event in completions(world, okta))
    assert told == Counter([first, *(f"{bulk}:{number}" for number in range(6)), last])
    (ben,) = okta.find("/Users", 'userName eq "ben"')
    assert (ben["displayName"], ben["meta"]["version"]) == ("2", 'W/"3"')
    again = okta.get(f"/Users/{ana}").json
    assert (again["displayName"], again["meta"]["version"]) == ("2", 'W/"3"')
    logged = {row["id"]: row["status"] for row in world.rows("provisioning_log")}
    assert [logged[txn] for txn in (first, bulk, last)] == [200, 200, 409]
    assert logged_changes(world, acme, bulk) >= 4


def logged_changes(world: World, tenant: Tenant, txn: str) -> int:
    """How many changes the log entry of a request tells: all, whichever process made them."""
    entry = provisioning_logs.request(world.units, tenant, txn).entry
    changed = [each for each in world.trail(tenant) if each.request_id == txn]
    assert [(each.object_type, each.object_id, each.action) for each in entry.changes] == [
        (each.object_type, each.object_id, each.action) for each in changed
    ]
    return len(changed)


def test_what_was_done_of_a_bulk_is_in_the_log_where_the_rest_is_called_off(
    world: World, acme: Tenant, okta: Connection, database_url: str
) -> None:
    world.decide("acme", async_requests="request")
    accepted(okta.post("/Users", {"schemas": [USER], "userName": "ana"}, **ASYNC))
    operations = [post("ben"), *(patch("/Users/bulkId:ben", each) for each in "1234")]
    bulk = accepted(okta.post("/Bulk", {"schemas": [BULK], "Operations": operations}, **ASYNC))
    die_at("when its second operation is written down", database_url)
    deferring.cancel(world.units, acme, CAUSE, bulk)
    world.advance(int(LEASE.total_seconds()) + 1)
    work(world)
    assert [each["status"] for each in outcome(okta, bulk)] == ["201", *["403"] * 4]
    assert logged_changes(world, acme, bulk) == 1


@pytest.mark.covers("R-9967-2.5.1-09")
@pytest.mark.parametrize("step", ACCEPTING)
def test_what_was_kept_is_carried_out_whether_or_not_it_was_answered(
    world: World, acme: Tenant, okta: Connection, database_url: str, step: str
) -> None:
    world.decide("acme", async_requests="request")
    die_at(step, database_url, okta.token)
    is_kept = step in {"when that is committed", "before it is answered"}
    assert work(world) == is_kept
    assert len(okta.find("/Users", 'userName eq "ana"')) == is_kept
