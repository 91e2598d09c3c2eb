"""What a credential opens, and what becomes of it once it was shown (docs/security.md, section B)."""

import hmac
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient
from sqlalchemy import make_url

from scim_server.api.nouns import ENDPOINTS
from scim_server.domain.tenants import Tenant
from scim_server.services.credentials import digest, with_checksum
from scim_server.store.tables import metadata
from tests.api.callers import PREFIX, Caller
from tests.cli.commands import CommandLine
from tests.http.refusals import check_refusal
from tests.http.test_statements import counting
from tests.worlds import Connection, World

PERSON = "ana@x.test"


def issued(api: Caller, operator: Caller) -> dict[str, str]:
    """A new secret of each kind that the admin API gives out, by what it is for."""
    own = "/tenants/acme"
    asked: dict[str, tuple[Caller, str, Any]] = {
        "connection": (api, "~/connections/okta/tokens", {"days": 1}),
        "api": (api, "~/api-tokens", {"name": "n", "scopes": ["people.read"], "days": 1}),
        "person": (operator, f"{own}/users/{PERSON}/tokens", {"days": 1}),
        "operator": (operator, "/operator/tokens", {"name": "n", "scopes": ["tenants.read"], "days": 1}),
    }
    texts = {name: caller.done("POST", path, body)["token"] for name, (caller, path, body) in asked.items()}
    invited = {"address": "eve@y.test", "products": []}
    link = operator.done("POST", f"{own}/invitations", invited)["link"]
    return {**texts, "invitation": link.rpartition("/")[2]}


def secret_of(text: str) -> str:
    """The part that proves something: without prefix, public id and checksum."""
    return text.rpartition("_")[2][:-6]


def stored(world: World) -> Iterator[tuple[str, bytes]]:
    """Every place where the database keeps something, as bytes: files, or rows and, where they are ours, files."""
    url = make_url(world.installation.database.engine.url)
    if url.get_backend_name() == "sqlite":
        for ending in ("", "-wal"):
            path = Path(f"{url.database}{ending}")
            yield path.name, path.read_bytes() if path.exists() else b""
        return
    for name in metadata.tables:
        yield name, repr(world.rows(name)).encode()
    target = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(target, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        (folder,) = connection.execute("SELECT current_setting('data_directory')").fetchone() or ("",)
        own = connection.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()
    for path in (*Path(folder, "base", str(own[0] if own else "")).glob("*"), *Path(folder, "pg_wal").glob("0*")):
        yield path.name, path.read_bytes()


def shown(api: Caller, operator: Caller, http: FlaskClient) -> Iterator[tuple[str, bytes]]:
    """The answer of every address of the admin API that shows something, as far as it needs no further id."""
    for endpoint in ENDPOINTS:
        path = endpoint.path.replace("{tenant}", "acme").replace("{user}", PERSON).replace("{connection}", "okta")
        if endpoint.method == "GET" and "{" not in path:
            for caller in (api, operator):
                answer = http.get(PREFIX + path, headers={"Authorization": f"Bearer {caller.token}"})
                yield path, answer.data


def test_a_secret_is_shown_once_and_is_nowhere_else(
    world: World, acme: Tenant, okta: Connection, entra: Connection, api: Caller, operator: Caller,
    cli: CommandLine, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """B4, B6: no answer, list, export or log has it again, nor any file or row of the database."""
    okta.create_user(PERSON)
    entra.create_user("eve@y.test")
    texts = issued(api, operator)
    world.connect(acme, "spare")
    texts["command line"] = cli.json("token", "issue", "acme/spare")["token"]
    proofs = {name: secret_of(text) for name, text in texts.items()}
    assert all(len(proof) == 43 for proof in proofs.values())
    for name in ("connection", "person", "command line"):
        Connection(okta.http, "acme", texts[name], name).get("/Me" if name == "person" else "/Users")
    okta.http.get(f"/invitations/{texts['invitation']}")
    okta.get("/Users", Authorization=f"Bearer {texts['api']}")
    world.installation.log.flush()
    logged = "".join(capsys.readouterr())
    places = list(shown(api, operator, okta.http))
    places += [(name, cli(*name.split()).out.encode()) for name in ("audit export acme", "token list", "log tail acme")]
    places += stored(world)
    assert len(places) > 30
    found = {(name, place) for name, proof in proofs.items() for place, told in places if proof.encode() in told}
    assert found == set()
    assert not [name for name, proof in proofs.items() if proof in logged]
    entries = {entry.object_id for entry in world.trail(acme) if entry.action == "token.issued"}
    assert {text.split("_")[1] for name, text in texts.items() if name not in {"operator", "invitation"}} <= entries


def test_the_search_for_secrets_would_find_one(world: World, okta: Connection) -> None:
    """B6: what is kept in clear is found in the places that the other test looks at."""
    okta.create_user("canary-4711@x.test")
    assert [place for place, told in stored(world) if b"canary-4711" in told]


# B2: what is no credential is none


EMPTY = (
    "", " ", "Bearer", "Bearer ", "Bearer\t", "Basic Og==", "null", "undefined", "Bearer null", "Bearer undefined",
    "Bearer None", "Bearer x", "Bearer \x00", "Bearer scim_", "Bearer scim__", "Bearer scim___",
    "Bearer " + "a" * 30_000, "Digest x", "Negotiate",
)  # fmt: skip


def test_what_is_no_credential_is_refused_before_any_look_up(world: World, okta: Connection, api: Caller) -> None:
    """B2: empty, short, endless, two at once: the database is not asked, by neither door."""
    with counting(world) as sent:
        for text in EMPTY:
            check_refusal(okta.get("/Users", Authorization=text), 401)
            check_refusal(okta.post("/Users", {"userName": "x"}, Authorization=text), 401)
            assert api.get("~/users", Authorization=text).status_code == 401
        assert okta.get("/Users", Authorization="Bearer " + "a" * 10**6).status_code == 431
    assert sent.statements == []
    good = f"Bearer {okta.token}"
    for headers in ([good, "Bearer x"], ["Bearer x", good], [good, good], [f"{good}, Bearer x"]):
        answer = okta.http.get("/scim/acme/v2/Users", headers=[("Authorization", each) for each in headers])
        check_refusal(answer, 400, None, "more than one Authorization header")


# B3: each credential opens what it is for


EXPECTED = {
    "connection": {"SCIM"},
    "person": {"SCIM me", "API me"},
    "api": {"API tenant"},
    "operator": {"API operator"},
    "invitation": set(),
}


def surfaces(world: World, token: str) -> dict[str, int]:
    """What each surface answers to the bearer of a token."""
    http, headers = world.app.test_client(), {"Authorization": f"Bearer {token}"}
    paths = {
        "SCIM": "/scim/acme/v2/Users",
        "SCIM me": "/scim/acme/v2/Me",
        "API tenant": "/api/v1/tenants/acme/users",
        "API operator": "/api/v1/tenants",
        "API me": "/api/v1/me",
    }
    return {name: http.get(path, headers=headers).status_code for name, path in paths.items()}


def test_each_credential_opens_what_it_is_for(
    world: World, okta: Connection, entra: Connection, api: Caller, operator: Caller
) -> None:
    """B3: every kind at every surface; and what is sent in a cookie, an address or a form opens nothing."""
    okta.create_user(PERSON)
    entra.create_user("eve@y.test")
    texts = issued(api, operator)
    answered = {kind: surfaces(world, text) for kind, text in texts.items()}
    opened = {kind: {name for name, status in found.items() if status == 200} for kind, found in answered.items()}
    assert opened == EXPECTED
    assert {status for found in answered.values() for status in found.values()} <= {200, 401, 403, 404}
    http = world.app.test_client()
    for name in ("token", "access_token", "Authorization", "session"):
        http.set_cookie(name, okta.token)
        for query in ("", f"?{name}={okta.token}", f"?{name}=Bearer+{okta.token}"):
            check_refusal(http.get(f"/scim/acme/v2/Users{query}"), 401)
        check_refusal(http.post("/scim/acme/v2/Users", data={name: okta.token}), 401)


# B5: secrets are compared in constant time


def forged(token: str) -> str:
    """Another secret under the same public id, with its checksum."""
    body = token[:-6]
    return with_checksum(body[:-1] + ("a" if body[-1] != "a" else "b"))


def unknown(token: str) -> str:
    """The same secret under a public id that nobody has, with its checksum."""
    prefix, public_id, rest = token.split("_")
    return with_checksum(f"{prefix}_{public_id[:-2]}{'AA' if public_id[-2:] != 'AA' else 'BB'}_{rest[:-6]}")


def statements(world: World, token: str) -> list[str]:
    """What the database is asked for a token at all surfaces."""
    with counting(world) as sent:
        assert set(surfaces(world, token).values()) == {401}
    return list(sent.statements)


def test_secrets_are_compared_in_constant_time(
    world: World, okta: Connection, entra: Connection, api: Caller, operator: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B5: of every kind of token the digests, whole, by hmac.compare_digest; the wrong secret of a token that there is
    finds nothing to compare with, by the statements that an unknown token takes, so the time tells neither from other.
    """
    okta.create_user(PERSON)
    entra.create_user("eve@y.test")
    texts = {kind: text for kind, text in issued(api, operator).items() if kind != "invitation"}
    compared: set[tuple[str, str]] = set()
    original = hmac.compare_digest

    def note(one: str, other: str) -> bool:
        compared.add((one, other))
        return original(one, other)

    monkeypatch.setattr(hmac, "compare_digest", note)
    for kind, text in texts.items():
        assert 200 in surfaces(world, text).values(), kind
        assert set(surfaces(world, forged(text)).values()) == {401}, kind
        assert (digest(text), digest(text)) in compared, kind
        assert not {one for one, other in compared if other == digest(forged(text))}, kind
        assert statements(world, forged(text)) == statements(world, unknown(text)) != [], kind


# B9: what was ended opens nothing


def test_whoever_is_ended_is_out_by_the_next_request(
    world: World, acme: Tenant, okta: Connection, entra: Connection, api: Caller, operator: Caller, cli: CommandLine
) -> None:
    """B9: a person by suspension and by deletion, everything else by revocation, each for itself."""
    ana = okta.create_user(PERSON)["id"]
    entra.create_user("eve@y.test")
    texts = issued(api, operator)
    path, off = f"/Users/{ana}", {"op": "replace", "path": "active", "value": False}
    assert surfaces(world, texts["person"])["SCIM me"] == 200
    okta.patch(path, off)
    assert set(surfaces(world, texts["person"]).values()) == {401}
    okta.patch(path, {**off, "value": True})
    assert surfaces(world, texts["person"])["SCIM me"] == 200
    okta.delete(path)
    assert set(surfaces(world, texts["person"]).values()) == {401}
    for kind in ("connection", "api", "operator"):
        assert 200 in surfaces(world, texts[kind]).values(), kind
        cli.done("token", "revoke", texts[kind].split("_")[1], "--yes")
        assert set(surfaces(world, texts[kind]).values()) == {401}, kind
    assert okta.get("/Users").status_code == 200, "another token of the connection stays"
