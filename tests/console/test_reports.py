"""Reports: tables page by page, charts, and files."""

import csv
import io
import json
from datetime import timedelta

import pytest

from scim_server.console.report_cells import shown
from scim_server.console.words.reports import COLUMNS, OPTIONS, TITLES
from scim_server.domain.tenants import Tenant
from scim_server.services import reporting, reports, seeing
from tests.console import visitors
from tests.console.visitors import Visitor
from tests.worlds import Connection, World

DAY = 86_400


@pytest.fixture
def busy(world: World, acme: Tenant, okta: Connection) -> None:
    """Three days of use; one of two with a seat is idle, two wait, and somebody has what is no product."""
    world.ahead -= timedelta(days=40)
    world.buy(acme, "meeting", 2)
    for number in range(4):
        okta.create_user(f"p{number}@example.com", displayName=f"Person {number}", entitlements=["meeting"])
    for _ in range(3):
        world.do_chore("seat-use")
        world.advance(DAY)
    world.ahead = timedelta()
    seeing.report_batch(world.units, acme, [("p0@example.com", None)])
    okta.create_user("odd@example.com", entitlements=["whiteboard"])
    world.decide("acme", receipts="yes")
    leaver = okta.create_user("leaver@example.com")["id"]
    okta.patch(f"/Users/{leaver}", {"op": "replace", "path": "active", "value": False})


def test_every_report_is_there_with_words_for_all_that_it_shows(ana: Visitor) -> None:
    assert TITLES.keys() == reporting.REPORTS.keys()
    assert {column.name for report in reporting.REPORTS.values() for column in shown(report)} == COLUMNS.keys()
    assert {option.name for option in reports.OPTIONS} == OPTIONS.keys()
    page = ana.get("/reports").text
    for name in reporting.REPORTS:
        assert f'href="/console/tenants/acme/reports/{name}"' in page
    assert ana.get("/reports/nix").status_code == 404


@pytest.mark.parametrize("name", reporting.REPORTS)
def test_each_has_a_table_and_files_with_all_its_rows(busy: None, ana: Visitor, name: str) -> None:
    page = ana.get(f"/reports/{name}")
    assert page.status_code == 200
    rows = json.loads(ana.get(f"/reports/{name}/file", format="json").text)
    assert page.text.rpartition("<tbody>")[2].count("<tr>") == len(rows)
    listed = list(csv.DictReader(io.StringIO(ana.get(f"/reports/{name}/file").text)))
    assert len(listed) == len(rows)
    assert rows == [] or list(listed[0]) == [column.name for column in reporting.REPORTS[name].columns]
    assert ("data-chart" in page.text, "<meter" in page.text) == {
        "seat-use": (True, False),
        "upcoming-sessions": (False, False),
        "user-status": (False, False),
        "idle-seats": (False, False),
        "leaver-receipts": (False, False),
    }.get(name, (False, True))


def test_what_is_narrowed_is_narrowed_in_the_file_too(busy: None, ana: Visitor) -> None:
    assert "p0@example.com" in ana.see("/reports/user-status", status="active")
    assert "p3@example.com" not in ana.see("/reports/user-status", status="active")
    page = ana.get("/reports/user-status", status="waiting").text
    address = page.partition("/reports/user-status/file?")[2].partition('"')[0].replace("&amp;", "&")
    listed = ana.get(f"/reports/user-status/file?{address}").text
    assert "p3@example.com" in listed
    assert "p0@example.com" not in listed


@pytest.mark.parametrize(
    ("name", "query", "why"),
    [
        ("idle-seats", {"days": "0"}, "'0' is no number of days from 1 to 3650."),
        ("user-status", {"group": "Nix"}, "Tenant 'acme' has no group 'Nix'."),
        ("seat-use", {"product": "nix"}, "There is no product 'nix'."),
        ("seat-use", {"from": "2026-11-30", "to": "2026-11-01"}, "to: it is before from."),
    ],
)
def test_what_makes_no_sense_is_said_above_the_form(ana: Visitor, name: str, query: dict[str, str], why: str) -> None:
    page = ana.get(f"/reports/{name}", **query)
    assert page.status_code in {400, 404}
    assert why in visitors.text_of(page)
    assert all(f'value="{text}"' in page.text for key, text in query.items() if key != "product")
    assert ana.get(f"/reports/{name}/file", **query).status_code == page.status_code


@pytest.mark.parametrize("after", ["nonsense", "[]", '["a"]', '["a",1,"b","c","d"]', '["a","b","c","d","e"]'])
def test_a_damaged_address_is_told_so(ana: Visitor, after: str) -> None:
    page = ana.get("/reports/waiting-list", after=after)
    assert page.status_code == 400
    assert "damaged" in visitors.text_of(page)


def test_a_long_one_goes_on(world: World, acme: Tenant, okta: Connection, ana: Visitor) -> None:
    world.buy(acme, "meeting", 1)
    for number in range(54):
        okta.create_user(f"p{number:02}@example.com", entitlements=["meeting"])
    page = ana.get("/reports/waiting-list", product="meeting").text
    assert "p50@example.com" in page
    assert "p51@example.com" not in page
    more = page.rpartition('hx-get="')[2].partition('"')[0].replace("&amp;", "&")
    rest = ana.browser.get(more, headers={"HX-Request": "true"}).text
    assert rest.count("<tr>") == 3
    assert "1 of 1 seats are assigned." in rest


def test_codes_are_words_of_the_language(
    world: World, acme: Tenant, okta: Connection, busy: None, ana: Visitor
) -> None:
    french = visitors.person(world, acme, "ana@example.com", accept_language="fr")
    assert "En attente aucune licence libre" in french.see("/reports/user-status", status="waiting")
    assert "2 licences sur 2 sont attribuées." in french.see("/reports/waiting-list")
    assert "Produit inconnu attribué" in french.see("/reports/sync-issues")
    refused = french.get("/reports/idle-seats", days="0")
    assert "jours" in visitors.text_of(refused).partition("Inutilisées")[0]
