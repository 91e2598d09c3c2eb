"""What-if: a change of rules over the live directory, told and not made."""

from collections.abc import Callable
from functools import partial
from typing import cast

import pytest

from scim_server.domain.errors import Invalid, Missing
from scim_server.domain.events import Change
from scim_server.domain.rules import Template
from scim_server.domain.tenants import Tenant
from scim_server.services import group_changes, people, rule_changes, ruling, templating
from scim_server.services.forecasting import Attempt, Forecast, Need, Shift, what_if
from scim_server.services.group_changes import Wanted
from scim_server.services.ports import UnitOfWork
from scim_server.services.rule_parts import RuleParts
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


Having = dict[str, tuple[dict[str, str], str | None, object]]


def having(world: World, tenant: Tenant) -> Having:
    """The seats, the language and the settings of everybody, by user name."""
    return {
        each.user.user_name: (
            {seat.product: seat.state.value for seat in each.seats},
            each.settings.language,
            each.settings.products,
        )
        for each in people.people(world.units, tenant)
    }


@pytest.fixture
def firm(world: World, acme: Tenant, okta: Connection) -> dict[str, str]:
    """Groups within groups, a name that a rule waits for, settings, and too few seats; ids of groups by name."""
    ids = [okta.create_user(f"u{number}", title="Lead" if number % 3 else "Clerk")["id"] for number in range(9)]
    groups = {"inner": okta.create_group("inner", *ids[:4])["id"]}
    groups["middle"] = okta.create_group("middle", groups["inner"], *ids[4:6])["id"]
    groups["outer"] = okta.create_group("outer", groups["middle"], ids[6])["id"]
    groups["apart"] = okta.create_group("apart", *ids[6:])["id"]
    groups["quiet"] = okta.create_group("quiet")["id"]
    world.buy(acme, "meeting", 4)
    world.buy(acme, "webinar", 20)
    templating.set_template(world.units, acme, CAUSE, "meeting", "high", {"quality": "high"})
    for parts in (
        {"group": "outer", "products": ["meeting"], "templates": {"meeting": "high"}},
        {"group": "middle", "language": "fr"},
        {"condition": 'title eq "Lead"', "language": "de", "products": ["webinar"]},
        {"group": "waited for", "products": ["training"]},
        {"group": "quiet", "language": "it"},
    ):
        ruling.create_rule(world.units, acme, CAUSE, cast(RuleParts, parts))
    return groups


def _rule(place: int) -> Callable[[UnitOfWork], str]:
    return lambda uow: uow.rules.all()[place].id


CHANGES: dict[str, Callable[[UnitOfWork, dict[str, str]], object]] = {
    "a nested group leaves": lambda uow, groups: group_changes.change_members(
        uow, groups["middle"], leave=Wanted(groups=[groups["inner"]])
    ),
    "a group is nested": lambda uow, groups: group_changes.change_members(
        uow, groups["outer"], join=Wanted(groups=["apart"])
    ),
    "people join and leave": lambda uow, groups: group_changes.change_members(
        uow, groups["outer"], join=Wanted(["u8"]), leave=Wanted(["u6"])
    ),
    "somebody joins for a language alone": lambda uow, groups: group_changes.change_members(
        uow, groups["quiet"], join=Wanted(["u6"])
    ),
    "a rule by attribute has another language": lambda uow, groups: rule_changes.change(
        uow, _rule(2)(uow), {"language": "es"}
    ),
    "a group in the middle goes": lambda uow, groups: group_changes.delete(uow, groups["middle"]),
    "a group gets a name that is waited for": lambda uow, groups: group_changes.rename(
        uow, groups["apart"], "waited for"
    ),
    "a group is made": lambda uow, groups: group_changes.create(uow, "Waited for", Wanted(["u0"], ["apart"])),
    "a rule for a group goes": lambda uow, groups: rule_changes.remove(uow, _rule(1)(uow)),
    "a rule by attribute is switched off": lambda uow, groups: rule_changes.change(
        uow, _rule(2)(uow), {"enabled": False}
    ),
    "a rule looks elsewhere": lambda uow, groups: rule_changes.change(uow, _rule(0)(uow), {"group": "apart"}),
    "rules are ordered": lambda uow, groups: rule_changes.reorder(uow, [_rule(2)(uow)]),
    "a template is written anew": lambda uow, groups: (
        uow.templates.put(Template("meeting", "high", {"quality": "low"}))
        or uow.record(Change("template", "meeting/high", "template.changed", {}, {}))
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_is_told_is_what_comes(
    world: World, acme: Tenant, firm: dict[str, str], change: Callable[[UnitOfWork, dict[str, str]], object]
) -> None:
    """However narrowly it looks: everybody else has afterwards what they had."""
    told = what_if(world.units, acme, CAUSE, lambda uow: change(uow, firm))
    before = having(world, acme)
    with world.units.write(acme, CAUSE) as uow:
        change(uow, firm)
        uow.commit()
    after = having(world, acme)
    expected = {}
    for outlook in told.people:
        seats = dict(before[outlook.user_name][0])
        for shift in outlook.shifts:
            if shift.after in (None, "covered"):
                seats.pop(shift.product, None)
            else:
                seats[shift.product] = shift.after
        expected[outlook.user_name] = (seats, outlook.settings[1].language, outlook.settings[1].products)
    assert before != after
    assert after == before | expected
