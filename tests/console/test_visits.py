"""Getting into the console and out of it again."""

import pytest

from scim_server.domain.errors import Invalid, Missing
from scim_server.domain.tenants import Tenant
from scim_server.services import authorising, editing, leaving, visiting
from tests.console import visitors
from tests.console.visitors import Visitor, text_of
from tests.worlds import CAUSE, Connection, World

HOUR = 3600


def is_out(visitor: Visitor) -> bool:
    answer = visitor.get("/people")
    return answer.status_code == 303 and answer.headers["Location"].startswith("/console/sign-in")


def test_a_link_lets_in_once(world: World, ana: Visitor) -> None:
    assert "People" in ana.see("/people")
    _, link = visiting.invite_operator(world.units)
    first, second = Visitor(world.app.test_client(), None), Visitor(world.app.test_client(), None)
    for visitor in (first, second):
        assert "good once" in visitor.see(f"/console/enter/{link}"), "looking uses it up for nobody"
    assert first.submit(f"/console/enter/{link}").status_code == 303
    refused = second.submit(f"/console/enter/{link}")
    assert refused.status_code == 410
    assert "was followed before" in text_of(refused)


def test_a_link_is_good_for_ten_minutes(world: World, acme: Tenant) -> None:
    _, link = visiting.invite_operator(world.units)
    world.advance(601)
    refused = Visitor(world.app.test_client(), None).submit(f"/console/enter/{link}")
    assert refused.status_code == 410


@pytest.mark.parametrize("link", ["nonsense", "scimcv_1", "a" * 500])
def test_what_is_no_link_lets_nobody_in(world: World, link: str) -> None:
    refused = Visitor(world.app.test_client(), None).submit(f"/console/enter/{link}")
    assert refused.status_code == 410


def test_a_secret_of_another_kind_opens_nothing(world: World, okta: Connection) -> None:
    refused = Visitor(world.app.test_client(), None).submit(f"/console/enter/{okta.token}")
    assert refused.status_code == 410


def test_a_link_is_no_visit_yet(world: World, acme: Tenant) -> None:
    _, link = visiting.invite_operator(world.units)
    assert visiting.visitor(world.units, link) is None


def test_a_visit_ends_after_twelve_hours(world: World, ana: Visitor) -> None:
    world.advance(12 * HOUR)
    assert is_out(ana)


def test_signing_out_ends_the_visit_for_good(world: World, ana: Visitor) -> None:
    cookie = ana.browser.get_cookie("__Host-scim-session")
    assert cookie is not None
    kept = cookie.value
    page = ana.get("/people")
    token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    assert ana.browser.post("/console/sign-out", data={"csrf_token": token}).status_code == 303
    assert is_out(ana)
    ana.browser.set_cookie("__Host-scim-session", kept, secure=True, path="/")
    assert is_out(ana)


@pytest.mark.parametrize("way", ["by_idp", "by_admin", "deleted"])
def test_a_visit_ends_with_a_suspension_and_stays_over(
    world: World, acme: Tenant, okta: Connection, ana: Visitor, way: str
) -> None:
    okta.create_user("boss@example.com")
    authorising.grant_role(world.units, acme, CAUSE, "boss@example.com", "super_admin")
    if way == "deleted":
        leaving.delete_person(world.units, acme, CAUSE, "ana@example.com")
    elif way == "by_admin":
        editing.suspend_person(world.units, acme, CAUSE, "ana@example.com")
    else:
        user_id = world.person(acme, "ana@example.com").user.id
        assert okta.patch(f"/Users/{user_id}", {"op": "replace", "path": "active", "value": False}).status_code == 200
    assert is_out(ana)
    if way == "by_admin":
        editing.reactivate_person(world.units, acme, CAUSE, "ana@example.com")
        authorising.grant_role(world.units, acme, CAUSE, "ana@example.com", "super_admin")
        assert is_out(ana), "who comes back signs in again"


def test_a_role_that_ends_takes_the_console_away(world: World, acme: Tenant, okta: Connection, ana: Visitor) -> None:
    okta.create_user("boss@example.com")
    authorising.grant_role(world.units, acme, CAUSE, "boss@example.com", "super_admin")
    authorising.revoke_role(world.units, acme, CAUSE, "ana@example.com", "super_admin")
    assert is_out(ana)


def test_who_has_no_role_gets_no_link(world: World, acme: Tenant, okta: Connection) -> None:
    okta.create_user("ben@example.com")
    with pytest.raises(Invalid, match="no role that opens the console"):
        visiting.invite(world.units, acme, "ben@example.com")
    with pytest.raises(Missing):
        visiting.invite(world.units, acme, "nobody@example.com")
    okta.create_user("off@example.com", active=False)
    with pytest.raises(Invalid, match="suspended"):
        visiting.invite(world.units, acme, "off@example.com")


def test_another_tenant_is_not_there(world: World, ana: Visitor) -> None:
    world.tenant("globex")
    for path in ("/console/tenants/globex", "/console/tenants/globex/people", "/console/tenants/nix"):
        page = ana.get(path)
        assert (page.status_code, "There is no tenant" in text_of(page)) == (404, True)


def test_the_operators_pages_are_the_operators(ana: Visitor, operator: Visitor) -> None:
    assert ana.get("/console/tenants").status_code == 403
    assert "acme" in operator.see("/console/tenants")


def test_a_form_from_elsewhere_does_nothing(ana: Visitor) -> None:
    answer = ana.browser.post("/console/sign-out", data={})
    assert answer.status_code == 400
    assert not is_out(ana)


def test_after_signing_in_one_is_where_one_wanted_to_go(world: World, acme: Tenant, ana: Visitor) -> None:
    stranger = Visitor(world.app.test_client(), "acme")
    turned_away = stranger.get("/people", text="ana")
    stranger.get(turned_away.headers["Location"])
    _, link = visiting.invite(world.units, acme, "ana@example.com")
    assert stranger.submit(f"/console/enter/{link}").headers["Location"] == "/console/tenants/acme/people?text=ana"


@pytest.mark.parametrize("address", ["https://evil.example", "//evil.example", "/console//evil.example", "/api/v1"])
def test_one_is_sent_nowhere_else(world: World, address: str) -> None:
    stranger = visitors.Visitor(world.app.test_client(), None)
    stranger.get("/console/sign-in", next=address)
    _, link = visiting.invite_operator(world.units)
    assert stranger.submit(f"/console/enter/{link}").headers["Location"] == "/console"


def test_pages_are_held_to_their_own_files(ana: Visitor) -> None:
    page = ana.get("/people")
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"
    static = ana.browser.get("/console/static/console.css")
    assert "immutable" in static.headers["Cache-Control"]


def test_a_page_speaks_the_language_of_the_browser_or_the_one_chosen(world: World, acme: Tenant, ana: Visitor) -> None:
    assert ana.get("/people").headers["Content-Language"] == "en"
    french = visitors.person(world, acme, "ana@example.com", accept_language="fr-CH, en;q=0.5")
    assert "Personnes" in french.see("/people")
    page = french.get("/people")
    token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    chosen = {"csrf_token": token, "language": "en", "theme": "dark", "back": "/console/tenants/acme/people"}
    back = french.browser.post("/console/preferences", data=chosen)
    assert back.headers["Location"] == "/console/tenants/acme/people"
    page = french.get("/people")
    assert ("People" in text_of(page), 'data-theme="dark"' in page.text) == (True, True)


def test_a_file_that_is_not_there_is_not_found(ana: Visitor) -> None:
    answer = ana.browser.get("/console/static/nothing.css")
    assert (answer.status_code, answer.mimetype) == (404, "text/plain")
    assert "Set-Cookie" not in answer.headers
