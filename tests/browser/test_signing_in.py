"""Signing in and out."""

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.pictures import Album
from tests.browser.sites import Site
from tests.providers import federate, providing


def test_a_person_signs_in_by_a_link_and_out_again(site: Site, page: Page, album: Album) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    album.take(page, "sign-in")
    page.goto(site.address("/people"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_a_person_signs_in_with_an_identity_provider(site: Site, context: BrowserContext) -> None:
    with providing() as provider:
        federate(site.world, site.tenant, provider)
        page = context.new_page()
        page.goto(site.address("/people?text=ben"))
        page.get_by_label("Your organisation").fill("acme")
        page.get_by_role("button", name="Continue").click()
        page.wait_for_url("**/people?text=ben")
        expect(page.get_by_role("heading", level=1)).to_have_text("People")


def test_language_and_theme_can_be_chosen(page: Page) -> None:
    page.get_by_role("button", name="Français").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Vue d’ensemble")
    page.get_by_text("Thème").click()
    page.get_by_role("button", name="Sombre").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_everything_can_be_reached_by_keyboard(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
