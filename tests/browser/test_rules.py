"""Rules, as an admin puts them in order by pointer and keyboard, and looks before saving."""

from playwright.sync_api import Page, expect

from scim_server.services import ruling
from tests.browser.pictures import Album
from tests.browser.sites import Site


def audiences(page: Page) -> list[str]:
    return [text.split(" Open")[0] for text in page.locator("tbody th").all_inner_texts()]


def test_rules_are_dragged_into_another_order_and_saved_after_a_look(site: Site, page: Page, album: Album) -> None:
    site.world.rule(site.tenant, "Interns", "training")
    page.goto(site.address("/rules"))
    expect(page.get_by_role("row").nth(1)).to_contain_text("Sales")
    expect(page.get_by_role("row").nth(1).get_by_role("cell").nth(2)).to_have_text("4")
    album.take(page, "rules")
    grips = page.locator(".grip")
    start, end = grips.nth(1).bounding_box(), grips.nth(0).bounding_box()
    assert start is not None
    assert end is not None
    page.mouse.move(start["x"] + 5, start["y"] + 5)
    page.mouse.down()
    page.mouse.move(end["x"] + 5, end["y"] + 2, steps=5)
    page.mouse.up()
    expect(page.get_by_role("row").nth(1)).to_contain_text("Support")
    expect(page.get_by_text("This order is not saved yet.")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("Rule Support is now at place 1 of 3.")
    page.get_by_role("button", name="See what it would change").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Give the rules this order?")
    album.take(page, "rules-order")
    page.get_by_role("button", name="Save this order").click()
    expect(page.get_by_role("status").first).to_contain_text("The rules have their new order.")
    groups = [rule.group_name for rule in ruling.rules(site.world.units, site.tenant)]
    assert groups == ["Support", "Sales", "Interns"]


def test_rules_are_moved_by_keyboard(site: Site, page: Page) -> None:
    page.goto(site.address("/rules"))
    page.get_by_role("button", name="Move down: Sales").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("row").nth(1)).to_contain_text("Support")
    expect(page.get_by_role("button", name="Move up: Sales")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("row").nth(1)).to_contain_text("Sales")
    expect(page.get_by_text("This order is not saved yet.")).to_be_hidden()


def test_a_rule_is_made_and_its_condition_told_where_it_is_wrong(site: Site, page: Page, album: Album) -> None:
    page.goto(site.address("/rules"))
    page.get_by_role("button", name="New rule").click()
    page.get_by_label("Everybody who meets a condition").check()
    page.get_by_label("Condition", exact=True).fill("department is Sales")
    page.get_by_label("Training").check()
    page.get_by_role("button", name="See what this does").click()
    expect(page.locator("#condition")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Training")).to_be_checked()
    page.locator("#condition").fill('userName sw "h"')
    page.get_by_role("button", name="See what this does").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Make this rule?")
    expect(page.get_by_role("table", name="").last).to_contain_text("hugo@example.com")
    album.take(page, "rule-look")
    page.get_by_role("button", name="Save the rule").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Rule 3")


def test_templates_are_made_for_rules(site: Site, page: Page) -> None:
    page.goto(site.address("/rules"))
    page.get_by_role("button", name="Settings templates").click()
    page.get_by_role("button", name="New template").click()
    page.get_by_label("Name").fill("High quality")
    page.get_by_label("Values").fill("quality=high")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("cell", name="quality=high")).to_be_visible()
