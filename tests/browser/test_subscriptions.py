"""Seats: over time and ahead, bought, waited for, held, and what is wrong with them."""

from datetime import timedelta

from playwright.sync_api import Page, expect

from scim_server.services import removing
from tests.browser.pictures import Album
from tests.browser.sites import Site

DAYS = 20


def grow(site: Site) -> None:
    """Twenty days in which more people got training every other day."""
    world = site.world
    world.ahead -= timedelta(days=DAYS)
    world.buy(site.tenant, "training", 20)
    for day in range(DAYS):
        if day % 2:
            site.okta.create_user(f"t{day}@example.com", entitlements=["training"])
        world.do_chore("seat-use")
        world.ahead += timedelta(days=1)


def hold(site: Site) -> None:
    """Have the seats of everybody in Support held."""
    site.world.decide("acme", guard_seats="0", guard_percent="0")
    (group,) = site.okta.find("/Groups", 'displayName eq "Support"')
    site.okta.patch(f"/Groups/{group['id']}", {"op": "remove", "path": "members"})
    assert len(removing.held(site.world.units, site.tenant)) == 2


def test_the_overview_draws_seats_and_says_when_they_run_out(site: Site, page: Page, album: Album) -> None:
    grow(site)
    hold(site)
    page.goto(site.address(""))
    expect(page.locator(".uplot canvas")).to_have_count(3)
    expect(page.get_by_role("row", name="training")).to_contain_text("run out on")
    expect(page.get_by_role("heading", name="First steps")).to_be_visible()
    album.take(page, "overview")
    page.get_by_text("As a table").first.click()
    expect(page.get_by_role("columnheader", name="Forecast").last).to_be_visible()


def test_licences_are_added_and_who_waits_gets_them(site: Site, page: Page, album: Album) -> None:
    page.goto(site.address("/subscriptions"))
    page.get_by_role("link", name="webinar").click()
    album.take(page, "subscription")
    page.get_by_role("link", name="Waiting list (2)").click()
    expect(page.get_by_role("row")).to_have_count(3)
    page.get_by_role("button", name="Add licences").click()
    expect(page.get_by_label("How many more")).to_have_value("2")
    page.get_by_role("button", name="Add licences").click()
    expect(page.get_by_role("status")).to_contain_text("2 licences were added")
    page.get_by_role("link", name="Holders (4)").click()
    expect(page.get_by_role("row")).to_have_count(5)


def test_seats_in_use_are_not_given_back(site: Site, page: Page) -> None:
    page.goto(site.address("/subscriptions/webinar"))
    page.get_by_label("Seats bought", exact=True).fill("1")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("ana@example.com")
    expect(page.get_by_label("Seats bought", exact=True)).to_have_value("1")


def test_held_seats_are_looked_at_and_kept_or_released(site: Site, page: Page) -> None:
    hold(site)
    page.goto(site.address("/subscriptions/meeting/held"))
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Keep those ticked").click()
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_role("status")).to_contain_text("1 seat is kept.")
    page.get_by_role("button", name="Release all").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Release 1 held seat")
    page.get_by_role("button", name="Release").click()
    expect(page.get_by_text("No seat is held.")).to_be_visible()


def test_issues_say_what_to_do_and_where(site: Site, page: Page) -> None:
    page.goto(site.address("/issues"))
    page.get_by_role("link", name="No free seat (2)").click()
    expect(page.get_by_text("whoever waits first gets it at once")).to_be_visible()
    page.get_by_role("row").last.get_by_role("link", name="No free seat").click()
    page.get_by_role("link", name="To the subscription").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Subscription of webinar")


def test_reports_are_drawn_narrowed_and_downloaded(site: Site, page: Page, album: Album) -> None:
    grow(site)
    page.goto(site.address("/reports"))
    page.get_by_role("link", name="Seat use over time").click()
    page.get_by_label("Product").select_option("training")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".uplot canvas")).to_have_count(1)
    album.take(page, "report-seat-use")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as CSV").click()
    assert download.value.suggested_filename == "acme-seat-use.csv"
    assert download.value.path().read_text().count("training") == DAYS + 1
    page.goto(site.address("/reports/waiting-list"))
    expect(page.get_by_role("figure")).to_contain_text("webinar")
    album.take(page, "report-waiting-list")
