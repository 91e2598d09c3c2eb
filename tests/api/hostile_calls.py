"""Calls that are meant to hurt, made from the table of endpoints."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from marshmallow.fields import List, Nested

from scim_server.api.blueprints import PLACE
from scim_server.api.endpoints import JSON, Endpoint
from scim_server.api.fields import cursor
from scim_server.api.shapes import Body
from tests.api.meant_calls import body_of, members, needed, path_of, value_of
from tests.api.seeds import Seeds

LONG = "x" * 20_000
PLACES = ("%00", "%ff", "%ED%A0%80", "a%2Fb", "%0D%0Ax", "..", "%22%27%3B--", "9" * 400, "%F0%9F%92%A9", LONG[:5000])
TEXTS = (
    "",
    "%00",
    "%ff",
    "-1",
    "9" * 30,
    "1e400",
    "2026-13-45",
    "0001-01-01T00:00:00%2B23:59",
    LONG,
)
CURSORS = (
    cursor("x"),
    cursor(("", "")),
    cursor((1, "x")),
    cursor((2**63, "x", "x", "x")),
    cursor((-1, -1, "\0", "x")),
    cursor(("é" * 999,)),
    "W10",
    "bnVsbA",
    quote("W1tbW1tb" * 500),
)
BODIES = {
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "a text": b'"x"',
    "half": b"{",
    "deep": b'{"a":' * 5_000,
    "deep lists": b"[" * 50_000,
    "a name twice": b'{"a":1,"a":2}',
    "NaN": b'{"a":NaN}',
    "a long number": b'{"a":' + b"9" * 5_000 + b"}",
    "a lone surrogate": b'{"a":"\\ud800"}',
    "NUL": b'{"a":"\\u0000"}',
    "no UTF-8": b'{"a":"\xff"}',
    "data behind it": b"{} {}",
    "a member of nobody's": b'{"__proto__":{"a":1},"self":null}',
}
VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    2**62,
    1.5,
    "",
    "\u202e\u0007\ud83d\udca9",
    LONG,
    [],
    {},
    [None],
    [[]],
    {"a": []},
)
INNER: tuple[Any, ...] = (-1, "", LONG, {"a": []})
FILES = {
    "nothing": b"",
    "another header": b"a,b,c\n1,2,3\n",
    "NUL": b"email,first_name,last_name\na\0@x.test,A,B\n",
    "no UTF-8": b"email,first_name,last_name\n\xff@x.test,A,B\n",
    "UTF-16": "email,first_name,last_name\n".encode("utf-16"),
    "open quotes": b'email,first_name,last_name\n"' + b"x" * 200_000,
    "many columns": b"email," * 20_000,
    "a long cell": b"email,first_name,last_name\na@x.test," + b"A" * 200_000 + b",B\n",
    "the same twice": b"email,email\na@x.test,b@x.test\n",
    "formulas": b"email,first_name,last_name\n=1+1@x.test,\"=cmd|'/c calc'!A1\",B\n",
    "JSON": b'{"email": "a@x.test"}',
}
HEADERS: tuple[Mapping[str, str], ...] = (
    {"Content_Type": "text/plain"},
    {"Content_Type": "application/json; charset=utf-16"},
    {"Content_Type": "multipart/form-data"},
    {"Content_Type": ""},
    {"Content_Encoding": "gzip"},
    {"Accept": "text/csv;q=x, */*;q=-1"},
    {"Idempotency_Key": "\x7f"},
    {"Idempotency_Key": "é" * 200},
    {"If_Match": '"' * 999},
)


@dataclass(frozen=True)
class Call:
    """What is sent to the address, below /api/v1."""

    path: str
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def calls(endpoint: Endpoint, seeds: Seeds) -> Iterator[Call]:
    """Everything that is tried of one endpoint."""
    usual, joint = path_of(endpoint, seeds), "?"
    body = body_of(endpoint, seeds)
    if asked := needed(endpoint.query, seeds):
        usual, joint = usual + "?" + "&".join(f"{name}={value}" for name, value in asked.items()), "&"
    for place in PLACE.findall(endpoint.path)[-1:]:  # the others are read by what endpoints have in common
        yield from (Call(path_of(endpoint, seeds, {place: text}), body) for text in PLACES)
    yield Call(f"{usual}{joint}unknown=1", body)
    for name, member in members(endpoint.query).items():
        texts = (*TEXTS, *CURSORS) if name == "after" else TEXTS
        yield from (Call(f"{usual}{joint}{name}={text}", body) for text in texts)
        yield Call(f"{usual}{joint}{name}={value_of(member, seeds)}&{name}=x", body)
    if endpoint.takes == JSON and body is not None:
        yield from (Call(usual, sent) for sent in BODIES.values())
        yield from (Call(usual, body, headers) for headers in HEADERS)
    if endpoint.takes != JSON:
        yield from (Call(usual, sent, {"Content_Type": endpoint.takes}) for sent in FILES.values())
        yield from (Call(usual, sent, headers) for sent in FILES.values() for headers in HEADERS[:1])
    if endpoint.body is not None:
        yield from (Call(usual, json.dumps(sent).encode()) for sent in _bodies(endpoint.body, seeds))


def _bodies(kind: type[Body], seeds: Seeds) -> Iterator[dict[str, Any]]:
    """Bodies with one member that is wrong, or strange."""
    usual = needed(kind, seeds)
    for name, member in members(kind).items():
        yield from ({**usual, name: value} for value in VALUES)
        if isinstance(member, List):
            yield {**usual, name: [value_of(member.inner, seeds)] * 2}
            yield {**usual, name: ["x"] * 20_000}
            yield from ({**usual, name: [value]} for value in INNER)
        if isinstance(member, List) and isinstance(member.inner, Nested):
            yield from ({**usual, name: [each]} for each in _bodies(type(member.inner.schema), seeds))
