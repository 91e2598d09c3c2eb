"""/products, /subscriptions, /templates and /chores of the admin API."""

import pytest

from scim_server.domain.tenants import Tenant
from tests.api.callers import Caller, caller
from tests.cli.commands import CommandLine
from tests.worlds import Connection, World, contents


def test_seats_are_bought_for_who_waits(world: World, acme: Tenant, api: Caller, okta: Connection) -> None:
    okta.create_user("ana", entitlements=["meeting"])
    assert world.held_by(acme, "ana") == {"meeting": "waiting"}
    bought = api.done("PUT", "~/subscriptions/meeting", {"seats": 2})
    assert bought == {
        "product": "meeting",
        "seats": 2,
        "policy": "wait",
        "overage": 0,
        "assigned": 1,
        "waiting": 0,
        "held": 0,
        "free": 1,
    }
    assert api.done("GET", "~/subscriptions/meeting") == bought
    api.done("PUT", "~/subscriptions/webinar", {"seats": 1, "policy": "overage", "overage": 3})
    kept = api.done("PUT", "~/subscriptions/webinar", {"seats": 2})
    assert (kept["policy"], kept["overage"]) == ("overage", 3)
    assert api.items("~/subscriptions?limit=1") == [bought, kept]


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("meeting", {"seats": 0}, 409, "Holders: ana"),
        ("meeting", {}, 422, "One field"),
        ("meeting", {"seats": 10_000_001, "policy": "beg", "overage": -1}, 422, "3 fields"),
        ("meeting", {"seats": True}, 422, "One field"),
        ("fax", {"seats": 1}, 404, "no product 'fax'"),
    ],
)
def test_seats_that_cannot_be_bought_or_given_back(
    world: World, acme: Tenant, api: Caller, okta: Connection, path: str, body: object, status: int, words: str
) -> None:
    world.buy(acme, "meeting", 1)
    okta.create_user("ana", entitlements=["meeting"])
    before = contents(world)
    assert words in api.refused(status, "PUT", f"~/subscriptions/{path}", body)["detail"]
    assert contents(world) == before
    api.refused(404, "GET", "~/subscriptions/training")


def test_templates_are_written_shown_and_deleted(world: World, acme: Tenant, api: Caller) -> None:
    written = api.done("PUT", "~/templates/webinar/std one", {"values": {"b": "1", "a": ""}})
    assert written == {"product": "webinar", "name": "std one", "values": {"a": "", "b": "1"}}
    assert api.done("GET", "~/templates/webinar/std%20one") == written
    api.done("PUT", "~/templates/meeting/std", {"values": {"b": "1"}})
    listed = api.items("~/templates?limit=1")
    assert [(template["product"], template["name"]) for template in listed] == [
        ("meeting", "std"),
        ("webinar", "std one"),
    ]
    api.done("DELETE", "~/templates/webinar/std one")
    assert "no template" in api.refused(404, "GET", "~/templates/webinar/std one")["detail"]
    assert "no template" in api.refused(404, "DELETE", "~/templates/webinar/std one")["detail"]


@pytest.mark.parametrize(
    ("path", "values", "status", "words"),
    [
        ("fax/std", {"a": "1"}, 404, "no product 'fax'"),
        ("webinar/std", {}, 422, "1 to 200 values"),
        ("webinar/std", {"a": 1}, 422, "One field"),
        ("webinar/std", {"a": "x" * 2001, "": "1"}, 422, "2 fields"),
        ("webinar/std", {str(number): "" for number in range(201)}, 422, "One field"),
        ("webinar/" + "x" * 201, {"a": "1"}, 422, "at most 200 characters"),
    ],
)
def test_what_is_no_template(
    world: World, acme: Tenant, api: Caller, path: str, values: object, status: int, words: str
) -> None:
    before = contents(world)
    assert words in api.refused(status, "PUT", f"~/templates/{path}", {"values": values})["detail"]
    assert contents(world) == before


def test_a_template_has_a_name_that_an_address_can_hold(cli: CommandLine, acme: Tenant) -> None:
    assert "without '/'" in cli.failed(1, "template", "set", "acme", "webinar", "a/b", "k=v")
    cli.done("template", "set", "acme", "webinar", "std", "k=v")
    assert "k=v" in cli.done("template", "show", "acme", "webinar", "std").out


def test_a_product_is_shown(cli: CommandLine, world: World, api: Caller) -> None:
    shown = api.done("GET", "/products/webinar")
    assert shown == {"code": "webinar", "name": "Webinar", "includes": ["meeting"]}
    assert "Webinar" in cli.done("product", "show", "webinar").out
    assert api.refused(404, "GET", "/products/fax")["detail"] in cli.failed(1, "product", "show", "fax")


def test_the_operator_runs_chores(world: World, acme: Tenant, operator: Caller) -> None:
    chores = operator.items("/chores")
    assert [chore["name"] for chore in chores] == [chore.name for chore in world.installation.chores]
    assert chores[0]["every"] == 60
    assert {chore["next"] for chore in chores} == {None}
    turns = operator.done("POST", "/chores/run", {"names": ["reprocess", "tidy-issues"]})["items"]
    assert turns == [
        {"name": "reprocess", "done": 0, "failure": None},
        {"name": "tidy-issues", "done": 0, "failure": None},
    ]
    assert next(chore for chore in operator.items("/chores") if chore["name"] == "reprocess")["next"] is not None
    due = [turn["name"] for turn in operator.done("POST", "/chores/run")["items"]]
    assert "mails" in due
    assert "reprocess" not in due
    assert operator.done("POST", "/chores/run") == {"items": [], "next": None}
    assert "no chore 'nothing'" in operator.refused(404, "POST", "/chores/run", {"names": ["nothing"]})["detail"]
    caller(world, acme).refused(403, "POST", "/chores/run")
