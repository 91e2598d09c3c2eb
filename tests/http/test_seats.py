"""Joiners, movers and leavers become seats, never more than were bought (design section 6, invariants 1 to 3 and 7)."""

import pytest

from scim_server.domain.errors import Invalid, Missing, SeatsInUse
from scim_server.domain.tenants import Tenant
from tests.worlds import SEATS, Connection, World


def entitle(connection: Connection, user_id: str, *products: str) -> None:
    """Replace what the person is entitled to."""
    value = [{"value": product} for product in products]
    answer = connection.patch(f"/Users/{user_id}", {"op": "replace", "path": "entitlements", "value": value})
    assert answer.status_code == 200, answer.text


def set_active(connection: Connection, user_id: str, active: bool) -> None:
    """Suspend or reactivate."""
    answer = connection.patch(f"/Users/{user_id}", {"op": "replace", "path": "active", "value": active})
    assert answer.status_code == 200, answer.text


def test_a_joiner_with_an_entitlement_gets_a_seat(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "meeting", 1)
    okta.create_user("ana@x.test", entitlements=["meeting"])
    assert world.seats(acme, "meeting") == (1, 0, 0)
    assert world.held_by(acme, "ana@x.test") == {"meeting": "assigned"}


def test_the_one_beyond_the_last_seat_waits_and_moves_up_when_somebody_leaves(
    world: World, acme: Tenant, okta: Connection
) -> None:
    world.buy(acme, "meeting", 1)
    ana = okta.create_user("ana@x.test", entitlements=["meeting"])
    okta.create_user("bob@x.test", entitlements=["meeting"])
    assert world.held_by(acme, "bob@x.test") == {"meeting": "waiting"}
    assert [issue.code for issue in world.person(acme, "bob@x.test").issues] == ["NO_SEAT"]
    okta.delete(f"/Users/{ana['id']}")
    assert world.held_by(acme, "bob@x.test") == {"meeting": "assigned"}
    assert world.person(acme, "bob@x.test").issues == []
    assert world.seats(acme, "meeting") == (1, 0, 0)


def test_bought_seats_go_to_the_queue_in_the_order_of_joining(world: World, acme: Tenant, okta: Connection) -> None:
    for name in ("ana", "bob", "cid", "dee"):
        okta.create_user(name, entitlements=["meeting"])
    assert world.seats(acme, "meeting") == (0, 4, 0)
    world.buy(acme, "meeting", 3)
    assert [world.held_by(acme, name)["meeting"] for name in ("ana", "bob", "cid", "dee")] == [
        "assigned",
        "assigned",
        "assigned",
        "waiting",
    ]


def test_a_direct_claim_stands_before_those_of_rules_however_old(world: World, acme: Tenant, okta: Connection) -> None:
    world.rule(acme, "Sales", "meeting")
    ana = okta.create_user("ana")
    okta.create_group("Sales", ana["id"])
    okta.create_user("bob", entitlements=["meeting"])
    world.buy(acme, "meeting", 1)
    assert world.held_by(acme, "bob") == {"meeting": "assigned"}
    assert world.held_by(acme, "ana") == {"meeting": "waiting"}


def test_rules_queue_by_priority_before_time(world: World, acme: Tenant, okta: Connection) -> None:
    world.rule(acme, "Important", "meeting")
    world.rule(acme, "Others", "meeting")
    okta.create_group("Others", okta.create_user("early")["id"])
    okta.create_group("Important", okta.create_user("late")["id"])
    world.buy(acme, "meeting", 1)
    assert world.held_by(acme, "late") == {"meeting": "assigned"}
    assert world.held_by(acme, "early") == {"meeting": "waiting"}


def test_a_second_better_claim_moves_a_waiting_person_up(world: World, acme: Tenant, okta: Connection) -> None:
    world.rule(acme, "Sales", "meeting")
    people = [okta.create_user(name)["id"] for name in ("ana", "bob")]
    group = okta.create_group("Sales")["id"]
    for user in people:
        okta.patch(f"/Groups/{group}", {"op": "add", "path": "members", "value": [{"value": user}]})
    entitle(okta, people[1], "meeting")
    world.buy(acme, "meeting", 1)
    assert world.held_by(acme, "bob") == {"meeting": "assigned"}


def test_nobody_is_ever_evicted_by_a_better_claim(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "meeting", 1)
    world.rule(acme, "Sales", "meeting")
    okta.create_group("Sales", okta.create_user("ana")["id"])
    okta.create_user("bob", entitlements=["meeting"])
    assert world.held_by(acme, "ana") == {"meeting": "assigned"}
    assert world.held_by(acme, "bob") == {"meeting": "waiting"}


def test_losing_one_claim_keeps_the_seat_while_another_remains(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "meeting", 1)
    world.rule(acme, "Sales", "meeting")
    ana = okta.create_user("ana", entitlements=["meeting"])
    seat = world.person(acme, "ana").seats[0]
    okta.create_group("Sales", ana["id"])
    assert {claim.source.partition(":")[0] for claim in world.person(acme, "ana").claims} == {"direct", "rule"}
    entitle(okta, ana["id"])
    kept = world.person(acme, "ana").seats[0]
    assert (kept.id, kept.state, kept.since) == (seat.id, seat.state, seat.since)


def test_the_last_claim_takes_the_seat_along(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "meeting", 1)
    ana = okta.create_user("ana", entitlements=["meeting"])
    entitle(okta, ana["id"])
    assert world.held_by(acme, "ana") == {}
    assert world.seats(acme, "meeting") == (0, 0, 1)


def test_a_suspended_person_holds_nothing_and_keeps_claims_and_memberships(
    world: World, acme: Tenant, okta: Connection
) -> None:
    world.buy(acme, "meeting", 1)
    world.rule(acme, "Sales", "webinar")
    ana = okta.create_user("ana", entitlements=["meeting"])
    group = okta.create_group("Sales", ana["id"])
    set_active(okta, ana["id"], False)
    person = world.person(acme, "ana")
    assert person.seats == []
    assert {claim.product for claim in person.claims} == {"meeting", "webinar"}
    assert (person.status.value, person.reason) == ("suspended", "by_idp")
    assert person.issues == []
    assert okta.member_ids(group["id"]) == {ana["id"]}
    assert world.seats(acme, "meeting") == (0, 0, 1)


def test_a_joiner_who_is_inactive_claims_and_holds_nothing_yet(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "meeting", 1)
    ana = okta.create_user("ana", entitlements=["meeting"], active=False)
    assert world.seats(acme, "meeting") == (0, 0, 1)
    set_active(okta, ana["id"], True)
    assert world.held_by(acme, "ana") == {"meeting": "assigned"}


def test_who_returns_queues_behind_those_who_waited(world: World, acme: Tenant, okta: Connection) -> None:
    ana = okta.create_user("ana", entitlements=["meeting"])
    okta.create_user("bob", entitlements=["meeting"])
    set_active(okta, ana["id"], False)
    set_active(okta, ana["id"], True)
    world.buy(acme, "meeting", 1)
    assert world.held_by(acme, "bob") == {"meeting": "assigned"}
    assert world.held_by(acme, "ana") == {"meeting": "waiting"}


def test_who_returns_has_the_rule_claims_of_today(world: World, acme: Tenant, okta: Connection) -> None:
    """What happened to groups and rules during the suspension counts."""
    world.buy(acme, "meeting", 5)
    world.buy(acme, "training", 5)
    world.rule(acme, "Sales", "meeting")
    ana = okta.create_user("ana")
    sales = okta.create_group("Sales", ana["id"])["id"]
    staff = okta.create_group("Staff")["id"]
    set_active(okta, ana["id"], False)
    okta.patch(f"/Groups/{sales}", {"op": "remove", "path": f'members[value eq "{ana["id"]}"]'})
    okta.patch(f"/Groups/{staff}", {"op": "add", "path": "members", "value": [{"value": ana["id"]}]})
    world.rule(acme, "Staff", "training")
    set_active(okta, ana["id"], True)
    assert world.held_by(acme, "ana") == {"training": "assigned"}


def test_fewer_seats_than_are_assigned_are_refused_with_the_holders(
    world: World, acme: Tenant, okta: Connection
) -> None:
    world.buy(acme, "meeting", 3)
    for name in ("ana", "bob"):
        okta.create_user(name, entitlements=["meeting"])
    with pytest.raises(SeatsInUse) as refused:
        world.buy(acme, "meeting", 1)
    assert refused.value.holders == ("ana", "bob")
    assert "ana, bob" in refused.value.detail
    assert world.seats(acme, "meeting") == (2, 0, 1)
    world.buy(acme, "meeting", 2)
    assert world.seats(acme, "meeting") == (2, 0, 0)


@pytest.mark.parametrize(
    ("product", "seats", "policy", "overage", "refusal"),
    [
        ("unknown", 1, None, None, Missing),
        ("meeting", -1, None, None, Invalid),
        ("meeting", 10_000_001, None, None, Invalid),
        ("meeting", 1, "overage", -1, Invalid),
    ],
)
def test_an_impossible_subscription_is_refused(
    world: World, acme: Tenant, product: str, seats: int, policy: str | None, overage: int | None, refusal: type
) -> None:
    with pytest.raises(refusal):
        world.buy(acme, product, seats, policy, overage)
    assert world.rows("subscriptions") == []


def test_buying_what_one_has_changes_and_records_nothing(world: World, acme: Tenant) -> None:
    world.buy(acme, "meeting", 3)
    written = len(world.trail())
    world.buy(acme, "meeting", 3)
    assert len(world.trail()) == written


def test_subscriptions_of_another_tenant_are_another_matter(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "meeting", 1)
    other = world.tenant("other")
    world.connect(other).create_user("ana", entitlements=["meeting"])
    okta.create_user("ana", entitlements=["meeting"])
    assert world.seats(acme, "meeting") == (1, 0, 0)
    assert world.seats(other, "meeting") == (0, 1, 0)


def test_the_seats_extension_shows_what_the_person_has_and_why(world: World, acme: Tenant, okta: Connection) -> None:
    """And asking for it changes no version."""
    world.buy(acme, "webinar", 1)
    ana = okta.create_user("ana", entitlements=["webinar"])
    okta.create_user("bob", entitlements=["webinar"])
    answer = okta.get(f"/Users/{ana['id']}?attributes=userName,{SEATS}").json
    assert answer[SEATS]["status"] == "active"
    assert [(seat["product"], seat["state"], seat["source"]) for seat in answer[SEATS]["seats"]] == [
        ("webinar", "assigned", "direct")
    ]
    waiting = okta.find("/Users", 'userName eq "bob"')[0]["id"]
    shown = okta.get(f"/Users/{waiting}?attributes={SEATS}").json[SEATS]
    assert (shown["status"], shown["reason"]) == ("waiting", "no_seat")
    assert [(issue["code"], issue["product"]) for issue in shown["issues"]] == [("NO_SEAT", "webinar")]
    assert okta.get(f"/Users/{ana['id']}").json["meta"]["version"] == ana["meta"]["version"]


def test_promotion_does_not_change_the_version_of_who_is_promoted(world: World, acme: Tenant, okta: Connection) -> None:
    ana = okta.create_user("ana", entitlements=["meeting"])
    world.buy(acme, "meeting", 1)
    assert world.held_by(acme, "ana") == {"meeting": "assigned"}
    assert okta.get(f"/Users/{ana['id']}").json["meta"] == ana["meta"]


def test_a_seat_is_explained_to_whoever_asks(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "meeting", 1)
    world.rule(acme, "Sales", "meeting", "webinar")
    ana = okta.create_user("ana", entitlements=["meeting"])["id"]
    okta.create_group("Sales", ana)

    def explained(query: str) -> list[str | None]:
        seats = okta.get(f"/Users/{ana}?attributes={query}").json[SEATS]["seats"]
        return [seat.get("explanation") for seat in seats]

    rule = "the rule of priority 1 for group 'Sales' gives it"
    meeting, webinar = explained(f"{SEATS}:seats.product,{SEATS}:seats.explanation")
    assert meeting == f"The entitlements of the person's document name it; {rule}."
    assert webinar is not None
    assert webinar.startswith(f"T{rule[1:]}. Waiting since 20")
    assert explained(f"{SEATS}:seats.state") == [None, None]
    (listed,) = okta.get(f"/Users?attributes={SEATS}:seats.explanation").json["Resources"]
    assert [seat["explanation"] for seat in listed[SEATS]["seats"]] == [meeting, webinar]
