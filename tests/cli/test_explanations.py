"""Why does Ana have webinar, why not training?"""

import re
from collections.abc import Callable

import pytest

from scim_server.domain.tenants import Tenant
from scim_server.services import explaining
from scim_server.store.walls import OPERATOR
from tests.cli.commands import CommandLine
from tests.http.test_statements import counting
from tests.worlds import Connection, World

Told = Callable[..., list[str]]
REQUEST = r"request [0-9a-f-]{36}"
MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"


@pytest.fixture
def told(cli: CommandLine, acme: Tenant) -> Told:
    """What is said of somebody, moments and requests left out."""

    def tell(*arguments: str) -> list[str]:
        said = cli.done("explain", "acme", *arguments).out
        return re.sub(REQUEST, "request R", re.sub(MOMENT, "NOW", said)).splitlines()

    return tell


@pytest.fixture
def nested(world: World, acme: Tenant, okta: Connection) -> tuple[str, str]:
    """Ana and Ben are in Sales EMEA, which is in Sales; that gives webinar, of which there is one. Their ids."""
    world.buy(acme, "webinar", 1)
    world.rule(acme, "Sales", "webinar")
    ana, ben = (okta.create_user(name)["id"] for name in ("ana", "ben"))
    emea = okta.create_group("Sales EMEA", ana, ben)["id"]
    okta.create_group("Sales", emea)
    return ana, ben


BY_RULE = "since NOW, by connection 'okta' (create Group, request R)"


def test_the_chain_from_group_to_seat(told: Told, nested: tuple[str, str]) -> None:
    assert told("ANA", "Webinar") == [
        f"'ana' has a seat of 'webinar', {BY_RULE}.",
        f"  'webinar' is claimed: the rule of priority 1 for group 'Sales' gives it, {BY_RULE}; "
        "'ana' is in 'Sales EMEA', which is in 'Sales'.",
        f"  'ana' is in 'Sales EMEA' {BY_RULE}.",
        f"  'Sales EMEA' is in 'Sales' {BY_RULE}.",
    ]
    assert told(nested[0], "webinar") == told("ana", "webinar")


def test_what_a_bundle_covers(told: Told, nested: tuple[str, str]) -> None:
    covered, chain, *_ = told("ana", "meeting")
    assert covered == "'ana' has 'meeting' through a seat of 'webinar', which includes it."
    assert "rule of priority 1" in chain


def test_who_waits_learns_what_would_have_to_happen(told: Told, nested: tuple[str, str]) -> None:
    first, *_, place, bought = told("ben")
    assert first == f"'ben' waits for a seat of 'webinar', {BY_RULE}."
    assert place == "  'ben' stands in place 1 of 1: 1 seat must be released or bought until it is their turn."
    assert bought == "  Of 'webinar' 1 seat bought, 1 assigned, 1 waited for; when none is free, the policy is wait."


def test_places_in_the_queue(world: World, acme: Tenant, okta: Connection, told: Told) -> None:
    world.buy(acme, "training", 1, "overage", 1)
    for name in ("a", "b", "c", "d"):
        okta.create_user(name, entitlements=["training"])
    assert "'c' stands in place 1 of 2: 1 seat must" in told("c")[-2]
    assert "'d' stands in place 2 of 2: 2 seats must" in told("d")[-2]


def test_why_not(told: Told, nested: tuple[str, str], world: World, acme: Tenant, okta: Connection) -> None:
    world.rule(acme, "Trainers", "training")
    okta.create_group("Trainers")
    world.rule(acme, "Tomorrow", "training")
    assert told("ana", "training")[:2] == [
        "'ana' does not have 'training'.",
        "  Nothing gives it: 'ana' meets no rule that does, no entitlement names it, and nobody gave it by hand.",
    ]
    assert told("ana", "training")[2:] == [
        "  The rule of priority 2 for group 'Trainers' gives 'training': 'ana' is not in that group.",
        "  The rule of priority 3 for group 'Tomorrow' gives 'training': there is no such group yet.",
        "  No seat of 'training' is bought.",
    ]


def test_rules_by_attribute(told: Told, cli: CommandLine, world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "training", 5)
    made = cli.json("rule", "create", "acme", "--filter", 'title eq "Coach"', "--product", "training", "--disable")
    okta.create_user("eva", title="Coach")
    okta.create_user("ben")
    assert 'for people with title eq "Coach" would give it, but is disabled.' in told("eva", "training")[1]
    cli.done("rule", "create", "acme", "--filter", 'title eq "Coach"', "--product", "training")
    chain = told("eva", "training")[1]
    assert 'for people with title eq "Coach" gives it, since NOW, by the command line (rule create, request R)' in chain
    assert chain.endswith("; 'eva' meets that.")
    assert "'ben' does not meet that." in "".join(told("ben", "training"))
    assert made["enabled"] is False


def test_what_was_given_by_hand_and_by_entitlement(
    told: Told, cli: CommandLine, world: World, acme: Tenant, okta: Connection
) -> None:
    world.buy(acme, "meeting", 5)
    okta.create_user("ana", entitlements=["Meeting", "zoom"])
    cli.done("user", "edit", "acme", "ana", "--add-product", "meeting")
    seat, document, hand, none, unknown = told("ana")
    assert seat == "'ana' has a seat of 'meeting', since NOW, by connection 'okta' (create User, request R)."
    assert "the entitlements of the person's document name it ('Meeting'), since NOW, by connection 'okta'" in document
    assert "an admin gave it by hand, since NOW, by the command line (user edit, request R)." in hand
    assert none == "'ana' does not have 'zoom'."
    assert unknown == "  The catalogue has no product 'zoom': the entitlements name it in vain."


def test_who_is_kept_out(told: Told, cli: CommandLine, nested: tuple[str, str]) -> None:
    cli.done("user", "edit", "acme", "ana", "--remove-product", "webinar")
    none, kept, _ = told("ana")
    assert none == "'ana' does not have 'webinar'."
    assert kept == (
        "  Rules and entitlements cannot give it: an admin keeps 'ana' out of 'webinar', since NOW, "
        "by the command line (user edit, request R), until an admin gives it or lifts that."
    )


def test_transfers_name_both_sides(told: Told, cli: CommandLine, nested: tuple[str, str], okta: Connection) -> None:
    okta.create_user("eva")
    cli.done("transfer", "run", "acme", "ana", "eva", "--mode", "seat", "--yes")
    assert "'webinar' is claimed: 'ana' transferred it, since NOW, by the command line" in told("eva", "webinar")[1]
    kept = told("ana", "webinar")[1]
    assert kept.startswith(
        "  The rule of priority 1 for group 'Sales' cannot give it: 'ana' gave 'webinar' away to 'eva'"
    )


def test_who_is_suspended(told: Told, cli: CommandLine, nested: tuple[str, str], okta: Connection) -> None:
    cli.done("user", "suspend", "acme", "ana")
    none, chain, *_, suspended, bought = told("ana")
    assert none == "'ana' does not have 'webinar'."
    assert "rule of priority 1" in chain
    assert (
        "suspended and holds no seat: an admin suspended them, since NOW, by the command line (user suspend"
        in suspended
    )
    assert suspended.endswith("What is claimed is kept for their return.")
    okta.patch(f"/Users/{nested[1]}", {"op": "replace", "value": {"active": False}})
    assert "the identity provider says that they are not active, since NOW, by connection" in "".join(told("ben"))
    assert bought


def test_all_or_nothing(told: Told, cli: CommandLine, world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "webinar", 5)
    world.buy(acme, "training", 0)
    cli.done(
        *("rule", "create", "acme", "--group", "Sales", "--product", "webinar", "--product", "training"),
        "--all-or-nothing",
    )
    okta.create_group("Sales", okta.create_user("ana")["id"])
    said = "".join(told("ana", "webinar"))
    assert "The rule of priority 1 for group 'Sales' gives all or nothing: 'training' must have room as well." in said
    assert "'ana' stands in place 1 of 1, and there is room." in said


def test_fallbacks(told: Told, world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "webinar", 0, "downgrade")
    world.buy(acme, "meeting", 1)
    okta.create_user("ana", entitlements=["webinar"])
    meeting, webinar = told("ana")[0], told("ana", "webinar")[0]
    assert meeting.startswith("'ana' has a seat of 'meeting' while waiting for 'webinar', which includes it, since NOW")
    assert webinar.endswith("Meanwhile 'meeting' stands in.")


def test_held_seats(told: Told, world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "meeting", 12)
    world.rule(acme, "Sales", "meeting")
    ids = [okta.create_user(f"u{number:02}")["id"] for number in range(12)]
    group = okta.create_group("Sales", *ids)["id"]
    okta.patch(f"/Groups/{group}", {"op": "replace", "path": "members", "value": []})
    held = [name for name in (f"u{number:02}" for number in range(12)) if world.held_by(acme, name)]
    (said,) = [line for line in told(held[0]) if "held" in line]
    assert (
        "a mass removal would have taken; it is held since NOW, by connection 'okta' (patch Group, request R)" in said
    )
    assert said.endswith("It goes at NOW unless an admin keeps it.")


def test_somebody_whom_nothing_concerns(told: Told, cli: CommandLine, acme: Tenant, okta: Connection) -> None:
    okta.create_user("ana")
    assert told("ana") == ["Nothing gives 'ana' a product, and nothing keeps one away."]
    assert cli.json("explain", "acme", "ana")["products"] == []
    assert "no product 'zoom'. Known products: meeting" in cli.failed(1, "explain", "acme", "ana", "zoom")
    assert "has no user 'ben'" in cli.failed(1, "explain", "acme", "ben")


def test_it_is_honest_where_the_trail_says_nothing(
    told: Told, world: World, nested: tuple[str, str], acme: Tenant
) -> None:
    with world.installation.database.write(OPERATOR) as connection:
        connection.exec_driver_sql("DELETE FROM audit")
        connection.commit()
    seat, chain, joined, *_ = told("ana", "webinar")
    assert seat == "'ana' has a seat of 'webinar', since NOW, by whom is not recorded."
    assert "gives it, since NOW, by whom is not recorded;" in chain
    assert joined == "  'ana' is in 'Sales EMEA' since when and by whom is not recorded."


def test_it_costs_the_same_whatever_there_is(
    world: World, acme: Tenant, okta: Connection, nested: tuple[str, str]
) -> None:
    with counting(world) as little:
        explaining.explain(world.units, acme, "ben")
    world.buy(acme, "training", 5)
    for number in range(5):
        world.rule(acme, f"Team {number}", "training")
        okta.create_group(f"Team {number}", nested[1])
    with counting(world) as much:
        explaining.explain(world.units, acme, "ben")
    assert int(little) == int(much)
