"""Terms of a rule: its own policy, all or nothing (design section 6, invariant 4), and low seats."""

from dataclasses import replace

import pytest

from scim_server.domain.rules import Rule
from scim_server.domain.seats import Policy
from scim_server.domain.tenants import Tenant
from scim_server.services import entitling
from tests.worlds import CAUSE, Connection, World


def rule(
    world: World, tenant: Tenant, group: str, *products: str, policy: str | None = None, whole: bool = False
) -> Rule:
    """A rule on those terms."""
    made = world.rule(tenant, group, *products)
    on_terms = replace(made, policy=Policy(policy) if policy else None, all_or_nothing=whole)
    with world.units.write(tenant, CAUSE) as uow:
        uow.rules.save(on_terms)
        entitling.refresh(uow, uow.users.lock(user.id for user in uow.users.all()))
        uow.commit()
    return on_terms


def seats(world: World, tenant: Tenant, *names: str) -> list[dict[str, str]]:
    return [world.held_by(tenant, name) for name in names]


def open_issues(world: World, code: str) -> list[str]:
    return [row["product"] for row in world.rows("issues") if row["code"] == code and row["closed"] is None]


def test_a_rule_may_use_the_allowance_that_others_may_not(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "meeting", 1, "wait", 1)
    rule(world, acme, "Board", "meeting", policy="overage")
    for name in ("ana", "bob"):
        okta.create_user(name, entitlements=["meeting"])
    cid = okta.create_user("cid")["id"]
    okta.create_group("Board", cid)
    assert seats(world, acme, "ana", "bob", "cid") == [
        {"meeting": "assigned"},
        {"meeting": "waiting"},
        {"meeting": "assigned"},
    ]
    assert open_issues(world, "OVERAGE") == ["meeting"]


def test_a_rule_may_wait_where_others_use_the_allowance(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "meeting", 0, "overage", 1)
    rule(world, acme, "Guests", "meeting", policy="wait")
    ana = okta.create_user("ana")["id"]
    okta.create_group("Guests", ana)
    assert seats(world, acme, "ana") == [{"meeting": "waiting"}]
    okta.create_user("bob", entitlements=["meeting"])
    assert seats(world, acme, "bob") == [{"meeting": "assigned"}]
    world.buy(acme, "meeting", 2)
    assert seats(world, acme, "ana") == [{"meeting": "assigned"}]


def test_a_rule_may_offer_a_fallback(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "meeting", 5)
    world.buy(acme, "webinar", 0)
    rule(world, acme, "Sales", "webinar", policy="downgrade")
    ana, bob = (okta.create_user(name)["id"] for name in ("ana", "bob"))
    okta.create_group("Sales", ana)
    okta.patch(f"/Users/{bob}", {"op": "add", "path": "entitlements", "value": [{"value": "webinar"}]})
    assert seats(world, acme, "ana", "bob") == [{"webinar": "waiting", "meeting": "assigned"}, {"webinar": "waiting"}]
    world.buy(acme, "webinar", 2)
    assert seats(world, acme, "ana", "bob") == [{"webinar": "assigned"}] * 2
    assert world.seats(acme, "meeting") == (0, 0, 5)


def test_a_rule_that_rejects_refuses_the_return_of_its_people_and_no_group(
    world: World, acme: Tenant, okta: Connection
) -> None:
    world.buy(acme, "meeting", 0)
    rule(world, acme, "Sales", "meeting", policy="reject")
    ana = okta.create_user("ana", active=False)["id"]
    okta.create_group("Sales", ana)
    answer = okta.patch(f"/Users/{ana}", {"op": "replace", "path": "active", "value": True})
    assert answer.status_code == 403
    assert answer.json["detail"].startswith("seatLimit")
    assert okta.get(f"/Users/{ana}").json["active"] is False
    bob = okta.create_user("bob")["id"]
    group = okta.find("/Groups", 'displayName eq "Sales"')[0]["id"]
    answer = okta.patch(f"/Groups/{group}", {"op": "add", "path": "members", "value": [{"value": bob}]})
    assert answer.status_code == 204
    assert seats(world, acme, "bob") == [{"meeting": "waiting"}]


def test_all_or_nothing_gives_both_or_none(world: World, acme: Tenant, okta: Connection) -> None:
    world.sell("chat")
    world.buy(acme, "webinar", 5)
    world.buy(acme, "chat", 1)
    rule(world, acme, "Sales", "webinar", "chat", whole=True)
    ana, bob = (okta.create_user(name)["id"] for name in ("ana", "bob"))
    okta.create_group("Sales", ana, bob)
    got = seats(world, acme, "ana", "bob")
    whole, nothing = {"webinar": "assigned", "chat": "assigned"}, {"webinar": "waiting", "chat": "waiting"}
    assert sorted(got, key=str) == sorted((whole, nothing), key=str)
    assert world.seats(acme, "webinar") == (1, 1, 4)
    world.buy(acme, "chat", 2)
    assert seats(world, acme, "ana", "bob") == [whole] * 2


def test_others_are_not_kept_from_what_the_whole_cannot_use(world: World, acme: Tenant, okta: Connection) -> None:
    world.sell("chat")
    world.buy(acme, "webinar", 1)
    world.buy(acme, "chat", 0)
    rule(world, acme, "Sales", "webinar", "chat", whole=True)
    ana = okta.create_user("ana")["id"]
    okta.create_group("Sales", ana)
    okta.create_user("bob", entitlements=["webinar"])
    assert seats(world, acme, "bob") == [{"webinar": "assigned"}]
    assert seats(world, acme, "ana") == [{"webinar": "waiting", "chat": "waiting"}]


def test_a_leaver_who_frees_both_lets_the_whole_in_before_whoever_comes_later(
    world: World, acme: Tenant, okta: Connection
) -> None:
    world.sell("chat")
    world.buy(acme, "webinar", 1)
    world.buy(acme, "chat", 1)
    ana = okta.create_user("ana", entitlements=["webinar", "chat"])["id"]
    rule(world, acme, "Sales", "webinar", "chat", whole=True)
    world.rule(acme, "Late", "webinar")
    bob, cid = (okta.create_user(name)["id"] for name in ("bob", "cid"))
    okta.create_group("Sales", bob)
    okta.create_group("Late", cid)
    assert okta.delete(f"/Users/{ana}").status_code == 204
    assert seats(world, acme, "bob", "cid") == [
        {"webinar": "assigned", "chat": "assigned"},
        {"webinar": "waiting"},
    ]


def test_a_whole_that_includes_its_own_parts_needs_the_bundle_alone(
    world: World, acme: Tenant, okta: Connection
) -> None:
    world.buy(acme, "webinar", 1)
    rule(world, acme, "Sales", "webinar", "meeting", whole=True)
    ana = okta.create_user("ana")["id"]
    okta.create_group("Sales", ana)
    assert seats(world, acme, "ana") == [{"webinar": "assigned"}]


def test_a_claim_of_ones_own_is_bound_to_nothing(world: World, acme: Tenant, okta: Connection) -> None:
    world.sell("chat")
    world.buy(acme, "webinar", 1)
    rule(world, acme, "Sales", "webinar", "chat", whole=True)
    ana = okta.create_user("ana", entitlements=["webinar"])["id"]
    okta.create_group("Sales", ana)
    assert seats(world, acme, "ana") == [{"webinar": "assigned", "chat": "waiting"}]


def test_a_crowd_of_wholes_is_served_in_turn(world: World, acme: Tenant, okta: Connection) -> None:
    """Forty people, twelve of one and seven of the other: seven have both, in the order of their turns."""
    world.sell("chat")
    rule(world, acme, "Sales", "webinar", "chat", whole=True)
    ids = [okta.create_user(f"u{number:02}")["id"] for number in range(40)]
    okta.create_group("Sales", *ids)
    world.buy(acme, "webinar", 12)
    world.buy(acme, "chat", 7)
    assert world.seats(acme, "chat") == (7, 33, 0)
    assert world.seats(acme, "webinar") == (7, 33, 5)
    world.buy(acme, "chat", 30)
    assert world.seats(acme, "webinar") == (12, 28, 0)


@pytest.mark.parametrize(("free", "low"), [(2, False), (1, True)])
def test_a_product_with_few_free_seats_is_low_until_more_are_bought(
    world: World, acme: Tenant, okta: Connection, free: int, low: bool
) -> None:
    world.buy(acme, "meeting", 20)
    for number in range(20 - free):
        okta.create_user(f"u{number}", entitlements=["meeting"])
    assert open_issues(world, "LOW_SEATS") == (["meeting"] if low else [])
    world.buy(acme, "meeting", 40)
    assert open_issues(world, "LOW_SEATS") == []
