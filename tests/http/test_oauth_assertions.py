"""RFC 7523 section 3 with the audience rules of rfc7523bis: clients that prove who they are with a key."""

import base64
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from scim_server.domain.errors import Invalid
from scim_server.domain.oauth_clients import ClientMethod
from scim_server.services import registering, tenancy
from tests.http.refusals import unchanged
from tests.http.test_oauth_tokens import check_error
from tests.issuers import KEYS as PAGE
from tests.issuers import LOOPBACK, issuing
from tests.programs import ASSERTION_TYPE, KEYS, Program, key_holder, program, public_set
from tests.worlds import CAUSE, Connection, World

Make = Callable[[Program], str]
GRANT = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE}


def shown(idp: Program, assertion: str, **form: str) -> Any:
    return idp.post("token", {**GRANT, "client_assertion": assertion, **form})


@pytest.mark.covers("R-7523-3-01", "R-7523-3-02")
@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA", "Ed25519"])
def test_a_client_gets_a_token_by_its_key(house: World, client: Connection, algorithm: str) -> None:
    idp = key_holder(house, client, {"EdDSA": "Ed25519"}.get(algorithm, algorithm))
    answer = shown(idp, idp.assertion(algorithm))
    assert answer.status_code == 200, answer.text
    assert idp.scim(answer.json["access_token"]).get("/Users").status_code == 200


@pytest.mark.covers("R-7523-3-03")
@pytest.mark.parametrize(
    ("header", "claims"),
    [
        ({"typ": "client-authentication+jwt"}, {}),
        ({"typ": "JWT", "kid": "ec"}, {}),
        ({}, {"nbf": 1, "iat": None}),
    ],
)
def test_takes(house: World, client: Connection, header: dict[str, Any], claims: dict[str, Any]) -> None:
    idp = key_holder(house, client)
    assert shown(idp, idp.assertion(header=header, **claims)).status_code == 200
    only = shown(idp, idp.assertion(aud=[idp.issuer]), client_id=idp.client_id)
    assert only.status_code == 200, only.text


def now(idp: Program) -> int:
    return int(json.loads(base64.urlsafe_b64decode(idp.assertion().split(".")[1] + "=="))["iat"])


def with_our_public_key(idp: Program) -> str:
    """HS256, the client's own public key being the secret."""
    _, body, _ = idp.assertion().split(".")
    head = base64.urlsafe_b64encode(b'{"alg":"HS256"}').decode().rstrip("=")
    secret = KEYS["ES256"].as_pem(private=False)  # type: ignore[attr-defined]
    signature = hmac.digest(secret, f"{head}.{body}".encode(), "sha256")
    return f"{head}.{body}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def unsigned(idp: Program) -> str:
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    return f"{head}.{idp.assertion().split('.')[1]}."


def exchanged(idp: Program) -> str:
    """The claims of one assertion under the signature of another."""
    (head, _, signature), (_, body, _) = idp.assertion().split("."), idp.assertion().split(".")
    return f"{head}.{body}.{signature}"


REFUSED: dict[str, Make] = {
    "the token endpoint as audience": lambda idp: idp.assertion(aud=f"{idp.issuer}/token"),
    "another audience beside": lambda idp: idp.assertion(aud=[idp.issuer, "https://elsewhere.example.com"]),
    "another issuer's audience": lambda idp: idp.assertion(aud="https://seats.example.com/oauth/other"),
    "no audience": lambda idp: idp.assertion(aud=None),
    "another issuer": lambda idp: idp.assertion(iss="https://idp.example.com"),
    "another subject": lambda idp: idp.assertion(sub="x"),
    "no subject": lambda idp: idp.assertion(sub=None),
    "no id": lambda idp: idp.assertion(jti=None),
    "a long id": lambda idp: idp.assertion(jti="x" * 257),
    "expired": lambda idp: idp.assertion(exp=now(idp) - 1),
    "never expires": lambda idp: idp.assertion(exp=None),
    "expires in a year": lambda idp: idp.assertion(exp=now(idp) + 31_536_000),
    "just too long": lambda idp: idp.assertion(exp=now(idp) + 665),
    "made in the future": lambda idp: idp.assertion(iat=now(idp) + 120),
    "not yet valid": lambda idp: idp.assertion(nbf=now(idp) + 120),
    "another type": lambda idp: idp.assertion(header={"typ": "at+jwt"}),
    "unknown key": lambda idp: idp.assertion(header={"kid": "other"}),
    "signature of another": exchanged,
    "unsigned": unsigned,
    "HS256 with the public key": with_our_public_key,
    "no token": lambda _: "a.b.c",
}


@pytest.mark.covers("R-7523-3-01", "R-7523-3-02")
def test_refuses(house: World, client: Connection) -> None:
    idp = key_holder(house, client)
    assertions = {name: make(idp) for name, make in REFUSED.items()}
    with unchanged(house):
        answers = {name: shown(idp, each) for name, each in assertions.items()}
    for name, answer in answers.items():
        assert (answer.status_code, answer.json["error"]) == (401, "invalid_client"), name
    check_error(answers["unsigned"], 401, "invalid_client")
    assert len({answer.data for answer in answers.values()}) == 1


def test_an_assertion_is_good_once(house: World, client: Connection) -> None:
    """At whatever endpoint it is shown first."""
    idp = key_holder(house, client)
    once, twice = idp.assertion(), idp.assertion()
    assert [shown(idp, once).status_code for _ in range(2)] == [200, 401]
    form = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": twice, "token": "x"}
    assert idp.post("introspect", form).status_code == 200
    assert shown(idp, twice).status_code == 401


def test_a_key_proves_its_own_client_alone(house: World, client: Connection, strict: Connection) -> None:
    """Neither another client of the same tenant, nor one elsewhere with the same key, nor one that has a secret."""
    idp, second, elsewhere = key_holder(house, client), key_holder(house, client, "RS256"), key_holder(house, strict)
    secretive = program(house, client)
    claims = {"iss": second.client_id, "sub": second.client_id}
    assert shown(idp, idp.assertion(**claims)).status_code == 401
    assert shown(idp, idp.assertion(), client_id=second.client_id).status_code == 401
    assert shown(idp, elsewhere.assertion()).status_code == 401
    assert shown(elsewhere, elsewhere.assertion(aud=idp.issuer)).status_code == 401
    forged = {"iss": secretive.client_id, "sub": secretive.client_id}
    assert shown(idp, idp.assertion(**forged)).status_code == 401
    assert idp.post("token", GRANT, auth=(idp.client_id, "x")).status_code == 400


def test_keys_are_replaced(house: World, client: Connection) -> None:
    idp = key_holder(house, client)
    tenant = tenancy.tenant(house.units, client.slug)
    registering.edit_client(house.units, tenant, CAUSE, idp.client_id, jwks=public_set(KEYS["RS256"]))
    assert idp.obtain().status_code == 401
    both = public_set(KEYS["RS256"], KEYS["ES256"])
    registering.edit_client(house.units, tenant, CAUSE, idp.client_id, jwks=both)
    assert idp.obtain().status_code == 200


def test_keys_are_fetched_from_where_a_client_publishes_them(build_world: Callable[..., World]) -> None:
    """Once, however many tokens it gets, and again for a key that is new; where nothing answers, there is no proof."""
    world = build_world(egress_networks=LOOPBACK)
    with issuing() as publisher:
        publisher.publish(KEYS["ES256"])
        where = f"{publisher.url}{PAGE}"
        idp = key_holder(world, world.connect(world.tenant()), jwks=None, jwks_uri=where)
        named = {"kid": "ec"}
        assert [shown(idp, idp.assertion(header=named)).status_code for _ in range(2)] == [200, 200]
        assert shown(idp, idp.assertion(header={"kid": "other"})).status_code == 401
        assert publisher.fetched() == 1
        publisher.publish(KEYS["ES256"], KEYS["RS256"])
        world.advance(61)
        rsa = replace(idp, key=KEYS["RS256"])
        assert shown(rsa, rsa.assertion("RS256", {"kid": "rsa"})).status_code == 200
        assert shown(rsa, rsa.assertion("RS512", {"kid": "rsa"})).status_code == 401
        assert publisher.fetched() == 2
        other = key_holder(world, idp.connection, jwks=None, jwks_uri=f"{publisher.url}/nothing")
    assert shown(other, other.assertion(header=named)).status_code == 401


RSA = public_set(KEYS["RS256"])["keys"][0]
WRONG_SETS: dict[str, tuple[dict[str, Any], str]] = {
    "no set": (RSA, "JWK Set"),
    "no key": ({"keys": []}, "JWK Set"),
    "eleven keys": ({"keys": [RSA] * 11}, "JWK Set"),
    "a private key": ({"keys": [KEYS["RS256"].as_dict(private=True)]}, "secret"),
    "a shared secret": ({"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}, "secret"),
    "a short key": ({"keys": [{**RSA, "n": RSA["n"][:170]}]}, "no use"),
    "a long exponent": ({"keys": [{**RSA, "e": RSA["n"]}]}, "no use"),
    "a curve of others": ({"keys": [{"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA"}]}, "no use"),
    "no point": ({"keys": [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}]}, "no use"),
    "for encryption": ({"keys": [{**RSA, "use": "enc"}]}, "no use"),
    "another algorithm": ({"keys": [{**RSA, "alg": "RS512"}]}, "no use"),
    "a number": ({"keys": [{**RSA, "kid": 1}]}, "no use"),
    "a text": ({"keys": ["x"]}, "no use"),
}


@pytest.mark.parametrize(("jwks", "word"), WRONG_SETS.values(), ids=WRONG_SETS.keys())
def test_a_client_is_registered_with_public_keys_alone(
    house: World, client: Connection, jwks: dict[str, Any], word: str
) -> None:
    tenant = tenancy.tenant(house.units, client.slug)
    terms: dict[str, Any] = {"scopes": ["scim"], "connection": client.name, "method": ClientMethod.PRIVATE_KEY_JWT}
    with unchanged(house), pytest.raises(Invalid, match=word):
        registering.register_client(house.units, tenant, CAUSE, "x", jwks=jwks, **terms)
