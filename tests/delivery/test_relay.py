"""Positions: every committed event gets one, in an order that whoever reads by them misses nothing."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from scim_server.domain.events import Event, PlacedEvent, Subject
from scim_server.domain.tenants import Tenant
from scim_server.services.relaying import BATCH, relay
from tests import databases, worlds
from tests.worlds import CAUSE, Connection, World


def placed(world: World, tenant: Tenant, above: int = 0) -> list[PlacedEvent]:
    """The tenant's events behind a position, as whoever delivers them reads them."""
    with world.units.read(tenant) as uow:
        return uow.placed_events.behind(above, 100_000)


def in_order(events: list[PlacedEvent]) -> None:
    """Positions have no gap, and those of one person come in the order of their numbers."""
    assert [each.position for each in events] == list(range(1, len(events) + 1))
    of_each: dict[str, list[int]] = defaultdict(list)
    for event in events:
        of_each[event.subject.key].append(event.number)
    assert all(numbers == sorted(numbers) for numbers in of_each.values())


def publish(world: World, tenant: Tenant, user_id: str, count: int = 1) -> None:
    with world.units.write(tenant, CAUSE) as uow:
        for _ in range(count):
            uow.publish(Event("user.restored", Subject.person(user_id), {}))
        uow.commit()


def test_committed_events_are_placed_tenant_by_tenant(world: World, acme: Tenant, okta: Connection) -> None:
    other = world.tenant("other")
    world.buy(acme, "meeting", 5)
    others = world.connect(other)
    for number in range(3):
        okta.create_user(f"p{number}@acme.test", entitlements=["meeting"])
        others.create_user(f"p{number}@other.test")
    assert relay(world.units) == len(world.rows("outbox"))
    assert relay(world.units) == 0
    first = placed(world, acme)
    in_order(first)
    in_order(placed(world, other))
    okta.create_user("late@acme.test")
    relay(world.units)
    later = placed(world, acme)
    in_order(later)
    assert later[: len(first)] == first, "what is placed stays there"
    assert {each.event for each in placed(world, acme, len(first))} == {"user.provisioned"}


def test_more_than_a_batch_is_placed_in_several(world: World, acme: Tenant) -> None:
    other = world.tenant("other")
    for number in range(3):
        publish(world, acme, f"user-{number}", BATCH - 100)
    publish(world, other, "somebody")
    assert relay(world.units) == 3 * (BATCH - 100) + 1
    in_order(placed(world, acme))


def test_numbers_decide_where_a_clock_is_behind(world: World, acme: Tenant) -> None:
    """Another machine's ids may be older than those of events that came before."""
    count = BATCH + 50
    publish(world, acme, "ana", count)
    publish(world, acme, "ben")
    with world.installation.database.write("*") as connection:
        for number in range(1, count + 1):
            connection.exec_driver_sql(
                f"UPDATE outbox SET id = '00000000-0000-7000-8000-{count - number:012}' "
                f"WHERE subject = 'user:ana' AND number = {number}"
            )
        connection.commit()
    relay(world.units)
    in_order(placed(world, acme))


def test_what_is_still_open_is_placed_later(late: World) -> None:
    tenant = late.tenant("acme")
    with late.units.write(tenant, CAUSE) as uow:
        uow.publish(Event("user.restored", Subject.person("slow"), {}))
        uow.write_out()
        publish(late, tenant, "quick")
        assert relay(late.units) == 1
        read = placed(late, tenant)
        uow.commit()
    assert [each.subject.id for each in read] == ["quick"]
    assert relay(late.units) == 1
    assert [each.subject.id for each in placed(late, tenant, read[-1].position)] == ["slow"]


@pytest.fixture
def late(postgresql_databases: databases.Fresh) -> Iterator[World]:
    """A world in which one transaction is open while others commit, as there can be on PostgreSQL alone."""
    url = postgresql_databases()
    world = worlds.build(url)
    yield world
    world.installation.database.dispose()
    databases.drop(url)


def test_several_relays_and_writers_at_once_leave_no_gap(build_world: Callable[..., World], acme: Tenant) -> None:
    several = [build_world() for _ in range(3)]

    def write(number: int) -> None:
        for _ in range(20):
            publish(several[number], acme, f"user-{number}")
            relay(several[number].units)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(write, range(3)))
    relay(several[0].units)
    events = placed(several[0], acme)
    assert len(events) == 60
    in_order(events)


def test_old_events_are_forgotten_once_they_are_placed(world: World, acme: Tenant) -> None:
    publish(world, acme, "ana", BATCH + 5)
    relay(world.units)
    world.advance(29 * 86_400)
    assert world.do_chore("forget-events") == 0
    assert reach(world, acme) == (0, BATCH + 5)
    publish(world, acme, "ben")
    world.advance(2 * 86_400)
    assert world.do_chore("forget-events") == BATCH + 5
    assert [row["subject"] for row in world.rows("outbox")] == ["user:ben"], "who has no position yet stays"
    assert reach(world, acme) == (BATCH + 5, BATCH + 5)
    relay(world.units)
    assert [each.position for each in placed(world, acme)] == [BATCH + 6]
    assert reach(world, acme) == (BATCH + 5, BATCH + 6)


def reach(world: World, tenant: Tenant) -> Any:
    with world.units.read(tenant) as uow:
        return uow.placed_events.reach()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_whoever_settles_a_webhook_keeps_the_relay_out_before_the_first_event_too(world: World, acme: Tenant) -> None:
    """Otherwise it would wake a webhook that is about to be put to sleep."""
    first = (
        "INSERT INTO event_positions (tenant_id, last) VALUES (%s, 1) ON CONFLICT (tenant_id) DO UPDATE SET last = 1"
    )
    with world.units.write(acme, CAUSE) as uow:
        assert uow.placed_events.hold() == 0
        with psycopg.connect(world.installation.settings.database_url) as other:
            other.execute("SET lock_timeout = '50ms'")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                other.execute(first, (acme.id,))
