"""The catalogue of events: everything that happens is in it, and all that is in it happens."""

from pathlib import Path
from typing import Any

import pytest

from scim_server.domain.directory import Group
from scim_server.domain.events import MOST_IDS, Event, Subject
from scim_server.domain.tenants import Tenant
from scim_server.services import editing, provisioning, tidying, undoing
from scim_server.services.event_pages import page
from scim_server.services.event_types import EVENT_TYPES
from scim_server.services.undoing import Undoable
from tests.api import callers
from tests.api.callers import Caller
from tests.api.test_use_cases import Teller, mailing, over_the_api
from tests.events import data_of, faults_of
from tests.queues import work
from tests.worlds import CAUSE, Connection, World

__all__ = ["mailing"]
PAGE = Path(__file__).parents[2] / "docs" / "events.md"


@pytest.fixture
def told(mailing: World, tmp_path: Path) -> World:
    """Everything that can be done over the admin API was done, and what only clients do."""
    operator = callers.operator(mailing)
    Teller(mailing, "tango", over_the_api(Caller(operator.http, operator.token, "tango")), tmp_path).tell()
    _provision(mailing)
    return mailing


def _provision(world: World) -> None:
    """What the story does not come to: mass removals, an address given up, seats that run low and recover, leavers."""
    world.sell("meeting")
    tenant = world.tenant("client")
    okta = world.connect(tenant)
    world.decide("client", guard_seats="0", guard_percent="0", leaver_sessions="cancel", receipts="yes")
    world.decide("client", async_requests="request")
    world.buy(tenant, "meeting", 2)
    world.rule(tenant, "Sales", "meeting")
    ids = [okta.create_user(f"p{number}@client.test")["id"] for number in range(3)]
    sales = okta.create_group("Sales", *ids)["id"]
    world.buy(tenant, "meeting", 50)
    okta.patch(f"/Groups/{sales}", {"op": "remove", "path": "members"})
    okta.patch(f"/Users/{ids[0]}", {"op": "replace", "value": {"active": False, "displayName": "P"}})
    okta.patch(f"/Users/{ids[0]}", {"op": "replace", "value": {"active": True}})
    okta.patch(f"/Groups/{sales}", {"op": "replace", "value": {"displayName": "Vendors"}})
    request_id = okta.delete(f"/Groups/{sales}").headers["X-Request-Id"]
    undoing.undo(world.units, tenant, CAUSE, Undoable(request_id=request_id))
    okta.delete(f"/Users/{ids[1]}")
    world.advance(3601)
    world.do_chore("watch-receipts")
    okta.delete(f"/Users/{ids[2]}", Prefer="respond-async")
    work(world)


def test_everything_that_happens_is_in_the_catalogue_and_everything_in_it_happens(told: World) -> None:
    rows = told.rows("outbox")
    with told.units.overview() as operator:
        tenants = {tenant.id: tenant for tenant in operator.tenants()}
    assert faults_of(rows, tenants) == []
    assert {row["event"] for row in rows} == EVENT_TYPES.keys()


def test_what_does_not_fit_is_found(world: World, acme: Tenant) -> None:
    """The check itself, which every test's end makes, can fail."""
    data: list[tuple[str, dict[str, Any]]] = [
        ("user.invented", {}),
        ("user.changed", {}),
        ("user.restored", {"more": 1}),
    ]
    with world.units.write(acme, CAUSE) as uow:
        for name, told in data:
            uow.publish(Event(name, Subject.person("somebody"), told))
        uow.write_out()
        found = uow.scope.connection.exec_driver_sql("SELECT * FROM outbox ORDER BY number").mappings()
        faults = faults_of([dict(row) for row in found], {acme.id: acme})
    assert faults == [
        "user.invented is not in the catalogue",
        'user.changed: "changed" is a required property',
        "user.restored: the catalogue does not know 'more'",
    ]


def test_the_page_is_the_catalogue() -> None:
    assert PAGE.read_text(encoding="utf-8") == page() + "\n"


def events(world: World, *subjects: str) -> list[tuple[str, dict[str, Any]]]:
    """Type and data of the events of those subjects, in the order of their numbers."""
    rows = [row for row in world.rows("outbox") if row["subject"] in subjects]
    return [(row["event"], data_of(row)) for row in sorted(rows, key=lambda row: (row["subject"], row["number"]))]


# Groups


def test_a_change_of_a_group_is_one_event_of_bounded_size(world: World, okta: Connection) -> None:
    ids = sorted(okta.create_user(f"u{number}")["id"] for number in range(MOST_IDS + 20))
    group = okta.create_group("Sales", ids[0])["id"]
    okta.patch(
        f"/Groups/{group}",
        {"op": "add", "path": "members", "value": [{"value": each} for each in ids]},
        {"op": "remove", "path": f'members[value eq "{ids[0]}"]'},
        {"op": "replace", "path": "displayName", "value": "Vendors"},
    )
    nobody = {"total": 0, "ids": []}
    assert events(world, f"group:{group}") == [
        ("group.created", {"members": {"total": 1, "ids": [ids[0]]}}),
        (
            "group.changed",
            {
                "changed": ["displayName"],
                "added": {"total": len(ids) - 1, "ids": ids[1 : MOST_IDS + 1]},
                "removed": {"total": 1, "ids": [ids[0]]},
            },
        ),
    ]
    okta.delete(f"/Users/{ids[1]}")
    assert events(world, f"group:{group}")[-1] == (
        "group.changed",
        {"changed": [], "added": nobody, "removed": {"total": 1, "ids": [ids[1]]}},
    )
    names = {row["subject_name"] for row in world.rows("outbox") if row["subject"] == f"group:{group}"}
    assert names == {"Sales", "Vendors"}


def test_what_a_group_was_made_and_lost_in_one_transaction_is_told_of_as_nothing(world: World, acme: Tenant) -> None:
    with world.units.write(acme, CAUSE) as uow:
        made = provisioning.create_group(uow, Group("", "Passing", "test"), {})
        provisioning.delete_group(uow, made)
        uow.commit()
    assert world.rows("outbox") == []


# Subscriptions


def low(world: World) -> list[dict[str, Any]]:
    """What was said of meetings whenever few seats were free."""
    return [data for name, data in events(world, "product:meeting") if name == "subscription.low"]


def test_low_seats_are_told_once_until_there_are_enough_again(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "meeting", 20)
    for number in range(20):
        okta.create_user(f"u{number}", entitlements=["meeting"])
    assert low(world) == [{"seats": 20, "assigned": 19, "free": 1, "waiting": 0}]
    world.buy(acme, "meeting", 40)
    assert [name for name, _ in events(world, "product:meeting")][-2:] == ["subscription.changed", "issue.closed"]
    world.buy(acme, "meeting", 20)
    told = events(world, "product:meeting")
    assert [name for name, _ in told][-3:] == ["subscription.changed", "issue.opened", "subscription.low"]
    before = {"seats": 40, "policy": "wait", "overage": 0}
    assert told[-3][1] == {"seats": 20, "policy": "wait", "overage": 0, "was": before}
    assert told[-1][1]["free"] == 0


def test_none_left_is_low_however_few_were_bought(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "meeting", 1)
    okta.create_user("ana", entitlements=["meeting"])
    assert low(world) == [{"seats": 1, "assigned": 1, "free": 0, "waiting": 0}]


def test_a_tenant_that_wants_no_warning_gets_none(world: World, acme: Tenant, okta: Connection) -> None:
    acme = world.decide(acme.slug, low_water="0")
    world.buy(acme, "meeting", 1)
    okta.create_user("ana", entitlements=["meeting"])
    assert [name for name, _ in events(world, "product:meeting")] == ["subscription.changed"]


def test_a_setting_that_makes_seats_low_is_told_of_by_the_chore(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "meeting", 10)
    okta.create_user("ana", entitlements=["meeting"])
    acme = world.decide(acme.slug, low_water="95")
    tidying.tidy(world.units, acme, CAUSE)
    assert low(world) == [{"seats": 10, "assigned": 1, "free": 9, "waiting": 0}]


# Issues


def test_issues_are_told_to_whom_they_are_about(world: World, acme: Tenant, okta: Connection) -> None:
    acme = world.decide(acme.slug, low_water="0")
    world.buy(acme, "meeting", 0)
    ana = okta.create_user("ana", entitlements=["meeting"])["id"]
    world.buy(acme, "meeting", 1)
    (issue,) = [row["id"] for row in world.rows("issues")]
    told = {"issue": issue, "code": "NO_SEAT", "user": ana, "product": "meeting"}
    assert events(world, f"user:{ana}") == [
        ("user.provisioned", {}),
        ("seat.waiting", {"product": "meeting", "was": None}),
        ("issue.opened", told),
        ("seat.assigned", {"product": "meeting", "was": "waiting"}),
        ("issue.closed", told),
    ]
    sales = okta.create_group("Sales", "nobody")["id"]
    assert [data["about"] for name, data in events(world, f"group:{sales}") if name == "issue.opened"] == ["nobody"]
    world.rule(acme, "Sales", "training")
    okta.delete(f"/Groups/{sales}")
    assert [name for name, _ in events(world, f"group:{sales}")] == [
        "group.created",
        "issue.opened",
        "group.deleted",
        "issue.closed",
    ]
    assert [(name, data["code"]) for name, data in events(world, f"tenant:{acme.id}")] == [
        ("issue.opened", "ORPHAN_RULE")
    ]


def test_an_issue_that_is_open_already_is_not_told_of_again(world: World, acme: Tenant, okta: Connection) -> None:
    ana = okta.create_user("ana", entitlements=["nothing"])
    okta.put(f"/Users/{ana['id']}", {**ana, "displayName": "Ana"})
    editing.suspend_person(world.units, acme, CAUSE, "ana")
    editing.reactivate_person(world.units, acme, CAUSE, "ana")
    told = [name for name, _ in events(world, f"user:{ana['id']}") if name.startswith("issue.")]
    assert told == ["issue.opened"]


def test_an_address_that_another_tenant_gives_up_is_told_of_where_it_was_wanted(world: World) -> None:
    wanting = world.tenant("here")
    here, there = world.connect(wanting), world.connect(world.tenant("there"))
    ana = there.create_user("ana@x.test")["id"]
    refused = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ana@x.test"}
    assert here.post("/Users", refused).status_code == 409
    there.delete(f"/Users/{ana}")
    assert [(name, data["about"]) for name, data in events(world, f"tenant:{wanting.id}")] == [
        ("issue.opened", "ana@x.test"),
        ("issue.closed", "ana@x.test"),
    ]


# What people are told of


def test_a_person_is_told_of_with_the_attributes_that_changed(world: World, acme: Tenant, okta: Connection) -> None:
    ana = okta.create_user("ana", name={"givenName": "Ana"})["id"]
    okta.patch(f"/Users/{ana}", {"op": "replace", "value": {"displayName": "Ana", "name": {"givenName": "A"}}})
    okta.patch(f"/Users/{ana}", {"op": "replace", "value": {"active": False}})
    okta.patch(f"/Users/{ana}", {"op": "replace", "value": {"active": True, "userName": "eve"}})
    editing.suspend_person(world.units, acme, CAUSE, "eve")
    assert events(world, f"user:{ana}") == [
        ("user.provisioned", {}),
        ("user.changed", {"changed": ["displayName", "name"]}),
        ("user.suspended", {"changed": ["active"], "reason": "by_idp"}),
        ("user.reactivated", {"changed": ["active", "userName"]}),
        ("user.suspended", {"changed": [], "reason": "by_admin"}),
    ]
    names = [row["subject_name"] for row in world.rows("outbox") if row["subject"] == f"user:{ana}"]
    assert sorted(set(names)) == ["ana", "eve"]
