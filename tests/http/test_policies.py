"""When seats run out: wait, reject, downgrade, overage (design section 6, invariant 4)."""

import pytest

from scim_server.domain.errors import SeatsInUse
from scim_server.domain.tenants import Tenant
from scim_server.services import reconciling
from tests.http.test_seats import entitle, set_active
from tests.worlds import USER, Connection, World

MEETING = [{"value": "meeting"}]


def open_issues(world: World, code: str) -> list[dict[str, object]]:
    return [row for row in world.rows("issues") if row["code"] == code and row["closed"] is None]


def everything(world: World) -> dict[str, list[dict[str, object]]]:
    """Every row that a refused request must not touch."""
    tables = ("users", "claims", "seats", "subscriptions", "issues", "audit", "outbox", "event_numbers", "connections")
    return {table: sorted(world.rows(table), key=str) for table in tables}


def test_reject_refuses_a_joiner_and_writes_nothing(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "meeting", 1, "reject")
    okta.create_user("ana@x.test", entitlements=["meeting"])
    before = everything(world)
    answer = okta.post("/Users", {"schemas": [USER], "userName": "bob@x.test", "entitlements": MEETING})
    assert answer.status_code == 403
    assert answer.json["detail"].startswith("seatLimit")
    assert everything(world) == before


def test_reject_refuses_a_further_entitlement(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "meeting", 0, "reject")
    ana = okta.create_user("ana")
    before = everything(world)
    answer = okta.patch(f"/Users/{ana['id']}", {"op": "add", "path": "entitlements", "value": MEETING})
    assert (answer.status_code, answer.json["detail"][:9]) == (403, "seatLimit")
    assert "entitlements" not in okta.get(f"/Users/{ana['id']}").json
    assert everything(world) == before


def test_reject_refuses_a_return_and_the_person_stays_suspended(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "meeting", 1, "reject")
    ana = okta.create_user("ana", entitlements=["meeting"])
    set_active(okta, ana["id"], False)
    okta.create_user("bob", entitlements=["meeting"])
    answer = okta.patch(f"/Users/{ana['id']}", {"op": "replace", "path": "active", "value": True})
    assert answer.status_code == 403
    assert okta.get(f"/Users/{ana['id']}").json["active"] is False
    set_active(okta, okta.find("/Users", 'userName eq "bob"')[0]["id"], False)
    set_active(okta, ana["id"], True)
    assert world.held_by(acme, "ana") == {"meeting": "assigned"}


def test_suspension_is_never_refused(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "meeting", 1, "reject")
    ana = okta.create_user("ana", entitlements=["meeting"])
    set_active(okta, ana["id"], False)
    assert world.seats(acme, "meeting") == (0, 0, 1)


def test_reject_behaves_as_wait_through_groups_and_rules(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "meeting", 1, "reject")
    world.rule(acme, "Sales", "meeting")
    people = [okta.create_user(name)["id"] for name in ("ana", "bob")]
    okta.create_group("Sales", *people)
    assert world.seats(acme, "meeting") == (1, 1, 0)


def test_reject_lets_a_person_give_up_a_bundle(world: World, acme: Tenant, okta: Connection) -> None:
    """Who loses the cover of webinar waits for meeting instead of being refused."""
    world.buy(acme, "webinar", 1)
    world.buy(acme, "meeting", 0, "reject")
    ana = okta.create_user("ana", entitlements=["webinar", "meeting"])
    entitle(okta, ana["id"], "meeting")
    assert world.held_by(acme, "ana") == {"meeting": "waiting"}


def test_downgrade_gives_the_included_product_meanwhile_and_heals(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "webinar", 0, "downgrade")
    world.buy(acme, "meeting", 5)
    okta.create_user("ana", entitlements=["webinar"])
    assert world.held_by(acme, "ana") == {"meeting": "assigned", "webinar": "waiting"}
    world.buy(acme, "webinar", 1)
    assert world.held_by(acme, "ana") == {"webinar": "assigned"}
    assert world.seats(acme, "meeting") == (0, 0, 5)


def test_a_fallback_goes_with_the_claim_it_stood_in_for(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "webinar", 0, "downgrade")
    world.buy(acme, "meeting", 5)
    ana = okta.create_user("ana", entitlements=["webinar"])
    bob = okta.create_user("bob", entitlements=["webinar"])
    entitle(okta, ana["id"])
    set_active(okta, bob["id"], False)
    assert world.seats(acme, "meeting") == (0, 0, 5)
    assert world.seats(acme, "webinar") == (0, 0, 0)


def test_a_fallback_that_is_full_too_is_waited_for_even_where_it_rejects(
    world: World, acme: Tenant, okta: Connection
) -> None:
    """Nobody asked for meeting, so nobody can be refused for it."""
    world.buy(acme, "webinar", 0, "downgrade")
    world.buy(acme, "meeting", 0, "reject")
    okta.create_user("ana", entitlements=["webinar"])
    assert world.held_by(acme, "ana") == {"meeting": "waiting", "webinar": "waiting"}


def test_a_fallback_not_on_sale_yet_is_waited_for(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "webinar", 0, "downgrade")
    okta.create_user("ana", entitlements=["webinar"])
    assert world.held_by(acme, "ana") == {"meeting": "waiting", "webinar": "waiting"}
    world.buy(acme, "meeting", 1)
    assert world.held_by(acme, "ana") == {"meeting": "assigned", "webinar": "waiting"}


def test_a_change_of_policy_reaches_those_who_wait_already(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "webinar", 0)
    world.buy(acme, "meeting", 5)
    okta.create_user("ana", entitlements=["webinar"])
    world.buy(acme, "webinar", 0, "downgrade")
    assert world.held_by(acme, "ana") == {"meeting": "assigned", "webinar": "waiting"}
    world.buy(acme, "webinar", 0, "wait")
    assert world.held_by(acme, "ana") == {"webinar": "waiting"}


def test_overage_assigns_up_to_the_allowance_and_says_so(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "meeting", 1, "overage", 1)
    okta.create_user("ana", entitlements=["meeting"])
    assert open_issues(world, "OVERAGE") == []
    bob = okta.create_user("bob", entitlements=["meeting"])
    okta.create_user("cid", entitlements=["meeting"])
    assert world.seats(acme, "meeting") == (2, 1, 0)
    assert [row["product"] for row in open_issues(world, "OVERAGE")] == ["meeting"]
    okta.delete(f"/Users/{bob['id']}")
    assert world.held_by(acme, "cid") == {"meeting": "assigned"}
    world.buy(acme, "meeting", 2)
    assert open_issues(world, "OVERAGE") == []


def test_the_issue_of_overage_closes_when_people_leave(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "meeting", 1, "overage", 1)
    people = [okta.create_user(name, entitlements=["meeting"]) for name in ("ana", "bob")]
    okta.delete(f"/Users/{people[0]['id']}")
    assert open_issues(world, "OVERAGE") == []


def test_seats_lent_by_an_allowance_must_be_bought_or_released_first(
    world: World, acme: Tenant, okta: Connection
) -> None:
    """Neither the allowance nor the seats can be lowered below what is assigned; more can be bought at any time."""
    world.buy(acme, "meeting", 2, "overage", 2)
    for name in ("ana", "bob", "cid"):
        okta.create_user(name, entitlements=["meeting"])
    for seats, policy, overage in ((2, "wait", None), (2, "overage", 0), (1, None, 2)):
        with pytest.raises(SeatsInUse):
            world.buy(acme, "meeting", seats, policy, overage)
    world.buy(acme, "meeting", 3, "wait")
    assert world.seats(acme, "meeting") == (3, 0, 0)
    assert reconciling.differences(world.units, acme) == []


def test_a_shortage_never_fails_a_group_request(world: World, acme: Tenant, okta: Connection) -> None:
    for product, policy in (("meeting", "reject"), ("webinar", "downgrade"), ("training", "wait")):
        world.buy(acme, product, 0, policy)
    world.rule(acme, "Sales", "meeting", "webinar", "training")
    ana = okta.create_user("ana")
    group = okta.create_group("Sales", ana["id"])
    assert set(world.held_by(acme, "ana").values()) == {"waiting"}
    assert okta.delete(f"/Groups/{group['id']}").status_code == 204
    assert world.held_by(acme, "ana") == {}
