"""A worker that is killed at any step between commit, position, claim, send and settle loses no event."""

from typing import Any

import pytest

from scim_server.domain.streams import EVERY_SCIM_EVENT
from scim_server.domain.tenants import Tenant
from scim_server.services import hooking, streaming
from scim_server.services.delivering import LEASE
from tests.deaths import die
from tests.delivery import dying_workers
from tests.delivery.dying_workers import PUSHING, SERVING, STEPS
from tests.delivery.test_pushes import EVENT, RISC, Reader, change, kinds
from tests.delivery.test_pushes import listen as push_to
from tests.delivery.test_relay import in_order, placed
from tests.delivery.test_webhooks import expected, hook, publish, work, world
from tests.receivers import receiving
from tests.tellings import listen
from tests.worlds import World

__all__ = ["world"]


def die_at(step: str, database_url: str) -> None:
    """Run a worker that is killed at that step."""
    die(dying_workers.main, database_url, step)


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_a_step_it_loses_no_event(world: World, acme: Tenant, database_url: str, step: str) -> None:
    with receiving() as receiver:
        hook(world, acme, receiver)
        publish(world, acme, "ana", "ana", "ana", "ana")
        die_at(step, database_url)
        publish(world, acme, "ben", "ana")
        sent = len(receiver.requests)
        world.advance(int(LEASE.total_seconds()) + 1)
        work(world)
    receiver.check(expected(world, acme))
    in_order(placed(world, acme))
    assert len(receiver.requests) <= 6 + sent, "sent again is what was not settled"
    found = hooking.webhook(world.units, acme, "app")
    assert (found.behind, found.progress.due) == (0, None)


@pytest.mark.covers("R-9967-2.4-08", "R-9967-2.4-09")
@pytest.mark.parametrize("step", PUSHING)
def test_killed_at_a_step_of_a_push_it_loses_no_token(world: World, acme: Tenant, database_url: str, step: str) -> None:
    with receiving(lambda _: 202) as receiver:
        push_to(world, acme, receiver, requested=(EVERY_SCIM_EVENT, f"{RISC}/*"))
        change(world, acme, "ana", event="user.suspended", active=False)
        change(world, acme, "ana", "ana", "ana")
        die_at(step, database_url)
        change(world, acme, "ben", "ana")
        sent = len(receiver.requests)
        world.advance(int(LEASE.total_seconds()) + 1)
        work(world)
    told = Reader(world, acme).taken(receiver)
    ids = {who: len({each["jti"] for each in told if of(each) == who}) for who in ("ana", "ben")}
    assert ids == {"ana": 7, "ben": 1}
    first = list({each["jti"]: kinds(each) for each in told if of(each) == "ana"}.values())
    patch = f"{EVENT}:prov:patch:notice"
    assert first == [patch, f"{EVENT}:prov:deactivate", f"{RISC}/account-disabled", *[patch] * 4]
    assert len(receiver.requests) <= 8 + sent, "sent again is what was not settled"
    found = streaming.stream(world.units, acme, "hr")
    assert (found.behind, found.progress.due) == (0, None)


def of(claims: dict[str, Any]) -> str:
    """Whom a token is about; RISC names people in its own way."""
    uri = claims["sub_id"].get("uri")
    return str(uri).rpartition("/")[2] if uri else "ana"


@pytest.mark.parametrize("step", SERVING)
def test_a_server_that_is_killed_leaves_the_change_with_its_event_or_neither(
    world: World, acme: Tenant, database_url: str, step: str
) -> None:
    listen(world, acme.slug)
    with receiving() as receiver:
        hook(world, acme, receiver)
        die_at(step, database_url)
        work(world)
    people = [row["id"] for row in world.rows("users")]
    assert len(people) == (step == "when the change is committed")
    told = {each["subject"]["id"] for each in receiver.events() if each["subject"]["type"] == "user"}
    assert told == set(people)
    changes = [each.scim for each in placed(world, acme) if each.event == "user.provisioned"]
    assert [change and change.uri for change in changes] == [f"/Users/{each}" for each in people]
