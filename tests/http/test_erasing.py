"""Erasing a deleted person: no table has any of their texts left, nobody else loses anything, the trail verifies."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from scim_server.config import SmtpServer
from scim_server.domain.errors import Gone, Missing, Taken
from scim_server.domain.invitations import Offer
from scim_server.domain.mails import Mail
from scim_server.domain.particulars import Newcomer
from scim_server.domain.tenants import Tenant
from scim_server.services import (
    answering,
    auditing,
    erasing,
    inviting,
    joining,
    leaving,
    person_tokens,
    stocktaking,
    tenancy,
)
from scim_server.services.audit_entries import AuditEntry, SoughtEntries
from scim_server.store.seals import SEALED
from scim_server.store.tables import metadata
from scim_server.store.vaults import Vault
from tests.api.callers import caller
from tests.schedules import load, session
from tests.tellings import listen
from tests.worlds import CAUSE, ENTERPRISE, USER, Connection, World

CANARY = "quimby"
ZOE = "zoe.quimby@acme.test"
KEY = "k" * 32
FACTS: dict[str, Any] = {
    "displayName": "Zoé Quimby",
    "name": {"givenName": "Zoé", "familyName": "Quimby", "formatted": "Dr. Zoé Quimby"},
    "nickName": "Quimbyesque",
    "externalId": "hr-quimby-42",
    "emails": [{"value": ZOE, "type": "work", "primary": True}, {"value": "quimby@home.test", "type": "home"}],
    "phoneNumbers": [{"value": "+33 1 quimby"}],
    "title": "Quimby's own title",
    "entitlements": ["meeting"],
    "schemas": [USER, ENTERPRISE],
    ENTERPRISE: {"employeeNumber": "E-quimby", "department": "Sales"},
}


@pytest.fixture
def world(build_world: Callable[..., World]) -> World:
    """A world that seals, and that has a mail server to send by."""
    built = build_world(secret_key=(KEY,), smtp_url=SmtpServer("127.0.0.1", 9, "none"))
    built.sell("meeting", "webinar:meeting", "training:meeting")
    return built


def create(client: Connection, name: str, **facts: Any) -> str:
    facts = {**FACTS, **facts}
    return str(client.create_user(name, **facts)["id"])


def live(world: World, acme: Tenant, okta: Connection) -> list[str]:
    """Everything that can be left of somebody; answers the ids that she had, one after the other."""
    listen(world, acme.slug)
    world.buy(acme, "meeting", 9)
    bob = okta.create_user("bob@acme.test", displayName="Bob", entitlements=["meeting"])["id"]
    zoe = create(okta, ZOE)
    okta.create_user("carl@acme.test", **{"schemas": [USER, ENTERPRISE], ENTERPRISE: {"manager": {"value": zoe}}})
    refused = okta.post("/Users", {"schemas": [USER], "userName": ZOE})
    assert refused.status_code == 409
    okta.find("/Users", f'userName eq "{ZOE.upper()}"')
    okta.search("/Users", filter='displayName co "zoé quimby"')
    okta.patch(f"/Users/{zoe}", {"op": "replace", "path": "title", "value": "Quimby's new title"})
    group = okta.create_group("Sales", bob, zoe)["id"]
    member = {"value": zoe, "display": "Zoé Quimby"}
    assert okta.patch(f"/Groups/{group}", {"op": "add", "path": "members", "value": [member]}).status_code < 300
    load(world, acme, session("m1", zoe, title="Quimby's plan", coOrganisers=[bob]), session("m2", bob))
    load(world, acme, session("r1", zoe, "recording", title="Zoé Quimby speaks"))
    person_tokens.issue_token(world.units, acme, CAUSE, ZOE, timedelta(days=1))
    assert okta.delete(f"/Users/{zoe}").status_code == 204
    again = create(okta, ZOE, title="Quimby's second title")
    assert okta.delete(f"/Users/{again}").status_code == 204
    by_hand(world, acme)
    world.installation.log.flush()
    return [zoe, again]


def by_hand(world: World, acme: Tenant) -> None:
    """An invitation that was declined, an import in which she is, an add with a key."""
    elsewhere(world, "quimby@home.test")
    sent = inviting.send(
        world.units,
        acme,
        CAUSE,
        "quimby@home.test",
        Offer(first="Zoé", last="Quimby"),
        None,
        public_url="https://seats.example.com",
        by_mail=True,
    )
    answering.decline(world.units, CAUSE, sent.link)
    client = caller(world, acme)
    rows = f"email,first_name,last_name\n{ZOE},Zoé,Quimby\ndora@acme.test,Dora,Diaz\n"
    brought = client.post("~/imports?mode=best_effort", rows.encode(), Content_Type="text/csv")
    assert client.post(f"~/imports/{brought.json['id']}/run").status_code == 202
    world.do_chore("imports")
    keyed = {"email": "quimby@late.test", "firstName": "Zoé", "lastName": "Quimby"}
    made = client.post("~/users", keyed, Idempotency_Key="once")
    assert made.status_code < 300, made.text
    post(world, acme, "quimby@home.test", "Welcome", "Here you are.")
    post(world, acme, "admin@acme.test", "A seat waits", "It is for Zoé Quimby.")
    post(world, acme, "admin@acme.test", "A seat waits", "It is for Bob.")
    for name in (ZOE, "quimby@late.test"):
        leaving.delete_person(world.units, acme, CAUSE, name)


def post(world: World, acme: Tenant, recipient: str, subject: str, body: str) -> None:
    """A mail about something else than her that was not sent yet."""
    with world.units.write(acme, CAUSE) as uow:
        uow.mails.post(Mail(acme.id, uow.new_id(), recipient, subject, body, "other", uow.now, 0, uow.now))
        uow.commit()


def elsewhere(world: World, address: str) -> None:
    """Somebody of another tenant has the address."""
    other = next((each for each in tenancy.tenants(world.units) if each.slug == "other"), None) or world.tenant("other")
    world.connect(other, "okta").create_user("somebody", emails=[{"value": address}])


def told(world: World) -> dict[str, list[str]]:
    """By table, each row of acme's with what is sealed in it opened, as one text."""
    vault, others = Vault((KEY,)), {each.id for each in tenancy.tenants(world.units) if each.slug != "acme"}
    found: dict[str, list[str]] = {}
    for table in metadata.sorted_tables:
        for row in (each for each in world.rows(table.name) if each.get("tenant_id") not in others):
            for sealed in SEALED.values():
                if sealed.table is table and row[sealed.column]:
                    place = sealed.place(
                        *(
                            row[column.name]
                            for column in table.primary_key.columns
                            if column.name != "tenant_id" or len(table.primary_key.columns) > 1
                        )
                    )
                    row[sealed.column] = vault.open(row[sealed.column], place)
            found.setdefault(table.name, []).append(json.dumps(row, ensure_ascii=False, default=str).lower())
    return found


def naming(world: World) -> dict[str, int]:
    """In how many rows of which tables she is named."""
    counted = {table: sum(CANARY in row for row in rows) for table, rows in told(world).items()}
    return {table: count for table, count in counted.items() if count}


def about(world: World, acme: Tenant, ids: list[str]) -> list[AuditEntry]:
    sought = (SoughtEntries(10_000, object_id=each) for each in ids)
    return [entry for each in sought for entry in auditing.entries(world.units, acme, each)]


def erase(world: World, acme: Tenant, user: str, **options: Any) -> erasing.Erased:
    return erasing.erase_person(world.units, acme, CAUSE, user, despite_retention=True, **options)


def test_no_table_has_any_of_the_texts_left(world: World, acme: Tenant, okta: Connection) -> None:
    ids = live(world, acme, okta)
    before = naming(world)
    left = {"tombstones", "sessions", "provisioning_log", "outbox", "mails", "import_rows", "invitations"}
    assert left | {"idempotent_requests"} <= before.keys(), before
    foreseen = erasing.preview(world.units, acme, ZOE)
    assert naming(world) == before
    done = erase(world, acme, ZOE)
    assert {**done.removed, "idempotent_requests": 0} == {**foreseen.removed, "idempotent_requests": 0}
    assert set(ids) <= set(done.ids)
    erase(world, acme, "quimby@late.test")
    assert naming(world) == {}


def test_nobody_else_loses_anything(world: World, acme: Tenant, okta: Connection) -> None:
    live(world, acme, okta)

    def others() -> dict[str, set[str]]:
        return {
            table: {row for row in rows if CANARY not in row and ("bob" in row or "carl" in row or "dora" in row)}
            for table, rows in told(world).items()
        }

    before = others()
    erase(world, acme, ZOE)
    after = others()
    assert {table: rows - after[table] for table, rows in before.items() if rows - after.get(table, set())} == {}
    assert world.person(acme, "bob@acme.test").user.display_name == "Bob"
    assert [row["id"] for row in world.rows("sessions")] == ["m2"]


def test_the_trail_cannot_be_read_any_more_and_verifies(world: World, acme: Tenant, okta: Connection) -> None:
    ids = live(world, acme, okta)
    key = world.installation.sealer.key()
    differing = stocktaking.compare(world.units, acme)
    exported = b"".join(auditing.export(world.units, acme, key))
    readable = [entry for entry in about(world, acme, ids) if not entry.erased]
    assert readable
    done = erase(world, acme, ZOE)
    found = about(world, acme, ids)
    assert len(found) >= len(readable)
    assert [e.action for e in found if not e.erased and (e.before or e.after) and e.object_type != "erasure"] == []
    assert {row["person"] for row in world.rows("person_keys")}.isdisjoint(ids)
    (told_,) = [entry for entry in world.trail(acme) if entry.action == "erasure.done"]
    assert told_.person is None
    erased = [row["subject"] for row in world.rows("outbox") if row["event"] == "user.erased"]
    assert sorted(erased) == sorted(f"user:{each}" for each in done.ids)
    assert told_.after == {"ids": list(done.ids), "keys": done.keys, "removed": _stored(done)}
    checked = auditing.check(world.units, acme, key)
    assert (checked.fault, checked.entries >= len(found)) == (None, True)
    assert exported.splitlines()[1] in b"".join(auditing.export(world.units, acme, key))
    assert stocktaking.compare(world.units, acme) == differing


def _stored(done: erasing.Erased) -> dict[str, int]:
    return {table: rows for table, rows in done.removed.items() if table != "idempotent_requests"}


def test_whoever_is_there_is_not_erased(world: World, acme: Tenant, okta: Connection) -> None:
    zoe = create(okta, ZOE)
    for name in (ZOE, zoe):
        with pytest.raises(Taken, match="delete the person first"):
            erase(world, acme, name)
    okta.delete(f"/Users/{zoe}")
    again = create(okta, ZOE)
    with pytest.raises(Taken, match="delete the person first"):
        erase(world, acme, zoe)
    assert okta.get(f"/Users/{again}").json["displayName"] == "Zoé Quimby"


def test_retention_forbids_it_until_it_is_over(world: World, acme: Tenant, okta: Connection) -> None:
    okta.delete(f"/Users/{create(okta, ZOE)}")
    with pytest.raises(Taken, match="keeps deleted people for 30 days"):
        erasing.erase_person(world.units, acme, CAUSE, ZOE)
    world.advance(31 * 86_400)
    assert erasing.erase_person(world.units, acme, CAUSE, ZOE).removed["tombstones"] == 1
    assert naming(world) == {}


def test_whoever_was_forgotten_is_erased_by_id(world: World, acme: Tenant, okta: Connection) -> None:
    zoe = create(okta, ZOE)
    okta.delete(f"/Users/{zoe}")
    world.advance(31 * 86_400)
    assert world.do_chore("forget-deleted") == 1
    with pytest.raises(Missing):
        erase(world, acme, ZOE)
    done = erase(world, acme, zoe)
    assert "tombstones" not in done.removed
    assert naming(world) == {}
    with pytest.raises(Gone, match="already"):
        erase(world, acme, zoe)


def test_nobody_is_erased_whom_somebody_awaits(world: World, acme: Tenant, okta: Connection) -> None:
    okta.delete(f"/Users/{create(okta, ZOE)}")
    elsewhere(world, ZOE)
    inviting.send(world.units, acme, CAUSE, ZOE, Offer(), None, public_url="https://seats.example.com", by_mail=False)
    with pytest.raises(Taken, match="An invitation to the person is open"):
        erase(world, acme, ZOE)


def test_nobody_is_erased_who_waits_to_be_added(world: World, acme: Tenant, okta: Connection) -> None:
    okta.delete(f"/Users/{create(okta, ZOE)}")
    elsewhere(world, ZOE)
    joining.add_person(world.units, acme, CAUSE, Newcomer(ZOE, "Zoé", "Quimby"))
    with pytest.raises(Taken, match="waits to be added"):
        erase(world, acme, ZOE)


def test_ids_of_other_things_erase_nobody(world: World, acme: Tenant, okta: Connection) -> None:
    group = okta.create_group("Sales")["id"]
    for text in ("nobody@acme.test", group, "\0"):
        with pytest.raises(Missing):
            erase(world, acme, text)


def test_over_the_api_with_a_preview_and_a_receipt(world: World, acme: Tenant, okta: Connection) -> None:
    okta.delete(f"/Users/{create(okta, ZOE)}")
    client = caller(world, acme)
    foreseen = client.done("GET", f"~/deleted-users/{ZOE}/erasure")
    assert {"table": "tombstones", "rows": 1} in foreseen["removed"]
    refused: TestResponse = client.post(f"~/deleted-users/{ZOE}/erasure", {})
    assert refused.status_code == 409
    done = client.done("POST", f"~/deleted-users/{ZOE}/erasure", {"despiteRetention": True})
    assert CANARY not in json.dumps(done)
    assert done["keys"] == foreseen["keys"]
    assert client.get(f"~/deleted-users/{ZOE}").status_code == 404
