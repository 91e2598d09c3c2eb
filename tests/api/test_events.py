"""Events are read by positions, by whoever may; nobody misses any without being told."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from scim_server.app import create_events_app
from scim_server.domain.tenants import Tenant
from scim_server.services import pulling
from scim_server.services.event_types import EVENT_TYPES
from scim_server.services.event_watches import EventWatch
from scim_server.services.relaying import relay
from tests.api import callers
from tests.api.callers import Caller
from tests.events import faults_of
from tests.worlds import Connection, World

SOON = 10.0
"""Seconds: far less than somebody may wait."""


def types_of(answer: dict[str, Any]) -> list[str]:
    return [each["type"] for each in answer["items"]]


@pytest.fixture
def busy(world: World, acme: Tenant, okta: Connection) -> str:
    """Ana has a seat and Ben has none; answers Ana's id."""
    acme = world.decide(acme.slug, low_water="0")
    world.buy(acme, "meeting", 1)
    ana = okta.create_user("ana", entitlements=["meeting"])["id"]
    okta.create_user("ben")
    relay(world.units)
    return str(ana)


def test_events_are_read_from_a_position_on(api: Caller, world: World, okta: Connection, busy: str) -> None:
    whole = api.done("GET", "~/events")
    assert types_of(whole) == ["subscription.changed", "user.provisioned", "seat.assigned", "user.provisioned"]
    assert [each["position"] for each in whole["items"]] == [1, 2, 3, 4]
    assert (whole["next"], whole["last"]) == (4, 4)
    assert whole["items"][1]["subject"] == {"type": "user", "id": busy, "userName": "ana"}
    assert whole["items"][2]["data"] == {"product": "meeting", "was": None}
    assert [each["number"] for each in whole["items"]] == [1, 1, 2, 1]
    part = api.done("GET", "~/events?after=1&limit=2")
    assert (part["items"], part["next"], part["last"]) == (whole["items"][1:3], 3, 4)
    assert api.done("GET", "~/events?after=4") == {"items": [], "next": 4, "last": 4}
    okta.create_user("cid")
    assert api.done("GET", "~/events?after=4")["items"] == [], "what has no position yet is not there yet"
    relay(world.units)
    assert types_of(api.done("GET", "~/events?after=4")) == ["user.provisioned"]


def test_types_narrow_what_is_answered_and_the_position_goes_on(
    api: Caller, okta: Connection, world: World, busy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert types_of(api.done("GET", "~/events?types=seat.assigned, subscription.changed")) == [
        "subscription.changed",
        "seat.assigned",
    ]
    assert api.done("GET", "~/events?types=user.*&after=2") | {"items": []} == {"items": [], "next": 4, "last": 4}
    assert types_of(api.done("GET", "~/events?types=user.*&after=2")) == ["user.provisioned"]
    monkeypatch.setattr(pulling, "SCANNED", 2)
    assert api.done("GET", "~/events?types=role.granted") == {"items": [], "next": 2, "last": 4}
    assert types_of(api.done("GET", "~/events?types=user.provisioned&after=2&limit=1")) == ["user.provisioned"]


def test_what_is_not_kept_any_more_is_refused_with_where_to_go_on(world: World, acme: Tenant, busy: str) -> None:
    world.advance(31 * 86_400)
    assert world.do_chore("forget-events") == 4
    fresh = callers.caller(world, acme)
    assert fresh.done("GET", "~/events") == {"items": [], "next": 4, "last": 4}
    assert "after=4" in fresh.refused(410, "GET", "~/events?after=3")["detail"]
    assert fresh.done("GET", "~/events?after=4")["items"] == []
    assert "the last one is at 4" in fresh.refused(422, "GET", "~/events?after=5")["detail"]


def test_who_may_not_read_them_does_not(api: Caller, world: World, acme: Tenant, busy: str) -> None:
    callers.caller(world, acme, "people.read", "logs.read").refused(403, "GET", "~/events")
    other = callers.caller(world, world.tenant("other"))
    assert other.done("GET", "~/events") == {"items": [], "next": 0, "last": 0}
    other.refused(404, "GET", "/tenants/acme/events")
    callers.operator(world).done("GET", "/tenants/acme/events")
    assert callers.caller(world, acme, "events.read").done("GET", "~/events")["last"] == 4


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("types=user.invented", "user.invented"),
        ("types=use*", "use*"),
        ("after=-1", "after"),
        ("wait=61", "wait"),
        ("limit=0", "limit"),
        ("since=1", "since"),
    ],
)
def test_what_makes_no_sense_is_refused(api: Caller, query: str, named: str) -> None:
    refusal = api.refused(422, "GET", f"~/events?{query}")
    assert named in str(refusal)


def test_types_are_listed_with_their_schemas(api: Caller) -> None:
    listed = api.items("/event-types?limit=10")
    assert [each["name"] for each in listed] == sorted(EVENT_TYPES)
    (assigned,) = [each for each in listed if each["name"] == "seat.assigned"]
    assert assigned["schema"]["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert assigned["schema"]["properties"]["data"]["required"] == ["product", "was"]
    assert (assigned["version"], assigned["subjects"]) == (1, ["user"])


def test_the_server_of_scim_lets_nobody_wait(api: Caller, busy: str) -> None:
    begun = time.monotonic()
    assert api.done("GET", "~/events?after=4&wait=60")["items"] == []
    assert time.monotonic() - begun < SOON


# Where requests wait


@pytest.fixture
def over() -> list[bool]:
    """Something in it says that the process ends."""
    return []


@pytest.fixture
def watch(world: World, over: list[bool]) -> EventWatch:
    """What lets two requests wait."""
    return EventWatch(world.units, 2, lambda: bool(over))


@pytest.fixture
def waiting(world: World, api: Caller, watch: EventWatch, over: list[bool]) -> Iterator[Caller]:
    """The same program at the process that does."""
    app = create_events_app(world.installation, watch)
    yield Caller(app.test_client(), api.token, api.slug)
    over.append(True)
    world.installation.log.stop()


def again(caller: Caller) -> Caller:
    """The same program through an HTTP client of its own, for another thread."""
    return Caller(caller.http.application.test_client(), caller.token, caller.slug)


def test_who_waits_gets_the_first_event_as_soon_as_it_is_there(
    waiting: Caller, world: World, okta: Connection, busy: str
) -> None:
    assert len(waiting.done("GET", "~/events?wait=60")["items"]) == 4, "what is there is answered at once"
    with ThreadPoolExecutor(1) as pool:
        begun = time.monotonic()
        answer = pool.submit(waiting.done, "GET", "~/events?after=4&wait=60")
        okta.create_user("cid")
        relay(world.units)
        assert types_of(answer.result(SOON)) == ["user.provisioned"]
        assert time.monotonic() - begun < SOON


def test_who_waits_for_a_type_waits_on_when_others_come(
    waiting: Caller, world: World, okta: Connection, busy: str
) -> None:
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(waiting.done, "GET", "~/events?after=4&types=user.deleted&wait=60")
        cid = okta.create_user("cid")["id"]
        relay(world.units)
        okta.delete(f"/Users/{cid}")
        relay(world.units)
        found = answer.result(SOON)
    assert (types_of(found), found["next"] == found["last"]) == (["user.deleted"], True)


def test_who_waits_in_vain_is_answered_in_time(waiting: Caller, busy: str) -> None:
    begun = time.monotonic()
    assert waiting.done("GET", "~/events?after=4&wait=1") == {"items": [], "next": 4, "last": 4}
    assert 1 <= time.monotonic() - begun < SOON


def test_whom_there_is_no_room_for_is_answered_at_once_and_the_end_lets_everybody_go(
    waiting: Caller, watch: EventWatch, over: list[bool], busy: str
) -> None:
    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(again(waiting).done, "GET", "~/events?after=4&wait=60") for _ in range(2)]
        deadline = time.monotonic() + SOON
        while watch.waiting < 2:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        begun = time.monotonic()
        assert waiting.done("GET", "~/events?after=4&wait=60")["items"] == []
        assert time.monotonic() - begun < SOON
        assert not any(each.done() for each in answers)
        assert not any(each.done() for each in answers)
        over.append(True)
        assert [each.result(SOON)["next"] for each in answers] == [4, 4]


def test_the_process_serves_nothing_else_and_is_as_guarded(waiting: Caller, api: Caller, busy: str) -> None:
    assert waiting.http.get("/healthz").status_code == 200
    assert waiting.http.get("/api/v1/tenants/acme/events").status_code == 401
    headers = {"Authorization": f"Bearer {waiting.token}"}
    assert waiting.http.get("/api/v1/tenants/acme/users", headers=headers).status_code == 404
    assert waiting.http.get("/scim/acme/v2/Users", headers=headers).status_code == 404
    assert waiting.http.get("/api/v1/tenants/acme/events", headers={"Host": "evil.test"} | headers).status_code == 421
    assert waiting.done("GET", "~/events") == api.done("GET", "~/events")


def test_what_is_answered_fits_the_schemas(api: Caller, world: World, acme: Tenant, busy: str) -> None:
    assert faults_of(world.rows("outbox"), {acme.id: acme}) == []
    assert api.done("GET", "~/events")["items"]
