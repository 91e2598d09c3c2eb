"""`scim-server history`: how something was at any past moment, and what has changed since."""

import pytest

from scim_server.domain.tenants import Tenant
from tests.api.callers import Caller, caller
from tests.cli.commands import CommandLine
from tests.worlds import Connection, World

MINUTE = 60


@pytest.fixture
def past(world: World, acme: Tenant, okta: Connection) -> dict[str, str]:
    """Ana had a seat an hour ago, has another name now and no seat; ids by what they are of, and the hour."""
    world.buy(acme, "meeting", 1)
    ana = okta.create_user("ana@x.test", displayName="Ana", entitlements=["meeting"])["id"]
    group = okta.create_group("Sales", ana)["id"]
    with world.units.read(acme) as uow:
        then = uow.now
    change = {"op": "replace", "path": "displayName", "value": "Anna"}
    okta.patch(f"/Users/{ana}", change, {"op": "remove", "path": "entitlements"})
    okta.patch(f"/Groups/{group}", {"op": "replace", "path": "displayName", "value": "Selling"})
    return {"ana": ana, "group": group, "then": then}


def test_a_person_then_and_now(cli: CommandLine, past: dict[str, str]) -> None:
    shown = cli.done("history", "user", "acme", "ana@x.test", "--at", past["then"]).out
    for words in ("The user 'ana@x.test' at", "displayName", "Ana", "assigned", "user.changed"):
        assert words in shown, words
    assert cli.json("history", "user", "acme", "ana@x.test", "--at", past["then"])["later"]["displayName"] == "Anna"
    assert "Nothing is otherwise." in cli.done("history", "user", "acme", "ana@x.test", "--at", "0m").out
    now = cli.done("history", "user", "acme", "ana@x.test").out
    assert "Until" not in now
    assert "unassigned" in now


def test_groups_and_subscriptions_likewise(cli: CommandLine, past: dict[str, str]) -> None:
    group = cli.json("history", "group", "acme", "Sales", "--at", past["then"])
    assert (group["id"], group["state"]["displayName"], group["later"]["displayName"]) == (
        past["group"],
        "Sales",
        "Selling",
    )
    assert "Selling" in cli.done("history", "group", "acme", "Sales", "--at", past["then"]).out
    product = cli.json("history", "subscription", "acme", "meeting", "--at", past["then"])
    assert [each["name"] for each in product["state"]["holders"]] == ["ana@x.test"]
    assert product["later"]["holders"] == []
    assert "ana@x.test" in cli.done("history", "subscription", "acme", "meeting", "--at", past["then"]).out


def test_the_command_line_prints_what_the_api_answers(
    cli: CommandLine, world: World, acme: Tenant, past: dict[str, str]
) -> None:
    api: Caller = caller(world, acme, "audit.read")
    for kind, name in (("user", "ana@x.test"), ("group", "Sales"), ("subscription", "meeting")):
        moments = {"at": past["then"], "until": past["then"]}
        query = "&".join(f"{key}={moment}" for key, moment in moments.items())
        printed = cli.json("history", kind, "acme", name, "--at", moments["at"], "--until", moments["until"])
        assert printed == api.done("GET", f"~/{kind}s/{name}/history?{query}")


def test_what_nobody_can_know_is_refused(cli: CommandLine, past: dict[str, str]) -> None:
    assert "begins at" in cli.failed(1, "history", "user", "acme", "ana@x.test", "--at", "2001-01-01")
    assert "yet to come" in cli.failed(1, "history", "user", "acme", "ana@x.test", "--at", "2999-01-01")
    assert "has or had" in cli.failed(1, "history", "user", "acme", "nobody", "--at", past["then"])
    assert "is no moment" in cli.failed(2, "history", "user", "acme", "ana@x.test", "--at", "yesterday")
