"""OpenID Shared Signals Framework 1.0: what receivers ask of the streams that they are told by."""

import json
from random import Random
from typing import Any

from scim_server.domain.streams import Status
from scim_server.oauth.transmitter_metadata import ADD, POLL, PUSH, REMOVE, STATUS, STREAM, VERIFY
from tests.fuzz import chances
from tests.fuzz.chances import often
from tests.fuzz.grounds import Ground
from tests.walls.requests import Request, quoted

ENDPOINTS = (
    *((STREAM, "POST"), (STREAM, "GET"), (STREAM, "PATCH"), (STREAM, "PUT"), (STREAM, "DELETE")),
    *((STATUS, "GET"), (STATUS, "POST"), (VERIFY, "POST"), (ADD, "POST"), (REMOVE, "POST")),
    *((STREAM, "OPTIONS"), (STATUS, "PUT"), ("nothing", "GET"), ("", "POST")),
)
RECEIVERS = (
    *("https://192.0.2.1/in", "http://192.0.2.1/in", "https://127.0.0.1/", "https://[::1]/", "ftp://192.0.2.1/", ""),
    *("https://", "https://x@192.0.2.1/", "https://192.0.2.1:99999/", 7, None),
)
"""None is a name: nobody is to be asked for its address."""
EVENTS = (
    *("urn:ietf:params:scim:event:prov:create:full", "urn:ietf:params:scim:event:prov:delete", "*", "", 7),
    *("urn:ietf:params:scim:event:prov:*", "https://schemas.openid.net/secevent/risc/event-type/account-disabled"),
)


def signals(random: Random, ground: Ground) -> Request:
    """A request to the management of streams, or a poll."""
    token = random.choice((ground.api, ground.api, ground.api, ground.operator, ground.signed, "x"))
    headers = (("Authorization", f"Bearer {token}"), ("Content-Type", "application/json"))
    stream = _stream(random, ground)
    if often(random, 0.2):
        path = f"/api/v1/tenants/{ground.slug}/streams/{quoted(stream)}/poll"
        return Request("POST", path, "", headers, _written(random, _poll(random)))
    name, method = random.choice(ENDPOINTS)
    query = f"stream_id={quoted(stream)}" if method in {"GET", "DELETE"} and often(random, 0.8) else ""
    body = b"" if method in {"GET", "DELETE"} else _written(random, _body(random, ground, stream))
    return Request(method, f"/oauth/{ground.slug}/ssf/{name}", query, headers, body)


def _stream(random: Random, ground: Ground) -> str:
    return chances.text(random) if often(random, 0.2) else random.choice(ground.seeds.places["stream"])


def _body(random: Random, ground: Ground, stream: str) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "stream_id": stream,
        "delivery": {
            "method": random.choice((PUSH, POLL, POLL, "urn:x", 7)),
            "endpoint_url": random.choice(RECEIVERS),
            "authorization_header": chances.text(random),
        },
        "events_requested": [random.choice(EVENTS) for _ in range(random.randint(0, 3))],
        "description": chances.text(random),
        "aud": chances.text(random),
        "status": random.choice((*(each.value for each in Status), "x")),
        "reason": chances.text(random),
        "state": chances.text(random),
        "subject": _subject(random, ground),
        "verified": random.choice((True, False, "x")),
    }
    return _some(random, usual)


def _subject(random: Random, ground: Ground) -> Any:
    issuer = f"https://seats.example.com/oauth/{ground.slug}"
    resource = random.choice([each for ids in ground.resources.values() for each in ids])
    usual = (
        {"format": "scim", "uri": f"/Users/{resource}"},
        {"format": "email", "email": "ana@x.test"},
        {"format": "iss_sub", "iss": issuer, "sub": resource},
        {"format": "opaque", "id": resource},
        {"format": "complex", "user": {"format": "email", "email": "ana@x.test"}, "tenant": {"format": "opaque"}},
        {"format": "aliases", "identifiers": [{"format": "email", "email": "ana@x.test"}, {}]},
    )
    return random.choice(usual)


def _poll(random: Random) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "maxEvents": random.choice((0, 1, 10, -1, 2**31, 2**70, "1")),
        "returnImmediately": True,
        "ack": ["x", chances.text(random)],
        "setErrs": {chances.text(random): {"err": "invalid_key", "description": chances.text(random)}},
    }
    return {"returnImmediately": True} | _some(random, usual)


def _some(random: Random, usual: dict[str, Any]) -> dict[str, Any]:
    """A part of its members, now and then with values that nobody expects."""
    return {
        name: chances.value(random) if often(random, 0.1) else value
        for name, value in usual.items()
        if often(random, 0.6)
    }


def _written(random: Random, body: dict[str, Any]) -> bytes:
    if often(random, 0.05):
        return json.dumps(chances.value(random)).encode("utf-8", "surrogatepass")
    return chances.written(random, body)
