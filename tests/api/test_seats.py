"""Seats as a noun: listed, waited for in order, given and taken by hand; over the admin API and the command line."""

from collections.abc import Callable

import pytest

from scim_server.domain.tenants import Tenant
from tests.api.callers import Caller, caller
from tests.cli.commands import CommandLine
from tests.http.test_statements import counting
from tests.worlds import Connection, World, contents


@pytest.fixture
def crowd(world: World, acme: Tenant, okta: Connection) -> list[str]:
    """Two seats of meeting and one of training; a to e want meeting, c is in the group of a rule besides. Their ids."""
    world.buy(acme, "meeting", 2)
    world.buy(acme, "training", 1)
    world.rule(acme, "Sales", "training", "webinar")
    ids = [okta.create_user(name, entitlements=["meeting"])["id"] for name in "abcde"]
    okta.create_group("Sales", ids[2])
    return ids


def held(found: list[dict[str, str]]) -> list[tuple[str, str, str]]:
    return [(seat["userName"], seat["product"], seat["state"]) for seat in found]


def test_seats_are_listed(api: Caller, cli: CommandLine, crowd: list[str]) -> None:
    everything = api.items("~/seats?limit=2")
    assert held(everything) == [
        ("a", "meeting", "assigned"),
        ("b", "meeting", "assigned"),
        ("c", "training", "assigned"),
        ("c", "webinar", "waiting"),
        ("d", "meeting", "waiting"),
        ("e", "meeting", "waiting"),
    ]
    assert everything == cli.json("seat", "list", "acme")
    assert [seat["source"][:5] for seat in everything] == ["direc", "direc", "rule:", "rule:", "direc", "direc"]
    assert held(api.items("~/seats?state=waiting&product=Meeting")) == [
        ("d", "meeting", "waiting"),
        ("e", "meeting", "waiting"),
    ]
    assert api.items("~/seats?user=C") == cli.json("seat", "list", "acme", "--user", crowd[2]) == everything[2:4]
    assert cli.json("seat", "list", "acme", "--state", "waiting", "--product", "meeting") == everything[4:]
    assert cli.done("seat", "list", "acme", "--state", "held").out == "Tenant 'acme' has no such seat.\n"


def test_the_queue_in_order(
    api: Caller, cli: CommandLine, world: World, acme: Tenant, okta: Connection, crowd: list[str]
) -> None:
    world.rule(acme, "Early", "meeting")
    okta.create_group("Early", okta.create_user("f")["id"], okta.create_user("g")["id"])
    okta.create_user("h", entitlements=["meeting"])
    queue = api.items("~/subscriptions/meeting/waiting?limit=1")
    assert [(each["place"], each["seat"]["userName"], each["seat"]["rank"]) for each in queue] == [
        (1, "d", 0),
        (2, "e", 0),
        (3, "h", 0),
        (4, "f", 2),
        (5, "g", 2),
    ]
    assert queue == cli.json("seat", "waiting", "acme", "MEETING")
    world.buy(acme, "meeting", 3)
    assert [each["seat"]["userName"] for each in api.items("~/subscriptions/meeting/waiting")] == ["e", "h", "f", "g"]
    assert cli.done("seat", "waiting", "acme", "training").out == "Nobody waits for 'training'.\n"


def test_products_are_given_and_taken_by_hand(
    api: Caller, cli: CommandLine, world: World, acme: Tenant, crowd: list[str]
) -> None:
    handed = api.done("POST", "~/users/d/seats", {"give": ["Webinar"], "take": ["meeting"]})
    assert (handed["changed"], handed["excluded"], handed["user"]["userName"]) == (True, ["meeting"], "d")
    assert world.held_by(acme, "d") == {"webinar": "waiting"}
    said = cli.done("seat", "take", "acme", "c", "training").out
    assert "go on giving training: the person is kept out" in said
    assert world.held_by(acme, "c") == {"webinar": "waiting", "meeting": "waiting"}
    given = cli.json("seat", "give", "acme", crowd[2], "training", "meeting")
    assert (given["changed"], given["excluded"]) == (True, [])
    assert world.held_by(acme, "c") == {"training": "assigned", "webinar": "waiting"}
    assert cli.done("seat", "give", "acme", "c", "training").out == "'c' is so already.\n"


def test_an_exclusion_is_shown_and_lifted(
    api: Caller, cli: CommandLine, world: World, acme: Tenant, crowd: list[str]
) -> None:
    cli.done("seat", "take", "acme", "c", "training", "webinar")
    shown = api.done("GET", "~/users/c/claims")
    assert shown == cli.json("seat", "claims", "acme", "c")
    assert [(each["product"], each["source"]) for each in shown["claims"]] == [("meeting", "direct")]
    assert [(each["product"], each["source"], each["reason"]) for each in shown["exclusions"]] == [
        ("training", "*", "by_admin"),
        ("webinar", "*", "by_admin"),
    ]
    assert api.delete("~/users/c/exclusions/Training").status_code == 204
    assert world.held_by(acme, "c") == {"training": "assigned"}
    assert [each["source"] for each in api.done("GET", "~/users/c/claims")["claims"]][1].startswith("rule:")
    assert cli.json("seat", "lift", "acme", "c", "webinar")["changed"] is True
    assert api.done("GET", "~/users/c/claims")["exclusions"] == []
    assert "Kept out of" not in cli.done("seat", "claims", "acme", "c").out
    (changed, *_) = [entry for entry in reversed(world.trail(acme)) if entry.object_type == "claims"]
    assert changed.person == crowd[2]


REFUSED = {
    "an unknown product": (404, ("POST", "~/users/a/seats", {"give": ["zoom"]}), ("give", "acme", "a", "zoom")),
    "nobody": (404, ("POST", "~/users/x/seats", {"take": ["meeting"]}), ("take", "acme", "x", "meeting")),
    "no exclusion": (404, ("DELETE", "~/users/a/exclusions/meeting"), ("lift", "acme", "a", "meeting")),
    "a queue of nothing": (404, ("GET", "~/subscriptions/zoom/waiting"), ("waiting", "acme", "zoom")),
    "seats of nothing": (404, ("GET", "~/seats?product=zoom"), ("list", "acme", "--product", "zoom")),
    "seats of nobody": (404, ("GET", "~/seats?user=x"), ("list", "acme", "--user", "x")),
    "claims of nobody": (404, ("GET", "~/users/x/claims"), ("claims", "acme", "x")),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_there_is_refused(api: Caller, cli: CommandLine, world: World, crowd: list[str], case: str) -> None:
    status, request, command = REFUSED[case]
    before = contents(world)
    assert api.refused(status, *request)["detail"] == cli.failed(1, "seat", *command)  # type: ignore[arg-type]
    assert contents(world) == before


def test_bodies_and_queries_are_checked(api: Caller, world: World, acme: Tenant, crowd: list[str]) -> None:
    before = contents(world)
    problem = api.refused(422, "POST", "~/users/a/seats", {"give": "meeting", "seat": 1})
    assert [error["pointer"] for error in problem["errors"]] == ["/give", "/seat"]
    problem = api.refused(422, "GET", "~/seats?state=lost&after=x")
    assert [error["parameter"] for error in problem["errors"]] == ["after", "state"]
    both = api.refused(422, "POST", "~/users/a/seats", {"give": ["meeting"], "take": ["MEETING"]})
    assert "given and taken" in both["detail"]
    world.buy(acme, "webinar", 0, "reject")
    before = contents(world)
    assert api.refused(409, "POST", "~/users/a/seats", {"give": ["webinar"]})["detail"].startswith("seatLimit")
    assert contents(world) == before


def test_seats_of_another_tenant_are_not_there(world: World, crowd: list[str]) -> None:
    other = caller(world, world.tenant("other"))
    assert other.items("~/seats") == other.items("~/subscriptions/meeting/waiting") == []
    other.refused(404, "GET", f"~/users/{crowd[0]}/claims")
    other.refused(404, "POST", f"~/users/{crowd[0]}/seats", {"take": ["meeting"]})


def test_lists_cost_the_same_whatever_there_is(api: Caller, world: World, crowd: list[str]) -> None:
    def cost(path: str) -> int:
        with counting(world) as count:
            api.done("GET", path)
        return int(count)

    pages: list[Callable[[int], str]] = [
        lambda limit: f"~/seats?limit={limit}",
        lambda limit: f"~/subscriptions/meeting/waiting?limit={limit}",
    ]
    for page in pages:
        assert cost(page(1)) == cost(page(100))
