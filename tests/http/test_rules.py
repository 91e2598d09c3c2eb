"""Rules give a group's people products, wherever the group stands in the tree, and cost no more for more people."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from scim_server.domain.errors import Invalid, Missing
from scim_server.domain.tenants import Tenant
from tests.worlds import Connection, World


def add(connection: Connection, group_id: str, *member_ids: str) -> None:
    members = [{"value": member_id} for member_id in member_ids]
    answer = connection.patch(f"/Groups/{group_id}", {"op": "add", "path": "members", "value": members})
    assert answer.status_code == 204, answer.text


def remove(connection: Connection, group_id: str, member_id: str) -> None:
    answer = connection.patch(f"/Groups/{group_id}", {"op": "remove", "path": f'members[value eq "{member_id}"]'})
    assert answer.status_code == 204, answer.text


@pytest.fixture
def ana(world: World, acme: Tenant, okta: Connection) -> str:
    """Ana's id, in a tenant with seats enough."""
    for product in ("meeting", "webinar", "training"):
        world.buy(acme, product, 100)
    return str(okta.create_user("ana")["id"])


def test_a_rule_made_before_its_group_binds_to_the_first_of_that_name(
    world: World, acme: Tenant, okta: Connection, ana: str
) -> None:
    """Letter case does not matter."""
    assert world.rule(acme, "Sales", "meeting").group_id is None
    group = okta.create_group("SALES", ana)
    assert [row["group_id"] for row in world.rows("rules")] == [group["id"]]
    assert world.held_by(acme, "ana") == {"meeting": "assigned"}


def test_a_rule_made_after_its_group_reaches_everybody_in_it(
    world: World, acme: Tenant, okta: Connection, ana: str
) -> None:
    group = okta.create_group("Sales", ana)
    assert world.rule(acme, "sales", "meeting", "training").group_id == group["id"]
    assert world.held_by(acme, "ana") == {"training": "assigned"}


def test_a_rule_follows_the_group_not_its_name(world: World, acme: Tenant, okta: Connection, ana: str) -> None:
    group = okta.create_group("Sales", ana)
    world.rule(acme, "Sales", "meeting")
    okta.patch(f"/Groups/{group['id']}", {"op": "replace", "path": "displayName", "value": "Revenue"})
    assert [row["group_name"] for row in world.rows("rules")] == ["Revenue"]
    okta.create_group("Sales", okta.create_user("bob")["id"])
    assert world.held_by(acme, "ana") == {"meeting": "assigned"}
    assert world.held_by(acme, "bob") == {}


def test_whoever_joins_gets_and_whoever_leaves_loses(world: World, acme: Tenant, okta: Connection, ana: str) -> None:
    world.rule(acme, "Sales", "meeting")
    group = okta.create_group("Sales")["id"]
    add(okta, group, ana)
    assert world.held_by(acme, "ana") == {"meeting": "assigned"}
    remove(okta, group, ana)
    assert world.held_by(acme, "ana") == {}
    assert world.person(acme, "ana").claims == []


def test_a_rule_reaches_people_in_nested_groups_from_any_side(
    world: World, acme: Tenant, okta: Connection, ana: str
) -> None:
    """Whether the person joins below, a group is nested or taken out, in the middle or at the top."""
    world.rule(acme, "Top", "meeting")
    top, middle, bottom = (okta.create_group(name)["id"] for name in ("Top", "Middle", "Bottom"))
    add(okta, bottom, ana)
    add(okta, middle, bottom)
    assert world.held_by(acme, "ana") == {}
    add(okta, top, middle)
    assert world.held_by(acme, "ana") == {"meeting": "assigned"}
    remove(okta, middle, bottom)
    assert world.held_by(acme, "ana") == {}
    add(okta, middle, bottom)
    remove(okta, bottom, ana)
    assert world.held_by(acme, "ana") == {}
    add(okta, bottom, ana)
    okta.delete(f"/Groups/{middle}")
    assert world.held_by(acme, "ana") == {}


def test_groups_in_a_circle_are_one_group(world: World, acme: Tenant, okta: Connection, ana: str) -> None:
    world.rule(acme, "One", "meeting")
    one, two = (okta.create_group(name)["id"] for name in ("One", "Two"))
    add(okta, one, two)
    add(okta, two, one, ana)
    assert world.held_by(acme, "ana") == {"meeting": "assigned"}
    okta.delete(f"/Groups/{one}")
    assert world.held_by(acme, "ana") == {}


def test_a_deleted_group_releases_its_seats_and_leaves_an_orphan_rule(
    world: World, acme: Tenant, okta: Connection, ana: str
) -> None:
    rule = world.rule(acme, "Sales", "meeting")
    okta.delete(f"/Groups/{okta.create_group('Sales', ana)['id']}")
    assert world.held_by(acme, "ana") == {}
    orphans = [row for row in world.rows("issues") if row["code"] == "ORPHAN_RULE"]
    assert [(row["subject"], row["closed"]) for row in orphans] == [(rule.id, None)]
    okta.create_group("sales", ana)
    assert world.held_by(acme, "ana") == {"meeting": "assigned"}
    assert [row for row in world.rows("issues") if row["closed"] is None] == []


def test_two_rules_are_two_claims_and_one_seat(world: World, acme: Tenant, okta: Connection, ana: str) -> None:
    world.rule(acme, "Sales", "meeting")
    world.rule(acme, "Staff", "meeting")
    groups = [okta.create_group(name, ana)["id"] for name in ("Sales", "Staff")]
    assert len(world.person(acme, "ana").claims) == 2
    assert world.seats(acme, "meeting") == (1, 0, 99)
    remove(okta, groups[0], ana)
    assert world.held_by(acme, "ana") == {"meeting": "assigned"}


def test_a_second_group_of_a_rules_name_changes_nothing(world: World) -> None:
    """Where names need not be unique (profile `rfc`) the rule stays with the first."""
    tenant = world.tenant("strict", "rfc")
    client = world.connect(tenant)
    world.buy(tenant, "meeting", 2)
    world.rule(tenant, "Sales", "meeting")
    people = [client.create_user(name)["id"] for name in ("ana", "bob")]
    for user in people:
        client.create_group("Sales", user)
    assert world.held_by(tenant, "ana") == {"meeting": "assigned"}
    assert world.held_by(tenant, "bob") == {}


@pytest.mark.parametrize(
    ("group", "products", "refusal"),
    [("", ["meeting"], Invalid), ("  ", ["meeting"], Invalid), ("Sales", [], Invalid), ("Sales", ["none"], Missing)],
)
def test_a_rule_without_group_or_known_product_is_refused(
    world: World, acme: Tenant, group: str, products: list[str], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        world.rule(acme, group, *products)
    assert world.rows("rules") == []


@contextmanager
def counted(world: World) -> Iterator[list[str]]:
    """The statements that the block sends to the database, a batch counted once."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    engine = world.installation.database.engine
    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def test_a_rule_costs_the_same_statements_for_ten_people_and_for_a_thousand(
    world: World, acme: Tenant, okta: Connection
) -> None:
    """So do the purchase that serves those who wait and the end of the group."""
    from benchmarks.seats import populate

    costs = []
    for people in (10, 1_200):
        world.tenant(f"of-{people}")
        tenant = world.decide(f"of-{people}", guard_percent="100")
        client = world.connect(tenant)
        world.buy(tenant, "meeting", people // 2)
        group = populate(world, tenant, people)
        with counted(world) as ruling:
            world.rule(tenant, "Everybody", "meeting")
        with counted(world) as buying:
            world.buy(tenant, "meeting", people)
        assert world.seats(tenant, "meeting") == (people, 0, 0)
        with counted(world) as deleting:
            assert client.delete(f"/Groups/{group}").status_code == 204
        assert world.seats(tenant, "meeting") == (0, 0, people)
        costs.append([len(ruling), len(buying), len(deleting)])
    assert costs[0] == costs[1]
    assert max(costs[0]) < 60


def test_joining_a_large_group_costs_no_more_than_joining_a_small_one(world: World, acme: Tenant) -> None:
    from benchmarks.seats import populate

    costs = []
    for people in (1, 600):
        tenant = world.tenant(f"of-{people}")
        client = world.connect(tenant)
        world.rule(tenant, "Everybody", "meeting")
        group = populate(world, tenant, people)
        user = client.create_user("newcomer")["id"]
        with counted(world) as joining:
            add(client, group, user)
        costs.append(len(joining))
    assert costs[0] == costs[1]
