"""Webhooks of the operator over the admin API and from the command line, beyond what the story tells."""

import pytest

from scim_server.domain.tenants import Tenant
from scim_server.services import api_tokens
from tests.api import callers
from tests.api.callers import Caller
from tests.api.test_webhooks import UNREACHABLE, api, world
from tests.cli.commands import CommandLine
from tests.delivery.test_webhooks import publish, work
from tests.receivers import receiving
from tests.worlds import CAUSE, World

__all__ = ["api", "world"]


def test_what_was_sent_of_a_tenant_is_listed_and_sent_again(
    api: Caller, world: World, acme: Tenant, cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCIM_EGRESS_NETWORKS", "127.0.0.1/32")
    with receiving() as receiver:
        made = api.done("POST", "/webhooks", {"name": "vendor", "url": receiver.url, "types": ["user.*"]})
        refused = api.send("POST", "/webhooks/vendor/replays", {"tenant": "acme", "first": 1, "last": 1})
        assert refused.status_code == 404, "acme is not set up yet"
        work(world)
        publish(world, acme, "ana", "ana", "ben")
        assert work(world) == 3
        newest, *_ = api.items("/webhooks/vendor/deliveries?tenant=acme")
        assert api.items("/webhooks/vendor/deliveries?tenant=acme&state=dead") == []
        again = {"tenant": "acme", "event": newest["eventId"]}
        assert api.done("POST", f"/webhooks/{made['id']}/replays", again)["webhook"] == "vendor"
        api.done("POST", "/webhooks/vendor/replays", {"tenant": "acme", "first": 1, "last": 2})
        assert api.send("POST", "/webhooks/vendor/replays", {"tenant": "acme", "first": 1}).status_code == 422
        assert work(world) == 3
        cli.done("operator-webhook", "replay", "vendor", "acme", "--from", "3", "--to", "3")
        assert cli.json("worker", "--once") == {"sent": 1}
        assert "replay" in cli.done("operator-webhook", "log", "vendor", "acme").out
        shown = api.done("GET", "/webhooks/vendor")
        assert (shown["spread"], shown["reaches"], shown["behind"], shown["failing"]) == (True, 1, 0, None)
        assert "user.*" in cli.done("operator-webhook", "list").out
        assert "took it" in cli.done("operator-webhook", "test", "vendor").out
    receiver.verify(made["secret"])
    assert receiver.events()[-1]["tenant"] is None


@pytest.mark.parametrize(
    ("wrong", "status"),
    [({"url": "ftp://x.test/in"}, 422), ({"types": ["seat*"]}, 422), ({"tenants": ["nobody"]}, 404)],
)
def test_what_can_be_none_is_refused(api: Caller, wrong: dict[str, object], status: int) -> None:
    good = {"name": "vendor", "url": "https://app.example.com/in"}
    assert api.send("POST", "/webhooks", {**good, **wrong}).status_code == status
    api.done("POST", "/webhooks", good)
    assert api.send("PATCH", "/webhooks/vendor", wrong).status_code == status
    assert api.send("POST", "/webhooks", good).status_code == 409


@pytest.mark.parametrize(("url", "said"), UNREACHABLE)
def test_where_nothing_can_be_sent_is_refused_when_it_is_given(
    api: Caller, cli: CommandLine, url: str, said: str
) -> None:
    good = {"name": "vendor", "url": "https://app.invalid/in"}
    refusals = [api.refused(422, "POST", "/webhooks", {**good, "url": url})["detail"]]
    api.done("POST", "/webhooks", good)
    refusals += [
        api.refused(422, "PATCH", "/webhooks/vendor", {"url": url})["detail"],
        cli.failed(1, "operator-webhook", "create", "other", url),
        cli.failed(1, "operator-webhook", "edit", "vendor", "--url", url),
    ]
    for refusal in refusals:
        assert all(word in refusal for word in said.split()), refusal
        assert "s3cret" not in refusal
    assert [each["url"] for each in api.items("/webhooks")] == ["https://app.invalid/in"]


def test_what_is_there_stays_when_the_operator_thinks_better_of_a_network(api: Caller, cli: CommandLine) -> None:
    api.done("POST", "/webhooks", {"name": "vendor", "url": "http://127.0.0.1:9000/in"})
    cli.done("operator-webhook", "edit", "vendor", "--name", "other", "--url", "http://127.0.0.1:9000/in", "--off")
    (shown,) = api.items("/webhooks")
    assert (shown["name"], shown["url"], shown["enabled"]) == ("other", "http://127.0.0.1:9000/in", False)


def test_who_may_not_see_people_sends_nothing_of_them_anywhere(world: World, api: Caller) -> None:
    _, token = api_tokens.issue_operators_token(world.units, "ops", ["operations.write"], callers.DAY)
    refused = Caller(api.http, token, "acme").send("POST", "/webhooks", {"name": "x", "url": "https://x.test/in"})
    assert refused.status_code == 403
    assert "people.read" in refused.json["detail"]


def test_a_tenant_gets_nowhere_near(world: World, acme: Tenant, api: Caller) -> None:
    made = api.done("POST", "/webhooks", {"name": "vendor", "url": "https://app.example.com/in"})
    work(world)
    stand_in = next(row["id"] for row in world.rows("webhooks"))
    _, token = api_tokens.issue_token(
        world.units, acme, CAUSE, "all", ["connections.write", "people.read"], callers.DAY
    )
    admin = Caller(api.http, token, acme.slug)
    assert admin.items("~/webhooks") == []
    for named in (stand_in, made["id"], "vendor", f" {made['id']}"):
        assert admin.send("GET", f"~/webhooks/{named}").status_code == 404
        assert admin.send("PATCH", f"~/webhooks/{named}", {"enabled": False}).status_code == 404
        assert admin.send("DELETE", f"~/webhooks/{named}").status_code == 404
        assert admin.send("GET", f"~/webhooks/{named}/deliveries").status_code == 404
    assert admin.send("GET", "/webhooks").status_code == 403
    assert admin.send("PATCH", "/webhooks/vendor", {"enabled": False}).status_code == 403
