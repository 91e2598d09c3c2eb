"""Asynchronous requests of many senders: whose turn it is, and what one that fails does to the others."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from scim_server.app.late_runs import LateRuns
from scim_server.delivery.request_queues import RequestQueues, Run
from scim_server.domain.async_requests import MOST_ATTEMPTS
from scim_server.domain.errors import Unavailable
from scim_server.domain.tenants import Tenant
from scim_server.http import async_runs
from scim_server.services import deferring, tenancy
from scim_server.services.chore_threads import Bell
from tests.http.test_async_requests import ASYNC, accepted, outcome
from tests.queues import work
from tests.worlds import USER, Connection, World

KEY, OTHER = "k" * 40, "o" * 40


def open_to_async(world: World, slug: str) -> Tenant:
    world.tenant(slug)
    return world.decide(slug, async_requests="request")


def send(client: Connection, *names: str) -> list[str]:
    return [accepted(client.post("/Users", {"schemas": [USER], "userName": name}, **ASYNC)) for name in names]


def in_order(world: World) -> list[str]:
    """The requests that are over, the first first."""
    told = [row for row in world.rows("outbox") if row["event"] == "request.completed"]
    return [row["request_id"] for row in sorted(told, key=lambda row: row["id"])]


def queues(world: World, run: Run, bell: Bell | None = None) -> RequestQueues:
    return RequestQueues(world.units, run, bell or Bell(), Event())


def test_no_tenant_and_no_sender_waits_for_all_that_others_sent_before(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(async_runs, "TURN", 2)
    first, second = open_to_async(world, "first"), open_to_async(world, "second")
    senders = [world.connect(first, f"c{number}") for number in range(4)]
    sent = [send(each, *(f"{each.name}-{number}@x.test" for number in range(4))) for each in senders]
    (late,) = send(world.connect(second), "late@x.test")
    assert work(world) == 17
    over = in_order(world)
    assert over.index(late) == 2, "behind one turn of one sender"
    assert max(over.index(each[0]) for each in sent) < min(over.index(each[-1]) for each in sent)


def test_a_sender_whose_requests_fail_is_left_alone_for_a_while(world: World) -> None:
    """No bell is rung for what failed, nor is it begun again and again."""
    acme, tried, rung = open_to_async(world, "acme"), list[str](), list[str]()
    send(world.connect(acme), "ana@x.test")

    def failing(tenant: Tenant, actor: str, stopped: Event) -> int:
        tried.append(actor)
        raise Unavailable("the database takes no writes")

    class Heard(Bell):
        def ring(self, chore: str = "") -> None:
            rung.append(chore)

    found = queues(world, failing, Heard())
    with ThreadPoolExecutor() as pool:
        assert found.begin(pool)
    with ThreadPoolExecutor() as pool:
        assert not found.begin(pool)
        world.advance(60)
        assert found.begin(pool)
    assert (len(tried), rung) == (2, [])


def test_a_sender_that_fails_is_passed_over(world: World) -> None:
    acme = open_to_async(world, "acme")
    send(world.connect(acme, "bad"), "ana@x.test")
    good = world.connect(acme, "good")
    (sent,) = send(good, "ben@x.test")
    runs = LateRuns(world.installation)
    bad = f"connection:{next(row['id'] for row in world.rows('connections') if row['name'] == 'bad')}"

    def run(tenant: Tenant, actor: str, stopped: Event) -> int:
        if actor == bad:
            raise RuntimeError("cannot be carried out")
        return runs(tenant, actor, stopped)

    assert queues(world, run).work_off() == 1
    assert outcome(good, sent)[0]["status"] == "201"


def test_what_cannot_be_opened_holds_nobody_up_for_ever(build_world: Callable[..., World]) -> None:
    """It is put off as what the store refuses, can be asked about, and fails in the end."""
    world = build_world(secret_key=(KEY,))
    client = world.connect(open_to_async(world, "acme"))
    (sealed,) = send(client, "ana@x.test")
    other = build_world(secret_key=(OTHER,))
    (behind,) = send(other.same_client(client), "ben@x.test")
    for attempt in range(1, MOST_ATTEMPTS + 1):
        assert work(other) == 0
        kept = deferring.async_request(other.units, tenancy.tenant(other.units, "acme"), sealed)
        assert (kept.request.attempts, "SCIM_SECRET_KEY" in str(kept.request.trouble)) == (attempt, True)
        other.advance(1800)
    answers: list[Any] = [other.same_client(client).get(f"/AsyncRequests/{each}") for each in (sealed, behind)]
    assert [each.status_code for each in answers] == [202, 202]
    assert work(other) == 2
    assert [outcome(other.same_client(client), each)[0]["status"] for each in (sealed, behind)] == ["403", "201"]
