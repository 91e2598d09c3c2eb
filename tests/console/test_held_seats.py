"""Held seats, released or kept, one by one or all at once, after a look at whose they are."""

import pytest

from scim_server.domain.tenants import Tenant
from scim_server.services import removing
from tests.console.test_subscriptions import table
from tests.console.visitors import Visitor
from tests.worlds import Connection, World

HELD = "/subscriptions/meeting/held"


@pytest.fixture
def held(world: World, acme: Tenant, okta: Connection) -> list[str]:
    """Three seats that a group's end holds; their ids, by user name."""
    world.decide("acme", guard_seats="0", guard_percent="0")
    world.buy(acme, "meeting", 3)
    ids = [okta.create_user(f"{name}@example.com")["id"] for name in ("ben", "cid", "dan")]
    group = okta.create_group("Sales", *ids)
    world.rule(acme, "Sales", "meeting")
    okta.patch(f"/Groups/{group['id']}", {"op": "remove", "path": "members"})
    found = sorted(removing.held(world.units, acme), key=lambda each: each.user_name)
    assert len(found) == 3
    return [each.id for each in found]


def test_they_are_listed_with_their_end(held: list[str], ana: Visitor) -> None:
    page = ana.see(HELD)
    assert "ben@example.com" in page
    assert page.count("Release Keep") == 3
    assert sorted(row[0] for row in table(ana.get(f"{HELD}.csv"))) == [
        f"{name}@example.com" for name in ("ben", "cid", "dan")
    ]


def test_one_is_released_after_a_look(
    world: World, acme: Tenant, okta: Connection, held: list[str], ana: Visitor
) -> None:
    okta.create_user("eva@example.com", entitlements=["meeting"])
    preview = ana.see(f"{HELD}/release", id=held[0])
    assert "Release 1 held seat" in preview
    assert "1 person waits for a seat" in preview
    assert "cid@example.com" not in preview
    assert "1 seat was released." in ana.done(f"{HELD}/release?id={held[0]}")
    assert world.held_by(acme, "ben@example.com") == {}
    assert world.held_by(acme, "eva@example.com") == {"meeting": "assigned"}
    assert world.held_by(acme, "cid@example.com") == {"meeting": "held"}


def test_some_are_kept(world: World, acme: Tenant, held: list[str], ana: Visitor) -> None:
    assert "2 seats are kept." in ana.done(f"{HELD}/keep?id={held[0]}&id={held[2]}")
    assert world.held_by(acme, "ben@example.com") == {"meeting": "assigned"}
    assert world.held_by(acme, "cid@example.com") == {"meeting": "held"}


def test_all_means_those_that_were_shown(
    world: World, acme: Tenant, okta: Connection, held: list[str], ana: Visitor
) -> None:
    page = ana.get(f"{HELD}/release", all="1")
    token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    until = page.text.partition('name="until" value="')[2].partition('"')[0]
    world.advance(60)
    world.buy(acme, "meeting", 5)
    late = [okta.create_user(f"{name}@example.com")["id"] for name in ("eva", "fay")]
    group = okta.create_group("Late", *late)
    world.rule(acme, "Late", "meeting")
    okta.patch(f"/Groups/{group['id']}", {"op": "remove", "path": "members"})
    data = {"csrf_token": token, "all": "1", "until": until}
    assert ana.browser.post(f"/console/tenants/acme{HELD}/release", data=data).status_code == 303
    assert sorted(each.user_name for each in removing.held(world.units, acme)) == [
        "eva@example.com",
        "fay@example.com",
    ]


def test_what_is_decided_already_cannot_be_decided_again(
    world: World, acme: Tenant, held: list[str], ana: Visitor
) -> None:
    page = ana.get(f"{HELD}/release", id=held[0])
    token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    ana.done(f"{HELD}/keep?id={held[0]}")
    data = {"csrf_token": token, "id": held[0]}
    assert ana.browser.post(f"/console/tenants/acme{HELD}/release", data=data).status_code == 400
    assert world.held_by(acme, "ben@example.com") == {"meeting": "assigned"}
    assert ana.get(f"{HELD}/release").status_code == 400, "nothing is ticked"


def test_where_none_is_held_the_page_says_when_that_happens(world: World, acme: Tenant, ana: Visitor) -> None:
    world.buy(acme, "meeting", 3)
    assert "No seat is held." in ana.see(HELD)
