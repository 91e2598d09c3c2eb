"""Open issues by kind, and what to do about each."""

import pytest

from scim_server.console.words.issues import WORDS
from scim_server.domain.tenants import Tenant
from scim_server.services.issues import KINDS
from tests.console import visitors
from tests.console.test_subscriptions import table
from tests.console.visitors import Visitor
from tests.troubles import trouble
from tests.worlds import Connection, World


@pytest.fixture
def troubled(world: World, acme: Tenant, okta: Connection) -> dict[str, str]:
    """One waits, one has a wrong entitlement, a group has a stranger, and a rule has lost its group; ids of people."""
    return trouble(world, acme, okta, "max@x.test")


def test_every_kind_has_its_words() -> None:
    assert WORDS.keys() == KINDS.keys()


def test_they_are_listed_by_kind_with_what_to_do(troubled: dict[str, str], ana: Visitor) -> None:
    page = ana.see("/issues")
    assert "All (5)" in page
    for title in ("No free seat", "Few seats left", "Rule without its group", "Unknown product assigned"):
        assert title in page
    narrowed = ana.see("/issues", code="UNKNOWN_ENTITLEMENT")
    assert "whiteboard" in narrowed
    assert "ben@x.test" not in narrowed
    assert "have the operator add the product" in narrowed
    assert ana.get("/issues", code="NIX").status_code == 404
    assert len(table(ana.get("/issues.csv"))) == 5


def test_each_leads_to_where_it_is_solved(troubled: dict[str, str], ana: Visitor) -> None:
    page = ana.get("/issues").text
    assert 'href="/console/tenants/acme/subscriptions/meeting">To the subscription' in page
    assert f'href="/console/tenants/acme/people/{troubled["cid@x.test"]}">To the person' in page


def test_one_closes_where_it_no_longer_holds(world: World, troubled: dict[str, str], ana: Visitor) -> None:
    address = ana.get("/issues", code="UNKNOWN_ENTITLEMENT").text.partition('<th scope="row"><a href="')[2]
    address = address.partition('"')[0]
    assert "The issue still holds." in ana.done(address)
    world.sell("whiteboard")
    assert "The issue is closed." in ana.done(address)
    page = ana.see(address)
    assert "Closed" in page
    assert "Look again" not in page


def test_where_none_is_open_the_page_says_what_comes_here(ana: Visitor) -> None:
    assert "No issue is open." in ana.see("/issues")


def test_the_list_goes_on(world: World, acme: Tenant, okta: Connection, ana: Visitor) -> None:
    world.buy(acme, "meeting", 0)
    for number in range(53):
        okta.create_user(f"p{number}@example.com", entitlements=["meeting"])
    page = ana.get("/issues", code="NO_SEAT")
    more = page.text.rpartition('hx-get="')[2].partition('"')[0].replace("&amp;", "&")
    rest = ana.browser.get(more, headers={"HX-Request": "true"}).text
    assert (page.text.count("<tr>"), rest.count("<tr>")) == (51, 3)


def test_what_they_are_about_stays_text(world: World, acme: Tenant, okta: Connection, ana: Visitor) -> None:
    okta.create_user("ben@x.test", entitlements=["<script>alert(1)</script>"])
    french = visitors.person(world, acme, "ana@example.com", accept_language="fr")
    page = french.get("/issues").text
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert "Produit inconnu attribué" in page
