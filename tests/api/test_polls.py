"""Poll streams (RFC 8936): what is not acknowledged comes again, what is does not, and each sees its own alone."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from scim_server.app import create_events_app
from scim_server.domain.tenants import Tenant
from scim_server.domain.webhooks import State
from scim_server.services import redelivering, streaming
from scim_server.services.event_watches import EventWatch
from scim_server.services.receivers import stream_called
from scim_server.services.relaying import relay
from tests.api import callers
from tests.api.callers import Caller
from tests.delivery.test_pushes import AUDIENCE, EVENT, RISC, Reader, change, kinds
from tests.worlds import World

SOON = 10.0
POLL = "~/streams/hr/poll"
NOW = {"returnImmediately": True}


@pytest.fixture
def made(api: Caller) -> dict[str, Any]:
    """A poll stream `hr` with a token of its own."""
    new = {
        "name": "hr",
        "delivery": "poll",
        "audience": [AUDIENCE],
        "events": [f"{EVENT}:*", f"{RISC}/*"],
    }
    return api.done("POST", "~/streams", new)


@pytest.fixture
def hr(api: Caller, made: dict[str, Any]) -> Caller:
    """Its receiver."""
    return Caller(api.http, made["token"], api.slug)


def happen(world: World, tenant: Tenant, *user_ids: str, **told: Any) -> None:
    """Changes of those people, one after the other, with positions."""
    for user_id in user_ids:
        change(world, tenant, user_id, **told)
        relay(world.units)


def fetch(hr: Caller, **asked: Any) -> dict[str, str]:
    """The tokens there are, by id."""
    return hr.done("POST", POLL, {**NOW, **asked})["sets"]


def people(world: World, tenant: Tenant, sets: dict[str, str]) -> list[str]:
    """Whom verified tokens are about, in order."""
    read = Reader(world, tenant).read
    told = {jti: read(token) for jti, token in sets.items()}
    assert all(each["jti"] == jti for jti, each in told.items())
    return [each["sub_id"]["id"] for each in told.values()]


def progress(world: World, tenant: Tenant) -> Any:
    return streaming.stream(world.units, tenant, "hr").progress


def log(world: World, tenant: Tenant) -> list[tuple[State, str | None]]:
    found = redelivering.deliveries(world.units, tenant, "hr", 100, called=stream_called)
    return [(each.state, each.detail) for each in reversed(found)]


@pytest.mark.covers("R-8936-2-01", "R-8936-2-02")
def test_what_is_not_acknowledged_comes_again_and_what_is_does_not(hr: Caller, world: World, acme: Tenant) -> None:
    happen(world, acme, "ana", "ben", "cid", "dee")
    first = fetch(hr)
    assert people(world, acme, first) == ["ana", "ben", "cid", "dee"]
    assert list(fetch(hr)) == list(first), "told again a token has the id it had"
    ana, ben, cid, dee = first
    assert list(fetch(hr, ack=[ben, dee])) == [ana, cid]
    assert progress(world, acme).ahead == (2, 4)
    assert list(fetch(hr, ack=[ben, "never heard of"])) == [ana, cid]
    happen(world, acme, "eve")
    assert people(world, acme, fetch(hr, ack=[ana])) == ["cid", "eve"]
    assert (progress(world, acme).position, progress(world, acme).ahead) == (2, (4,))
    rest = fetch(hr)
    assert fetch(hr, ack=list(rest)) == {}
    assert (progress(world, acme).position, progress(world, acme).ahead, progress(world, acme).acked) == (5, (), ())
    assert log(world, acme) == [(State.DELIVERED, None)] * 5


def test_nobody_sends_to_a_receiver_that_fetches(hr: Caller, world: World, acme: Tenant) -> None:
    happen(world, acme, "ana")
    assert world.installation.event_worker().work_off() == 0
    assert (progress(world, acme).due, progress(world, acme).failures, log(world, acme)) == (None, 0, [])
    assert people(world, acme, fetch(hr)) == ["ana"]


@pytest.mark.covers("R-8936-2-01")
def test_as_many_come_as_are_asked_for(hr: Caller, world: World, acme: Tenant) -> None:
    happen(world, acme, "ana", "ben", "cid")
    answer = hr.done("POST", POLL, {**NOW, "maxEvents": 2})
    assert (people(world, acme, answer["sets"]), answer["moreAvailable"]) == (["ana", "ben"], True)
    answer = hr.done("POST", POLL, {**NOW, "maxEvents": 2, "ack": list(answer["sets"])})
    assert (people(world, acme, answer["sets"]), answer["moreAvailable"]) == (["cid"], False)
    assert hr.done("POST", POLL, {"maxEvents": 0, "ack": list(answer["sets"])}) == {"sets": {}, "moreAvailable": False}
    assert fetch(hr) == {}


def test_of_an_event_with_several_tokens_the_rest_comes_again(hr: Caller, world: World, acme: Tenant) -> None:
    happen(world, acme, "ana", event="user.suspended", active=False)
    happen(world, acme, "ben")
    read = Reader(world, acme).read
    sets = fetch(hr)
    uris = {kinds(read(token)): jti for jti, token in sets.items()}
    assert {f"{EVENT}:prov:patch:notice", f"{EVENT}:prov:deactivate", f"{RISC}/account-disabled"} <= uris.keys()
    assert len({read(sets[jti])["txn"] for jti in list(sets)[:-1]}) == 1
    had = uris[f"{EVENT}:prov:deactivate"]
    rest = fetch(hr, ack=[had])
    assert list(rest) == [jti for jti in sets if jti != had]
    assert (progress(world, acme).position, progress(world, acme).acked) == (0, (had,))
    assert list(fetch(hr)) == list(rest)
    assert fetch(hr, ack=list(rest)) == {}
    assert (progress(world, acme).position, progress(world, acme).acked) == (2, ())


@pytest.mark.covers("R-8936-2-01")
def test_what_a_receiver_cannot_take_is_a_dead_letter(hr: Caller, world: World, acme: Tenant) -> None:
    happen(world, acme, "ana", "ben")
    ana, ben = fetch(hr)
    wrong = {"err": "invalid_key", "description": "Who signed this?", "more": 1}
    assert list(fetch(hr, setErrs={ana: wrong, "never heard of": wrong})) == [ben]
    assert fetch(hr, ack=[ben]) == {}
    assert log(world, acme) == [(State.DEAD, "invalid_key: Who signed this?"), (State.DELIVERED, None)]


@pytest.mark.covers("R-9967-5-02")
def test_what_was_had_is_had_again(hr: Caller, api: Caller, world: World, acme: Tenant) -> None:
    happen(world, acme, "ana", "ben", "cid", "dee")
    had = list(fetch(hr))
    fetch(hr, ack=had[:3])
    api.refused(422, "POST", "~/streams/hr/replays", {"first": 1, "last": 4})  # the rest comes by itself
    assert api.done("POST", "~/streams/hr/replays", {"first": 1, "last": 3})["stream"] == "hr"
    again = fetch(hr)
    assert people(world, acme, again) == ["ana", "ben", "cid", "dee"]
    assert list(again) == had
    assert list(fetch(hr, ack=[had[1]])) == [had[0], had[2], had[3]]
    assert list(fetch(hr)) == [had[0], had[2], had[3]]
    assert list(fetch(hr, ack=[had[0]])) == [had[2], had[3]]
    assert fetch(hr, ack=had) == {}
    assert (progress(world, acme).replays, progress(world, acme).acked, progress(world, acme).position) == ((), (), 4)


def test_what_it_does_not_ask_for_is_passed_over(api: Caller, world: World, acme: Tenant) -> None:
    new = {"name": "hr", "delivery": "poll", "events": [f"{EVENT}:prov:delete"], "audience": [AUDIENCE]}
    hr = Caller(api.http, api.done("POST", "~/streams", new)["token"], api.slug)
    change(world, acme, *["ana"] * 2500)
    relay(world.units)
    happen(world, acme, "ben", event="user.deleted", method="delete", version=None)
    sets = fetch(hr)
    assert people(world, acme, sets) == ["ben"]
    assert progress(world, acme).position == 2500
    assert fetch(hr, ack=list(sets)) == {}
    assert progress(world, acme).position == 2501


@pytest.mark.covers("R-8936-2-04")
def test_each_sees_its_own_alone(
    hr: Caller, api: Caller, world: World, acme: Tenant, made: dict[str, Any], build_world: Any
) -> None:
    happen(world, acme, "ana")
    other = callers.caller(world, acme, "events.receive")
    assert "owner" in other.refused(403, "POST", POLL, NOW)["detail"]
    callers.caller(world, acme, "events.read").refused(403, "POST", POLL, NOW)
    hr.refused(403, "GET", "~/streams")
    elsewhere = callers.caller(world, world.tenant("other"), "events.receive")
    elsewhere.slug = acme.slug
    elsewhere.refused(404, "POST", POLL, NOW)
    mine = {"name": "mine", "delivery": "poll", "owner": f"api:{other.token.split('_')[1]}"}
    assert api.done("POST", "~/streams", mine)["token"] is None
    happen(world, acme, "ben")
    assert len(other.done("POST", "~/streams/mine/poll", NOW)["sets"]) == 1
    hr.refused(403, "POST", "~/streams/mine/poll", NOW)
    api.refused(404, "POST", "~/streams", {**mine, "name": "his", "owner": "client:none"})
    api.refused(422, "POST", "~/streams", {**mine, "name": "his", "owner": "ana"})


@pytest.mark.covers("R-8936-2-01")
@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b'{"maxEvents": -1}', b'{"ack": "x"}', b'{"setErrs": {"x": "y"}}', b'{"returnImmediately": 1}'],
)
def test_what_cannot_be_read_is_refused_as_the_protocol_has_it(hr: Caller, body: bytes) -> None:
    answer = hr.send("POST", POLL, body, Content_Type="application/json")
    assert (answer.status_code, answer.mimetype) == (400, "application/json")
    assert answer.get_json()["err"] == "invalid_request"
    assert len(answer.get_json()["description"]) > 10


def test_a_body_of_another_kind_is_refused_as_the_protocol_has_it(hr: Caller) -> None:
    answer = hr.send("POST", POLL, b"{}", Content_Type="text/plain")
    assert (answer.status_code, answer.mimetype) == (415, "application/json")
    assert answer.get_json().keys() == {"err", "description"}


def test_no_token_is_kept_for_a_request_that_is_sent_again(hr: Caller, world: World, acme: Tenant) -> None:
    happen(world, acme, "ana")
    assert len(hr.done("POST", POLL, NOW, Idempotency_Key="k")["sets"]) == 1
    assert world.rows("idempotent_requests") == []
    assert hr.send("POST", POLL, {"maxEvents": 0}, Idempotency_Key="k").status_code == 200


@pytest.mark.covers("R-SSF-8-02", "R-SSF-8-03")
def test_a_paused_stream_keeps_what_a_disabled_one_loses(hr: Caller, api: Caller, world: World, acme: Tenant) -> None:
    happen(world, acme, "ana")
    api.done("PATCH", "~/streams/hr", {"status": "paused", "reason": "Holidays."})
    happen(world, acme, "ben")
    (said,) = fetch(hr).values()
    assert [*Reader(world, acme).read(said)["events"].values()] == [{"status": "paused", "reason": "Holidays."}]
    api.done("PATCH", "~/streams/hr", {"status": "enabled"})
    relay(world.units)
    read = Reader(world, acme).read
    told = [read(each) for each in fetch(hr).values()]
    statuses = [each["events"][uri]["status"] for each in told for uri in each["events"] if "stream-updated" in uri]
    assert statuses == ["paused", "enabled"]
    assert [each["sub_id"]["id"] for each in told if each["sub_id"]["format"] == "scim"] == ["ana", "ben"]
    api.done("PATCH", "~/streams/hr", {"status": "disabled"})
    happen(world, acme, "cid")
    assert api.refused(422, "POST", "~/streams/hr/verification", {})
    api.done("PATCH", "~/streams/hr", {"status": "enabled"})
    api.done("POST", "~/streams/hr/verification", {"state": "abc"})
    relay(world.units)
    told = [next(iter(read(each)["events"].items())) for each in fetch(hr).values()]
    assert [payload for _, payload in told] == [{"status": "enabled"}, {"state": "abc"}]


# Where requests wait


@pytest.fixture
def over() -> list[bool]:
    """Something in it says that the process ends."""
    return []


@pytest.fixture
def waiting(world: World, hr: Caller, over: list[bool]) -> Iterator[Caller]:
    """The receiver at the process that lets it wait."""
    app = create_events_app(world.installation, EventWatch(world.units, 2, lambda: bool(over)))
    yield Caller(app.test_client(), hr.token, hr.slug)
    over.append(True)
    world.installation.log.stop()


@pytest.mark.covers("R-8936-2-03")
def test_who_waits_gets_the_first_token_as_soon_as_it_is_there(
    waiting: Caller, hr: Caller, world: World, acme: Tenant, over: list[bool]
) -> None:
    begun = time.monotonic()
    assert hr.done("POST", POLL, {}) == {"sets": {}, "moreAvailable": False}, "the server of SCIM lets nobody wait"
    assert waiting.done("POST", POLL, {"maxEvents": 0}) == {"sets": {}, "moreAvailable": False}
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(waiting.done, "POST", POLL, {})
        happen(world, acme, "ana")
        sets = answer.result(SOON)["sets"]
        assert people(world, acme, sets) == ["ana"]
        answer = pool.submit(waiting.done, "POST", POLL, {"ack": list(sets)})
        happen(world, acme, "ben")
        assert people(world, acme, answer.result(SOON)["sets"]) == ["ben"]
    assert time.monotonic() - begun < SOON


def test_a_tenant_has_so_many_streams_and_each_has_a_name_of_its_own(api: Caller) -> None:
    api.done("POST", "~/webhooks", {"name": "app", "url": "https://app.example.com/in"})
    api.refused(409, "POST", "~/streams", {"name": "app", "delivery": "poll"})
    for number in range(streaming.MOST):
        api.done("POST", "~/streams", {"name": f"s{number}", "delivery": "poll"})
    assert "at most" in api.refused(422, "POST", "~/streams", {"name": "more", "delivery": "poll"})["detail"]
    api.refused(409, "PATCH", "~/streams/s1", {"name": "s2"})
    api.done("POST", "~/webhooks", {"name": "another", "url": "https://app.example.com/in"})
    assert [each["name"] for each in api.items("~/webhooks")] == ["another", "app"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "ftp://app.example.com/in"},
        {"url": "http://app.example.com/in"},
        {"url": None},
        {"authorization": "Bearer a\r\nHost: b"},
        {"audience": ["two words"]},
        {"filter": "nonsense"},
        {"events": ["two words"]},
        {"name": " hr"},
        {"delivery": "pull"},
        {"form": "none"},
        {"delivery": "poll"},
    ],
)
def test_what_can_be_no_stream_is_refused(api: Caller, wrong: dict[str, Any]) -> None:
    good = {"name": "hr", "delivery": "push", "url": "https://hr.invalid/in", "authorization": "Bearer theirs"}
    assert api.send("POST", "~/streams", {**good, **wrong}).status_code == 422
    assert "theirs" not in api.send("POST", "~/streams", good).text


def test_who_may_not_see_people_tells_nobody_of_them(world: World, acme: Tenant) -> None:
    linker = callers.caller(world, acme, "connections.write")
    refused = linker.refused(403, "POST", "~/streams", {"name": "hr", "delivery": "poll"})
    assert "people.read" in refused["detail"]
    seer = callers.caller(world, acme, "connections.write", "people.read")
    refused = seer.refused(403, "POST", "~/streams", {"name": "hr", "delivery": "poll"})
    assert "events.receive" in refused["detail"]
