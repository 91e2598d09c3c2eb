"""Webhooks of the operator: one receiver gets the events of all tenants, and is left alone by all where it fails."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from scim_server.app.examinations.webhooks import examine_webhooks
from scim_server.domain.tenants import Tenant
from scim_server.domain.webhooks import State, Stopped
from scim_server.services import hooking, operator_hooking, operator_redelivering, spreading, stocktaking, streaming
from scim_server.services.operator_hooking import Overseen, WishesAbove
from scim_server.services.relaying import relay
from tests.console import visitors
from tests.delivery.test_webhooks import BEYOND_A_PAUSE, DAY, HOUR, publish, work
from tests.receivers import Answer, Received, Receiver, nobody, reaching, receiving
from tests.worlds import CAUSE, World


@pytest.fixture
def world(build_world: Callable[..., World]) -> World:
    """A world that may send to this machine."""
    return reaching(build_world)


def hook(world: World, receiver: Receiver, *types: str, tenants: tuple[str, ...] = ()) -> str:
    """A webhook of the operator to that receiver; answers its secret."""
    made = operator_hooking.create_operator_webhook(
        world.units, world.installation.web, CAUSE, "vendor", receiver.url, types, tenants
    )
    return made.secret


def seen(world: World) -> Overseen:
    return operator_hooking.operator_webhook(world.units, "vendor")


def told(receiver: Receiver) -> set[tuple[str, str]]:
    """The tenants and types of what was taken."""
    return {(each["tenant"], each["type"]) for each in receiver.events()}


def test_the_events_of_all_tenants_arrive_from_now_on(world: World, acme: Tenant) -> None:
    other = world.tenant("other")
    with receiving() as receiver:
        publish(world, acme, "before")
        relay(world.units)
        secret = hook(world, receiver, "user.*", "tenant.*")
        assert not seen(world).spread
        publish(world, acme, "ana", "ben")
        work(world)
        late = world.tenant("late")
        publish(world, other, "cid")
        publish(world, late, "dan")
        work(world)
    assert {each["subject"]["id"] for each in receiver.events()} >= {"cid", "dan"}
    assert "before" not in {each["subject"]["id"] for each in receiver.events()}
    receiver.verify(secret)
    found = seen(world)
    assert (found.spread, found.condition.tenants, found.condition.behind) == (True, 3, 0)


def test_a_tenant_knows_nothing_of_it(world: World, acme: Tenant) -> None:
    with receiving() as receiver:
        hook(world, receiver)
        hooking.create_webhook(world.units, world.installation.web, acme, CAUSE, "vendor", receiver.url)
        publish(world, acme, "ana")
        assert work(world) >= 2
    (own,) = hooking.webhooks(world.units, acme)
    assert own.name == "vendor"
    assert streaming.streams(world.units, acme) == []
    assert stocktaking.compare(world.units, acme) == []
    for number in range(hooking.MOST - 1):
        hooking.create_webhook(world.units, world.installation.web, acme, CAUSE, f"hook {number}", receiver.url)


def test_a_receiver_that_fails_is_tried_by_one_tenant_for_all(world: World) -> None:
    tenants = [world.tenant(f"t{number}") for number in range(6)]
    with receiving(lambda _received: 503) as receiver:
        hook(world, receiver)
        publish(world, tenants[0], "ana")
        assert work(world) == 1
        for tenant in tenants:
            publish(world, tenant, "ana", "ben")
        assert work(world) == 0, "it rests"
        world.advance(10)
        assert work(world) == 1, "one tries"
        assert work(world) == 0
        world.advance(HOUR / 60)
        assert work(world) == 1
        found = seen(world).condition
        assert found.failures >= 2
        assert found.failing is not None
        receiver.behave = lambda _received: 204
        world.advance(HOUR)
        work(world)
    assert {each["tenant"] for each in receiver.events()} == {tenant.slug for tenant in tenants}
    assert seen(world).condition.behind == 0
    assert seen(world).condition.failures == 0


def test_a_tenant_that_has_nothing_to_send_is_no_trial(world: World, acme: Tenant) -> None:
    other = world.tenant("other")
    with receiving(lambda _received: 503) as receiver:
        hook(world, receiver, "user.restored")
        work(world)
        publish(world, other, "ana")
        work(world)
        assert seen(world).condition.failures == 1
        receiver.behave = lambda _received: 204
        world.advance(10)
        publish(world, acme, "ben", event="user.deleted")
        work(world)
    assert told(receiver) == {("other", "user.restored")}


def test_one_tenant_whose_events_are_refused_holds_up_nobody(world: World, acme: Tenant) -> None:
    other = world.tenant("other")

    def behave(received: Received) -> Answer:
        return 422 if received.event["tenant"] == "acme" else 204

    with receiving(behave) as receiver:
        hook(world, receiver, "user.*")
        publish(world, acme, *(f"user-{number}" for number in range(1_100)))
        publish(world, other, "ana")
        work(world)
        assert seen(world).condition.failures == 0
        assert told(receiver) == {("other", "user.restored")}
        receiver.behave = lambda _received: 204
        world.advance(BEYOND_A_PAUSE)
        work(world)
    assert len({each["id"] for each in receiver.events() if each["tenant"] == "acme"}) == 1_100


def test_it_is_switched_off_after_a_day_and_goes_on_when_it_is_on(world: World, acme: Tenant) -> None:
    receiver = nobody()
    hook(world, receiver, "user.*")
    publish(world, acme, "ana")
    work(world)
    for _ in range(30):
        world.advance(HOUR + 600)
        work(world)
    assert seen(world).stopped is Stopped.FAILING
    with world.units.read(acme) as uow:
        assert uow.issues.find(closed=False, code="WEBHOOK_FAILING") == []
    world.advance(DAY)
    with receiving(receiver=receiver):
        assert work(world) == 0
        operator_hooking.change_operator_webhook(
            world.units, world.installation.web, CAUSE, "vendor", WishesAbove(on=True)
        )
        work(world)
    assert told(receiver) == {("acme", "user.restored")}


def test_a_receiver_that_wants_no_more_gets_no_more(world: World, acme: Tenant) -> None:
    with receiving(lambda _received: 410) as receiver:
        hook(world, receiver, "user.*")
        publish(world, acme, "ana")
        assert work(world) == 1
        publish(world, acme, "ben")
        assert work(world) == 0
    assert seen(world).stopped is Stopped.GONE


def test_those_it_names_and_no_others(world: World, acme: Tenant) -> None:
    other = world.tenant("other")
    with receiving() as receiver:
        hook(world, receiver, "user.*", tenants=("acme",))
        work(world)
        for tenant in (acme, other, world.tenant("late")):
            publish(world, tenant, "ana")
        work(world)
        assert told(receiver) == {("acme", "user.restored")}
        operator_hooking.change_operator_webhook(
            world.units, world.installation.web, CAUSE, "vendor", WishesAbove(tenants=("other",))
        )
        work(world)
        for tenant in (acme, other):
            publish(world, tenant, "ben")
        work(world)
    assert [(each["tenant"], each["subject"]["id"]) for each in receiver.events()] == [
        ("acme", "ana"),
        ("other", "ben"),
    ]


def test_two_secrets_sign_while_they_overlap(world: World, acme: Tenant) -> None:
    with receiving() as receiver:
        old = hook(world, receiver, "user.*")
        new = operator_hooking.rotate_operator_secret(world.units, CAUSE, "vendor", timedelta(hours=1)).secret
        publish(world, acme, "ana")
        work(world)
        assert operator_hooking.try_operator_webhook(world.units, world.installation.web, CAUSE, "vendor").status == 204
        receiver.verify(old)
        receiver.verify(new)


def test_what_is_removed_leaves_nothing(world: World, acme: Tenant) -> None:
    with receiving() as receiver:
        hook(world, receiver)
        work(world)
        operator_hooking.remove_operator_webhook(world.units, CAUSE, "vendor")
        publish(world, acme, "ana")
        sent = len(receiver.requests)
        work(world)
        assert len(receiver.requests) == sent
        assert world.rows("webhooks") == world.rows("webhook_cursors") == world.rows("operator_webhooks") == []
        hook(world, receiver)


def test_what_was_sent_is_seen_and_sent_again(world: World, acme: Tenant) -> None:
    with receiving() as receiver:
        hook(world, receiver, "user.*")
        publish(world, acme, "ana")
        work(world)
        (entry,) = operator_redelivering.operator_deliveries(world.units, "vendor", acme, 10, State.DELIVERED)
        operator_redelivering.replay_operator_event(world.units, CAUSE, "vendor", acme, entry.event_id)
        assert work(world) == 1
    assert receiver.events()[0] == receiver.events()[1]


def test_many_tenants_are_set_up_step_by_step(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreading, "BATCH", 2)
    for number in range(5):
        world.tenant(f"t{number}")
    with receiving() as receiver:
        hook(world, receiver)
        assert list(spreading.spread_new(world.units)) == [2, 2, 1]
        assert list(spreading.spread_new(world.units)) == []
        assert world.do_chore(spreading.CHORE) == 0


def test_the_operator_is_told_where_a_receiver_fails(world: World, acme: Tenant) -> None:
    def findings() -> list[str]:
        return [each.code for each in examine_webhooks(world.units)]

    assert findings() == []
    receiver = nobody()
    hook(world, receiver, "user.*")
    publish(world, acme, "ana")
    work(world)
    assert findings() == ["webhooks"]
    visitor = visitors.operator(world, "acme")
    assert "does not take events" not in visitor.see("/console/tenants")
    world.advance(2 * HOUR)
    work(world)
    assert findings() == ["webhook_failing"]
    assert "does not take events since" in visitor.see("/console/tenants")
    operator_hooking.change_operator_webhook(
        world.units, world.installation.web, CAUSE, "vendor", WishesAbove(url=receiver.url + "/gone")
    )
    with receiving(lambda _received: 410, receiver):
        work(world)
    assert findings() == ["webhook_stopped"]
    assert "is switched off" in visitor.see("/console/tenants")
