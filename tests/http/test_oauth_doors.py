"""RFC 9068 section 4, RFC 8725: which signed tokens open the doors of SCIM and the admin API, and which do not."""

import base64
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from joserfc import jwk, jws

from scim_server.services import registering, tenancy
from tests.http.refusals import check_refusal, unchanged
from tests.http.test_statements import counting
from tests.programs import KEYS, Program, claims_of, decoded, header_of, program
from tests.worlds import CAUSE, Connection, World

Make = Callable[[Program], str]


def segment(value: Any) -> str:
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def our_key(world: World) -> jwk.Key:
    """The private key that the server signs with."""
    with world.units.overview() as operator:
        return imported(operator.signing_keys.private(operator.signing_keys.all()[0]))


@cache
def imported(text: str) -> jwk.Key:
    return jwk.RSAKey.import_key(text)


def sign(text: str, key: jwk.Key, algorithm: str = "RS256") -> str:
    """The text with a signature behind it."""
    signature = b"" if algorithm == "none" else jws.JWSRegistry.algorithms[algorithm].sign(text.encode(), key)
    return f"{text}.{segment(signature)}"


def remade(idp: Program, **changes: Any) -> str:
    """A token with other claims under the server's own header, by the server's own key; what is None is left out."""
    token = idp.token()
    claims = {name: value for name, value in {**claims_of(token), **changes}.items() if value is not None}
    return sign(f"{token.split('.')[0]}.{segment(claims)}", our_key(idp.world))


def reheaded(idp: Program, key: jwk.Key | None = None, **changes: Any) -> str:
    """The claims of a good token under another header, signed accordingly, by the server's own key or another."""
    token = idp.token()
    header = {name: value for name, value in {**header_of(token), **changes}.items() if value is not None}
    return sign(f"{segment(header)}.{segment(claims_of(token))}", key or our_key(idp.world), header["alg"])


def tampered(idp: Program) -> str:
    head, body, signature = idp.token().split(".")
    return f"{head}.{segment({**json.loads(decoded(body)), 'scope': 'scim:write'})}.{signature}"


def swapped(idp: Program) -> str:
    """HS256 with our public key, in PEM, as the secret."""
    token = idp.token()
    text = f"{segment({**header_of(token), 'alg': 'HS256'})}.{token.split('.')[1]}"
    return f"{text}.{segment(hmac.digest(our_key(idp.world).as_pem(private=False), text.encode(), 'sha256'))}"


def doubled(idp: Program) -> str:
    """A claim twice."""
    token = idp.token()
    said = json.dumps(claims_of(token))[:-1] + ', "exp": 99999999999}'
    return sign(f"{token.split('.')[0]}.{segment(said.encode())}", our_key(idp.world))


REFUSED: dict[str, Make] = {
    "audience of the API": lambda idp: remade(idp, aud="https://seats.example.com/api/v1"),
    "another audience": lambda idp: remade(idp, aud="https://elsewhere.example.com"),
    "several audiences": lambda idp: remade(idp, aud=[f"https://seats.example.com/scim/{idp.slug}/v2", "x"]),
    "no audience": lambda idp: remade(idp, aud=None),
    "issuer of another tenant": lambda idp: remade(idp, iss="https://seats.example.com/oauth/other"),
    "another issuer": lambda idp: remade(idp, iss="https://login.example.com"),
    "expired": lambda idp: remade(idp, exp=1),
    "never expires": lambda idp: remade(idp, exp=None),
    "expiry as text": lambda idp: remade(idp, exp="99999999999"),
    "expiry as truth": lambda idp: remade(idp, exp=True),
    "not yet valid": lambda idp: remade(idp, nbf=claims_of(idp.token())["nbf"] + 3600),
    "issued in the future": lambda idp: remade(idp, iat=claims_of(idp.token())["iat"] + 3600),
    "another client": lambda idp: remade(idp, client_id="x"),
    "another subject": lambda idp: remade(idp, sub="x"),
    "no id": lambda idp: remade(idp, jti=None),
    "unknown id": lambda idp: remade(idp, jti=idp.client_id[:12] + "0" * 10),
    "odd id": lambda idp: remade(idp, jti="' OR 1=1 -- \x00"),
    "a claim twice": doubled,
    "unsigned": lambda idp: reheaded(idp, alg="none"),
    "HS256 with the public key": swapped,
    "another key": lambda idp: reheaded(idp, KEYS["RS256"]),
    "another key with its id": lambda idp: reheaded(idp, KEYS["RS256"], kid="rsa"),
    "another algorithm": lambda idp: reheaded(idp, alg="PS256"),
    "an ID token": lambda idp: reheaded(idp, typ="JWT"),
    "no type": lambda idp: reheaded(idp, typ=None),
    "no key id": lambda idp: reheaded(idp, kid=None),
    "unknown key id": lambda idp: reheaded(idp, kid="../../etc/passwd"),
    "key id as SQL": lambda idp: reheaded(idp, kid="' OR 1=1 --"),
    "critical extension": lambda idp: reheaded(idp, crit=["exp"]),
    "compressed": lambda idp: reheaded(idp, zip="DEF"),
    "brings its key": lambda idp: reheaded(idp, KEYS["RS256"], jwk=KEYS["RS256"].as_dict(private=False)),
    "names its keys": lambda idp: reheaded(idp, jku="https://evil.example.com/jwks"),
    "names its certificate": lambda idp: reheaded(idp, x5u="https://evil.example.com/x"),
    "tampered": tampered,
    "signature cut off": lambda idp: idp.token().rpartition(".")[0] + ".",
    "signature twice": lambda idp: f"{idp.token()}.{idp.token().split('.')[2]}",
    "padded": lambda idp: f"{idp.token()}==",
    "too long": lambda idp: f"{idp.token()}{'A' * 8192}",
    "encrypted": lambda idp: ".".join(["eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0", "", "AAAA", "AAAA", "AAAA"]),
    "not JSON": lambda idp: f"{idp.token().split('.')[0]}.AAAA.AAAA",
    "only dots": lambda idp: "..",
    "a client's secret": lambda idp: str(idp.secret),
    "a client's id": lambda idp: idp.client_id,
}


@pytest.mark.covers("R-9068-4-01", "R-8725-3-01", "R-9700-2-01")
def test_refuses(house: World, client: Connection) -> None:
    idp = program(house, client)
    tokens = {name: make(idp) for name, make in REFUSED.items()}
    with unchanged(house):
        for name, token in tokens.items():
            answer = idp.scim(token).post("/Users", {"userName": "ana"})
            assert answer.status_code == 401, name
            check_refusal(answer, 401, None, "token")
            assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"], name
            at_api = client.http.get(f"/api/v1/tenants/{idp.slug}", headers={"Authorization": f"Bearer {token}"})
            assert at_api.status_code == 401, name
    assert idp.scim(idp.token()).get("/Users").status_code == 200


def test_the_forgeries_are_refused_for_their_faults_alone(house: World, client: Connection) -> None:
    """What is remade without a fault is taken: the key that the tests sign with is the server's."""
    idp = program(house, client)
    assert idp.scim(remade(idp)).get("/Users").status_code == 200


def test_a_token_of_one_tenant_opens_no_other(house: World, client: Connection, strict: Connection) -> None:
    """A5: where the token's own tenant is, and nowhere else; another is as if it were not there."""
    idp, other = program(house, client), program(house, strict)
    spy = replace(idp.scim(idp.token()), slug=strict.slug)
    with unchanged(house):
        check_refusal(spy.post("/Users", {"userName": "eve"}), 404)
        assert spy.get("/Users").data == replace(spy, slug="no-such-tenant").get("/Users").data
    stolen = remade(idp, iss=other.issuer, aud=f"https://seats.example.com/scim/{other.slug}/v2")
    assert other.scim(stolen).get("/Users").status_code == 401


def test_each_door_takes_its_own_tokens(house: World, client: Connection) -> None:
    """B3: those for SCIM open no admin API, those for the API no SCIM."""
    idp = program(house, client, scopes=["scim", "people.read"])
    scim, api = idp.token(), idp.token(scope="people.read")
    http = house.app.test_client()
    address = f"/api/v1/tenants/{idp.slug}/users"
    codes = [http.get(address, headers={"Authorization": f"Bearer {token}"}).status_code for token in (scim, api)]
    assert codes == [401, 200]
    assert [idp.scim(token).get("/Users").status_code for token in (scim, api)] == [200, 401]
    answer = http.get(f"/api/v1/tenants/{idp.slug}/connections", headers={"Authorization": f"Bearer {api}"})
    assert answer.status_code == 403


def test_what_a_token_of_the_api_does_is_its_clients(house: World, client: Connection) -> None:
    idp = program(house, client, scopes=["scim", "groups.write"])
    headers = {"Authorization": f"Bearer {idp.token(scope='groups.write')}"}
    made = client.http.post(f"/api/v1/tenants/{idp.slug}/groups", json={"displayName": "Sales"}, headers=headers)
    assert made.status_code == 201, made.text
    tenant = tenancy.tenant(house.units, idp.slug)
    actors = {entry.actor for entry in house.trail(tenant) if entry.object_id == made.json["id"]}
    assert actors == {f"client:{idp.client_id}"}


def test_a_token_ends_at_once_with_its_client(house: World, client: Connection) -> None:
    """B9: whatever it was good for, within one request."""
    idp = program(house, client)
    tenant = tenancy.tenant(house.units, idp.slug)
    token = idp.token()
    registering.edit_client(house.units, tenant, CAUSE, idp.client_id, scopes=["scim:read"])
    assert idp.scim(token).get("/Users").status_code == 200
    registering.edit_client(house.units, tenant, CAUSE, idp.client_id, scopes=["scim"], dpop=True)
    assert idp.scim(token).get("/Users").status_code == 401
    registering.edit_client(house.units, tenant, CAUSE, idp.client_id, dpop=False)
    assert idp.scim(token).get("/Users").status_code == 200
    registering.revoke_client(house.units, tenant, CAUSE, idp.client_id)
    assert idp.scim(token).get("/Users").status_code == 401


def test_a_token_ends_when_its_time_is_up(build_world: Callable[..., World]) -> None:
    world = build_world()
    idp = program(world, world.connect(world.tenant()), token_seconds=300)
    token = idp.token()
    world.advance(290)
    assert idp.scim(token).get("/Users").status_code == 200
    world.advance(11)
    assert idp.scim(token).get("/Users").status_code == 401


@pytest.mark.covers("R-6750-2-01")
def test_two_credentials_are_refused_before_any_is_looked_at(house: World, client: Connection) -> None:
    """RFC 6750 section 3.1. A gateway joins two headers with a comma."""
    token = program(house, client).token()
    for both in (f"Bearer {token}, Bearer {token}", f"Bearer {client.token},Bearer x", "x,y"):
        answer = client.get("/Users", Authorization=both)
        check_refusal(answer, 400, None, "Authorization")
        assert 'error="invalid_request"' in answer.headers["WWW-Authenticate"]
        at_api = client.http.get("/api/v1/tenants", headers={"Authorization": both})
        assert at_api.status_code == 400
        assert 'error="invalid_request"' in at_api.headers["WWW-Authenticate"]


def test_tokens_in_addresses_and_bodies_are_not_looked_at(house: World, client: Connection) -> None:
    token = program(house, client).token()
    http = client.http
    for path in (f"/scim/{client.slug}/v2/Users?access_token={token}", f"/api/v1/tenants?access_token={token}"):
        assert http.get(path).status_code == 401
    form = {"data": {"access_token": token}}
    assert http.post(f"/scim/{client.slug}/v2/Users", **form).status_code == 401
    assert http.post("/api/v1/products", **form).status_code == 401


CHALLENGED = {
    "/scim/acme/v2/Users": "/scim/acme/v2",
    "/scim/acme": "/scim/acme/v2",
    "/scim//acme//v2": "/scim/acme/v2",
    "/scim": None,
    '/scim/a"b/v2/Users': None,
    "/scim/A%0d%0aX:%20y/v2": None,
    "/api/v1/tenants": "/api/v1",
}


@pytest.mark.covers("R-9728-3-02", "R-6750-3-01")
@pytest.mark.parametrize(("path", "resource"), CHALLENGED.items())
def test_every_challenge_names_the_metadata(house: World, path: str, resource: str | None) -> None:
    """It follows from the address alone: there is no tenant acme here."""
    challenge = house.app.test_client().get(path).headers["WWW-Authenticate"]
    named = challenge.partition('resource_metadata="')[2].rstrip('"')
    expected = "" if resource is None else f"https://seats.example.com/.well-known/oauth-protected-resource{resource}"
    assert named == expected
    assert "error=" not in challenge


def test_a_good_token_costs_one_look_up_and_a_bad_one_none(house: World, client: Connection) -> None:
    """B2: what no key of ours signed is refused before the store is asked for it."""
    idp = program(house, client)
    token = idp.token()
    idp.scim(token).get("/Users/none")
    costs = {}
    for name, text in {"opaque": client.token, "signed": token, "forged": tampered(idp), "short": "a.b.c"}.items():
        with counting(house) as count:
            idp.scim(text).get("/Users/none")
        costs[name] = int(count)
    assert costs["signed"] == costs["opaque"]
    assert (costs["forged"], costs["short"]) == (0, 0)
