"""Requests that are meant to hurt: each is refused at little cost, and changes nothing."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from werkzeug.test import TestResponse

from tests.worlds import GROUP, PATCH_OP, SEARCH, USER, Connection

LONGEST_ADDRESS = 60_000
"""What the server that `scim-server serve` runs passes on."""
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"


@dataclass(frozen=True)
class Hostile:
    """A request and the status it is refused with. `{user}` and `{group}` in its path stand for ids."""

    method: str
    path: str
    body: bytes | None
    status: int = 400

    def send(self, client: Connection, ids: Mapping[str, str]) -> TestResponse:
        return client.send(self.method, self.path.format_map(ids) if "{" in self.path else self.path, self.body)


def _patch(*operations: Mapping[str, Any]) -> bytes:
    return json.dumps({"schemas": [PATCH_OP], "Operations": operations}).encode()


def _many(schema: str, operation: str, count: int = 100_000) -> bytes:
    return f'{{"schemas":["{schema}"],"Operations":[{",".join([operation] * count)}]}}'.encode()


def _user(members: bytes) -> bytes:
    return b'{"schemas": ["' + USER.encode() + b'"], "userName": "ana", ' + members + b"}"


_NAMES = ("__proto__", "constructor.prototype", "__class__", "a.__dict__", "name.__class__", "emails.__init__.x")

_FILTERS = {
    "10,000 terms": " or ".join(["id pr"] * 10_000),
    "1,001 terms": " or ".join(["id pr"] * 1_001),
    "3,000 open parentheses": "(" * 3_000,
    "51 levels": "(" * 51 + "title pr" + ")" * 51,
    "3,000 negations": "not (" * 3_000,
    "literal of 100 KB": f'userName eq "{"a" * 100_000}"',
    "literal of 100 KB, open": f'userName eq "{"a" * 100_000}',
    "literal of 100 KB in backslashes": f'userName eq "{chr(92) * 99_999}"',
    "15,000 digits": f"title eq {'9' * 15_000}",
    "2,000 open brackets": "emails[" * 2_000,
    "999 words without quotes and no end": " or ".join(["title eq a"] * 999) + " or",
    "10,000 dots": "a" + ".a" * 10_000,
    "10,000 colons": "urn" + ":a" * 10_000 + " pr",
    "NUL": 'userName eq "a\0b"',
    **{name: f'{name} eq "x"' for name in _NAMES},
}

_BODIES = {
    "100,000 open brackets": b"[" * 100_000,
    "100,000 objects in each other": b'{"a":' * 100_000,
    "33 levels": _user(b'"name": ' + b"[" * 33 + b"]" * 33),
    "5,000 digits": _user(b'"x": ' + b"9" * 5_000),
    "5,000 digits behind the point": _user(b'"x": 0.' + b"9" * 5_000),
    "5,000 digits in an exponent": _user(b'"x": 1e' + b"9" * 5_000),
    "exponent beyond any number": _user(b'"x": 0e-99999999999999999999'),
    "NaN": _user(b'"x": NaN'),
    "Infinity": _user(b'"x": -Infinity'),
    "lone surrogate": _user(b'"title": "\\ud800"'),
    "lone surrogate in a name": _user(b'"\\udfff": 1'),
    "NUL": _user(b'"title": "\x00"'),
    "NUL, escaped": _user(b'"title": "\\u0000"'),
    "trailing data": _user(b'"x": 1') + b" {}",
    "name given twice": _user(b'"userName": "bo"'),
    "last of 10,000 names given twice": _user(
        b",".join(b'"k%d":1' % number for number in (*range(10_000), 9_999)),
    ),
    "no UTF-8": _user(b'"title": "\xff"'),
}

_PATHS = {
    "10,000 terms": f"members[{' or '.join(['value pr'] * 10_000)}]",
    "literal of 100 KB": f'members[value eq "{"a" * 100_000}"]',
    "3,000 open brackets": "members[" * 3_000,
    **{name: name for name in _NAMES},
}


def _requests() -> Iterator[tuple[str, Hostile]]:
    for name, text in _FILTERS.items():
        body = json.dumps({"schemas": [SEARCH], "filter": text}).encode()
        yield f"filter in a body: {name}", Hostile("POST", "/Users/.search", body)
        if len(address := f"/Users?filter={quote(text)}") <= LONGEST_ADDRESS:
            yield f"filter in an address: {name}", Hostile("GET", address, None)
    for name, body in _BODIES.items():
        yield f"body of a resource: {name}", Hostile("POST", "/Users", body)
        yield f"body of a bulk: {name}", Hostile("POST", "/Bulk", body)
    for name, text in _PATHS.items():
        operation = {"op": "replace", "path": text, "value": "x"}
        yield f"path of a PATCH: {name}", Hostile("PATCH", "/Groups/{group}", _patch(operation))
    too_many = {
        "PATCH of 100,000 operations": _many(PATCH_OP, '{"op":"add","path":"title","value":"x"}'),
        "PATCH of 100,000 empty operations": _many(PATCH_OP, "{}"),
        "PATCH of 100,000 nulls": _many(PATCH_OP, "null"),
    }
    for name, body in too_many.items():
        yield name, Hostile("PATCH", "/Users/{user}", body, 413)
    bulk = '{"method":"POST","path":"/Users","bulkId":"a","data":{"userName":"ana"}}'
    yield "bulk of 100,000 operations", Hostile("POST", "/Bulk", _many(BULK, bulk), 413)
    yield "bulk of 100,000 empty operations", Hostile("POST", "/Bulk", _many(BULK, "{}"), 413)
    group = {"schemas": [GROUP], "displayName": "x" * 100_000}
    yield "text of 100 KB", Hostile("POST", "/Groups", json.dumps(group).encode())


REQUESTS: Mapping[str, Hostile] = dict(_requests())
