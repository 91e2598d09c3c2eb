"""Secrets at rest (security table, rows B4 and B6): nothing that opens anything lies in the database."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from scim_server.config import SmtpServer
from scim_server.domain.errors import WrongKey
from scim_server.domain.invitations import Offer
from scim_server.domain.tenants import Tenant
from scim_server.services import (
    api_tokens,
    auditing,
    client_secrets,
    inviting,
    person_tokens,
    registering,
    resealing,
    tenancy,
)
from scim_server.store.person_keys import PersonKeys
from scim_server.store.seals import SEALED
from scim_server.store.secrets import AUDIT, installation_secret
from scim_server.store.tables import metadata
from scim_server.store.walls import OPERATOR
from tests.api.callers import caller
from tests.worlds import CAUSE, USER, Connection, World, contents

DAY = timedelta(days=1)
OLD, NEW = "old-key-of-32-characters-at-least", "new-key-of-32-characters-at-least"
SMTP = SmtpServer("127.0.0.1", 25, "none", "user", "canary-smtp-password")
Build = Callable[..., World]


def in_clear(world: World, canaries: list[str]) -> list[str]:
    """Where canaries lie in tables, and in the files of SQLite."""
    tables = contents(world) | {"provisioning_log": [repr(row) for row in world.rows("provisioning_log")]}
    places = {name: "\n".join(rows).encode() for name, rows in tables.items()}
    url = world.installation.settings.database_url
    if url.startswith("sqlite:///"):
        file = Path(url.removeprefix("sqlite:///"))
        places |= {each.name: each.read_bytes() for each in file.parent.glob(f"{file.name}*")}
        assert len(places) > len(tables)
    return [
        f"{canary[:12]} in {name}"
        for name, content in places.items()
        for canary in canaries
        if canary.encode() in content
    ]


def plant(world: World, acme: Tenant) -> list[str]:
    """Secrets of every kind, each used once, as what people keep of them."""
    units = world.units
    client = world.connect(acme, "okta")
    admin = {"roles": [{"value": "admin"}]}
    ana = client.create_user("ana@acme.test", password="canary-password-1", **admin)["id"]
    client.patch(f"/Users/{ana}", {"op": "replace", "path": "password", "value": "canary-password-2"})
    client.put(
        f"/Users/{ana}", {"schemas": [USER], "userName": "ana@acme.test", "password": "canary-password-3", **admin}
    )
    _, api = api_tokens.issue_token(units, acme, CAUSE, "reports", ["people.read"], DAY)
    _, operator = api_tokens.issue_operators_token(units, "op", ["tenants.read"], DAY)
    _, person = person_tokens.issue_token(units, acme, CAUSE, "ana@acme.test", DAY)
    world.connect(world.tenant("other")).create_user("ira@other.test")
    made = registering.register_client(units, acme, CAUSE, "idp", connection="okta", scopes=["scim"]).client.id
    secret = str(client_secrets.issue_secret(units, acme, CAUSE, made).text)
    asked = {"grant_type": "client_credentials"}
    access = client.http.post("/oauth/acme/token", data=asked, auth=(made, secret)).json["access_token"]
    sent = inviting.send(units, acme, CAUSE, "ira@other.test", Offer(), None, public_url="https://x.test", by_mail=True)
    program = caller(world, acme)
    token = program.done("POST", "~/api-tokens", {"name": "n", "scopes": ["people.read"]}, Idempotency_Key="canary")
    texts = [client.token, api, operator, person, token["token"], sent.link, program.token, secret]
    secrets = [part for text in texts for part in (text, text.rpartition("_")[2])]
    return [access, *secrets, *(f"canary-password-{number}" for number in (1, 2, 3)), "canary-smtp-password"]


def to_be_read_again(world: World, acme: Tenant) -> list[str]:
    """What the server itself opens: mails that wait, keys of people, what it signs with."""
    auditing.seal(world.units, acme, world.installation.sealer.key())
    with world.units.read(acme) as uow:
        keys = PersonKeys(uow.scope).of({row["person"] for row in world.rows("person_keys")})
        mails = [mail.body for mail in uow.mails.latest(10, None, None)]
    with world.units.overview() as operator:
        signing = [operator.signing_keys.private(key) for key in operator.signing_keys.all()]
    assert signing
    assert len(keys) >= 2
    assert mails
    lines = [line for body in mails for line in body.splitlines() if len(line) > 20]
    return [*signing, *sorted(keys.values()), *lines, installation_secret(world.installation.database, AUDIT)]


@pytest.fixture
def sealed(build_world: Build) -> World:
    return build_world(secret_key=(OLD,), smtp_url=SMTP)


def test_no_secret_lies_anywhere_in_clear(sealed: World) -> None:
    acme = sealed.tenant()
    canaries = [*plant(sealed, acme), *to_be_read_again(sealed, acme)]
    assert len(canaries) > 20
    assert in_clear(sealed, canaries) == []


def test_the_search_finds_what_lies_in_clear(build_world: Build) -> None:
    """Without a key: what must be read again is found, what need not is no less hidden."""
    world = build_world(smtp_url=SMTP)
    acme = world.tenant()
    planted = plant(world, acme)
    link = next(each for each in planted if "/invitations/" in each)
    assert {each.partition(" in ")[2] for each in in_clear(world, [link])} >= {"mails"}
    assert len(in_clear(world, to_be_read_again(world, acme))) >= 4
    others = [each for each in planted if each not in link]
    assert in_clear(world, others) == []


def test_what_lay_in_clear_is_sealed_and_gone_from_the_files(build_world: Build) -> None:
    before = build_world(smtp_url=SMTP)
    acme = before.tenant()
    canaries = [*plant(before, acme), *to_be_read_again(before, acme)]
    before.installation.database.dispose()
    after = build_world(secret_key=(NEW,), smtp_url=SMTP)
    assert to_be_read_again(after, acme) == canaries[-len(to_be_read_again(after, acme)) :]
    assert resealing.reseal(after.units).count >= 6
    assert in_clear(after, canaries) == []
    assert resealing.reseal(after.units).count == 0
    assert to_be_read_again(after, acme)


def test_the_key_is_replaced_while_both_are_there(
    sealed: World, build_world: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resealing, "BATCH", 2)
    acme = sealed.tenant()
    plant(sealed, acme)
    known = to_be_read_again(sealed, acme)
    both = build_world(secret_key=(NEW, OLD), smtp_url=SMTP)
    assert to_be_read_again(both, acme) == known
    with both.units.operator() as operator:  # broken off after the first two of one table
        count, last = operator.reseal("person_keys.key", None, 2)
        assert (count, last is not None) == (2, True)
        operator.commit()
    assert to_be_read_again(both, acme) == known
    assert resealing.reseal(both.units).count >= 4
    after = build_world(secret_key=(NEW,), smtp_url=SMTP)
    assert to_be_read_again(after, acme) == known
    client = Connection(
        after.app.test_client(), "acme", tenancy.issue_token(after.units, acme, CAUSE, "okta", DAY)[1], ""
    )
    assert client.find("/Users", 'userName eq "ana@acme.test"')
    replayed = caller(after, acme)
    assert replayed.done("GET", "~/users")["items"]
    with pytest.raises(WrongKey, match="is sealed with a key that SCIM_SECRET_KEY does not have"):
        to_be_read_again(build_world(secret_key=(OLD,), smtp_url=SMTP), acme)


@pytest.mark.parametrize("keys", [None, (NEW,)], ids=["missing", "wrong"])
def test_without_its_key_the_server_says_so(sealed: World, build_world: Build, keys: Any) -> None:
    acme = sealed.tenant()
    client = sealed.connect(acme)
    ana = client.create_user("ana")["id"]
    before = contents(sealed)
    other = build_world(secret_key=keys)
    there = Connection(other.app.test_client(), "acme", client.token, "okta")
    answer = there.patch(f"/Users/{ana}", {"op": "replace", "path": "title", "value": "Pilot"})
    assert (answer.status_code, "SCIM_SECRET_KEY" in answer.json["detail"]) == (503, True)
    problem = caller(other, acme, "audit.read").refused(503, "GET", "~/audit/entries")
    assert (problem["type"], "SCIM_SECRET_KEY" in problem["detail"]) == ("urn:scim-server:problem:wrong-key", True)
    changed = {name for name, rows in contents(sealed).items() if rows != before[name]}
    assert changed <= {"api_tokens", "audit", "tokens"}
    assert client.get(f"/Users/{ana}").json.get("title") is None


def test_what_is_moved_to_another_place_does_not_open(sealed: World) -> None:
    acme = sealed.tenant()
    client = sealed.connect(acme)
    ana, ben = (client.create_user(name)["id"] for name in ("ana", "ben"))
    with sealed.installation.database.write(OPERATOR) as connection:
        moved = "UPDATE person_keys SET key = (SELECT key FROM person_keys WHERE person = :one) WHERE person = :other"
        connection.execute(text(moved), {"one": ana, "other": ben})
        connection.commit()
    title = {"op": "replace", "path": "title", "value": "Pilot"}
    assert client.patch(f"/Users/{ana}", title).status_code == 200
    assert client.patch(f"/Users/{ben}", title).status_code == 503


def test_kept_answers_open_for_those_who_sent_the_request(sealed: World) -> None:
    program = caller(sealed, sealed.tenant())
    body = {"displayName": "Sales"}
    made = program.done("POST", "~/groups", body, Idempotency_Key="one")
    (kept,) = sealed.rows("idempotent_requests")
    assert kept["body"].startswith("v1.")
    assert program.done("POST", "~/groups", body, Idempotency_Key="one") == made


def test_every_column_that_could_hold_a_secret_is_accounted_for() -> None:
    """A new column of such a name is a digest, or is sealed."""
    named = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if column.name in {"secret", "key", "private", "password", "token", "link"} and not column.name.endswith("_key")
    }
    assert named - SEALED.keys() == {"addresses.key", "idempotent_requests.key"} & named
