"""Rules are edited, ordered, disabled and deleted, and whoever they concern has at once what follows from it."""

from typing import Any

import pytest

from scim_server.domain.errors import Invalid, Missing, Refusal
from scim_server.domain.rules import Rule
from scim_server.domain.seats import Policy
from scim_server.domain.tenants import Tenant
from scim_server.services import ruling
from scim_server.services.rule_parts import RuleParts
from tests.http.test_rules import counted
from tests.worlds import CAUSE, Connection, World, contents

ABSENT = "019ac0e4-0000-7000-8000-000000000000"


@pytest.fixture
def staff(world: World, acme: Tenant, okta: Connection) -> str:
    """The group of ana and ben, in a tenant with seats enough."""
    for product in ("meeting", "webinar", "training"):
        world.buy(acme, product, 100)
    return str(okta.create_group("Staff", *(okta.create_user(name)["id"] for name in ("ana", "ben")))["id"])


def create(world: World, tenant: Tenant, **parts: Any) -> Rule:
    return ruling.create_rule(world.units, tenant, CAUSE, RuleParts(**parts))


def edit(world: World, tenant: Tenant, rule: Rule, **parts: Any) -> Rule:
    return ruling.edit_rule(world.units, tenant, CAUSE, rule.id, RuleParts(**parts))


def open_issues(world: World) -> list[tuple[str, str]]:
    return [(row["code"], row["subject"]) for row in world.rows("issues") if row["closed"] is None]


def test_a_rule_has_every_part_it_was_given(world: World, acme: Tenant, staff: str) -> None:
    rule = create(
        world,
        acme,
        group=staff,
        products=["meeting", "webinar"],
        role="Manager",
        role_groups=["staff"],
        language="pt-BR",
        policy=Policy.OVERAGE,
        all_or_nothing=True,
        enabled=False,
    )
    assert [rule] == ruling.rules(world.units, acme)
    assert (rule.group_id, rule.group_name, rule.products) == (staff, "Staff", {"meeting", "webinar"})
    assert (rule.role, rule.role_groups, rule.language) == ("manager", (staff,), "pt-BR")
    assert (rule.policy, rule.all_or_nothing, rule.enabled) == (Policy.OVERAGE, True, False)


def test_a_rule_may_give_a_role_or_a_language_and_no_product(world: World, acme: Tenant, staff: str) -> None:
    assert create(world, acme, group="Staff", role="admin").products == frozenset()
    assert create(world, acme, group="Staff", language="fr").priority == 2


def test_other_products_are_taken_and_given_at_once(world: World, acme: Tenant, staff: str) -> None:
    rule = create(world, acme, group="Staff", products=["meeting"])
    edit(world, acme, rule, products=["webinar", "training"])
    assert world.held_by(acme, "ana") == {"webinar": "assigned", "training": "assigned"}
    assert world.seats(acme, "meeting") == (0, 0, 100)


def test_a_disabled_rule_gives_nothing_until_it_is_enabled(world: World, acme: Tenant, staff: str) -> None:
    rule = create(world, acme, group="Staff", products=["meeting"])
    edit(world, acme, rule, enabled=False)
    assert world.held_by(acme, "ana") == {}
    edit(world, acme, rule, enabled=True)
    assert world.held_by(acme, "ana") == {"meeting": "assigned"}


def test_another_group_takes_the_place_of_the_first(world: World, acme: Tenant, okta: Connection, staff: str) -> None:
    okta.create_group("Guests", okta.create_user("eve")["id"])
    rule = create(world, acme, group="Staff", products=["meeting"])
    edit(world, acme, rule, group="guests")
    assert [world.held_by(acme, name) for name in ("ana", "ben", "eve")] == [{}, {}, {"meeting": "assigned"}]
    waiting = edit(world, acme, rule, group="To Come")
    assert (waiting.group_id, waiting.group_name) == (None, "To Come")
    assert world.held_by(acme, "eve") == {}
    okta.create_group("to come", okta.find("/Users", 'userName eq "ben"')[0]["id"])
    assert world.held_by(acme, "ben") == {"meeting": "assigned"}


def test_an_orphan_rule_is_one_until_it_has_another_group_or_goes(
    world: World, acme: Tenant, okta: Connection, staff: str
) -> None:
    rules = [create(world, acme, group="Staff", products=["meeting"]) for _ in range(2)]
    okta.create_group("Guests")
    okta.delete(f"/Groups/{staff}")
    assert sorted(open_issues(world)) == sorted(("ORPHAN_RULE", rule.id) for rule in rules)
    edit(world, acme, rules[0], products=["webinar"])
    assert len(open_issues(world)) == 2
    edit(world, acme, rules[0], group="Guests")
    assert open_issues(world) == [("ORPHAN_RULE", rules[1].id)]
    ruling.delete_rule(world.units, acme, CAUSE, rules[1].id)
    assert open_issues(world) == []


def test_a_deleted_rule_takes_what_nothing_else_gives(world: World, acme: Tenant, staff: str) -> None:
    rule = create(world, acme, group="Staff", products=["meeting", "webinar"])
    create(world, acme, group="Staff", products=["webinar"])
    ruling.delete_rule(world.units, acme, CAUSE, rule.id)
    assert world.held_by(acme, "ana") == {"webinar": "assigned"}
    assert [rule.priority for rule in ruling.rules(world.units, acme)] == [2]
    with pytest.raises(Missing, match="rule list"):
        ruling.delete_rule(world.units, acme, CAUSE, rule.id)


def test_an_order_decides_who_is_next(world: World, acme: Tenant, okta: Connection, staff: str) -> None:
    """Those of the rule that comes first now are promoted first, however long the others have waited."""
    okta.create_group("Guests", okta.create_user("eve")["id"])
    world.buy(acme, "webinar", 0)
    first = create(world, acme, group="Staff", products=["webinar"])
    second = create(world, acme, group="Guests", products=["webinar"])
    third = create(world, acme, group="Staff", products=["training"])
    ordered = ruling.reorder_rules(world.units, acme, CAUSE, [second.id])
    assert [(rule.id, rule.priority) for rule in ordered] == [(second.id, 1), (first.id, 2), (third.id, 3)]
    world.buy(acme, "webinar", 1)
    states = [world.held_by(acme, name)["webinar"] for name in ("ana", "ben", "eve")]
    assert states == ["waiting", "waiting", "assigned"]


def test_a_priority_is_a_place_among_the_rules(world: World, acme: Tenant) -> None:
    ids = [create(world, acme, group=name, products=["meeting"]).id for name in "abc"]
    top = create(world, acme, group="d", products=["meeting"], priority=1)
    assert top.priority == 1
    assert [rule.id for rule in ruling.rules(world.units, acme)] == [top.id, *ids]
    moved = edit(world, acme, top, priority=3)
    assert [rule.id for rule in ruling.rules(world.units, acme)] == [ids[0], ids[1], moved.id, ids[2]]
    assert [rule.priority for rule in ruling.rules(world.units, acme)] == [1, 2, 3, 4]


def test_one_entry_of_the_audit_trail_for_each_rule_that_changed(world: World, acme: Tenant) -> None:
    rules = [create(world, acme, group=name, products=["meeting"]) for name in "abc"]
    before = len(world.rows("audit"))
    ruling.reorder_rules(world.units, acme, CAUSE, [rules[1].id])
    assert sorted((row["action"], row["object_id"]) for row in world.rows("audit")[before:]) == sorted(
        ("rule.changed", rule.id) for rule in rules[:2]
    )
    before = len(world.rows("audit"))
    edit(world, acme, rules[2], language="fr", priority=1)
    ruling.delete_rule(world.units, acme, CAUSE, rules[2].id)
    assert [row["action"] for row in world.rows("audit")[before:] if row["object_id"] == rules[2].id] == [
        "rule.changed",
        "rule.deleted",
    ]


def test_an_edit_that_changes_nothing_writes_nothing(world: World, acme: Tenant, staff: str) -> None:
    rule = create(world, acme, group="Staff", products=["meeting"])
    before = contents(world)
    assert edit(world, acme, rule, group=staff, products=["meeting"], priority=1) == rule
    assert contents(world) == before


@pytest.mark.parametrize(
    ("parts", "refusal", "complaint"),
    [
        ({"group": "Staff"}, Invalid, "something to give"),
        ({"products": ["meeting"]}, Invalid, "needs a group"),
        ({"group": "Staff", "condition": "title pr", "products": ["meeting"]}, Invalid, "not both"),
        ({"group": ABSENT, "products": ["meeting"]}, Missing, "Name the group instead"),
        ({"group": "Staff", "products": ["nothing"]}, Missing, "Known products: meeting, training, webinar"),
        ({"group": "Staff", "role": "boss"}, Missing, "Known roles: member"),
        ({"group": "Staff", "role": "admin", "role_groups": ["Staff"]}, Invalid, "give manager or a custom role"),
        ({"group": "Staff", "role": "manager", "role_groups": ["Nobody"]}, Missing, "no group 'Nobody'"),
        ({"group": "Staff", "language": "français"}, Invalid, "no language tag"),
        ({"group": "Staff", "products": ["meeting"], "templates": {"meeting": "std"}}, Missing, "none yet"),
        ({"group": "Staff", "products": ["meeting"], "templates": {"webinar": "std"}}, Invalid, "not give 'webinar'"),
        ({"group": "Staff", "products": ["meeting"], "priority": 3}, Invalid, "from 1, the first, to"),
    ],
)
def test_what_makes_no_rule_is_refused_and_leaves_nothing(
    world: World, acme: Tenant, staff: str, parts: dict[str, Any], refusal: type[Refusal], complaint: str
) -> None:
    before = contents(world)
    with pytest.raises(refusal, match=complaint):
        create(world, acme, **parts)
    assert contents(world) == before
    rule = create(world, acme, group="Staff", products=["training"])
    before = contents(world)
    if complaint not in {"something to give", "needs a group"}:
        with pytest.raises(refusal, match=complaint):
            edit(world, acme, rule, **parts)
    assert contents(world) == before


def test_a_rule_keeps_something_to_give(world: World, acme: Tenant, staff: str) -> None:
    rule = create(world, acme, group="Staff", products=["training"], language="fr")
    edit(world, acme, rule, products=[])
    with pytest.raises(Invalid, match="something to give"):
        edit(world, acme, rule, language=None)


@pytest.mark.parametrize("ids", [[], ["twice", "twice"], ["nobody"]])
def test_an_order_of_what_is_no_rule_is_refused(world: World, acme: Tenant, ids: list[str]) -> None:
    rule = create(world, acme, group="Staff", products=["training"])
    before = contents(world)
    with pytest.raises((Invalid, Missing)):
        ruling.reorder_rules(world.units, acme, CAUSE, [rule.id if each == "twice" else each for each in ids])
    assert contents(world) == before


def test_every_change_costs_the_same_for_ten_people_and_for_a_thousand(world: World, acme: Tenant) -> None:
    from benchmarks.seats import populate

    costs = []
    for people in (10, 1_200):
        tenant = world.tenant(f"of-{people}")
        world.buy(tenant, "meeting", people)
        populate(world, tenant, people)
        rule = create(world, tenant, group="Everybody", products=["meeting"])
        other = create(world, tenant, condition="userName pr", products=["training"])
        with counted(world) as editing:
            edit(world, tenant, rule, products=["meeting", "training"])
        with counted(world) as ordering:
            ruling.reorder_rules(world.units, tenant, CAUSE, [other.id])
        with counted(world) as deleting:
            ruling.delete_rule(world.units, tenant, CAUSE, other.id)
        assert world.seats(tenant, "training")[1] == people
        costs.append([len(editing), len(ordering), len(deleting)])
    assert costs[0] == costs[1]
    assert max(costs[0]) < 60
