"""Secrets planted through every edge are found in no log at any level, no answer and no row of the database."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from scim_server.domain.tenants import Tenant
from scim_server.resources.operations import Operations
from scim_server.services import client_secrets, consenting, registering, tenancy
from scim_server.services.credentials import Prefix, new_text
from scim_server.store.tables import metadata
from tests.api import callers
from tests.oauth import application
from tests.worlds import CAUSE, PATCH_OP, USER, Connection, World, altered

PASSWORD = "canary-correct-horse-battery-staple"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.canarycanarycanarycanary"
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"

Watch = Callable[..., None]


@pytest.fixture
def world(build_world: Callable[..., World]) -> World:
    """A world that logs all there is to log."""
    return build_world(log_level="debug", secret_key=("k" * 32,))


@pytest.fixture
def nowhere(world: World, capsys: pytest.CaptureFixture[str]) -> Watch:
    """Checks that none of the secrets is to be found, and that there was a log to look into."""

    def check(secrets: list[str], answers: list[TestResponse]) -> None:
        world.installation.log.flush()
        world.installation.sealer.flush()
        printed = "".join(capsys.readouterr())
        assert printed.count("\n") >= len(answers)
        told = "".join(f"{answer.headers}{answer.get_data(as_text=True)}" for answer in answers)
        rows = str({table: world.rows(table) for table in metadata.tables})
        for secret in secrets:
            parts = {secret, secret[-20:], max(secret.split("_"), key=len)}
            for place, text in (("log", printed), ("answer", told), ("row", rows)):
                assert not [part for part in parts if part in text], (place, secret)

    return check


def everywhere(client: Connection, user_id: str, secret: str) -> Iterator[TestResponse]:
    """A credential where it does not belong."""
    yield client.get(f"/Users?access_token={secret}")
    yield client.get(f"/Users?filter=password eq %22{secret}%22")
    yield client.get("/Users", Authorization=f"Bearer {secret}")
    yield client.get("/Users", Authorization=f"Basic {secret}")
    yield client.get("/Users", Authorization=secret, Cookie=f"session={secret}", Proxy_Authorization=f"Basic {secret}")
    yield client.get("/Users", X_Request_Id=secret if secret.startswith("scim") else "x")
    yield client.post("/Users", {"schemas": [USER], "userName": f"u{secret[:9]}", "password": secret})
    yield client.put(f"/Users/{user_id}", {"schemas": [USER], "userName": "ana", "password": secret})
    yield client.patch(f"/Users/{user_id}", {"op": "replace", "path": "password", "value": secret})
    yield client.patch(f"/Users/{user_id}", {"op": "replace", "value": {"password": secret}})
    yield client.send("PATCH", f"/Users/{user_id}", {"schemas": [PATCH_OP], "Operations": {"password": secret}})
    operation = {"method": "POST", "path": "/Users", "bulkId": "1", "data": {"userName": "b", "password": secret}}
    yield client.post("/Bulk", {"schemas": [BULK], "Operations": [operation]})
    yield client.post("/Users", f'{{"password": "{secret}"')
    yield client.post("/Users", f"password={secret}", Content_Type="application/x-www-form-urlencoded")
    yield client.search("/Users", filter=f'password eq "{secret}"')


@pytest.mark.parametrize(
    "secret", [PASSWORD, JWT, new_text(Prefix.CONNECTION, "a" * 12)[1]], ids=["text", "jwt", "token"]
)
def test_what_a_client_sends_over_scim(world: World, okta: Connection, nowhere: Watch, secret: str) -> None:
    ana = okta.create_user("ana")["id"]
    # A path that is wrong is quoted to whoever sent it, and kept nowhere.
    okta.patch(f"/Users/{ana}", {"op": "add", "path": f'password eq "{secret}"', "value": secret})
    answers = list(everywhere(okta, ana, secret))
    assert {answer.status_code for answer in answers} <= {200, 201, 400, 401, 415}
    nowhere([secret, okta.token], answers)


def test_what_a_program_sends_over_the_admin_api(world: World, acme: Tenant, okta: Connection, nowhere: Watch) -> None:
    """A new token is told once, and not again to whoever repeats the request."""
    api = callers.caller(world, acme)
    made = api.send("POST", "~/connections/okta/tokens", {"expires_days": 1}, Idempotency_Key="k")
    if made.status_code == 422:
        made = api.send("POST", "~/connections/okta/tokens", {}, Idempotency_Key="k")
    assert made.status_code == 201, made.text
    token = made.json["token"]
    again = api.send("POST", "~/connections/okta/tokens", {}, Idempotency_Key="k")
    answers = [
        again,
        api.get("~/api-tokens"),
        api.get("~/connections"),
        api.get("~/log"),
        api.get("~/audit/entries"),
        api.send("POST", "/products", {"code": "voice", "name": "Voice", "password": PASSWORD}),
        api.send("POST", "/products", f'{{"password": "{PASSWORD}"'),
        api.http.get("/api/v1/products", headers={"Authorization": f"Bearer {PASSWORD}"}),
        api.http.get(f"/api/v1/products?access_token={PASSWORD}"),
    ]
    nowhere([token, api.token, PASSWORD], answers)


def test_what_is_sent_to_the_authorization_server(world: World, acme: Tenant, okta: Connection, nowhere: Watch) -> None:
    """The secret of a client in each place where it may be and where it may not, and the token it is given for it."""
    made = registering.register_client(world.units, acme, CAUSE, "idp", connection="okta", scopes=["scim"])
    secret = str(client_secrets.issue_secret(world.units, acme, CAUSE, made.client.id).text)
    own, http = (made.client.id, secret), okta.http
    given = http.post("/oauth/acme/token", data={"grant_type": "client_credentials"}, auth=own)
    token = given.json["access_token"]
    form = {"grant_type": "client_credentials", "client_id": own[0], "client_secret": secret}
    assertion = {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}
    answers = [
        http.post("/oauth/acme/token", data=form),
        http.post("/oauth/acme/token", data={**form, "client_secret": altered(secret)}),
        http.post("/oauth/acme/token", query_string=form),
        http.get("/oauth/acme/token", query_string=form),
        http.post("/oauth/acme/token", json=form),
        http.post(
            "/oauth/acme/token", data={**assertion, "client_assertion": token, "grant_type": "client_credentials"}
        ),
        http.post("/oauth/acme/token", data={"grant_type": secret, "scope": token, "resource": token}, auth=own),
        http.post("/oauth/other/token", data={"grant_type": "client_credentials"}, auth=own),
        http.post("/oauth/acme/introspect", data={"token": token}, auth=own),
        http.post("/oauth/acme/introspect", data={"token": secret}, auth=own),
        okta.get("/Users", Authorization=f"Bearer {token}"),
        okta.get("/Users", Authorization=f"Bearer {token[:-9]}AAAAAAAAA"),
        okta.get("/Users", Authorization=f"DPoP {token}", DPoP=token),
        http.post("/oauth/acme/revoke", data={"token": token}, auth=own),
        okta.get("/Users", Authorization=f"Bearer {token}"),
    ]
    nowhere([secret, token, okta.token, PRIVATE], [each for each in answers if "access_token" not in each.text])


def test_what_an_admin_types_into_the_consent_page(
    world: World, acme: Tenant, okta: Connection, nowhere: Watch
) -> None:
    """And what came of it, where it may be and where it may not."""
    app, admin = application(world, acme, "okta"), callers.caller(world, acme).token
    approval = consenting.issue_approval(world.units, acme, CAUSE, app.client.id).text
    code = app.code(admin)
    refresh = app.redeem(code).json["refresh_token"]
    answers = [
        *(app.decide(typed) for typed in (altered(admin), code, refresh, app.secret)),
        *(app.decide(admin, decision) for decision in ("maybe", "refuse")),
        app.decide(approval, "refuse"),
        app.decide(approval),
        app.open(code_challenge=code),
        app.redeem(code),
        app.refresh(refresh),
        app.token(grant_type="refresh_token", refresh_token=refresh, scope=code),
    ]
    nowhere([admin, approval, code, refresh, app.secret], answers)


PRIVATE = '"d":'
"""What the private part of a key would be called (RFC 7518 section 6.3.2)."""


def test_a_link_that_is_a_secret(world: World, acme: Tenant, nowhere: Watch) -> None:
    link = new_text(Prefix.INVITATION, acme.id)[1]
    http = world.app.test_client()
    answers = [http.get(f"/invitations/{link}"), http.post(f"/invitations/{link}", data={"answer": "accept"})]
    nowhere([link], answers)


@pytest.mark.parametrize("name", ["create", "read", "replace", "patch", "delete"])
def test_what_a_fault_of_ours_was_about(
    world: World, okta: Connection, nowhere: Watch, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The exception's message, its notes, its cause and the variables around it hold secrets here."""

    def fail(*_: Any) -> None:
        held = PASSWORD
        error = ValueError(f"postgresql://scim:{held}@db/scim", {"Authorization": f"Bearer {okta.token}"})
        error.add_note(held)
        raise KeyError(held) from error

    monkeypatch.setattr(Operations, name, fail)
    method = {"create": "POST", "read": "GET", "replace": "PUT", "patch": "PATCH", "delete": "DELETE"}[name]
    body = {"schemas": [PATCH_OP], "userName": "x", "password": PASSWORD, "Operations": []}
    path = "/Users" if name == "create" else "/Users/1"
    answer = okta.send(method, path, None if name in {"read", "delete"} else body)
    assert answer.status_code == 500
    nowhere([PASSWORD, okta.token], [answer])


def test_a_token_that_was_revoked_or_is_anothers(world: World, acme: Tenant, okta: Connection, nowhere: Watch) -> None:
    other = world.connect(world.tenant("other"))
    _, spare = tenancy.issue_token(world.units, acme, CAUSE, "okta", timedelta(days=1))
    answers = [okta.get("/Users", Authorization=f"Bearer {each}") for each in (other.token, altered(spare), spare[:40])]
    nowhere([okta.token, other.token, spare], answers)
