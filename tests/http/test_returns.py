"""Who comes back: continued over SCIM under a new id, or restored by an admin under the old one (design section 6)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import insert

from scim_server.domain.errors import AddressTaken, Missing, Refusal, SeatLimit, Taken
from scim_server.domain.particulars import Edit
from scim_server.domain.seats import BY_ADMIN
from scim_server.domain.tenants import Tenant
from scim_server.services import editing, leaving, people, tenancy
from scim_server.services.people import Portrait
from scim_server.store.tables import sessions
from scim_server.store.walls import OPERATOR
from tests.events import data_of, of_person
from tests.worlds import CAUSE, USER, Connection, World, contents

DAY = 24 * 3600
MAIL = {"emails": [{"value": "ana@x.test", "primary": True}]}
PERSON = {"externalId": "e-1", "displayName": "Ana", **MAIL}


@pytest.fixture
def ana(world: World, acme: Tenant, okta: Connection) -> str:
    """The id that Ana had: she was deleted, and organised a webinar with somebody."""
    world.buy(acme, "meeting", 1)
    ana = str(okta.create_user("ana", entitlements=["meeting"], **PERSON)["id"])
    organise(world, acme, "s-1", ana, [])
    organise(world, acme, "s-2", "somebody", ["x", ana])
    okta.delete(f"/Users/{ana}")
    return ana


def organise(world: World, acme: Tenant, session_id: str, organiser: str, co_organisers: list[str]) -> None:
    row = {
        "tenant_id": acme.id,
        "id": session_id,
        "kind": "webinar",
        "organiser": organiser,
        "title": session_id,
        "starts": "2030-01-01T00:00:00.000000Z",
        "co_organisers": co_organisers,
    }
    with world.installation.database.write(OPERATOR) as connection:
        connection.execute(insert(sessions).values(**row))
        connection.commit()


def renewed(world: World, acme: Tenant, connection: Connection) -> Connection:
    """The same connection with a token as of now."""
    _, token = tenancy.issue_token(world.units, acme, CAUSE, connection.name, timedelta(days=1))
    return replace(connection, token=token)


def organisers(world: World) -> list[Any]:
    rows = sorted(world.rows("sessions"), key=lambda row: row["id"])
    return [rows[0]["organiser"], str(rows[1]["co_organisers"]).replace("'", '"').replace(" ", "")]


def restore(world: World, acme: Tenant, name: str = "ana", user_id: str | None = None) -> Portrait:
    return leaving.restore_person(world.units, acme, CAUSE, name, user_id)


def refused(world: World, acme: Tenant, kind: type[Refusal], name: str = "ana", user_id: str | None = None) -> str:
    """What a restore that is refused, and changes nothing, says."""
    before = contents(world)
    with pytest.raises(kind) as raised:
        restore(world, acme, name, user_id)
    assert contents(world) == before
    return raised.value.detail


@pytest.mark.parametrize(
    ("name", "attributes"),
    [
        ("ana", PERSON),
        ("ana.new", {"externalId": "e-1"}),
        ("ana.new", {"externalId": "e-1", "emails": [{"value": "new@x.test"}]}),
        ("ana.new", MAIL),
    ],
    ids=["as before", "same externalId", "another address", "same address"],
)
@pytest.mark.parametrize("day", [0, 29])
def test_who_comes_back_in_time_continues_under_a_new_id(
    world: World, acme: Tenant, okta: Connection, ana: str, name: str, attributes: dict, day: int
) -> None:
    world.advance(day * DAY)
    client = renewed(world, acme, okta)
    back = client.create_user(name, **attributes)["id"]
    assert back != ana
    assert client.get(f"/Users/{ana}").status_code == 404
    assert world.person(acme, name).continues == [ana]
    assert organisers(world) == [back, f'["x","{back}"]']
    (gone,) = people.departed(world.units, acme)
    assert gone.tombstone.successor == back


@pytest.mark.parametrize(
    ("name", "attributes"),
    [("ana", {"externalId": "e-2", **MAIL}), ("ana", {}), ("ana@x.test", {"externalId": "e-2"})],
    ids=["another externalId", "the name alone", "another person's address"],
)
def test_who_is_somebody_else_continues_nobody(
    world: World, acme: Tenant, okta: Connection, ana: str, name: str, attributes: dict
) -> None:
    okta.create_user(name, **attributes)
    assert world.person(acme, name).continues == []
    assert organisers(world)[0] == ana


def test_another_connection_and_another_tenant_continue_nobody(
    world: World, acme: Tenant, okta: Connection, ana: str
) -> None:
    world.connect(world.tenant("other")).create_user("ana", **PERSON)
    other = world.tenant("third")
    assert people.departed(world.units, other) == []
    world.connect(acme, "second").create_user("ana", externalId="e-1")
    assert world.person(acme, "ana").continues == []
    assert okta.get(f"/Users/{ana}").status_code == 404


def test_after_retention_nobody_comes_back(world: World, acme: Tenant, okta: Connection, ana: str) -> None:
    world.advance(31 * DAY)
    assert "nobody 'ana' to restore" in refused(world, acme, Missing)
    renewed(world, acme, okta).create_user("ana", **PERSON)
    assert world.person(acme, "ana").continues == []
    assert organisers(world)[0] == ana


def test_the_setting_says_how_long(world: World, acme: Tenant, ana: str) -> None:
    world.decide(acme.slug, retention_days="2")
    world.advance(2 * DAY)
    shorter = world.decide(acme.slug)
    assert "kept for 2 days" in refused(world, shorter, Missing)
    longer = world.decide(acme.slug, retention_days="3")
    assert restore(world, longer).user.id == ana


def test_who_comes_back_again_and_again_continues_all(world: World, acme: Tenant, okta: Connection, ana: str) -> None:
    second = okta.create_user("ana", **PERSON)["id"]
    okta.delete(f"/Users/{second}")
    third = okta.create_user("ana", **PERSON)["id"]
    assert world.person(acme, "ana").continues == [second, ana]
    assert organisers(world)[0] == third


def test_a_continuation_is_told_to_products_and_audit(world: World, okta: Connection, ana: str) -> None:
    back = okta.create_user("ana", **PERSON)["id"]
    told = {row["event"]: data_of(row) for row in of_person(world.rows("outbox"), back)}
    assert told["user.provisioned"] == {"continues": ana}
    (entry,) = [entry for entry in world.trail() if (entry.object_id, entry.action) == (back, "user.created")]
    assert entry.after is not None
    assert entry.after["continues"] == ana


@pytest.mark.parametrize("day", [0, 29])
def test_a_restored_person_is_who_they_were(world: World, acme: Tenant, okta: Connection, ana: str, day: int) -> None:
    world.advance(day * DAY)
    restored = restore(world, acme)
    assert restored.user.id == ana
    assert world.held_by(acme, "ana") == {"meeting": "assigned"}
    now = renewed(world, acme, okta).get(f"/Users/{ana}").json
    assert (now["externalId"], now["displayName"], now["emails"]) == ("e-1", "Ana", PERSON["emails"])
    assert now["meta"]["version"] == 'W/"2"'
    assert now["meta"]["created"] < now["meta"]["lastModified"]
    assert people.departed(world.units, acme) == []
    assert [row["user_id"] for row in world.rows("addresses")] == [ana]
    assert "user.restored" in [row["event"] for row in world.rows("outbox")]


def test_memberships_do_not_return(world: World, acme: Tenant, okta: Connection, ana: str) -> None:
    world.rule(acme, "Sales", "webinar")
    restore(world, acme)
    group = okta.create_group("Sales", ana)["id"]
    okta.delete(f"/Users/{ana}")
    restore(world, acme)
    assert okta.member_ids(group) == set()
    assert world.held_by(acme, "ana") == {"meeting": "assigned"}


def test_what_was_given_by_hand_and_a_block_return(world: World, acme: Tenant, okta: Connection, ana: str) -> None:
    world.buy(acme, "webinar", 1)
    restore(world, acme)
    editing.edit_person(world.units, acme, CAUSE, "ana", Edit(), added=["webinar"])
    editing.suspend_person(world.units, acme, CAUSE, "ana")
    okta.delete(f"/Users/{ana}")
    assert restore(world, acme).user.blocked_for == "by_admin"
    assert world.held_by(acme, "ana") == {}
    editing.reactivate_person(world.units, acme, CAUSE, "ana")
    assert world.held_by(acme, "ana") == {"webinar": "assigned"}
    claims = {(claim.product, claim.source) for claim in world.person(acme, "ana").claims}
    assert claims == {("meeting", "direct"), ("webinar", BY_ADMIN)}


def test_what_an_admin_took_stays_taken(world: World, acme: Tenant, okta: Connection, ana: str) -> None:
    restore(world, acme)
    editing.edit_person(world.units, acme, CAUSE, "ana", Edit(), removed=["meeting"])
    okta.delete(f"/Users/{ana}")
    restore(world, acme)
    assert world.held_by(acme, "ana") == {}
    assert okta.get(f"/Users/{ana}").json["entitlements"] == [{"value": "meeting"}]


@pytest.mark.parametrize("way", ["restore", "reactivate"])
def test_no_admin_grants_by_bringing_back_what_a_connection_may_not(
    world: World, acme: Tenant, okta: Connection, way: str
) -> None:
    roles = [{"value": "super_admin"}, {"value": "admin"}, {"value": "unheard-of"}]
    okta.create_user("super", roles=[{"value": "admin"}])
    ben = okta.create_user("ben", roles=roles)["id"]
    before = {(each.code, each.subject) for each in world.person(acme, "ben").issues}
    assert before == {("ROLE_ABOVE_MAX", "super_admin"), ("UNKNOWN_ROLE", "unheard-of")}
    if way == "restore":
        okta.delete(f"/Users/{ben}")
        restore(world, acme, "ben")
    else:
        editing.suspend_person(world.units, acme, CAUSE, "ben")
        assert world.roles_of(acme, "ben") == []
        editing.reactivate_person(world.units, acme, CAUSE, "ben")
    assert world.roles_of(acme, "ben") == [("admin", "direct")]
    assert {(each.code, each.subject) for each in world.person(acme, "ben").issues} == before
    assert okta.get(f"/Users/{ben}").json["roles"] == roles


def test_who_was_suspended_stays_so(world: World, acme: Tenant, okta: Connection, ana: str) -> None:
    restore(world, acme)
    okta.patch(f"/Users/{ana}", {"op": "replace", "path": "active", "value": False})
    okta.patch(f"/Users/{ana}", {"op": "remove", "path": "active"})
    okta.delete(f"/Users/{ana}")
    assert restore(world, acme).status == "suspended"


def test_the_newest_is_restored_and_any_other_by_id(world: World, acme: Tenant, okta: Connection, ana: str) -> None:
    second = okta.create_user("ana", **PERSON)["id"]
    okta.delete(f"/Users/{second}")
    assert restore(world, acme).user.id == second
    assert world.person(acme, "ana").continues == [ana]
    assert "user 'ana' continues that person" in refused(world, acme, Taken, user_id=ana)
    okta.delete(f"/Users/{second}")
    assert restore(world, acme, user_id=ana).user.id == ana
    assert world.person(acme, "ana").continues == [second]
    assert organisers(world)[0] == ana
    assert "nobody 'ana' to restore" in refused(world, acme, Missing, user_id="unheard-of")


def test_who_has_the_name_or_the_address_is_named(world: World, acme: Tenant, okta: Connection, ana: str) -> None:
    holder = okta.create_user("ANA", externalId="e-2")["id"]
    assert f"user 'ANA' ({holder}) has the name" in refused(world, acme, Taken)
    okta.delete(f"/Users/{holder}")
    okta.create_user("ben", externalId="e-3", **MAIL)
    assert "user 'ben' has the address 'ana@x.test'" in refused(world, acme, Taken, user_id=ana)


def test_an_address_in_use_outside_the_tenant_names_nobody(world: World, acme: Tenant, ana: str) -> None:
    world.connect(world.tenant("other")).create_user("eve", **MAIL)
    said = refused(world, acme, AddressTaken)
    assert "outside this tenant" in said
    assert "eve" not in said
    assert ana


def test_a_full_subscription_makes_them_wait_or_refuses(world: World, acme: Tenant, okta: Connection, ana: str) -> None:
    world.buy(acme, "meeting", 1, "reject")
    okta.create_user("ben", entitlements=["meeting"])
    assert refused(world, acme, SeatLimit).startswith("seatLimit")
    world.buy(acme, "meeting", 1, "wait")
    assert restore(world, acme).status == "waiting"
    assert ana


def test_nobody_is_restored_who_was_not_deleted(world: World, acme: Tenant, okta: Connection, ana: str) -> None:
    okta.create_user("ben")
    refused(world, acme, Missing, "ben")
    refused(world, acme, Missing, "no\x00body")
    refused(world, world.tenant("other"), Missing)
    assert ana


def test_tombstones_are_forgotten_in_time(world: World, acme: Tenant, okta: Connection, ana: str) -> None:
    other = world.tenant("other")
    world.decide(other.slug, retention_days="90")
    client = world.connect(other)
    eve = client.create_user("eve")["id"]
    client.delete(f"/Users/{eve}")
    assert leaving.forget_tombstones(world.units) == 0
    world.advance(31 * DAY)
    assert leaving.forget_tombstones(world.units) == 1
    assert [row["id"] for row in world.rows("tombstones")] == [eve]
    assert okta.name
    assert acme.id
    assert ana


def at_once(*works: Callable[[], object]) -> list[object]:
    """What comes of works that run at the same time: their results, or the kinds of their refusals."""

    def attempt(work: Callable[[], object]) -> object:
        try:
            return work()
        except Refusal as refusal:
            return type(refusal)

    with ThreadPoolExecutor(len(works)) as threads:
        return list(threads.map(attempt, works))


def _post(client: Connection, body: dict) -> int:
    return client.post("/Users", body).status_code


def test_of_many_restores_at_once_one_succeeds(world: World, acme: Tenant, ana: str) -> None:
    outcomes = at_once(*[lambda: restore(world, acme).user.id] * 8)
    assert outcomes.count(ana) == 1
    assert set(outcomes) <= {ana, Taken, Missing}
    assert world.held_by(acme, "ana") == {"meeting": "assigned"}


def test_a_person_is_either_restored_or_continued(world: World, acme: Tenant, okta: Connection, ana: str) -> None:
    """Whoever comes first: never both, never a newcomer who continues somebody who is there."""
    clients = [world.same_client(okta) for _ in range(3)]
    body = {"schemas": [USER], "userName": "ana", **PERSON}
    works = [partial(_post, client, body) for client in clients]
    outcomes = at_once(*works, *[lambda: restore(world, acme).user.id] * 3)
    assert outcomes.count(201) + outcomes.count(ana) == 1
    assert world.person(acme, "ana").continues == ([ana] if 201 in outcomes else [])
    assert len(world.rows("users")) == 1


def test_of_many_newcomers_at_once_one_continues(world: World, acme: Tenant, okta: Connection, ana: str) -> None:
    """Under other names they are all let in; a restore in between has the old person alone."""
    clients = [world.same_client(okta) for _ in range(4)]
    bodies = [{"schemas": [USER], "userName": f"ana{number}", "externalId": "e-1"} for number in range(4)]
    posts = [partial(_post, client, body) for client, body in zip(clients, bodies, strict=True)]
    outcomes = at_once(*posts, lambda: restore(world, acme).user.id)
    assert outcomes[:4] == [201] * 4
    continued = [world.person(acme, f"ana{number}").continues for number in range(4)]
    assert continued.count([ana]) + outcomes.count(ana) == 1
    assert continued.count([]) == 4 - continued.count([ana])
    if ana in outcomes:
        assert organisers(world)[0] == ana


def test_who_continues_somebody_blocked_is_blocked_until_an_admin_lifts_it(
    world: World, acme: Tenant, okta: Connection
) -> None:
    """Deleting and creating somebody anew is no way around an admin."""
    world.buy(acme, "meeting", 1)
    eve = okta.create_user("eve", externalId="e-9", entitlements=["meeting"])["id"]
    editing.suspend_person(world.units, acme, CAUSE, "eve")
    assert okta.delete(f"/Users/{eve}").status_code == 204
    again = okta.create_user("eve", externalId="e-9", entitlements=["meeting"])
    assert (again["active"], world.standing(acme, "eve")) == (True, ("suspended", "by_admin"))
    assert world.seats(acme, "meeting") == (0, 0, 1)
    editing.reactivate_person(world.units, acme, CAUSE, "eve")
    assert world.held_by(acme, "eve") == {"meeting": "assigned"}
