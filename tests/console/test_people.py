"""The list of people: narrowed by what the address says, page by page, exported; and who is not in it any more."""

import csv
from io import StringIO

import pytest

from scim_server.domain.particulars import Newcomer
from scim_server.domain.tenants import Tenant
from scim_server.services import joining
from tests.console.visitors import Visitor, text_of
from tests.http.test_statements import counting
from tests.worlds import CAUSE, Connection, World


@pytest.fixture
def staff(world: World, acme: Tenant, okta: Connection, ana: Visitor) -> Visitor:
    """Ana, who sees five others: one has a seat, one waits, one is suspended, one sells, one was added by hand."""
    world.buy(acme, "meeting", 1)
    okta.create_user("has@example.com", displayName="Hasina", entitlements=["meeting"])
    okta.create_user("waits@example.com", displayName="Wanda", entitlements=["meeting"])
    okta.create_user("off@example.com", displayName="Olaf", active=False)
    okta.create_group("Sales", okta.create_user("sells@example.com", displayName="Selma")["id"])
    joining.add_person(world.units, acme, CAUSE, Newcomer("hand@example.com", "Hana", "Novak"))
    return ana


def listed(visitor: Visitor, **conditions: str) -> set[str]:
    page = visitor.see("/people", **conditions)
    names = ("Ana Lima", "Hasina", "Wanda", "Olaf", "Selma", "Hana Novak")
    return {name.split()[0] for name in names if name in page}


@pytest.mark.parametrize(
    ("conditions", "names"),
    [
        ({}, {"Ana", "Hasina", "Wanda", "Olaf", "Selma", "Hana"}),
        ({"text": "wa"}, {"Wanda"}),
        ({"status": "waiting"}, {"Wanda"}),
        ({"status": "suspended"}, {"Olaf"}),
        ({"status": "active"}, {"Ana", "Hasina"}),
        ({"status": "unassigned"}, {"Selma", "Hana"}),
        ({"status": "deleted"}, set()),
        ({"status": "nonsense"}, set()),
        ({"product": "meeting"}, {"Hasina", "Wanda"}),
        ({"role": "super_admin"}, {"Ana"}),
        ({"group": "sales"}, {"Selma"}),
        ({"source": "admin"}, {"Hana"}),
        ({"source": "connection", "text": "ha"}, {"Hasina"}),
        ({"product": "meeting", "status": "active"}, {"Hasina"}),
    ],
)
def test_conditions_are_in_the_address_and_add_up(staff: Visitor, conditions: dict[str, str], names: set[str]) -> None:
    assert listed(staff, **conditions) == names


def test_the_form_shows_the_conditions_it_was_sent_with(staff: Visitor) -> None:
    page = staff.get("/people", status="waiting", group="Sales").text
    assert '<option value="waiting" selected>' in page
    assert 'name="group" list="groups" value="Sales"' in page


def test_one_connection_is_a_source_of_its_own(world: World, acme: Tenant, staff: Visitor) -> None:
    world.connect(acme, "entra").create_user("eva@example.com", displayName="Eva")
    page = staff.get("/people").text
    value = page.partition(">entra<")[0].rpartition('value="')[2].rstrip('"')
    assert value.startswith("connection:")
    assert (listed(staff, source=value), "Eva" in staff.see("/people", source=value)) == (set(), True)


def test_pages_follow_each_other_with_the_conditions(world: World, staff: Visitor, okta: Connection) -> None:
    for number in range(52):
        okta.create_user(f"crowd.{number:02}@example.com", active=False)
    first = staff.get("/people", status="suspended")
    assert ("crowd.48@" in first.text, "crowd.49@" in first.text) == (True, False)
    more = first.text.partition('<tr class="more">')[2].partition('href="')[2].partition('"')[0].replace("&amp;", "&")
    part = staff.browser.get(more, headers={"HX-Request": "true"})
    assert "<html" not in part.text
    assert ("crowd.49@" in part.text, "crowd.51@" in part.text, "Wanda" in part.text) == (True, True, False)


def test_a_page_costs_the_same_for_few_and_for_many(world: World, staff: Visitor, okta: Connection) -> None:
    with counting(world) as few:
        staff.see("/people", status="waiting")
    for number in range(20):
        okta.create_user(f"crowd.{number}@example.com", entitlements=["meeting"])
    with counting(world) as many:
        staff.see("/people", status="waiting")
    assert int(few) == int(many)


def test_an_empty_list_says_how_to_begin(operator: Visitor) -> None:
    assert "Connect an identity provider" in operator.see("/people")
    assert "Nobody meets these conditions" in operator.see("/people", text="x")


def test_what_is_listed_is_exported(staff: Visitor) -> None:
    answer = staff.get("/people.csv", product="meeting")
    rows = list(csv.DictReader(StringIO(answer.text)))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="acme-people.csv"'
    assert [(row["displayName"], row["status"], row["products"], row["waiting"]) for row in rows] == [
        ("Hasina", "active", "meeting", ""),
        ("Wanda", "waiting", "", "meeting"),
    ]


def test_names_stay_text_wherever_they_are_shown(staff: Visitor, okta: Connection) -> None:
    person = okta.create_user("x@example.com", displayName="<script>alert(1)</script>")
    for path in ("/people", f"/people/{person['id']}", f"/people/chosen?deed=delete&user={person['id']}"):
        page = staff.get(path)
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;alert(1)" in page.text


def test_a_damaged_address_is_told(staff: Visitor) -> None:
    page = staff.get("/people", after="nonsense")
    assert (page.status_code, "is damaged" in text_of(page)) == (400, True)
