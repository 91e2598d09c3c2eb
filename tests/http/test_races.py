"""Two transactions that meet, one held open until the other waits for it: what the locks of PostgreSQL are for.

SQLite admits one writer at a time, so there is nothing to meet.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Event
from time import monotonic
from typing import Any

import pytest

from scim_server.domain.directory import Group, User
from scim_server.domain.errors import AddressTaken, Contention, Refusal
from scim_server.domain.seats import Policy
from scim_server.domain.tenants import SCIM_SCOPES, Tenant
from scim_server.services import (
    bequeathing,
    connecting,
    disconnecting,
    entitling,
    provisioning,
    reconciling,
    rule_changes,
    ruling,
    stocktaking,
    tenancy,
)
from scim_server.services.disconnecting import Fate
from scim_server.services.opening import lock_subscriptions
from scim_server.services.retrying import retried
from scim_server.services.rule_parts import RuleParts
from scim_server.store.walls import OPERATOR
from tests import databases, worlds
from tests.schedules import load, organisers, session
from tests.worlds import CAUSE, ENTERPRISE, Connection, World

PATIENCE = 20.0
"""Seconds after which a transaction that should wait for a lock, or go on, is given up."""
SALES = {ENTERPRISE: {"department": "Sales"}}
BY_ATTRIBUTE = RuleParts(condition='department eq "Sales"', products=["meeting"])
_WAITING = """
SELECT count(*) FROM pg_locks JOIN pg_locks AS own USING (pid)
WHERE NOT pg_locks.granted AND own.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
"""The application's role may see who waits, but not what they do."""


@pytest.fixture
def database_url(postgresql_databases: databases.Fresh) -> Iterator[str]:
    url = postgresql_databases()
    yield url
    databases.drop(url)


@contextmanager
def open_unit(world: World, tenant: Tenant, during: Callable[[], Any]) -> Iterator[tuple[Any, "Future[Any]"]]:
    """A transaction and, begun when the block ends, `during`; the first commits as soon as the second waits for it."""
    result: Future[Any] = Future()
    with ThreadPoolExecutor(1) as pool:
        with world.units.write(tenant, CAUSE) as uow:
            yield uow, result
            running = pool.submit(during)
            await_lock(world, running)
            uow.commit()
        result.set_result(running.result(PATIENCE))
    assert reconciling.differences(world.units, tenant) == []


def await_lock(world: World, running: "Future[Any]") -> None:
    """Until some transaction waits for a lock. One that ends instead has not been stopped by the lock it needs."""
    pause, deadline = Event(), monotonic() + PATIENCE
    while monotonic() < deadline:
        with world.installation.database.read(OPERATOR) as connection:
            if connection.exec_driver_sql(_WAITING).scalar():
                return
        assert not running.done(), f"not stopped by any lock: {running.result()}"
        pause.wait(0.01)
    raise AssertionError("nothing waited for a lock")


def delete(connection: Connection, path: str) -> Callable[[], int]:
    return lambda: connection.delete(path).status_code


def suspend(uow: Any, user_id: str) -> None:
    user = uow.users.get(user_id)
    provisioning.change_user(uow, user, replace(user, active=False))


def add(uow: Any, group_id: str, *users: str, groups: tuple[str, ...] = ()) -> None:
    group = uow.groups.get(group_id)
    members = dict.fromkeys(users, "User") | dict.fromkeys(groups, "Group")
    provisioning.change_group(uow, group, group, added=members, removed={})


def removal(world: World, tenant: Tenant, fate: Fate) -> Callable[[], Any]:
    return lambda: disconnecting.remove_connection(world.units, tenant, CAUSE, "okta", fate)


def rule_for_sales(world: World, tenant: Tenant) -> None:
    ruling.create_rule(world.units, tenant, CAUSE, BY_ATTRIBUTE)


def bound_to(world: World) -> list[str | None]:
    return [row["group_id"] for row in world.rows("rules")]


def test_a_rule_does_not_bind_to_a_group_on_its_way_out(world: World, acme: Tenant, okta: Connection) -> None:
    group = okta.create_group("Sales", okta.create_user("ana")["id"])["id"]
    with open_unit(world, acme, lambda: world.rule(acme, "Sales", "meeting")) as (uow, _):
        provisioning.delete_group(uow, uow.groups.get(group))
    assert bound_to(world) == [None]


def test_a_rule_does_not_bind_to_a_group_that_gets_another_name(world: World, acme: Tenant, okta: Connection) -> None:
    group = okta.create_group("Sales")["id"]
    with open_unit(world, acme, lambda: world.rule(acme, "Sales", "meeting")) as (uow, _):
        found = uow.groups.get(group)
        provisioning.change_group(uow, found, replace(found, display_name="Revenue"), added={}, removed={})
    assert bound_to(world) == [None]


def test_a_rule_waits_for_the_group_that_is_just_being_made(world: World, acme: Tenant, okta: Connection) -> None:
    ana = okta.create_user("ana")["id"]
    with open_unit(world, acme, lambda: world.rule(acme, "Sales", "meeting")) as (uow, _):
        made = provisioning.create_group(uow, Group("", "Sales", "test"), {ana: "User"})
    assert bound_to(world) == [made.id]
    assert world.held_by(acme, "ana") == {"meeting": "waiting"}


def test_a_rule_by_attribute_reaches_who_is_just_being_made(world: World, acme: Tenant) -> None:
    with open_unit(world, acme, lambda: rule_for_sales(world, acme)) as (uow, _):
        provisioning.create_user(uow, User("", "ana", "test", profile=SALES))
    assert world.held_by(acme, "ana") == {"meeting": "waiting"}


def test_a_rule_by_attribute_reaches_who_is_just_changing(world: World, acme: Tenant, okta: Connection) -> None:
    ana = okta.create_user("ana")["id"]
    with open_unit(world, acme, lambda: rule_for_sales(world, acme)) as (uow, _):
        user = provisioning.lock_user(uow, ana)
        provisioning.change_user(uow, user, replace(user, profile=SALES))
    assert world.held_by(acme, "ana") == {"meeting": "waiting"}


def test_a_newcomer_meets_the_rule_by_attribute_that_is_just_being_made(
    world: World, acme: Tenant, okta: Connection
) -> None:
    with open_unit(world, acme, lambda: okta.create_user("ana", **SALES)) as (uow, _):
        rule_changes.add(uow, BY_ATTRIBUTE)
    assert world.held_by(acme, "ana") == {"meeting": "waiting"}


def test_a_rule_reaches_who_is_just_joining(world: World, acme: Tenant, okta: Connection) -> None:
    ana = okta.create_user("ana")["id"]
    group = okta.create_group("Sales")["id"]
    with open_unit(world, acme, lambda: world.rule(acme, "Sales", "meeting")) as (uow, _):
        add(uow, group, ana)
    assert world.held_by(acme, "ana") == {"meeting": "waiting"}


def test_a_rule_reaches_who_joins_a_nested_group(world: World, acme: Tenant, okta: Connection) -> None:
    ana = okta.create_user("ana")["id"]
    inner = okta.create_group("Inner")["id"]
    okta.create_group("Outer", inner)
    with open_unit(world, acme, lambda: world.rule(acme, "Outer", "meeting")) as (uow, _):
        add(uow, inner, ana)
    assert world.held_by(acme, "ana") == {"meeting": "waiting"}


def test_a_group_nested_while_its_parent_is_awaited_is_locked_too(world: World, acme: Tenant, okta: Connection) -> None:
    inner, outer = okta.create_group("Inner")["id"], okta.create_group("Outer")["id"]

    def lock() -> frozenset[str]:
        with world.units.write(acme, CAUSE) as uow:
            return uow.groups.lock_below([outer])

    with open_unit(world, acme, lock) as (uow, locked):
        add(uow, outer, groups=(inner,))
    assert locked.result() == {inner, outer}


def test_who_joins_a_group_while_leaving_the_tenant_is_gone(world: World, acme: Tenant, okta: Connection) -> None:
    world.rule(acme, "Sales", "meeting")
    ana, group = okta.create_user("ana")["id"], okta.create_group("Sales")["id"]
    with open_unit(world, acme, delete(okta, f"/Users/{ana}")) as (uow, answered):
        add(uow, group, ana)
    assert answered.result() == 204
    assert world.rows("members") == world.rows("claims") == []


def test_who_leaves_the_tenant_while_joining_a_group_is_gone(world: World, acme: Tenant, okta: Connection) -> None:
    world.rule(acme, "Sales", "meeting")
    ana, group = okta.create_user("ana")["id"], okta.create_group("Sales")["id"]
    members = {"op": "add", "path": "members", "value": [{"value": ana}]}
    with open_unit(world, acme, lambda: okta.patch(f"/Groups/{group}", members).status_code) as (uow, answered):
        provisioning.delete_user(uow, provisioning.lock_leaver(uow, ana))
    assert answered.result() == 204
    assert world.rows("members") == world.rows("claims") == []


def test_a_seat_bought_passes_over_who_is_just_suspended(world: World, acme: Tenant, okta: Connection) -> None:
    people = [okta.create_user(name, entitlements=["meeting"])["id"] for name in ("ana", "bob")]
    with open_unit(world, acme, lambda: world.buy(acme, "meeting", 1)) as (uow, _):
        suspend(uow, people[0])
    assert world.held_by(acme, "ana") == {}
    assert world.held_by(acme, "bob") == {"meeting": "assigned"}


def test_who_is_suspended_while_being_promoted_hands_the_seat_on(world: World, acme: Tenant, okta: Connection) -> None:
    people = [okta.create_user(name, entitlements=["meeting"])["id"] for name in ("ana", "bob")]
    change = {"op": "replace", "path": "active", "value": False}
    with open_unit(world, acme, lambda: okta.patch(f"/Users/{people[0]}", change).status_code) as (uow, answered):
        uow.ledger.lock(["meeting"])
        uow.ledger.save_terms("meeting", 1, Policy.WAIT, 0)
        entitling.promote(uow, ["meeting"])
    assert answered.result() == 200
    assert world.held_by(acme, "ana") == {}
    assert world.held_by(acme, "bob") == {"meeting": "assigned"}


def test_a_seat_is_not_given_back_past_somebody_who_joined_the_queue_meanwhile(
    world: World, acme: Tenant, okta: Connection
) -> None:
    """Nothing is locked when it is decided that the seat is to go; the commit finds that somebody waits, and fails."""
    acme = world.decide(acme.slug, low_water="0")
    world.buy(acme, "meeting", 1)
    holder = okta.create_user("holder@x.test", entitlements=["meeting"])["id"]
    with world.units.write(acme, CAUSE) as uow:
        suspend(uow, holder)
        waiting = world.same_client(okta).create_user("waiting@x.test", entitlements=["meeting"])
        with pytest.raises(Contention):
            uow.commit()
    assert world.seats(acme, "meeting") == (1, 1, 0)
    assert okta.patch(f"/Users/{holder}", {"op": "replace", "path": "active", "value": False}).status_code == 200
    assert [(seat["user_id"], seat["state"]) for seat in world.rows("seats")] == [(waiting["id"], "assigned")]


def test_a_change_of_policy_reaches_who_joins_the_queue_at_that_moment(
    world: World, acme: Tenant, okta: Connection
) -> None:
    world.buy(acme, "webinar", 0)
    world.buy(acme, "meeting", 1)
    with open_unit(world, acme, lambda: world.buy(acme, "webinar", 0, "downgrade")) as (uow, _):
        provisioning.create_user(uow, User("", "ana", "test", entitlements=({"value": "webinar"},)))
    assert world.held_by(acme, "ana") == {"meeting": "assigned", "webinar": "waiting"}


def test_an_address_passes_over_an_heir_who_is_leaving(world: World, acme: Tenant, okta: Connection) -> None:
    mail = [{"value": "shared@x.test"}]
    people = [okta.create_user(name, emails=mail)["id"] for name in ("ana", "bob", "cid")]
    with open_unit(world, acme, delete(okta, f"/Users/{people[0]}")) as (uow, answered):
        provisioning.delete_user(uow, provisioning.lock_leaver(uow, people[1]))
    assert answered.result() == 204
    assert [row["user_id"] for row in world.rows("addresses")] == [people[2]]


def test_an_address_passes_over_an_heir_who_takes_another(world: World, acme: Tenant, okta: Connection) -> None:
    mail = [{"value": "shared@x.test"}]
    people = [okta.create_user(name, emails=mail)["id"] for name in ("ana", "bob")]
    with open_unit(world, acme, delete(okta, f"/Users/{people[0]}")) as (uow, _):
        bob = uow.users.get(people[1])
        provisioning.change_user(uow, bob, replace(bob, emails=({"value": "bob@x.test"},)))
    assert {row["address_key"]: row["user_id"] for row in world.rows("addresses")} == {"bob@x.test": people[1]}


def test_an_address_given_up_waits_for_who_is_told_that_it_is_owned(
    world: World, acme: Tenant, okta: Connection
) -> None:
    """Bob, who joins with Ana's address while she leaves, inherits it."""
    mail = [{"value": "shared@x.test"}]
    ana = okta.create_user("ana", emails=mail)["id"]
    with open_unit(world, acme, delete(okta, f"/Users/{ana}")) as (uow, _):
        bob = provisioning.create_user(uow, User("", "bob", "test", emails=({"value": "shared@x.test"},)))
    assert [row["user_id"] for row in world.rows("addresses")] == [bob.id]
    assert [row for row in world.rows("issues") if row["closed"] is None] == []


def test_the_issue_of_a_refused_address_is_closed_by_who_frees_it_meanwhile(
    world: World, acme: Tenant, okta: Connection
) -> None:
    ana = okta.create_user("ana@x.test")["id"]
    other = world.tenant("other")
    with open_unit(world, other, delete(okta, f"/Users/{ana}")) as (uow, _):
        provisioning.note_refusal(uow, AddressTaken("ana@x.test"), "connection")
    assert [row["closed"] is None for row in world.rows("issues")] == [False]


def test_no_issue_is_opened_about_an_address_that_is_free_again(world: World, acme: Tenant) -> None:
    """The owner may leave between the refusal and its note."""
    with world.units.write(acme, CAUSE) as uow:
        provisioning.note_refusal(uow, AddressTaken("ana@x.test"), "connection")
        uow.commit()
    assert world.rows("issues") == []


def test_who_loses_a_deadlock_runs_again(world: World, acme: Tenant, okta: Connection) -> None:
    """Two transactions lock two groups in opposite orders; both hold one when they ask for the other."""
    groups = [okta.create_group(name)["id"] for name in ("one", "two")]
    both_hold_one, attempts = Barrier(2), Counter[str]()

    @retried
    def lock(first: str, second: str) -> None:
        attempts[first] += 1
        with world.units.write(acme, CAUSE) as uow:
            uow.groups.get(first)
            if attempts[first] == 1:
                both_hold_one.wait(PATIENCE)
            uow.groups.get(second)
            uow.commit()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lock, groups, reversed(groups)))
    assert attempts.total() > 2


def test_processes_share_what_threads_share(world: World, acme: Tenant, database_url: str) -> None:
    """A second installation, as another process has one, is stopped by the same locks."""
    second = worlds.build(database_url)
    with open_unit(world, acme, lambda: second.buy(acme, "meeting", 3)) as (uow, bought):
        lock_subscriptions(uow, ["meeting"], ["meeting"])
    assert bought.result().seats == 3
    second.installation.database.dispose()


def test_nested_groups_and_leavers_at_once_never_end_in_an_error(world: World, acme: Tenant, okta: Connection) -> None:
    """Parents take children in and out while members come, join all of them, and go."""
    children = [okta.create_group(f"Child {number}")["id"] for number in range(3)]
    parents = [okta.create_group(f"Parent {number}", *children)["id"] for number in range(2)]

    def come_and_go(number: int) -> list[int]:
        client = world.same_client(okta)
        user = client.create_user(f"u{number}@x.test")["id"]
        joining = {"op": "add", "path": "members", "value": [{"value": user}]}
        joined = [client.patch(f"/Groups/{group}", joining).status_code for group in (*children, *parents)]
        return [*joined, client.delete(f"/Users/{user}").status_code]

    def rearrange(number: int) -> list[int]:
        client, child = world.same_client(okta), [{"value": children[number % 3]}]
        steps = ({"op": op, "path": "members", "value": child} for op in ("remove", "add"))
        return [client.patch(f"/Groups/{parents[number % 2]}", step).status_code for step in steps]

    with ThreadPoolExecutor(8) as pool:
        runs = [pool.submit(work, number) for number in range(12) for work in (come_and_go, rearrange)]
        assert {status for run in runs for status in run.result()} == {204}
    assert set(okta.member_ids(parents[0])) == set(children)


def test_a_session_is_not_given_to_somebody_on_their_way_out(world: World, acme: Tenant, okta: Connection) -> None:
    ana = okta.create_user("ana")["id"]
    with open_unit(world, acme, lambda: refused(lambda: load(world, acme, session("m1", "ana")))) as (uow, outcome):
        provisioning.delete_user(uow, provisioning.lock_leaver(uow, ana))
    assert "row 1: 'ana' is no user name" in outcome.result()
    assert world.rows("sessions") == []


def test_a_session_that_is_just_moving_is_loaded_after_it_has_moved(
    world: World, acme: Tenant, okta: Connection
) -> None:
    ids = {name: okta.create_user(name)["id"] for name in ("ana", "eva")}
    load(world, acme, session("m1", "ana"))
    with open_unit(world, acme, lambda: load(world, acme, session("m1", "ana", title="Anew"))) as (uow, _):
        uow.users.lock(ids.values())
        bequeathing.reassign(uow, uow.sessions.upcoming(ids["ana"], uow.now), ids["eva"])
    (last,) = [entry for entry in world.trail(acme) if entry.action == "session.loaded" and entry.before]
    assert ids["eva"] in str(last.before)
    assert organisers(world) == {"m1": ids["ana"]}


def refused(use_case: Callable[[], Any]) -> str:
    """The sentence with which a use case refuses."""
    with pytest.raises(Refusal) as refusal:
        use_case()
    return refusal.value.detail


def test_who_is_just_being_written_is_handed_over_as_they_are_then(
    world: World, acme: Tenant, okta: Connection
) -> None:
    ana = okta.create_user("ana")["id"]
    with open_unit(world, acme, removal(world, acme, Fate(release=True))) as (uow, _):
        user = provisioning.lock_user(uow, ana)
        provisioning.change_user(uow, user, replace(user, profile=SALES))
    after = world.person(acme, "ana").user
    assert (after.origin, after.profile[ENTERPRISE]) == ("admin", SALES[ENTERPRISE])
    assert stocktaking.compare(world.units, acme) == []


def test_a_token_that_is_just_being_issued_ends_with_its_connection(
    world: World, acme: Tenant, okta: Connection
) -> None:
    found = connecting.connection(world.units, acme, "okta")
    with open_unit(world, acme, removal(world, acme, Fate())) as (uow, removed):
        assert len(tenancy.live_tokens(uow, found)) == 1
        tenancy.new_token(uow, found, SCIM_SCOPES, timedelta(days=1))
    assert removed.result().tokens == 2
    assert {row["revoked"] for row in world.rows("tokens")} == {removed.result().connection.removed}
