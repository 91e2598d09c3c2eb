"""Push streams (RFC 8935): each token reaches its receiver at least once, in order for each person, signed."""

import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

import jwt
import pytest

from scim_server.delivery.egress import VettedWeb
from scim_server.delivery.paces import Pace
from scim_server.delivery.webhooks import Sender
from scim_server.domain.errors import Invalid
from scim_server.domain.events import Event, ScimChange, Subject
from scim_server.domain.streams import EVERY_SCIM_EVENT, Delivery, Form, Status, Stream
from scim_server.domain.tenants import Tenant
from scim_server.domain.webhooks import Attempt, State, Verdict
from scim_server.services import redelivering, signing, stream_changes, streaming
from scim_server.services.delivering import Job, take
from scim_server.services.delivery_outcomes import settle
from scim_server.services.receivers import stream_called
from scim_server.services.relaying import relay
from scim_server.services.signing import Rotation
from scim_server.services.stream_changes import StreamWishes
from scim_server.services.streaming import NewStream
from scim_server.services.token_pushes import push
from tests.delivery.test_webhooks import BEYOND_A_PAUSE, HOUR, actions, issues, work, work_for_days
from tests.receivers import Answer, Received, Receiver, nobody, reaching, receiving
from tests.worlds import CAUSE, World

AUDIENCE = "https://hr.example.com"
EVENT = "urn:ietf:params:scim:event"
RISC = "https://schemas.openid.net/secevent/risc/event-type"


@pytest.fixture
def world(build_world: Callable[..., World]) -> World:
    """A world that may send to this machine."""
    return reaching(build_world)


def listen(world: World, tenant: Tenant, receiver: Receiver, **wanted: Any) -> str:
    """A push stream `hr` to that receiver; answers its id."""
    new = NewStream("hr", Delivery.PUSH, receiver.url, "Bearer theirs", (AUDIENCE,), **wanted)
    return make(world, tenant, new)


def make(world: World, tenant: Tenant, new: NewStream) -> str:
    return streaming.create_stream(world.units, world.installation.web, tenant, CAUSE, new).id


def wish(world: World, tenant: Tenant, **wishes: Any) -> Stream:
    """Have the stream `hr` be otherwise."""
    web = world.installation.web
    return stream_changes.change_stream(world.units, web, tenant, CAUSE, "hr", StreamWishes(**wishes))


def change(world: World, tenant: Tenant, *user_ids: str, event: str = "user.changed", **told: Any) -> None:
    """A change of each of those, in one commit."""
    with world.units.write(tenant, CAUSE) as uow:
        for user_id in user_ids:
            scim = ScimChange("patch", f"/Users/{user_id}", None, 'W/"2"', ("displayName",), None, None, {})
            changed = {} if event == "user.deleted" else {"changed": ["displayName"]}
            data = changed | ({"reason": "by_idp"} if event == "user.suspended" else {})
            uow.publish(Event(event, Subject.person(user_id), data, replace(scim, **told)))
        uow.commit()


@dataclass
class Reader:
    """Reads tokens as their receiver does: with PyJWT, by the keys that the issuer publishes."""

    world: World
    tenant: Tenant
    keys: dict[str, jwt.PyJWK] = field(default_factory=dict)

    def read(self, token: str | bytes) -> dict[str, Any]:
        text = token.decode() if isinstance(token, bytes) else token
        head = jwt.get_unverified_header(text)
        assert head["typ"] == "secevent+jwt"
        if head["kid"] not in self.keys:
            published = self.world.app.test_client().get(f"/oauth/{self.tenant.slug}/jwks").json
            self.keys = {each.key_id: each for each in jwt.PyJWKSet.from_dict(published).keys}
        issuer = f"{self.world.installation.settings.public_url}/oauth/{self.tenant.slug}"
        options = {"require": ["iss", "iat", "jti", "aud"], "verify_iat": False}
        return jwt.decode(
            text, self.keys[head["kid"]], algorithms=["RS256"], audience=AUDIENCE, issuer=issuer, options=options
        )

    def taken(self, receiver: Receiver) -> list[dict[str, Any]]:
        """What the receiver took, in order."""
        return [self.read(each.body) for each in receiver.taken]


def kinds(claims: Mapping[str, Any]) -> str:
    """The one event that a token has."""
    (uri,) = claims["events"]
    return str(uri)


def of_each(told: list[dict[str, Any]]) -> dict[str, list[str]]:
    """The ids of tokens, each once, of each person in the order in which they first came."""
    found: dict[str, list[str]] = defaultdict(list)
    for each in told:
        if each["jti"] not in found[each["sub_id"]["uri"]]:
            found[each["sub_id"]["uri"]].append(each["jti"])
    return found


def log(world: World, tenant: Tenant, state: State | None = None) -> list[Any]:
    """What was sent to the stream, oldest first."""
    return redelivering.deliveries(world.units, tenant, "hr", 10_000, state, called=stream_called)[::-1]


def refusal(err: str) -> tuple[int, dict[str, str], bytes]:
    return 400, {"Content-Type": "application/json"}, json.dumps({"err": err, "description": "No."}).encode()


@pytest.mark.covers("R-8935-2-01", "R-8417-2-02", "R-9967-5-01")
def test_tokens_arrive_signed_and_in_order(world: World, acme: Tenant) -> None:
    with receiving(lambda _: 202) as receiver:
        change(world, acme, "before")
        work(world)
        listen(world, acme, receiver)
        for _ in range(5):
            change(world, acme, "ana", "ben", "ana")
        assert work(world) == 15
        assert work(world) == 0
        signing.rotate(world.units, Rotation.AT_ONCE)
        world.installation = replace(world.installation)
        change(world, acme, "ana")
        assert work(world) == 1
    told = Reader(world, acme).taken(receiver)
    assert sorted(len(each) for each in of_each(told).values()) == [5, 11]
    assert {kinds(each) for each in told} == {f"{EVENT}:prov:patch:notice"}
    for each in receiver.requests:
        assert each.headers["content-type"] == "application/secevent+jwt"
        assert each.headers["accept"] == "application/json"
        assert each.headers["authorization"] == "Bearer theirs"
        assert each.headers.keys().isdisjoint({"webhook-id", "webhook-signature"})
    assert len({jwt.get_unverified_header(each.body.decode())["kid"] for each in receiver.taken}) == 2
    assert [each.state for each in log(world, acme)] == [State.DELIVERED] * 16


@pytest.mark.covers("R-9967-2.2-01", "R-RISC-2-02")
def test_an_event_with_several_tokens_is_sent_as_a_whole_again(world: World, acme: Tenant) -> None:
    failing = f"{EVENT}:prov:deactivate"
    seen: list[str] = []
    reader = Reader(world, acme)

    def behave(received: Received) -> Answer:
        uri = kinds(reader.read(received.body))
        seen.append(uri)
        return 500 if uri == failing and seen.count(uri) == 1 else 202

    with receiving(behave) as receiver:
        listen(world, acme, receiver, requested=(EVERY_SCIM_EVENT, f"{RISC}/*"))
        change(world, acme, "ana", event="user.suspended", active=False)
        change(world, acme, "ana")
        work(world)
        assert seen == [f"{EVENT}:prov:patch:notice", failing]
        world.advance(10)
        work(world)
    patch = f"{EVENT}:prov:patch:notice"
    assert seen[2:] == [patch, failing, f"{RISC}/account-disabled", patch]
    told = [reader.read(each.body) for each in receiver.requests]
    assert (told[0]["jti"], told[1]["jti"]) == (told[2]["jti"], told[3]["jti"])
    assert len({each["txn"] for each in told[:5]}) == 1
    assert len({each["jti"] for each in told}) == 4


@pytest.mark.covers("R-8935-2-02")
def test_a_receiver_that_fails_is_tried_again_until_it_takes_all(world: World, acme: Tenant) -> None:
    behaviours: list[Callable[[Received], Answer]] = [
        lambda _: 500,
        lambda _: None,
        lambda _: 401,
        lambda _: 403,
        lambda _: 302,
        lambda _: refusal("invalid_key"),
        lambda _: refusal("access_denied"),
        lambda received: 202 if len(received.body) % 2 else 503,
    ]
    receiver = nobody()
    listen(world, acme, receiver)
    for behave in behaviours:
        with receiving(behave, receiver):
            change(world, acme, "ana", "ben", "cid")
            work(world)
            world.advance(BEYOND_A_PAUSE)
    assert log(world, acme, State.PARKED) == log(world, acme, State.DEAD) == []
    for _ in range(3):
        change(world, acme, "ana")
        work(world)
        world.advance(BEYOND_A_PAUSE)
    (issue,) = issues(world, acme)
    assert issue.subject == "hr"
    with receiving(lambda _: 202, receiver):
        work(world)
    told = of_each(Reader(world, acme).taken(receiver))
    assert [len(each) for each in told.values()] == [11, 8, 8]
    assert issues(world, acme) == []


@pytest.mark.covers("R-8935-2-02")
def test_what_a_receiver_will_never_take_is_a_dead_letter_at_once(world: World, acme: Tenant) -> None:
    reader = Reader(world, acme)
    refusing = True

    def behave(received: Received) -> Answer:
        return refusal("invalid_request") if refusing and "ana" in reader.read(received.body)["sub_id"]["uri"] else 202

    with receiving(behave) as receiver:
        listen(world, acme, receiver)
        change(world, acme, "ana", "ben", "ana")
        assert work(world) == 3
        world.advance(BEYOND_A_PAUSE)
        assert work(world) == 0
        dead = log(world, acme, State.DEAD)
        assert [(each.status, "invalid_request" in str(each.detail)) for each in dead] == [(400, True)] * 2
        refusing = False
        redelivering.replay_event(world.units, acme, CAUSE, "hr", dead[0].event_id, called=stream_called)
        assert work(world) == 1
    again = reader.read(receiver.taken[-1].body)["jti"]
    assert again in {reader.read(each.body)["jti"] for each in receiver.requests[:3]}


@pytest.mark.covers("R-8935-2-02")
def test_an_answer_of_400_without_a_reason_is_tried_for_a_day(world: World, acme: Tenant) -> None:
    with receiving(lambda _: 400) as receiver:
        listen(world, acme, receiver)
        change(world, acme, "ana", "ana")
        work(world)
        assert len(log(world, acme, State.PARKED)) == 2
        for _ in range(27):
            world.advance(2 * HOUR)
            work(world)
        assert len(log(world, acme, State.DEAD)) == 2


def test_after_a_day_of_failing_it_is_paused_and_loses_nothing(world: World, acme: Tenant) -> None:
    receiver = nobody()
    listen(world, acme, receiver)
    change(world, acme, "ana", "ben")
    work_for_days(world)
    found = streaming.stream(world.units, acme, "hr")
    assert (found.status, found.reason, found.progress.due) == (Status.PAUSED, "failing", None)
    change(world, acme, "ana")
    assert work(world) == 0
    with receiving(lambda _: 202, receiver):
        wish(world, acme, status=Status.ENABLED)
        work(world)
        work(world)
    told = Reader(world, acme).taken(receiver)
    changes = of_each([each for each in told if each["sub_id"]["format"] == "scim"])
    assert {subject: len(each) for subject, each in changes.items()} == {"/Users/ana": 2, "/Users/ben": 1}
    assert issues(world, acme) == []
    assert actions(world, acme, "stream") == ["stream.created", "stream.switched_off", "stream.changed"]


def test_who_wants_no_more_is_paused_at_once(world: World, acme: Tenant) -> None:
    with receiving(lambda _: 410) as receiver:
        listen(world, acme, receiver)
        change(world, acme, "ana")
        assert work(world) == 1
    assert streaming.stream(world.units, acme, "hr").reason == "gone"


@pytest.mark.covers("R-8935-2-03", "R-9967-5-01")
@pytest.mark.parametrize(
    ("url", "why"), [("https://169.254.169.254/in", "not public"), ("http://hr.example.com/in", "https")]
)
def test_nothing_is_pushed_in_clear_or_to_private_networks(world: World, acme: Tenant, url: str, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        make(world, acme, NewStream("hr", Delivery.PUSH, url))
    listen(world, acme, nobody())
    with pytest.raises(Invalid, match=why):
        wish(world, acme, url=url)
    world.installation = replace(world.installation, web=VettedWeb())
    kept = streaming.stream(world.units, acme, "hr").url
    assert wish(world, acme, description="ours", url=kept).description == "ours", "what is there may stay"
    change(world, acme, "ana")
    work(world)
    (entry,) = log(world, acme)
    assert (entry.state, entry.status, "https" in entry.detail) == (State.FAILED, None, True), "vetted when it is sent"


@pytest.mark.covers("R-SSF-8-03")
def test_a_stream_is_verified_in_its_turn_and_tried_at_once(world: World, acme: Tenant) -> None:
    installed = world.installation
    with receiving(lambda _: 202) as receiver:
        listen(world, acme, receiver)
        change(world, acme, "ana")
        work(world)
        streaming.verify_stream(world.units, acme, CAUSE, "hr", "who is there")
        work(world)
        entry = redelivering.try_stream(world.units, installed.web, installed.signer(), acme, CAUSE, "hr")
        assert (entry.state, entry.status) == (State.DELIVERED, 202)
        receiver.behave = lambda _: 401
        entry = redelivering.try_stream(world.units, installed.web, installed.signer(), acme, CAUSE, "hr")
        assert (entry.state, entry.status) == (State.FAILED, 401)
    told = Reader(world, acme).taken(receiver)
    verification = "https://schemas.openid.net/secevent/ssf/event-type/verification"
    assert [each["events"].get(verification) for each in told] == [None, {"state": "who is there"}, {}]
    assert told[1]["sub_id"] == {"format": "opaque", "id": streaming.stream(world.units, acme, "hr").id}


@pytest.mark.covers("R-9967-2.4-01", "R-SSF-8-01")
def test_two_streams_are_told_in_their_forms(world: World, acme: Tenant) -> None:
    patch = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": []}
    with receiving(lambda _: 202) as notices, receiving(lambda _: 202) as values:
        listen(world, acme, notices)
        new = NewStream("full", Delivery.PUSH, values.url, None, (AUDIENCE,), Form.FULL)
        make(world, acme, new)
        change(world, acme, "ana", data=patch)
        work(world)
    (notice,), (full,) = (Reader(world, acme).taken(each) for each in (notices, values))
    assert notice["events"] == {f"{EVENT}:prov:patch:notice": {"version": 'W/"2"', "attributes": ["displayName"]}}
    assert full["events"] == {f"{EVENT}:prov:patch:full": {"version": 'W/"2"', "data": patch}}
    assert (notice["txn"], notice["jti"] == full["jti"]) == (full["txn"], False)
    assert "authorization" not in values.requests[0].headers


def test_tenants_say_what_their_streams_want_to_know(world: World, acme: Tenant) -> None:
    def told() -> tuple[str | None, int]:
        with world.units.overview() as operator:
            (found,) = operator.tenants()
        return found.tells, len(found.told)

    assert told() == (None, 0)
    receiver = nobody()
    listen(world, acme, receiver, requested=(f"{EVENT}:prov:patch:*",))
    assert told() == ("notice", 1)
    wish(world, acme, form=Form.FULL)
    assert told() == ("full", 2)
    wish(world, acme, status=Status.PAUSED)
    assert told() == ("full", 2)
    wish(world, acme, status=Status.DISABLED)
    assert told() == (None, 0)
    wish(world, acme, status=Status.ENABLED, form=Form.NOTICE)
    assert told() == ("notice", 1)
    streaming.remove_stream(world.units, acme, CAUSE, "hr")
    assert told() == (None, 0)


@pytest.mark.covers("R-SSF-8-02")
def test_a_stream_says_that_it_is_paused_and_then_nothing(world: World, acme: Tenant) -> None:
    updated = "https://schemas.openid.net/secevent/ssf/event-type/stream-updated"
    reader = Reader(world, acme)
    with receiving(lambda _: 202) as receiver:
        listen(world, acme, receiver)
        change(world, acme, "ana")
        work(world)
        wish(world, acme, status=Status.PAUSED, reason="Holidays.")
        change(world, acme, "ben")
        work(world)
        said = reader.taken(receiver)
        assert [kinds(each) for each in said] == [f"{EVENT}:prov:patch:notice", updated]
        assert said[1]["events"][updated] == {"status": "paused", "reason": "Holidays."}
        world.advance(BEYOND_A_PAUSE)
        assert work(world) == 0
        wish(world, acme, status=Status.ENABLED)
        work(world)
        wish(world, acme, status=Status.DISABLED)
        change(world, acme, "cid")
        receiver.behave = lambda _: 500
        assert work(world) == 1
        receiver.behave = lambda _: 202
        wish(world, acme, status=Status.ENABLED)
        work(world)
        work(world)
    told = reader.taken(receiver)[2:]
    assert [each["sub_id"].get("uri") for each in told if updated not in each["events"]] == ["/Users/ben"]
    assert [each["events"][updated] for each in told if updated in each["events"]] == [{"status": "enabled"}] * 2


def test_a_stream_does_not_say_a_status_that_it_had_before(world: World, acme: Tenant) -> None:
    updated = "https://schemas.openid.net/secevent/ssf/event-type/stream-updated"
    installed = world.installation
    with receiving(lambda _: 202) as receiver:
        hr = listen(world, acme, receiver)
        wish(world, acme, status=Status.PAUSED)
        wish(world, acme, status=Status.ENABLED)
        relay(world.units)
        wish(world, acme, status=Status.PAUSED)
        sender = Sender(world.units, installed.web, installed.signer(), threading.Event(), Pace())
        sender.deliver(acme, hr)
        assert receiver.requests == [], "the event of it has no position yet"
        work(world)
    (said,) = Reader(world, acme).taken(receiver)
    assert said["events"] == {updated: {"status": "paused"}}


def test_what_a_stream_said_of_itself_is_not_said_again(world: World, acme: Tenant) -> None:
    with receiving(lambda _: 202) as receiver:
        listen(world, acme, receiver)
        change(world, acme, "ana")
        streaming.verify_stream(world.units, acme, CAUSE, "hr", "abc")
        wish(world, acme, status=Status.PAUSED)
        wish(world, acme, status=Status.ENABLED)
        work(world)
        assert len(receiver.taken) == 4
        redelivering.replay_range(world.units, acme, CAUSE, "hr", 1, 4, called=stream_called)
        work(world)
    assert [each["sub_id"].get("uri") for each in Reader(world, acme).taken(receiver)[4:]] == ["/Users/ana"]
    assert streaming.stream(world.units, acme, "hr").progress.replays == ()


def taken(world: World, tenant: Tenant, stream_id: str) -> Job:
    """What a process has in hand that sends to the stream."""
    job = take(world.units, tenant, stream_id, "https://issuer.example.com")
    assert job is not None
    return job


def begin_anew(world: World, tenant: Tenant) -> None:
    """Disable the stream and enable it again."""
    for status in (Status.DISABLED, Status.ENABLED):
        wish(world, tenant, status=status)
    relay(world.units)


def test_a_stream_that_begins_anew_is_not_set_back_by_who_was_at_it(world: World, acme: Tenant) -> None:
    with receiving(lambda _: 202) as receiver:
        hr = listen(world, acme, receiver)
        change(world, acme, "ana")
        relay(world.units)
        job = taken(world, acme, hr)
        change(world, acme, "ben", "cid")
        relay(world.units)
        begin_anew(world, acme)
        settle(world.units, job, {0: Attempt(Verdict.ACCEPTED)})
        work(world)
    assert [each["sub_id"].get("uri") for each in Reader(world, acme).taken(receiver) if "uri" in each["sub_id"]] == []


@pytest.mark.parametrize("enabled", [False, True])
def test_what_a_stream_has_parked_is_dropped_with_all_else_as_it_is_disabled(
    world: World, acme: Tenant, enabled: bool
) -> None:
    with receiving(lambda _: 422) as receiver:
        hr = listen(world, acme, receiver)
        change(world, acme, "ana", "ana")
        work(world)
        world.advance(10)
        change(world, acme, "ben")
        relay(world.units)
        job = taken(world, acme, hr)
        assert [each.event.subject.id for each in job.sendings] == ["ana", "ana", "ben"]
        begin_anew(world, acme) if enabled else wish(world, acme, status=Status.DISABLED)
        settle(world.units, job, {0: Attempt(Verdict.REFUSED), 1: Attempt(Verdict.BEHIND), 2: Attempt(Verdict.REFUSED)})
        assert log(world, acme, State.PARKED) == []
        assert len(log(world, acme, State.DEAD)) == 3


def test_a_stream_that_was_sent_nothing_is_not_at_fault(world: World, acme: Tenant) -> None:
    with receiving(lambda _: 500) as receiver:
        listen(world, acme, receiver)
        change(world, acme, "ana")
        work(world)
        wish(world, acme, requested=(f"{EVENT}:prov:delete",))
        world.advance(25 * HOUR)
        work(world)
        assert len(receiver.requests) == 1
        assert streaming.stream(world.units, acme, "hr").enabled
        receiver.behave = lambda _: 202
        change(world, acme, "ana", event="user.deleted", method="delete", version=None)
        world.advance(2 * HOUR)
        work(world)
    assert [kinds(each) for each in Reader(world, acme).taken(receiver)] == [f"{EVENT}:prov:delete"]
    assert streaming.stream(world.units, acme, "hr").progress.failures == 0


def test_an_event_is_not_sent_on_when_the_time_for_it_is_over(world: World, acme: Tenant) -> None:
    installed = world.installation
    with receiving(lambda _: 202) as receiver:
        hr = listen(world, acme, receiver)
        change(world, acme, "ana", event="user.suspended", active=False)
        relay(world.units)
        job = taken(world, acme, hr)
        (sending,) = job.sendings
        assert len(sending.tokens) > 1
        with closing(installed.web.session(receiver.url)) as session:
            attempt = push(session, installed.signer(), job.secrets, sending, ends=time.monotonic())
            assert (attempt.verdict, attempt.status) == (Verdict.FAILED, None)
            assert len(receiver.requests) == 1, "it is tried with one at least"
            attempt = push(session, installed.signer(), job.secrets, sending, ends=time.monotonic() + HOUR)
            assert (attempt.verdict, attempt.status) == (Verdict.ACCEPTED, 202)
    assert len(receiver.requests) == 1 + len(sending.tokens)
