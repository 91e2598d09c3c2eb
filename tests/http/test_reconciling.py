"""Damage planted by hand is found, named and repaired; run again, nothing is left to do (section 6, invariant 9)."""

import pytest

from scim_server.domain.invitations import Offer
from scim_server.domain.tenants import Tenant
from scim_server.services import inviting, reconciling, removing
from scim_server.store.walls import OPERATOR
from tests.worlds import CAUSE, Connection, World


@pytest.fixture
def people(world: World, acme: Tenant, okta: Connection) -> dict[str, str]:
    """Ana and Bob hold the two seats of meeting, Cid and Dee wait; Eve has webinar by rule. Ana owns an address."""
    world.buy(acme, "meeting", 2)
    world.buy(acme, "webinar", 1)
    world.rule(acme, "Sales", "webinar")
    mail = [{"value": "shared@x.test"}]
    ids = {name: okta.create_user(name, entitlements=["meeting"], emails=mail)["id"] for name in ("ana", "bob")}
    ids |= {name: okta.create_user(name, entitlements=["meeting"])["id"] for name in ("cid", "dee")}
    ids["eve"] = okta.create_user("eve@x.test")["id"]
    okta.create_group("Sales", ids["eve"])
    _invite(world, acme)
    return ids


def _invite(world: World, tenant: Tenant) -> None:
    """Somebody outside is invited, with a seat of phone."""
    world.sell("phone")
    world.buy(tenant, "phone", 1)
    world.connect(world.tenant("elsewhere"), "entra").create_user("flo@x.test")
    offer = Offer(("phone",))
    inviting.send(world.units, tenant, CAUSE, "flo@x.test", offer, None, public_url="https://x.test", by_mail=False)


def damage(world: World, statement: str, **values: object) -> None:
    """What no path of the server does: write past the ledger."""
    with world.installation.database.write(OPERATOR) as connection:
        marker = "?" if world.installation.database.is_sqlite else "%s"
        connection.exec_driver_sql(statement.replace("?", marker), tuple(values.values()))
        connection.commit()


DAMAGES = {
    "rule claim lost": ("DELETE FROM claims WHERE user_id = ? AND source <> 'direct'", "eve", "claim missing"),
    "rule claim invented": (
        "INSERT INTO claims (tenant_id, user_id, product, source, rank, since) "
        "SELECT tenant_id, id, 'training', 'rule:none', 1, created FROM users WHERE id = ?",
        "ana",
        "claim without a rule",
    ),
    "rule claim of another rank": (
        "UPDATE claims SET rank = 7 WHERE user_id = ? AND source <> 'direct'",
        "eve",
        "claim without a rule",
    ),
    "direct claim lost": ("DELETE FROM claims WHERE user_id = ?", "ana", "claims that are not the entitlements"),
    "columns that differ": ("UPDATE users SET active = false WHERE id = ?", "ana", "columns that are not the document"),
    "e-mails lost": ("DELETE FROM user_emails WHERE user_id = ?", "ana", "columns that are not the document"),
    "member of no kind": (
        "INSERT INTO members (tenant_id, group_id, member_id, kind) "
        "SELECT tenant_id, id, 'gone', 'User' FROM groups WHERE id <> ?",
        "ana",
        "member who is not there",
    ),
    "issue of nobody": (
        "INSERT INTO issues (tenant_id, id, code, user_id, product, subject, opened) "
        "SELECT tenant_id, 'made-up', 'NO_SEAT', 'gone', 'meeting', '', created FROM users WHERE id = ?",
        "ana",
        "issue of somebody who is not there",
    ),
    "counters too high": ("UPDATE subscriptions SET waiting = 9 WHERE product = 'meeting'", "", "counters of meeting"),
    "counters too low": ("UPDATE subscriptions SET assigned = 0, waiting = 0", "", "counters of meeting"),
    "assigned seat lost": ("DELETE FROM seats WHERE user_id = ?", "ana", "seat missing"),
    "waiting seat lost": ("DELETE FROM seats WHERE user_id = ?", "cid", "seat missing"),
    "seat of nobody": (
        "INSERT INTO seats (tenant_id, user_id, product, id, state, since, rank, claimed) "
        "SELECT tenant_id, id, 'webinar', 'made-up', 'waiting', created, 0, created FROM users WHERE id = ?",
        "bob",
        "seat without a claim",
    ),
    "place in the queue": ("UPDATE seats SET rank = 9 WHERE user_id = ?", "cid", "seat at a wrong place"),
    "waiting beside a free seat": (
        "UPDATE subscriptions SET seats = 3 WHERE product = 'meeting'",
        "",
        "somebody waits beside a free seat",
    ),
    "more seats than bought": ("UPDATE seats SET state = 'assigned' WHERE user_id = ?", "dee", "than were bought"),
    "issue lost": ("DELETE FROM issues WHERE user_id = ?", "cid", "issue not open: NO_SEAT"),
    "issue invented": (
        "INSERT INTO issues (tenant_id, id, code, user_id, product, subject, opened) "
        "SELECT tenant_id, 'made-up', 'NO_SEAT', id, 'meeting', '', created FROM users WHERE id = ?",
        "ana",
        "issue open for nothing: NO_SEAT",
    ),
    "exclusion from an entitlement that is none": (
        "INSERT INTO exclusions (tenant_id, user_id, product, source, reason, since) "
        "SELECT tenant_id, id, 'training', 'direct', 'transfer', created FROM users WHERE id = ?",
        "ana",
        "exclusion from nothing",
    ),
    "exclusion from a rule that is not met": (
        "INSERT INTO exclusions (tenant_id, user_id, product, source, reason, since) "
        "SELECT tenant_id, id, 'webinar', 'rule:none', 'transfer', created FROM users WHERE id = ?",
        "ana",
        "exclusion from nothing",
    ),
    "end of a seat that is not held": (
        "UPDATE seats SET due = '2000-01-01T00:00:00.000000Z', held_for = 'x' WHERE user_id = ?",
        "ana",
        "end of a held seat lost or made up",
    ),
    "invitation over, seat kept": (
        "UPDATE invitations SET state = 'declined', answered = created",
        "",
        "reservation for an invitation that is over",
    ),
    "reservation lost": ("DELETE FROM reservations", "", "counters of phone"),
    "fewer seats bought than reserved": (
        "UPDATE subscriptions SET assigned = 0, seats = 0 WHERE product = 'phone'",
        "",
        "more seats of phone are assigned than were bought",
    ),
    "suspended by hand": ("UPDATE users SET blocked_for = 'by_admin' WHERE id = ?", "ana", "seat without a claim"),
    "owner lost": ("DELETE FROM addresses WHERE user_id = ?", "ana", "address without an owner"),
    "owner without the address": (
        "UPDATE addresses SET user_id = ? WHERE address_key = 'shared@x.test'",
        "dee",
        "address owned by somebody who does not have it",
    ),
    "owner of nothing": (
        "INSERT INTO addresses (scope, address_key, tenant_id, user_id) "
        "SELECT '*', 'nobody@x.test', tenant_id, id FROM users WHERE id = ?",
        "dee",
        "address owned by somebody who does not have it",
    ),
    "address issue lost": (
        "DELETE FROM issues WHERE user_id = ? AND code = 'EMAIL_IN_USE'",
        "bob",
        "EMAIL_IN_USE not open",
    ),
    "address issue invented": (
        "INSERT INTO issues (tenant_id, id, code, user_id, subject, opened) "
        "SELECT tenant_id, 'made-up', 'EMAIL_IN_USE', id, 'x', created FROM users WHERE id = ?",
        "eve",
        "EMAIL_IN_USE open for nothing",
    ),
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_damage_is_found_named_and_repaired_once(world: World, acme: Tenant, people: dict[str, str], kind: str) -> None:
    statement, victim, named = DAMAGES[kind]
    assert reconciling.differences(world.units, acme) == []
    damage(world, statement, **({"victim": people[victim]} if victim else {}))
    found = reconciling.differences(world.units, acme)
    assert any(named in each for each in found), found
    assert reconciling.repair(world.units, acme, CAUSE) == found
    assert reconciling.differences(world.units, acme) == []
    written = len(world.trail())
    assert reconciling.repair(world.units, acme, CAUSE) == []
    assert len(world.trail()) == written


def test_a_repair_keeps_every_assigned_seat_that_has_a_claim(
    world: World, acme: Tenant, people: dict[str, str]
) -> None:
    """Even where the queue's order would have given it to somebody else."""
    damage(world, "UPDATE claims SET since = '2999-01-01T00:00:00.000000Z' WHERE user_id = ?", victim=people["bob"])
    damage(world, "UPDATE subscriptions SET assigned = 1, waiting = 1 WHERE product = 'meeting'")
    reconciling.repair(world.units, acme, CAUSE)
    assert world.held_by(acme, "bob") == {"meeting": "assigned"}
    assert world.seats(acme, "meeting") == (2, 2, 0)


def test_a_seat_missing_from_the_counter_goes_to_the_first_in_the_queue(
    world: World, acme: Tenant, people: dict[str, str]
) -> None:
    damage(world, "DELETE FROM seats WHERE user_id = ?", victim=people["ana"])
    damage(world, "UPDATE claims SET since = '2999-01-01T00:00:00.000000Z' WHERE user_id = ?", victim=people["ana"])
    reconciling.repair(world.units, acme, CAUSE)
    assert world.held_by(acme, "cid") == {"meeting": "assigned"}
    assert world.held_by(acme, "ana") == {"meeting": "waiting"}


def test_seats_beyond_those_bought_return_to_the_queue_last_come_first(
    world: World, acme: Tenant, people: dict[str, str]
) -> None:
    damage(world, "UPDATE seats SET state = 'assigned' WHERE product = 'meeting'")
    reconciling.repair(world.units, acme, CAUSE)
    states = [world.held_by(acme, name)["meeting"] for name in ("ana", "bob", "cid", "dee")]
    assert states == ["assigned", "assigned", "waiting", "waiting"]


def test_a_repair_is_in_the_audit_trail(world: World, acme: Tenant, people: dict[str, str]) -> None:
    damage(world, "UPDATE subscriptions SET waiting = 9 WHERE product = 'meeting'")
    reconciling.repair(world.units, acme, CAUSE)
    entry = next(each for each in world.trail(acme) if each.action == "subscription.recounted")
    assert (entry.object_id, entry.actor) == ("meeting", "test")


def test_an_address_owned_elsewhere_is_not_taken_by_a_repair(
    world: World, acme: Tenant, people: dict[str, str]
) -> None:
    """A person whose address another tenant got hold of keeps an issue, not the address."""
    other = world.tenant("other")
    theirs = world.connect(other).create_user("someone")["id"]
    damage(
        world,
        "UPDATE addresses SET tenant_id = ?, user_id = ? WHERE address_key = 'eve@x.test'",
        tenant=other.id,
        user=theirs,
    )
    assert reconciling.repair(world.units, acme, CAUSE) == [f"EMAIL_IN_USE not open: {people['eve']}"]
    assert reconciling.repair(world.units, acme, CAUSE) == []
    assert reconciling.repair(world.units, other, CAUSE) != []
    assert reconciling.repair(world.units, acme, CAUSE) != []
    assert reconciling.differences(world.units, acme) == []


def test_a_held_seat_without_an_end_gets_one(world: World, acme: Tenant, okta: Connection) -> None:
    """Nobody could see or decide about it, and no chore would ever release it."""
    world.buy(acme, "meeting", 20)
    world.rule(acme, "Sales", "meeting")
    staff = okta.create_group("Sales", *(okta.create_user(f"user{number}")["id"] for number in range(8)))
    okta.delete(f"/Groups/{staff['id']}")
    held = removing.held(world.units, acme)
    assert held
    damage(world, "UPDATE seats SET due = NULL WHERE state = 'held'")
    assert removing.held(world.units, acme) == []
    assert "end of a held seat lost" in reconciling.differences(world.units, acme)[0]
    reconciling.repair(world.units, acme, CAUSE)
    assert {each.id for each in removing.held(world.units, acme)} == {each.id for each in held}
    world.advance(25 * 3600)
    assert world.do_chore("release-held-seats") == len(held)
    world.check()
