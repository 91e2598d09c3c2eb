"""Subscriptions: what was bought and on which terms, more of it, and who has or waits for a seat."""

import csv
import io

import pytest
from werkzeug.test import TestResponse

from scim_server.domain.tenants import Tenant
from tests.console import visitors
from tests.console.visitors import Visitor
from tests.worlds import Connection, World


def table(answer: TestResponse) -> list[list[str]]:
    """A CSV file without its header."""
    assert answer.status_code == 200
    assert answer.content_type == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(answer.text)))[1:]


@pytest.fixture
def crowd(world: World, acme: Tenant, okta: Connection) -> list[str]:
    """Three seats and sixty people who want one, of whom some by a rule; their ids."""
    world.buy(acme, "meeting", 3)
    ids = [okta.create_user(f"p{number:02}@example.com", entitlements=["meeting"])["id"] for number in range(57)]
    others = [okta.create_user(f"q{number}@example.com")["id"] for number in range(3)]
    okta.create_group("Sales", *others)
    world.rule(acme, "Sales", "meeting")
    return [*ids, *others]


def test_the_first_seats_of_a_product_are_bought(world: World, acme: Tenant, ana: Visitor) -> None:
    assert "No subscription yet" in ana.see("/subscriptions")
    page = ana.done("/new-subscription", product="webinar", seats="4", policy="overage", overage="2")
    assert "The subscription was saved." in page
    assert "Go beyond, within the allowance (+2)" in page
    assert world.seats(acme, "webinar") == (0, 0, 4)
    assert 'value="webinar"' not in ana.get("/new-subscription").text
    assert table(ana.get("/subscriptions.csv")) == [["webinar", "4", "0", "0", "4", "0", "overage", "2"]]


def test_terms_are_changed(world: World, acme: Tenant, ana: Visitor) -> None:
    world.buy(acme, "meeting", 3)
    saved = ana.submit("/subscriptions/meeting", seats="7", policy="reject", overage="9")
    assert saved.status_code == 303
    assert world.seats(acme, "meeting") == (0, 0, 7)
    page = ana.see("/subscriptions/meeting")
    assert "Refuse" in page
    assert "(+9)" not in page, "an allowance is for one policy alone"


def test_a_change_can_be_undone(world: World, acme: Tenant, ana: Visitor) -> None:
    world.buy(acme, "meeting", 3)
    saved = ana.submit("/subscriptions/meeting/add", more="4")
    page = ana.get(saved.headers["Location"]).text
    undo = page.partition(">Undo<")[0].rpartition('href="')[2].partition('"')[0]
    assert world.seats(acme, "meeting") == (0, 0, 7)
    assert ana.submit(undo).status_code == 303
    assert world.seats(acme, "meeting") == (0, 0, 3)


def test_seats_that_people_hold_are_not_given_back(world: World, acme: Tenant, crowd: list[str], ana: Visitor) -> None:
    why = ana.refused("/subscriptions/meeting", seats="2")
    assert "p00@example.com, p01@example.com, p02@example.com" in why
    assert world.seats(acme, "meeting") == (3, 57, 0)


@pytest.mark.parametrize("typed", [{"seats": "many"}, {"seats": "-1"}, {"seats": "9" * 30}, {"policy": "hope"}])
def test_what_makes_no_sense_is_refused_and_kept_in_the_form(
    world: World, acme: Tenant, ana: Visitor, typed: dict[str, str]
) -> None:
    world.buy(acme, "meeting", 3)
    answer = ana.submit("/subscriptions/meeting", **typed)
    assert answer.status_code == 400
    assert f'value="{typed.get("seats", 3)}"' in answer.text
    assert world.seats(acme, "meeting") == (0, 0, 3)


def test_licences_are_added_to_what_there_is(world: World, acme: Tenant, crowd: list[str], ana: Visitor) -> None:
    assert 'value="57"' in ana.get("/subscriptions/meeting/add").text, "as many as people wait"
    page = ana.done("/subscriptions/meeting/add", more="2")
    assert "2 licences were added: 5 bought, 0 free, 55 waiting." in page
    assert ana.refused("/subscriptions/meeting/add", more="0")


def test_where_there_is_a_billing_page_requests_are_recorded(
    world: World, acme: Tenant, okta: Connection, ana: Visitor
) -> None:
    world.buy(acme, "meeting", 3)
    world.decide("acme", billing_url="https://billing.example.com/acme?plan=1&x=2")
    okta.create_user("ben@example.com")
    ben = visitors.person(world, acme, "ben@example.com", "admin")
    page = ben.done("/subscriptions/meeting/add", more="2")
    assert "Your request was recorded." in page
    assert "2 licences" in page
    assert "ben@example.com" in page
    assert 'href="https://billing.example.com/acme?plan=1&amp;x=2"' in ben.get("/subscriptions/meeting/add").text
    assert world.seats(acme, "meeting") == (0, 0, 3)
    (entry,) = [each for each in world.trail(acme) if each.action == "seats.ordered"]
    assert (entry.object_id, entry.after, entry.actor.partition(":")[0]) == ("meeting", {"seats": 2}, "person")
    assert "Last asked for" in ben.see("/subscriptions/meeting")
    assert ben.submit("/subscriptions/meeting/add", more="0").status_code == 400


def test_who_may_not_buy_is_told_whom_to_ask(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "meeting", 3)
    okta.create_user("ben@example.com")
    ben = visitors.person(world, acme, "ben@example.com", "admin")
    assert "Ask a super admin" in ben.see("/subscriptions/meeting/add")
    assert "Change the terms" not in ben.see("/subscriptions/meeting")
    assert ben.get("/new-subscription").status_code == 403


def test_the_waiting_list_is_in_order_and_goes_on(world: World, acme: Tenant, crowd: list[str], ana: Visitor) -> None:
    page = ana.see("/subscriptions/meeting/waiting")
    assert page.index("p03@example.com") < page.index("p04@example.com")
    assert "By the identity provider" in page
    assert "3 of 3 seats are assigned." in page
    more = ana.get("/subscriptions/meeting/waiting").text.rpartition('hx-get="')[2].partition('"')[0]
    rest = ana.see(more.replace("&amp;", "&"))
    assert "q2@example.com" in rest
    assert "By the rule for Sales" in rest
    part = ana.browser.get(more.replace("&amp;", "&"), headers={"HX-Request": "true"}).text
    assert part.count("<tr>") == 7
    assert "<main" not in part
    assert [row[:2] for row in table(ana.get("/subscriptions/meeting/waiting.csv"))][::56] == [
        ["1", "p03@example.com"],
        ["57", "q2@example.com"],
    ]


@pytest.mark.parametrize("after", ["nonsense", '["a"]', '["a","b","c","d"]', "[1,2,3,4]"])
def test_a_damaged_address_is_told_so(world: World, acme: Tenant, ana: Visitor, after: str) -> None:
    world.buy(acme, "meeting", 3)
    assert ana.get("/subscriptions/meeting/waiting", after=after).status_code == 400


def test_holders_are_listed_with_the_source(world: World, acme: Tenant, crowd: list[str], ana: Visitor) -> None:
    page = ana.see("/subscriptions/meeting/holders")
    assert "p02@example.com" in page
    assert "p03@example.com" not in page
    held = table(ana.get("/subscriptions/meeting/holders.csv"))
    assert [(row[0], row[1], row[4]) for row in held] == [
        ("assigned", f"p0{number}@example.com", "direct") for number in range(3)
    ]


def test_a_product_that_was_never_bought_is_not_there(world: World, acme: Tenant, ana: Visitor) -> None:
    for path in ("", "/waiting", "/holders", "/held", "/add", "/waiting.csv", "/holders.csv", "/held.csv"):
        assert ana.get(f"/subscriptions/webinar{path}").status_code == 404
