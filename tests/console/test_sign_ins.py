"""Signing in with an OpenID Connect provider, and everything that does not sign anybody in."""

import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from werkzeug.test import TestResponse

from scim_server.domain.tenants import Tenant
from scim_server.services import authorising, editing, federating, verifying
from tests.console.visitors import Visitor, text_of
from tests.issuers import LOOPBACK, METADATA
from tests.providers import CLIENT, Provider, federate, providing
from tests.worlds import CAUSE, World

SIGN_IN = "/console/sign-in"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with providing() as found:
        yield found


@pytest.fixture
def world(build_world: Callable[..., World]) -> World:
    return build_world(egress_networks=LOOPBACK)


@pytest.fixture
def stranger(world: World, acme: Tenant, provider: Provider) -> Visitor:
    """Somebody who is not signed in, at a tenant that signs in with the provider, of whom Ana is a manager."""
    okta = world.connect(acme)
    okta.create_user("ana@example.com", externalId="00u1", displayName="Ana Lima")
    authorising.grant_role(world.units, acme, CAUSE, "ana@example.com", "manager")
    federate(world, acme, provider)
    return Visitor(world.app.test_client(), "acme")


def set_out(visitor: Visitor, organisation: str = "acme") -> str:
    """Where the sign-in page leads somebody who types that."""
    page = visitor.submit(SIGN_IN, 0, organisation=organisation)
    assert page.status_code == 200, text_of(page)
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page.text)
    assert found, page.text
    return unescape(found[1])


def come_back(visitor: Visitor, address: str, **changes: str | None) -> TestResponse:
    """Back to the console, with another answer where something is changed or, by None, taken out."""
    parts = urlsplit(address)
    answer = {**dict(parse_qsl(parts.query)), **changes}
    kept = urlencode({name: value for name, value in answer.items() if value is not None})
    return visitor.browser.get(f"{parts.path}?{kept}")


def sign_in(world: World, visitor: Visitor, provider: Provider, **claims: Any) -> TestResponse:
    return come_back(visitor, provider.authorize(world.units.now(), set_out(visitor), **claims))


def is_in(visitor: Visitor) -> bool:
    return visitor.get("/people").status_code == 200


def refused(page: TestResponse, status: int, said: str) -> bool:
    assert (page.status_code, said in text_of(page)) == (status, True), (page.status_code, text_of(page))
    return True


def test_whoever_the_provider_knows_and_we_know_is_in(world: World, stranger: Visitor, provider: Provider) -> None:
    stranger.get(SIGN_IN, next="/console/tenants/acme/people?text=ana")
    answer = sign_in(world, stranger, provider)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/console/tenants/acme/people?text=ana")
    assert is_in(stranger)


@pytest.mark.parametrize("typed", ["ACME", "example.com", "Ben@Example.COM", " acme "])
def test_the_organisation_is_found_by_its_name_and_its_domain(
    world: World, acme: Tenant, stranger: Visitor, provider: Provider, typed: str
) -> None:
    verifying.add_domain(world.units, acme, CAUSE, "example.com")
    verifying.verify_domain(world.units, acme, CAUSE, "example.com", Published())
    address = set_out(stranger, typed)
    hint = dict(parse_qsl(urlsplit(address).query)).get("login_hint")
    assert (hint, address.startswith(provider.url)) == (typed if "@" in typed else None, True)


class Published:
    """Every proof is there."""

    def find(self, domain: Any) -> None:
        del domain


def test_a_domain_that_is_not_proved_leads_nowhere(world: World, acme: Tenant, stranger: Visitor) -> None:
    verifying.add_domain(world.units, acme, CAUSE, "example.com")
    page = stranger.submit(SIGN_IN, 0, organisation="example.com")
    assert refused(page, 404, "Nobody signs in under")


def test_a_tenant_without_provider_is_as_one_that_is_not_there(world: World, stranger: Visitor) -> None:
    world.tenant("globex")
    said = [text_of(stranger.submit(SIGN_IN, 0, organisation=name)).replace(name, "") for name in ("globex", "nothing")]
    assert said[0] == said[1]
    assert "<script>" not in stranger.submit(SIGN_IN, 0, organisation="<script>").text


@pytest.mark.parametrize(
    ("claim", "claims"),
    [
        ("preferred_username", {"preferred_username": "ANA@example.com", "email": None}),
        ("sub", {"email": None}),
        ("oid", {"oid": "00u1", "sub": "pairwise"}),
    ],
)
def test_people_are_found_by_the_claim_that_the_tenant_chose(
    world: World, acme: Tenant, stranger: Visitor, provider: Provider, claim: str, claims: dict[str, Any]
) -> None:
    federate(world, acme, provider, claim)
    assert sign_in(world, stranger, provider, **claims).status_code == 303
    assert is_in(stranger)


def test_an_id_is_no_user_name(world: World, acme: Tenant, stranger: Visitor, provider: Provider) -> None:
    federate(world, acme, provider, "preferred_username")
    user_id = world.person(acme, "ana@example.com").user.id
    assert refused(sign_in(world, stranger, provider, preferred_username=user_id), 403, "You cannot come in")


def test_a_short_token_is_filled_up_by_what_the_provider_tells_beside_it(
    world: World, stranger: Visitor, provider: Provider
) -> None:
    provider.userinfo = {"sub": "00u1", "email": "ana@example.com", "email_verified": True}
    assert sign_in(world, stranger, provider, email=None).status_code == 303
    other = Visitor(world.app.test_client(), "acme")
    provider.userinfo["sub"] = "somebody else"
    assert refused(sign_in(world, other, provider, email=None), 403, "You are not signed in")


def test_the_secret_goes_where_the_provider_wants_it(world: World, stranger: Visitor, provider: Provider) -> None:
    provider.metadata["token_endpoint_auth_methods_supported"] = ["private_key_jwt", "client_secret_post"]
    assert sign_in(world, stranger, provider).status_code == 303


@pytest.mark.parametrize("who", ["unknown", "suspended", "without role", "unverified", "nobody"])
def test_strangers_are_all_told_the_same(
    world: World, acme: Tenant, stranger: Visitor, provider: Provider, who: str
) -> None:
    claims: dict[str, Any] = {"email": "ben@example.com"} if who == "unknown" else {}
    if who == "suspended":
        editing.suspend_person(world.units, acme, CAUSE, "ana@example.com")
    elif who == "without role":
        authorising.revoke_role(world.units, acme, CAUSE, "ana@example.com", "manager")
    elif who == "unverified":
        claims = {"email_verified": "true"}
    elif who == "nobody":
        claims = {"email": ["ana@example.com"]}
    page = sign_in(world, stranger, provider, **claims)
    assert refused(page, 403, "is unknown here, suspended, or has no role that opens the console")
    assert not is_in(stranger)
    people = text_of(page)
    assert "ana" not in people


def test_a_token_of_somebody_elses_sign_in_signs_nobody_in(world: World, stranger: Visitor, provider: Provider) -> None:
    answer = sign_in(world, stranger, provider, nonce="another")
    assert refused(answer, 403, "You are not signed in")
    assert not is_in(stranger)


def test_no_role_comes_from_a_provider(world: World, stranger: Visitor, provider: Provider) -> None:
    sign_in(world, stranger, provider, roles=["super_admin"], groups=["admins"])
    assert stranger.get("/rules/new").status_code == 403


def test_a_clock_may_differ_by_a_minute(world: World, stranger: Visitor, provider: Provider) -> None:
    address = provider.authorize(world.units.now(), set_out(stranger))
    world.advance(300 + 50)
    assert come_back(stranger, address).status_code == 303
    late = provider.authorize(world.units.now(), set_out(stranger))
    world.advance(300 + 70)
    assert come_back(stranger, late).status_code == 403


@pytest.mark.parametrize("state", ["other", None, ""])
def test_an_answer_with_another_state_is_nobodys(
    world: World, stranger: Visitor, provider: Provider, state: str | None
) -> None:
    address = provider.authorize(world.units.now(), set_out(stranger))
    assert refused(come_back(stranger, address, state=state), 400, "This sign-in is over")
    assert refused(come_back(stranger, address), 400, "This sign-in is over"), "one guess is all there is"
    assert provider.fetched("/token") == 0


def test_an_answer_is_good_in_the_browser_that_asked_and_once(
    world: World, stranger: Visitor, provider: Provider
) -> None:
    address = provider.authorize(world.units.now(), set_out(stranger))
    other = Visitor(world.app.test_client(), "acme")
    assert refused(come_back(other, address), 400, "This sign-in is over")
    set_out(other)
    assert refused(come_back(other, address), 400, "This sign-in is over")
    assert come_back(stranger, address).status_code == 303
    assert refused(come_back(stranger, address), 400, "This sign-in is over")


def test_a_code_that_was_used_signs_nobody_in(world: World, stranger: Visitor, provider: Provider) -> None:
    before = stranger.browser
    address = provider.authorize(world.units.now(), set_out(stranger))
    cookie = before.get_cookie("__Host-scim-session")
    assert cookie is not None
    kept = cookie.value
    assert come_back(stranger, address).status_code == 303
    thief = Visitor(world.app.test_client(), "acme")
    thief.browser.set_cookie("__Host-scim-session", kept, secure=True, path="/")
    assert refused(come_back(thief, address), 403, "You are not signed in")


def test_ten_minutes_at_the_provider_are_enough(world: World, stranger: Visitor, provider: Provider) -> None:
    address = provider.authorize(world.units.now(), set_out(stranger), exp=5_000_000_000)
    world.advance(601)
    assert refused(come_back(stranger, address), 400, "This sign-in is over")


@pytest.mark.parametrize("iss", ["https://evil.example", "", None])
def test_an_answer_of_another_provider_is_not_shown_to_this_one(
    world: World, stranger: Visitor, provider: Provider, iss: str | None
) -> None:
    address = provider.authorize(world.units.now(), set_out(stranger))
    assert refused(come_back(stranger, address, iss=iss), 403, "You are not signed in")
    assert provider.fetched("/token") == 0


def test_a_provider_that_names_itself_nowhere_need_not(world: World, stranger: Visitor, provider: Provider) -> None:
    del provider.metadata["authorization_response_iss_parameter_supported"]
    address = provider.authorize(world.units.now(), set_out(stranger))
    assert come_back(stranger, address, iss=None).status_code == 303


def test_a_provider_that_was_replaced_meanwhile_signs_nobody_in(
    world: World, acme: Tenant, stranger: Visitor, provider: Provider
) -> None:
    address = provider.authorize(world.units.now(), set_out(stranger))
    federating.set_provider(world.units, acme, CAUSE, "https://other.example", CLIENT, "s")
    assert refused(come_back(stranger, address), 400, "This sign-in is over")
    assert provider.fetched("/token") == 0


def test_what_the_provider_refuses_is_refused(world: World, stranger: Visitor, provider: Provider) -> None:
    address = provider.authorize(world.units.now(), set_out(stranger))
    answer = come_back(stranger, address, code=None, error="access_denied", error_description="<script>alert(1)")
    assert refused(answer, 403, "You are not signed in")
    assert "alert(1)" not in answer.text


@pytest.mark.parametrize("path", [METADATA, "/token", "/keys"])
def test_a_provider_that_is_down_is_said_to_be(world: World, stranger: Visitor, provider: Provider, path: str) -> None:
    provider.broken.add(path)
    if path == METADATA:
        answer = stranger.submit(SIGN_IN, 0, organisation="acme")
    else:
        answer = sign_in(world, stranger, provider)
    assert refused(answer, 503, "Your identity provider is out of reach")
    assert answer.headers["Retry-After"] == "30"
    provider.broken.clear()
    world.advance(31)
    assert sign_in(world, stranger, provider).status_code == 303


def test_a_private_provider_is_reached_where_the_operator_allows_it_alone(
    build_world: Callable[..., World], provider: Provider
) -> None:
    world = build_world()
    federate(world, world.tenant("acme"), provider)
    page = Visitor(world.app.test_client(), "acme").submit(SIGN_IN, 0, organisation="acme")
    assert refused(page, 503, "out of reach")
    assert provider.server.requests == []


def test_a_session_from_before_signing_in_is_worth_nothing(world: World, stranger: Visitor, provider: Provider) -> None:
    address = set_out(stranger)
    cookie = stranger.browser.get_cookie("__Host-scim-session")
    assert cookie is not None
    planted = cookie.value
    come_back(stranger, provider.authorize(world.units.now(), address))
    assert is_in(stranger)
    thief = Visitor(world.app.test_client(), "acme")
    thief.browser.set_cookie("__Host-scim-session", planted, secure=True, path="/")
    assert not is_in(thief)


@pytest.mark.parametrize("next_page", ["https://evil.example", "//evil.example", "/console/../api"])
def test_signing_in_leads_nowhere_else(world: World, stranger: Visitor, provider: Provider, next_page: str) -> None:
    stranger.get(SIGN_IN, next=next_page)
    location = sign_in(world, stranger, provider).headers["Location"]
    assert location.startswith("/console")
    assert "evil" not in location


def test_a_form_from_elsewhere_begins_nothing(stranger: Visitor, provider: Provider) -> None:
    assert stranger.browser.post(SIGN_IN, data={"organisation": "acme"}).status_code == 400
    assert provider.server.requests == []


@pytest.fixture
def guarded(build_world: Callable[..., World], provider: Provider) -> World:
    """A world whose operators sign in with the provider."""
    return build_world(
        egress_networks=LOOPBACK,
        oidc_issuer=provider.url,
        oidc_client_id="seats",
        oidc_client_secret="s3cret",
        oidc_operators=("Ops@example.com",),
    )


@pytest.mark.parametrize(
    ("claims", "gets_in"),
    [
        ({"email": "ops@Example.com"}, True),
        ({"email": "ana@example.com"}, False),
        ({"email": "ops@example.com", "email_verified": False}, False),
        ({"email": "ops@example.com", "email_verified": None}, False),
    ],
)
def test_operators_sign_in_with_a_verified_address_on_the_list(
    guarded: World, provider: Provider, claims: dict[str, Any], gets_in: bool
) -> None:
    visitor = Visitor(guarded.app.test_client(), None)
    page = visitor.submit(SIGN_IN, 1)
    found = re.search(r'content="0; url=([^"]+)"', page.text)
    assert found
    answer = come_back(visitor, provider.authorize(guarded.units.now(), unescape(found[1]), **claims))
    assert answer.status_code == (303 if gets_in else 403)
    assert (visitor.get("/console/tenants").status_code == 200) is gets_in


def test_without_settings_no_operator_signs_in_by_a_provider(stranger: Visitor) -> None:
    token = stranger.get(SIGN_IN).text.partition('name="csrf_token" value="')[2].partition('"')[0]
    answer = stranger.browser.post(SIGN_IN, data={"csrf_token": token, "as": "operator"})
    assert answer.status_code == 404
