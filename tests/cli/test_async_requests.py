"""`scim-server request`: what waits, and what came of it."""

from scim_server.domain.tenants import Tenant
from tests.cli.commands import CommandLine
from tests.queues import work
from tests.worlds import USER, Connection, World

BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
NOBODY = {"method": "DELETE", "path": "/Users/nobody"}
BEN = {"method": "POST", "path": "/Users", "bulkId": "b", "data": {"schemas": [USER], "userName": "ben"}}


def test_requests_are_listed_and_shown(cli: CommandLine, world: World, acme: Tenant, okta: Connection) -> None:
    assert cli.done("request", "list", "acme").out == "Tenant 'acme' has no asynchronous request.\n"
    cli.done("tenant", "set", "acme", "async_requests=request")
    sent = okta.post("/Bulk", {"schemas": [BULK], "Operations": [NOBODY, BEN]}, Prefer="respond-async")
    txn = sent.headers["Set-Txn"]
    (waiting,) = cli.json("request", "list", "acme", "--waiting")
    assert (waiting["id"], waiting["state"], waiting["sender"]) == (txn, "waiting", "okta")
    assert (waiting["method"], waiting["path"], waiting["operations"], waiting["completed"]) == ("POST", "/Bulk", 2, 0)
    assert "Nothing came of it yet." in cli.done("request", "show", "acme", txn).out
    work(world)
    assert cli.json("request", "list", "acme", "--waiting") == []
    (done,) = cli.json("request", "list", "acme")
    assert (done["state"], done["completed"], done["failed"]) == ("failed", 2, 1)
    shown = cli.json("request", "show", "acme", txn)
    assert [each["status"] for each in shown["completions"]] == ["404", "201"]
    assert "no User with the id 'nobody'" in cli.done("request", "show", "acme", txn).out
    assert "no asynchronous request 'x'" in cli.failed(1, "request", "show", "acme", "x")


def test_a_request_is_called_off(cli: CommandLine, world: World, acme: Tenant, okta: Connection) -> None:
    cli.done("tenant", "set", "acme", "async_requests=request")
    sent = okta.post("/Bulk", {"schemas": [BULK], "Operations": [BEN]}, Prefer="respond-async")
    txn = sent.headers["Set-Txn"]
    assert "is called off" in cli.done("request", "cancel", "acme", txn).out
    assert "called off before" in cli.failed(1, "request", "cancel", "acme", txn)
    work(world)
    (told,) = cli.json("request", "show", "acme", txn)["completions"]
    assert (told["status"], told["bulkId"]) == ("403", "b")
    assert "no asynchronous request 'x'" in cli.failed(1, "request", "cancel", "acme", "x")
