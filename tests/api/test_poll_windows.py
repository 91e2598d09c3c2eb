"""Of a poll stream with much to tell as much is looked at as is asked for, and of one that is paused its status."""

from typing import Any

import pytest

from scim_server.domain.events import Event, Subject
from scim_server.domain.tenants import Tenant
from scim_server.domain.webhooks import State
from scim_server.services import polling
from scim_server.services.relaying import relay
from tests.api.callers import Caller
from tests.api.test_polls import NOW, POLL, fetch, happen, log, people, progress
from tests.delivery.test_pushes import AUDIENCE, EVENT, Reader, change
from tests.events import made_up
from tests.worlds import CAUSE, World


def receiver(api: Caller, *events: str) -> Caller:
    """That of a new poll stream `hr`, which asks for those events."""
    new: dict[str, Any] = {"name": "hr", "delivery": "poll", "events": events, "audience": [AUDIENCE]}
    return Caller(api.http, api.done("POST", "~/streams", new)["token"], api.slug)


@pytest.fixture
def hr(api: Caller) -> Caller:
    """The receiver of one that asks for all that SCIM tells."""
    return receiver(api, f"{EVENT}:*")


def test_a_stream_with_much_to_read_says_that_it_is_paused(
    hr: Caller, api: Caller, world: World, acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "LOOKED_AT", 5)
    people_ids = [f"user-{number}" for number in range(7)]
    happen(world, acme, *people_ids)
    api.done("PATCH", "~/streams/hr", {"status": "paused"})
    relay(world.units)
    ((jti, said),) = fetch(hr).items()
    assert [*Reader(world, acme).read(said)["events"].values()] == [{"status": "paused"}]
    assert list(fetch(hr)) == [jti]
    assert fetch(hr, ack=[jti]) == {}
    assert log(world, acme) == [(State.DELIVERED, None)]
    api.done("PATCH", "~/streams/hr", {"status": "enabled"})
    relay(world.units)
    first = fetch(hr)
    assert people(world, acme, first) == people_ids[:5]
    rest = fetch(hr, ack=list(first))
    enabled = rest.popitem()[1]
    assert people(world, acme, rest) == people_ids[5:]
    assert [*Reader(world, acme).read(enabled)["events"].values()] == [{"status": "enabled"}]


def test_a_stream_says_its_status_alone_and_not_one_before(hr: Caller, api: Caller, world: World, acme: Tenant) -> None:
    for status in ("paused", "enabled"):
        api.done("PATCH", "~/streams/hr", {"status": status})
        relay(world.units)
    api.done("PATCH", "~/streams/hr", {"status": "paused"})
    assert fetch(hr) == {}, "the event of it has no position yet"
    relay(world.units)
    (said,) = fetch(hr).values()
    assert [*Reader(world, acme).read(said)["events"].values()] == [{"status": "paused"}]


def test_what_a_stream_said_of_itself_is_not_said_again(hr: Caller, api: Caller, world: World, acme: Tenant) -> None:
    happen(world, acme, "ana")
    api.done("POST", "~/streams/hr/verification", {"state": "abc"})
    for status in ("paused", "enabled"):
        api.done("PATCH", "~/streams/hr", {"status": status})
    relay(world.units)
    had = fetch(hr)
    assert len(had) == 4
    assert fetch(hr, ack=list(had)) == {}
    api.done("POST", "~/streams/hr/replays", {"first": 1, "last": 4})
    assert list(fetch(hr)) == list(had)[:1]


def test_no_more_is_looked_at_than_is_asked_for(hr: Caller, world: World, acme: Tenant) -> None:
    happen(world, acme, "ana", "ben")
    happen(world, acme, "cid")
    with world.units.write(acme, CAUSE) as uow:
        uow.publish(Event("seat.assigned", Subject.person("dee"), made_up("seat.assigned")))
        uow.commit()
    relay(world.units)
    answer = hr.done("POST", POLL, {**NOW, "maxEvents": 1})
    assert (people(world, acme, answer["sets"]), answer["moreAvailable"]) == (["ana"], True)
    assert progress(world, acme).ahead == (), "what is behind them is left for later"
    ana, ben, cid = fetch(hr)
    assert progress(world, acme).ahead == (4,)
    answer = hr.done("POST", POLL, {**NOW, "maxEvents": 1, "ack": [cid]})
    assert (list(answer["sets"]), progress(world, acme).ahead) == ([ana], (3, 4))
    assert list(fetch(hr, ack=[ana])) == [ben]
    assert fetch(hr, ack=[ben]) == {}
    assert (progress(world, acme).position, progress(world, acme).ahead) == (4, ())


def test_of_what_is_not_looked_at_it_is_known_what_was_had(hr: Caller, world: World, acme: Tenant) -> None:
    happen(world, acme, "ana", "ben")
    happen(world, acme, "cid", event="user.suspended", active=False)
    happen(world, acme, "dee")
    ana, ben, *cids, dee = fetch(hr)
    assert len(cids) > 1
    fetch(hr, ack=[cids[0]])
    answer = hr.done("POST", POLL, {**NOW, "maxEvents": 1})
    assert (list(answer["sets"]), progress(world, acme).acked) == ([ana], (cids[0],))
    assert list(fetch(hr, ack=[ana])) == [ben, *cids[1:], dee]


def test_who_does_not_wait_is_answered_however_much_is_passed_over(
    api: Caller, world: World, acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "LOOKED_AT", 5)
    hr = receiver(api, f"{EVENT}:prov:delete")
    change(world, acme, *["ana"] * 60)
    happen(world, acme, "ben", event="user.deleted", method="delete", version=None)
    assert hr.done("POST", POLL, NOW) == {"sets": {}, "moreAvailable": True}
    assert progress(world, acme).position == 5 * polling.ROUNDS
    answer = hr.done("POST", POLL, NOW)
    assert (people(world, acme, answer["sets"]), answer["moreAvailable"]) == (["ben"], False)
