"""The provisioning log, as an admin follows it."""

from playwright.sync_api import Page, expect

from tests.browser.pictures import Album
from tests.browser.sites import Site


def test_requests_appear_while_one_looks_until_one_pauses(site: Site, page: Page, album: Album) -> None:
    site.world.installation.log.flush()
    page.goto(site.address("/log"))
    album.take(page, "log")
    rows = page.locator("#live tr")
    before = rows.count()
    site.okta.create_user("ines@example.com")
    expect(rows).to_have_count(before + 1)
    expect(rows.first).to_contain_text("POST /Users")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Go on")).to_be_visible()
    site.okta.create_user("jan@example.com")
    page.get_by_role("button", name="Go on").click()
    expect(rows).to_have_count(before + 2)


def test_one_request_in_full(site: Site, page: Page, album: Album) -> None:
    made = site.okta.create_user("ines@example.com", active="True", entitlements=["meeting"])
    assert made["active"] is True
    page.goto(site.address("/log?about=ines@example.com"))
    page.locator("#live a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("POST /scim/acme/v2/Users")
    expect(page.get_by_text("boolean-text")).to_be_visible()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy as curl").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").startswith("curl --globoff --request POST http://127.0.0.1")
    page.get_by_role("button", name="What would it do now?").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Dry run")
    expect(page.get_by_text("409 uniqueness")).to_be_visible()
    album.take(page, "dry-run")
