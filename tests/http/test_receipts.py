"""Leaver receipts: opened with the leaving, acknowledged by the application, watched by a clock (docs/receipts.md)."""

from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest

from scim_server.config import VARIABLES
from scim_server.domain.tenants import Tenant
from scim_server.services import authorising, editing, leaving, receipt_lists, stocktaking
from tests.api.callers import Caller, caller
from tests.http.test_statements import counting
from tests.mailboxes import Mailbox
from tests.transfers import take_over
from tests.worlds import CAUSE, Connection, World

HOUR = 3600
PARTS = ["sessions", "keys", "data_access"]


@pytest.fixture
def world(build_world: Callable[..., World], mailbox: tuple[Mailbox, str]) -> World:
    """A world with a mail server."""
    return build_world(smtp_url=VARIABLES["smtp_url"].read(mailbox[1]))


@pytest.fixture
def acme(world: World) -> Tenant:
    """A tenant that asks for receipts."""
    world.tenant("acme")
    return world.decide("acme", receipts="yes")


@pytest.fixture
def api(world: World, acme: Tenant) -> Caller:
    return caller(world, acme)


def suspend(client: Connection, user_id: str, *, back: bool = False) -> None:
    answer = client.patch(f"/Users/{user_id}", {"op": "replace", "path": "active", "value": back})
    assert answer.status_code == 200, answer.text


def left(api: Caller, **members: Any) -> dict[str, Any]:
    """The one receipt there is, which has those members."""
    (one,) = api.items("~/receipts")
    assert {name: one[name] for name in members} == members
    return one


def acknowledge(api: Caller, receipt: dict[str, Any], *parts: str) -> dict[str, Any]:
    answered: dict[str, Any] = api.done("POST", f"~/receipts/{receipt['id']}/acknowledgements", {"parts": list(parts)})
    return answered


def issues(api: Caller) -> list[dict[str, Any]]:
    return api.items("~/issues?code=LEAVER_NOT_CONFIRMED")


def actions(world: World, acme: Tenant) -> list[str]:
    return [entry.action for entry in world.trail(acme) if entry.object_type == "receipt"]


def test_who_is_suspended_by_the_identity_provider_leaves_a_receipt(
    world: World, acme: Tenant, okta: Connection, api: Caller
) -> None:
    ana = okta.create_user("ana")["id"]
    assert api.items("~/receipts") == []
    suspend(okta, ana)
    one = left(api, userId=ana, userName="ana", ended="suspended", state="open", missing=PARTS, acknowledged=[])
    assert one["since"] < one["due"]
    suspend(okta, ana)
    left(api, id=one["id"])
    assert api.done("GET", f"~/receipts/{one['id']}") == one
    assert stocktaking.compare(world.units, acme) == []


def test_an_admin_who_suspends_or_deletes_leaves_one_too(
    world: World, acme: Tenant, okta: Connection, api: Caller
) -> None:
    okta.create_user("ana")
    bo = okta.create_user("bo")["id"]
    editing.suspend_person(world.units, acme, CAUSE, "ana")
    okta.delete(f"/Users/{bo}")
    found = {each["userName"]: each["ended"] for each in api.items("~/receipts")}
    assert found == {"ana": "suspended", "bo": "deleted"}
    assert [each["userName"] for each in api.items("~/receipts?user=bo")] == ["bo"]
    assert api.refused(404, "GET", "~/receipts?user=nobody")
    leaving.delete_person(world.units, acme, CAUSE, "ana")
    assert len(api.items("~/receipts")) == 2, "who was suspended has left already"


def test_the_application_acknowledges_part_by_part(world: World, acme: Tenant, okta: Connection, api: Caller) -> None:
    suspend(okta, okta.create_user("ana")["id"])
    one = left(api)
    after = acknowledge(api, one, "keys")
    assert (after["state"], after["missing"]) == ("open", ["sessions", "data_access"])
    (keys,) = after["acknowledged"]
    assert (keys["part"], keys["by"].partition(":")[0]) == ("keys", "api")
    world.advance(60)
    assert acknowledge(api, one, "keys") == after, "one that was acknowledged stays as it was"
    closed = acknowledge(api, one, *PARTS)
    assert (closed["state"], closed["missing"], closed["closed"] is None) == ("confirmed", [], False)
    assert closed["acknowledged"][1] == keys
    assert acknowledge(api, one, "sessions") == closed
    assert api.items("~/receipts?open=true") == []
    assert actions(world, acme) == ["receipt.opened", "receipt.acknowledged", "receipt.closed"]
    assert stocktaking.compare(world.units, acme) == []


def test_what_is_acknowledged_must_be_known(world: World, okta: Connection, api: Caller) -> None:
    suspend(okta, okta.create_user("ana")["id"])
    one = left(api)
    for parts in ([], ["badge"], ["keys"] * 4):
        api.refused(422, "POST", f"~/receipts/{one['id']}/acknowledgements", {"parts": parts})
    other = caller(world, world.tenant("other"))
    other.refused(404, "POST", f"~/receipts/{one['id']}/acknowledgements", {"parts": PARTS})
    other.refused(404, "GET", f"~/receipts/{one['id']}")
    left(api, missing=PARTS)


def test_who_comes_back_first_makes_it_void(world: World, acme: Tenant, okta: Connection, api: Caller) -> None:
    ana = okta.create_user("ana")["id"]
    suspend(okta, ana)
    suspend(okta, ana, back=True)
    void = left(api, state="void", missing=PARTS)
    assert acknowledge(api, void, *PARTS) == void
    okta.delete(f"/Users/{ana}")
    leaving.restore_person(world.units, acme, CAUSE, "ana")
    assert [each["state"] for each in api.items("~/receipts")] == ["void", "void"]
    world.advance(5 * HOUR)
    assert world.do_chore("watch-receipts") == 0


def test_a_tenant_that_asks_for_none_has_none(world: World, acme: Tenant, okta: Connection, api: Caller) -> None:
    suspend(okta, okta.create_user("ana")["id"])
    world.decide("acme", receipts="no")
    left(api, state="void")
    suspend(okta, okta.create_user("bo")["id"])
    left(api, userName="ana")


def test_who_is_overdue_is_an_issue_until_it_is_acknowledged(
    world: World, acme: Tenant, okta: Connection, api: Caller
) -> None:
    suspend(okta, okta.create_user("ana")["id"])
    world.advance(HOUR - 60)
    assert world.do_chore("watch-receipts") == 0
    assert api.items("~/receipts?overdue=true") == []
    world.advance(120)
    assert [each["state"] for each in api.items("~/receipts?overdue=true")] == ["overdue"]
    assert world.do_chore("watch-receipts") == 1
    assert world.do_chore("watch-receipts") == 0
    assert [each["userName"] for each in issues(api)] == ["ana"]
    acknowledge(api, left(api), *PARTS)
    assert issues(api) == []
    assert actions(world, acme) == ["receipt.opened", "receipt.overdue", "receipt.closed"]
    assert stocktaking.compare(world.units, acme) == []


def test_who_is_long_overdue_is_told_louder(
    world: World, acme: Tenant, okta: Connection, api: Caller, received: Callable[[], list[EmailMessage]]
) -> None:
    for name, role, language in (("eve", "super_admin", "fr"), ("adam", "admin", "en"), ("mia", "manager", "en")):
        okta.create_user(name, emails=[{"value": f"{name}@x.test"}], preferredLanguage=language)
        authorising.grant_role(world.units, acme, CAUSE, name, role)
    for name in ("ana", "bo"):
        suspend(okta, okta.create_user(name)["id"])
    world.advance(HOUR + 1)
    world.do_chore("watch-receipts")
    assert received() == []
    world.advance(HOUR)
    assert world.do_chore("watch-receipts") == 2
    told = {str(mail["To"]): mail for mail in received()}
    assert told.keys() == {"eve@x.test", "adam@x.test"}
    assert told["adam@x.test"]["Subject"] == "Acme: URGENT, access of 2 leaver(s) not confirmed as ended"
    assert "- ana\n- bo\n" in str(told["adam@x.test"].get_content()).replace("\r\n", "\n")
    assert str(told["eve@x.test"]["Subject"]).startswith("Acme : URGENT, fin d'accès non confirmée")
    world.advance(10 * HOUR)
    assert world.do_chore("watch-receipts") == 0
    assert len(issues(api)) == 2


def test_it_outlives_the_person(world: World, acme: Tenant, okta: Connection, api: Caller) -> None:
    ana = okta.create_user("ana")["id"]
    suspend(okta, ana)
    world.advance(HOUR + 1)
    world.do_chore("watch-receipts")
    okta.delete(f"/Users/{ana}")
    assert [(each["userName"], each["userId"]) for each in issues(api)] == [("ana", ana)]
    api.done("POST", "~/issues/reprocess", {})
    assert len(issues(api)) == 1
    world.advance(31 * 24 * HOUR)
    world.do_chore("forget-deleted")
    api = caller(world, acme)
    left(api, userId=ana, userName=None, state="overdue")
    acknowledge(api, left(api), *PARTS)
    assert issues(api) == []


def test_a_suspension_costs_as_much_whoever_watches(world: World, acme: Tenant, okta: Connection) -> None:
    """One insert, and the entry in the trail that rides with the others."""
    ids = [okta.create_user(name)["id"] for name in ("ana", "bo")]
    with counting(world) as asked:
        suspend(okta, ids[0])
    world.decide("acme", receipts="no")
    with counting(world) as unasked:
        suspend(okta, ids[1])
    assert int(asked) - int(unasked) <= 1


def test_whose_place_is_taken_over_leaves_one_that_the_successor_does_not_end(
    world: World, acme: Tenant, okta: Connection, api: Caller
) -> None:
    ana = okta.create_user("ana")["id"]
    take_over(world, acme, "ana", "bea@example.com")
    one = left(api, userId=ana, userName="bea@example.com", ended="taken_over", state="open", missing=PARTS)
    suspend(okta, ana)
    suspend(okta, ana, back=True)
    assert {each["ended"]: each["state"] for each in api.items("~/receipts")} == {
        "taken_over": "open",
        "suspended": "void",
    }
    world.advance(HOUR + 1)
    world.do_chore("watch-receipts")
    assert len(issues(api)) == 1
    suspend(okta, ana)
    world.advance(HOUR + 1)
    world.do_chore("watch-receipts")
    acknowledge(api, one, *PARTS)
    assert len(issues(api)) == 1, "the successor has left as well"
    assert api.done("GET", f"~/receipts/{one['id']}")["state"] == "confirmed"
    assert stocktaking.compare(world.units, acme) == []


def test_closed_ones_are_forgotten_in_time(world: World, acme: Tenant, okta: Connection, api: Caller) -> None:
    world.decide("acme", receipt_days="30")
    for name in ("ana", "bo"):
        suspend(okta, okta.create_user(name)["id"])
    first, second = api.items("~/receipts")
    acknowledge(api, first, *PARTS)
    world.advance(29 * 24 * HOUR)
    assert world.do_chore("forget-receipts") == 0
    world.advance(2 * 24 * HOUR)
    assert world.do_chore("forget-receipts") == 1
    kept = [each.receipt.id for each in receipt_lists.receipts(world.units, acme)]
    assert kept == [second["id"]], "what is open stays"
    assert "receipt.forgotten" in actions(world, acme)
    assert stocktaking.compare(world.units, acme) == []
