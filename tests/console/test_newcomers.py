"""People added by hand, those whose add waits, invitations, and who was deleted."""

import csv
from io import StringIO

import pytest

from scim_server.domain.invitations import Offer
from scim_server.domain.tenants import Tenant
from scim_server.services import inviting, joining, leaving
from tests.console import visitors
from tests.console.visitors import Visitor, text_of
from tests.worlds import CAUSE, Connection, World

ZOE = "zoe@example.org"


@pytest.fixture
def elsewhere(world: World) -> Connection:
    """Of a tenant where zoe@example.org is."""
    connection = world.connect(world.tenant("globex"))
    connection.create_user(ZOE)
    return connection


def add(visitor: Visitor, **typed: object) -> str:
    return visitor.done("/people/add", 0, **{"address": "hana@example.com", "first": "Hana", "last": "Novak", **typed})


def test_one_person_is_added_with_products_and_a_role(world: World, acme: Tenant, ana: Visitor) -> None:
    world.buy(acme, "meeting", 1)
    assert add(ana, product=["meeting"], role="manager", language="fr").startswith("Added. Undo Hana Novak")
    assert world.held_by(acme, "hana@example.com") == {"meeting": "assigned"}
    assert world.roles_of(acme, "hana@example.com") == [("manager", "direct:admin")]
    refused = ana.refused("/people/add", 0, address="hana@example.com", first="Hana", last="Again")
    assert "in use" in refused


def test_a_role_and_products_take_permissions_of_their_own(world: World, acme: Tenant, ana: Visitor) -> None:
    add(ana, address="mia@example.com")
    manager = visitors.person(world, acme, "mia@example.com", "manager")
    answer = manager.submit("/people/add", 0, address="x@example.com", first="X", last="Y", role="admin")
    assert answer.status_code == 403


def test_several_are_added_one_a_line(world: World, acme: Tenant, ana: Visitor) -> None:
    world.buy(acme, "meeting", 1)
    lines = "one@example.com\n\n Two Persons <two@example.com> \r\n"
    assert ana.done("/people/add", 1, addresses=lines, product=["meeting"]).startswith("2 people were added. Undo")
    assert world.person(acme, "two@example.com").user.display_name == "Two Persons"
    assert (world.held_by(acme, "one@example.com"), world.held_by(acme, "two@example.com")) == (
        {"meeting": "assigned"},
        {"meeting": "waiting"},
    )


def test_of_several_each_line_is_told_for_itself(world: World, ana: Visitor, elsewhere: Connection) -> None:
    page = text_of(ana.submit("/people/add", 1, addresses=f"one@example.com\nnonsense\n{ZOE}"))
    assert "one@example.com: Added." in page
    assert "nonsense: 'nonsense' is no e-mail address" in page
    assert f"{ZOE}: The address is in use outside this tenant" in page
    assert "Write at least one address" in ana.refused("/people/add", 1, addresses=" \n")
    assert "At most 200 addresses" in ana.refused("/people/add", 1, addresses="x@example.com\n" * 201)


def test_an_add_waits_for_an_address_and_is_called_off(
    world: World, acme: Tenant, ana: Visitor, elsewhere: Connection
) -> None:
    assert "Nobody waits" in ana.see("/people/pending")
    page = add(ana, address=ZOE)
    assert page.startswith(f"{ZOE} is in use outside this tenant, so the add waits. To be added")
    assert (ZOE in page, "Invite" in page) == (True, True)
    (row,) = csv.DictReader(StringIO(ana.get("/people/pending.csv").text))
    assert (row["email"], row["lastName"]) == (ZOE, "Novak")
    (pending,) = joining.waiting_adds(world.units, acme)
    assert "called off" in ana.done(f"/people/pending/{pending.id}/cancel")
    assert joining.waiting_adds(world.units, acme) == []


def test_the_owner_of_an_address_is_invited_by_mail_or_by_the_operator(
    world: World, acme: Tenant, ana: Visitor, operator: Visitor, elsewhere: Connection
) -> None:
    world.buy(acme, "meeting", 1)
    path = f"/people/invite?address={ZOE}&product=meeting"
    assert "sends no mail" in ana.refused(path)
    page = operator.submit(path)
    assert "https://seats.example.com/invitations/" in text_of(page)
    listed = ana.see("/people/invitations")
    assert (ZOE in listed, "Open" in listed, "reserved: meeting" in listed) == (True, True, True)
    assert "Nobody outside has" in operator.refused("/people/invite", address="free@example.com")


def test_an_invitation_is_sent_again_with_what_it_offered(
    world: World, acme: Tenant, operator: Visitor, elsewhere: Connection
) -> None:
    assert "Nobody was invited" in operator.see("/people/invitations")
    offer = Offer((), "manager", "Zoe", None)
    inviting.send(world.units, acme, CAUSE, ZOE, offer, 1, public_url="https://x", by_mail=False)
    world.advance(2 * 86_400)
    operator = visitors.operator(world, "acme")
    page = operator.get("/people/invitations")
    assert "Expired" in text_of(page)
    again = page.text.partition("people/invite?")[2].partition('"')[0].replace("&amp;", "&")
    assert operator.submit(f"/people/invite?{again}").status_code == 200
    (row,) = [
        each
        for each in csv.DictReader(StringIO(operator.get("/people/invitations.csv").text))
        if each["state"] == "open"
    ]
    assert (row["address"], row["role"]) == (ZOE, "manager")


def test_deleted_people_are_erased_for_good_after_a_look(world: World, acme: Tenant, ana: Visitor) -> None:
    add(ana)
    leaving.delete_person(world.units, acme, CAUSE, "hana@example.com")
    gone = ana.get("/people/deleted").text.partition("people/deleted/")[2].partition('"')[0]
    assert "tombstones" not in ana.see(f"/people/deleted/{gone}/erasure")
    page = ana.see(f"/people/deleted/{gone}/erasure", look="yes")
    assert "Erase Hana Novak for good" in page
    assert "tombstones 1" in page
    assert "retention_days" in ana.refused(f"/people/deleted/{gone}/erasure")
    assert ana.done(f"/people/deleted/{gone}/erasure", despite_retention="yes").startswith("Erased for good.")
    assert "Nobody was deleted" in ana.see("/people/deleted")


def test_deleted_people_are_listed_and_restored(world: World, acme: Tenant, ana: Visitor) -> None:
    assert "Nobody was deleted" in ana.see("/people/deleted")
    add(ana)
    leaving.delete_person(world.units, acme, CAUSE, "hana@example.com")
    page = ana.get("/people/deleted")
    assert ("Hana Novak" in text_of(page), "Restore" in text_of(page)) == (True, True)
    (row,) = csv.DictReader(StringIO(ana.get("/people/deleted.csv").text))
    assert (row["userName"], row["restorableUntil"] > row["deleted"]) == ("hana@example.com", True)
    gone = page.text.partition("people/deleted/")[2].partition('"')[0]
    assert "Deleted" in ana.see(f"/people/deleted/{gone}")
    assert "Roles and groups do not return" in ana.see(f"/people/deleted/{gone}/restore")
    assert ana.done(f"/people/deleted/{gone}/restore").startswith("Restored. Undo Hana Novak")
    assert world.person(acme, "hana@example.com").user.id == gone


def test_who_was_deleted_too_long_ago_is_not_offered(world: World, acme: Tenant, ana: Visitor) -> None:
    add(ana)
    leaving.delete_person(world.units, acme, CAUSE, "hana@example.com")
    world.advance(31 * 86_400)
    again = visitors.person(world, acme, "ana@example.com")
    page = again.see("/people/deleted")
    assert ("Too late" in page, " Restore" in page) == (True, False)
