"""RFC 7644 section 7.5: what is taken out of a body that is kept, and what is not."""

import json
from typing import Any

import pytest

from scim_server.protocol.passwords import without_passwords
from scim_server.protocol.registry import standard_registry
from tests.worlds import USER

KEY = "urn:example:Key"
SECRET = {"type": "string", "mutability": "writeOnly", "returned": "never"}
CREDENTIAL = {
    "name": "cred",
    "type": "complex",
    "subAttributes": [{"name": "value", **SECRET}, {"name": "password", **SECRET}],
}
REGISTRY = standard_registry().extended(
    [
        {"id": KEY, "name": "Key", "attributes": [CREDENTIAL]},
        {"id": "urn:example:Lock", "name": "Lock", "attributes": [{"name": "password"}]},
    ],
    [
        {"name": "User", "schemaExtensions": [{"schema": KEY, "required": False}]},
        {"name": "Lock", "endpoint": "/Locks", "schema": "urn:example:Lock"},
    ],
)
WHOLE = {"userName": "ana", "emails": [{"value": "a@x.test"}], KEY: {"cred": {"value": "v", "password": "p"}}}


def kept(body: Any, path: str = "/Users") -> Any:
    return json.loads(without_passwords(json.dumps(body).encode(), path, REGISTRY))


def test_what_is_no_password_is_kept_whatever_it_is_called() -> None:
    assert kept({**WHOLE, "password": "hush"}) == WHOLE
    assert kept({"password": "opens"}, "/Locks") == {"password": "opens"}
    patch = {
        "Operations": [
            {"op": "add", "path": 'emails[type eq "work"].value', "value": "b@x.test"},
            {"op": "add", "path": f"{KEY}:cred", "value": {"password": "p"}},
            {"op": "add", "value": WHOLE},
        ]
    }
    assert kept(patch, "/Users/1") == patch
    bulk = {"Operations": [{"method": "POST", "path": "/Locks", "data": {"password": "opens"}}]}
    assert kept(bulk, "/Bulk") == bulk


@pytest.mark.parametrize("name", ["password", "PassWord", f"{USER}:password"])
def test_a_password_is_taken_out(name: str) -> None:
    said = {"Operations": [{"op": "add", "value": {name: "hush", "title": "Boss"}}]}
    assert kept(said, "/Me") == {"Operations": [{"op": "add", "value": {"title": "Boss"}}]}
    assert kept({USER: {name: "hush"}}) == {USER: {}}
    written_out = b'{"pass\\u0077ord": "hush"}'
    assert without_passwords(written_out, "/Users", REGISTRY) == "{}"
