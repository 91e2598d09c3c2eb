"""People, groups and subscriptions as they were, and what has changed since (`services/histories.py`)."""

from typing import Any

import pytest

from scim_server.domain.errors import Invalid, Missing
from scim_server.domain.instants import Instant, instant
from scim_server.domain.particulars import Edit
from scim_server.domain.tenants import Tenant
from scim_server.services import editing, histories
from scim_server.services.histories import History
from tests.http.test_reconciling import damage
from tests.http.test_seats import set_active
from tests.worlds import CAUSE, Connection, World


def now(world: World) -> Instant:
    """The moment; what happens next is later."""
    moment = instant(world.units.clock())
    world.advance(60)
    return moment


def user(world: World, tenant: Tenant, name: str, at: Instant, until: Instant | None = None) -> History:
    return histories.user_history(world.units, tenant, name, at, until)


def state(history: History) -> dict[str, Any]:
    assert history.state is not None
    return dict(history.state)


def holders(past: Any) -> list[tuple[str, str]]:
    return [(each["name"], each["state"]) for each in past["holders"]]


def test_a_person_is_shown_as_they_were(world: World, acme: Tenant, okta: Connection) -> None:
    """Facts, status, seats, claims by source, grants, groups: all as of then."""
    world.buy(acme, "meeting", 1)
    world.rule(acme, "Sales", "meeting")
    ana = okta.create_user("ana", displayName="Ana", roles=[{"value": "manager"}])["id"]
    sales = okta.create_group("Sales", ana)["id"]
    then = now(world)
    okta.patch(f"/Users/{ana}", {"op": "replace", "path": "displayName", "value": "Anna"})
    set_active(okta, ana, False)
    okta.delete(f"/Groups/{sales}")
    later = now(world)
    past = state(user(world, acme, "ana", then))
    assert (past["displayName"], past["status"], past["active"]) == ("Ana", "active", True)
    assert [(each["product"], each["state"]) for each in past["seats"]] == [("meeting", "assigned")]
    assert [each["source"].partition(":")[0] for each in past["claims"]] == ["rule"]
    assert [(each["role"], each["source"]) for each in past["grants"]] == [("manager", "direct")]
    assert past["groups"] == [{"id": sales, "name": "Sales"}]
    today = state(user(world, acme, "ana", later))
    assert (today["displayName"], today["status"], today["reason"]) == ("Anna", "suspended", "by_idp")
    assert (today["seats"], today["claims"], today["grants"], today["groups"]) == ([], [], [], [])


def test_the_difference_of_two_moments_names_what_changed_and_who_did_it(
    world: World, acme: Tenant, okta: Connection
) -> None:
    world.buy(acme, "meeting", 1)
    ana = okta.create_user("ana", displayName="Ana")["id"]
    then = now(world)
    editing.edit_person(world.units, acme, CAUSE, "ana", Edit(display_name="Anna"), added=["meeting"])
    found = user(world, acme, "ana", then)
    changed = {each.member: (each.before, each.after) for each in found.differences}
    assert changed["displayName"] == ("Ana", "Anna")
    assert changed["status"] == ("unassigned", "active")
    assert (changed["seats"][0], changed["seats"][1]["product"]) == (None, "meeting")
    assert changed["claims"][1]["source"] == "direct:admin"
    assert [each.action for each in found.entries] == ["user.changed", "claims.changed", "seat.assigned"]
    assert {(each.actor, each.request_id, each.cause) for each in found.entries} == {("test", "test", "test")}
    assert {each.person for each in found.entries} == {ana}
    between = user(world, acme, "ana", then, then)
    assert (between.differences, between.entries) == ([], [])


def test_a_name_means_who_had_it_then_or_has_it_now(world: World, acme: Tenant, okta: Connection) -> None:
    ana = okta.create_user("ana")["id"]
    early = now(world)
    okta.patch(f"/Users/{ana}", {"op": "replace", "path": "userName", "value": "anna"})
    middle = now(world)
    other = okta.create_user("ana")["id"]
    okta.delete(f"/Users/{ana}")
    late = now(world)
    assert user(world, acme, "ana", early).id == ana
    assert user(world, acme, "anna", early).id == ana
    assert user(world, acme, ana, early).id == ana
    assert user(world, acme, "anna", middle).id == ana
    assert user(world, acme, "ANA", late).id == other
    gone = user(world, acme, "anna", late)
    assert (gone.id, state(gone)["status"], state(gone)["userName"]) == (ana, "deleted", "anna")
    with pytest.raises(Missing, match="has or had"):
        user(world, acme, "nobody", late)


def test_a_group_is_shown_with_the_members_it_had(world: World, acme: Tenant, okta: Connection) -> None:
    ids = {name: okta.create_user(name)["id"] for name in ("ana", "ben")}
    group = okta.create_group("Sales", ids["ana"])["id"]
    then = now(world)
    okta.patch(f"/Groups/{group}", {"op": "replace", "path": "displayName", "value": "Selling"})
    okta.patch(f"/Groups/{group}", {"op": "replace", "path": "members", "value": [{"value": ids["ben"]}]})
    okta.delete(f"/Groups/{group}")
    for name in ("Sales", "sales", "Selling", group):
        found = histories.group_history(world.units, acme, name, then)
        assert found.id == group
        assert state(found)["displayName"] == "Sales"
        assert state(found)["members"] == [{"id": ids["ana"], "name": "ana"}]
        assert found.later is None
    assert [each.action for each in found.entries] == ["group.changed", "group.changed", "group.deleted"]


def test_a_subscription_is_shown_with_holders_and_queue(world: World, acme: Tenant, okta: Connection) -> None:
    """Those in line in the order of then: a rule of that time counts, not one of today."""
    world.buy(acme, "meeting", 1)
    world.rule(acme, "Sales", "meeting")
    ids = {name: okta.create_user(name)["id"] for name in ("ana", "ben", "cid")}
    okta.patch(f"/Users/{ids['ana']}", {"op": "add", "path": "entitlements", "value": [{"value": "meeting"}]})
    okta.create_group("Sales", ids["ben"])
    okta.patch(f"/Users/{ids['cid']}", {"op": "add", "path": "entitlements", "value": [{"value": "meeting"}]})
    then = now(world)
    okta.delete(f"/Users/{ids['ana']}")
    world.buy(acme, "meeting", 3)
    found = histories.subscription_history(world.units, acme, "Meeting", then)
    past, later = state(found), found.later or {}
    assert (past["seats"], past["assigned"], past["waiting"], past["free"]) == (1, 1, 2, 0)
    assert holders(past) == [("ana", "assigned")]
    assert [each["name"] for each in past["queue"]] == ["cid", "ben"]
    assert (later["seats"], later["assigned"], later["waiting"], later["free"]) == (3, 2, 0, 1)
    assert sorted(holders(later)) == [("ben", "assigned"), ("cid", "assigned")]
    assert {each.action for each in found.entries} == {"seat.released", "seat.assigned", "subscription.set"}
    assert world.seats(acme, "meeting") == (later["assigned"], later["waiting"], later["free"])


def test_moments_that_the_trail_knows_nothing_of_are_refused(world: World, acme: Tenant, okta: Connection) -> None:
    okta.create_user("ana")
    then = now(world)
    with pytest.raises(Invalid, match="audit trail of 'acme' begins at"):
        user(world, acme, "ana", "2001-01-01T00:00:00.000000Z")
    with pytest.raises(Invalid, match="yet to come"):
        user(world, acme, "ana", "2999-01-01T00:00:00.000000Z")
    with pytest.raises(Invalid, match="earlier moment first"):
        user(world, acme, "ana", instant(world.units.clock()), then)
    with pytest.raises(Missing, match="No group of tenant"):
        histories.group_history(world.units, acme, "Sales", then)
    with pytest.raises(Missing, match="no product"):
        histories.subscription_history(world.units, acme, "nothing", then)


def test_whoever_was_not_there_yet_has_no_state(world: World, acme: Tenant, okta: Connection) -> None:
    then = now(world)
    okta.create_user("ana")
    found = user(world, acme, "ana", then)
    assert (found.state, found.later is not None) == (None, True)
    assert [each.action for each in found.entries] == ["user.created"]


@pytest.mark.parametrize(
    "how", ["DELETE FROM person_keys WHERE person = ?", "UPDATE person_keys SET key = 'AAAA' WHERE person = ?"]
)
def test_an_erased_persons_past_is_said_to_be_gone(world: World, acme: Tenant, okta: Connection, how: str) -> None:
    """Neither they nor what they held can be read; everything about others can."""
    world.buy(acme, "meeting", 2)
    ana = okta.create_user("ana", entitlements=["meeting"])["id"]
    okta.create_user("ben", entitlements=["meeting"])
    group = okta.create_group("Sales", ana)["id"]
    then = now(world)
    damage(world, how, person=ana)
    found = user(world, acme, ana, then)
    assert found.erased
    assert state(found)["status"] == "erased"
    assert not user(world, acme, "ben", then).erased
    assert state(histories.group_history(world.units, acme, group, then))["members"] == [{"id": ana, "name": "ana"}]
    assert state(histories.subscription_history(world.units, acme, "meeting", then))["assigned"] == 2
