"""What a tenant decides, changed in the browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pictures import Album
from tests.browser.sites import Site


def test_a_setting_is_refused_at_its_field_then_saved(site: Site, page: Page) -> None:
    page.goto(site.address("/settings"))
    kept = page.locator("#retention_days")
    kept.fill("soon")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#retention_days-wrong")).to_contain_text("a whole number of days from 1 to 3650")
    expect(kept).to_have_attribute("aria-invalid", "true")
    kept.fill("90")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("The settings are saved.")
    page.get_by_role("link", name="Undo").click()
    page.locator("main button").click()
    page.goto(site.address("/settings"))
    expect(kept).to_have_value("30")


def test_a_token_of_the_admin_api_is_shown_once(site: Site, page: Page) -> None:
    page.goto(site.address("/settings/tokens"))
    page.get_by_role("button", name="Issue a token").click()
    page.get_by_label("Name", exact=True).fill("hr")
    page.get_by_label("See people, what they hold and why").check()
    page.get_by_role("button", name="Issue the token").click()
    text = page.locator("dd code").first.inner_text()
    assert text.startswith("scimapi_")
    page.get_by_role("button", name="It is copied").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    assert text not in page.content()


def test_a_domain_says_how_to_prove_it(site: Site, page: Page) -> None:
    page.goto(site.address("/settings/domains"))
    page.get_by_label("Domain").fill("example.com")
    page.get_by_role("button", name="Add").click()
    expect(page.locator("main")).to_contain_text("_scim-server.example.com")
    page.goto(site.address("/settings/domains"))


@pytest.mark.parametrize("path", ["protocol", "mails", "mails/welcome/en?user=ana@example.com", "sign-in"])
def test_the_other_settings(site: Site, page: Page, album: Album, path: str) -> None:
    page.goto(site.address(f"/settings/{path}"))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    album.take(page, f"settings-{path.partition('?')[0].replace('/', '-')}")
