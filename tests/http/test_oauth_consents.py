"""RFC 6749 section 4.1, RFC 7636, RFC 9207: an admin of the tenant lets an application in, and nobody else does."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from scim_server.domain.tenants import SCIM_READ, Tenant
from scim_server.services import api_tokens, consenting, registering, subscribing, tokens
from scim_server.services.consenting import PERMISSION
from scim_server.services.credentials import Prefix, new_text
from scim_server.services.registering import edit_client, revoke_client
from tests.http.refusals import unchanged
from tests.http.test_statements import counting
from tests.oauth import PUBLIC, REDIRECT, VERIFIER, Application, application, challenge_of, sent_back
from tests.pages import fields
from tests.worlds import CAUSE, USER, World

_numbers = count(1)
EVERYTHING = tuple(api_tokens.OF_TENANT)


@pytest.fixture
def tenant(house: World) -> Tenant:
    return house.tenant(f"consent-{next(_numbers)}")


@pytest.fixture
def app(house: World, tenant: Tenant) -> Application:
    """A client that acts as the tenant's connection."""
    house.connect(tenant)
    return application(house, tenant, "okta")


def token_of(world: World, tenant: Tenant, *scopes: str, life: timedelta = timedelta(days=1)) -> str:
    """A token of the admin API of that tenant."""
    return api_tokens.issue_token(world.units, tenant, CAUSE, "admin", scopes or EVERYTHING, life)[1]


@pytest.fixture
def admin(house: World, tenant: Tenant) -> str:
    """The token of an admin who may do everything."""
    return token_of(house, tenant)


def trail(world: World, tenant: Tenant) -> list[tuple[str, str]]:
    """What was done with consents, and by whom."""
    found = [each for each in world.trail(tenant) if each.object_type in {"oauth_grant", "approval_code"}]
    return [(each.action, each.actor) for each in found]


def test_an_off_the_shelf_client_is_let_in_provisions_and_renews(app: Application, admin: str) -> None:
    client = app.session(scope="scim:read scim:write", token_endpoint=f"{app.issuer}/token")
    address, state = client.create_authorization_url(f"{app.issuer}/authorize", code_verifier=VERIFIER)
    path = address.removeprefix(PUBLIC)
    page = app.browser.get(path)
    answered = app.browser.post(path, data={**fields(page.text), "proof": admin, "decision": "allow"})
    returned = sent_back(answered)
    assert (returned["iss"], returned["state"]) == (app.issuer, state)
    client.fetch_token(
        authorization_response=f"{REDIRECT}?code={returned['code']}&state={state}", state=state, code_verifier=VERIFIER
    )
    first = client.token
    assert (first["token_type"], first["expires_in"], first["scope"]) == ("Bearer", 3600, "scim:read scim:write")
    users = f"{PUBLIC}/scim/{app.tenant.slug}/v2/Users"
    assert client.post(users, json={"schemas": [USER], "userName": "ana"}).status_code == 201
    client.refresh_token(f"{app.issuer}/token")
    assert client.token["refresh_token"] != first["refresh_token"]
    assert client.get(users).json()["totalResults"] == 1


def test_the_page_says_who_asks_for_what_and_changes_nothing(house: World, app: Application, tenant: Tenant) -> None:
    app.open()
    subscribing.set_subscription(house.units, tenant, CAUSE, "meeting", 7, None, None)
    with unchanged(house):
        shown = app.open()
    told = ("Okta wants access to", tenant.name, ">okta<", "read people and groups", "delete people and groups")
    for said in (*told, "Meeting: 7 of 7 free", "up to admin", "90 days", "system-admin.okta.com"):
        assert said in shown.text
    assert "Webinar" not in shown.text
    assert "delete people" not in app.open(scope=SCIM_READ).text
    french = app.browser.get(app.address(), headers={"Accept-Language": "fr-CA, en;q=0.5"})
    assert ("demande l'accès" in french.text.replace("&#39;", "'"), french.headers["Content-Language"]) == (True, "fr")


def test_the_page_frames_nothing_runs_nothing_and_is_kept_nowhere(app: Application, admin: str) -> None:
    answers = (app.open(), app.open(client_id="x"), app.decide(admin), app.decide("x"))
    for shown in answers:
        policy = shown.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none';")
        assert "frame-ancestors 'none'" in policy
        assert "form-action 'self'" in policy
        assert "unsafe" not in policy
        assert "<script" not in shown.text
        assert "src=" not in shown.text
        assert (shown.headers["Cache-Control"], shown.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    field = 'name="proof" type="password" autocomplete="off"'
    assert field in answers[0].text


def test_names_and_state_are_text_and_nothing_else(house: World, tenant: Tenant, admin: str) -> None:
    house.connect(tenant)
    evil = '"><script>alert(1)</script>'
    app = application(house, tenant, "okta", name=evil)
    answers = (app.open(state=evil), app.decide(admin, state=evil), app.open(client_id=evil), app.open(scope=evil))
    for shown in answers:
        assert "<script" not in shown.text
    assert "&lt;script&gt;" in answers[0].text
    assert sent_back(answers[1])["state"] == evil
    assert sent_back(answers[3])["error"] == "invalid_scope"
    assert evil not in answers[3].headers["Location"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": VERIFIER, "code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": challenge_of(VERIFIER) + "="}, "invalid_request"),
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": "everything"}, "invalid_scope"),
        ({"scope": "people.read"}, "invalid_scope"),
        ({"resource": "https://elsewhere.test"}, "invalid_target"),
        ({"state": None, "response_type": "token"}, "unsupported_response_type"),
    ],
    ids=str,
)
def test_what_is_wrong_is_told_to_the_client(app: Application, changes: dict[str, str | None], error: str) -> None:
    told = sent_back(app.open(**changes))
    assert (told["error"], told["iss"]) == (error, app.issuer)
    assert told.get("state") == (None if "state" in changes else "s-1")
    assert "code" not in told


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": None},
        {"redirect_uri": f"{REDIRECT}/"},
        {"redirect_uri": f"{REDIRECT}?x=1"},
        {"redirect_uri": REDIRECT.upper()},
        {"redirect_uri": "https://evil.test/"},
        {"redirect_uri": "javascript:alert(1)"},
        {"client_id": None},
        {"client_id": "x"},
        {"client_id": "0" * 22},
        {"client_id": "\0" * 22},
    ],
    ids=str,
)
def test_nobody_is_sent_anywhere_before_client_and_address_are_known(
    app: Application, changes: dict[str, str | None]
) -> None:
    shown = app.open(**changes, response_type="token")
    assert (shown.headers.get("Location"), shown.mimetype) == (None, "text/html")
    assert shown.status_code == (400 if "redirect_uri" in changes else 404)
    assert "evil" not in shown.text


def test_parameters_come_once(app: Application) -> None:
    for name, status in (("redirect_uri", 400), ("client_id", 404)):
        assert app.browser.get(f"{app.address()}&{name}=https://evil.test").status_code == status
    assert sent_back(app.browser.get(f"{app.address()}&scope=scim&scope=scim:read"))["error"] == "invalid_request"
    told = sent_back(app.browser.get(f"{app.address()}&state=s-2"))
    assert (told["error"], "state" in told) == ("invalid_request", False)


def test_clients_that_get_no_codes_have_no_page(house: World, app: Application, tenant: Tenant, admin: str) -> None:
    plain = registering.register_client(house.units, tenant, CAUSE, "plain", connection="okta", scopes=["scim"])
    assert app.open(client_id=plain.client.id).status_code == 404
    elsewhere = house.tenant(f"consent-{next(_numbers)}")
    assert app.browser.get(app.address().replace(tenant.slug, elsewhere.slug)).status_code == 404
    revoke_client(house.units, tenant, CAUSE, app.client.id)
    assert app.open().status_code == 404
    assert app.decide(admin).status_code == 404


def test_only_an_admin_of_the_tenant_who_may_do_as_much_consents(
    house: World, app: Application, tenant: Tenant
) -> None:
    other = house.tenant(f"consent-{next(_numbers)}")
    edit_client(house.units, tenant, CAUSE, app.client.id, scopes=["scim"])
    proofs = {
        "": "disproved",
        "wrong": "disproved",
        token_of(house, other): "disproved",
        house.connect(tenant, "another").token: "disproved",
        app.secret: "disproved",
    }
    few = token_of(house, tenant, "people.read"), token_of(house, tenant, "connections.write")
    app.open()
    with unchanged(house):
        for proof in proofs:
            refused = app.decide(proof)
            assert (refused.status_code, "no live token" in refused.text) == (403, True), proof
            assert not proof or proof not in refused.text
        for proof in few:
            refused = app.decide(proof)
            assert (refused.status_code, "permits less" in refused.text) == (403, True)
    old = token_of(house, tenant, life=timedelta(hours=1))
    house.advance(3601)
    assert app.decide(old).status_code == 403
    assert trail(house, tenant) == []


def test_wrong_proofs_are_told_apart_by_nothing(house: World, app: Application, tenant: Tenant) -> None:
    """Garbage, another tenant's, another client's, one that nobody has: the same page for the same look-ups."""
    other = house.tenant(f"consent-{next(_numbers)}")
    rival = application(house, tenant, "okta", name="Other").client.id
    proofs = [
        "wrong",
        app.secret,
        token_of(house, other),
        new_text(Prefix.API, tenant.id)[1],
        new_text(Prefix.APPROVAL, tenant.id)[1],
        consenting.issue_approval(house.units, tenant, CAUSE, rival).text,
    ]
    app.open()
    found = set()
    for proof in proofs:
        with counting(house) as sent:
            page = app.decide(proof).text
        found.add((page.partition("form_token")[0], int(sent)))
    assert len(found) == 1


def test_wrong_proofs_are_limited_by_address_and_client(
    house: World, app: Application, tenant: Tenant, admin: str
) -> None:
    here = {"at": "198.51.100.7"}
    assert [app.decide("wrong", **here).status_code for _ in range(6)] == [403] * 5 + [429]
    late = app.decide(admin, **here)
    assert (late.status_code, "Too many wrong attempts" in late.text) == (429, True)
    assert 0 < int(late.headers["Retry-After"]) <= 600
    assert app.decide(admin, at="198.51.100.8").status_code == 200
    assert application(house, tenant, "okta", name="Other").decide(admin, **here).status_code == 200
    assert app.decide("", "refuse", **here).status_code == 200


def test_right_proofs_are_not_counted(app: Application, admin: str) -> None:
    here = {"at": "198.51.100.9"}
    answers = [app.decide("wrong" if number % 4 else admin, **here).status_code for number in range(12)]
    assert answers == [200, 403, 403, 403] * 3


def test_an_admin_says_no(house: World, app: Application, tenant: Tenant, admin: str) -> None:
    app.open()
    with unchanged(house):
        told = sent_back(app.decide("", "refuse"))
    assert (told["error"], told["state"], told["iss"]) == ("access_denied", "s-1", app.issuer)
    assert sent_back(app.decide(admin, "refuse"))["error"] == "access_denied"
    assert [action for action, _ in trail(house, tenant)] == ["oauth_grant.refused"]
    assert app.decide("wrong", "refuse").status_code == 403
    assert app.decide(admin, "maybe").status_code == 400


def test_only_the_page_of_this_browser_decides(house: World, app: Application, admin: str) -> None:
    app.open()
    stolen = fields(house.app.test_client().get(app.address()).text)
    with unchanged(house):
        for form in ({}, {"form_token": ""}, stolen):
            refused = app.browser.post(app.address(), data={**form, "proof": admin, "decision": "allow"})
            assert (refused.status_code, "Enter it again" in refused.text) == (403, True)
    assert app.browser.put(app.address()).status_code in {404, 405}
    assert app.browser.post(app.address(), data={"proof": "x" * 5000}).status_code == 413


def test_an_approval_code_is_good_once_for_its_client(house: World, app: Application, tenant: Tenant) -> None:
    text = consenting.issue_approval(house.units, tenant, CAUSE, "Okta").text
    other = application(house, tenant, "okta", name="Other")
    assert other.decide(text).status_code == 403
    assert app.redeem(app.code(text)).status_code == 200
    assert app.decide(text).status_code == 403
    assert trail(house, tenant) == [("approval_code.issued", "test"), ("oauth_grant.consented", "test")]
    late = consenting.issue_approval(house.units, tenant, CAUSE, "Okta").text
    house.advance(601)
    assert app.decide(late).status_code == 403


@pytest.mark.parametrize("whose", ["tenant", "operator", "client"])
def test_an_approval_code_dies_with_what_it_was_issued_by(
    house: World, app: Application, tenant: Tenant, whose: str
) -> None:
    units = house.units
    end: Callable[[], object]
    if whose == "tenant":
        token, _ = api_tokens.issue_token(units, tenant, CAUSE, "x", EVERYTHING, timedelta(days=1))
        actor, end = f"api:{token.id}", lambda: tokens.revoke_token(units, CAUSE, token.id)
    elif whose == "operator":
        owner, _ = api_tokens.issue_operators_token(units, "x", tuple(api_tokens.OF_OPERATOR), timedelta(minutes=5))
        actor, end = f"operator:{owner.id}", lambda: house.advance(301)
    else:
        client = registering.register_client(units, tenant, CAUSE, "x", scopes=[PERMISSION]).client
        actor, end = f"client:{client.id}", lambda: revoke_client(units, tenant, CAUSE, client.id)
    by = replace(CAUSE, actor=actor)
    early, late = (consenting.issue_approval(units, tenant, by, app.client.id).text for _ in range(2))
    assert app.decide(early).status_code == 200
    end()
    with unchanged(house):
        assert app.decide(late).status_code == 403


def test_a_client_of_the_admin_api_needs_an_admin_of_all_its_scopes(house: World, tenant: Tenant, admin: str) -> None:
    app = application(house, tenant, None, "people.read")
    shown = app.open()
    assert ("use the admin API: people.read" in shown.text, "Seats" in shown.text) == (True, False)
    assert app.decide(token_of(house, tenant, "connections.write", "people.read")).status_code == 403
    tokens = app.redeem(app.code(admin)).json
    people = f"/api/v1/tenants/{tenant.slug}/users"
    answered = app.browser.get(people, headers={"Authorization": f"Bearer {tokens['access_token']}"})
    assert answered.status_code == 200
    assert not app.opens(tokens["access_token"])
