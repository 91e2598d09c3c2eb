"""Many people become members of many groups in one transaction, as an import asks for it."""

import pytest

from scim_server.domain.errors import Missing
from scim_server.domain.tenants import Tenant
from scim_server.services import grouping, provisioning
from tests.http.test_statements import counting
from tests.worlds import CAUSE, Connection, World, contents


def join(world: World, tenant: Tenant, memberships: dict[str, list[str]]) -> int:
    with world.units.write(tenant, CAUSE) as uow:
        provisioning.enter_several(uow)
        new = grouping.join(uow, memberships)
        uow.commit()
        return new


def test_people_join_groups_and_get_what_the_rules_give(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "meeting", 1)
    world.buy(acme, "training", 5)
    world.rule(acme, "Sales", "meeting")
    world.rule(acme, "Support", "training")
    ids = [okta.create_user(f"u{number}")["id"] for number in range(3)]
    sales, support = (okta.create_group(name)["id"] for name in ("Sales", "Support"))
    assert join(world, acme, {sales: ids[:2], support: [*ids[1:], ids[2]]}) == 4
    assert okta.member_ids(sales) == set(ids[:2])
    assert okta.member_ids(support) == set(ids[1:])
    assert world.held_by(acme, "u0") == {"meeting": "assigned"}
    assert world.held_by(acme, "u1") == {"training": "assigned"}
    assert join(world, acme, {sales: ids}) == 1
    before = contents(world)
    assert join(world, acme, {sales: ids, support: []}) == 0
    assert contents(world) == before
    assert okta.get(f"/Groups/{sales}").json["meta"]["version"] == 'W/"3"'


def test_a_group_that_is_not_there_is_refused(world: World, acme: Tenant, okta: Connection) -> None:
    ana = okta.create_user("ana")["id"]
    sales = okta.create_group("Sales")["id"]
    before = contents(world)
    with pytest.raises(Missing, match="no group with the name or id 'nothing'"):
        join(world, acme, {sales: [ana], "nothing": [ana]})
    assert contents(world) == before


def test_it_costs_what_the_groups_cost(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "meeting", 100)
    world.rule(acme, "Few", "meeting")
    ids = [okta.create_user(f"u{number}")["id"] for number in range(30)]
    few, many = (okta.create_group(name)["id"] for name in ("Few", "Many"))
    with counting(world) as first:
        join(world, acme, {few: ids[:2], many: ids[:2]})
    with counting(world) as second:
        join(world, acme, {few: ids, many: ids})
    assert int(first) == int(second)
