"""Secrets are taken out of requests by their names, wherever they stand; everything else stays."""

import json
from typing import Any

import pytest

from scim_server.protocol.redactions import REDACTED, Redaction
from scim_server.protocol.registry import Registries, build, standard_registry

CANARY = "hunter2"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
redaction = Redaction.of(Registries(standard_registry()))


def kept(body: Any, most: int = 10_000) -> str:
    raw = body if isinstance(body, str) else json.dumps(body)
    return redaction.body(raw.encode(), json.loads(raw), most)[0]


SECRETS: list[Any] = [
    {"password": CANARY},
    {"PassWord": {"value": [CANARY]}},
    {f"{USER}:password": CANARY},
    {USER: {"password": CANARY}},
    {"password.value": CANARY},
    {"Operations": [{"op": "add", "path": "password", "value": CANARY}]},
    {"Operations": [{"op": "add", "Path": f"{USER}:PASSWORD", "VALUE": {"x": CANARY}}]},
    {"Operations": [{"op": "add", "value": {"password": CANARY}}]},
    {"Operations": [{"op": "remove", "path": f'password[value eq "{CANARY}"]'}]},
    {"Operations": [{"op": "remove", "path": f'emails[type eq "work" and password eq "{CANARY}"]'}]},
    {"Operations": [{"method": "POST", "path": "/Users", "data": {"password": CANARY}}]},
    {"Operations": [{"method": "PATCH", "path": "/Users/1", "data": {"Operations": [
        {"op": "replace", "path": "password", "value": CANARY}]}}]},
    {"filter": f"password eq {CANARY}"},
    {"filter": f'userName pr and not (PASSWORD co"{CANARY}")'},
    {"filter": f"password equals {CANARY}"},
    {"roles": [{"value": json.dumps({"password": CANARY})}]},
    {"roles": [{"value": json.dumps(json.dumps({"password": CANARY}))}]},
    {"roles": [{"value": '{"p\\u0061ssword":"' + CANARY + '"}'}]},
    '{"p\\u0061ssword":"' + CANARY + '"}',
    {"clientSettings": {"access_token": CANARY}},
]  # fmt: skip


@pytest.mark.covers("R-7644-7-05")
@pytest.mark.parametrize("body", SECRETS, ids=str)
def test_a_body_is_kept_without_its_secrets(body: Any) -> None:
    assert CANARY not in kept(body)
    assert REDACTED in kept(body)


def test_a_body_without_secrets_is_kept_as_it_came() -> None:
    raw = '{ "userName":"ana",\n"displayName": "Ana",  "members":[]}'
    assert kept(raw) == raw


@pytest.mark.parametrize("text", ["Password", "Password admins", "passwords: 2", "ana@password.example"])
def test_text_that_only_looks_like_a_secret_stays(text: str) -> None:
    if text != "ana@password.example":
        assert json.loads(kept({"displayName": text})) == {"displayName": text}
    assert json.loads(kept({"userName": "ana", "path": "password", "op": "add", "value": "x"})) == {
        "userName": REDACTED, "path": "password", "op": "add", "value": REDACTED
    }  # fmt: skip


def test_tokens_of_this_server_are_taken_out_wherever_they_are() -> None:
    token = "scim_OUoavlwH468v1P0zL9iSr4_1Je1waFaZIy6r7071Bkr9Yehn4VRVeGndJMdX8LL9rM221Uzp"
    assert token not in kept({"nickName": f"it is {token}."})
    assert token not in redaction.query(f"x={token}")[0]


QUERIES = [
    f"filter=password+eq+%22{CANARY}%22",
    f"filter=password%20{CANARY}",
    f"FILTER=emails%5Bpassword+eq+{CANARY}%5D&count=1",
    f"password={CANARY}",
    f"access_token={CANARY}",
    f"p%61ssword={CANARY}",
    f"x=password%3D{CANARY}",
]


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_is_kept_without_its_secrets(query: str) -> None:
    text, is_clean = redaction.query(query)
    assert CANARY not in text
    assert not is_clean


def test_a_query_without_secrets_is_decoded() -> None:
    query = "filter=userName+eq+%22ana%22&attributes=password,userName"
    assert redaction.query(query) == ('filter=userName eq "ana"&attributes=password,userName', True)


def test_what_a_refusal_quoted_is_taken_out() -> None:
    detail = redaction.detail(f"The filter cannot be read: '{CANARY} isn't' does not belong at character 9.")
    assert detail == f"The filter cannot be read: {REDACTED} does not belong at character 9."


def test_what_a_schema_calls_secret_is_one() -> None:
    """A secret part makes the whole attribute secret: its own name would be too common a word."""
    registry = build(
        schemas=[
            {"id": "urn:scim-server:schemas:core:2.0:Common", "name": "Common", "attributes": []},
            {
                "id": "urn:x:Device",
                "name": "Device",
                "attributes": [
                    {"name": "pin", "returned": "never"},
                    {"name": "key", "type": "complex", "subAttributes": [{"name": "value", "mutability": "writeOnly"}]},
                ],
            },
        ],
        messages=[],
        resource_types=[],
    )
    body = {"pin": CANARY, "key": {"value": CANARY}, "emails": [{"value": "kept"}]}
    text, _ = Redaction.of(Registries(registry)).body(json.dumps(body).encode(), body, 1000)
    assert json.loads(text) == {"pin": REDACTED, "key": REDACTED, "emails": [{"value": "kept"}]}


def test_only_as_much_is_copied_as_is_wanted() -> None:
    body = {"password": CANARY, "members": [{"value": str(number)} for number in range(100_000)]}
    assert 100 < len(kept(body, most=100)) < 1000
