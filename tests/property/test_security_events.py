"""Whatever happens and whoever listens: tokens keep to RFC 8417, RFC 9967 and SSF 1.0."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim_server.domain.events import PlacedEvent, ScimChange, Subject
from scim_server.domain.feeds import Scope
from scim_server.domain.streams import EVERY_SCIM_EVENT, Delivery, Form, Stream
from scim_server.services.event_types import EVENT_TYPES
from scim_server.services.security_event_types import CAEP, FEED_ADD, FEED_REMOVE, RISC, SECURITY_EVENT_TYPES
from scim_server.services.security_events import repeated, tokens_of
from tests.examples import long_run

AT, NOW = "2026-11-27T14:14:52.250000Z", "2026-11-27T14:15:00.000000Z"
NAMES = st.sampled_from([*EVENT_TYPES])
WORDS = st.sampled_from(["jdoe", "a@example.com", "b@example.com"])
PATHS = (
    st.lists(st.sampled_from(["active", "emails", "members", "name.familyName"]), unique=True).map(sorted).map(tuple)
)
REQUESTED = st.lists(st.sampled_from([EVERY_SCIM_EVENT, f"{RISC}/*", f"{CAEP}/*", *SECURITY_EVENT_TYPES, "x"])).map(
    tuple
)


@st.composite
def changes(draw: Any, kind: str) -> ScimChange:
    fact = st.none() | WORDS
    known = st.dictionaries(st.sampled_from(["email", "newEmail", "userName", "newUserName"]), WORDS)
    return ScimChange(
        draw(st.sampled_from(["create", "put", "patch", "delete"] if kind == "user" else ["create", "patch"])),
        f"/{kind.title()}s/1",
        draw(fact),
        draw(st.none() | st.just('W/"2"')),
        draw(PATHS),
        draw(st.none() | st.just({"userName": "jdoe"})),
        draw(st.none() | st.booleans()),
        draw(known),
    )


@st.composite
def events(draw: Any) -> PlacedEvent:
    name = draw(NAMES)
    kind = draw(st.sampled_from(EVENT_TYPES[name].subjects))
    told = kind in ("user", "group") and name.startswith(kind) and not name.endswith("deleted")
    scim = draw(st.none() | changes(kind)) if told else None
    if scim is not None and scim.method == "delete":
        scim = None
    payload = draw(st.dictionaries(st.sampled_from(["reason", "before", "txn", "status"]), WORDS))
    position = draw(st.integers(1, 10**6))
    subject = Subject(kind, draw(st.sampled_from("12")), draw(st.none() | WORDS))
    return PlacedEvent(f"e{position}", name, subject, 1, position, AT, "r1", payload, scim)


STREAMS = st.builds(
    Stream,
    st.sampled_from(["s1", "s2"]),
    st.just("app"),
    st.sampled_from(Delivery),
    st.sampled_from([("a",), ("a", "b")]),
    st.just("cli"),
    st.just(AT),
    form=st.sampled_from(Form),
    requested=REQUESTED,
)
SCOPES = st.builds(Scope, st.booleans(), st.booleans())


@long_run
@given(stream=STREAMS, event=events(), scope=SCOPES)
@pytest.mark.covers("R-8417-2-01", "R-9967-2.2-01", "R-9967-2.2-02")
def test_every_token_is_a_security_event_token(stream: Stream, event: PlacedEvent, scope: Scope) -> None:
    tokens = tokens_of("https://issuer", stream, event, NOW, scope)
    assert len({each["jti"] for each in tokens}) == len(tokens)
    assert len({each["txn"] for each in tokens}) <= 1
    for claims in tokens:
        assert {"iss", "iat", "jti", "aud", "txn", "toe", "sub_id", "events"} == claims.keys()
        assert json.loads(json.dumps(claims)) == claims
        ((uri, payload),) = claims["events"].items()
        changed = ":prov:" in uri and uri.endswith((":notice", ":full"))
        assert len(payload.keys() & {"data", "attributes"}) == (1 if changed else 0)
        assert ("data" in payload) == uri.endswith(":full")
        assert uri in SECURITY_EVENT_TYPES
        assert claims["sub_id"]["format"] == "scim" or not uri.startswith("urn:")


@long_run
@given(stream=STREAMS, event=events(), scope=SCOPES)
@pytest.mark.covers("R-9967-2.3-01", "R-RISC-2-02")
def test_a_stream_has_nothing_that_it_did_not_ask_for_and_of_nobody_outside(
    stream: Stream, event: PlacedEvent, scope: Scope
) -> None:
    told = [uri for each in tokens_of("i", stream, event, NOW, scope) for uri in each["events"]]
    assert told == [] or scope.before or scope.after
    assert FEED_ADD not in told or told == [FEED_ADD]
    assert FEED_REMOVE not in told or (told.index(FEED_REMOVE) == len(told) - 1 and scope.leaves)
    for uri in told:
        instead = uri.replace(":notice", ":full")
        assert stream.takes(uri) or (stream.form is Form.FULL and stream.takes(instead))


@long_run
@given(stream=STREAMS, happened=st.lists(events(), max_size=12))
@pytest.mark.covers("R-9967-5-03")
def test_what_is_not_repeated_is_told_by_a_later_one(stream: Stream, happened: list[PlacedEvent]) -> None:
    placed = {event.position: event for event in happened}
    ordered = [placed[position] for position in sorted(placed)]
    dropped = set(repeated(stream, ordered))
    for place, event in enumerate(ordered):
        if event.position in dropped:
            assert event.scim is not None
            later = next(
                each for each in ordered[place + 1 :] if each.subject == event.subject and each.position not in dropped
            )
            assert later.scim is not None
            assert set(event.scim.attributes) <= set(later.scim.attributes)
