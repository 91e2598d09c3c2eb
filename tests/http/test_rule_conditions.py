"""Rules by attribute: whoever meets the filter gets, from whichever side the change comes."""

from dataclasses import replace

import pytest

from scim_server.domain.errors import Invalid
from scim_server.domain.rules import Rule
from scim_server.domain.tenants import Tenant
from scim_server.services import ruling
from scim_server.services.rule_parts import RuleParts
from tests.http.test_statements import counting
from tests.worlds import CAUSE, ENTERPRISE, USER, Connection, World, contents

SALES = 'department eq "Sales"'


def of_department(department: str) -> dict[str, object]:
    return {ENTERPRISE: {"department": department}}


def make(world: World, tenant: Tenant, condition: str = SALES, *products: str) -> Rule:
    parts: RuleParts = {"condition": condition, "products": products or ["meeting"]}
    return ruling.create_rule(world.units, tenant, CAUSE, parts)


@pytest.fixture(autouse=True)
def seats_enough(world: World, acme: Tenant) -> None:
    for product in ("meeting", "webinar", "training"):
        world.buy(acme, product, 100)


def test_a_rule_reaches_those_who_meet_it_and_nobody_else(world: World, acme: Tenant, okta: Connection) -> None:
    """An attribute of an extension needs no URN, and letter case does not matter, as in any filter."""
    okta.create_user("ana", **of_department("sales"))
    okta.create_user("ben", **of_department("Support"))
    okta.create_user("eve")
    rule = make(world, acme)
    assert (rule.condition, rule.group_id, rule.group_name) == (SALES, None, "")
    assert [world.held_by(acme, name) for name in ("ana", "ben", "eve")] == [{"meeting": "assigned"}, {}, {}]
    assert world.person(acme, "ana").claims[0].source == rule.source


def test_newcomers_movers_and_leavers(world: World, acme: Tenant, okta: Connection) -> None:
    make(world, acme)
    ana = okta.create_user("ana", **of_department("Sales"))["id"]
    assert world.held_by(acme, "ana") == {"meeting": "assigned"}
    path = f"{ENTERPRISE}:department"
    okta.patch(f"/Users/{ana}", {"op": "replace", "path": path, "value": "Support"})
    assert (world.held_by(acme, "ana"), world.person(acme, "ana").claims) == ({}, [])
    okta.put(f"/Users/{ana}", {"schemas": [USER], "userName": "ana", **of_department("Sales")})
    assert world.held_by(acme, "ana") == {"meeting": "assigned"}
    okta.patch(f"/Users/{ana}", {"op": "replace", "path": "active", "value": False})
    assert world.held_by(acme, "ana") == {}
    okta.patch(f"/Users/{ana}", {"op": "replace", "path": "active", "value": True})
    assert world.held_by(acme, "ana") == {"meeting": "assigned"}
    okta.delete(f"/Users/{ana}")
    assert world.seats(acme, "meeting") == (0, 0, 100)


def test_newcomers_of_a_bulk(world: World, acme: Tenant, okta: Connection) -> None:
    make(world, acme)
    operations = [
        {
            "method": "POST",
            "path": "/Users",
            "bulkId": name,
            "data": {"schemas": [USER], "userName": name, **of_department(department)},
        }
        for name, department in (("ana", "Sales"), ("ben", "Support"))
    ]
    schema = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
    answer = okta.post("/Bulk", {"schemas": [schema], "Operations": operations})
    assert [operation["status"] for operation in answer.json["Operations"]] == ["201", "201"]
    assert [world.held_by(acme, name) for name in ("ana", "ben")] == [{"meeting": "assigned"}, {}]


def test_rules_by_group_and_by_attribute_are_united(world: World, acme: Tenant, okta: Connection) -> None:
    ana = okta.create_user("ana", title="Lead", **of_department("Sales"))["id"]
    make(world, acme)
    make(world, acme, 'title sw "Le" and not (department eq "Support")', "training")
    world.rule(acme, "Staff", "webinar")
    okta.create_group("Staff", ana)
    assert {claim.product for claim in world.person(acme, "ana").claims} == {"meeting", "training", "webinar"}


def test_a_shortage_by_a_rule_fails_nobodys_request(world: World, acme: Tenant, okta: Connection) -> None:
    """Whatever the subscription's policy: who asked for nothing is not refused."""
    world.buy(acme, "meeting", 0, "reject")
    make(world, acme)
    ana = okta.create_user("ana", **of_department("Sales"))["id"]
    ben = okta.create_user("ben")["id"]
    okta.patch(f"/Users/{ben}", {"op": "add", "value": of_department("Sales")})
    assert [world.held_by(acme, name) for name in ("ana", "ben")] == [{"meeting": "waiting"}] * 2
    world.buy(acme, "meeting", 1)
    okta.delete(f"/Users/{ana}")
    assert world.held_by(acme, "ben") == {"meeting": "assigned"}


def test_an_edited_condition_takes_and_gives(world: World, acme: Tenant, okta: Connection) -> None:
    for name, department in (("ana", "Sales"), ("ben", "Support")):
        okta.create_user(name, **of_department(department))
    rule = make(world, acme)
    ruling.edit_rule(world.units, acme, CAUSE, rule.id, {"condition": 'department eq "Support"'})
    assert [world.held_by(acme, name) for name in ("ana", "ben")] == [{}, {"meeting": "assigned"}]
    group = okta.create_group("Staff", okta.find("/Users", 'userName eq "ana"')[0]["id"])["id"]
    moved = ruling.edit_rule(world.units, acme, CAUSE, rule.id, {"group": group})
    assert (moved.condition, moved.group_id, moved.group_name) == (None, group, "Staff")
    assert [world.held_by(acme, name) for name in ("ana", "ben")] == [{"meeting": "assigned"}, {}]
    okta.create_user("eve", **of_department("Support"))
    assert world.held_by(acme, "eve") == {}


def test_a_tenants_rules_are_its_own(world: World, acme: Tenant) -> None:
    other = world.tenant("other")
    world.connect(other).create_user("ana", **of_department("Sales"))
    make(world, acme)
    assert world.held_by(other, "ana") == {}


@pytest.mark.parametrize(
    ("condition", "complaint"),
    [
        ("", "ends too early"),
        ("department eq", "ends too early"),
        ("department eq Sales", "in double quotes"),
        ('department = "Sales"', "'=' is not an operator"),
        ('departmnt eq "Sales"', "'departmnt' is not an attribute of User"),
        ('active eq "true"', "of type boolean"),
        ("password pr", "cannot be searched"),
        ('groups.value eq "x"', "the server's own"),
        ('emails[type eq "work"] and groups[display eq "x"]', "the server's own"),
        ('id eq "x"', "the server's own"),
        ('meta.created gt "2020-01-01T00:00:00Z"', "the server's own"),
        ('status eq "active"', "the server's own"),
        ('manager.displayName eq "Eve"', "the server's own"),
        ("title pr or " * 1_000 + "title pr", "more than 1,000 terms"),
        ('title eq "' + "x" * 16_000 + '"', "longer than 16,000 characters"),
        ("(" * 51 + "title pr" + ")" * 51, "deeper than 50 levels"),
    ],
)
def test_what_is_no_condition_is_refused_and_leaves_nothing(
    world: World, acme: Tenant, condition: str, complaint: str
) -> None:
    before = contents(world)
    with pytest.raises(Invalid, match=complaint):
        make(world, acme, condition)
    assert contents(world) == before


def test_what_a_change_costs_does_not_depend_on_the_number_of_conditions(world: World, acme: Tenant) -> None:
    costs = []
    for rules in (1, 40):
        tenant = world.tenant(f"of-{rules}")
        client = world.connect(tenant)
        for number in range(rules):
            make(world, tenant, f'department eq "{number}"')
        with counting(world) as count:
            client.create_user("ana", **of_department("0"))
        assert world.held_by(tenant, "ana") == {"meeting": "waiting"}
        costs.append(int(count))
    assert costs[0] == costs[1]


def test_more_conditions_than_fit_one_statement(world: World, acme: Tenant, okta: Connection) -> None:
    """In number and in length."""
    long = " or ".join(f'department eq "{number:06}"' for number in range(500))
    for number in range(150):
        make(world, acme, f'department eq "D{number}"')
    for _ in range(3):
        make(world, acme, f'department eq "D149" or {long}', "training")
    okta.create_user("ana", **of_department("d149"))
    assert len(world.person(acme, "ana").claims) == 4


def test_a_condition_on_an_attribute_that_is_gone_is_met_by_nobody(
    world: World, acme: Tenant, okta: Connection
) -> None:
    """A schema of the tenant's own may have been taken out since."""
    rule = make(world, acme)
    with world.units.write(acme, CAUSE) as uow:
        uow.rules.save(replace(rule, condition='shoeSize eq "40"'))
        uow.commit()
    okta.create_user("ana", **of_department("Sales"))
    assert world.held_by(acme, "ana") == {}
