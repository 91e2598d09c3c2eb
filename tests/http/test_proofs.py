"""RFC 9449: tokens that are bound to a key, and the proofs that must come with them."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey
from werkzeug.test import TestResponse

from scim_server.services import registering, tenancy
from tests.http.refusals import check_refusal, unchanged
from tests.issuers import curve, part, signed
from tests.proofs import PUBLIC, Prover, hashed, prover
from tests.worlds import CAUSE, Connection, World


@pytest.fixture
def dpop(client: Connection, house: World) -> Prover:
    """A client that must prove a key, with a token for it."""
    made = prover(house, client, dpop=True)
    made.obtain()
    return made


@pytest.mark.covers("R-9449-4-02", "R-9449-4-03")
def test_a_bound_token_opens_with_a_proof_of_its_key(dpop: Prover) -> None:
    assert dpop.get(dpop.proof("GET", dpop.users)).status_code == 200
    assert dpop.get(dpop.proof("GET", dpop.users), scheme="dpop", path="/Users?count=1").status_code == 200
    assert dpop.get(dpop.proof("GET", f"{dpop.users}?count=1#here")).status_code == 200
    assert dpop.get(dpop.proof("GET", dpop.users.replace("seats.example", "SEATS.Example"))).status_code == 200
    assert dpop.get(dpop.proof("GET", dpop.users.replace(".com", ".com:443"))).status_code == 200
    assert dpop.get(dpop.proof("GET", f"{dpop.users}/a%20b"), path="/Users/a%20b").status_code == 404


def test_a_proof_is_for_its_own_address_whatever_is_decoded(dpop: Prover) -> None:
    for strange in ("/Users%3Fx", "/Users%23x", "/Us%0Aers", "/Users%2Fx"):
        assert dpop.get(dpop.proof("GET", dpop.users), path=strange).status_code == 401, strange
        theirs = dpop.users.replace("/Users", strange)
        assert dpop.get(dpop.proof("GET", theirs), path=strange).status_code == 404, strange
    for other in ("https://me@seats.example.com", "https://seats.example.com:0", "https://seats.example.com:99999"):
        assert dpop.get(dpop.proof("GET", dpop.users.replace("https://seats.example.com", other))).status_code == 401


def challenge(answer: TestResponse) -> str:
    return next(each for each in answer.headers.getlist("WWW-Authenticate") if each.startswith("DPoP "))


def bad_proofs(dpop: Prover) -> dict[str, list[str]]:
    """Requests for users, each with something wrong about its proofs."""
    other, now = ECKey.generate_key("P-256"), int((datetime.now(UTC) + dpop.world.ahead).timestamp())
    good = dpop.proof("GET", dpop.users)
    head, body, signature = good.split(".")
    private = {"jwk": dpop.key.as_dict(private=True)}
    symmetric = {"jwk": {"kty": "oct", "k": "c2VjcmV0"}, "alg": "HS256"}
    none, longer = (
        part(json.dumps({"typ": "dpop+jwt", "alg": algorithm, "jwk": dpop.key.as_dict(private=False)}))
        for algorithm in ("none", "ES384")
    )

    def wrong(header: Any = None, **changes: Any) -> list[str]:
        return [dpop.proof("GET", dpop.users, None, header, **changes)]

    return {
        "none": [],
        "two": [dpop.proof("GET", dpop.users), dpop.proof("GET", dpop.users)],
        "no token at all": ["garbage"],
        "another type": wrong({"typ": "JWT"}),
        "no type": wrong({"typ": None}),
        "a symmetric algorithm": [signed({"typ": "dpop+jwt", **symmetric}, {"htm": "GET"}, b"secret")],
        "no algorithm": [f"{none}.{body}."],
        "an algorithm of another key": [f"{longer}.{body}.{signature}"],
        "a private key": wrong(private),
        "no key": wrong({"jwk": None}),
        "a key by name": wrong({"jwk": None, "kid": "key-1"}),
        "another key's signature": wrong({"jwk": other.as_dict(private=False)}),
        "a changed body": [f"{head}.{part('{}')}.{signature}"],
        "something critical": wrong({"crit": ["exp"], "exp": 1}),
        "another method": wrong(htm="POST"),
        "another method's letter case": wrong(htm="get"),
        "no method": wrong(htm=None),
        "another path": wrong(htu=f"{dpop.users}/"),
        "another host": wrong(htu=dpop.users.replace("seats", "evil")),
        "another scheme": wrong(htu=dpop.users.replace("https", "http")),
        "another port": wrong(htu=dpop.users.replace(".com", ".com:8443")),
        "no address": wrong(htu="https://[seats"),
        "another token": wrong(ath=hashed("other")),
        "no token's hash": wrong(ath=""),
        "too old": wrong(iat=now - 62),
        "too new": wrong(iat=now + 63),
        "of no time": wrong(iat="now"),
        "no id": wrong(jti=""),
        "a long id": wrong(jti="x" * 257),
    }


@pytest.mark.covers("R-9449-4-01")
def test_each_bad_proof_is_refused(dpop: Prover, house: World) -> None:
    with unchanged(house):
        for name, proofs in bad_proofs(dpop).items():
            answer = dpop.get(*proofs)
            check_refusal(answer, 401, None, "proof")
            assert 'error="invalid_dpop_proof"' in challenge(answer), name
            assert 'algs="RS256 ' in challenge(answer)


@pytest.mark.covers("R-9449-4-01")
def test_a_proof_is_taken_once(dpop: Prover, house: World) -> None:
    proof = dpop.proof("GET", dpop.users)
    assert dpop.get(proof).status_code == 200
    with unchanged(house):
        check_refusal(dpop.get(proof), 401, None, "shown before")
    own = dpop.proof("GET", dpop.users, jti="same")
    assert dpop.get(own).status_code == 200
    another = prover(house, dpop.connection, dpop=True)
    another.obtain()
    assert another.get(another.proof("GET", another.users, jti="same")).status_code == 200


def test_a_bound_token_is_nothing_without_its_key(dpop: Prover, house: World) -> None:
    thief = ECKey.generate_key("P-256")
    with unchanged(house):
        for scheme in ("Bearer", "bearer", ""):
            answer = dpop.get(dpop.proof("GET", dpop.users), scheme=scheme)
            check_refusal(answer, 401)
    check_refusal(dpop.get(dpop.proof("GET", dpop.users, thief)), 401, None, "token")


def test_a_token_that_is_not_bound_does_not_come_as_if_it_were(client: Connection, house: World) -> None:
    free = prover(house, client)
    answer = free.ask()
    free.token = answer.json["access_token"]
    assert answer.json["token_type"] == "Bearer"
    assert free.get(scheme="Bearer").status_code == 200
    for token in (free.token, client.token):
        free.token = token
        check_refusal(free.get(free.proof("GET", free.users)), 401, None, "token")


def test_a_client_may_bind_its_token_without_having_to(client: Connection, house: World) -> None:
    free = prover(house, client)
    free.obtain()
    assert free.get(free.proof("GET", free.users)).status_code == 200
    assert free.get(scheme="Bearer").status_code == 401


@pytest.mark.covers("R-9700-2-02", "R-9449-4-03")
def test_a_client_that_must_prove_a_key_gets_no_token_otherwise(dpop: Prover, house: World) -> None:
    refused = {
        "no proof": dpop.ask(),
        "a proof for another address": dpop.ask(dpop.proof("POST", dpop.users)),
        "a proof for another method": dpop.ask(dpop.proof("GET", dpop.endpoint)),
    }
    for answer in refused.values():
        assert (answer.status_code, answer.json["error"]) == (400, "invalid_dpop_proof")
        assert answer.headers["Cache-Control"] == "no-store"
    dpop.nonce = ""
    answer = dpop.ask(dpop.proof("POST", dpop.endpoint))
    assert (answer.status_code, answer.json["error"]) == (400, "use_dpop_nonce")
    assert answer.headers["DPoP-Nonce"]
    tenant = tenancy.tenant(house.units, dpop.connection.slug)
    registering.edit_client(house.units, tenant, CAUSE, dpop.client.id, dpop=False)
    assert dpop.ask().json["token_type"] == "Bearer"


@pytest.mark.covers("R-9449-4-03")
def test_nonces_are_of_the_server_and_of_now(dpop: Prover, house: World) -> None:
    given = dpop.nonce
    for nonce in ("", "x", given[:-1] + ("A" if given[-1] != "A" else "B")):
        answer = dpop.get(dpop.proof("GET", dpop.users, nonce=nonce))
        check_refusal(answer, 401, None, "DPoP-Nonce")
        assert 'error="use_dpop_nonce"' in challenge(answer)
        assert answer.headers["DPoP-Nonce"] == given
    house.advance(301)
    assert dpop.get(dpop.proof("GET", dpop.users)).status_code == 200
    house.advance(301)
    answer = dpop.get(dpop.proof("GET", dpop.users))
    dpop.nonce = answer.headers["DPoP-Nonce"]
    assert dpop.nonce != given
    assert dpop.get(dpop.proof("GET", dpop.users)).status_code == 200


def test_the_admin_api_takes_bound_tokens(client: Connection, house: World) -> None:
    tenant = tenancy.tenant(house.units, client.slug)
    made = prover(house, client, dpop=True)
    registering.edit_client(house.units, tenant, CAUSE, made.client.id, scopes=["scim", "people.read"])
    made.nonce = made.ask(made.proof("POST", made.endpoint)).headers["DPoP-Nonce"]
    form = {"grant_type": "client_credentials", "resource": f"{PUBLIC}/api/v1", "scope": "people.read"}
    answer = client.http.post(
        f"/oauth/{client.slug}/token",
        data=form,
        headers={"DPoP": made.proof("POST", made.endpoint)},
        auth=(made.client.id, made.secret),
    )
    made.token = answer.json["access_token"]
    path = f"/api/v1/tenants/{client.slug}/users"

    def call(scheme: str, proof: str) -> TestResponse:
        return client.http.get(path, headers={"Authorization": f"{scheme} {made.token}", "DPoP": proof})

    assert call("DPoP", made.proof("GET", f"{PUBLIC}{path}")).status_code == 200
    refused = call("DPoP", made.proof("POST", f"{PUBLIC}{path}"))
    assert (refused.status_code, refused.json["type"]) == (401, "urn:scim-server:problem:unauthenticated")
    assert 'error="invalid_dpop_proof"' in challenge(refused)
    assert call("Bearer", made.proof("GET", f"{PUBLIC}{path}")).status_code == 401


@pytest.mark.covers("R-9449-4-04")
def test_behind_a_proxy_the_address_is_the_public_one(dpop: Prover) -> None:
    forwarded = {"X-Forwarded-Host": "evil.example.com", "X-Forwarded-Proto": "http", "Host": "127.0.0.1:8000"}
    headers = {"Authorization": f"DPoP {dpop.token}", "DPoP": dpop.proof("GET", dpop.users), **forwarded}
    assert dpop.connection.http.get(dpop.users.removeprefix(PUBLIC), headers=headers).status_code == 200


def test_what_a_bound_token_is_not_good_for_is_told_by_its_own_scheme(client: Connection, house: World) -> None:
    """RFC 6750 section 3.1 with RFC 9449 section 7.1 and RFC 9728 section 5.1."""
    reader = prover(house, client, dpop=True, scopes=["scim:read"])
    token = reader.obtain()
    proof = reader.proof("POST", reader.users, ath=hashed(token))
    answer = client.http.post(
        reader.users.removeprefix("https://seats.example.com"),
        json={"userName": "ana"},
        headers={"Authorization": f"DPoP {token}", "DPoP": proof},
    )
    told = answer.headers["WWW-Authenticate"]
    assert answer.status_code == 403
    assert told.startswith('DPoP realm="scim", error="insufficient_scope", scope="scim:write", algs="')
    assert "/.well-known/oauth-protected-resource/scim/" in told


def test_keys_of_every_kind(client: Connection, house: World) -> None:
    for key, algorithm in (
        (RSAKey.generate_key(2048), "PS256"),
        (curve("P-384"), "ES384"),
        (curve("Ed25519"), "EdDSA"),
    ):
        made = prover(house, client, dpop=True)
        made.key = key
        head = {"alg": algorithm}
        made.nonce = made.ask(made.proof("POST", made.endpoint, header=head)).headers["DPoP-Nonce"]
        made.token = made.ask(made.proof("POST", made.endpoint, header=head)).json["access_token"]
        assert made.get(made.proof("GET", made.users, header=head)).status_code == 200
