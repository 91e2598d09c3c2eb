"""People, as an admin sees them."""

from playwright.sync_api import Page, expect

from tests.browser.pictures import Album
from tests.browser.sites import Site


def test_people_are_found_while_one_types(site: Site, page: Page, album: Album) -> None:
    page.goto(site.address("/people"))
    expect(page.get_by_role("row")).to_have_count(9)
    album.take(page, "people")
    page.get_by_label("Name").press_sequentially("cle")
    expect(page.get_by_role("row")).to_have_count(2)
    expect(page.get_by_role("row").last).to_contain_text("Cleo Marsh")
