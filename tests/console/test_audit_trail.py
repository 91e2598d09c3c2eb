"""The audit trail in the console: searched, read, proved, exported."""

import csv

from scim_server.console.words import WORDS
from scim_server.domain.tenants import Tenant
from scim_server.services import audit_verifications, auditing, editing
from scim_server.services.audit_chains import verify
from scim_server.services.audit_entries import OBJECT_TYPES
from scim_server.store.walls import OPERATOR
from tests.console.visitors import Visitor
from tests.worlds import CAUSE, Connection, World

FOUND: tuple[tuple[dict[str, str], int], ...] = (
    ({"about": "ben@example.com"}, 2),
    ({"about": "Sales"}, 1),
    ({"object": "group"}, 1),
    ({"object": "user", "about": "ben@example.com"}, 2),
    ({"actor": "okta", "object": "group"}, 1),
    ({"actor": "entra"}, 0),
    ({"actor": "system", "object": "user"}, 0),
    ({"action": "user.suspended"}, 1),
    ({"action": "user.suspended", "since": "2026-01-01"}, 1),
    ({"action": "user.suspended", "until": "2026-01-01"}, 0),
    ({"request": "test", "action": "user.suspended"}, 1),
    ({"about": "nobody"}, 0),
)


def fill(world: World, acme: Tenant, okta: Connection) -> dict[str, str]:
    """A person who is suspended by an admin, in a group."""
    ben = okta.create_user("ben@example.com", displayName="Ben Okoro")["id"]
    sales = okta.create_group("Sales", ben)["id"]
    editing.suspend_person(world.units, acme, CAUSE, "ben@example.com")
    return {"ben": ben, "sales": sales}


def listed(visitor: Visitor, **query: str) -> list[str]:
    """The addresses of the entries that are listed."""
    page = visitor.get("/audit", **query)
    assert page.status_code == 200, page.text
    return [part.partition('"')[0] for part in page.text.split('<th scope="row"><a href="')[1:]]


def test_entries_are_found_by_each_condition(world: World, acme: Tenant, okta: Connection, ana: Visitor) -> None:
    world.connect(acme, "entra")
    ids = fill(world, acme, okta)
    assert [(query, len(listed(ana, **query))) for query, _ in FOUND] == list(FOUND)
    assert listed(ana, about=ids["ben"]) == listed(ana, about="ben@example.com")
    okta.delete(f"/Users/{ids['ben']}")
    assert len(listed(ana, about="ben@example.com")) > 2, "who is gone is still known"


def test_the_list_goes_on_where_it_ended(okta: Connection, ana: Visitor) -> None:
    for number in range(60):
        okta.create_user(f"p{number}@example.com")
    first = listed(ana, action="user.created")
    assert len(first) == 50
    page = ana.get("/audit", action="user.created").text
    rest = page.partition('<tr class="more">')[2].partition('href="')[2].partition('"')[0].replace("&amp;", "&")
    part = ana.browser.get(rest, headers={"HX-Request": "true"}).text
    assert part.count('<th scope="row">') == 11
    assert "<html" not in part


def test_an_entry_says_how_it_was_and_is(world: World, acme: Tenant, okta: Connection, ana: Visitor) -> None:
    ids = fill(world, acme, okta)
    okta.patch(f"/Users/{ids['ben']}", {"op": "replace", "path": "displayName", "value": "Benjamin"})
    page = ana.see(listed(ana, about="ben@example.com")[0])
    assert "Person: changed" in page
    assert "Display name Ben Okoro Benjamin" in page
    assert "connection okta" in page
    members = ana.see(listed(ana, about="Sales")[0])
    assert "Members ben@example.com" in members


def test_an_entry_about_an_erased_person_says_so(world: World, acme: Tenant, okta: Connection, ana: Visitor) -> None:
    fill(world, acme, okta)
    address = listed(ana, action="user.suspended")[0]
    with world.installation.database.write(OPERATOR) as connection:
        connection.exec_driver_sql("DELETE FROM person_keys")
        connection.commit()
    assert "Erased with the person’s key." in ana.see(address)


def test_what_was_written_stays_text(okta: Connection, ana: Visitor) -> None:
    okta.create_user("ben@example.com", displayName="<script>alert(1)</script>")
    okta.create_group('"><img src=x>')
    for address in ("/audit", *listed(ana)[:3]):
        page = ana.get(address).text
        assert "<script>alert" not in page
        assert "<img" not in page


def test_what_meets_the_conditions_is_exported(world: World, acme: Tenant, okta: Connection, ana: Visitor) -> None:
    fill(world, acme, okta)
    (row,) = csv.DictReader(ana.get("/audit/export.csv", action="user.suspended").text.splitlines())
    assert (row["objectType"], row["request"], row["actor"]) == ("user", "test", "test")
    everything = list(csv.DictReader(ana.get("/audit/export.csv").text.splitlines()))
    assert len(everything) == len(world.trail(acme))


def test_the_trail_is_verified_step_by_step(world: World, acme: Tenant, okta: Connection, ana: Visitor) -> None:
    fill(world, acme, okta)
    assert "Not verified yet." in ana.see("/audit/verification")
    assert "sealed within seconds" in ana.see("/audit/verification")
    world.installation.sealer.flush()
    page = ana.done("/audit/verification")
    assert "Whole:" in page
    standing = audit_verifications.standing(world.units, acme)
    assert standing.checkpoint is not None
    assert standing.checkpoint.signature in page
    assert auditing.public_key(world.installation.sealer.key()) in page


def test_a_verification_goes_on_over_several_requests(
    world: World, acme: Tenant, okta: Connection, ana: Visitor
) -> None:
    for number in range(audit_verifications.STRETCH // 500 + 1):
        operations = [
            {"method": "POST", "path": "/Users", "bulkId": str(each), "data": {"userName": f"u{number}.{each}@x.test"}}
            for each in range(500)
        ]
        schemas = ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"]
        assert okta.post("/Bulk", {"schemas": schemas, "Operations": operations}).status_code == 200
    world.installation.sealer.flush()
    page = ana.done("/audit/verification")
    assert "Verifying: 2,000 of" in page
    assert "Whole: " in ana.done("/audit/verification")


def test_a_broken_trail_is_found(world: World, acme: Tenant, okta: Connection, ana: Visitor) -> None:
    fill(world, acme, okta)
    world.installation.sealer.flush()
    with world.installation.database.write(OPERATOR) as connection:
        connection.exec_driver_sql("UPDATE audit SET cause = 'nothing' WHERE sequence = 3")
        connection.commit()
    page = ana.done("/audit/verification")
    assert "The trail is broken. Entry 3 is not what was sealed there." in page


def test_the_whole_trail_is_exported_as_it_is_sealed(
    world: World, acme: Tenant, okta: Connection, ana: Visitor
) -> None:
    fill(world, acme, okta)
    lines = ana.get("/audit/export.jsonl").data.splitlines(keepends=True)
    found = verify(lines, auditing.public_key(world.installation.sealer.key()))
    assert found.entries == len(world.trail(acme))


def test_every_type_and_action_of_an_entry_has_words(world: World, acme: Tenant, okta: Connection) -> None:
    fill(world, acme, okta)
    assert set(WORDS["object"]) == set(OBJECT_TYPES)
    assert {entry.action.partition(".")[2] for entry in world.trail(acme)} <= set(WORDS["verb"])
