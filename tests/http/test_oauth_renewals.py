"""RFC 6749 sections 4.1.3 and 6, RFC 9700 section 4.14: codes and refresh tokens are good once, and end together."""

import json
from base64 import urlsafe_b64decode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import count
from threading import Barrier
from typing import Any

import pytest
from joserfc.jwk import ECKey

from scim_server.domain.tenants import Tenant
from scim_server.services import access_tokens, api_tokens, redeeming, registering
from scim_server.services.credentials import Prefix, new_text
from tests.http.refusals import unchanged
from tests.oauth import PUBLIC, REDIRECT, VERIFIER, Application, application, sent_back
from tests.proofs import Prover
from tests.worlds import CAUSE, Connection, World, altered

_numbers = count(1)
DAY = 24 * 3600


@pytest.fixture
def tenant(house: World) -> Tenant:
    return house.tenant(f"renewal-{next(_numbers)}")


@pytest.fixture
def admin(house: World, tenant: Tenant) -> str:
    """The token of an admin who may do everything."""
    life = timedelta(days=400)
    return api_tokens.issue_token(house.units, tenant, CAUSE, "admin", tuple(api_tokens.OF_TENANT), life)[1]


@pytest.fixture
def app(house: World, tenant: Tenant) -> Application:
    """A client that acts as the tenant's connection."""
    house.connect(tenant)
    return application(house, tenant, "okta")


@pytest.fixture
def tokens(app: Application, admin: str) -> dict[str, Any]:
    """What the admin's consent got the client."""
    answered = app.redeem(app.code(admin))
    assert answered.status_code == 200, answered.text
    return dict(answered.json)


def ended(world: World, tenant: Tenant) -> list[str]:
    """How grants of the tenant ended."""
    return [
        each.action for each in world.trail(tenant) if each.action in {"oauth_grant.replayed", "oauth_grant.revoked"}
    ]


def refused(answered: Any, error: str = "invalid_grant") -> bool:
    assert (answered.status_code, answered.headers["Cache-Control"]) == (400, "no-store"), answered.text
    return bool(answered.json["error"] == error)


def test_a_code_is_bound_to_its_client_address_and_verifier(
    house: World, app: Application, tenant: Tenant, admin: str
) -> None:
    code = app.code(admin)
    other = application(house, tenant, "okta", name="Other")
    with unchanged(house):
        assert refused(app.redeem(code, code_verifier="w" * 43))
        assert refused(app.redeem(code, code_verifier="short"))
        assert refused(app.redeem(code, redirect_uri=f"{REDIRECT}/"))
        assert refused(app.redeem(altered(code)))
        assert refused(app.redeem(new_text(Prefix.CODE, tenant.id)[1]))
        assert refused(app.redeem(admin))
        assert refused(other.redeem(code))
        missing = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
        assert refused(app.token(**missing), "invalid_request")
        assert refused(app.token(**{**missing, "code_verifier": VERIFIER, "redirect_uri": ""}), "invalid_request")
        wrong = app.browser.post(f"/oauth/{tenant.slug}/token", data=missing, auth=(app.client.id, other.secret))
        assert (wrong.status_code, wrong.json["error"]) == (401, "invalid_client")
    assert app.redeem(code).status_code == 200


def test_a_client_that_cannot_send_a_challenge_may_do_without(house: World, tenant: Tenant, admin: str) -> None:
    """RFC 9700 sections 2.1.1 and 4.8.2: its code is bound to all else, and a challenge that it sends counts."""
    house.connect(tenant)
    app, other = (application(house, tenant, "okta", name=name, pkce=False) for name in ("One", "Other"))
    bare: dict[str, None] = {"code_challenge": None, "code_challenge_method": None}
    assert [("(PKCE)" in app.open(**asked).text) for asked in (bare, {})] == [True, False]
    for name in bare:
        assert sent_back(app.open(**{name: None}))["error"] == "invalid_request"
    code, form = app.code(admin, **bare), {"grant_type": "authorization_code", "redirect_uri": REDIRECT}
    with unchanged(house):
        assert refused(app.redeem(code))
        assert refused(other.token(**form, code=code))
        assert refused(app.token(**{**form, "redirect_uri": f"{REDIRECT}/"}, code=code))
    assert app.token(**form, code=code).status_code == 200
    code = app.code(admin)
    assert refused(app.token(**form, code=code))
    assert app.redeem(code).status_code == 200
    registering.edit_client(house.units, tenant, CAUSE, app.client.id, pkce=True)
    assert sent_back(app.open(**bare))["error"] == "invalid_request"


def test_a_renewed_token_is_bound_to_the_key_that_is_proved_then(house: World, tenant: Tenant, admin: str) -> None:
    """RFC 9449 section 5: the refresh token is bound to its client, not to a key; each access token is to its own."""
    house.connect(tenant)
    app = application(house, tenant, "okta", dpop=True)
    first, second = (ECKey.generate_key("P-256") for _ in range(2))
    code = {"grant_type": "authorization_code", "code": app.code(admin), "redirect_uri": REDIRECT,
            "code_verifier": VERIFIER}  # fmt: skip
    got = proved(house, app, first, code)
    assert bound_to(got) == first.thumbprint()
    renewal = {"grant_type": "refresh_token", "refresh_token": got.json["refresh_token"]}
    assert refused(app.token(**renewal), "invalid_dpop_proof")
    renewed = proved(house, app, second, renewal)
    assert bound_to(renewed) == second.thumbprint()
    other = application(house, tenant, "okta", name="Other", dpop=True)
    assert refused(proved(house, other, second, {**renewal, "refresh_token": renewed.json["refresh_token"]}))


def proved(house: World, app: Application, key: ECKey, form: dict[str, str]) -> Any:
    """The answer to a request to the token endpoint with a proof of a key; the first attempt tells the nonce."""
    okta = Connection(app.browser, app.tenant.slug, "", "okta")
    holder = Prover(house, okta, app.client, app.secret, key)

    def ask() -> Any:
        proof = {"DPoP": holder.proof("POST", holder.endpoint)}
        return app.browser.post(
            f"/oauth/{app.tenant.slug}/token", data=form, auth=(app.client.id, app.secret), headers=proof
        )

    holder.nonce = ask().headers["DPoP-Nonce"]
    return ask()


def bound_to(answered: Any) -> str:
    """The thumbprint of the key that an access token is bound to."""
    assert answered.status_code == 200, answered.text
    assert answered.json["token_type"] == "DPoP"
    body = answered.json["access_token"].split(".")[1]
    return str(json.loads(urlsafe_b64decode(body + "=="))["cnf"]["jkt"])


def test_a_code_is_good_for_a_minute(house: World, app: Application, admin: str) -> None:
    code = app.code(admin)
    house.advance(60)
    assert refused(app.redeem(code))


def test_a_code_that_comes_again_ends_all_that_came_of_it(
    house: World, app: Application, tenant: Tenant, admin: str
) -> None:
    code = app.code(admin)
    first = app.redeem(code).json
    assert app.opens(first["access_token"])
    assert refused(app.redeem(code))
    assert not app.opens(first["access_token"])
    assert refused(app.refresh(first["refresh_token"]))
    assert ended(house, tenant) == ["oauth_grant.replayed"]


def test_each_renewal_gives_another_refresh_token(app: Application, tokens: dict[str, Any]) -> None:
    second = app.refresh(tokens["refresh_token"]).json
    third = app.refresh(second["refresh_token"]).json
    assert len({each["refresh_token"] for each in (tokens, second, third)}) == 3
    assert all(app.opens(each["access_token"]) for each in (tokens, second, third))


def test_a_refresh_token_that_comes_again_ends_all_that_came_of_it(
    house: World, app: Application, tenant: Tenant, tokens: dict[str, Any]
) -> None:
    """The first two have had it both: nobody can tell which of them should not."""
    second = app.refresh(tokens["refresh_token"]).json
    third = app.refresh(second["refresh_token"]).json
    assert refused(app.refresh(tokens["refresh_token"]))
    assert refused(app.refresh(third["refresh_token"]))
    assert not any(app.opens(each["access_token"]) for each in (tokens, second, third))
    assert ended(house, tenant) == ["oauth_grant.replayed"]


def test_a_client_that_lost_the_answer_may_ask_once_more(
    house: World, app: Application, tenant: Tenant, tokens: dict[str, Any]
) -> None:
    lost = app.refresh(tokens["refresh_token"]).json
    house.advance(59)
    again = app.refresh(tokens["refresh_token"]).json
    assert (app.opens(lost["access_token"]), app.opens(again["access_token"])) == (False, True)
    assert ended(house, tenant) == []
    assert refused(app.refresh(tokens["refresh_token"]))
    assert ended(house, tenant) == ["oauth_grant.replayed"]
    assert not app.opens(again["access_token"])


def test_the_answer_that_was_lost_is_good_for_nothing(
    house: World, app: Application, tenant: Tenant, tokens: dict[str, Any]
) -> None:
    lost = app.refresh(tokens["refresh_token"]).json
    again = app.refresh(tokens["refresh_token"]).json
    assert refused(app.refresh(lost["refresh_token"]))
    assert ended(house, tenant) == ["oauth_grant.replayed"]
    assert not app.opens(again["access_token"])


def test_after_a_minute_nobody_may_ask_again(
    house: World, app: Application, tenant: Tenant, tokens: dict[str, Any]
) -> None:
    app.refresh(tokens["refresh_token"])
    house.advance(61)
    assert refused(app.refresh(tokens["refresh_token"]))
    assert ended(house, tenant) == ["oauth_grant.replayed"]


def test_a_refresh_token_is_bound_to_its_client(
    house: World, app: Application, tenant: Tenant, tokens: dict[str, Any]
) -> None:
    other = application(house, tenant, "okta", name="Other")
    with unchanged(house):
        assert refused(other.refresh(tokens["refresh_token"]))
        assert refused(app.refresh(altered(tokens["refresh_token"])))
        assert refused(app.refresh(tokens["access_token"]))
        assert refused(app.token(grant_type="refresh_token"), "invalid_request")
    assert app.refresh(tokens["refresh_token"]).status_code == 200


def test_of_two_who_come_at_once_with_one_code_neither_keeps_anything(
    house: World, app: Application, admin: str
) -> None:
    """Whoever wins, the other one's coming says that two have the code."""
    code = app.code(admin)
    start = Barrier(2)

    def race(_: int) -> Any:
        start.wait()
        return replace(app).redeem(code)

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(race, range(2)), key=lambda each: each.status_code)
    assert [each.status_code for each in answers] == [200, 400]
    assert not app.opens(answers[0].json["access_token"])
    assert refused(app.refresh(answers[0].json["refresh_token"]))


def test_of_two_who_renew_at_once_one_goes_on(
    house: World, app: Application, tenant: Tenant, tokens: dict[str, Any]
) -> None:
    """The second may be the one who lost the answer: what the first was given ends."""
    start = Barrier(2)

    def race(_: int) -> Any:
        start.wait()
        return replace(app).refresh(tokens["refresh_token"])

    with ThreadPoolExecutor(2) as pool:
        answers = [each.json for each in pool.map(race, range(2))]
    assert sorted(app.opens(each["access_token"]) for each in answers) == [False, True]
    assert ended(house, tenant) == []


def test_access_can_be_narrowed_and_never_widened(app: Application, admin: str) -> None:
    read = app.redeem(app.code(admin, scope="scim:read")).json
    assert read["scope"] == "scim:read"
    assert refused(app.refresh(read["refresh_token"], scope="scim"), "invalid_scope")
    both = app.redeem(app.code(admin)).json
    narrowed = app.refresh(both["refresh_token"], scope="scim:read").json
    assert narrowed["scope"] == "scim:read"
    assert app.refresh(narrowed["refresh_token"]).json["scope"] == "scim:read scim:write"


def test_the_resource_stays_the_one_that_was_consented_to(app: Application, tokens: dict[str, Any]) -> None:
    scim = f"{PUBLIC}/scim/{app.tenant.slug}/v2"
    assert refused(app.refresh(tokens["refresh_token"], resource=f"{PUBLIC}/api/v1"), "invalid_target")
    assert app.refresh(tokens["refresh_token"], resource=scim).status_code == 200


def test_a_grant_lives_as_long_as_it_is_used(house: World, app: Application, tokens: dict[str, Any]) -> None:
    house.advance(89 * DAY)
    second = app.refresh(tokens["refresh_token"])
    house.advance(89 * DAY)
    third = app.refresh(second.json["refresh_token"])
    house.advance(90 * DAY)
    assert refused(app.refresh(third.json["refresh_token"]))


def test_an_admin_ends_it_at_once(
    house: World, app: Application, tenant: Tenant, admin: str, tokens: dict[str, Any]
) -> None:
    waiting = app.code(admin)
    listed = redeeming.grants(house.units, tenant, "Okta")
    assert [each.state for each in listed] == ["live", "pending"]
    assert len(redeeming.revoke_grants(house.units, tenant, CAUSE, "Okta")) == 2
    assert refused(app.redeem(waiting))
    assert refused(app.refresh(tokens["refresh_token"]))
    assert not app.opens(tokens["access_token"])
    assert ended(house, tenant) == ["oauth_grant.revoked"] * 2
    assert redeeming.revoke_grants(house.units, tenant, CAUSE, "Okta") == []


def test_the_client_ends_it_itself(house: World, app: Application, tenant: Tenant, tokens: dict[str, Any]) -> None:
    """RFC 7009 section 2.1: access tokens go with their refresh token."""
    form = {"token": tokens["refresh_token"], "token_type_hint": "refresh_token"}
    told = app.browser.post(f"/oauth/{tenant.slug}/introspect", data=form, auth=(app.client.id, app.secret)).json
    assert (told["active"], told["scope"], "aud" in told) == (True, "scim:read scim:write", False)
    revoked = app.browser.post(f"/oauth/{tenant.slug}/revoke", data=form, auth=(app.client.id, app.secret))
    assert revoked.status_code == 200
    assert not app.opens(tokens["access_token"])
    assert refused(app.refresh(tokens["refresh_token"]))
    assert ended(house, tenant) == ["oauth_grant.revoked"]
    told = app.browser.post(f"/oauth/{tenant.slug}/introspect", data=form, auth=(app.client.id, app.secret)).json
    assert told == {"active": False}


def test_a_code_is_no_way_around_consent(app: Application) -> None:
    assert refused(app.token(grant_type="client_credentials"), "unauthorized_client")


def test_what_is_over_is_forgotten(
    house: World, app: Application, tenant: Tenant, admin: str, tokens: dict[str, Any]
) -> None:
    app.code(admin)
    house.advance(2 * DAY)
    access_tokens.forget_grants(house.units)
    assert [each.state for each in redeeming.grants(house.units, tenant, "Okta")] == ["live"]
    assert app.refresh(tokens["refresh_token"]).status_code == 200


def test_no_secret_is_kept_in_clear(house: World, app: Application, admin: str, tokens: dict[str, Any]) -> None:
    code = app.code(admin)
    kept = repr([house.rows(table) for table in ("oauth_grants", "refresh_tokens", "approval_codes", "audit")])
    assert not any(secret in kept for secret in (code, tokens["refresh_token"], tokens["access_token"], admin))


def test_the_metadata_say_so(app: Application) -> None:
    told = app.browser.get(f"/.well-known/oauth-authorization-server/oauth/{app.tenant.slug}").json
    assert told["authorization_endpoint"] == f"{app.issuer}/authorize"
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert told["authorization_response_iss_parameter_supported"] is True
    assert {"authorization_code", "refresh_token"} < set(told["grant_types_supported"])
