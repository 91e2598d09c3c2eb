"""What the operator sees of all tenants, and does above them."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pictures import Album
from tests.browser.sites import Site


def test_the_operator_opens_a_tenant_and_finds_it_among_the_others(site: Site, operators_page: Page) -> None:
    page = operators_page
    page.goto(site.address("/console/tenants"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Tenants")
    page.get_by_role("button", name="Open a tenant").click()
    page.get_by_label("Name").fill("Globex")
    page.get_by_label("Slug").fill("globex")
    page.get_by_role("button", name="Open the tenant").click()
    expect(page.get_by_role("status")).to_have_text("The tenant is open.")
    page.goto(site.address("/console/tenants"))
    page.get_by_label("Name or slug").fill("glob")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Usage and limits").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Usage and limits")


@pytest.mark.parametrize(("path", "name"), [("products", "products"), ("chores", "chores"), ("cells", "databases")])
def test_what_the_operator_runs_for_all(site: Site, operators_page: Page, album: Album, path: str, name: str) -> None:
    operators_page.goto(site.address(f"/console/{path}"))
    expect(operators_page.get_by_role("heading", level=1)).to_have_text(name.title())
    album.take(operators_page, name)
