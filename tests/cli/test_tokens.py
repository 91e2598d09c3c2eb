"""Tokens from the command line: shown once, listed without their secret, ended at once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scim_server.domain.tenants import Tenant
from scim_server.services import tenancy
from tests.cli.commands import CommandLine, at_terminal
from tests.worlds import CAUSE, Connection, World


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


def test_a_connections_token_takes_scopes_of_scim(acme_cli: CommandLine) -> None:
    both = acme_cli.json("token", "issue", "acme/okta")
    reads = acme_cli.json("token", "issue", "acme/okta", "--scope", "scim:read")
    assert (both["scopes"], reads["scopes"]) == (["scim:read", "scim:write"], ["scim:read"])
    acme_cli.done("token", "revoke", both["id"])
    assert "scim:write" in acme_cli.failed(1, "token", "issue", "acme/okta", "--scope", "people.read")
    assert "no scope" in acme_cli.failed(2, "token", "issue", "acme", "--user", "ana", "--scope", "scim:read")
    assert "exclude" in acme_cli.failed(2, "token", "issue", "acme/okta", "--scope", "scim:read", "--all-scopes")


def test_a_third_live_token_is_refused_with_what_to_do(acme_cli: CommandLine) -> None:
    ids = [acme_cli.json("token", "issue", "acme/okta")["id"] for _ in range(2)]
    sentence = acme_cli.failed(1, "token", "issue", "acme/okta")
    assert all(word in sentence for word in (*ids, "token rotate acme okta", "token revoke"))


def test_rotation_says_until_when_to_change_over(acme_cli: CommandLine) -> None:
    first = acme_cli.json("token", "issue", "acme/okta", "--scope", "scim:read")
    token, *told = acme_cli.done("token", "rotate", "acme", "okta", "--overlap", "2d").out.splitlines()
    assert token.startswith("scim_")
    (old, new) = acme_cli.json("token", "list", "acme/okta")
    assert (old["state"], new["state"], new["scopes"]) == ("live", "live", ["scim:read"])
    assert datetime.fromisoformat(old["expires"]) - datetime.fromisoformat(new["created"]) == timedelta(days=2)
    assert f"by {old['expires'][:19]}Z: until then token '{first['id']}' works" in " ".join(told)
    again = acme_cli.json("token", "rotate", "acme", "okta", "--expires", "30d")
    assert (again["replaces"], again["ended"]) == (new["id"], [first["id"]])
    assert f"'{again['id']}'" in acme_cli.done("token", "rotate", "acme", "okta").out


def test_rotation_of_a_connection_without_tokens_issues_one(acme_cli: CommandLine) -> None:
    first = acme_cli.json("token", "rotate", "acme", "okta")
    assert (first["replaces"], first["changeOverUntil"], first["ended"]) == (None, None, [])
    assert "no connection 'none'" in acme_cli.failed(1, "token", "rotate", "acme", "none")


def test_the_list_warns_of_what_expires_soon(cli: CommandLine, world: World, acme: Tenant, okta: Connection) -> None:
    assert "expires within" not in cli.done("token", "list").out
    last_year = replace(world.units, clock=lambda: datetime.now(UTC) - timedelta(days=360))
    old, _ = tenancy.issue_token(last_year, acme, CAUSE, "okta", timedelta(days=365))
    *_, line = cli.done("token", "list").out.splitlines()
    assert f"'{old.id}' of acme/okta expires within 7 days. `scim-server token rotate acme okta`" in line
    assert [token["warning"] for token in cli.json("token", "list")] == ["expires within 7 days", None]


def test_a_connection_is_held_to_networks_and_to_its_own(acme_cli: CommandLine) -> None:
    edit = ("connection", "edit", "acme", "okta")
    changed = acme_cli.json(*edit, "--creator-only", "--network", "10.0.0.0/8", "--network", "192.0.2.1")
    assert (changed["creatorOnly"], changed["networks"]) == (True, ["10.0.0.0/8", "192.0.2.1/32"])
    assert acme_cli.json(*edit, "--name", "okta")["networks"] == changed["networks"]
    assert "no network" in acme_cli.failed(1, *edit, "--network", "10.0.0.1/8")
    assert "exclude" in acme_cli.failed(2, *edit, "--network", "10.0.0.0/8", "--any-network")
    freed = acme_cli.json(*edit, "--no-creator-only", "--any-network")
    assert (freed["creatorOnly"], freed["networks"]) == (False, [])
    assert acme_cli.json("connection", "show", "acme", "okta") == freed


def test_people_and_groups_are_linked_to_a_connection(acme_cli: CommandLine) -> None:
    acme_cli.done("user", "add", "acme", "bea@x.test", "--first", "Bea", "--last", "Silva")
    acme_cli.done("group", "create", "acme", "Team")
    linked = acme_cli.done("user", "link", "acme", "bea@x.test", "okta").out
    assert linked == "Connection 'okta' manages 'bea@x.test' now.\n"
    assert acme_cli.json("group", "link", "acme", "Team", "okta")["connection"] == "okta"
    assert "no connection 'none'" in acme_cli.failed(1, "user", "link", "acme", "bea@x.test", "none")
    request = acme_cli.json("audit", "list", "acme")[0]["requestId"]
    assert "user link" in acme_cli.failed(1, "undo", "acme", "--request", request, "--yes")
