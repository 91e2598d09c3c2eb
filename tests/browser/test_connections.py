"""An identity provider is connected, watched until its first request comes, and examined."""

import re

from playwright.sync_api import Page, expect

from scim_server.services import connecting, tenancy
from tests.browser.pictures import Album
from tests.browser.sites import Site
from tests.worlds import Connection

TOKEN = re.compile(r"scim_[0-9A-Za-z]{22}_[0-9A-Za-z]+")


def test_the_wizard_shows_what_goes_where_and_turns_green(site: Site, page: Page, album: Album) -> None:
    page.goto(site.address("/connections"))
    page.get_by_role("button", name="Connect an identity provider").click()
    page.get_by_role("link", name="Microsoft Entra ID").click()
    album.take(page, "connection-terms")
    page.get_by_label("Name", exact=True).fill("directory")
    page.get_by_role("button", name="Go on").click()
    album.take(page, "connection-boxes")
    page.get_by_role("button", name="Make a token").click()
    row = page.get_by_role("row", name="Secret Token")
    token = TOKEN.search(row.inner_text())
    assert token
    album.take_once(page, "connection-token")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    row.get_by_role("button", name="Copy: Secret Token").click()
    expect(row.get_by_role("button")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == token[0]
    page.get_by_role("button", name="wait for the first request").click()
    expect(page.get_by_text("Waiting for the first request")).to_be_visible()
    album.take(page, "connection-waiting")
    entra = Connection(site.world.app.test_client(), "acme", token[0], "directory")
    entra.get('/Users?filter=userName eq "nobody"')
    site.world.installation.log.flush()
    expect(page.get_by_text("It works")).to_be_visible()
    album.take(page, "connection-works")


def test_a_connection_is_looked_at_examined_and_given_a_new_token(site: Site, page: Page, album: Album) -> None:
    site.world.installation.log.flush()
    okta = connecting.connection(site.world.units, site.tenant, "okta")
    page.goto(site.address(f"/connections/{okta.id}"))
    expect(page.get_by_text("8 people, 2 groups")).to_be_visible()
    page.get_by_role("button", name="Ask the connection doctor").click()
    page.get_by_role("button", name="Examine the connection").click()
    expect(page.get_by_text("Finds the person, suspended")).to_be_visible()
    expect(page.locator(".finding.bad")).to_have_count(0)
    album.take_once(page, "connection-diagnosis")
    page.get_by_role("button", name="To the connection").click()
    page.get_by_role("button", name="Replace the token in use").click()
    page.get_by_role("button", name="Make the new token").click()
    assert TOKEN.search(page.locator("main").inner_text())
    page.get_by_role("button", name="It is pasted").click()
    expect(page.get_by_role("row", name="Live")).to_have_count(2)
    page.get_by_role("link", name="Revoke").first.click()
    page.get_by_role("button", name="Revoke the token").click()
    expect(page.get_by_role("status")).to_contain_text("opens nothing any more")


def test_a_connection_is_removed_and_its_people_are_anothers(site: Site, page: Page, album: Album) -> None:
    heir = site.world.connect(site.tenant, "entra", idp="entra")
    okta = connecting.connection(site.world.units, site.tenant, "okta")
    page.goto(site.address(f"/connections/{okta.id}"))
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_text("8 people, 2 groups")).to_be_visible()
    album.take(page, "connection-removal")
    page.get_by_label("The connection entra").check()
    page.get_by_role("button", name="Remove the connection").click()
    expect(page.get_by_role("status")).to_have_text("The connection is removed.")
    album.take_once(page, "connection-removed")
    assert [each.name for each in tenancy.connections(site.world.units, site.tenant)] == [heir.name]
