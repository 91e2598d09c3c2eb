"""A change taken back, over the API: all is as it was, or the undo says what stands in the way."""

from typing import Any

import pytest

from scim_server.domain.events import Cause
from scim_server.domain.particulars import Edit, Newcomer
from scim_server.domain.tenants import Tenant
from scim_server.domain.transfers import Mode
from scim_server.services import authorising, connecting, editing, joining, leaving, ruling, tenancy, transferring
from scim_server.services.audit_entries import AuditEntry
from scim_server.services.transferring import Wish
from tests.api.callers import Caller, caller
from tests.worlds import CAUSE, Connection, World, contents

STAMPS = {"version", "created", "modified", "since", "opened"}


def because(request_id: str) -> Cause:
    return Cause("cli", request_id, "test")


def picture(world: World, tenant: Tenant) -> Any:
    """All that people see of the ledger, without ids of seats and moments."""
    with world.units.read(tenancy.tenant(world.units, tenant.slug)) as uow:
        users = list(uow.users.all())
        ids = [user.id for user in users]
        groups = {
            group_id: (uow.groups.get(group_id).display_name, sorted(uow.members.of(group_id)))  # type: ignore[union-attr]
            for group_id in sorted({each for user in ids for each in uow.members.groups_of(user)})
        }
        return {
            "users": {user.id: (user.user_name, user.display_name, user.may_hold, user.profile) for user in users},
            "claims": sorted((claim.user_id, claim.product, claim.source) for claim in uow.ledger.claims(ids)),
            "exclusions": sorted((e.user_id, e.product, e.source) for e in uow.ledger.exclusions(ids)),
            "seats": sorted((seat.user_id, seat.product, seat.state.value) for seat in uow.ledger.seats(ids)),
            "grants": sorted(grant.key for grant in uow.grants.of(ids)),
            "rules": [(rule.id, rule.priority, sorted(rule.products), rule.enabled) for rule in uow.rules.all()],
            "subscriptions": [
                (s.product, s.seats, s.policy, s.assigned, s.waiting) for s in uow.ledger.subscriptions()
            ],
            "groups": groups,
            "settings": uow.tenant.settings.chosen,
            "connections": [(each.name, each.idp, each.max_role) for each in uow.connections.all()],
        }


@pytest.fixture
def town(world: World, acme: Tenant, okta: Connection) -> tuple[World, Tenant, Connection]:
    """Ana and Bo have webinars, Ana as one of the group Sales, which gives them."""
    world.buy(acme, "webinar", 3)
    world.buy(acme, "training", 1)
    ana = okta.create_user("ana@x.test", displayName="Ana", title="Boss")["id"]
    okta.create_user("bo@x.test", entitlements=["webinar"])
    okta.create_group("Sales", ana)
    world.rule(acme, "Sales", "webinar")
    return world, acme, okta


def last(world: World, tenant: Tenant) -> AuditEntry:
    return world.trail(tenant)[-1]


CHANGES: dict[str, Any] = {
    "a person added": lambda w, t, _: joining.add_person(
        w.units, t, because("r"), Newcomer("cy@x.test", "Cy", "Cole", ("training",), "manager")
    ),
    "a person edited": lambda w, t, _: editing.edit_person(
        w.units, t, because("r"), "ana@x.test", Edit(first="Anna", language="fr")
    ),
    "a person suspended": lambda w, t, _: editing.suspend_person(w.units, t, because("r"), "ana@x.test"),
    "a person deleted": lambda w, t, _: leaving.delete_person(w.units, t, because("r"), "ana@x.test"),
    "a product given": lambda w, t, _: editing.edit_person(
        w.units, t, because("r"), "bo@x.test", Edit(), added=["training"]
    ),
    "a product taken": lambda w, t, _: editing.edit_person(
        w.units, t, because("r"), "bo@x.test", Edit(), removed=["webinar"]
    ),
    "a role granted": lambda w, t, _: authorising.grant_role(w.units, t, because("r"), "ana@x.test", "manager"),
    "a rule made": lambda w, t, _: ruling.create_rule(
        w.units, t, because("r"), {"group": "Sales", "products": ["training"], "priority": 1}
    ),
    "a rule deleted": lambda w, t, _: ruling.delete_rule(w.units, t, because("r"), ruling.rules(w.units, t)[0].id),
    "a rule disabled": lambda w, t, _: ruling.edit_rule(
        w.units, t, because("r"), ruling.rules(w.units, t)[0].id, {"enabled": False}
    ),
    "a setting": lambda w, t, _: tenancy.set_terms(w.units, t, because("r"), settings={"invitation_days": "9"}),
    "a connection": lambda w, t, _: connecting.edit_connection(w.units, t, because("r"), "okta", max_role="manager"),
    "a seat moved": lambda w, t, _: transferring.run(
        w.units, t, because("r"), Wish(Mode.SEAT, "bo@x.test", "dan@x.test", (), False, None)
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_is_undone_and_redone(
    town: tuple[World, Tenant, Connection], api: Caller, change: str
) -> None:
    world, acme, okta = town
    okta.create_user("dan@x.test")
    before = picture(world, acme)
    CHANGES[change](world, acme, okta)
    changed = picture(world, acme)
    assert changed != before
    stored = contents(world)
    foreseen = api.done("POST", "~/undo", {"requestId": "r", "dryRun": True})
    assert contents(world) == stored
    undone = api.done("POST", "~/undo", {"requestId": "r"})
    assert picture(world, acme) == before
    assert [each["id"] for each in undone["reverted"]] == [each["id"] for each in foreseen["reverted"]]
    api.done("POST", "~/undo", {"requestId": undone["requestId"]})
    assert picture(world, acme) == changed


def test_rules_keep_their_order_when_one_comes_back_between_gaps(api: Caller, world: World, acme: Tenant) -> None:
    def ids() -> list[str]:
        return [rule.id for rule in ruling.rules(world.units, acme)]

    first, gone, kept = (world.rule(acme, name, "meeting").id for name in ("First", "Gone", "Kept"))
    ruling.delete_rule(world.units, acme, because("r"), gone)
    ruling.reorder_rules(world.units, acme, CAUSE, [first, kept])
    late = world.rule(acme, "Late", "meeting").id
    ruling.delete_rule(world.units, acme, CAUSE, first)
    assert ids() == [kept, late]
    undone = api.done("POST", "~/undo", {"requestId": "r"})
    assert ids() == [gone, kept, late]
    api.done("POST", "~/undo", {"requestId": undone["requestId"]})
    assert ids() == [kept, late]


def test_a_clients_requests_are_undone(town: tuple[World, Tenant, Connection], api: Caller) -> None:
    world, acme, okta = town
    group = okta.find("/Groups", 'displayName eq "Sales"')[0]["id"]
    bo = okta.find("/Users", 'userName eq "bo@x.test"')[0]["id"]
    for request in (
        lambda: okta.patch(f"/Users/{bo}", {"op": "replace", "path": "active", "value": False}),
        lambda: okta.patch(f"/Groups/{group}", {"op": "add", "path": "members", "value": [{"value": bo}]}),
        lambda: okta.patch(f"/Groups/{group}", {"op": "remove", "path": "members"}),
        lambda: okta.delete(f"/Groups/{group}"),
        lambda: okta.delete(f"/Users/{bo}"),
    ):
        before = picture(world, acme)
        answer = request()
        assert answer.status_code < 300
        api.done("POST", "~/undo", {"requestId": answer.headers["X-Request-Id"]})
        assert picture(world, acme) == before


def test_only_one_entry_of_a_request_can_be_undone(town: tuple[World, Tenant, Connection], api: Caller) -> None:
    world, acme, _ = town
    editing.edit_person(world.units, acme, because("r"), "ana@x.test", Edit(first="Anna"), added=["training"])
    named = next(entry for entry in world.trail(acme) if entry.request_id == "r" and entry.object_type == "user")
    api.done("POST", "~/undo", {"entryId": named.id})
    assert "givenName" not in world.person(acme, "ana@x.test").user.profile.get("name", {})
    assert "training" in world.held_by(acme, "ana@x.test")


def test_other_attributes_may_change_meanwhile(town: tuple[World, Tenant, Connection], api: Caller) -> None:
    world, acme, _ = town
    editing.edit_person(world.units, acme, because("r1"), "ana@x.test", Edit(language="fr"))
    editing.edit_person(world.units, acme, because("r2"), "ana@x.test", Edit(display_name="Annie"))
    api.done("POST", "~/undo", {"requestId": "r1"})
    user = world.person(acme, "ana@x.test").user
    assert (user.display_name, user.profile.get("preferredLanguage")) == ("Annie", None)


def test_later_changes_of_the_same_stand_in_the_way(town: tuple[World, Tenant, Connection], api: Caller) -> None:
    world, acme, _ = town
    editing.edit_person(world.units, acme, because("r1"), "ana@x.test", Edit(language="fr"))
    editing.edit_person(world.units, acme, because("r2"), "ana@x.test", Edit(language="de"))
    stored = contents(world)
    problem = api.refused(409, "POST", "~/undo", {"requestId": "r1"})
    assert problem["type"].endswith("later-changes")
    assert "profile.preferredLanguage" in problem["detail"]
    assert "user.changed by cli" in problem["detail"]
    assert contents(world) == stored
    api.done("POST", "~/undo", {"requestId": "r2"})
    api.done("POST", "~/undo", {"requestId": "r1"})
    assert "preferredLanguage" not in world.person(acme, "ana@x.test").user.profile


def test_somebody_added_is_not_deleted_with_what_they_got_since(
    town: tuple[World, Tenant, Connection], api: Caller
) -> None:
    world, acme, _ = town
    joining.add_person(world.units, acme, because("r"), Newcomer("cy@x.test", "Cy", "Cole"))
    editing.edit_person(world.units, acme, because("later"), "cy@x.test", Edit(), added=["training"])
    assert "claims" in api.refused(409, "POST", "~/undo", {"requestId": "r"})["detail"]


def test_nobody_loses_a_seat_that_became_theirs(town: tuple[World, Tenant, Connection], api: Caller) -> None:
    world, acme, okta = town
    okta.create_user("cy@x.test", entitlements=["training"])
    okta.create_user("dan@x.test", entitlements=["training"])
    assert world.held_by(acme, "dan@x.test") == {"training": "waiting"}
    editing.suspend_person(world.units, acme, because("r"), "cy@x.test")
    api.done("POST", "~/undo", {"requestId": "r"})
    assert world.held_by(acme, "dan@x.test") == {"training": "assigned"}
    assert world.held_by(acme, "cy@x.test") == {"training": "waiting"}


def test_seats_in_use_are_not_given_back_by_an_undo(town: tuple[World, Tenant, Connection], api: Caller) -> None:
    world, acme, okta = town
    world.buy(acme, "training", 2)
    bought = last(world, acme)
    okta.create_user("cy@x.test", entitlements=["training"])
    okta.create_user("dan@x.test", entitlements=["training"])
    problem = api.refused(409, "POST", "~/undo", {"entryId": bought.id})
    assert "cy@x.test" in problem["detail"]


def test_what_follows_is_not_undone_alone(town: tuple[World, Tenant, Connection], api: Caller) -> None:
    world, acme, _ = town
    seat = next(entry for entry in world.trail(acme) if entry.object_type == "seat")
    assert seat.request_id in api.refused(422, "POST", "~/undo", {"entryId": seat.id})["detail"]


def test_what_nothing_brings_back_says_so(town: tuple[World, Tenant, Connection], api: Caller) -> None:
    world, acme, _ = town
    token = next(entry for entry in world.trail(acme) if entry.object_type == "token")
    assert "token revoke" in api.refused(422, "POST", "~/undo", {"entryId": token.id})["detail"]


def test_an_import_is_undone_by_its_id(town: tuple[World, Tenant, Connection], api: Caller) -> None:
    world, acme, _ = town
    before = picture(world, acme)
    job = api.done("POST", "~/imports", "email,products\ncy@x.test,webinar\n", Content_Type="text/csv")["id"]
    run = api.post(f"~/imports/{job}/run").headers["X-Request-Id"]
    world.advance(1)
    world.do_chore("imports")
    assert job in api.refused(422, "POST", "~/undo", {"requestId": run})["detail"]
    assert picture(world, acme) != before
    api.done("POST", "~/undo", {"requestId": job})
    assert picture(world, acme) == before


def test_an_undo_is_carried_out_once(town: tuple[World, Tenant, Connection], api: Caller) -> None:
    world, acme, _ = town
    editing.edit_person(world.units, acme, because("r"), "ana@x.test", Edit(language="fr"))
    api.done("POST", "~/undo", {"requestId": "r"})
    assert "nothing to undo" in api.refused(409, "POST", "~/undo", {"requestId": "r"})["detail"]


def test_an_undo_needs_the_permission_of_what_it_changes(town: tuple[World, Tenant, Connection]) -> None:
    world, acme, _ = town
    editing.edit_person(world.units, acme, because("r"), "ana@x.test", Edit(language="fr"))
    problem = caller(world, acme, "audit.read").refused(403, "POST", "~/undo", {"requestId": "r"})
    assert "people.write" in problem["detail"]


def test_another_tenants_change_is_not_there(town: tuple[World, Tenant, Connection]) -> None:
    world, acme, _ = town
    other = caller(world, world.tenant("other"))
    editing.edit_person(world.units, acme, because("r"), "ana@x.test", Edit(language="fr"))
    entry = last(world, acme)
    other.refused(404, "POST", "~/undo", {"entryId": entry.id})
    other.refused(404, "POST", "~/undo", {"requestId": entry.request_id})


@pytest.mark.parametrize("body", [{}, {"requestId": "a", "entryId": "b"}, {"requestId": None}, {"request": "a"}])
def test_one_thing_is_named(api: Caller, body: dict[str, Any]) -> None:
    api.refused(422, "POST", "~/undo", body)
