"""The audit trail, as an admin searches it, proves it and takes changes back."""

from playwright.sync_api import Page, expect

from tests.browser.pictures import Album
from tests.browser.sites import Site


def test_a_change_is_found_read_and_taken_back(site: Site, page: Page, album: Album) -> None:
    ines = site.okta.create_user("ines@example.com", displayName="Inès Roy", entitlements=["meeting"])
    site.okta.patch(f"/Users/{ines['id']}", {"op": "replace", "path": "displayName", "value": "Inès Leroy"})
    page.goto(site.address("/audit"))
    page.get_by_label("Person, group or id").press_sequentially("ines@example.com")
    page.get_by_label("Action").press_sequentially("user.changed")
    expect(page.locator("#entries tr")).to_have_count(1)
    page.locator("#entries a").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Person: changed")
    page.get_by_role("button", name="Undo all of this request").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Undo this change?")
    album.take(page, "undo")
    page.locator("main form button").click()
    expect(page.get_by_role("status")).to_contain_text("It was taken back")
    assert site.okta.get(f"/Users/{ines['id']}").json["displayName"] == "Inès Roy"
    page.get_by_role("status").get_by_role("link", name="Undo").click()
    page.locator("main form button").click()
    expect(page.get_by_role("status")).to_contain_text("It was taken back")
    assert site.okta.get(f"/Users/{ines['id']}").json["displayName"] == "Inès Leroy"


def test_the_trail_is_verified_with_progress(site: Site, page: Page, album: Album) -> None:
    bulk = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
    for turn in range(5):
        operations = [
            {"method": "POST", "path": "/Users", "bulkId": str(each), "data": {"userName": f"u{turn}.{each}@x.test"}}
            for each in range(500)
        ]
        assert site.okta.post("/Bulk", {"schemas": [bulk], "Operations": operations}).status_code == 200
    site.world.installation.sealer.flush()
    page.goto(site.address("/audit/verification"))
    page.get_by_role("button", name="Verify now").click()
    expect(page.locator("#verification .done")).to_contain_text("Whole: 2,5")
    album.take(page, "audit-verification")
