"""Tokens of other issuers at the SCIM door (RFC 7519, RFC 8725, RFC 9068 section 4)."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from scim_server.services import disconnecting, tenancy, trusting
from scim_server.services.disconnecting import Fate
from tests import databases
from tests.http.refusals import check_refusal, unchanged
from tests.issuers import AUDIENCE, KEYS, LOOPBACK, METADATA, Issuer, curve, issuing, part, rsa, signed, trust
from tests.worlds import CAUSE, Connection, World, build

INVALID = 'Bearer realm="scim", error="invalid_token", '


_numbers = count(1)


@pytest.fixture(scope="module", params=databases.KINDS)
def town(request: pytest.FixtureRequest) -> Iterator[World]:
    """An installation that may connect to loopback, for all these tests: each has tenants and an issuer of its own."""
    url = request.getfixturevalue(f"{request.param}_databases")()
    built = build(url, egress_networks=LOOPBACK)
    yield built
    built.installation.database.dispose()
    databases.drop(url)


def connected(town: World) -> Connection:
    """A connection of a new tenant."""
    return town.connect(town.tenant(f"tenant-{next(_numbers)}"), "entra")


@pytest.fixture
def entra(town: World) -> Connection:
    """The connection that trusts the issuer."""
    return connected(town)


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing() as issuer:
        yield issuer


def sending(client: Connection, token: str) -> Connection:
    return replace(client, token=token)


def test_a_token_of_a_trusted_issuer_stands_for_the_connection(town: World, entra: Connection, issuer: Issuer) -> None:
    trust(town, entra, issuer)
    with_token = sending(entra, issuer.token(town))
    ana = with_token.create_user("ana")
    assert entra.get(f"/Users/{ana['id']}").status_code == 200
    tenant = tenancy.tenant(town.units, entra.slug)
    (made,) = [entry for entry in town.trail(tenant) if entry.object_type == "user"]
    assert made.actor == f"connection:{tenancy.connections(town.units, tenant)[0].id}"
    assert issuer.fetched(METADATA) == issuer.fetched() == 1


def test_a_removed_connection_takes_its_trust_along(town: World, entra: Connection, issuer: Issuer) -> None:
    """That which somebody says meanwhile, having found the connection before, as well."""
    trust(town, entra, issuer)
    tenant, with_token = tenancy.tenant(town.units, entra.slug), sending(entra, issuer.token(town))
    (trusted,) = trusting.issuers(town.units, tenant)
    assert with_token.get("/Users").status_code == 200
    disconnecting.remove_connection(town.units, tenant, CAUSE, "entra", Fate())
    assert with_token.get("/Users").status_code == 401
    with town.units.write(tenant, CAUSE) as uow:
        uow.trusted_issuers.add(trusted.issuer)
        uow.commit()
    assert with_token.get("/Users").status_code == 401
    trusting.distrust_issuer(town.units, tenant, CAUSE, trusted.issuer.name)


@pytest.mark.parametrize("audience", [AUDIENCE, ["api://other", AUDIENCE]])
@pytest.mark.parametrize("typ", ["JWT", "at+jwt", "application/at+jwt", None])
def test_what_may_differ(town: World, entra: Connection, issuer: Issuer, audience: Any, typ: str | None) -> None:
    trust(town, entra, issuer)
    token = issuer.token(town, header={"typ": typ, "x5t": "abc", "nonce": "n"}, aud=audience, nbf=None, iat=None)
    assert sending(entra, token).get("/Users").status_code == 200


@pytest.mark.parametrize("name", ["P-256", "P-384", "P-521", "Ed25519"])
def test_every_kind_of_key(town: World, entra: Connection, issuer: Issuer, name: str) -> None:
    algorithm = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512", "Ed25519": "EdDSA"}[name]
    issuer.publish(rsa(), curve(name))
    trust(town, entra, issuer)
    token = issuer.token(town, curve(name), {"alg": algorithm})
    assert sending(entra, token).get("/Users").status_code == 200
    assert sending(entra, issuer.token(town, header={"alg": "PS512"})).get("/Users").status_code == 200


CLAIMS = {
    "another issuer": {"iss": "https://login.example.com"},
    "another audience": {"aud": "api://other"},
    "an audience that is none": {"aud": {"a": AUDIENCE}},
    "no audience": {"aud": None},
    "another subject": {"sub": "somebody"},
    "no subject": {"sub": None},
    "another application": {"appid": "evil"},
    "a claim of another kind": {"appid": ["app"]},
    "another directory": {"tid": "other"},
    "no end": {"exp": None},
    "over": {"exp": 1_700_000_000},
    "over since before time": {"exp": -1},
    "an end that is none": {"exp": "tomorrow"},
    "an end that is a truth": {"exp": True},
    "not begun": {"nbf": 4_000_000_000},
    "from the future": {"iat": 4_000_000_000},
}
HEADERS: dict[str, dict[str, Any]] = {
    "a key that nobody has": {"kid": "other"},
    "the kid of a path": {"kid": "../../dev/null"},
    "the kid of a query": {"kid": "' OR 1=1 --"},
    "a kid that is none": {"kid": ["key-1"]},
    "something critical": {"crit": ["exp"], "exp": 1},
    "an unencoded body": {"crit": ["b64"], "b64": False},
    "packed": {"zip": "DEF"},
    "a proof of possession": {"typ": "dpop+jwt"},
    "a logout token": {"typ": "logout+jwt"},
}


def refused(town: World, client: Connection, *tokens: str) -> None:
    """None of them opens or changes anything, and each is answered as every bad token is."""
    usual = sending(client, "garbage").get("/Users").data
    with unchanged(town):
        for token in tokens:
            answer = sending(client, token).post("/Users", {"userName": "eve"})
            check_refusal(answer, 401, None, "malformed, unknown, expired or revoked")
            assert answer.headers["WWW-Authenticate"].startswith(INVALID)
            assert answer.data == usual


@pytest.fixture
def guarded(town: World, entra: Connection, issuer: Issuer) -> Issuer:
    """An issuer whose tokens fit, and whose keys are known."""
    trust(town, entra, issuer, claims={"appid": "app", "tid": "directory"})
    assert sending(entra, fitting(town, issuer)).get("/Users").status_code == 200
    return issuer


def part_of(value: Any) -> str:
    return part(json.dumps(value))


def fitting(town: World, issuer: Issuer, **changes: Any) -> str:
    header = changes.pop("header", {})
    return issuer.token(town, header=header, **{"appid": "app", "tid": "directory", **changes})


def test_claims_that_do_not_fit(town: World, entra: Connection, guarded: Issuer) -> None:
    refused(town, entra, *(fitting(town, guarded, **changes) for changes in CLAIMS.values()))
    assert guarded.fetched() == 1


def test_headers_that_do_not_fit(town: World, entra: Connection, guarded: Issuer) -> None:
    refused(town, entra, *(fitting(town, guarded, header=header) for header in HEADERS.values()))


def test_signatures_that_are_none(town: World, entra: Connection, guarded: Issuer) -> None:
    """RFC 8725 section 2.1: no algorithm but those of the issuer's key, and no key but the issuer's."""
    token, claims = fitting(town, guarded), guarded.claims(town, appid="app", tid="directory")
    header, body, signature = token.split(".")
    public = rsa().as_pem(private=False)
    pasted = {"typ": "JWT", "kid": "key-1", "jwk": rsa(2).as_dict(private=False), "jku": f"{guarded.url}/evil"}
    refused(
        town,
        entra,
        f"{part_of({'typ': 'JWT', 'alg': 'none', 'kid': 'key-1'})}.{body}.",
        f"{part_of({'typ': 'JWT', 'alg': 'none', 'kid': 'key-1'})}.{body}.{signature}",
        signed({"typ": "JWT", "alg": "HS256", "kid": "key-1"}, claims, public),
        signed({**pasted, "alg": "RS256"}, claims, rsa(2)),
        signed({"typ": "JWT", "alg": "ES256", "kid": "key-1"}, claims, curve()),
        f"{header}.{part_of({**claims, 'sub': 'idp', 'more': 1})}.{signature}",
        f"{part_of({'typ': 'JWT', 'alg': 'PS256', 'kid': 'key-1'})}.{body}.{signature}",
        f"{header}.{body}.",
        f"{header}.{body}.{signature}=",
        f"{header}.{body}.{signature[:-2]}",
        f"{header}.{body}.{signature}.",
        f"{header}.{part('[]')}.{signature}",
        f"{header}.{part('{}')}.{signature}",
        "..",
        "a.b.c",
    )
    assert guarded.fetched("/evil") == 0


def test_duplicate_claims_are_refused_though_signed(town: World, entra: Connection, guarded: Issuer) -> None:
    claims = guarded.claims(town, appid="app", tid="directory")
    twice = json.dumps(claims)[:-1] + ', "sub": "idp"}'
    refused(town, entra, signed({"alg": "RS256", "kid": "key-1"}, twice, rsa()))


def test_a_token_of_more_than_8_kilobytes_is_not_read(town: World, entra: Connection, guarded: Issuer) -> None:
    refused(town, entra, fitting(town, guarded, more="x" * 7000))


def test_nobody_makes_the_server_fetch_for_an_issuer_that_nobody_trusts(
    town: World, entra: Connection, issuer: Issuer
) -> None:
    refused(town, entra, issuer.token(town))
    trust(town, entra, issuer)
    refused(town, entra, issuer.token(town, aud="api://other"))
    assert issuer.server.requests == []


def test_keys_that_nobody_has_heard_of_are_asked_for_once_a_minute(
    town: World, entra: Connection, guarded: Issuer
) -> None:
    refused(town, entra, *(fitting(town, guarded, header={"kid": f"flood-{number}"}) for number in range(20)))
    assert guarded.fetched() == 1
    town.advance(61)
    refused(town, entra, *(fitting(town, guarded, header={"kid": f"flood-{number}"}) for number in range(20)))
    assert guarded.fetched() == 2


def test_a_new_key_is_found_and_an_old_one_is_forgotten(town: World, entra: Connection, guarded: Issuer) -> None:
    guarded.publish(rsa(2))
    town.advance(61)
    assert sending(entra, fitting(town, guarded)).get("/Users").status_code == 200
    refused(town, entra, fitting(town, guarded, key=rsa(1)))


def test_keys_are_fetched_anew_every_hour(town: World, entra: Connection, guarded: Issuer) -> None:
    guarded.publish(rsa(2), rsa(1))
    town.advance(3590)
    assert sending(entra, fitting(town, guarded, key=rsa(1))).get("/Users").status_code == 200
    assert guarded.fetched() == 1
    town.advance(11)
    assert sending(entra, fitting(town, guarded, key=rsa(1))).get("/Users").status_code == 200
    assert guarded.fetched() == 2


def _issues(town: World, client: Connection) -> list[str]:
    tenant = tenancy.tenant(town.units, client.slug)
    with town.units.read(tenant) as uow:
        return [f"{each.code} {each.subject}" for each in uow.issues.find(closed=False)]


def test_an_issuer_that_is_down_is_no_error_of_ours(town: World, entra: Connection, issuer: Issuer) -> None:
    trust(town, entra, issuer)
    issuer.pages[KEYS] = None
    for _ in range(3):
        answer = sending(entra, issuer.token(town)).get("/Users")
        check_refusal(answer, 401, None, "out of reach")
    assert issuer.fetched() == 1
    assert _issues(town, entra) == ["ISSUER_UNREACHABLE foreign"]
    issuer.publish(rsa())
    town.advance(29)
    assert sending(entra, issuer.token(town)).get("/Users").status_code == 401
    town.advance(2)
    assert sending(entra, issuer.token(town)).get("/Users").status_code == 200
    assert _issues(town, entra) == []


def test_keys_outlive_their_issuer_for_a_day(town: World, entra: Connection, guarded: Issuer) -> None:
    guarded.pages[METADATA] = None
    town.advance(3601)
    assert sending(entra, fitting(town, guarded)).get("/Users").status_code == 200
    assert _issues(town, entra) == ["ISSUER_UNREACHABLE foreign"]
    town.advance(82_000)
    assert sending(entra, fitting(town, guarded)).get("/Users").status_code == 200
    town.advance(3600)
    check_refusal(sending(entra, fitting(town, guarded)).get("/Users"), 401, None, "out of reach")


METADATA_FAULTS: dict[str, Any] = {
    "of another issuer": {METADATA: {"issuer": "https://login.example.com", "jwks_uri": f"ISSUER{KEYS}"}},
    "without keys": {METADATA: {}},
    "no object": {METADATA: []},
    "no keys": {KEYS: {"keys": []}},
    "no list": {KEYS: {"keys": {}}},
    "private keys": {KEYS: {"keys": [rsa().as_dict(private=True)]}},
    "symmetric keys": {KEYS: {"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "key-1"}]}},
    "keys to encrypt with": {KEYS: {"keys": [{**rsa().as_dict(private=False), "use": "enc"}]}},
    "keys of another algorithm": {KEYS: {"keys": [{**rsa().as_dict(private=False), "alg": "RS512"}]}},
    "keys that take too long": {KEYS: {"keys": [{**rsa().as_dict(private=False), "e": "gAAAAAAAAAAB"}]}},
    "broken keys": {KEYS: {"keys": [None, 1, {"kty": "RSA", "n": "AQAB", "e": "AQAB"}, {"kty": "EC", "crv": "P-256"}]}},
    "too much": {KEYS: {"keys": [rsa().as_dict(private=False)], "more": "x" * 300_000}},
}


@pytest.mark.parametrize("pages", METADATA_FAULTS.values(), ids=METADATA_FAULTS.keys())
def test_what_an_issuer_may_answer_wrongly(
    town: World, entra: Connection, issuer: Issuer, pages: dict[str, Any]
) -> None:
    trust(town, entra, issuer)
    issuer.pages.update(json.loads(json.dumps(pages).replace("ISSUER", issuer.url)))
    check_refusal(sending(entra, issuer.token(town)).get("/Users"), 401)


def test_the_other_address_of_metadata(town: World, entra: Connection, issuer: Issuer) -> None:
    """RFC 8414 section 3: the well-known part goes before the path of the issuer."""
    named = f"{issuer.url}/tenant"
    trust(town, entra, issuer, issuer=named)
    issuer.pages["/.well-known/oauth-authorization-server/tenant"] = {
        "issuer": named,
        "jwks_uri": f"{issuer.url}{KEYS}",
    }
    assert sending(entra, issuer.token(town, iss=named)).get("/Users").status_code == 200


def test_many_requests_at_once_ask_once(town: World, entra: Connection, issuer: Issuer) -> None:
    trust(town, entra, issuer, jwks_uri=f"{issuer.url}{KEYS}")
    token = issuer.token(town)
    with ThreadPoolExecutor(8) as pool:
        clients = [replace(town.same_client(entra), token=token) for _ in range(8)]
        statuses = [each.status_code for each in pool.map(lambda client: client.get("/Users"), clients)]
    assert statuses == [200] * 8
    assert issuer.fetched() == 1
    assert issuer.fetched(METADATA) == 0


def test_the_path_says_which_tenant_a_token_is_for(town: World, entra: Connection, issuer: Issuer) -> None:
    globex, third = connected(town), connected(town)
    trust(town, entra, issuer)
    trust(town, globex, issuer)
    token = issuer.token(town)
    sending(entra, token).create_user("ana")
    sending(globex, token).create_user("bea")
    assert [user["userName"] for user in entra.get("/Users").json["Resources"]] == ["ana"]
    assert [user["userName"] for user in globex.get("/Users").json["Resources"]] == ["bea"]
    with unchanged(town):
        answer = sending(third, token).post("/Users", {"userName": "eve"})
    check_refusal(answer, 404)
    nowhere = replace(third, slug="no-such-tenant", token=token).post("/Users", {"userName": "eve"})
    assert answer.data == nowhere.data


def test_a_token_loads_nobody_who_trusts_its_issuer_about_others(
    town: World, entra: Connection, issuer: Issuer
) -> None:
    trust(town, entra, issuer)
    trust(town, connected(town), issuer, subject=None, claims={"appid": "idp"})
    with town.units.overview() as operator:
        found = {subject: len(operator.trusting(issuer.url, subject)) for subject in ("idp", "eve", None)}
    assert found == {"idp": 2, "eve": 1, None: 1}


def test_a_tenant_cannot_vouch_for_an_issuer_at_another(town: World, entra: Connection, issuer: Issuer) -> None:
    """Each trust is checked with keys of its own: those of a forger open nothing but the forger's tenant."""
    forger = connected(town)
    trust(town, entra, issuer)
    with issuing() as evil:
        evil.publish(rsa(2))
        trust(town, forger, issuer, jwks_uri=f"{evil.url}{KEYS}")
        forged = signed({"alg": "RS256", "kid": "key-2"}, issuer.claims(town), rsa(2))
        check_refusal(sending(entra, forged).get("/Users"), 404)
        assert sending(forger, forged).get("/Users").status_code == 200


def test_distrust_works_from_the_next_request_on(town: World, entra: Connection, issuer: Issuer) -> None:
    trust(town, entra, issuer)
    client = sending(entra, issuer.token(town))
    assert client.get("/Users").status_code == 200
    trusting.distrust_issuer(town.units, tenancy.tenant(town.units, entra.slug), CAUSE, "foreign")
    assert client.get("/Users").status_code == 401
