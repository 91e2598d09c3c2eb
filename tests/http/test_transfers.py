"""Seat transfers: net zero at any number of free seats, past nobody's place in the queue (invariant 6)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from scim_server.domain.errors import Invalid, Missing, Refusal, Taken
from scim_server.domain.tenants import Tenant
from scim_server.domain.transfers import Mode, Plan
from scim_server.services import transferring
from scim_server.services.transferring import Wish
from tests.http.refusals import unchanged
from tests.transfers import transfer
from tests.worlds import CAUSE, SEATS, Connection, World

People = Callable[..., dict[str, str]]


@pytest.fixture
def people(okta: Connection) -> People:
    """Makes people with those entitlements, in order; answers their ids."""

    def make(**entitlements: list[str]) -> dict[str, str]:
        return {
            name: okta.create_user(f"{name}@x.test", entitlements=[{"value": code} for code in codes])["id"]
            for name, codes in entitlements.items()
        }

    return make


def moved(plan: Plan) -> dict[str, str]:
    return {move.product: move.state for move in plan.products}


def stayed(plan: Plan) -> dict[str, str]:
    return {each.what: each.reason for each in plan.staying_products}


def member(okta: Connection, group: str, operation: str, user_id: str) -> None:
    if operation == "add":
        answer = okta.patch(f"/Groups/{group}", {"op": "add", "path": "members", "value": [{"value": user_id}]})
    else:
        answer = okta.patch(f"/Groups/{group}", {"op": "remove", "path": f'members[value eq "{user_id}"]'})
    assert answer.status_code == 204


def test_a_seat_moves_at_0_free_past_everybody_who_waits(world: World, acme: Tenant, people: People) -> None:
    world.buy(acme, "meeting", 1)
    people(ana=["meeting"], wim=["meeting"], eva=[])
    plan = transfer(world, acme, "ana@x.test", "eva@x.test")
    assert moved(plan) == {"meeting": "assigned"}
    assert world.held_by(acme, "eva@x.test") == {"meeting": "assigned"}
    assert world.held_by(acme, "wim@x.test") == {"meeting": "waiting"}
    assert world.held_by(acme, "ana@x.test") == {}
    assert world.seats(acme, "meeting") == (1, 1, 0)


def test_a_seat_by_a_rule_moves_past_a_direct_claim_that_waits(
    world: World, acme: Tenant, okta: Connection, people: People
) -> None:
    world.buy(acme, "meeting", 1)
    world.rule(acme, "Sales", "meeting")
    ids = people(ana=[], eva=[])
    okta.create_group("Sales", ids["ana"])
    people(wim=["meeting"])
    transfer(world, acme, "ana@x.test", "eva@x.test")
    assert world.held_by(acme, "eva@x.test") == {"meeting": "assigned"}
    assert world.held_by(acme, "wim@x.test") == {"meeting": "waiting"}


def test_who_waits_gets_the_next_seat_before_the_giver_gets_anything(
    world: World, acme: Tenant, okta: Connection, people: People
) -> None:
    world.buy(acme, "meeting", 1)
    ids = people(ana=["meeting"], wim=["meeting"], eva=[])
    transfer(world, acme, "ana@x.test", "eva@x.test")
    okta.delete(f"/Users/{ids['eva']}")
    assert world.held_by(acme, "wim@x.test") == {"meeting": "assigned"}
    assert world.held_by(acme, "ana@x.test") == {}


def test_the_giver_keeps_active_and_entitlements_on_the_wire_and_has_no_product(
    world: World, acme: Tenant, okta: Connection, people: People
) -> None:
    world.buy(acme, "meeting", 1)
    ids = people(ana=["meeting"], eva=[])
    before = okta.get(f"/Users/{ids['ana']}").json
    transfer(world, acme, "ana@x.test", "eva@x.test")
    after = okta.get(f"/Users/{ids['ana']}").json
    assert after == before
    seats = okta.get(f"/Users/{ids['ana']}?attributes={SEATS}").json[SEATS]
    assert (seats["status"], seats.get("seats", [])) == ("unassigned", [])
    assert okta.get(f"/Users/{ids['eva']}?attributes={SEATS}").json[SEATS]["seats"][0]["source"] == "transfer"


def test_the_seat_does_not_come_back_when_the_client_sends_the_giver_again(
    world: World, acme: Tenant, okta: Connection, people: People
) -> None:
    world.buy(acme, "meeting", 2)
    ids = people(ana=["meeting"], eva=[])
    transfer(world, acme, "ana@x.test", "eva@x.test")
    sent = {**okta.get(f"/Users/{ids['ana']}").json, "title": "Head of Sales"}
    assert okta.put(f"/Users/{ids['ana']}", sent).status_code == 200
    assert world.held_by(acme, "ana@x.test") == {}


def test_a_rule_gives_the_giver_nothing_until_that_membership_ends_and_returns(
    world: World, acme: Tenant, okta: Connection, people: People
) -> None:
    world.buy(acme, "meeting", 2)
    world.rule(acme, "Sales", "meeting")
    ids = people(ana=[], eva=[])
    group = okta.create_group("Sales", ids["ana"])["id"]
    plan = transfer(world, acme, "ana@x.test", "eva@x.test")
    assert plan.products[0].given_by == ("rule 'Sales'",)
    assert "ana@x.test is kept out of 'meeting' although it is given by rule 'Sales'." in plan.notes
    okta.patch(f"/Users/{ids['ana']}", {"op": "replace", "path": "title", "value": "x"})
    for active in (False, True):
        okta.patch(f"/Users/{ids['ana']}", {"op": "replace", "path": "active", "value": active})
    assert world.held_by(acme, "ana@x.test") == {}
    member(okta, group, "remove", ids["ana"])
    member(okta, group, "add", ids["ana"])
    assert world.held_by(acme, "ana@x.test") == {"meeting": "assigned"}
    assert world.seats(acme, "meeting") == (2, 0, 0)


def test_a_place_in_the_queue_is_handed_over(world: World, acme: Tenant, people: People) -> None:
    world.buy(acme, "meeting", 1)
    people(hal=["meeting"], ana=["meeting"], wim=["meeting"], eva=[])
    plan = transfer(world, acme, "ana@x.test", "eva@x.test")
    assert moved(plan) == {"meeting": "waiting"}
    assert world.seats(acme, "meeting") == (1, 2, 0)
    assert world.held_by(acme, "ana@x.test") == {}
    world.buy(acme, "meeting", 2)
    assert world.held_by(acme, "eva@x.test") == {"meeting": "assigned"}
    assert world.held_by(acme, "wim@x.test") == {"meeting": "waiting"}


def test_who_waits_can_be_given_a_seat(world: World, acme: Tenant, people: People) -> None:
    world.buy(acme, "meeting", 1)
    people(ana=["meeting"], wim=["meeting"], eva=["meeting"])
    assert moved(transfer(world, acme, "ana@x.test", "eva@x.test")) == {"meeting": "assigned"}
    assert world.held_by(acme, "eva@x.test") == {"meeting": "assigned"}
    assert world.seats(acme, "meeting") == (1, 1, 0)


def test_only_the_products_named_move(world: World, acme: Tenant, people: People) -> None:
    world.sell("room", "support")
    world.buy(acme, "room", 1)
    world.buy(acme, "support", 1)
    people(ana=["room", "support"], eva=[])
    plan = transfer(world, acme, "ana@x.test", "eva@x.test", "ROOM")
    assert moved(plan) == {"room": "assigned"}
    assert world.held_by(acme, "ana@x.test") == {"support": "assigned"}
    assert world.held_by(acme, "eva@x.test") == {"room": "assigned"}


def test_a_bundle_moves_with_what_it_covers(world: World, acme: Tenant, people: People) -> None:
    world.buy(acme, "webinar", 1)
    world.buy(acme, "meeting", 1)
    people(ana=["meeting", "webinar"], eva=[])
    plan = transfer(world, acme, "ana@x.test", "eva@x.test")
    assert moved(plan) == {"webinar": "assigned", "meeting": "covered"}
    assert world.held_by(acme, "ana@x.test") == {}
    assert world.held_by(acme, "eva@x.test") == {"webinar": "assigned"}
    assert {claim.product for claim in world.person(acme, "eva@x.test").claims} == {"meeting", "webinar"}


def test_who_gives_only_the_bundle_away_keeps_what_they_claim_besides(
    world: World, acme: Tenant, people: People
) -> None:
    world.buy(acme, "webinar", 1)
    world.buy(acme, "meeting", 1)
    people(ana=["meeting", "webinar"], eva=[])
    plan = transfer(world, acme, "ana@x.test", "eva@x.test", "webinar")
    assert list(plan.notes)[-1] == (
        "ana@x.test no longer has 'meeting' through 'webinar' and gets a seat of 'meeting' of their own where one is "
        "free."
    )
    assert world.held_by(acme, "ana@x.test") == {"meeting": "assigned"}
    assert world.held_by(acme, "eva@x.test") == {"webinar": "assigned"}


def test_who_gets_a_bundle_gives_their_own_seat_of_what_it_includes_back(
    world: World, acme: Tenant, people: People
) -> None:
    world.buy(acme, "webinar", 1)
    world.buy(acme, "meeting", 1)
    people(ana=["webinar"], eva=["meeting"], wim=["meeting"])
    plan = transfer(world, acme, "ana@x.test", "eva@x.test")
    assert "The place that eva@x.test has for 'meeting' is given up, as 'webinar' includes it." in plan.notes
    assert world.held_by(acme, "eva@x.test") == {"webinar": "assigned"}
    assert world.held_by(acme, "wim@x.test") == {"meeting": "assigned"}


def test_what_stays_is_named_with_its_reason(world: World, acme: Tenant, people: People) -> None:
    world.sell("room")
    for product in ("room", "webinar", "training"):
        world.buy(acme, product, 2)
    people(ana=["room", "webinar"], eva=["room"])
    plan = transfer(world, acme, "ana@x.test", "eva@x.test", "room", "meeting", "training", "webinar")
    assert moved(plan) == {"webinar": "assigned"}
    assert stayed(plan) == {
        "room": "eva@x.test has a seat of it already",
        "meeting": "ana@x.test has it with 'webinar' only",
        "training": "ana@x.test has no seat of it and waits for none",
    }


def test_what_the_receiver_has_through_a_bundle_stays(world: World, acme: Tenant, people: People) -> None:
    world.buy(acme, "webinar", 1)
    world.buy(acme, "meeting", 1)
    people(ana=["meeting"], eva=["webinar"])
    with unchanged(world), pytest.raises(Invalid, match=r"meeting: eva@x\.test has it through 'webinar'"):
        transfer(world, acme, "ana@x.test", "eva@x.test")


def test_a_fallback_moves_with_the_place_it_stands_in_for(world: World, acme: Tenant, people: People) -> None:
    world.buy(acme, "webinar", 0, "downgrade")
    world.buy(acme, "meeting", 1)
    people(ana=["webinar"], wim=["meeting"], eva=[])
    with unchanged(world), pytest.raises(Invalid, match=r"ana@x\.test has it only while waiting for 'webinar'"):
        transfer(world, acme, "ana@x.test", "eva@x.test", "meeting")
    assert moved(transfer(world, acme, "ana@x.test", "eva@x.test")) == {"webinar": "waiting", "meeting": "assigned"}
    assert world.held_by(acme, "eva@x.test") == {"webinar": "waiting", "meeting": "assigned"}
    assert world.held_by(acme, "wim@x.test") == {"meeting": "waiting"}


def test_a_held_seat_moves_and_is_held_no_longer(world: World, acme: Tenant, okta: Connection, people: People) -> None:
    world.buy(acme, "meeting", 20)
    world.rule(acme, "Sales", "meeting")
    ids = people(**{f"p{number}": [] for number in range(10)}, eva=[])
    group = okta.create_group("Sales", *(ids[f"p{number}"] for number in range(10)))["id"]
    okta.patch(f"/Groups/{group}", {"op": "remove", "path": "members"})
    held = next(f"p{n}@x.test" for n in range(10) if world.held_by(acme, f"p{n}@x.test") == {"meeting": "held"})
    before = world.seats(acme, "meeting")
    assert moved(transfer(world, acme, held, "eva@x.test")) == {"meeting": "held"}
    assert world.held_by(acme, held) == {}
    assert world.held_by(acme, "eva@x.test") == {"meeting": "assigned"}
    assert world.seats(acme, "meeting") == before


def test_a_seat_can_be_passed_on_and_given_back(world: World, acme: Tenant, people: People) -> None:
    world.buy(acme, "meeting", 1)
    people(ana=["meeting"], wim=["meeting"], eva=[], ida=[])
    for giver, receiver in (("ana", "eva"), ("eva", "ida"), ("ida", "ana")):
        transfer(world, acme, f"{giver}@x.test", f"{receiver}@x.test")
        assert world.held_by(acme, f"{giver}@x.test") == {}
        assert world.held_by(acme, f"{receiver}@x.test") == {"meeting": "assigned"}
    assert world.seats(acme, "meeting") == (1, 1, 0)


def test_people_are_found_by_address_and_by_user_name(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "meeting", 1)
    okta.create_user("ana", entitlements=["meeting"], emails=[{"value": "ana@x.test"}])
    okta.create_user("eva", emails=[{"value": "eva@x.test"}])
    transfer(world, acme, "ANA@x.test", "EVA")
    assert world.held_by(acme, "eva") == {"meeting": "assigned"}


def test_a_name_that_is_somebody_elses_address_is_refused(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "meeting", 1)
    okta.create_user("info@x.test", entitlements=["meeting"], emails=[{"value": "ana@x.test"}])
    okta.create_user("ben", emails=[{"value": "info@x.test"}])
    okta.create_user("eva")
    with unchanged(world), pytest.raises(Invalid, match="is the user name of one person and the address of another"):
        transfer(world, acme, "info@x.test", "eva")


def test_audit_and_events_tell_both_sides(world: World, acme: Tenant, people: People) -> None:
    world.buy(acme, "meeting", 1)
    ids = people(ana=["meeting"], eva=[])
    seen = len(world.rows("audit"))
    transfer(world, acme, "ana@x.test", "eva@x.test")
    actions = sorted(row["action"] for row in world.rows("audit")[seen:])
    assert actions == ["claims.changed", "claims.changed", "seat.assigned", "seat.released"]
    told: dict[str, list[str]] = {}
    for row in world.rows("outbox"):
        told.setdefault(row["subject"], []).append(row["event"])
    assert told[f"user:{ids['ana']}"][-2:] == ["seat.released", "transfer.completed"]
    assert told[f"user:{ids['eva']}"][-2:] == ["seat.assigned", "transfer.completed"]


@pytest.mark.parametrize(
    ("giver", "receiver", "kind", "reason"),
    [
        ("ana@x.test", "ana@x.test", Invalid, "cannot transfer to themselves"),
        ("ana@x.test", "sue@x.test", Invalid, "'sue@x.test' is suspended and can hold no seat"),
        ("sue@x.test", "eva@x.test", Invalid, "'sue@x.test' is suspended and so holds no seat"),
        ("eva@x.test", "ana@x.test", Invalid, "nothing to move .*eva@x.test has no seat and waits for none"),
        ("nobody@x.test", "eva@x.test", Missing, "nobody with the user name or address 'nobody@x.test'"),
        ("ana@x.test", "new@x.test", Missing, "`scim-server user add acme new@x.test --first FIRST --last LAST`"),
        ("ana@x.test", "far@y.test", Taken, "`scim-server invitation send acme far@y.test`"),
    ],
)
def test_impossible_transfers_are_refused_with_the_cure(
    world: World,
    acme: Tenant,
    okta: Connection,
    people: People,
    giver: str,
    receiver: str,
    kind: type[Refusal],
    reason: str,
) -> None:
    world.buy(acme, "meeting", 2)
    ids = people(ana=["meeting"], sue=["meeting"], eva=[])
    okta.patch(f"/Users/{ids['sue']}", {"op": "replace", "path": "active", "value": False})
    world.connect(world.tenant("other")).create_user("far@y.test")
    for attempt in (preview, run):
        with unchanged(world), pytest.raises(kind, match=reason):
            attempt(world, acme, Wish(Mode.SEAT, giver, receiver))


def test_an_unknown_product_is_refused(world: World, acme: Tenant, people: People) -> None:
    people(ana=["meeting"], eva=[])
    with unchanged(world), pytest.raises(Missing, match="no product 'hologram'"):
        transfer(world, acme, "ana@x.test", "eva@x.test", "hologram")


def preview(world: World, tenant: Tenant, wish: Wish) -> Plan:
    return transferring.preview(world.units, tenant, wish)


def run(world: World, tenant: Tenant, wish: Wish) -> Plan:
    return transferring.run(world.units, tenant, CAUSE, wish)


def test_a_preview_changes_nothing(world: World, acme: Tenant, people: People) -> None:
    world.buy(acme, "meeting", 1)
    people(ana=["meeting"], eva=[])
    with unchanged(world):
        assert moved(preview(world, acme, Wish(Mode.SEAT, "ana@x.test", "eva@x.test"))) == {"meeting": "assigned"}


def attempt_all(world: World, tenant: Tenant, wishes: list[Wish]) -> list[Any]:
    """Run those transfers at the same time; answers of each its plan or refusal."""
    start = Barrier(len(wishes))

    def one(wish: Wish) -> Any:
        start.wait()
        try:
            return run(world, tenant, wish)
        except Refusal as refusal:
            return refusal

    with ThreadPoolExecutor(len(wishes)) as pool:
        return list(pool.map(one, wishes))


def test_of_several_at_once_who_want_one_seat_exactly_one_gets_it(world: World, acme: Tenant, people: People) -> None:
    world.buy(acme, "meeting", 1)
    receivers = [f"r{number}" for number in range(6)]
    people(ana=["meeting"], wim=["meeting"], **{each: [] for each in receivers})
    outcomes = attempt_all(world, acme, [Wish(Mode.SEAT, "ana@x.test", f"{each}@x.test") for each in receivers])
    assert [type(each) for each in outcomes].count(Plan) == 1
    assert all("nothing to move" in str(each) for each in outcomes if not isinstance(each, Plan))
    held = [world.held_by(acme, f"{each}@x.test") for each in receivers]
    assert held.count({"meeting": "assigned"}) == 1
    assert held.count({}) == len(receivers) - 1
    assert world.seats(acme, "meeting") == (1, 1, 0)


def test_seats_that_cross_both_arrive(world: World, acme: Tenant, people: People) -> None:
    world.sell("room")
    world.buy(acme, "meeting", 1)
    world.buy(acme, "room", 1)
    people(ana=["meeting"], eva=["room"])
    there = Wish(Mode.SEAT, "ana@x.test", "eva@x.test", ("meeting",))
    back = Wish(Mode.SEAT, "eva@x.test", "ana@x.test", ("room",))
    assert all(isinstance(outcome, Plan) for outcome in attempt_all(world, acme, [there, back]))
    assert world.held_by(acme, "ana@x.test") == {"room": "assigned"}
    assert world.held_by(acme, "eva@x.test") == {"meeting": "assigned"}
