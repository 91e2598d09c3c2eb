"""Roles, as an admin makes one."""

from playwright.sync_api import Page, expect

from tests.browser.pictures import Album
from tests.browser.sites import Site


def test_a_role_is_made_of_permissions(site: Site, page: Page, album: Album) -> None:
    page.goto(site.address("/roles"))
    page.get_by_role("button", name="New role").click()
    page.get_by_label("Name", exact=True).fill("Help desk")
    page.get_by_label("Code").fill("helpdesk")
    page.get_by_label("Read the provisioning log").check()
    page.get_by_role("button", name="Make the role").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Help desk")
    page.goto(site.address("/roles/new"))
    page.goto(site.address("/roles/super_admin"))
    album.take(page, "role-permissions")
