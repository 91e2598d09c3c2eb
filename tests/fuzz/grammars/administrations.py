"""The admin API: calls made from its table of endpoints, with what is there and with what is not."""

import json
from random import Random
from typing import Any

from marshmallow.fields import Field, List, Nested

from scim_server.api.blueprints import PLACE, PREFIX
from scim_server.api.endpoints import JSON, Endpoint
from scim_server.api.fields import Choice, Cursor, Flag, Moment, Number, Switch, TextMap, cursor
from scim_server.api.nouns import ENDPOINTS
from tests.api.hostile_calls import CURSORS, FILES
from tests.api.meant_calls import members
from tests.api.probing import MEMBERS
from tests.fuzz import chances
from tests.fuzz.chances import often
from tests.fuzz.grounds import Ground
from tests.walls.requests import Request, quoted

NEVER = frozenset({"run_chores", "verify_domain"})
"""What would change other tenants than the caller's, and what asks servers of others."""
CALLABLE = [endpoint for endpoint in ENDPOINTS if endpoint.name not in NEVER]


def administrations(random: Random, ground: Ground) -> Request:
    """A call of any endpoint."""
    endpoint = random.choice(CALLABLE)
    places = {name: quoted(_place(random, ground, name)) for name in PLACE.findall(endpoint.path)}
    path = PREFIX + PLACE.sub(lambda match: places[match[1]], endpoint.path)
    asked = {name: member for name, member in members(endpoint.query).items() if member.required or often(random, 0.2)}
    query = "&".join(f"{name}={quoted(str(value_of(random, ground, name, each)))}" for name, each in asked.items())
    token = ground.operator if "{tenant}" not in endpoint.path and often(random, 0.5) else ground.api
    headers = [("Authorization", f"Bearer {token}")]
    body = _body(random, ground, endpoint)
    if body:
        headers.append(("Content-Type", endpoint.takes))
    if often(random, 0.05):
        headers.append(("Idempotency-Key", random.choice(("k1", "k2", "k" * 300, "\x7f"))))
    return Request(endpoint.method, path, query, tuple(headers), body)


def value_of(random: Random, ground: Ground, name: str, member: Field[Any]) -> Any:
    """A value that the member takes as a rule."""
    if often(random, 0.15):
        return chances.value(random)
    if isinstance(member, List):
        return [value_of(random, ground, name, member.inner) for _ in range(random.randint(0, 3))]
    if isinstance(member, Nested):
        return _object(random, ground, type(member.schema))
    if isinstance(member, TextMap):
        return {chances.text(random): chances.text(random) for _ in range(random.randint(0, 3))}
    return _simple(random, ground, name, member)


def _simple(random: Random, ground: Ground, name: str, member: Field[Any]) -> Any:
    if isinstance(member, Cursor):
        return random.choice((*CURSORS, cursor(_place(random, ground, "user"))))
    if isinstance(member, Choice):
        return random.choice(member.validators[0].choices)
    if isinstance(member, Number):
        return random.choice((0, 1, 2, 1000, -1, 2**31))
    if isinstance(member, Flag | Switch):
        return random.choice((True, False, "true", "false"))
    if isinstance(member, Moment):
        return random.choice(("2026-01-31", "2100-01-31T09:00:00Z", "2026-01-31T09:00:00+25:00", "0001-01-01", "x"))
    return _place(random, ground, MEMBERS[name]) if name in MEMBERS else chances.text(random)


def _place(random: Random, ground: Ground, name: str) -> str:
    if often(random, 0.1):
        return chances.text(random)
    return random.choice(ground.seeds.places[name])


def _body(random: Random, ground: Ground, endpoint: Endpoint) -> bytes:
    if endpoint.method not in {"POST", "PUT", "PATCH"} or (endpoint.body is None and often(random, 0.9)):
        return b""
    if endpoint.takes != JSON:
        return chances.mutated_bytes(random, random.choice((*FILES.values(), _rows(random, ground)))[:20_000])
    if often(random, 0.05):
        return json.dumps(chances.value(random)).encode("utf-8", "surrogatepass")
    return chances.written(random, _object(random, ground, endpoint.body)) if endpoint.body else b"{}"


def _object(random: Random, ground: Ground, kind: Any) -> dict[str, Any]:
    return {
        name: value_of(random, ground, name, member)
        for name, member in members(kind).items()
        if member.required or often(random, 0.4)
    }


def _rows(random: Random, ground: Ground) -> bytes:
    rows = [f"{_place(random, ground, 'user')},{chances.text(random)},{chances.text(random)}" for _ in range(3)]
    return "\n".join(["email,first_name,last_name", *rows]).encode("utf-8", "surrogatepass")
