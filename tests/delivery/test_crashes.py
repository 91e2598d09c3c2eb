"""A worker that is killed at any step between commit, position, claim, send and settle loses no event."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from scim_server.domain.tenants import Tenant
from scim_server.services import hooking
from scim_server.services.delivering import LEASE
from tests.delivery.dying_workers import SERVING, STEPS
from tests.delivery.test_relay import in_order, placed
from tests.delivery.test_webhooks import expected, hook, publish, work, world
from tests.receivers import receiving
from tests.tellings import listen
from tests.worlds import World

__all__ = ["world"]
ROOT = Path(__file__).parents[2]
PATIENCE = 60


def die_at(step: str, database_url: str) -> None:
    """Run a worker that is killed at that step."""
    command = [sys.executable, "-m", "tests.delivery.dying_workers", database_url, step]
    ended = subprocess.run(command, cwd=ROOT, timeout=PATIENCE, capture_output=True, text=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr


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


@pytest.mark.covers("R-9967-2.4-08")
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
