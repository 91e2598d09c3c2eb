"""People, as an admin sees and changes them."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from scim_server.domain.particulars import Newcomer
from scim_server.services import authorising, joining, leaving, scheduling
from tests.browser.conftest import signed_in
from tests.browser.pictures import Album
from tests.browser.sites import Site
from tests.worlds import CAUSE

ROWS = "#people tr"
HOSTILE = "<img src=x onerror=alert(1)>"


def id_of(site: Site, name: str) -> str:
    return site.world.person(site.tenant, f"{name}@example.com").user.id


@pytest.fixture
def staff(site: Site) -> Site:
    """The site with somebody who was added by hand, somebody who is gone, somebody who waits, and a session."""
    world, tenant = site.world, site.tenant
    world.connect(world.tenant("globex")).create_user("zoe@example.org")
    for address, last in (("ivy@example.com", "Stone"), ("zoe@example.org", "Young")):
        joining.add_person(world.units, tenant, CAUSE, Newcomer(address, address[:3].title(), last, ("meeting",)))
    leaving.delete_person(world.units, tenant, CAUSE, "hugo@example.com")
    authorising.grant_role(world.units, tenant, CAUSE, "ben@example.com", "manager", ["Sales"])
    starts = "2099-01-01T10:00:00Z"
    row = {"id": "s1", "kind": "meeting", "organiser": "ben@example.com", "title": HOSTILE, "starts": starts}
    scheduling.put_session(world.units, tenant, CAUSE, row)
    return site


def test_people_are_found_while_one_types_and_the_address_remembers(site: Site, page: Page, album: Album) -> None:
    page.goto(site.address("/people"))
    expect(page.locator(ROWS)).to_have_count(8)
    album.take(page, "people")
    page.get_by_label("Name", exact=True).press_sequentially("cle")
    expect(page.locator(ROWS)).to_have_count(1)
    expect(page.locator(ROWS)).to_contain_text("Cleo Marsh")
    page.get_by_label("Name", exact=True).fill("")
    page.get_by_label("Status").select_option("waiting")
    expect(page.locator(ROWS)).to_have_count(2)
    expect(page).to_have_url(re.compile(r"/people\?status=waiting$"))
    page.reload()
    expect(page.locator(ROWS)).to_have_count(2)
    with page.expect_download() as download:
        page.get_by_role("button", name="Export as CSV").click()
    assert download.value.path().read_text().count(",waiting,no_seat,") == 2


def test_a_page_tells_why_and_what_can_be_done(staff: Site, page: Page, album: Album) -> None:
    page.goto(staff.address("/people"))
    page.get_by_role("link", name="Ben Okoro").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ben Okoro")
    expect(page.get_by_text("rule 1 for the group “Sales” gives it").first).to_be_visible()
    expect(page.get_by_text(HOSTILE).first).to_be_visible()
    album.take(page, "person")
    page.get_by_role("button", name="Edit").click()
    expect(page.get_by_role("textbox")).to_have_count(0)


def test_several_are_suspended_and_come_back(site: Site, page: Page, album: Album) -> None:
    page.goto(site.address("/people"))
    page.get_by_label("Choose all that are shown").check()
    page.get_by_label("Choose Ana Lima").uncheck()
    page.get_by_role("button", name="Suspend").click()
    expect(page.locator("tbody tr")).to_have_count(7)
    page.locator("main").get_by_role("button", name="Suspend").click()
    expect(page.get_by_role("status")).to_contain_text("Suspended: 7 people.")
    expect(page.locator(".mark.suspended")).to_have_count(7)
    page.goto(site.address(f"/people/chosen?deed=reactivate&user={id_of(site, 'ben')}"))
    album.take(page, "people-chosen")
    page.get_by_role("button", name="Reactivate").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ben Okoro")
    expect(page.locator("main .mark")).to_have_text("Active")


def test_somebody_is_added_edited_and_given_a_role(site: Site, page: Page) -> None:
    page.goto(site.address("/people"))
    page.get_by_role("button", name="Add people").click()
    one = page.locator("form").filter(has=page.get_by_label("First name"))
    one.get_by_label("E-mail").fill("ivy@example.com")
    one.get_by_label("First name").fill("Ivy")
    one.get_by_label("Last name").fill("Stone")
    one.get_by_label("meeting").check()
    one.get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ivy Stone")
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Department").fill("Sales")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Sales", exact=True)).to_be_visible()
    page.get_by_role("button", name="Grant a role").click()
    page.get_by_label("Role").select_option("admin")
    page.get_by_role("button", name="Grant").click()
    page.get_by_role("link", name="Revoke Admin").click()
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("No role beyond what every member has.")).to_be_visible()


def test_a_transfer_is_seen_then_done(staff: Site, page: Page, album: Album) -> None:
    page.goto(staff.address(f"/people/{id_of(staff, 'ben')}/transfer"))
    page.get_by_label("Receiver", exact=True).fill("eva@example.com")
    page.get_by_role("button", name="Show what would happen").click()
    expect(page.get_by_text("ben@example.com is kept out of 'webinar'")).to_be_visible()
    page.goto(page.url.partition("#")[0])
    album.take(page, "transfer")
    page.get_by_role("button", name="Transfer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Eva Novak")
    expect(page.get_by_text("ben@example.com transferred it").first).to_be_visible()


def test_who_is_gone_comes_back_and_who_waits_is_invited(staff: Site, page: Page) -> None:
    page.goto(staff.address("/people/deleted"))
    page.get_by_role("link", name="Restore").click()
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hugo Martin")
    page.goto(staff.address("/people/pending"))
    page.get_by_role("link", name="Invite", exact=True).click()
    expect(page.get_by_label("E-mail")).to_have_value("zoe@example.org")
    expect(page.get_by_label("meeting")).to_be_checked()
    page.goto(staff.address("/people/invitations"))
    expect(page.get_by_text("Nobody was invited.")).to_be_visible()


def test_a_manager_of_some_sees_them_alone(staff: Site, context: BrowserContext) -> None:
    page = signed_in(context, staff.link("ben@example.com"))
    expect(page.locator(ROWS)).to_have_count(4)
    expect(page.get_by_role("navigation", name="Sections").get_by_role("link")).to_have_count(1)
