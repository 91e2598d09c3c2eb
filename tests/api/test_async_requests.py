"""/tenants/{tenant}/async-requests: what waits, and what came of it."""

from scim_server.domain.tenants import Tenant
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
