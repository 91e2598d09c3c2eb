"""What an accepted request leaves behind, and what a refused one does not (design section 6, invariants 10 and 11)."""

from collections import Counter
from typing import Any

import orjson
import pytest

from scim_server.domain.tenants import Tenant
from scim_server.services.audit_entries import AuditEntry
from scim_server.store.tables import metadata
from tests.events import of_person
from tests.http.test_seats import entitle, set_active
from tests.worlds import USER, Connection, World

PASSWORD = "correct-horse-battery-staple"


def entries(world: World, request_id: str) -> list[tuple[str, str]]:
    """Object and action of each audit entry of a request, in order of their names."""
    found = [entry for entry in world.trail() if entry.request_id == request_id]
    return sorted((entry.object_type, entry.action) for entry in found)


def sides(entry: AuditEntry) -> tuple[Any, Any]:
    """The object before and after."""
    return entry.before, entry.after


def events(world: World, user_id: str) -> list[tuple[int, str]]:
    """Number and name of each event of a user, by number."""
    return [(row["number"], row["event"]) for row in of_person(world.rows("outbox"), user_id)]


def everything(world: World) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table."""
    return {name: sorted(world.rows(name), key=str) for name in metadata.tables}


def facts(world: World) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table but the provisioning log, which has every request."""
    return {name: rows for name, rows in everything(world).items() if name != "provisioning_log"}


def decoded(value: Any) -> Any:
    """A JSON column, as either database gives it to a plain statement."""
    return orjson.loads(value) if isinstance(value, str) else value


@pytest.mark.covers("R-7644-7-10")
def test_a_request_leaves_one_entry_per_object_tied_by_its_id(world: World, acme: Tenant, okta: Connection) -> None:
    """A leaver's group, claim, seat, tombstone, heir and departure, all under one request id, connection and cause."""
    world.buy(acme, "meeting", 1)
    ana = okta.create_user("ana", entitlements=["meeting"])
    okta.create_user("bob", entitlements=["meeting"])
    okta.create_group("Sales", ana["id"])
    answer = okta.delete(f"/Users/{ana['id']}")
    request_id = answer.headers["X-Request-Id"]
    assert entries(world, request_id) == [
        ("claims", "claims.changed"),
        ("group", "group.changed"),
        ("seat", "seat.assigned"),
        ("seat", "seat.released"),
        ("tombstone", "tombstone.left"),
        ("user", "user.deleted"),
    ]
    found = [entry for entry in world.trail(acme) if entry.request_id == request_id]
    connection = next(row["id"] for row in world.rows("connections"))
    assert {(entry.actor, entry.cause) for entry in found} == {(f"connection:{connection}", "delete User")}
    assert max(Counter((entry.object_type, entry.object_id) for entry in found).values()) == 1


def test_an_entry_shows_the_object_before_and_after(world: World, acme: Tenant, okta: Connection) -> None:
    ana = okta.create_user("ana", displayName="Ana")
    group = okta.create_group("Sales")
    changed = okta.patch(f"/Users/{ana['id']}", {"op": "replace", "path": "displayName", "value": "Anna"})
    joined = okta.patch(f"/Groups/{group['id']}", {"op": "add", "path": "members", "value": [{"value": ana["id"]}]})
    by_request = {entry.request_id: entry for entry in world.trail(acme)}
    before, after = sides(by_request[changed.headers["X-Request-Id"]])
    assert (before["displayName"], after["displayName"]) == ("Ana", "Anna")
    before, after = sides(by_request[joined.headers["X-Request-Id"]])
    assert "members" not in before
    assert after["members"] == [ana["id"]]


def test_what_an_operator_does_is_recorded_too(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "meeting", 1)
    world.rule(acme, "Sales", "meeting")
    assert entries(world, "test") == [
        ("connection", "connection.created"),
        ("rule", "rule.created"),
        ("subscription", "subscription.set"),
        ("tenant", "tenant.created"),
        ("token", "token.issued"),
    ]


def test_events_of_a_user_are_numbered_in_order_without_gaps(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "meeting", 1)
    ana = okta.create_user("ana", entitlements=["meeting"])["id"]
    bob = okta.create_user("bob", entitlements=["meeting"])["id"]
    set_active(okta, ana, False)
    set_active(okta, ana, True)
    okta.delete(f"/Users/{bob}")
    assert events(world, ana) == [
        (1, "user.provisioned"),
        (2, "seat.assigned"),
        (3, "user.suspended"),
        (4, "seat.released"),
        (5, "user.reactivated"),
        (6, "seat.waiting"),
        (7, "issue.opened"),
        (8, "seat.assigned"),
        (9, "issue.closed"),
    ]
    assert [name for _, name in events(world, bob)] == [
        "user.provisioned",
        "seat.waiting",
        "issue.opened",
        "seat.assigned",
        "issue.closed",
        "seat.released",
        "user.deleted",
    ]
    assert [number for number, _ in events(world, bob)] == [1, 2, 3, 4, 5, 6, 7]


def test_an_event_names_the_request_that_caused_it(world: World, acme: Tenant, okta: Connection) -> None:
    """Somebody's promotion is caused by the request of whoever left."""
    world.buy(acme, "meeting", 1)
    ana = okta.create_user("ana", entitlements=["meeting"])["id"]
    bob = okta.create_user("bob", entitlements=["meeting"])["id"]
    request_id = okta.delete(f"/Users/{ana}").headers["X-Request-Id"]
    row = next(row for row in of_person(world.rows("outbox"), bob) if row["event"] == "seat.assigned")
    assert (row["request_id"], decoded(row["payload"])) == (request_id, {"product": "meeting", "was": "waiting"})


def test_a_change_that_changes_nothing_leaves_nothing(world: World, acme: Tenant, okta: Connection) -> None:
    ana = okta.create_user("ana", displayName="Ana")
    group = okta.create_group("Sales", ana["id"])
    before = facts(world)
    set_active(okta, ana["id"], True)
    okta.put(f"/Users/{ana['id']}", {"schemas": [USER], "userName": "ana", "displayName": "Ana"})
    okta.patch(f"/Groups/{group['id']}", {"op": "add", "path": "members", "value": [{"value": ana["id"]}]})
    okta.patch(f"/Groups/{group['id']}", {"op": "remove", "path": 'members[value eq "nobody"]'})
    assert facts(world) == before


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/Users", {"userName": "ANA", "entitlements": [{"value": "webinar"}]}, 409),
        ("POST", "/Users", {"userName": "new", "emails": "no list of mails", "entitlements": 7}, 400),
        ("POST", "/Users", {"entitlements": [{"value": "meeting"}]}, 400),
        ("POST", "/Users", {"userName": "new", "entitlements": [{"value": "full"}]}, 403),
        ("PUT", "/Users/{ana}", {"displayName": "no user name"}, 400),
        ("PUT", "/Users/{ana}", {"userName": "bob"}, 409),
        (
            "PATCH",
            "/Users/{ana}",
            {"Operations": [{"op": "add", "path": "entitlements", "value": {"value": "full"}}]},
            403,
        ),
        (
            "PATCH",
            "/Users/{ana}",
            {"Operations": [{"op": "replace", "path": "active", "value": False}, {"op": "add", "path": "nothing"}]},
            400,
        ),
        ("POST", "/Groups", {"displayName": "sales"}, 409),
        ("PATCH", "/Groups/{sales}", {"Operations": [{"op": "replace", "path": "members.value", "value": "x"}]}, 400),
        (
            "PATCH",
            "/Groups/{sales}",
            {"Operations": [{"op": "remove", "path": "members"}, {"op": "remove", "path": "displayName"}]},
            400,
        ),
        ("PATCH", "/Groups/{staff}", {"Operations": [{"op": "replace", "path": "displayName", "value": "SALES"}]}, 409),
        ("DELETE", "/Users/nobody", None, 404),
    ],
)
def test_a_refused_request_leaves_nothing_behind(
    world: World, acme: Tenant, okta: Connection, method: str, path: str, body: dict[str, Any] | None, status: int
) -> None:
    world.sell("full")
    world.buy(acme, "full", 0, "reject")
    world.buy(acme, "meeting", 1)
    world.rule(acme, "Sales", "meeting")
    ids = {name: okta.create_user(name)["id"] for name in ("ana", "bob")}
    ids |= {"sales": okta.create_group("Sales", *ids.values())["id"], "staff": okta.create_group("Staff")["id"]}
    before = facts(world)
    assert okta.send(method, path.format(**ids), body).status_code == status
    assert facts(world) == before


def test_an_address_refused_leaves_its_issue_and_nothing_else(world: World, okta: Connection) -> None:
    okta.create_user("ana@x.test")
    client = world.connect(world.tenant("other"))
    before = facts(world)
    body = {"schemas": [USER], "userName": "ana@x.test", "entitlements": [{"value": "meeting"}]}
    assert client.post("/Users", body).status_code == 409
    after = facts(world)
    assert [row["code"] for row in after.pop("issues")] == ["EMAIL_IN_USE"]
    assert before.pop("issues") == []
    (told,) = [row for row in after.pop("outbox") if row not in before["outbox"]]
    assert (told["event"], told["subject"]) == ("issue.opened", f"tenant:{told['tenant_id']}")
    for each in (before, after):
        each.pop("event_numbers")
    assert after == {name: rows for name, rows in before.items() if name != "outbox"}


def test_a_password_is_stored_told_and_logged_nowhere(
    world: World, acme: Tenant, okta: Connection, capfd: pytest.CaptureFixture[str]
) -> None:
    """Whichever way it comes: created, replaced, patched with and without a path, or in a request that is refused."""
    ana = okta.create_user("ana", password=PASSWORD, entitlements=["meeting"])
    path = f"/Users/{ana['id']}"
    answers = [
        okta.put(path, {"schemas": [USER], "userName": "ana", "password": PASSWORD, "displayName": "Ana"}),
        okta.patch(path, {"op": "replace", "path": "password", "value": PASSWORD}),
        okta.patch(path, {"op": "replace", "value": {"password": PASSWORD, "nickName": "A"}}),
        okta.patch(path, {"op": "add", "path": f"{USER}:password", "value": PASSWORD}),
        okta.post("/Users", {"schemas": [USER], "userName": "ANA", "password": PASSWORD}),
        okta.post("/Users", {"schemas": [USER], "userName": "bob", "password": {"value": PASSWORD}}),
        okta.get(f"{path}?attributes=password"),
    ]
    okta.delete(path)
    assert PASSWORD not in str(ana)
    assert PASSWORD not in "".join(answer.text for answer in answers)
    assert PASSWORD not in str(everything(world))
    assert PASSWORD not in str(world.trail())
    assert PASSWORD not in "".join(capfd.readouterr())


def test_a_filter_cannot_find_out_a_password(okta: Connection) -> None:
    okta.create_user("ana", password=PASSWORD)
    answer = okta.get(f'/Users?filter=password eq "{PASSWORD}"')
    assert answer.status_code == 400 or answer.json["totalResults"] == 0


def test_entitlements_exchanged_are_two_seats_in_one_request(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "webinar", 1)
    world.buy(acme, "training", 1)
    ana = okta.create_user("ana", entitlements=["webinar"])
    entitle(okta, ana["id"], "training")
    assert [name for _, name in events(world, ana["id"])][2:] == ["user.changed", "seat.released", "seat.assigned"]
