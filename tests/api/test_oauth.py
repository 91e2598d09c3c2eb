"""Clients of the authorization server over the admin API: nobody lets a client do more than they may themselves."""

from typing import Any

import pytest

from scim_server.domain.tenants import Tenant
from tests.api.callers import Caller, caller
from tests.programs import KEYS, public_set
from tests.worlds import Connection, World, contents

ALL = "~/oauth-clients"
SCIM = {"name": "idp", "connection": "okta", "scopes": ["scim"]}


def test_a_client_from_its_registration_to_its_end(api: Caller, okta: Connection) -> None:
    new = api.done("POST", ALL, {**SCIM, "method": "client_secret_post", "tokenSeconds": 7200})
    assert api.last is not None
    assert api.last.headers["Location"].endswith(f"/tenants/acme/oauth-clients/{new['id']}")
    assert api.done("GET", f"{ALL}/idp") == api.done("GET", f"{ALL}/{new['id']}") == new
    issued = api.done("POST", f"{ALL}/idp/secrets", {"days": 30})
    assert issued["secret"].startswith("scimcs_")
    (listed,) = api.items(f"{ALL}/idp/secrets")
    assert listed == {name: value for name, value in issued.items() if name != "secret"}
    form = {"grant_type": "client_credentials", "client_id": new["id"], "client_secret": issued["secret"]}
    answer = okta.http.post("/oauth/acme/token", data=form)
    assert (answer.status_code, answer.json["expires_in"]) == (200, 7200)
    (used,) = api.items(f"{ALL}/idp/secrets")
    assert used["lastUsed"] is not None
    changed = api.done("PATCH", f"{ALL}/idp", {"scopes": ["scim:read"], "name": "entra"})
    assert changed == {**new, "scopes": ["scim:read"], "name": "entra"}
    api.done("DELETE", f"{ALL}/entra/secrets/{issued['id']}")
    assert okta.http.post("/oauth/acme/token", data=form).status_code == 401
    api.done("DELETE", f"{ALL}/entra")
    assert api.done("GET", f"{ALL}/entra")["revoked"] is not None
    api.refused(409, "DELETE", f"{ALL}/entra")
    api.refused(404, "GET", f"{ALL}/nobody")


def test_a_secret_is_shown_once_however_often_it_is_asked_for(api: Caller, okta: Connection) -> None:
    api.done("POST", ALL, SCIM)
    first, again = (api.done("POST", f"{ALL}/idp/secrets", {"days": 1}, Idempotency_Key="one") for _ in range(2))
    assert again == {**first, "secret": None}
    assert len(api.items(f"{ALL}/idp/secrets")) == 1


BEYOND: dict[str, dict[str, Any]] = {
    "a permission": {"name": "x", "scopes": ["people.read", "roles.write"]},
    "to issue tokens": {"name": "x", "scopes": ["people.read"]},
    "a connection's role": {**SCIM, "name": "x"},
}


@pytest.mark.parametrize("body", BEYOND.values(), ids=BEYOND.keys())
def test_nobody_registers_a_client_that_may_do_more(
    world: World, acme: Tenant, okta: Connection, body: dict[str, Any]
) -> None:
    narrow = caller(world, acme, "connections.write", "people.read")
    before = contents(world)
    assert "beyond" in narrow.refused(403, "POST", ALL, body)["detail"]
    assert contents(world) == before


def test_nobody_takes_over_a_client_that_may_do_more(world: World, acme: Tenant, api: Caller, okta: Connection) -> None:
    """Whoever gets a secret of it, or changes its keys, could be it."""
    api.done("POST", ALL, {"name": "rich", "scopes": ["roles.write"]})
    api.done("POST", ALL, SCIM)
    narrow = caller(world, acme, "connections.write", "tokens.write")
    before = contents(world)
    jwks = public_set(KEYS["ES256"])
    for client in ("rich", "idp"):
        narrow.refused(403, "POST", f"{ALL}/{client}/secrets", {})
        narrow.refused(403, "PATCH", f"{ALL}/{client}", {"method": "private_key_jwt", "jwks": jwks})
    weaker = {"scopes": ["connections.write"], "method": "private_key_jwt", "jwks": jwks}
    narrow.refused(403, "PATCH", f"{ALL}/rich", weaker)  # whoever gave it its scopes back would give them to that key
    assert contents(world) == before
    assert "beyond" in narrow.refused(403, "PATCH", f"{ALL}/rich", {"scopes": ["audit.read"]})["detail"]


def test_a_connection_that_is_called_like_another_gives_no_more(
    world: World, acme: Tenant, api: Caller, okta: Connection
) -> None:
    owner = api.done("GET", "~/connections/okta")["id"]
    api.done("POST", "~/connections", {"name": owner, "idp": "okta", "maxRole": "member"})
    narrow = caller(world, acme, "connections.write", "tokens.write")
    narrow.refused(403, "POST", ALL, SCIM)


def test_a_client_does_not_make_another_that_may_do_more(
    world: World, acme: Tenant, api: Caller, okta: Connection
) -> None:
    """What it has of the API is what it can pass on."""
    new = api.done("POST", ALL, {"name": "admin", "scopes": ["connections.write", "tokens.write", "people.read"]})
    secret = api.done("POST", f"{ALL}/admin/secrets", {})["secret"]
    form = {"grant_type": "client_credentials"}
    token = okta.http.post("/oauth/acme/token", data=form, auth=(new["id"], secret)).json["access_token"]
    program = Caller(okta.http, token, "acme")
    program.refused(403, "POST", ALL, {"name": "rich", "scopes": ["roles.write"]})
    program.done("POST", ALL, {"name": "poor", "scopes": ["people.read"]})
    (entry,) = [each for each in world.trail(acme) if each.after and each.after.get("name") == "poor"]
    assert entry.actor == f"client:{new['id']}"


def test_keys_are_the_operators(world: World, acme: Tenant, api: Caller, operator: Caller) -> None:
    caller(world, acme, "tokens.write").refused(403, "GET", "/operator/signing-keys")
    made = operator.done("POST", "/operator/signing-keys/rotate", {})
    assert operator.items("/operator/signing-keys") == [made]
    assert "private" not in made
