"""Webhooks: whatever a receiver does, it gets every event at least once, in order for each person."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from scim_server.delivery.egress import VettedWeb
from scim_server.delivery.workers import EventWorker
from scim_server.domain.events import TENANT, Event, Subject
from scim_server.domain.tenants import Tenant
from scim_server.domain.webhooks import Attempt, State, Verdict
from scim_server.services import hooking, redelivering
from scim_server.services.delivering import due_webhooks, take
from scim_server.services.delivery_outcomes import settle
from scim_server.services.hooking import Wishes
from scim_server.services.ports import Issue
from scim_server.services.relaying import relay
from tests.events import made_up
from tests.http.test_statements import counting
from tests.receivers import LOOPBACK, Answer, Received, Receiver, nobody, reaching, receiving
from tests.worlds import CAUSE, World

PATIENCE = 30.0
HOUR, DAY = 3600, 86_400
BEYOND_A_PAUSE = 4000


@pytest.fixture
def world(build_world: Callable[..., World]) -> World:
    """A world that may send to this machine."""
    return reaching(build_world)


def publish(world: World, tenant: Tenant, *user_ids: str, event: str = "user.restored") -> None:
    """An event of each of those, in one commit."""
    with world.units.write(tenant, CAUSE) as uow:
        for user_id in user_ids:
            uow.publish(Event(event, Subject.person(user_id), made_up(event)))
        uow.commit()


def hook(world: World, tenant: Tenant, receiver: Receiver, name: str = "app", *types: str) -> str:
    """A webhook to that receiver; answers its secret."""
    return hooking.create_webhook(world.units, world.installation.web, tenant, CAUSE, name, receiver.url, types).secret


def work(world: World) -> int:
    """Do what is due now; answers how many requests that took."""
    return world.installation.event_worker().work_off()


def expected(world: World, tenant: Tenant) -> dict[str, list[str]]:
    """The ids of the events there are, of each person in order."""
    of_each: dict[str, list[str]] = defaultdict(list)
    for row in sorted(world.rows("outbox"), key=lambda row: (row["subject"], row["number"])):
        if row["tenant_id"] == tenant.id:
            subject = Subject.of(row["subject"], None)
            of_each[tenant.slug if subject.kind == TENANT else subject.id].append(row["id"])
    return of_each


def log(world: World, tenant: Tenant, state: State | None = None) -> list[str]:
    """The events in the log of the webhook, oldest first."""
    return [each.event_id for each in reversed(redelivering.deliveries(world.units, tenant, "app", 10_000, state))]


def issues(world: World, tenant: Tenant) -> list[Issue]:
    with world.units.read(tenant) as uow:
        return uow.issues.find(closed=False, code="WEBHOOK_FAILING")


def actions(world: World, tenant: Tenant, object_type: str) -> list[str]:
    """What the audit trail tells of objects of that type."""
    return [each.action for each in world.trail(tenant) if each.object_type == object_type]


def work_for_days(world: World) -> None:
    """Do what is due as two days go by, longer than anybody has patience with a receiver."""
    for _ in range(27):
        work(world)
        world.advance(2 * HOUR)


def test_events_arrive_signed_and_in_order(world: World, acme: Tenant) -> None:
    with receiving() as receiver:
        publish(world, acme, "before")
        relay(world.units)
        secret = hook(world, acme, receiver)
        for _ in range(5):
            publish(world, acme, "ana", "ben", "cid", "ana")
        assert work(world) == 20
        assert work(world) == 0
    told = expected(world, acme)
    del told["before"]
    receiver.check(told)
    receiver.verify(secret)
    assert len({each.connection for each in receiver.requests}) <= 3, "connections are kept"
    event = receiver.events()[0]
    assert {"id", "type", "version", "tenant", "subject", "number", "position", "at", "requestId", "data"} <= set(event)
    assert all(each.headers["webhook-id"] == each.event["id"] for each in receiver.requests)
    assert sorted(log(world, acme)) == sorted(each["id"] for each in receiver.events())


def test_more_than_a_job_is_sent(world: World, acme: Tenant) -> None:
    with receiving() as receiver:
        hook(world, acme, receiver)
        publish(world, acme, *(f"user-{number % 7}" for number in range(2_500)))
        assert work(world) == 2_500
    receiver.check(expected(world, acme))


def test_two_secrets_sign_while_they_overlap(world: World, acme: Tenant) -> None:
    with receiving() as receiver:
        old = hook(world, acme, receiver)
        new = hooking.rotate_secret(world.units, acme, CAUSE, "app", timedelta(hours=1)).secret
        publish(world, acme, "ana")
        work(world)
        receiver.verify(old)
        receiver.verify(new)
        world.advance(2 * HOUR)
        publish(world, acme, "ana")
        work(world)
    last = receiver.requests[-1]
    Webhook(new).verify(last.body, dict(last.headers))
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(last.body, dict(last.headers))


def test_a_filter_passes_over_other_types(world: World, acme: Tenant) -> None:
    with receiving() as receiver:
        hook(world, acme, receiver, "app", "seat.*", "user.suspended")
        for event in ("seat.assigned", "session.cancelled", "user.suspended", "user.provisioned", "seat.released"):
            publish(world, acme, "ana", event=event)
        work(world)
    assert [each["type"] for each in receiver.events()] == ["seat.assigned", "user.suspended", "seat.released"]
    found = hooking.webhook(world.units, acme, "app")
    assert (found.behind, found.progress.position, found.progress.due) == (0, 5, None)


def test_a_receiver_that_fails_times_out_is_slow_and_gone_for_a_day_gets_all(world: World, acme: Tenant) -> None:
    behaviours: list[Callable[[Received], Answer]] = [
        lambda _: 500,
        lambda _: None,
        lambda received: time.sleep(0.8) or 204,  # longer than anybody waits
        lambda received: time.sleep(0.1) or 204,
        lambda received: 503 if received.event["number"] % 3 == 0 else 204,
    ]
    world.installation = replace(world.installation, web=VettedWeb(LOOPBACK, seconds=0.5))
    receiver = nobody()
    secret = hook(world, acme, receiver)
    for behave in behaviours:
        with receiving(behave, receiver):
            for _ in range(3):
                publish(world, acme, "ana", "ben", "cid", "dee")
                work(world)
                world.advance(BEYOND_A_PAUSE)
    for _ in range(17):
        publish(world, acme, "ana", "ben", "eve")
        work(world)
        world.advance(BEYOND_A_PAUSE)
    (issue,) = issues(world, acme)
    assert issue.subject == "app"
    with receiving(lambda _: 204, receiver):
        world.advance(BEYOND_A_PAUSE)
        work(world)
    receiver.check(expected(world, acme))
    receiver.verify(secret)
    assert issues(world, acme) == []


def test_behind_a_failure_nothing_of_the_same_person_is_sent(world: World, acme: Tenant) -> None:
    """Others that were taken meanwhile do not come twice."""
    failed: list[str] = []

    def behave(received: Received) -> Answer:
        if received.event["subject"]["id"] != "ana" or received.event["number"] != 2 or failed:
            return 204
        failed.append(received.event["id"])
        await_(lambda: len(receiver.taken) >= 5)
        return 500

    with receiving(behave) as receiver:
        hook(world, acme, receiver)
        publish(world, acme, *("ana", "ben", "cid", "dee") * 4)
        work(world)
        assert [each["number"] for each in receiver.events() if each["subject"]["id"] == "ana"] == [1]
        world.advance(10)
        work(world)
    receiver.check(expected(world, acme))
    assert len(receiver.taken) == 16


def test_whose_lease_is_over_settles_nothing(world: World, acme: Tenant) -> None:
    with receiving() as receiver:
        hook(world, acme, receiver)
        publish(world, acme, "ana", "ben")
        relay(world.units)
        ((tenant, webhook_id),) = due_webhooks(world.units, 10)
        late = take(world.units, tenant, webhook_id, "")
        assert late is not None
        assert take(world.units, tenant, webhook_id, "") is None, "somebody has it"
        world.advance(61)
        publish(world, acme, "ana")
        assert work(world) == 3
        told = log(world, acme)
        assert settle(world.units, late, {0: Attempt(Verdict.FAILED), 1: Attempt(Verdict.GONE)}) is False
    assert log(world, acme) == told
    assert hooking.webhook(world.units, acme, "app").enabled


def test_after_a_day_of_failing_it_is_switched_off_and_loses_nothing(world: World, acme: Tenant) -> None:
    receiver = nobody()
    hook(world, acme, receiver)
    publish(world, acme, "ana", "ben")
    work_for_days(world)
    found = hooking.webhook(world.units, acme, "app")
    assert (found.stopped, found.progress.due) == ("failing", None)
    assert len(issues(world, acme)) == 1
    attempts = len(log(world, acme))
    assert attempts < 30, "a dead receiver is left alone"
    publish(world, acme, "ana")
    world.advance(3 * DAY)
    assert work(world) == 0
    with receiving(receiver=receiver):
        hooking.change_webhook(world.units, world.installation.web, acme, CAUSE, "app", Wishes(on=True))
        assert issues(world, acme) == []
        work(world)
        work(world)
    receiver.check(expected(world, acme))
    assert actions(world, acme, "webhook") == ["webhook.created", "webhook.switched_off", "webhook.changed"]


def test_a_receiver_that_is_gone_for_good_is_switched_off_at_once(world: World, acme: Tenant) -> None:
    with receiving(lambda _: 410) as receiver:
        hook(world, acme, receiver)
        publish(world, acme, "ana")
        assert work(world) == 1
    assert hooking.webhook(world.units, acme, "app").stopped == "gone"
    assert len(issues(world, acme)) == 1


def test_a_receiver_is_left_alone_as_long_as_it_asks_for(world: World, acme: Tenant) -> None:
    with receiving(lambda _: (429, {"Retry-After": "900"})) as receiver:
        hook(world, acme, receiver)
        publish(world, acme, "ana", "ana", "ana")
        assert work(world) == 1
        world.advance(890)
        assert work(world) == 0
        receiver.behave = lambda _: 204
        world.advance(20)
        assert work(world) == 3
    receiver.check(expected(world, acme))


def test_an_event_that_is_refused_holds_up_its_person_alone(world: World, acme: Tenant) -> None:
    refusing = True

    def behave(received: Received) -> Answer:
        return 422 if refusing and received.event["subject"]["id"] == "ana" else 204

    with receiving(behave) as receiver:
        hook(world, acme, receiver)
        publish(world, acme, "ana", "ben", "ana", "ben")
        work(world)
        publish(world, acme, "ana", "ben")
        work(world)
        assert [each["subject"]["id"] for each in receiver.events()] == ["ben"] * 3
        assert len([each for each in receiver.requests if each.event["subject"]["id"] == "ana"]) == 1
        assert len(log(world, acme, State.PARKED)) == 3
        refusing = False
        world.advance(10)
        work(world)
    receiver.check(expected(world, acme))
    assert log(world, acme, State.PARKED) == []


def test_what_scim_makes_of_an_event_is_not_read_for_a_webhook(world: World, acme: Tenant) -> None:
    """It may be large: neither where the event is new, nor where it is parked, nor where it is sent again."""
    with receiving(lambda _: 400) as receiver:
        hook(world, acme, receiver)
        publish(world, acme, "ana", "ben")
        with counting(world) as count:
            assert work(world) == 2
            world.advance(10)
            assert work(world) == 2
            redelivering.replay_event(world.units, acme, CAUSE, "app", log(world, acme)[0])
            assert work(world) == 1
    read = [each for each in count.statements if each.startswith("SELECT") and "FROM outbox" in each]
    assert [each for each in read if "outbox.payload" in each]
    assert not [each for each in read if "outbox.scim" in each]


def test_an_event_that_is_refused_for_a_day_is_a_dead_letter_that_can_be_sent_again(world: World, acme: Tenant) -> None:
    refused: set[str] = set()

    def behave(received: Received) -> Answer:
        refused.add(received.event["id"]) if not refused else None
        return 400 if received.event["id"] in refused else 204

    with receiving(behave) as receiver:
        hook(world, acme, receiver)
        publish(world, acme, "ana", "ana")
        work_for_days(world)
        (dead,) = log(world, acme, State.DEAD)
        assert refused == {dead}
        assert [each["number"] for each in receiver.events()] == [2]
        receiver.behave = lambda _: 204
        redelivering.replay_event(world.units, acme, CAUSE, "app", dead)
        assert work(world) == 1
        assert receiver.events()[-1]["id"] == dead
        redelivering.replay_range(world.units, acme, CAUSE, "app", 1, 2)
        assert work(world) == 2
    assert [each["number"] for each in receiver.events()] == [2, 1, 1, 2]
    assert hooking.webhook(world.units, acme, "app").progress.replays == ()


def test_a_webhook_does_not_read_how_scim_tells_events(world: World, acme: Tenant) -> None:
    with receiving() as receiver:
        hook(world, acme, receiver)
        publish(world, acme, "ana")
        with counting(world) as count:
            assert work(world) == 1
    read = [each for each in count.statements if each.startswith("SELECT") and "outbox.payload" in each]
    assert read
    assert [each for each in read if "outbox.scim" in each] == []


def test_a_test_says_what_came_of_it(world: World, acme: Tenant) -> None:
    with receiving() as receiver:
        secret = hook(world, acme, receiver)
        entry = redelivering.try_webhook(world.units, world.installation.web, acme, CAUSE, "app")
        assert (entry.state, entry.status) == (State.DELIVERED, 204)
        receiver.verify(secret)
        assert receiver.events()[0]["type"] == "webhook.test"
        receiver.behave = lambda _: 404
        entry = redelivering.try_webhook(world.units, world.installation.web, acme, CAUSE, "app")
    assert (entry.state, entry.status, entry.detail) == (State.FAILED, 404, "The receiver answered 404.")
    assert len(log(world, acme)) == 2


def test_a_dead_receiver_delays_no_other(world: World, acme: Tenant) -> None:
    """One never answers; what others get is there before that one is given up."""
    world.installation = replace(world.installation, web=VettedWeb(LOOPBACK, seconds=3 * PATIENCE))
    with receiving() as receiver, receiving() as dead:
        dead.behave = lambda _: (dead.released.wait(PATIENCE) and None) or None
        hook(world, acme, dead, "dead")
        hook(world, acme, receiver, "alive")
        with working(world):
            for _ in range(5):
                publish(world, acme, "ana", "ben")
                count = len(world.rows("outbox"))
                await_(lambda wanted=count: len({event["id"] for event in receiver.events()}) == wanted)
            assert dead.requests
            assert dead.taken == []
            dead.released.set()


@contextmanager
def working(world: World) -> Iterator[EventWorker]:
    """A worker in a thread, stopped at the end."""
    worker = world.installation.event_worker()
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield worker
    finally:
        worker.stop()
        thread.join(PATIENCE)
    assert not thread.is_alive()


def await_(condition: Callable[[], bool]) -> None:
    """Return when it holds, which somebody else sees to."""
    ends = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.01)


def test_several_workers_send_each_event_once(world: World, acme: Tenant, build_world: Callable[..., World]) -> None:
    others = [build_world(egress_networks=LOOPBACK) for _ in range(2)]
    with receiving() as receiver:
        hook(world, acme, receiver)
        with working(world), working(others[0]), working(others[1]):
            for _ in range(20):
                publish(world, acme, "ana", "ben", "cid")
            await_(lambda: len(receiver.taken) >= 60)
    receiver.check(expected(world, acme))
    assert len(receiver.taken) == 60
