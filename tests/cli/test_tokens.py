"""Tokens from the command line: shown once, listed without their secret, ended at once."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from scim_server.domain.tenants import Tenant
from tests.cli.commands import CommandLine, at_terminal
from tests.worlds import Connection, World


def test_quiet_prints_the_token_and_nothing_else(acme_cli: CommandLine) -> None:
    printed = acme_cli.done("token", "issue", "acme/okta", "--quiet").out
    assert printed.startswith("scim_")
    assert printed.split() == [printed.removesuffix("\n")]


def test_without_quiet_a_hint_says_that_it_is_shown_once(acme_cli: CommandLine) -> None:
    token, *hint = acme_cli.done("token", "issue", "acme/okta").out.splitlines()
    assert token.startswith("scim_")
    assert "cannot be shown again" in " ".join(hint)


def test_the_token_opens_the_tenant_until_it_is_revoked(
    cli: CommandLine, world: World, acme: Tenant, okta: Connection
) -> None:
    issued = cli.json("token", "issue", "acme/okta")
    client = Connection(world.app.test_client(), "acme", issued["token"], "okta")
    assert client.get("/Users").status_code == 200
    cli.done("token", "revoke", issued["id"])
    assert client.get("/Users").status_code == 401
    assert okta.get("/Users").status_code == 200


@pytest.mark.parametrize(
    ("text", "life"),
    [
        (None, timedelta(days=365)),
        ("365d", timedelta(days=365)),
        ("12h", timedelta(hours=12)),
        ("30m", timedelta(minutes=30)),
    ],
)
def test_it_lives_as_long_as_was_asked(acme_cli: CommandLine, text: str | None, life: timedelta) -> None:
    issued = acme_cli.json("token", "issue", "acme/okta", *(["--expires", text] if text else []))
    assert datetime.fromisoformat(issued["expires"]) - datetime.fromisoformat(issued["created"]) == life


@pytest.mark.parametrize("text", ["365", "d", "-1d", "0d", "1y", "1.5d", "9999999d", ""])
def test_an_impossible_life_is_a_usage_error(acme_cli: CommandLine, text: str) -> None:
    assert "365d" in acme_cli.failed(2, "token", "issue", "acme/okta", "--expires", text)
    assert acme_cli.json("token", "list") == []


def test_the_list_shows_states_and_no_secret(acme_cli: CommandLine) -> None:
    first, second = (acme_cli.json("token", "issue", "acme/okta") for _ in range(2))
    acme_cli.done("token", "revoke", first["id"])
    listed = acme_cli.done("token", "list", "--json")
    states = {token["id"]: token["state"] for token in listed.json}
    assert states == {first["id"]: "revoked", second["id"]: "live"}
    secret = second["token"].rpartition("_")[2]
    assert secret not in listed.out
    assert secret not in acme_cli.done("token", "list").out


def test_quiet_and_json_exclude_each_other(acme_cli: CommandLine) -> None:
    acme_cli.failed(2, "token", "issue", "acme/okta", "--quiet", "--json")


@pytest.mark.parametrize("address", ["acme", "acme/", "/okta", ""])
def test_a_connection_is_named_with_its_tenant(acme_cli: CommandLine, address: str) -> None:
    assert "TENANT/CONNECTION" in acme_cli.failed(2, "token", "issue", address)


@pytest.mark.parametrize(
    ("answer", "options", "code", "state"),
    [("n\n", (), 1, "live"), ("y\n", (), 0, "revoked"), ("", ("--yes",), 0, "revoked")],
)
def test_revoking_asks_at_a_terminal_unless_told_not_to(
    acme_cli: CommandLine, answer: str, options: tuple[str, ...], code: int, state: str
) -> None:
    token_id = acme_cli.json("token", "issue", "acme/okta")["id"]
    ended, screen = at_terminal("token", "revoke", token_id, *options, typed=answer)
    assert (ended, "[y/N]" in screen) == (code, not options), screen
    assert acme_cli.json("token", "list")[0]["state"] == state


@pytest.fixture
def ana(acme_cli: CommandLine, build_world: Callable[..., World]) -> Connection:
    """A person of acme, provisioned by okta, and the client that did it."""
    issued = acme_cli.json("token", "issue", "acme/okta")
    client = Connection(build_world().app.test_client(), "acme", issued["token"], "okta")
    client.create_user("ana@x.test")
    return client


def test_a_persons_token_opens_me_until_it_is_revoked(acme_cli: CommandLine, ana: Connection) -> None:
    issued = acme_cli.json("token", "issue", "acme", "--user", "Ana@X.test", "--expires", "12h")
    assert (issued["tenant"], issued["user"]) == ("acme", "ana@x.test")
    assert datetime.fromisoformat(issued["expires"]) - datetime.fromisoformat(issued["created"]) == timedelta(hours=12)
    person = Connection(ana.http, "acme", issued["token"], "ana")
    assert person.get("/Me").json["userName"] == "ana@x.test"
    acme_cli.done("token", "revoke", issued["id"])
    assert person.get("/Me").status_code == 401
    assert "revoked already" in acme_cli.failed(1, "token", "revoke", issued["id"])


def test_a_persons_token_is_shown_once(acme_cli: CommandLine, ana: Connection) -> None:
    token, *hint = acme_cli.done("token", "issue", "acme", "--user", "ana@x.test").out.splitlines()
    assert "/scim/acme/v2/Me" in " ".join(hint)
    assert acme_cli.done("token", "issue", "acme", "--user", "ana@x.test", "--quiet").out.count("\n") == 1
    secret = token.rpartition("_")[2]
    assert secret not in acme_cli.done("token", "list", "--json").out


def test_the_list_says_whose_a_token_is_and_how_it_stands(acme_cli: CommandLine, ana: Connection) -> None:
    person = acme_cli.json("token", "issue", "acme", "--user", "ana@x.test")
    found = {token["id"]: token for token in acme_cli.json("token", "list")}
    assert found[person["id"]]["user"] == "ana@x.test"
    assert [token["connection"] for token in found.values()] == ["okta", None]
    assert found[person["id"]]["state"] == "live"
    assert "ana@x.test" in acme_cli.done("token", "list").out
    user = ana.find("/Users", "userName pr")[0]["id"]
    ana.patch(f"/Users/{user}", {"op": "replace", "path": "active", "value": False})
    states = {token["id"]: token["state"] for token in acme_cli.json("token", "list")}
    assert states[person["id"]] == "suspended"
    assert "suspended" in acme_cli.failed(1, "token", "issue", "acme", "--user", "ana@x.test")
    ana.delete(f"/Users/{user}")
    assert person["id"] not in {token["id"] for token in acme_cli.json("token", "list")}


def test_a_person_who_is_not_there_gets_no_token(acme_cli: CommandLine) -> None:
    assert "nobody" in acme_cli.failed(1, "token", "issue", "acme", "--user", "nobody")
    assert "no tenant" in acme_cli.failed(1, "token", "issue", "other", "--user", "ana")
    assert "TENANT alone" in acme_cli.failed(2, "token", "issue", "acme/okta", "--user", "ana")


def test_the_switches_of_me_are_set_like_others(acme_cli: CommandLine) -> None:
    assert acme_cli.json("tenant", "show", "acme")["switches"]["me"] == "on"
    named = "nickName,urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"
    switches = acme_cli.json("tenant", "set", "acme", "me=off", "me.delete=on", f"me.attributes={named}")["switches"]
    assert (switches["me"], switches["me.delete"], switches["me.attributes"]) == ("off", "on", named)
    assert acme_cli.json("tenant", "set", "acme", "me.attributes=default")["switches"]["me.attributes"] != named
    assert "me" in acme_cli.failed(2, "tenant", "set", "acme", "me=maybe")
