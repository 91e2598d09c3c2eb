"""Ended means refused, by the next request, in every process; and garbage is refused before the store is asked."""

import ast
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

import scim_server
from scim_server.domain.access import PERMISSIONS
from scim_server.domain.oauth_clients import ClientMethod
from scim_server.domain.tenants import Tenant
from scim_server.services import (
    api_tokens,
    client_secrets,
    credential_lists,
    editing,
    person_tokens,
    registering,
    tenancy,
    tokens,
    trusting,
)
from scim_server.services.credentials import Prefix, new_text, with_checksum
from scim_server.services.token_entries import LIVE, OF_TENANTS, SoughtTokens
from tests.http.test_statements import counting
from tests.worlds import CAUSE, Connection, World

DAY = timedelta(days=1)
ADDRESSES = ("/scim/acme/v2/Users", "/scim/acme/v2/Me", "/api/v1/tenants/acme/users", "/api/v1/me")


@dataclass(frozen=True)
class Minted:
    """A credential, where it opens something, and what ends it."""

    text: str
    opens: str
    end: Callable[[], object]


def status(world: World, text: str, address: str) -> int:
    return world.app.test_client().get(address, headers={"Authorization": f"Bearer {text}"}).status_code


def mint(world: World, acme: Tenant, okta: Connection) -> dict[str, Minted]:
    """Every kind of credential there is, each with a way to end it; a person's with each way there is."""
    units = world.units
    people = [okta.create_user(name)["id"] for name in ("ana", "bea", "cem", "dee")]
    texts = [person_tokens.issue_token(units, acme, CAUSE, name, DAY) for name in ("ana", "bea", "cem", "dee")]
    connection, scim = tenancy.issue_token(units, acme, CAUSE, "okta", DAY)
    program, api = api_tokens.issue_token(units, acme, CAUSE, "billing", PERMISSIONS, DAY)
    owner, operator = api_tokens.issue_operators_token(units, "root", api_tokens.OF_OPERATOR, DAY)
    off = {"op": "replace", "path": "active", "value": False}
    users, me, admin = ADDRESSES[:3]
    return {
        "a connection's": Minted(scim, users, lambda: tokens.revoke_token(units, CAUSE, connection.id)),
        "a program's": Minted(api, admin, lambda: tokens.revoke_token(units, CAUSE, program.id)),
        "the operator's": Minted(operator, admin, lambda: tokens.revoke_operators_token(units, CAUSE, owner.id)),
        "a person's, revoked": Minted(texts[0][1], me, lambda: tokens.revoke_token(units, CAUSE, texts[0][0].id)),
        "a person's, blocked": Minted(texts[1][1], me, lambda: editing.suspend_person(units, acme, CAUSE, "bea")),
        "a person's, suspended": Minted(texts[2][1], me, lambda: okta.patch(f"/Users/{people[2]}", off)),
        "a person's, deleted": Minted(texts[3][1], me, lambda: okta.delete(f"/Users/{people[3]}")),
    }


def test_whatever_has_ended_is_refused_by_the_next_request(world: World, acme: Tenant, okta: Connection) -> None:
    minted = mint(world, acme, okta)
    assert {name: status(world, each.text, each.opens) for name, each in minted.items()} == dict.fromkeys(minted, 200)
    for name, each in minted.items():
        each.end()
        assert {status(world, each.text, address) for address in (each.opens, *ADDRESSES)} == {401}, name


def test_the_list_shows_everything_that_is_live(world: World, acme: Tenant, okta: Connection) -> None:
    minted = mint(world, acme, okta)
    texts = {okta.token, *(each.text for name, each in minted.items() if name != "the operator's")}
    listed = tokens.tokens(world.units, SoughtTokens(OF_TENANTS, acme.id))
    assert {entry.id for entry in listed if entry.state == LIVE} == {text.split("_")[1] for text in texts}


def test_one_list_shows_every_way_into_a_tenant(world: World, acme: Tenant, okta: Connection) -> None:
    """A10: tokens, secrets, keys and what was obtained with them; each is gone from it once it is ended."""
    units, day = world.units, DAY
    minted = mint(world, acme, okta)
    client = registering.register_client(units, acme, CAUSE, "sync", scopes=["scim"], connection="okta").client
    secret = client_secrets.issue_secret(units, acme, CAUSE, "sync", day)
    keyed = registering.register_client(
        units, acme, CAUSE, "keyed", scopes=["scim"], connection="okta", method=ClientMethod.FEDERATION
    ).client
    terms = trusting.Terms("https://idp.example.com", "seats", "okta", {}, "https://idp.example.com/keys")
    trusted = trusting.trust_issuer(units, acme, CAUSE, "okta", "idp", terms)
    form = {"grant_type": "client_credentials", "scope": "scim:read"}
    login = (client.id, secret.text or "")
    token = world.app.test_client().post("/oauth/acme/token", data=form, auth=login).json["access_token"]
    assert status(world, token, ADDRESSES[0]) == 200
    listed = {entry.id: entry for entry in credential_lists.credentials(units, acme)}
    tokens_of_ours = {each.text.split("_")[1] for name, each in minted.items() if name != "the operator's"}
    assert listed.keys() > tokens_of_ours | {okta.token.split("_")[1], secret.secret.id, keyed.id, trusted.issuer.id}
    (obtained,) = (entry for entry in listed.values() if entry.kind == "access_token")
    assert (obtained.owner, obtained.connection, obtained.scopes) == ("sync", "okta", ("scim:read",))
    for each in minted.values():
        each.end()
    registering.revoke_client(units, acme, CAUSE, "sync")
    assert status(world, token, ADDRESSES[0]) == 401
    left = {entry.id for entry in credential_lists.credentials(units, acme)}
    assert left == {okta.token.split("_")[1], keyed.id, trusted.issuer.id}


def test_every_kind_of_token_says_when_it_was_used(world: World, acme: Tenant, okta: Connection) -> None:
    minted = mint(world, acme, okta)
    for each in minted.values():
        assert status(world, each.text, each.opens) == 200
    world.installation.log.flush()
    used = {entry.id for entry in tokens.tokens(world.units, SoughtTokens()) if entry.last_used}
    assert {each.text.split("_")[1] for each in minted.values()} <= used


def test_a_revocation_by_another_process_holds_for_the_next_request(
    world: World, acme: Tenant, okta: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of a token is kept between requests, so within one request, let alone five seconds."""
    monkeypatch.setenv("SCIM_DATABASE_URL", world.installation.settings.database_url)
    assert okta.get("/Users").status_code == 200
    command = (sys.executable, "-m", "scim_server.cli", "token", "revoke", okta.token.split("_")[1], "--json")
    subprocess.run(command, check=True, capture_output=True)
    assert okta.get("/Users").status_code == 401


def garbage(token: str) -> Iterator[str]:
    """Texts that no server of this kind can have issued."""
    yield from ("", " ", "\0", "null", "undefined", "a", "scim_", "scim__", "a" * 1_000_000, f"{token}\0", token[:-1])
    yield from (f"{token}a", token.swapcase(), token.replace("scim_", "scimxx_"), token[:-1] + chr(ord(token[-1]) ^ 1))
    yield from (with_checksum("scim_" + "_" * 66), with_checksum(token[:-7]), new_text(Prefix.INVITATION, "x" * 11)[1])


def test_garbage_is_refused_without_a_statement(world: World, okta: Connection) -> None:
    client = world.app.test_client()
    texts = list(garbage(okta.token))
    with counting(world) as count:
        for address in ADDRESSES:
            for text in texts:
                answer = client.get(address, headers={"Authorization": f"Bearer {text}".encode().decode("latin-1")})
                assert answer.status_code in {400, 401, 431}, text[:100]
    assert count.statements == []


def test_secrets_are_compared_in_constant_time_alone() -> None:
    """No `==` or `in` beside a digest, a secret or a checksum, anywhere above the store."""
    root = Path(scim_server.__file__).parent
    places = []
    for module in (
        each for layer in ("domain", "services", "oauth", "http", "api") for each in (root / layer).rglob("*.py")
    ):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Compare) and any(map(_is_secret, [node.left, *node.comparators])):
                places.append(f"{module.relative_to(root)}:{node.lineno}")
    assert places == []


def _is_secret(node: ast.expr) -> bool:
    target = node.func if isinstance(node, ast.Call) else node
    name = target.attr if isinstance(target, ast.Attribute) else target.id if isinstance(target, ast.Name) else ""
    return name.strip("_") in {"digest", "secret", "checksum", "client_secret"}
