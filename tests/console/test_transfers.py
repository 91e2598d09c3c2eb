"""A transfer is seen before it is done."""

import pytest

from scim_server.domain.tenants import Tenant
from scim_server.services import scheduling
from tests.console.visitors import Visitor, forms, text_of
from tests.worlds import CAUSE, Connection, World


@pytest.fixture
def bea(world: World, acme: Tenant, okta: Connection) -> str:
    """The id of somebody with a seat and an upcoming meeting; cas has nothing."""
    world.buy(acme, "meeting", 1)
    okta.create_user("cas@example.com", displayName="Cas")
    user = str(okta.create_user("bea@example.com", displayName="Bea", entitlements=["meeting"])["id"])
    row = {"id": "s1", "kind": "meeting", "organiser": user, "title": "Weekly", "starts": "2099-01-01T10:00:00Z"}
    scheduling.put_session(world.units, acme, CAUSE, row)
    return user


def test_seats_and_sessions_move_once_they_were_seen(world: World, acme: Tenant, ana: Visitor, bea: str) -> None:
    path = f"/people/{bea}/transfer?mode=seat_and_events&receiver=cas@example.com"
    page = ana.see(path)
    assert "From bea@example.com to cas@example.com: meeting (seat assigned)" in page
    assert "Meeting Weekly" in page
    assert world.held_by(acme, "cas@example.com") == {}
    assert ana.done(path).startswith("Transferred to cas@example.com. Undo Cas")
    assert world.held_by(acme, "cas@example.com") == {"meeting": "assigned"}
    assert world.held_by(acme, "bea@example.com") == {}


def test_somebody_new_takes_over(world: World, acme: Tenant, ana: Visitor, bea: str) -> None:
    path = f"/people/{bea}/transfer?mode=take_over&newcomer=new@example.com&first=Nia&last=New"
    assert "Display name: Bea → Nia New" in ana.see(path)
    ana.done(path)
    taken = world.person(acme, "new@example.com").user
    assert (taken.id, taken.display_name) == (bea, "Nia New")


def test_what_cannot_be_transferred_is_told_on_the_form(ana: Visitor, bea: str, world: World) -> None:
    for query, said in (
        ("mode=seat&receiver=bea@example.com", "cannot transfer to themselves"),
        ("mode=seat&receiver=nobody@example.com", "has nobody with the user name or address"),
        ("mode=sideways", "Choose what is to be transferred"),
    ):
        page = ana.get(f"/people/{bea}/transfer?{query}")
        assert (page.status_code >= 400, said in text_of(page)) == (True, True)
        assert [each.method for each in forms(page)] == ["get"]


def test_a_receiver_outside_leads_to_an_invitation(world: World, ana: Visitor, bea: str) -> None:
    world.connect(world.tenant("globex")).create_user("zoe@example.org")
    page = ana.get(f"/people/{bea}/transfer?mode=seat&receiver=zoe@example.org")
    assert (page.status_code, "Invite the owner of the address" in text_of(page)) == (409, True)
    assert "people/invite?address=zoe@example.org" in page.text
