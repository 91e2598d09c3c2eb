"""What becomes of a secret once it was shown (docs/security.md, B4 and B6): nothing has it but whoever was given it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient
from sqlalchemy import make_url

from scim_server.api.nouns import ENDPOINTS
from scim_server.domain.tenants import Tenant
from scim_server.store.tables import metadata
from tests.api.callers import PREFIX, Caller
from tests.cli.commands import CommandLine
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
    texts["command line"] = cli.json("token", "issue", "acme/okta")["token"]
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
