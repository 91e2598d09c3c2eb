"""Importing people from a file."""

import csv
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.pictures import Album
from tests.browser.sites import Site

FILE = """email,first_name,last_name,products,role,groups
ines@example.com,Ines,Moreau,meeting,,Sales
jan@example.com,Jan,Kowal,webinar,manager,
ben@example.com,,,training,,Support
kim@example.com,Kim,Lund,whiteboard,,
"""
DROP = """content => {
    const data = new DataTransfer();
    data.items.add(new File([content], "joiners.csv", { type: "text/csv" }));
    for (const type of ["dragover", "drop"]) {
        document.body.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
    }
}"""


def test_people_are_imported_from_a_file_that_is_dropped(site: Site, page: Page, album: Album, tmp_path: Path) -> None:
    page.goto(site.address("/imports/new"))
    page.evaluate(DROP, FILE)
    page.get_by_role("button", name="See the verdicts").click()
    expect(page.get_by_role("status")).to_contain_text("Rows are being checked: 0 of 4")
    album.take(page, "import-progress")
    site.world.do_chore("imports")
    expect(page.get_by_role("heading", name="What would happen")).to_be_visible()
    expect(page.get_by_role("row", name="ben@example.com")).to_contain_text("Change")
    expect(page.get_by_role("row", name="kim@example.com")).to_contain_text("Refuse")
    album.take(page, "import-verdicts")
    page.get_by_role("button", name="Carry it out").click()
    album.take(page, "import-run")
    page.get_by_label("As far as it goes").check()
    page.get_by_role("button", name="Carry it out").click()
    expect(page.get_by_text("Rows are being carried out: 0 of 4")).to_be_visible()
    site.world.do_chore("imports")
    expect(page.get_by_role("heading", name="What happened")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the error file").click()
    download.value.save_as(tmp_path / "errors.csv")
    with (tmp_path / "errors.csv").open(newline="") as file:
        assert [row["email"] for row in csv.DictReader(file)] == ["kim@example.com"]
    page.goto(site.address("/imports"))
    expect(page.get_by_role("row", name="joiners.csv")).to_contain_text("ana@example.com")


def test_a_file_that_is_too_large_or_wrong_is_refused_with_what_to_do(site: Site, page: Page, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("name\nInes\n")
    page.goto(site.address("/imports/new"))
    page.get_by_label("CSV file").set_input_files(file)
    page.get_by_role("button", name="See the verdicts").click()
    expect(page.get_by_role("alert")).to_contain_text("column 'email' is missing")
    with file.open("wb") as large:
        large.truncate(site.world.installation.settings.import_max_bytes + 1)
    page.get_by_label("CSV file").set_input_files(file)
    page.get_by_role("button", name="See the verdicts").click()
    assert page.evaluate("document.querySelector('[type=file]').validationMessage").startswith("This file is larger")
