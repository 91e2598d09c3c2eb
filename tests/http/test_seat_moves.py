"""A seat that concerns nobody else moves in one statement, and leaves what any other leaves (invariants 1, 4, 10)."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from scim_server.domain.tenants import Tenant
from scim_server.services import reconciling, ruling
from scim_server.services.rule_parts import RuleParts
from tests.crowds.verdicts import wrong_event_numbers
from tests.events import of_person
from tests.http.test_concurrency import at_once, status
from tests.http.test_statements import counting
from tests.worlds import CAUSE, Connection, World

HOLDERS = 6
VARIABLE = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d-\d\dT[0-9:.]+Z")
"""Ids and moments."""


def suspend(connection: Connection, user_id: str) -> int:
    answer = connection.patch(f"/Users/{user_id}", {"op": "replace", "path": "active", "value": False})
    return answer.status_code


def holders(connection: Connection, number: int) -> list[str]:
    names = (f"holder{each}" for each in range(number))
    return [connection.create_user(name, entitlements=["meeting"])["id"] for name in names]


def joining(world: World, connection: Connection, name: str) -> Callable[[], int]:
    own = world.same_client(connection)
    return lambda: status(own, name, entitlements=[{"value": "meeting"}])


def leaving(world: World, connection: Connection, user_id: str) -> Callable[[], int]:
    own = world.same_client(connection)
    return lambda: suspend(own, user_id)


def check(world: World, tenant: Tenant) -> None:
    assert reconciling.differences(world.units, tenant) == []
    assert list(wrong_event_numbers(world)) == []


def test_taken_and_given_back_it_costs_one_statement(world: World, acme: Tenant, okta: Connection) -> None:
    """No lock is waited for; on PostgreSQL the seat and its event are in that statement too."""
    world.buy(acme, "meeting", 100)
    okta.create_user("first", entitlements=["meeting"])
    with counting(world) as taking:
        user = okta.create_user("anna", entitlements=["meeting"])
    with counting(world) as giving_back:
        assert suspend(okta, user["id"]) == 200
    for count in (taking, giving_back):
        assert not [each for each in count.statements if "FROM subscriptions" in each and "FOR UPDATE" in each]
        of_ledger = [each for each in count.statements if "UPDATE subscriptions" in each]
        assert len(of_ledger) == 1
        if not world.installation.database.is_sqlite:
            assert all(f" {table} " in of_ledger[0] for table in ("seats", "event_numbers", "outbox"))
    assert world.seats(acme, "meeting") == (1, 0, 99)


@pytest.mark.parametrize("repetition", range(3))
def test_the_last_seats_go_to_as_many_as_there_are(
    world: World, acme: Tenant, okta: Connection, repetition: int
) -> None:
    world.buy(acme, "meeting", 20)
    holders(okta, 15)
    assert at_once(*(joining(world, okta, f"new{each}") for each in range(12))) == [201] * 12
    assert world.seats(acme, "meeting") == (20, 7, 0)
    check(world, acme)


@pytest.mark.parametrize("repetition", range(3))
def test_seats_taken_and_given_back_at_once_are_counted_exactly(
    world: World, acme: Tenant, okta: Connection, repetition: int
) -> None:
    """With room for everybody, and where who leaves makes the room for who comes."""
    for seats in (100, HOLDERS * 2, HOLDERS):
        tenant = world.tenant(f"tenant{seats}")
        own = world.connect(tenant)
        world.buy(tenant, "meeting", seats)
        present = [leaving(world, own, each) for each in holders(own, HOLDERS)]
        coming = [joining(world, own, f"new{each}") for each in range(HOLDERS)]
        answers = at_once(*(job for pair in zip(present, coming, strict=True) for job in pair))
        assert sorted(answers) == [200] * HOLDERS + [201] * HOLDERS
        assert world.seats(tenant, "meeting") == (HOLDERS, 0, seats - HOLDERS)
        check(world, tenant)


def test_a_move_leaves_what_a_seat_under_a_lock_leaves(world: World) -> None:
    """Somebody else waits for both products of a rule, and of one there is none: so the subscription is locked."""
    told = []
    for slug, training in (("alone", 5), ("queued", 0)):
        tenant = world.tenant(slug)
        okta = world.connect(tenant)
        world.buy(tenant, "meeting", 100)
        world.buy(tenant, "training", training)
        parts: RuleParts = {"group": "Both", "products": ["meeting", "training"], "all_or_nothing": True}
        ruling.create_rule(world.units, tenant, CAUSE, parts)
        okta.create_group("Both", okta.create_user("other")["id"])
        assert world.seats(tenant, "meeting")[1] == (training == 0)
        user = okta.create_user("anna", entitlements=["meeting"])["id"]
        for active in (False, True):
            assert okta.patch(f"/Users/{user}", {"op": "replace", "path": "active", "value": active}).status_code == 200
        told.append(story(world, tenant, user))
    assert told[0] == told[1]
    assert [action for action, _ in told[0] if action.startswith("seat.")] == [
        "seat.assigned",
        "seat.released",
        "seat.assigned",
    ]


def story(world: World, tenant: Tenant, user_id: str) -> list[tuple[str, Any]]:
    """What the trail and the outbox tell of somebody, ids and moments apart."""
    trail = [(each.action, plain([each.before, each.after])) for each in world.trail(tenant) if each.person == user_id]
    events = of_person(world.rows("outbox"), user_id)
    return [*trail, *((f"event {each['event']}", plain(each["payload"])) for each in events)]


def plain(facts: Any) -> str:
    return VARIABLE.sub("...", facts if isinstance(facts, str) else json.dumps(facts, sort_keys=True))
