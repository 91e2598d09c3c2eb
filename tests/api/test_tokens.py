"""Tokens of every kind, over the admin API and from the command line."""

from datetime import datetime, timedelta

import pytest

from scim_server.domain.tenants import Tenant
from scim_server.services import api_tokens
from tests.api.callers import Caller, caller
from tests.cli.commands import CommandLine
from tests.worlds import Connection, World, contents


def test_a_tenants_tokens_of_every_kind_come_in_pages(
    world: World, acme: Tenant, api: Caller, operator: Caller, okta: Connection
) -> None:
    okta.create_user("ana")
    person = operator.done("POST", "/tenants/acme/users/ana/tokens")
    assert (person["user"], person["baseAddress"]) == ("ana", "https://seats.example.com/scim/acme/v2")
    assert Connection(okta.http, "acme", person["token"], "ana").get("/Me").json["userName"] == "ana"
    program = api.done("POST", "~/api-tokens", {"name": "billing", "scopes": ["people.read"], "days": 1})
    assert program["baseAddress"] == "https://seats.example.com/api/v1"
    assert datetime.fromisoformat(program["expires"]) - datetime.fromisoformat(program["created"]) == timedelta(days=1)
    world.connect(world.tenant("other"))
    found = api.items("~/tokens?limit=1")
    assert [token["kind"] for token in found] == ["api", "connection", "person", "api"]
    assert found == api.items("~/tokens")
    assert [token["user"] for token in api.items("~/tokens?kind=person")] == ["ana"]
    assert [token["name"] for token in api.items("~/tokens?kind=api")] == ["test", "billing"]
    assert api.items("~/users/ana/tokens?limit=1") == [token for token in found if token["kind"] == "person"]
    for token in found[1:]:
        api.done("DELETE", f"~/tokens/{token['id']}")
    assert {token["state"] for token in api.items("~/tokens")} == {"live", "revoked"}


def test_what_a_token_is_not_good_for_is_named_in_the_challenge(world: World, acme: Tenant) -> None:
    narrow = caller(world, acme, "people.read")
    assert "'tokens.write'" in narrow.refused(403, "GET", "~/credentials")["detail"]
    assert narrow.last is not None
    assert narrow.last.headers["WWW-Authenticate"] == (
        'Bearer realm="api", error="insufficient_scope", scope="tokens.write", resource_metadata='
        '"https://seats.example.com/.well-known/oauth-protected-resource/api/v1"'
    )


def test_the_operators_own_tokens(world: World, acme: Tenant, operator: Caller) -> None:
    narrow = {"name": "chores", "scopes": ["operations.write"]}
    issued = operator.post("/operator/tokens", narrow)
    assert issued.headers["Location"] == f"/api/v1/operator/tokens/{issued.json['id']}"
    assert (issued.json["kind"], issued.json["tenant"]) == ("operator", None)
    other = Caller(operator.http, issued.json["token"])
    assert [token["name"] for token in other.items("/operator/tokens?limit=1")] == ["test", "chores"]
    assert (
        "beyond your own"
        in other.refused(403, "POST", "/operator/tokens", {**narrow, "scopes": ["tenants.read"]})["detail"]
    )
    operator.done("DELETE", f"/operator/tokens/{issued.json['id']}")
    other.send("GET", "/operator/tokens")
    assert other.last is not None
    assert other.last.status_code == 401
    assert "revoked" in operator.refused(409, "DELETE", f"/operator/tokens/{issued.json['id']}")["detail"]
    assert "no token" in operator.refused(404, "DELETE", "/operator/tokens/nothing")["detail"]
    tenants = caller(world, acme)
    tenants.refused(403, "GET", "/operator/tokens")


def test_only_the_operator_issues_what_opens_a_persons_own(
    world: World, acme: Tenant, api: Caller, operator: Caller, okta: Connection
) -> None:
    okta.create_user("ana")
    assert "operations.write" in api.refused(403, "POST", "~/users/ana/tokens")["detail"]
    operator.refused(404, "POST", "/tenants/acme/users/nobody/tokens")
    caller(world, acme, "tokens.write").refused(404, "GET", "~/users/nobody/tokens")


def test_a_token_of_the_admin_api_from_the_command_line(cli: CommandLine, world: World, acme: Tenant) -> None:
    issued = cli.json("token", "issue", "acme", "--api", "billing", "--scope", "people.read", "--scope", "logs.read")
    assert (issued["name"], issued["scopes"]) == ("billing", ["logs.read", "people.read"])
    program = Caller(world.app.test_client(), issued["token"], "acme")
    assert program.items("/products")
    hint = cli.done("token", "issue", "acme", "--api", "more", "--all-scopes").out
    assert "/api/v1" in hint
    assert sorted(api_tokens.OF_TENANT) in [token["scopes"] for token in cli.json("token", "list", "acme")]
    cli.done("token", "revoke", issued["id"])
    assert program.get("/products").status_code == 401


def test_a_token_of_the_operator_from_the_command_line(cli: CommandLine, world: World, acme: Tenant) -> None:
    issued = cli.json("token", "issue", "--operator", "me", "--all-scopes")
    operator = Caller(world.app.test_client(), issued["token"])
    assert [tenant["slug"] for tenant in operator.items("/tenants")] == ["acme"]
    assert [token["kind"] for token in cli.json("token", "list")] == ["operator"]
    assert cli.json("token", "list", "acme") == []
    cli.done("token", "revoke", issued["id"])
    assert operator.get("/tenants").status_code == 401
    assert "revoked already" in cli.failed(1, "token", "revoke", issued["id"])


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("acme", "--api", "x"), 2, "--scope"),
        (("acme/okta", "--scope", "people.read"), 1, "'people.read' is no scope of SCIM"),
        (("acme", "--user", "ana", "--all-scopes"), 2, "takes no scope"),
        (("acme", "--api", "x", "--scope", "people.read", "--all-scopes"), 2, "exclude each other"),
        (("acme", "--api", "x", "--scope", "fly"), 2, "'fly' is not one of"),
        (("acme", "--api", "x", "--operator", "y", "--all-scopes"), 2, "exclude each other"),
        (("acme", "--operator", "y", "--all-scopes"), 2, "leave TENANT out"),
        (("--api", "x", "--all-scopes"), 2, "TENANT alone"),
        (("acme", "--api", "x", "--scope", "tenants.read"), 1, "'tenants.read' is no scope"),
        (("acme", "--api", " ", "--all-scopes"), 1, "needs a name"),
        (("--operator", "x" * 129, "--all-scopes"), 1, "needs a name"),
    ],
)
def test_what_is_no_token_is_refused(
    cli: CommandLine, world: World, acme: Tenant, arguments: tuple[str, ...], code: int, words: str
) -> None:
    before = contents(world)
    assert words in cli.failed(code, "token", "issue", *arguments)
    assert contents(world) == before


def test_lists_of_tokens_are_narrowed_in_one_way(cli: CommandLine, acme: Tenant) -> None:
    assert "stands alone" in cli.failed(2, "token", "list", "acme", "--operator")
    assert "TENANT" in cli.failed(2, "token", "list", "--user", "ana")
    assert "no connection 'okta'" in cli.failed(1, "token", "list", "acme/okta")
