"""Webhooks over the admin API and from the command line, beyond what the story tells."""

from collections.abc import Callable

import pytest

from scim_server.domain.tenants import Tenant
from scim_server.services import api_tokens, hooking, redelivering
from scim_server.services.hooking import Wishes
from tests.api import callers
from tests.api.callers import Caller
from tests.cli.commands import CommandLine
from tests.delivery.test_webhooks import DAY, expected, publish, work
from tests.receivers import LOOPBACK, receiving
from tests.worlds import CAUSE, World


@pytest.fixture
def world(build_world: Callable[..., World]) -> World:
    """A world that may send to this machine."""
    return build_world(egress_networks=LOOPBACK)


@pytest.fixture
def api(world: World, acme: Tenant) -> Caller:
    operator = callers.operator(world)
    return Caller(operator.http, operator.token, acme.slug)


def test_what_was_sent_is_listed_and_sent_again(
    api: Caller, world: World, acme: Tenant, cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCIM_EGRESS_NETWORKS", "127.0.0.1/32")
    with receiving() as receiver:
        made = api.done("POST", "~/webhooks", {"name": "app", "url": receiver.url, "types": ["user.*"]})
        publish(world, acme, "ana", "ana", "ben")
        assert work(world) == 3
        newest, *_ = entries = api.items("~/webhooks/app/deliveries")
        assert {(each["state"], each["status"], each["kind"]) for each in entries} == {("delivered", 204, "new")}
        assert api.items("~/webhooks/app/deliveries?state=dead") == []
        assert api.done("POST", f"~/webhooks/{made['id']}/replays", {"event": newest["eventId"]})["webhook"] == "app"
        assert api.done("POST", "~/webhooks/app/replays", {"first": 1, "last": 2}) == {
            "webhook": "app",
            "first": 1,
            "last": 2,
        }
        assert api.done("GET", "~/webhooks/app")["replays"] == 2
        assert work(world) == 3
        cli.done("webhook", "replay", "acme", "app", "--from", "3", "--to", "3")
        assert cli.json("worker", "--once") == {"sent": 1}
        assert "replay" in cli.done("webhook", "log", "acme", "app").out
        assert "user.*" in cli.done("webhook", "list", "acme").out
        assert "took it" in cli.done("webhook", "test", "acme", "app").out
    trial = receiver.events()[-1]
    receiver.check({**expected(world, acme), trial["subject"]["id"]: [trial["id"]]})
    receiver.verify(made["secret"])
    audited = [each for each in world.trail(acme) if each.action == "webhook.replayed"]
    assert [each.after for each in audited][1:] == [{"replayed": [1, 2]}, {"replayed": [3, 3]}]


@pytest.mark.parametrize("body", [{}, {"first": 1}, {"event": "x", "first": 1, "last": 1}])
def test_a_replay_is_of_one_event_or_of_a_range(api: Caller, body: dict[str, object]) -> None:
    api.done("POST", "~/webhooks", {"name": "app", "url": "https://app.example.com/in"})
    assert api.send("POST", "~/webhooks/app/replays", body).status_code == 422


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "ftp://app.example.com/in"},
        {"url": "https://ana@app.example.com/in"},
        {"url": "https://app.example.com/in#here"},
        {"types": ["Seat.Assigned"]},
        {"types": ["seat*"]},
        {"name": " app"},
    ],
)
def test_what_can_be_no_webhook_is_refused(api: Caller, wrong: dict[str, object]) -> None:
    good = {"name": "app", "url": "https://app.example.com/in", "types": ["seat.*"]}
    assert api.send("POST", "~/webhooks", {**good, **wrong}).status_code == 422
    api.done("POST", "~/webhooks", good)
    assert api.send("PATCH", "~/webhooks/app", wrong).status_code == 422
    assert api.send("POST", "~/webhooks", good).status_code == 409


UNREACHABLE = [
    ("http://app.example.com/in", "begin with https:// SCIM_EGRESS_NETWORKS"),
    ("https://10.20.0.1/in", "not public SCIM_EGRESS_NETWORKS"),
    ("https://169.254.169.254/in", "not public SCIM_EGRESS_NETWORKS"),
    ("https://[::1]/in", "not public SCIM_EGRESS_NETWORKS"),
    ("https://2130706433/in", "IP address"),
    ("https://app.example.com:22/in", "port 443"),
    ("https://ana:s3cret@app.example.com/in", "name no user leave out"),
]
"""Addresses that nothing can ever be sent to, and words that say why and what to do."""


@pytest.mark.parametrize(("url", "said"), UNREACHABLE)
def test_where_nothing_can_be_sent_is_refused_when_it_is_given(
    api: Caller, cli: CommandLine, url: str, said: str
) -> None:
    good = {"name": "app", "url": "https://app.invalid/in"}
    refusals = [api.refused(422, "POST", "~/webhooks", {**good, "url": url})["detail"]]
    api.done("POST", "~/webhooks", good)
    refusals += [
        api.refused(422, "PATCH", "~/webhooks/app", {"url": url})["detail"],
        cli.failed(1, "webhook", "create", "acme", "other", url),
        cli.failed(1, "webhook", "edit", "acme", "app", "--url", url),
    ]
    for refusal in refusals:
        assert all(word in refusal for word in said.split()), refusal
        assert "s3cret" not in refusal
    assert [each["url"] for each in api.items("~/webhooks")] == ["https://app.invalid/in"]


def test_what_is_there_stays_when_the_operator_thinks_better_of_a_network(api: Caller, cli: CommandLine) -> None:
    api.done("POST", "~/webhooks", {"name": "app", "url": "http://127.0.0.1:9000/in"})
    cli.done("webhook", "edit", "acme", "app", "--name", "other", "--url", "http://127.0.0.1:9000/in", "--off")
    assert "SCIM_EGRESS_NETWORKS" in cli.failed(
        1, "webhook", "edit", "acme", "other", "--url", "http://127.0.0.1:9001/in"
    )
    (shown,) = api.items("~/webhooks")
    assert (shown["name"], shown["url"], shown["stopped"]) == ("other", "http://127.0.0.1:9000/in", "by_admin")


def test_who_may_not_see_people_sends_nothing_of_them_anywhere(world: World, acme: Tenant, api: Caller) -> None:
    _, token = api_tokens.issue_token(world.units, acme, CAUSE, "links", ["connections.write"], callers.DAY)
    linker = Caller(api.http, token, acme.slug)
    refused = linker.send("POST", "~/webhooks", {"name": "app", "url": "https://app.example.com/in"})
    assert refused.status_code == 403
    assert "people.read" in refused.json["detail"]


def test_the_log_is_forgotten_after_a_week(world: World, acme: Tenant, api: Caller) -> None:
    with receiving() as receiver:
        api.done("POST", "~/webhooks", {"name": "app", "url": receiver.url})
        publish(world, acme, "ana")
        work(world)
    world.advance(6 * DAY)
    assert world.do_chore("forget-deliveries") == 0
    world.advance(2 * DAY)
    assert world.do_chore("forget-deliveries") == 1
    assert redelivering.deliveries(world.units, acme, "app", 10) == []


def test_what_is_parked_waits_until_the_webhook_is_switched_on(world: World, acme: Tenant, api: Caller) -> None:
    with receiving(lambda _: 422) as receiver:
        api.done("POST", "~/webhooks", {"name": "app", "url": receiver.url})
        publish(world, acme, "ana")
        work(world)
        api.done("PATCH", "~/webhooks/app", {"enabled": False})
        world.advance(8 * DAY)
        assert world.do_chore("forget-deliveries") == 0
        receiver.behave = lambda _: 204
        hooking.change_webhook(world.units, world.installation.web, acme, CAUSE, "app", Wishes(on=True))
        work(world)
        assert len(receiver.taken) == 1
