"""Workload identity federation: a client proves itself at the token endpoint by a token of an issuer that is trusted
for it (RFC 7523 section 2.2)."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from werkzeug.test import TestResponse

from scim_server.domain.errors import Invalid
from scim_server.domain.oauth_clients import ClientMethod, OAuthClient
from scim_server.services import registering, tenancy, trusting
from tests.http.refusals import unchanged
from tests.http.test_foreign_tokens import connected, town
from tests.issuers import LOOPBACK, Issuer, issuing, rsa, trust
from tests.worlds import CAUSE, Connection, World

__all__ = ["LOOPBACK", "town"]

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
    answer = ask(entra, client, issuer.token(town))
    assert answer.status_code == 200, answer.text
    assert (answer.json["token_type"], answer.json["expires_in"]) == ("Bearer", 3600)
    replace(entra, token=answer.json["access_token"]).create_user("ana")
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
        "no client": ask(entra, replace(client, id=client.id[:-1] + "0"), good),
        "no assertion": ask(entra, client, "a.b.c"),
    }
    assert {(answer.status_code, answer.json["error"]) for answer in refused.values()} == {(401, "invalid_client")}
    assert len({answer.data for answer in refused.values()}) == 1
    with unchanged(town):
        assert replace(entra, token=good).get("/Users").status_code == 401
    assert issuer.fetched() == 1


def test_an_issuer_is_trusted_for_a_federated_client_of_the_connection_alone(town: World, issuer: Issuer) -> None:
    entra, other = connected(town), connected(town)
    with pytest.raises(Invalid, match="prove itself by federation"):
        trust(town, entra, issuer, client=federated(town, entra, method=ClientMethod.BASIC).id)
    second = town.connect(tenancy.tenant(town.units, other.slug), "second")
    with pytest.raises(Invalid, match="must be one of connection 'second'"):
        trust(town, second, issuer, client=federated(town, other).id)
    assert trusting.issuers(town.units, tenancy.tenant(town.units, entra.slug)) == []
