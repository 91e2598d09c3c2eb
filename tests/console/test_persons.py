"""A person's page, and what is done from it."""

import re

import pytest

from scim_server.domain.events import Cause
from scim_server.domain.particulars import Newcomer
from scim_server.domain.receipts import Part
from scim_server.domain.tenants import Tenant
from scim_server.services import authorising, editing, joining, receipt_lists, receipting, scheduling
from scim_server.services.relaying import relay
from tests.console import visitors
from tests.console.visitors import Visitor, forms, text_of
from tests.http.test_statements import counting
from tests.worlds import CAUSE, ENTERPRISE, Connection, World


@pytest.fixture
def hana(world: World, acme: Tenant) -> str:
    """The id of somebody who was added by hand."""
    added = joining.add_person(world.units, acme, CAUSE, Newcomer("hana@example.com", "Hana", "Novak"))
    assert not isinstance(added, joining.PendingAdd)
    return added.user.id


@pytest.fixture
def ben(okta: Connection) -> str:
    """The id of somebody whom a connection manages."""
    person = okta.create_user(
        "ben@example.com", displayName="Ben Okoro", title="Buyer", **{ENTERPRISE: {"department": "Purchase"}}
    )
    return str(person["id"])


def chain_of(page: str, product: str) -> str:
    """What the page says of one product."""
    return page.partition(f" {product} ")[2].partition(" Take ")[0]


def test_a_page_says_who_manages_the_person_and_where_passwords_live(
    world: World, ana: Visitor, ben: str, hana: str
) -> None:
    page = ana.see(f"/people/{ben}")
    assert "The connection okta manages this person" in page
    assert ("Title Buyer" in page, "Department Purchase" in page) == (True, True)
    assert "Passwords live with the identity provider" in page
    assert "Change it there" not in page
    assert "manages this person" not in ana.see(f"/people/{hana}")
    world.decide("acme", password_url="https://login.example.com/password")
    assert 'href="https://login.example.com/password"' in ana.get(f"/people/{ben}").text


def test_the_chain_behind_a_seat_is_told_in_both_languages(
    world: World, acme: Tenant, okta: Connection, ana: Visitor, ben: str
) -> None:
    world.buy(acme, "meeting", 1)
    inner = okta.create_group("Inner", ben)["id"]
    okta.create_group("Outer", inner)
    world.rule(acme, "Outer", "meeting")
    told = chain_of(ana.see(f"/people/{ben}"), "meeting")
    told = re.sub(r"since \S+, \S+ \S+ , by", "since then, by", told)
    assert told == (
        "Seat assigned Has a seat, since then, by test. It is claimed: rule 1 for the group “Outer” gives it, since "
        "then, by test. Is in the group “Inner”, since then, by connection okta. Is in the group “Outer”, since then, "
        "by connection okta."
    )
    french = visitors.person(world, acme, "ana@example.com", accept_language="fr")
    page = french.see(f"/people/{ben}")
    assert "la règle 1 pour le groupe « Outer »" in page
    assert "connexion okta" in page


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("waits", "Stands in place 1 of 1. 1 seat must be released or bought until it is their turn."),
        ("suspended", "Is suspended (by an admin)"),
        ("excluded", "Rules and entitlements cannot give it: an admin took it away"),
        ("given", "It is claimed: an admin gave it by hand"),
        ("unknown", "The catalogue has no such product"),
    ],
)
def test_what_stands_in_the_way_is_told(
    world: World, acme: Tenant, okta: Connection, ana: Visitor, state: str, sentence: str
) -> None:
    world.buy(acme, "meeting", 0 if state == "waits" else 1)
    wanted = {"given": [], "unknown": ["yoga"]}.get(state, ["meeting"])
    user = okta.create_user("cleo@example.com", entitlements=wanted)["id"]
    if state == "suspended":
        editing.suspend_person(world.units, acme, CAUSE, user)
    elif state in {"excluded", "given"}:
        how = {"excluded": "removed", "given": "added"}[state]
        editing.edit_person(world.units, acme, CAUSE, user, editing.Edit(), **{how: ["meeting"]})
    assert sentence in ana.see(f"/people/{user}")


def test_groups_roles_sessions_and_history_are_on_the_page(
    world: World, acme: Tenant, okta: Connection, ana: Visitor, ben: str
) -> None:
    okta.create_group("Outer", okta.create_group("Inner", ben)["id"])
    authorising.grant_role(world.units, acme, CAUSE, ben, "manager", ["Inner"])
    for kind, title, year in (("webinar", "Launch", 2099), ("recording", "Secret", 2099), ("meeting", "Past", 2001)):
        row = {"id": title, "kind": kind, "organiser": ben, "title": title, "starts": f"{year}-01-01T10:00:00Z"}
        scheduling.put_session(world.units, acme, CAUSE, row)
    page = ana.see(f"/people/{ben}")
    assert "Inner Outer through Inner" in page
    assert "Manager an admin gave it by hand Inner" in page
    upcoming = page.partition("Upcoming sessions")[2].partition("History")[0]
    assert ("Launch" in upcoming, "Past" in upcoming, "Secret" in page) == (True, False, False)
    history = page.partition("History")[2]
    assert "Got a role · Manager by test" in history
    assert "Added by connection okta" in history


def test_a_page_costs_the_same_however_much_there_is(world: World, okta: Connection, ana: Visitor, ben: str) -> None:
    path = f"/people/{ben}"
    okta.create_group("First", ben)
    ana.see(path)
    with counting(world) as before:
        ana.see(path)
    for number in range(15):
        okta.create_group(f"Group {number}", ben)
    with counting(world) as after:
        ana.see(path)
    assert int(before) == int(after)


def test_history_is_for_who_may_read_the_trail(world: World, acme: Tenant, okta: Connection, hana: str) -> None:
    okta.create_user("boss@example.com")
    boss = visitors.person(world, acme, "boss@example.com", "manager")
    page = boss.see(f"/people/{hana}")
    assert ("History" in page, "Grant a role" in page) == (False, False)
    assert boss.get(f"/people/{hana}/roles").status_code == 403


def test_a_person_is_edited(world: World, acme: Tenant, ana: Visitor, hana: str) -> None:
    page = ana.done(f"/people/{hana}/edit", last="Nowak", department="Sales", manager="ana@example.com")
    assert page.startswith("Saved. Undo Hana Nowak")
    assert ("Department Sales" in page, "Line manager Ana Lima" in page) == (True, True)
    assert "Nothing was changed" in ana.done(f"/people/{hana}/edit")
    assert "is no e-mail address" in ana.refused(f"/people/{hana}/edit", address="nonsense")
    typed = ana.submit(f"/people/{hana}/edit", address="nonsense", title="Kept")
    assert ("address", "nonsense") in forms(typed)[0].fields
    assert ("title", "Kept") in forms(typed)[0].fields
    assert world.person(acme, hana).user.address == "hana@example.com"


def test_whom_a_connection_manages_is_read_only(world: World, acme: Tenant, ana: Visitor, ben: str) -> None:
    page = ana.get(f"/people/{ben}/edit")
    assert "The connection okta manages this person" in text_of(page)
    assert forms(page) == []
    token = ana.get("/people/add").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    answer = ana.browser.post(ana.address(f"/people/{ben}/edit"), data={"csrf_token": token, "title": "Boss"})
    assert (answer.status_code, "manages this person" in text_of(answer)) == (403, True)
    assert world.person(acme, ben).user.profile["title"] == "Buyer"


def test_an_address_in_use_elsewhere_leads_to_an_invitation(world: World, ana: Visitor, hana: str) -> None:
    world.connect(world.tenant("globex")).create_user("zoe@example.org")
    answer = ana.submit(f"/people/{hana}/edit", address="zoe@example.org")
    assert answer.status_code == 409
    assert "Invite the owner of the address" in text_of(answer)
    link = answer.text.partition("people/invite?")[2].partition('"')[0]
    assert link == "address=zoe@example.org"


def test_roles_are_granted_and_revoked(world: World, acme: Tenant, okta: Connection, ana: Visitor, hana: str) -> None:
    okta.create_group("Sales")
    assert "The role was granted." in ana.done(f"/people/{hana}/roles", role="manager", groups="Sales\n")
    (grant,) = world.person(acme, hana).grants
    assert (grant.role, len(grant.scope)) == ("manager", 1)
    assert "has no group 'Nix'" in ana.refused(f"/people/{hana}/roles", role="manager", groups="Nix").replace(
        "&#39;", "'"
    )
    page = ana.see(f"/people/{hana}/roles/manager/revoke")
    assert "an admin gave it by hand" in page
    assert "The role was revoked." in ana.done(f"/people/{hana}/roles/manager/revoke")
    assert world.person(acme, hana).grants == []


def test_an_exclusion_is_lifted(world: World, acme: Tenant, okta: Connection, ana: Visitor) -> None:
    world.buy(acme, "meeting", 1)
    user = okta.create_user("cleo@example.com", entitlements=["meeting"])["id"]
    editing.edit_person(world.units, acme, CAUSE, user, editing.Edit(), removed=["meeting"])
    assert "Let rules give meeting again" in ana.see(f"/people/{user}")
    assert "give it again." in ana.done(f"/people/{user}/exclusions/meeting")
    assert world.held_by(acme, "cleo@example.com") == {"meeting": "assigned"}


def test_the_welcome_needs_a_mail_server(ana: Visitor, hana: str) -> None:
    assert "No mail server is set" in ana.see(f"/people/{hana}/welcome")
    assert "No mail server is set" in ana.refused(f"/people/{hana}/welcome")


def test_a_leaver_has_a_receipt_even_when_they_are_gone(
    world: World, acme: Tenant, okta: Connection, ana: Visitor, ben: str
) -> None:
    assert "Leaver receipts" not in ana.see(f"/people/{ben}")
    world.decide("acme", receipts="yes")
    okta.patch(f"/Users/{ben}", {"op": "replace", "path": "active", "value": False})
    assert "Suspended Not confirmed yet" in ana.see(f"/people/{ben}")
    (receipt,) = receipt_lists.receipts(world.units, acme)
    receipting.acknowledge(world.units, acme, Cause("cli", "r", "test"), receipt.receipt.id, [Part.KEYS])
    world.advance(3601)
    world.do_chore("watch-receipts")
    page = ana.see(f"/people/{ben}")
    assert "Suspended Overdue" in page
    assert "by the command line" in page.partition("Keys ended, as acknowledged at")[2]
    assert ("Access to data not acknowledged" in page, "End of access not confirmed" in page) == (True, True)
    okta.delete(f"/Users/{ben}")
    gone = ana.get(f"/people/{ben}")
    assert gone.headers["Location"] == f"/console/tenants/acme/people/deleted/{ben}"
    assert "Suspended Overdue" in ana.see(f"/people/deleted/{ben}")
    assert f'<a href="/console/tenants/acme/people/{ben}">ben@example.com</a>' in ana.get("/issues").text
    french = visitors.person(world, acme, "ana@example.com", accept_language="fr")
    assert "En retard" in french.see(f"/people/deleted/{ben}")
    assert "ben@example.com Suspendu En retard" in french.see("/reports/leaver-receipts")


def test_nobody_has_a_page_who_was_never_there(ana: Visitor) -> None:
    assert ana.get("/people/nobody").status_code == 404
    assert ana.get("/people/deleted/nobody").status_code == 404


def test_parts_are_acknowledged_by_hand(world: World, acme: Tenant, okta: Connection, ana: Visitor, ben: str) -> None:
    world.decide("acme", receipts="yes")
    okta.patch(f"/Users/{ben}", {"op": "replace", "path": "active", "value": False})

    def button(path: str, part: str) -> str:
        posts = [each for each in forms(ana.get(path)) if each.method == "post"]
        return ana.done(path, next(n for n, each in enumerate(posts) if ("part", part) in each.fields))

    page = button(f"/people/{ben}", "sessions")
    assert "Sessions of the application ended, as acknowledged" in page
    assert "Keys not acknowledged Acknowledge" in page
    okta.delete(f"/Users/{ben}")
    button(f"/people/deleted/{ben}", "keys")
    button(f"/people/deleted/{ben}", "data_access")
    page = ana.see(f"/people/deleted/{ben}")
    assert ("Confirmed" in page, "Acknowledge" in page) == (True, False)
    (listed,) = receipt_lists.receipts(world.units, acme)
    assert {ended.by.partition(":")[0] for _, ended in listed.acknowledged} == {"person"}
    answer = ana.browser.post(ana.address(f"/receipts/{listed.receipt.id}"), data={"part": "all"})
    assert answer.status_code == 400


def test_what_applications_were_told_is_on_the_page(
    world: World, acme: Tenant, okta: Connection, ana: Visitor, ben: str
) -> None:
    def told(visitor: Visitor) -> str:
        return visitor.see(f"/people/{ben}").partition("Events of late")[2]

    assert "user.provisioned not on its way yet" in told(ana)
    relay(world.units)
    for title in range(12):
        okta.patch(f"/Users/{ben}", {"op": "replace", "path": "title", "value": f"Title {title}"})
    relay(world.units)
    assert told(ana).count("user.changed") == 10
    assert "not on its way yet" not in told(ana)
    okta.create_user("boss@example.com")
    assert told(visitors.person(world, acme, "boss@example.com", "manager")) == ""
