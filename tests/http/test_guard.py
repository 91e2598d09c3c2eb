"""The guard against mass removals (design section 6): what too many people would lose at once is held."""

import pytest

from scim_server.domain.tenants import Tenant
from scim_server.services import ruling
from tests.worlds import CAUSE, Connection, World

MANY = 20
"""People in the group; a fifth of them, but no fewer than 5, may lose their seats within ten minutes."""
FREE_TO_GO = 5


@pytest.fixture
def sales(world: World, acme: Tenant, okta: Connection) -> dict[str, str]:
    """Twenty people, user name to id, who have meeting by the rule of their group; its id is under `group`."""
    world.buy(acme, "meeting", MANY)
    world.rule(acme, "Sales", "meeting")
    ids = {f"u{number:02}": okta.create_user(f"u{number:02}")["id"] for number in range(MANY)}
    return {**ids, "group": okta.create_group("Sales", *ids.values())["id"]}


def states(world: World) -> dict[str, int]:
    """How many seats are in which state."""
    found: dict[str, int] = {}
    for row in world.rows("seats"):
        found[row["state"]] = found.get(row["state"], 0) + 1
    return found


def open_issues(world: World, code: str) -> int:
    return sum(row["code"] == code and row["closed"] is None for row in world.rows("issues"))


def remove(okta: Connection, group: str, *ids: str) -> None:
    for user_id in ids:
        answer = okta.patch(f"/Groups/{group}", {"op": "remove", "path": f'members[value eq "{user_id}"]'})
        assert answer.status_code == 204


def people(sales: dict[str, str]) -> list[str]:
    return [user_id for name, user_id in sales.items() if name != "group"]


def empty(okta: Connection, group: str) -> None:
    assert okta.patch(f"/Groups/{group}", {"op": "replace", "path": "members", "value": []}).status_code == 204


def test_an_emptied_group_is_empty_at_once_and_most_seats_are_held(
    world: World, acme: Tenant, okta: Connection, sales: dict[str, str]
) -> None:
    empty(okta, sales["group"])
    assert okta.member_ids(sales["group"]) == set()
    assert states(world) == {"held": MANY - FREE_TO_GO}
    assert world.seats(acme, "meeting") == (MANY - FREE_TO_GO, 0, FREE_TO_GO)
    assert open_issues(world, "HELD_REMOVAL") == MANY - FREE_TO_GO


def test_a_held_seat_says_when_it_goes_and_which_request_took_it(
    world: World, okta: Connection, sales: dict[str, str]
) -> None:
    assert okta.delete(f"/Groups/{sales['group']}").status_code == 204
    held = [row for row in world.rows("seats") if row["state"] == "held"]
    assert len(held) == MANY - FREE_TO_GO
    assert all(row["due"] > row["since"] for row in held)
    logged = {row["id"] for row in world.rows("provisioning_log") if row["method"] == "DELETE"}
    assert {row["held_for"] for row in held} == logged


def test_whoever_has_a_held_seat_goes_on_as_before(world: World, acme: Tenant, sales: dict[str, str]) -> None:
    okta = world.connect(acme, "other")
    empty(okta, sales["group"])
    held = next(row["user_id"] for row in world.rows("seats"))
    seats = okta.get(f"/Users/{held}?attributes=urn:scim-server:schemas:extension:seats:2.0:User").json
    extension = seats["urn:scim-server:schemas:extension:seats:2.0:User"]
    assert extension["status"] == "active"
    assert [(seat["state"], seat["source"]) for seat in extension["seats"]] == [("held", "held")]


def test_removals_one_by_one_count_together_within_the_window(
    world: World, acme: Tenant, okta: Connection, sales: dict[str, str]
) -> None:
    remove(okta, sales["group"], *people(sales)[:8])
    assert states(world) == {"assigned": MANY - 8, "held": 8 - FREE_TO_GO}
    world.advance(601)
    remove(okta, sales["group"], *people(sales)[8:12])
    assert states(world) == {"assigned": MANY - 12, "held": 3}


def test_the_share_counts_what_has_gone_already(world: World, acme: Tenant, okta: Connection) -> None:
    """20 % of 50 seats are 10, however they go."""
    world.buy(acme, "meeting", 50)
    world.rule(acme, "Sales", "meeting")
    ids = [okta.create_user(f"u{number}")["id"] for number in range(50)]
    group = okta.create_group("Sales", *ids)["id"]
    members = [{"value": each} for each in ids[9:]]
    okta.patch(f"/Groups/{group}", {"op": "replace", "path": "members", "value": members})
    assert states(world) == {"assigned": 41}
    remove(okta, group, *ids[9:12])
    assert states(world) == {"assigned": 38, "held": 2}


def test_who_comes_back_to_the_group_has_the_seat_as_before(
    world: World, acme: Tenant, okta: Connection, sales: dict[str, str]
) -> None:
    empty(okta, sales["group"])
    members = [{"value": each} for each in people(sales)]
    okta.patch(f"/Groups/{sales['group']}", {"op": "add", "path": "members", "value": members})
    assert states(world) == {"assigned": MANY}
    assert open_issues(world, "HELD_REMOVAL") == 0


@pytest.mark.parametrize("way", ["suspend", "delete"])
def test_a_leaver_is_never_held_and_ends_a_held_seat_at_once(
    world: World, acme: Tenant, okta: Connection, sales: dict[str, str], way: str
) -> None:
    empty(okta, sales["group"])
    waiting = okta.create_user("next", entitlements=["meeting"])
    assert world.held_by(acme, "next") == {"meeting": "assigned"}
    assert waiting["active"]
    held = {row["user_id"] for row in world.rows("seats") if row["state"] == "held"}
    for user_id in held:
        if way == "delete":
            assert okta.delete(f"/Users/{user_id}").status_code == 204
        else:
            okta.patch(f"/Users/{user_id}", {"op": "replace", "path": "active", "value": False})
    assert states(world) == {"assigned": 1}
    assert open_issues(world, "HELD_REMOVAL") == 0


def test_many_suspensions_are_not_guarded(world: World, acme: Tenant, okta: Connection, sales: dict[str, str]) -> None:
    for user_id in people(sales):
        answer = okta.patch(f"/Users/{user_id}", {"op": "replace", "path": "active", "value": "False"})
        assert answer.status_code == 200
    assert states(world) == {}


def test_seats_that_other_claims_keep_are_not_counted(
    world: World, acme: Tenant, okta: Connection, sales: dict[str, str]
) -> None:
    world.rule(acme, "Everybody", "meeting")
    okta.create_group("Everybody", *people(sales)[:15])
    empty(okta, sales["group"])
    assert states(world) == {"assigned": 15}


def test_the_threshold_is_the_tenants_own(world: World, acme: Tenant, okta: Connection, sales: dict[str, str]) -> None:
    world.decide("acme", guard_seats="1", guard_percent="50", hold_hours="2")
    empty(okta, sales["group"])
    assert states(world) == {"held": MANY // 2}


def test_a_held_bundle_still_covers_what_it_includes(world: World, acme: Tenant, okta: Connection) -> None:
    world.decide("acme", guard_seats="0", guard_percent="0")
    world.buy(acme, "webinar", 1)
    world.buy(acme, "meeting", 0)
    world.rule(acme, "Sales", "webinar")
    ana = okta.create_user("ana", entitlements=["meeting"])["id"]
    group = okta.create_group("Sales", ana)["id"]
    empty(okta, group)
    assert world.held_by(acme, "ana") == {"webinar": "held"}
    okta.patch(f"/Users/{ana}", {"op": "replace", "path": "active", "value": False})
    okta.patch(f"/Users/{ana}", {"op": "replace", "path": "active", "value": True})
    assert world.held_by(acme, "ana") == {"meeting": "waiting"}


def test_somebody_met_in_the_queue_keeps_what_is_held(world: World, acme: Tenant, okta: Connection) -> None:
    """A promotion looks at all seats of whoever is promoted; a held one among them is no claim."""
    world.decide("acme", guard_seats="0", guard_percent="0")
    world.buy(acme, "training", 1)
    world.buy(acme, "webinar", 0)
    world.rule(acme, "Sales", "training")
    ana = okta.create_user("ana", entitlements=["webinar"])["id"]
    group = okta.create_group("Sales", ana)["id"]
    empty(okta, group)
    world.buy(acme, "webinar", 1)
    assert world.held_by(acme, "ana") == {"training": "held", "webinar": "assigned"}


@pytest.mark.parametrize("way", ["delete", "disable"])
def test_a_rule_that_ends_holds_most_seats_too(world: World, acme: Tenant, sales: dict[str, str], way: str) -> None:
    (rule,) = world.rows("rules")
    if way == "delete":
        ruling.delete_rule(world.units, acme, CAUSE, rule["id"])
    else:
        ruling.edit_rule(world.units, acme, CAUSE, rule["id"], {"enabled": False})
    assert states(world) == {"held": MANY - FREE_TO_GO}


def test_a_held_seat_outlasts_what_else_happens_to_the_person(
    world: World, okta: Connection, sales: dict[str, str]
) -> None:
    empty(okta, sales["group"])
    held = next(row["user_id"] for row in world.rows("seats") if row["state"] == "held")
    okta.patch(f"/Users/{held}", {"op": "add", "path": "entitlements", "value": [{"value": "webinar"}]})
    assert states(world) == {"held": MANY - FREE_TO_GO, "waiting": 1}
