"""RFC 6749 section 4.4 and RFC 9068: how a client obtains an access token by its secret, and what it gets."""

import base64
from datetime import timedelta
from typing import Any

import pytest

from scim_server.services import client_secrets, registering, tenancy
from tests.http.refusals import unchanged
from tests.http.test_statements import counting
from tests.programs import Program, claims_of, header_of, program
from tests.worlds import CAUSE, Connection, World

SCIM, API = "https://seats.example.com/scim/{}/v2", "https://seats.example.com/api/v1"


@pytest.fixture
def idp(house: World, client: Connection) -> Program:
    return program(house, client)


def check_error(answer: Any, status: int, error: str) -> None:
    """RFC 6749 section 5.2."""
    assert (answer.status_code, answer.json["error"]) == (status, error), answer.text
    assert set(answer.json) == {"error", "error_description"}
    assert answer.mimetype == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert (status == 401) == answer.headers.get("WWW-Authenticate", "").startswith("Basic realm=")


@pytest.mark.covers("R-6749-4.4-01", "R-9068-2-01", "R-9068-2-02", "R-9700-2-05")
def test_a_client_gets_a_signed_token(idp: Program) -> None:
    answer = idp.obtain()
    assert answer.headers["Cache-Control"] == "no-store"
    told = {name: value for name, value in answer.json.items() if name != "access_token"}
    assert told == {"token_type": "Bearer", "expires_in": 3600, "scope": "scim:read scim:write"}
    header, claims = header_of(answer.json["access_token"]), claims_of(answer.json["access_token"])
    kids = [key["kid"] for key in idp.world.app.test_client().get(f"/oauth/{idp.slug}/jwks").json["keys"]]
    assert header["typ"] == "at+jwt"
    assert header["alg"] == "RS256"
    assert header["kid"] in kids
    assert claims["exp"] - claims["iat"] == 3600
    assert claims["sub"] == claims["client_id"] == idp.client_id
    assert (claims["iss"], claims["aud"]) == (idp.issuer, SCIM.format(idp.slug))
    assert idp.scim(answer.json["access_token"]).create_user("ana")["userName"] == "ana"


def test_a_token_acts_as_the_connection_of_its_client(idp: Program) -> None:
    user = idp.scim(idp.token()).create_user("ana")
    tenant = tenancy.tenant(idp.world.units, idp.slug)
    (entry,) = [each for each in idp.world.trail(tenant) if each.object_id == user["id"]]
    (connection,) = tenancy.connections(idp.world.units, tenant)
    assert entry.actor == f"connection:{connection.id}"


def test_the_life_of_tokens_is_the_clients(house: World, client: Connection) -> None:
    answer = program(house, client, token_seconds=6 * 3600).obtain()
    claims = claims_of(answer.json["access_token"])
    assert answer.json["expires_in"] == claims["exp"] - claims["iat"] == 6 * 3600


@pytest.mark.covers("R-9700-2-03")
def test_a_secret_comes_in_the_body_where_the_client_is_registered_so(house: World, client: Connection) -> None:
    for method, expected in (("client_secret_post", 200), ("client_secret_basic", 401)):
        made = program(house, client, method)
        form = {"grant_type": "client_credentials", "client_id": made.client_id, "client_secret": made.secret}
        assert made.post("token", form).status_code == expected
        assert made.obtain().status_code == 200


def test_several_secrets_are_live_at_once_and_each_ends_alone(idp: Program) -> None:
    tenant = tenancy.tenant(idp.world.units, idp.slug)
    second = client_secrets.issue_secret(idp.world.units, tenant, CAUSE, idp.client_id, timedelta(days=1))
    other = Program(idp.world, idp.slug, idp.client_id, idp.connection, second.text)
    assert [each.obtain().status_code for each in (idp, other)] == [200, 200]
    token = other.token()
    client_secrets.revoke_secret(idp.world.units, tenant, CAUSE, idp.client_id, second.secret.id)
    assert [each.obtain().status_code for each in (idp, other)] == [200, 401]
    assert idp.scim(token).get("/Users").status_code == 200
    used = [each.secret.last_used for each in client_secrets.secrets(idp.world.units, tenant, idp.client_id)]
    assert None not in used


def test_a_secret_ends_with_its_life(build_world: Any) -> None:
    world = build_world()
    idp = program(world, world.connect(world.tenant()))
    world.advance(366 * 86_400)
    check_error(idp.obtain(), 401, "invalid_client")


def wrong(idp: Program, client_id: str | None = None, secret: str | None = None) -> Any:
    auth = (client_id or idp.client_id, secret or str(idp.secret))
    return idp.post("token", {"grant_type": "client_credentials"}, auth=auth)


@pytest.mark.covers("R-6749-4.4-03", "R-7009-2-02")
def test_whoever_proves_nothing_gets_the_same_answer(
    idp: Program, house: World, client: Connection, strict: Connection
) -> None:
    """An unknown client, a wrong secret, another client's, one of another tenant, a revoked one: nobody can tell."""
    second, stranger, revoked = program(house, client), program(house, strict), program(house, client)
    tenant = tenancy.tenant(house.units, idp.slug)
    registering.revoke_client(house.units, tenant, CAUSE, revoked.client_id)
    grant = {"grant_type": "client_credentials"}
    basic = base64.b64encode(f"{idp.client_id}:{idp.secret}".encode()).decode()
    with unchanged(house):
        answers = [
            wrong(idp, client_id=idp.client_id[:-1] + "_"),
            wrong(idp, client_id=idp.client_id[:12] + "0" * 10),
            wrong(idp, secret=second.secret),
            wrong(idp, secret=stranger.secret),
            wrong(idp, secret=client.token),
            wrong(idp, secret="x"),
            wrong(idp, client_id=stranger.client_id, secret=stranger.secret),
            wrong(idp, client_id=revoked.client_id, secret=revoked.secret),
            idp.post("token", grant),
            idp.post("token", {**grant, "client_id": idp.client_id}),
            idp.post("token", {**grant, "client_id": second.client_id}, auth=(idp.client_id, idp.secret)),
            idp.post("token", grant, headers={"Authorization": f"Bearer {idp.secret}"}),
            idp.post("token", grant, headers={"Authorization": "Basic"}),
            idp.post("token", grant, headers={"Authorization": "Basic !"}),
            idp.post("token", grant, headers={"Authorization": "Basic /w=="}),
            idp.post("token", grant, headers={"Authorization": f"Basic {basic}, Basic {basic}"}),
            idp.post("revoke", {"token": "x"}),
            idp.post("introspect", {"token": "x"}),
        ]
    for answer in answers:
        check_error(answer, 401, "invalid_client")
    assert len({answer.data for answer in answers}) == 1
    assert idp.obtain().status_code == 200


REFUSED: dict[str, tuple[dict[str, Any], int, str]] = {
    "no grant": ({"grant_type": ""}, 400, "invalid_request"),
    "password": ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    "implicit": ({"grant_type": "implicit"}, 400, "unsupported_grant_type"),
    "twice": ({"grant_type": ["client_credentials"] * 2}, 400, "invalid_request"),
    "two proofs": ({"client_secret": "x"}, 400, "invalid_request"),
    "half an assertion": ({"client_assertion": "x"}, 400, "invalid_request"),
    "unknown scope": ({"scope": "scim:users:read"}, 400, "invalid_scope"),
    "scope beyond the client": ({"scope": "people.read"}, 400, "invalid_scope"),
    "scopes of two resources": ({"scope": "scim people.read"}, 400, "invalid_scope"),
    "odd scope": ({"scope": 'scim\t"\x00'}, 400, "invalid_scope"),
    "another resource": ({"resource": "https://elsewhere.example.com"}, 400, "invalid_target"),
    "another tenant": ({"resource": SCIM.format("other")}, 400, "invalid_target"),
    "beyond the client": ({"resource": API}, 400, "invalid_target"),
    "two resources": ({"resource": [API, SCIM.format("other")]}, 400, "invalid_target"),
}


@pytest.mark.covers("R-6749-4.4-02", "R-6749-4.4-04", "R-8707-2-01")
@pytest.mark.parametrize(("form", "status", "error"), REFUSED.values(), ids=REFUSED.keys())
def test_refuses(idp: Program, form: dict[str, Any], status: int, error: str) -> None:
    with unchanged(idp.world):
        answer = idp.obtain(**form)
    check_error(answer, status, error)


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", "text/plain"])
def test_parameters_come_as_a_form_in_the_body(idp: Program, kind: str) -> None:
    auth = (idp.client_id, idp.secret)
    answer = idp.post("token", b'{"grant_type": "client_credentials"}', content_type=kind, auth=auth)
    check_error(answer, 415, "invalid_request")
    http = idp.world.app.test_client()
    answer = http.post(f"/oauth/{idp.slug}/token?grant_type=client_credentials", data={"scope": "scim"}, auth=auth)
    check_error(answer, 400, "invalid_request")
    assert idp.post("token", {"grant_type": "x" * 40_000}, auth=auth).status_code == 413


@pytest.mark.parametrize(
    ("scope", "granted"),
    [
        ("scim", "scim:read scim:write"),
        ("scim:write scim:read", "scim:read scim:write"),
        ("scim:read", "scim:read"),
        ("scim:write", "scim:write"),
        ("", "scim:read scim:write"),
    ],
)
def test_scopes_are_narrowed_as_asked(idp: Program, scope: str, granted: str) -> None:
    answer = idp.obtain(scope=scope, resource=SCIM.format(idp.slug))
    assert answer.json["scope"] == claims_of(answer.json["access_token"])["scope"] == granted


def test_a_client_of_both_kinds_gets_a_token_for_one(house: World, client: Connection) -> None:
    """The resource decides, or the scopes; without either it is SCIM."""
    idp = program(house, client, scopes=["scim", "people.read", "reports.read"])
    asked = [{}, {"scope": "reports.read"}, {"resource": API}, {"scope": "people.read", "resource": API}]
    claims = [claims_of(idp.token(**form)) for form in asked]
    assert [(each["aud"], each["scope"]) for each in claims] == [
        (SCIM.format(idp.slug), "scim:read scim:write"),
        (API, "reports.read"),
        (API, "people.read reports.read"),
        (API, "people.read"),
    ]
    check_error(idp.obtain(scope="people.read", resource=SCIM.format(idp.slug)), 400, "invalid_scope")


def test_clients_that_codes_are_sent_to_wait_for_consent(house: World, client: Connection) -> None:
    idp = program(house, client, redirect_uris=["https://idp.example.com/back"])
    check_error(idp.obtain(), 400, "unauthorized_client")


def test_secrets_and_tokens_are_stored_nowhere(idp: Program) -> None:
    token = idp.token()
    idp.scim(token).create_user("ana")
    idp.world.installation.log.flush()
    tables = ("client_secrets", "access_tokens", "audit", "provisioning_log", "oauth_clients", "used_proofs")
    stored = repr([idp.world.rows(table) for table in tables])
    assert idp.client_id in stored
    assert str(idp.secret).split("_")[2][:20] not in stored
    assert token.split(".")[2][:20] not in stored


def test_what_we_cannot_have_issued_is_refused_before_any_look_up(idp: Program) -> None:
    """B2, at the token endpoint."""
    secret = str(idp.secret)
    shown = [("", secret), ("x", secret), (idp.client_id, "x"), (idp.client_id, secret[:-1]), (idp.client_id, "")]
    with counting(idp.world) as count:
        answers = [idp.post("token", {"grant_type": "client_credentials"}, auth=auth) for auth in shown]
    assert [answer.status_code for answer in answers] == [401] * len(shown)
    assert int(count) == 0
