"""What-if: a change of rules over the live directory, told and not made."""

from functools import partial

import pytest

from scim_server.domain.errors import Invalid, Missing
from scim_server.domain.tenants import Tenant
from scim_server.services import rule_changes, ruling, templating
from scim_server.services.forecasting import Attempt, Forecast, Need, Shift, what_if
from tests.worlds import CAUSE, ENTERPRISE, Connection, World, contents


@pytest.fixture
def staff(world: World, acme: Tenant, okta: Connection) -> list[str]:
    """The ids of ana and ben, who are in Staff and get one seat of meeting by its rule, and of eve of Sales."""
    ids = [okta.create_user(name)["id"] for name in ("ana", "ben")]
    ids.append(okta.create_user("eve", **{ENTERPRISE: {"department": "Sales"}})["id"])
    okta.create_group("Staff", *ids[:2])
    world.buy(acme, "meeting", 1)
    world.buy(acme, "webinar", 2)
    world.rule(acme, "Staff", "meeting")
    return ids


def forecast(world: World, tenant: Tenant, change: Attempt) -> Forecast:
    """What the change would do; it must not do it."""
    before = contents(world)
    answer = what_if(world.units, tenant, CAUSE, change)
    assert contents(world) == before
    return answer


def test_another_rule_gives_to_those_who_meet_it(world: World, acme: Tenant, staff: list[str]) -> None:
    parts = {"condition": 'department eq "sales"', "products": ["meeting"], "role": "admin", "language": "fr"}
    answer = forecast(world, acme, partial(rule_changes.add, parts=parts))
    (eve,) = answer.people
    assert (eve.user_id, eve.user_name) == (staff[2], "eve")
    assert (eve.gains, eve.loses, eve.changes) == ([Shift("meeting", None, "waiting")], [], [])
    assert eve.roles == (frozenset(), {"admin"})
    assert [settings.language for settings in eve.settings] == [None, "fr"]
    assert answer.needs == [Need("meeting", 1, 2, 3, 1, 0, 2)]


def test_a_bundle_covers_what_was_a_seat_of_its_own(world: World, acme: Tenant, staff: list[str]) -> None:
    rule = ruling.rules(world.units, acme)[0]
    change = partial(rule_changes.change, rule_id=rule.id, parts={"products": ["meeting", "webinar"]})
    answer = forecast(world, acme, change)
    told = {person.user_name: (person.gains, person.changes) for person in answer.people}
    assert told == {
        "ana": ([Shift("webinar", None, "assigned")], [Shift("meeting", "assigned", "covered")]),
        "ben": ([Shift("webinar", None, "assigned")], [Shift("meeting", "waiting", "covered")]),
    }
    assert answer.needs == [Need("meeting", 1, 2, 0, 0, 1, 0), Need("webinar", 2, 0, 2, 2, 0, 0)]


def test_whoever_is_next_in_line_gains_when_a_rule_goes(
    world: World, acme: Tenant, okta: Connection, staff: list[str]
) -> None:
    """Somebody whom the rule does not concern at all."""
    world.buy(acme, "meeting", 2)
    okta.create_user("zoe", entitlements=["meeting"])
    rule = ruling.rules(world.units, acme)[0]
    answer = forecast(world, acme, partial(rule_changes.remove, rule_id=rule.id))
    told = {person.user_name: (person.loses, person.changes) for person in answer.people}
    assert told == {
        "ana": ([Shift("meeting", "assigned", None)], []),
        "ben": ([Shift("meeting", "assigned", None)], []),
        "zoe": ([], [Shift("meeting", "waiting", "assigned")]),
    }


def test_an_order_decides_settings(world: World, acme: Tenant, staff: list[str]) -> None:
    for name in ("low", "high"):
        templating.set_template(world.units, acme, CAUSE, "meeting", name, {"quality": name})
    rules = [
        ruling.create_rule(
            world.units, acme, CAUSE, {"group": "Staff", "products": ["meeting"], "templates": {"meeting": name}}
        )
        for name in ("low", "high")
    ]
    answer = forecast(world, acme, partial(rule_changes.reorder, rule_ids=[rules[1].id]))
    assert [person.user_name for person in answer.people] == ["ana", "ben"]
    assert [settings.products for settings in answer.people[0].settings] == [
        {"meeting": {"quality": "low"}},
        {"meeting": {"quality": "high"}},
    ]


def test_a_forecast_comes_true(world: World, acme: Tenant, staff: list[str]) -> None:
    parts = {"condition": "userName pr", "products": ["webinar"]}
    told = forecast(world, acme, partial(rule_changes.add, parts=parts))
    ruling.create_rule(world.units, acme, CAUSE, {"condition": "userName pr", "products": ["webinar"]})
    for person in told.people:
        for shift in person.shifts:
            assert shift.after in {world.held_by(acme, person.user_name).get(shift.product), "covered"}
    assert forecast(world, acme, lambda uow: None).people == []


def test_what_would_be_refused_is(world: World, acme: Tenant, staff: list[str]) -> None:
    with pytest.raises(Missing):
        forecast(world, acme, partial(rule_changes.remove, rule_id="nobody"))
    with pytest.raises(Invalid):
        forecast(world, acme, partial(rule_changes.add, parts={"condition": "title"}))


def test_seats_that_the_guard_would_hold_are_told_as_lost(world: World, acme: Tenant, okta: Connection) -> None:
    """And what is counted of the trial does not count afterwards."""
    world.buy(acme, "meeting", 10)
    okta.create_group("Crowd", *(okta.create_user(f"person-{number}")["id"] for number in range(10)))
    rule = world.rule(acme, "Crowd", "meeting")
    for _ in range(2):
        answer = forecast(world, acme, partial(rule_changes.remove, rule_id=rule.id))
        assert sorted(str(shift.after) for person in answer.people for shift in person.loses) == [
            *(["None"] * 5),
            *(["held"] * 5),
        ]
    ruling.delete_rule(world.units, acme, CAUSE, rule.id)
    assert world.seats(acme, "meeting") == (5, 0, 5)
