"""Workload identity federation: a client proves itself at the token endpoint by a token of an issuer that is trusted
for it (RFC 7523 section 2.2)."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from threading import Event
from typing import Any
from uuid import uuid4

import pytest
from joserfc.jwk import RSAKey
from werkzeug.test import TestResponse

from scim_server.app import install
from scim_server.delivery.egress import VettedWeb
from scim_server.domain.errors import Invalid
from scim_server.domain.oauth_clients import ClientMethod, OAuthClient
from scim_server.services import registering, tenancy, trusting
from tests import databases
from tests.http.refusals import unchanged
from tests.http.test_foreign_tokens import connected, town
from tests.issuers import LOOPBACK, Issuer, issuing, rsa, signed, trust
from tests.webs import Authority, answer, serving
from tests.worlds import CAUSE, Connection, World, altered, settings

__all__ = ["town"]

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing() as issuer:
        yield issuer


def federated(town: World, connection: Connection, **options: Any) -> OAuthClient:
    """A client of the connection that proves itself by a foreign token."""
    tenant = tenancy.tenant(town.units, connection.slug)
    return registering.register_client(
        town.units, tenant, CAUSE, "entra", connection=connection.name, scopes=["scim"],
        **{"method": ClientMethod.FEDERATION, **options},
    ).client  # fmt: skip


def ask(connection: Connection, client: OAuthClient, assertion: str, **changes: str) -> TestResponse:
    """As Entra does."""
    form = {
        "grant_type": "client_credentials",
        "client_id": client.id,
        "client_assertion_type": ASSERTION,
        "client_assertion": assertion,
        "scope": "scim",
    }
    return connection.http.post(f"/oauth/{connection.slug}/token", data={**form, **changes})


def test_a_foreign_token_gets_a_client_its_own(town: World, issuer: Issuer) -> None:
    entra = connected(town)
    client = federated(town, entra)
    trust(town, entra, issuer, client=client.id)
    got = ask(entra, client, issuer.token(town))
    assert got.status_code == 200, got.text
    assert (got.json["token_type"], got.json["expires_in"]) == ("Bearer", 3600)
    replace(entra, token=got.json["access_token"]).create_user("ana")
    assert ask(entra, client, issuer.token(town)).status_code == 200


def test_what_proves_no_client(town: World, issuer: Issuer) -> None:
    entra, other = connected(town), connected(town)
    client, stranger = federated(town, entra), federated(town, other)
    trust(town, entra, issuer, client=client.id)
    good = issuer.token(town)
    assert ask(entra, client, good).status_code == 200
    refused = {
        "another subject": ask(entra, client, issuer.token(town, sub="somebody")),
        "another audience": ask(entra, client, issuer.token(town, aud="api://other")),
        "over": ask(entra, client, issuer.token(town, exp=1_700_000_000)),
        "not begun": ask(entra, client, issuer.token(town, nbf=4_000_000_000)),
        "another key": ask(entra, client, issuer.token(town, rsa(2), {"kid": "key-1"})),
        "another kind of token": ask(entra, client, issuer.token(town, header={"typ": "dpop+jwt"})),
        "another client": ask(other, stranger, good),
        "a client of another tenant": ask(other, client, good),
        "no client": ask(entra, replace(client, id=altered(client.id)), good),
        "no assertion": ask(entra, client, "a.b.c"),
    }
    assert {(each.status_code, each.json["error"]) for each in refused.values()} == {(401, "invalid_client")}
    assert len({each.data for each in refused.values()}) == 1
    with unchanged(town):
        assert replace(entra, token=good).get("/Users").status_code == 401
    assert issuer.fetched() == 1


@pytest.fixture(scope="module", params=databases.KINDS)
def secure(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Any]]:
    """An installation that trusts an authority of the tests, and what a server of that shows."""
    url = request.getfixturevalue(f"{request.param}_databases")()
    authority = Authority(tmp_path_factory.mktemp("authority"))
    web = VettedWeb(LOOPBACK, trust=authority.trust)
    built = World(replace(install(settings(url, egress_networks=LOOPBACK)), web=web))
    yield built, authority.for_host("127.0.0.1")
    built.installation.database.dispose()
    databases.drop(url)


@pytest.mark.covers("R-7523-3-01")
def test_a_client_may_publish_its_keys_at_an_address(secure: tuple[World, Any]) -> None:
    """They are fetched as those of an issuer are: a new one is found, and a flood of unknown ones asks for nothing."""
    world, context = secure
    published = [rsa()]

    def keys(_request: bytes, _stopped: Event) -> Iterator[bytes]:
        yield answer(json.dumps({"keys": [key.as_dict(private=False) for key in published]}).encode())

    with serving(keys, context) as server:
        idp = connected(world)
        address = f"https://127.0.0.1:{server.port}/keys"
        client = federated(world, idp, method=ClientMethod.PRIVATE_KEY_JWT, jwks_uri=address)

        def signed_by(key: RSAKey, **header: str) -> int:
            now = int((datetime.now(UTC) + world.ahead).timestamp())
            about = {"iss": client.id, "sub": client.id, "aud": f"https://seats.example.com/oauth/{idp.slug}"}
            claims = {**about, "exp": now + 60, "jti": str(uuid4())}
            return ask(idp, client, signed({"alg": "RS256", "kid": key.kid, **header}, claims, key)).status_code

        assert signed_by(rsa()) == 200
        assert {signed_by(rsa(2)), *(signed_by(rsa(), kid=f"flood {number}") for number in range(3))} == {401}
        assert len(server.requests) == 1
        published[:] = [rsa(2)]
        world.advance(61)
        assert (signed_by(rsa(2)), signed_by(rsa())) == (200, 401)
        assert len(server.requests) == 2
    world.advance(3601)
    assert signed_by(rsa(2)) == 200
    world.advance(86_400)
    assert signed_by(rsa(2)) == 401


def test_an_issuer_is_trusted_for_a_federated_client_of_the_connection_alone(town: World, issuer: Issuer) -> None:
    entra, other = connected(town), connected(town)
    with pytest.raises(Invalid, match="prove itself by federation"):
        trust(town, entra, issuer, client=federated(town, entra, method=ClientMethod.BASIC).id)
    second = town.connect(tenancy.tenant(town.units, other.slug), "second")
    with pytest.raises(Invalid, match="must be one of connection 'second'"):
        trust(town, second, issuer, client=federated(town, other).id)
    assert trusting.issuers(town.units, tenancy.tenant(town.units, entra.slug)) == []
