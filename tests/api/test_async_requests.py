"""/tenants/{tenant}/async-requests: what waits, and what came of it."""

import pytest

from scim_server.domain.async_requests import Completion
from scim_server.domain.tenants import Tenant
from scim_server.services.completing import TakenOver, fail, take
from tests.api.callers import caller
from tests.queues import work
from tests.worlds import USER, Connection, World


def test_requests_are_listed_and_shown(world: World, acme: Tenant, okta: Connection) -> None:
    world.decide("acme", async_requests="request")
    names = ("ana", "ana", "ben")
    sent = [
        okta.post("/Users", {"schemas": [USER], "userName": name}, Prefer="respond-async").headers["Set-Txn"]
        for name in names
    ]
    client = caller(world, acme)
    assert [each["id"] for each in client.get("~/async-requests?waiting=true").json["items"]] == sent[::-1]
    work(world)
    assert client.get("~/async-requests?waiting=true").json["items"] == []
    page = client.get("~/async-requests?waiting=false&limit=2").json
    assert [(each["id"], each["state"]) for each in page["items"]] == [(sent[2], "done"), (sent[1], "failed")]
    (last,) = client.get(f"~/async-requests?limit=2&after={page['next']}").json["items"]
    assert (last["id"], last["sender"], last["operations"], last["trouble"]) == (sent[0], "okta", 1, None)
    (told,) = client.get(f"~/async-requests/{sent[1]}").json["completions"]
    assert (told["status"], told["method"], told["uri"], "ana" in told["detail"]) == ("409", "POST", None, True)
    assert client.get("~/async-requests/nothing").status_code == 404
    assert "userName" not in client.get(f"~/async-requests/{sent[0]}").text


def test_a_request_is_called_off(world: World, acme: Tenant, okta: Connection) -> None:
    """Whoever carries it out meanwhile does not go on."""
    world.decide("acme", async_requests="request")
    txn = okta.post("/Users", {"schemas": [USER], "userName": "eve"}, Prefer="respond-async").headers["Set-Txn"]
    (row,) = world.rows("async_requests")
    begun = take(world.units, acme, row["actor"])
    assert begun is not None
    client = caller(world, acme)
    assert client.post(f"~/async-requests/{txn}/cancel").json["state"] == "waiting"
    assert client.post(f"~/async-requests/{txn}/cancel").status_code == 409
    with pytest.raises(TakenOver):
        fail(world.units, acme, begun, None, [Completion(0, None, "POST", "500")])
    assert work(world) == 1
    (told,) = client.get(f"~/async-requests/{txn}").json["completions"]
    assert (told["status"], "called the request off" in told["detail"]) == ("403", True)
    assert okta.find("/Users", 'userName eq "eve"') == []
    assert client.post(f"~/async-requests/{txn}/cancel").status_code == 409
    assert client.post("~/async-requests/nothing/cancel").status_code == 404
    assert [each.action for each in world.trail(acme) if each.object_type == "request"] == ["request.cancelled"]
