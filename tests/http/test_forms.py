"""Forms come from pages of this server, and cookies open pages and nothing else (B3, RFC 7644 section 2)."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import session
from flask.testing import FlaskClient

import scim_server
from scim_server.http.page_sessions import LIFE, PAGES
from scim_server.services import inviting
from scim_server.services.inviting import Offer
from tests.pages import fields, submit
from tests.worlds import CAUSE, Connection, World, contents

ADDRESS = "ana@x.test"
KEYS = ("k" * 32, "o" * 32)
TEMPLATES = Path(scim_server.__file__).parent / "http" / "templates"


def invite(world: World) -> str:
    """The path of an invitation's page."""
    world.connect(world.tenant("acme")).create_user(ADDRESS)
    tenant = world.tenant("globex")
    sent = inviting.send(world.units, tenant, CAUSE, ADDRESS, Offer(), None, public_url="", by_mail=False)
    return sent.link


def cookie_of(client: FlaskClient) -> Any:
    (cookie,) = client._cookies.values()
    return cookie


@pytest.mark.parametrize("typed", [{}, {"form_token": ""}, {"form_token": "x"}, {"form_token": "é"}])
def test_a_form_without_its_token_is_refused(world: World, typed: dict[str, str]) -> None:
    page = invite(world)
    client = world.app.test_client()
    client.get(page)
    before = contents(world)
    refused = client.post(page, data={"answer": "accept", **typed})
    assert (refused.status_code, "open for too long" in refused.text) == (403, True)
    assert contents(world) == before


def test_a_form_with_the_token_of_another_browser_is_refused(world: World) -> None:
    page = invite(world)
    mine, theirs = world.app.test_client(), world.app.test_client()
    stolen = fields(theirs.get(page).text)
    assert fields(mine.get(page).text) != stolen
    assert mine.post(page, data={**stolen, "answer": "accept"}).status_code == 403
    assert world.app.test_client().post(page, data={**stolen, "answer": "accept"}).status_code == 403
    assert theirs.post(page, data={**stolen, "answer": "accept"}).status_code == 200


def test_a_session_is_over_after_its_life(world: World) -> None:
    page = invite(world)
    client = world.app.test_client()
    form = fields(client.get(page).text)
    world.app.permanent_session_lifetime = -LIFE
    assert client.post(page, data={**form, "answer": "accept"}).status_code == 403


def test_every_form_has_a_token() -> None:
    forms = [
        form for page in TEMPLATES.glob("*.html") for form in re.findall(r"<form.*?</form>", page.read_text(), re.S)
    ]
    assert forms
    assert all('name="form_token" value="{{ form_token() }}"' in form for form in forms)


def test_the_cookie_is_this_hosts_alone_and_no_scripts(build_world: Callable[..., World]) -> None:
    world = build_world()
    client = world.app.test_client()
    (header,) = client.get(invite(world)).headers.getlist("Set-Cookie")
    assert header.startswith("__Host-scim-session=")
    assert header.partition("; ")[2].split("; ") == ["Secure", "HttpOnly", "Path=/", "SameSite=Lax"]


def test_on_a_loopback_address_the_cookie_does_without_https(build_world: Callable[..., World]) -> None:
    world = build_world(public_url="http://127.0.0.1:8000")
    (header,) = world.app.test_client().get(invite(world)).headers.getlist("Set-Cookie")
    assert header.startswith("scim-session=")
    assert header.partition("; ")[2].split("; ") == ["HttpOnly", "Path=/", "SameSite=Lax"]


def test_the_first_key_signs_and_all_verify(build_world: Callable[..., World]) -> None:
    old, new, both = KEYS[1:], KEYS[:1], KEYS
    world = build_world(secret_key=old)
    page = invite(world)
    browser = world.app.test_client()
    form = fields(browser.get(page).text)
    for keys, kept in ((both, True), (new, False)):
        later = build_world(secret_key=keys).app.test_client()
        later.set_cookie(cookie_of(browser).key, cookie_of(browser).value)
        assert (fields(later.get(page).text) == form) is kept
    fresh = build_world(secret_key=both).app.test_client()
    signed = fields(fresh.get(page).text)
    verifying = build_world(secret_key=new).app.test_client()
    verifying.set_cookie(cookie_of(fresh).key, cookie_of(fresh).value)
    assert fields(verifying.get(page).text) == signed


def test_without_a_key_all_processes_share_a_secret_of_the_installation(build_world: Callable[..., World]) -> None:
    world = build_world()
    page = invite(world)
    browser = world.app.test_client()
    form = fields(browser.get(page).text)
    other = build_world().app.test_client()
    other.set_cookie(cookie_of(browser).key, cookie_of(browser).value)
    assert fields(other.get(page).text) == form
    assert submit(other, page, answer="decline").status_code == 200


@pytest.mark.covers("R-7644-2-05")
def test_a_cookie_opens_nothing_but_pages_and_nothing_else_sets_one(world: World) -> None:
    page = invite(world)
    okta = world.connect(world.tenant("other"))
    browser = world.app.test_client()
    browser.get(page)
    before = contents(world)
    for path in ("/scim/other/v2/Users", "/scim/other/v2/Me", "/api/v1/tenants", "/api/v1/me"):
        for method in ("GET", "POST", "DELETE"):
            assert browser.open(path, method=method, json={}).status_code in {401, 405}, (method, path)
    assert contents(world) == before
    with browser:
        browser.get(page)
        assert "form_token" in session
    with browser:
        browser.get("/api/v1/tenants")
        assert not session
    sender = Connection(browser, "other", okta.token, "okta")
    answers = [sender.get("/Users"), sender.post("/Users", "{"), sender.get("/Nothing"), browser.get("/api/v1/nothing")]
    answers += [browser.get("/api/v1/openapi.json"), browser.get("/nothing")]
    for answered in answers:
        assert "Set-Cookie" not in answered.headers
        assert "Cookie" not in answered.headers.get("Vary", "")


def test_sessions_are_where_pages_are() -> None:
    """Whatever else an address of SCIM or the admin API has in it."""
    assert all(map(PAGES.fullmatch, ("/invitations/x", "/oauth/acme/authorize")))
    others = ("/scim/acme/v2/Users", "/api/v1/me", "/oauth/acme/token", "/scim/oauth/authorize", "/oauth/a/b/authorize")
    assert not any(map(PAGES.fullmatch, others))
