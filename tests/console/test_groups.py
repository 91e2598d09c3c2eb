"""Groups, as an admin sees and changes them."""

import csv
import io

import pytest

from scim_server.domain.tenants import Tenant
from scim_server.services import groups_seen
from tests.console import visitors
from tests.console.visitors import Visitor, text_of
from tests.http.test_statements import counting
from tests.worlds import Connection, World


@pytest.fixture
def sales(world: World, acme: Tenant, okta: Connection, ana: Visitor) -> str:
    """A group that okta made, with Ben in it, which gives webinars. Its id."""
    world.buy(acme, "webinar", 5)
    ben = okta.create_user("ben@example.com")["id"]
    okta.create_user("cleo@example.com")
    world.rule(acme, "Sales", "webinar")
    return str(okta.create_group("Sales", ben)["id"])


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def members(world: World, tenant: Tenant, group: str) -> list[str]:
    return [each.name for each in groups_seen.members(world.units, tenant, group, limit=100)]


def test_groups_are_listed_and_found_by_name(ana: Visitor, okta: Connection, sales: str) -> None:
    okta.create_group("Support")
    assert "Sales 1 0 okta Rule 1 Support 0 0 okta" in ana.see("/groups")
    assert "Sales" not in ana.see("/groups", name="SUP")
    assert "No group has a name that begins so" in ana.see("/groups", name="nix")
    assert [row["display_name"] for row in rows(ana.get("/groups/export").text)] == ["Sales", "Support"]
    assert 'value="Support"' in ana.get("/groups/names", group="su").text


def test_without_groups_the_list_says_where_they_come_from(ana: Visitor) -> None:
    assert "Identity providers push the groups" in ana.see("/groups")


def test_a_long_list_goes_on(world: World, ana: Visitor, okta: Connection) -> None:
    for number in range(51):
        okta.create_group(f"Group {number:02}")
    page = ana.get("/groups")
    more = page.text.partition('class="more"')[2].partition('href="')[2].partition('"')[0].replace("&amp;", "&")
    assert ("Group 49" in text_of(page), "Group 50" in text_of(page)) == (True, False)
    assert "Group 50" in ana.see(more)


def test_a_page_of_groups_costs_the_same_however_many(world: World, ana: Visitor, okta: Connection, sales: str) -> None:
    with counting(world) as few:
        ana.see("/groups")
    for number in range(20):
        okta.create_group(f"Group {number:02}", okta.create_user(f"u{number}")["id"])
    with counting(world) as many:
        ana.see("/groups")
    assert len(many.statements) == len(few.statements)


def test_a_group_shows_what_it_gives_and_what_reaches_it_from_above(
    world: World, acme: Tenant, ana: Visitor, okta: Connection, sales: str
) -> None:
    world.buy(acme, "meeting", 5)
    world.rule(acme, "Everyone", "meeting")
    okta.create_group("Everyone", sales)
    shown = ana.see(f"/groups/{sales}")
    assert "The connection okta manages this group" in shown
    assert "Rule 1 this group webinar" in shown
    assert "Rule 2 Everyone meeting" in shown
    assert "It is in Everyone" in shown
    assert rows(ana.get(f"/groups/{sales}/export").text)[0]["name"] == "ben@example.com"


def test_who_joins_and_leaves_is_tried_out_first(world: World, acme: Tenant, ana: Visitor, sales: str) -> None:
    there = f"/groups/{sales}/members?look=now&join=cleo@example.com&leave=ben@example.com"
    preview = ana.see(there)
    assert "2 people would notice: 1 gains a product, 1 loses one." in preview
    assert "ben@example.com meeting · given back webinar · given back" in preview
    assert "cleo@example.com meeting · Included in another webinar · Assigned" in preview
    assert members(world, acme, sales) == ["ben@example.com"]
    assert world.held_by(acme, "ben@example.com") == {"webinar": "assigned"}
    done = ana.done(there)
    assert "1 member joined. 1 member left." in done
    assert members(world, acme, sales) == ["cleo@example.com"]
    assert world.held_by(acme, "cleo@example.com") == {"webinar": "assigned"}


def test_who_gains_and_loses_can_be_kept_as_a_file(ana: Visitor, sales: str) -> None:
    file = ana.get(f"/groups/{sales}/members", look="now", leave="ben@example.com", file="csv")
    assert rows(file.text) == [
        {"user_name": "ben@example.com", "kind": "product", "of": product, "before": before, "after": ""}
        for product, before in (("meeting", "covered"), ("webinar", "assigned"))
    ]


def test_the_guard_is_foretold(world: World, acme: Tenant, ana: Visitor, okta: Connection) -> None:
    world.buy(acme, "webinar", 20)
    world.rule(acme, "Staff", "webinar")
    ids = [okta.create_user(f"u{number}@example.com")["id"] for number in range(8)]
    staff = okta.create_group("Staff", *ids)["id"]
    preview = ana.see(f"/groups/{staff}/delete")
    assert "3 seats would be held, as too many would go at once: they work on for 24 hours" in preview
    assert "1 rule looks at it, and waits for another group of its name then." in preview
    assert "The group is deleted." in ana.done(f"/groups/{staff}/delete")
    states = [world.held_by(acme, f"u{number}@example.com").get("webinar") for number in range(8)]
    assert states.count("held") == 3


def test_who_gains_and_loses_goes_on_page_by_page(world: World, acme: Tenant, ana: Visitor, okta: Connection) -> None:
    world.buy(acme, "meeting", 60)
    world.rule(acme, "Staff", "meeting")
    ids = [okta.create_user(f"u{number:02}@example.com")["id"] for number in range(52)]
    there = f"/groups/{okta.create_group('Staff', *ids)['id']}/delete"
    page = ana.get(there)
    assert "52 people would notice" in text_of(page)
    assert ("u49@" in page.text, "u50@" in page.text) == (True, False)
    more = page.text.partition('class="more"')[2].partition('href="')[2].partition('"')[0].replace("&amp;", "&")
    part = ana.browser.get(more, headers={"HX-Request": "true"}).text
    assert ("u49@" in part, "u50@" in part, "u51@" in part, "<h1" in part) == (False, True, True, False)
    assert len(rows(ana.get(there, file="csv").text)) == 52


def test_a_look_costs_the_same_however_many(world: World, acme: Tenant, ana: Visitor, okta: Connection) -> None:
    world.buy(acme, "meeting", 60)
    costs = []
    for name, size in (("Few", 7), ("Many", 30)):
        world.rule(acme, name, "meeting")
        ids = [okta.create_user(f"{name}{number}")["id"] for number in range(size)]
        group = okta.create_group(name, *ids)["id"]
        with counting(world) as count:
            assert f"{size} people would notice" in ana.see(f"/groups/{group}/delete")
        costs.append(len(count.statements))
    assert costs[0] == costs[1]


def test_a_stranger_is_refused_at_the_form(ana: Visitor, sales: str) -> None:
    page = ana.get(f"/groups/{sales}/members", look="now", join="nobody@example.com")
    assert page.status_code == 404
    assert "no user 'nobody@example.com'" in text_of(page)
    assert ">nobody@example.com</textarea>" in page.text


def test_a_group_is_made_by_hand_and_wakes_the_rule_that_waits(world: World, acme: Tenant, ana: Visitor) -> None:
    world.buy(acme, "meeting", 1)
    world.rule(acme, "Trainers", "meeting")
    there = "/groups/new?look=now&name=Trainers&join=ana@example.com"
    assert "ana@example.com meeting · Assigned" in ana.see(there)
    assert "The group is made." in ana.done(there)
    assert world.held_by(acme, "ana@example.com") == {"meeting": "assigned"}
    assert "exists in this tenant" in text_of(ana.get(there))


def test_a_group_gets_another_name(world: World, acme: Tenant, ana: Visitor, sales: str) -> None:
    there = f"/groups/{sales}/name?look=now&name=Sellers"
    assert "Nobody gains or loses anything" in ana.see(there)
    assert "Sellers" in ana.done(there)
    again = ana.get(f"/groups/{sales}/name", look="again", name="Vendors")
    assert 'value="Vendors"' in again.text


def test_whoever_may_not_change_groups_sees_no_way_to(world: World, acme: Tenant, okta: Connection, sales: str) -> None:
    manager = visitors.person(world, acme, "ben@example.com", "manager")
    page = manager.get(f"/groups/{sales}")
    assert (page.status_code, "Delete" in page.text, 'type="checkbox"' in page.text) == (200, False, False)
    assert manager.get(f"/groups/{sales}/delete").status_code == 403


def test_names_are_text(ana: Visitor, okta: Connection) -> None:
    script = "<script>alert(1)</script>"
    group = okta.create_group(script)["id"]
    for path in ("/groups", f"/groups/{group}", f"/groups/{group}/delete"):
        assert script not in ana.get(path).text
