"""Groups, as an admin finds one and changes who is in it after a look."""

from playwright.sync_api import Page, expect

from tests.browser.pictures import Album
from tests.browser.sites import Site


def test_a_group_is_found_and_its_members_changed_after_a_look(site: Site, page: Page, album: Album) -> None:
    page.goto(site.address("/groups"))
    page.get_by_label("Name begins with").press_sequentially("sal")
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("link", name="Sales").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sales")
    page.get_by_role("checkbox", name="Remove ben@example.com").check()
    page.get_by_role("button", name="Remove the ticked ones").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Change who is in Sales?")
    expect(page.get_by_role("row", name="ben@example.com")).to_contain_text("given back")
    album.take(page, "group-look")
    page.get_by_role("button", name="Change the members").click()
    expect(page.get_by_role("status")).to_contain_text("1 member left.")
    page.get_by_role("button", name="Add members").click()
    album.take(page, "group-change")


def test_a_group_is_deleted_after_a_look_and_its_rule_says_what_to_do(site: Site, page: Page, album: Album) -> None:
    page.goto(site.address("/groups"))
    page.get_by_role("link", name="Support").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("1 rule looks at it")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("status")).to_contain_text("The group is deleted.")
    page.goto(site.address("/rules"))
    page.get_by_role("link", name="Open rule 2").click()
    expect(page.get_by_text("There is no group called Support")).to_be_visible()
    album.take(page, "rule-orphan")
    page.get_by_role("link", name="make the group by hand").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Support")


def test_names_of_groups_are_suggested(site: Site, page: Page) -> None:
    page.goto(site.address("/rules/new"))
    page.get_by_label("Group", exact=True).press_sequentially("su")
    expect(page.locator("#group-names option")).to_have_attribute("value", "Support")
