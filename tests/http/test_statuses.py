"""Where a person stands, and why: derived from what is known, never stored (design section 6)."""

from datetime import timedelta

import pytest

from scim_server.domain.instants import instant
from scim_server.domain.tenants import Tenant
from scim_server.services import editing, leaving, people, seeing
from tests.worlds import CAUSE, SEATS, Connection, World

DAY = 24 * 3600


def shown(client: Connection, user_id: str) -> dict:
    """What the extension says."""
    return client.get(f"/Users/{user_id}?attributes={SEATS}").json[SEATS]


@pytest.fixture
def ana(world: World, acme: Tenant, okta: Connection) -> str:
    """Ana's id: she holds one of two seats."""
    world.buy(acme, "meeting", 2)
    return str(okta.create_user("ana", entitlements=["meeting"])["id"])


def sight(world: World, acme: Tenant, *seen: tuple[str, int]) -> list[str]:
    """Report people seen so many days ago; answers who is nobody."""
    now = world.units.clock()
    return seeing.report_seen(world.units, acme, [(name, instant(now - timedelta(days=days))) for name, days in seen])


def test_without_the_setting_sign_ins_do_not_matter(world: World, acme: Tenant, okta: Connection, ana: str) -> None:
    assert world.standing(acme, "ana") == ("active", None)
    sight(world, acme, ("ana", 400))
    assert shown(okta, ana)["status"] == "active"


@pytest.mark.parametrize("days", [30, 60, 90])
def test_with_it_somebody_is_invited_active_or_inactive(
    world: World, acme: Tenant, okta: Connection, ana: str, days: int
) -> None:
    world.decide(acme.slug, inactive_after=str(days))
    assert (shown(okta, ana)["status"], shown(okta, ana)["reason"]) == ("invited", "never_seen")
    assert "lastSeen" not in shown(okta, ana)
    sight(world, acme, ("ana", 0))
    assert world.standing(acme, "ana") == ("active", None)
    world.advance(days * DAY - 60)
    assert world.standing(acme, "ana") == ("active", None)
    world.advance(120)
    assert world.standing(acme, "ana") == ("inactive", "not_seen")
    sight(world, acme, (ana, 0))
    assert world.standing(acme, "ana") == ("active", None)


def test_inactive_people_keep_their_seats(world: World, acme: Tenant, ana: str) -> None:
    world.decide(acme.slug, inactive_after="30")
    sight(world, acme, ("ana", 31))
    assert world.held_by(acme, "ana") == {"meeting": "assigned"}


def test_who_waits_has_nothing_or_is_suspended_stands_there_whenever_seen(
    world: World, acme: Tenant, okta: Connection, ana: str
) -> None:
    world.decide(acme.slug, inactive_after="30")
    okta.create_user("ben")
    okta.create_user("cleo", active=False, entitlements=["meeting"])
    okta.create_user("dan", entitlements=["webinar"])
    sight(world, acme, ("ben", 0), ("cleo", 0), ("dan", 0))
    assert world.standing(acme, "ben") == ("unassigned", "no_product")
    assert world.standing(acme, "cleo") == ("suspended", "by_idp")
    assert world.standing(acme, "dan") == ("waiting", "no_seat")
    assert world.seats(acme, "meeting") == (1, 0, 1)
    assert ana


def test_sightings_never_go_back_nor_ahead(world: World, acme: Tenant, okta: Connection, ana: str) -> None:
    sight(world, acme, ("ana", 3), ("ana", 5))
    first = shown(okta, ana)["lastSeen"]
    sight(world, acme, ("ana", 4))
    assert shown(okta, ana)["lastSeen"] == first
    sight(world, acme, ("ana", -10))
    assert first < shown(okta, ana)["lastSeen"] <= instant(world.units.clock())


def test_a_sighting_is_no_change_of_the_resource(world: World, acme: Tenant, okta: Connection, ana: str) -> None:
    before, written = okta.get(f"/Users/{ana}").json["meta"], len(world.rows("audit"))
    sight(world, acme, ("ANA", 1))
    assert okta.get(f"/Users/{ana}").json["meta"] == before
    assert len(world.rows("audit")) == written


def test_who_is_nobody_here_is_answered_and_the_others_count(
    world: World, acme: Tenant, okta: Connection, ana: str
) -> None:
    eve = world.connect(world.tenant("other")).create_user("eve")["id"]
    assert sight(world, acme, ("nobody", 0), ("ana", 0), (eve, 0), (" not\x00one", 0)) == ["nobody", eve, " not\x00one"]
    assert [row["user_id"] for row in world.rows("sightings")] == [ana]
    assert sight(world, acme) == []


def test_who_leaves_takes_the_sighting_along(world: World, acme: Tenant, okta: Connection, ana: str) -> None:
    sight(world, acme, ("ana", 1))
    seen = shown(okta, ana)["lastSeen"]
    okta.delete(f"/Users/{ana}")
    assert world.rows("sightings") == []
    leaving.restore_person(world.units, acme, CAUSE, "ana")
    assert shown(okta, ana)["lastSeen"] == seen


def test_a_block_outlasts_what_the_identity_provider_says(
    world: World, acme: Tenant, okta: Connection, ana: str
) -> None:
    editing.suspend_person(world.units, acme, CAUSE, "ana")
    assert world.seats(acme, "meeting") == (0, 0, 2)
    for active in (True, False, "True"):
        okta.patch(f"/Users/{ana}", {"op": "replace", "path": "active", "value": active})
        assert shown(okta, ana)["status"] == "suspended"
        assert world.held_by(acme, "ana") == {}
    assert shown(okta, ana)["reason"] == "by_admin"
    assert okta.get(f"/Users/{ana}").json["active"] is True
    editing.reactivate_person(world.units, acme, CAUSE, "ana")
    assert world.held_by(acme, "ana") == {"meeting": "assigned"}


def test_a_block_is_no_new_version_of_the_resource(world: World, acme: Tenant, okta: Connection, ana: str) -> None:
    before = okta.get(f"/Users/{ana}").json
    editing.suspend_person(world.units, acme, CAUSE, "ana")
    assert okta.get(f"/Users/{ana}").json == before
    editing.reactivate_person(world.units, acme, CAUSE, "ana")
    assert okta.get(f"/Users/{ana}").json == before
    actions = [row["action"] for row in world.rows("audit") if row["object_id"] == ana]
    mine = [action for action in actions if action != "claims.changed"]
    assert mine == ["user.created", "user.suspended", "user.reactivated"]


@pytest.mark.parametrize("active", [False, "False", "false"])
def test_a_person_can_be_created_or_made_inactive(
    world: World, acme: Tenant, okta: Connection, ana: str, active: bool | str
) -> None:
    answer = okta.create_user("ben", active=active, entitlements=["meeting"])
    assert answer["active"] is False
    assert world.standing(acme, "ben") == ("suspended", "by_idp")
    assert okta.patch(f"/Users/{ana}", {"op": "Replace", "path": "active", "value": active}).json["active"] is False
    assert world.standing(acme, "ana") == ("suspended", "by_idp")
    assert world.seats(acme, "meeting") == (0, 0, 2)


def test_who_comes_back_to_a_full_subscription_waits_behind_everybody(
    world: World, acme: Tenant, okta: Connection, ana: str
) -> None:
    okta.patch(f"/Users/{ana}", {"op": "replace", "path": "active", "value": False})
    for name in ("ben", "cleo", "dan"):
        okta.create_user(name, entitlements=["meeting"])
    okta.patch(f"/Users/{ana}", {"op": "replace", "path": "active", "value": True})
    assert world.standing(acme, "ana") == ("waiting", "no_seat")
    world.buy(acme, "meeting", 3)
    assert world.standing(acme, "dan") == ("active", None)
    assert world.standing(acme, "ana") == ("waiting", "no_seat")


def test_a_subscription_that_rejects_keeps_them_suspended(
    world: World, acme: Tenant, okta: Connection, ana: str
) -> None:
    world.buy(acme, "meeting", 2, "reject")
    okta.patch(f"/Users/{ana}", {"op": "replace", "path": "active", "value": False})
    for name in ("ben", "cleo"):
        okta.create_user(name, entitlements=["meeting"])
    answer = okta.patch(f"/Users/{ana}", {"op": "replace", "path": "active", "value": True})
    assert (answer.status_code, answer.json["detail"].startswith("seatLimit")) == (403, True)
    assert world.standing(acme, "ana") == ("suspended", "by_idp")
    assert okta.get(f"/Users/{ana}").json["active"] is False


def test_who_is_deleted_is_kept_for_a_while(world: World, acme: Tenant, okta: Connection, ana: str) -> None:
    okta.delete(f"/Users/{ana}")
    (gone,) = people.departed(world.units, acme, "ana")
    assert (gone.tombstone.user.id, gone.tombstone.successor) == (ana, None)
    assert gone.restorable_until > instant(world.units.clock() + timedelta(days=29))
