"""Importing in the console: a file is brought, judged, carried out behind the requests, stopped, and handed back."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest

from scim_server.domain.tenants import Tenant
from scim_server.services import authorising, importing
from tests.console import visitors
from tests.console.visitors import Visitor, text_of
from tests.http.test_statements import counting
from tests.worlds import CAUSE, Connection, World, contents

FILE = (
    "email,first_name,last_name,products,role,groups\n"
    "ben@x.test,Ben,Okoro,meeting,manager,Sales\n"
    "ana@example.com,,,meeting,,Sales\n"
    "cleo@x.test,Cleo,,webinar,,\n"
    "dev@x.test,Dev,,nothing,,\n"
)


@pytest.fixture
def stocked(world: World, acme: Tenant, okta: Connection) -> None:
    """acme with five seats of meeting, none of webinar, and a group Sales."""
    world.buy(acme, "meeting", 5)
    world.buy(acme, "webinar", 0)
    okta.create_group("Sales")


def upload(content: str | bytes, name: str = "people.csv") -> tuple[io.BytesIO, str]:
    """What the file input of a form sends."""
    return io.BytesIO(content.encode() if isinstance(content, str) else content), name


def brought(world: World, visitor: Visitor, content: str = FILE) -> str:
    """Bring a file and have it checked; answers the address of the import's page."""
    answer = visitor.submit("/imports/new", file=upload(content))
    assert answer.status_code == 303, text_of(answer)
    assert world.do_chore("imports") is not None
    return str(answer.headers["Location"])


def rows_of(lines: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(lines)))


@pytest.mark.usefixtures("stocked")
def test_every_row_has_its_verdict_before_anything_happens(world: World, acme: Tenant, ana: Visitor) -> None:
    assert "Nobody has imported anything" in ana.see("/imports")
    people = world.rows("users")
    answer = ana.submit("/imports/new", file=upload(FILE, "joiners.csv"))
    address = answer.headers["Location"]
    assert "Rows are being checked: 0 of 4" in ana.see(address)
    world.do_chore("imports")
    page = ana.see(address)
    assert "meeting 2 5 0" in page
    assert "webinar 1 0 1" in page
    for row in (
        "2 ben@x.test Ben Okoro Add meeting manager Sales",
        "3 ana@example.com Change meeting Sales",
        "4 cleo@x.test Cleo Add webinar no seat of 'webinar' is free",
        "5 dev@x.test Dev Refuse nothing products: There is no product 'nothing'",
    ):
        assert row in page
    assert world.rows("users") == people
    conflicts = ana.see(address, verdict="conflict")
    assert ("dev@x.test" in conflicts, "cleo@x.test" in conflicts) == (True, False)
    assert "joiners.csv Checked 4 0 0 1 ana@example.com" in ana.see("/imports")
    (listed,) = rows_of(ana.get("/imports/export").text)
    assert (listed["file"], listed["brought_by"], listed["create"]) == ("joiners.csv", "ana@example.com", "2")


@pytest.mark.usefixtures("stocked")
def test_a_row_shows_what_it_would_add_to_what_somebody_has(world: World, okta: Connection, ana: Visitor) -> None:
    okta.create_user("ed@example.com", entitlements=["meeting"])
    address = brought(world, ana, "email,products,groups\ned@example.com,meeting|webinar,Sales\n")
    page = ana.get(address).text
    assert "<td>webinar</td>" in page
    assert "meeting" not in page.partition('id="rows"')[2]


@pytest.mark.usefixtures("stocked")
def test_why_is_told_in_the_language_of_the_page(world: World, acme: Tenant, ana: Visitor) -> None:
    address = brought(world, ana)
    page = visitors.person(world, acme, "ana@example.com", accept_language="fr").see(address)
    for row in (
        "4 cleo@x.test Cleo Ajouter webinar aucune licence de « webinar » n’est libre : la personne en attend une",
        "5 dev@x.test Dev Refuser nothing products : Il n’y a pas de produit « nothing »",
    ):
        assert row in page


@pytest.mark.usefixtures("stocked")
def test_who_leaves_a_check_behind_finds_it_done(world: World, acme: Tenant, ana: Visitor) -> None:
    address = ana.submit("/imports/new", file=upload(FILE)).headers["Location"]
    ana.done(f"{address}/stop")
    assert world.do_chore("imports") == 0
    other = ana.submit("/imports/new", file=upload(FILE)).headers["Location"]
    ana.done(f"{other}/run", mode="best_effort")
    assert world.do_chore("imports") == 4
    assert "people.csv Done 4 2 1 1" in ana.see("/imports")


@pytest.mark.usefixtures("stocked")
def test_what_can_be_is_carried_out_in_the_background_and_the_rest_handed_back(
    world: World, acme: Tenant, ana: Visitor
) -> None:
    address = brought(world, ana)
    assert "all or nothing would be nothing" in ana.see(f"{address}/run")
    assert "It goes on if you leave this page" in ana.done(f"{address}/run", mode="best_effort")
    assert "Rows are being carried out: 0 of 4" in ana.see(address)
    assert world.do_chore("imports") == 4
    page = ana.see(address)
    assert "What happened" in page
    assert world.held_by(acme, "ben@x.test") == {"meeting": "assigned"}
    assert world.held_by(acme, "cleo@x.test") == {"webinar": "waiting"}
    (refused,) = rows_of(ana.get(f"{address}/errors").text)
    assert (refused["email"], "no product 'nothing'" in refused["reason"]) == ("dev@x.test", True)
    verdicts = rows_of(ana.get(f"{address}/verdicts").text)
    assert [(row["line"], row["verdict"]) for row in verdicts] == [
        ("2", "create"),
        ("3", "update"),
        ("4", "create"),
        ("5", "conflict"),
    ]
    assert len(rows_of(ana.get(f"{address}/verdicts?verdict=conflict").text)) == 1


@pytest.mark.usefixtures("stocked")
def test_all_or_nothing_is_nothing_where_a_row_is_refused(world: World, acme: Tenant, ana: Visitor) -> None:
    address = brought(world, ana)
    ana.done(f"{address}/run", mode="all_or_nothing")
    world.do_chore("imports")
    assert "nobody was changed" in ana.see(address)
    assert "people.csv Refused 4 0 0 1" in ana.see("/imports")


def test_an_import_can_be_undone(world: World, ana: Visitor) -> None:
    address = brought(world, ana, "email\nben@x.test\n")
    ana.done(f"{address}/run")
    world.do_chore("imports")
    undo = ana.get(address).text.partition("/undo")[0].rpartition('"')[2] + "/undo"
    ana.done(undo)
    assert "ben@x.test" not in ana.see("/people")


def test_a_script_asks_how_far_it_is_until_there_is_more_to_see(world: World, ana: Visitor) -> None:
    address = brought(world, ana, "email\nben@x.test\n")
    ana.done(f"{address}/run")

    def poll() -> Any:
        return ana.browser.get(address, headers={"HX-Request": "true"})

    assert 'hx-trigger="every 2s"' in poll().text
    assert "<html" not in poll().text
    world.do_chore("imports")
    assert (poll().status_code, poll().headers["HX-Redirect"]) == (204, address)


def test_rows_go_on_behind_the_page(world: World, ana: Visitor) -> None:
    address = brought(world, ana, "email\n" + "".join(f"p{number}@x.test\n" for number in range(60)))
    page = ana.get(address)
    assert ("p49@x.test" in page.text, "p50@x.test" in page.text) == (True, False)
    more = page.text.partition('class="more"')[2].partition('href="')[2].partition('"')[0].replace("&amp;", "&")
    part = ana.browser.get(more, headers={"HX-Request": "true"}).text
    assert ("p49@x.test" in part, "p50@x.test" in part, "p59@x.test" in part) == (False, True, True)


def test_the_page_costs_the_same_statements_however_many_rows(world: World, ana: Visitor, stocked: None) -> None:
    costs = []
    for number in (2, 40):
        rows = "".join(f"p{each}@x.test,meeting|webinar,Sales\n" for each in range(number))
        address = brought(world, ana, f"email,products,groups\n{rows}")
        with counting(world) as counted:
            ana.see(address)
        costs.append(len(counted.statements))
    assert costs[0] == costs[1]


def test_an_import_is_called_off_before_it_ends(world: World, acme: Tenant, ana: Visitor) -> None:
    address = brought(world, ana, "email\nben@x.test\n")
    ana.done(f"{address}/run")
    assert "No row was carried out" in ana.see(f"{address}/stop")
    assert "called off" in ana.done(f"{address}/stop")
    assert world.do_chore("imports") == 0
    assert "people.csv Called off" in ana.see("/imports")
    assert "there is nothing to call off" in ana.refused(f"{address}/stop")
    assert "there is nothing left to do" in ana.refused(f"{address}/run", mode="best_effort")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("name\nAna\n", "unknown column 'name'"),
        (b"email\nJos\xe9\n", "Line 2 is not in UTF-8"),
        (b"\xff\xfee\0m\0a\0i\0l\0", "The file is in UTF-16"),
        ("email\n", "has a header and no rows"),
        ("", "no header"),
        ("email\n" + "a@x.test\n" * 20_000, "larger than 100,000 bytes"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_on_the_form_and_leaves_nothing(
    build_world: Callable[..., World], content: str | bytes, complaint: str
) -> None:
    world = build_world(import_max_bytes=100_000)
    world.tenant("acme")
    operator = visitors.operator(world, "acme")
    operator.see("/imports/new")
    before = contents(world)
    answer = operator.submit("/imports/new", file=upload(content))
    assert (answer.status_code, complaint in text_of(answer)) == (400, True), text_of(answer)
    assert "Drop it here" in text_of(answer)
    assert contents(world) == before


def test_a_form_without_a_file_is_refused(ana: Visitor) -> None:
    assert ana.refused("/imports/new", file=upload("", "")) == "Choose a CSV file first."


def test_everybody_is_exported_as_a_file_that_changes_nothing(world: World, ana: Visitor, stocked: None) -> None:
    address = brought(world, ana)
    ana.done(f"{address}/run", mode="best_effort")
    world.do_chore("imports")
    exported = ana.get("/imports/everybody")
    assert (exported.mimetype, "acme-people.csv" in exported.headers["Content-Disposition"]) == ("text/csv", True)
    assert "ben@x.test,Ben,Okoro,meeting,manager,Sales," in exported.text
    again = ana.get(f"{brought(world, ana, exported.text)}/verdicts")
    assert {row["verdict"] for row in rows_of(again.text)} == {"unchanged"}


def test_the_template_can_be_imported(world: World, ana: Visitor) -> None:
    template = ana.get("/imports/template").text
    assert brought(world, ana, template)


def test_who_may_not_write_people_sees_imports_and_brings_none(
    world: World, acme: Tenant, okta: Connection, ana: Visitor
) -> None:
    address = brought(world, ana, "email\nben@x.test\n")
    authorising.create_role(world.units, acme, CAUSE, "reader", "Reader", "Reads.", ["people.read"])
    okta.create_user("rita@example.com")
    rita = visitors.person(world, acme, "rita@example.com", "reader")
    assert "Import people" not in rita.see("/imports")
    assert "Carry it out" not in rita.see(address)
    for path in ("/imports/new", f"{address}/run", f"{address}/stop"):
        assert rita.get(path).status_code == 403


def test_nobody_grants_by_a_file_what_they_may_not_grant(world: World, acme: Tenant, okta: Connection) -> None:
    okta.create_user("max@example.com")
    manager = visitors.person(world, acme, "max@example.com", "manager")
    address = brought(world, manager, "email,role\nben@x.test,admin\n")
    assert "highest role that may be granted" in manager.see(address)
    assert "groups.write" in manager.refused("/imports/new", file=upload("email,groups\nben@x.test,Sales\n"))


def test_an_import_of_another_tenant_is_not_there(world: World, ana: Visitor) -> None:
    globex = world.tenant("globex")
    source = importing.Source(io.BytesIO(b"email\nben@x.test\n"), "people.csv", 1000)
    job = importing.read(world.units, globex, CAUSE, source)
    for page in ("", "/run", "/stop", "/errors", "/verdicts"):
        assert ana.get(f"/imports/of/{job.id}{page}").status_code == 404


def test_what_a_file_says_stays_text(world: World, ana: Visitor) -> None:
    script = "<script>alert(1)</script>"
    address = brought(world, ana, f"email,first_name\n{script}@x.test,{script}\n")
    page = ana.get(address).text
    assert script not in page
    assert "&lt;script&gt;" in page
