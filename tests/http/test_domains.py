"""Tenants that registered domains take no address elsewhere, over SCIM (security table, rows A2, A3 and A9)."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from werkzeug.test import TestResponse

from scim_server.domain.errors import ForeignDomain, Invalid
from scim_server.domain.invitations import Offer
from scim_server.domain.particulars import Newcomer, PendingAdd
from scim_server.domain.tenants import Tenant
from scim_server.services import accepting, inviting, joining, leaving, tenancy, undoing, verifying
from tests.domains import Published, own
from tests.transfers import take_over
from tests.worlds import CAUSE, USER, Connection, World, contents

BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"


@pytest.fixture
def owner(world: World, acme: Tenant) -> Connection:
    """A connection of a tenant with two verified domains and one that is not."""
    own(world, acme, "acme.test", "bücher.example")
    verifying.add_domain(world.units, acme, CAUSE, "pending.test")
    return world.connect(acme)


def refused(world: World, answer: Callable[[], TestResponse], address: str) -> None:
    """The request must be refused for that address, and leave the store as it is."""
    before = contents(world)
    got = answer()
    assert (got.status_code, got.json["scimType"]) == (400, "invalidValue"), got.text
    assert f"'{address}' lies in a domain that this tenant has not verified. Use an address in" in got.json["detail"]
    assert contents(world) == before


def body(user_name: str, *emails: str, **more: Any) -> dict[str, Any]:
    return {"schemas": [USER], "userName": user_name, "emails": [{"value": each} for each in emails], **more}


FOREIGN = (
    "ana@other.test",
    "ana@sub.acme.test",
    "ana@acme.test.evil.test",
    "ana@pending.test",
    "ana@xn--bcher-kva2.example",
    "ana@evil.test@acme.test",
    "ana@[10.0.0.1]",
)


def test_nobody_comes_with_an_address_elsewhere(world: World, owner: Connection) -> None:
    for address in FOREIGN:
        for sent in (body(address), body("ana", address), body("ana@acme.test", "ana@acme.test", address)):
            refused(world, lambda sent=sent: owner.post("/Users", sent), address)
        operation = {"method": "POST", "path": "/Users", "bulkId": "1", "data": body("ana", address)}
        bulk = owner.post("/Bulk", {"schemas": [BULK], "Operations": [operation]}).json["Operations"][0]
        assert (bulk["status"], bulk["response"]["scimType"]) == ("400", "invalidValue"), bulk


@pytest.mark.parametrize(
    "sent",
    [
        body("ana"),
        body("ana", "ana@acme.test"),
        body("ana@ACME.test", "Ana@Acme.Test."),
        body("ana@bücher.example", "ana@BÜCHER.example"),
        body("ana@xn--bcher-kva.example", "a@acme.test", "b@bücher.example"),
        body("ana", "no address"),
    ],
)
def test_who_lies_in_a_verified_domain_comes(owner: Connection, sent: dict[str, Any]) -> None:
    made = owner.post("/Users", sent)
    assert made.status_code == 201, made.text
    # Nothing is ever made up: what was not sent is not there (A9).
    assert [email["value"] for email in made.json.get("emails", [])] == [email["value"] for email in sent["emails"]]


def changes(user_id: str, value: str) -> Iterator[Callable[[Connection], TestResponse]]:
    """Every way to bring an address to somebody who is here."""
    emails = [{"value": value}]
    yield lambda client: client.put(f"/Users/{user_id}", body("ana@acme.test", value))
    yield lambda client: client.put(f"/Users/{user_id}", body(value))
    operations: list[dict[str, Any]] = [
        {"op": "replace", "path": "emails", "value": emails},
        {"op": "add", "path": "emails", "value": emails},
        {"op": "replace", "path": "emails[primary eq true].value", "value": value},
        {"op": "replace", "path": 'emails[type eq "work"].value', "value": value},
        {"op": "replace", "value": {"emails": emails}},
        {"op": "replace", "path": "userName", "value": value},
        {"op": "replace", "value": {"userName": value}},
        {"op": "replace", "path": f"{USER}:emails", "value": emails},
    ]
    for operation in operations:
        yield lambda client, operation=operation: client.patch(f"/Users/{user_id}", operation)


def test_nobody_changes_to_an_address_elsewhere(world: World, owner: Connection) -> None:
    work = [{"value": "ana@acme.test", "type": "work", "primary": True}]
    ana = owner.create_user("ana@acme.test", emails=work)["id"]
    for change in changes(ana, "ana@other.test"):
        refused(world, lambda change=change: change(owner), "ana@other.test")
    for change in changes(ana, "ana.lee@acme.test"):
        assert change(owner).status_code == 200


@pytest.fixture
def earlier(world: World, acme: Tenant) -> tuple[Connection, str]:
    """A connection, and somebody with a foreign address who was here before the domain was verified."""
    client = world.connect(acme)
    emails = [{"value": "ana@acme.test", "type": "work"}, {"value": "ana@other.test", "primary": True}]
    ana = client.create_user("ana@other.test", emails=emails)["id"]
    own(world, acme, "acme.test")
    return client, ana


def test_who_is_here_stays_as_they_are(world: World, earlier: tuple[Connection, str]) -> None:
    client, ana = earlier
    known = client.get(f"/Users/{ana}").json
    for operation in (
        {"op": "replace", "path": "title", "value": "Pilot"},
        {"op": "replace", "path": "active", "value": False},
        {"op": "replace", "path": "active", "value": True},
        {"op": "replace", "path": 'emails[type eq "work"].display', "value": "Ana"},
        {"op": "replace", "path": "userName", "value": "ana"},
    ):
        assert client.patch(f"/Users/{ana}", operation).status_code == 200, operation
    assert client.put(f"/Users/{ana}", {**known, "userName": "ana", "title": "Captain"}).status_code == 200
    home = {"op": "add", "path": "emails", "value": [{"value": "ana.lee@acme.test", "type": "home"}]}
    refused(world, lambda: client.patch(f"/Users/{ana}", home), "ana@other.test")
    foreign = {"op": "remove", "path": "emails[primary eq true]"}
    assert client.patch(f"/Users/{ana}", foreign).status_code == 200
    assert client.patch(f"/Users/{ana}", home).status_code == 200


def test_who_is_renamed_before_a_deletion_is_let_go(earlier: tuple[Connection, str]) -> None:
    """Entra puts the id in front of a name that it is about to delete; that brings no new address."""
    client, ana = earlier
    disguised = {"op": "replace", "path": "userName", "value": f"{ana.replace('-', '')}ana@other.test"}
    assert client.patch(f"/Users/{ana}", {"op": "replace", "path": "active", "value": False}).status_code == 200
    assert client.patch(f"/Users/{ana}", disguised).status_code == 200
    assert client.delete(f"/Users/{ana}").status_code == 204


def test_another_foreign_address_cannot_become_the_one_that_counts(world: World, acme: Tenant) -> None:
    client = world.connect(acme)
    emails = [{"value": "ana@acme.test", "primary": True}, {"value": "ana@other.test"}]
    ana = client.create_user("ana", emails=emails)["id"]
    own(world, acme, "acme.test")
    turned = [{"value": "ana@acme.test"}, {"value": "ana@other.test", "primary": True}]
    swap = {"op": "replace", "path": "emails", "value": turned}
    refused(world, lambda: client.patch(f"/Users/{ana}", swap), "ana@other.test")


def test_until_a_domain_is_verified_and_after_the_last_is_removed_every_address_is_taken(
    world: World, acme: Tenant
) -> None:
    client = world.connect(acme)
    verifying.add_domain(world.units, acme, CAUSE, "acme.test")
    client.create_user("ana@other.test")
    verifying.verify_domain(world.units, acme, CAUSE, "acme.test", Published())
    refused(world, lambda: client.post("/Users", body("ben@other.test")), "ben@other.test")
    verifying.remove_domain(world.units, acme, CAUSE, "ACME.test.")
    client.create_user("ben@other.test")


def test_a_domain_is_the_tenants_own_matter(world: World, owner: Connection) -> None:
    """Another tenant takes whom it takes, also in a domain that is verified here."""
    other = world.connect(world.tenant("other"))
    other.create_user("ana@acme.test")
    other.create_user("ben@other.test")


def test_every_other_way_in_is_guarded_alike(world: World, acme: Tenant) -> None:
    """By hand, restored, taken over, invited, retried, undone."""
    client = world.connect(acme)
    outside = world.connect(world.tenant("other"))
    for name in ("ira", "jon"):
        outside.create_user(f"{name}@other.test")
    gone = client.create_user("gil@other.test")["id"]
    client.delete(f"/Users/{gone}")
    waits = joining.add_person(world.units, acme, CAUSE, Newcomer("jon@other.test", "Jon", "Roe"))
    assert isinstance(waits, PendingAdd)
    moved = client.create_user("kim@other.test")["id"]
    to = {"op": "replace", "path": "userName", "value": "kim@acme.test"}
    assert client.patch(f"/Users/{moved}", to).status_code == 200
    change = world.trail(acme)[-1]
    own(world, acme, "acme.test")
    before = contents(world)
    ways: list[Callable[[], Any]] = [
        lambda: joining.add_person(world.units, acme, CAUSE, Newcomer("ana@other.test", "Ana", "Silva")),
        lambda: joining.add_person(world.units, acme, CAUSE, Newcomer("ira@other.test", "Ira", "Silva")),
        lambda: leaving.restore_person(world.units, acme, CAUSE, "gil@other.test"),
        lambda: take_over(world, acme, "kim@acme.test", "lou@other.test"),
        lambda: inviting.send(
            world.units, acme, CAUSE, "ira@other.test", Offer(), None, public_url="https://x.test", by_mail=False
        ),
        lambda: undoing.undo(world.units, acme, CAUSE, undoing.Undoable(entry_id=change.id)),
    ]
    for way in ways:
        with pytest.raises((ForeignDomain, Invalid), match="lies in a domain that this tenant has not verified"):
            way()
        assert contents(world) == before
    (jon,) = outside.find("/Users", 'userName eq "jon@other.test"')
    outside.delete(f"/Users/{jon['id']}")
    assert world.do_chore("retry-adds") == 0
    assert len(joining.waiting_adds(world.units, acme)) == 1
    verifying.remove_domain(world.units, acme, CAUSE, "acme.test")
    assert world.do_chore("retry-adds") == 1


def test_who_is_invited_by_then_is_refused_when_they_accept(world: World, acme: Tenant) -> None:
    world.connect(world.tenant("other")).create_user("ira@other.test")
    sent = inviting.send(
        world.units, acme, CAUSE, "ira@other.test", Offer(), None, public_url="https://x.test", by_mail=False
    )
    own(world, acme, "acme.test")
    before = contents(world)
    with pytest.raises(ForeignDomain):
        accepting.accept(world.units, CAUSE, sent.link)
    assert contents(world) == before


def keys(value: Any) -> Iterator[str]:
    """The names of all members, at any depth."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield name
            yield from keys(each)
    elif isinstance(value, list):
        for each in value:
            yield from keys(each)


def test_no_answer_ever_calls_an_address_verified(world: World, acme: Tenant, owner: Connection) -> None:
    """A3: not where the client says so itself, nor in what others are told of it."""
    email = {"value": "ana@acme.test", "verified": True, "emailVerified": True, "email_verified": True}
    extras = {"emailVerified": True, "email_verified": True, "verified": True}
    made = owner.post("/Users", {"schemas": [USER], "userName": "ana@acme.test", "emails": [email], **extras})
    assert made.status_code == 201
    ana = made.json["id"]
    owner.patch(f"/Users/{ana}", {"op": "add", "path": "emails", "value": [{**email, "type": "work"}]})
    answers = [
        made.json,
        owner.get(f"/Users/{ana}").json,
        owner.get("/Users").json,
        owner.search("/Users", filter='emails.value eq "ana@acme.test"').json,
        owner.get("/Schemas").json,
        [entry.after for entry in world.trail(acme) if entry.object_type == "user"],
        [row["document"] for row in world.rows("users")],
        [row["payload"] for row in world.rows("outbox")],
    ]
    assert [name for name in keys(answers) if "verified" in name.lower()] == []
    for sought in ("emails.verified eq true", "emailVerified eq true"):
        assert owner.search("/Users", filter=sought).status_code == 400


def test_the_names_of_domains_carry_no_authority(world: World, acme: Tenant) -> None:
    """A domain that nobody proved can be added by anybody, and changes nothing for anybody."""
    for name in ("other.test", "gmail.com"):
        verifying.add_domain(world.units, acme, CAUSE, name)
    client = world.connect(acme)
    client.create_user("ana@elsewhere.test")
    assert tenancy.tenant(world.units, "acme").settings == acme.settings
