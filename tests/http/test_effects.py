"""What each operation does to the store, where no test of a single subject shows it whole (docs/effects.md)."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from scim_server.domain.particulars import Newcomer
from scim_server.domain.seats import Policy
from scim_server.domain.tenants import Tenant
from scim_server.services import authorising, editing, joining, person_tokens, ruling
from scim_server.services.rule_parts import RuleParts
from tests.events import of_person
from tests.http.refusals import check_refusal, unchanged
from tests.http.test_bulk import delete, done, patch, post, send, statuses
from tests.http.test_concurrency import create_all, joiners
from tests.http.test_seats import entitle, set_active
from tests.schedules import load, organisers, session
from tests.worlds import CAUSE, ENTERPRISE, GROUP, SEATS, USER, Connection, World, contents

PERSON = {"externalId": "e-1", "emails": [{"value": "ana@x.test", "type": "work", "primary": True}]}


def extension(client: Connection, user_id: str) -> dict[str, Any]:
    """What the seats extension shows of a person."""
    return client.get(f"/Users/{user_id}?attributes={SEATS}").json[SEATS]


def owners(world: World) -> dict[str, str]:
    """Address to the id of its owner."""
    return {row["address_key"]: row["user_id"] for row in world.rows("addresses")}


def add_by_hand(world: World, tenant: Tenant, address: str, *products: str) -> str:
    """The id of somebody whom an admin added."""
    portrait = joining.add_person(world.units, tenant, CAUSE, Newcomer(address, "Eve", "Lima", products))
    assert portrait is not None
    return portrait.user.id


def members(*ids: str) -> list[dict[str, str]]:
    return [{"value": each} for each in ids]


# People


def test_a_search_finds_whoever_is_there_and_nobody_deleted(world: World, acme: Tenant, okta: Connection) -> None:
    """Suspended by either side or added by hand, a person must be found, or the client would create them again."""
    ids = {name: okta.create_user(f"{name}@x.test")["id"] for name in ("ana", "ben", "cid", "dee")}
    set_active(okta, ids["ben"], False)
    editing.suspend_person(world.units, acme, CAUSE, "cid@x.test")
    okta.delete(f"/Users/{ids.pop('dee')}")
    ids["eve"] = add_by_hand(world, acme, "eve@x.test")
    for name in ("ana", "ben", "cid", "dee", "eve"):
        for filter_ in (f'userName eq "{name.upper()}@x.test"', f'userName eq "{name}@x.test" and active pr'):
            assert [each["id"] for each in okta.find("/Users", filter_)] == ([ids[name]] if name in ids else [])
    assert {each["id"] for each in okta.get("/Users").json["Resources"]} == set(ids.values())
    assert okta.search("/Users", filter='emails.value eq "eve@x.test"').json["totalResults"] == 1


def test_a_newcomer_has_at_once_what_follows_from_who_they_are(world: World, acme: Tenant, okta: Connection) -> None:
    """Address, claims by `entitlements` and rules, a seat or a place in the queue, a role, and the news of it."""
    world.buy(acme, "meeting", 1)
    parts = RuleParts(condition='department eq "Sales"', products=["training"])
    rule = ruling.create_rule(world.units, acme, CAUSE, parts)
    body = {"schemas": [USER], "userName": "ana", "entitlements": members("meeting"), "roles": members("manager")}
    answer = okta.post("/Users", {**body, **PERSON, ENTERPRISE: {"department": "Sales"}})
    assert (answer.status_code, answer.json["entitlements"]) == (201, members("meeting"))
    shown = extension(okta, answer.json["id"])
    assert {(seat["product"], seat["state"], seat["source"]) for seat in shown["seats"]} == {
        ("meeting", "assigned", "direct"),
        ("training", "waiting", rule.source),
    }
    assert [(issue["code"], issue["product"]) for issue in shown["issues"]] == [("NO_SEAT", "training")]
    assert world.roles_of(acme, "ana") == [("manager", "direct")]
    assert owners(world) == {"ana@x.test": answer.json["id"]}
    entries = [each.action for each in world.trail(acme) if each.request_id == answer.headers["X-Request-Id"]]
    assert Counter(entries) == {
        "connection.wrote_entitlements": 1,
        "user.created": 1,
        "role.granted": 1,
        "claims.changed": 1,
        "subscription.opened": 1,
        "seat.assigned": 1,
        "seat.waiting": 1,
    }
    events = of_person(world.rows("outbox"), answer.json["id"])
    assert [row["number"] for row in events] == [1, 2, 3, 4, 5]
    assert events[0]["event"] == "user.provisioned"
    assert Counter(row["event"] for row in events[1:]) == Counter(
        ["role.granted", "seat.assigned", "seat.waiting", "issue.opened"]
    )


@pytest.mark.parametrize("verb", ["put", "patch"])
def test_a_person_added_by_hand_becomes_a_clients_own_by_a_match_and_a_change(
    world: World, acme: Tenant, okta: Connection, verb: str
) -> None:
    """A create is refused; found and changed they keep id and seat, and come back like anybody else of the client's."""
    world.buy(acme, "meeting", 1)
    eve = add_by_hand(world, acme, "eve@x.test", "meeting")
    with unchanged(world):
        refused = okta.post("/Users", {"schemas": [USER], "userName": "EVE@x.test", "externalId": "e-7"})
    check_refusal(refused, 409, "uniqueness", "userName")
    (seen,) = okta.find("/Users", 'userName eq "eve@x.test"')
    if verb == "put":
        answer = okta.put(f"/Users/{eve}", {**seen, "externalId": "e-7"})
    else:
        answer = okta.patch(f"/Users/{eve}", {"op": "add", "path": "externalId", "value": "e-7"})
    assert (answer.status_code, answer.json["id"], answer.json["externalId"]) == (200, eve, "e-7")
    assert world.held_by(acme, "eve@x.test") == {"meeting": "assigned"}
    (entry,) = [each for each in world.trail(acme) if each.action == "user.changed"]
    (connection,) = [row["id"] for row in world.rows("connections")]
    assert (entry.object_id, entry.actor) == (eve, f"connection:{connection}")
    assert entry.before is not None
    assert entry.after is not None
    assert (entry.before["externalId"], entry.after["externalId"]) == (None, "e-7")
    assert (entry.before["origin"], entry.after["origin"]) == ("admin", f"connection:{connection}")
    okta.delete(f"/Users/{eve}")
    okta.create_user("eve.lima", externalId="e-7")
    assert world.person(acme, "eve.lima").continues == [eve]


def test_nobody_becomes_anothers_by_a_change(world: World, acme: Tenant, okta: Connection) -> None:
    """Not a client's by another client's, nor, by a change that is none, somebody added by hand."""
    ana = okta.create_user("ana", externalId="e-1")["id"]
    eve = add_by_hand(world, acme, "eve@x.test")
    other = world.connect(acme, "other")
    other.patch(f"/Users/{ana}", {"op": "replace", "path": "title", "value": "Boss"})
    with unchanged(world):
        assert other.put(f"/Users/{eve}", other.get(f"/Users/{eve}").json).status_code == 200
    origins = {row["id"]: row["origin"] for row in world.rows("users")}
    okta_id = next(row["id"] for row in world.rows("connections") if row["name"] == "okta")
    assert origins == {ana: f"connection:{okta_id}", eve: "admin"}


@pytest.mark.parametrize("active", [False, "False"])
@pytest.mark.parametrize("verb", ["put", "patch"])
def test_who_is_suspended_keeps_what_was_meant_and_nothing_that_works(
    world: World, acme: Tenant, okta: Connection, verb: str, active: bool | str
) -> None:
    """Who comes back to a full subscription waits, and has the roles that rules and `roles` give, no others."""
    world.buy(acme, "meeting", 1)
    body = {"schemas": [USER], "userName": "ana", "entitlements": members("meeting"), "roles": members("manager")}
    ana = okta.post("/Users", body).json["id"]
    group = okta.create_group("Sales", ana)["id"]
    rule = ruling.create_rule(world.units, acme, CAUSE, RuleParts(group=group, products=["webinar"], role="admin"))
    okta.create_user("root")
    for name in ("ana", "root"):
        authorising.grant_role(world.units, acme, CAUSE, name, "super_admin")
    okta.create_user("ben", entitlements=["meeting"])
    _, token = person_tokens.issue_token(world.units, acme, CAUSE, "ana", timedelta(days=1))
    me = Connection(world.app.test_client(), acme.slug, token, "ana")
    assert me.get("/Me").status_code == 200

    path = f"/Users/{ana}"
    change = {"op": "Replace", "path": "active", "value": active}
    answer = okta.patch(path, change) if verb == "patch" else okta.put(path, {**body, "active": active})
    assert (answer.status_code, answer.json["active"]) == (200, False)
    person = world.person(acme, "ana")
    assert (person.seats, person.grants, person.issues) == ([], [], [])
    assert {claim.product for claim in person.claims} == {"meeting", "webinar"}
    assert okta.member_ids(group) == {ana}
    assert world.held_by(acme, "ben") == {"meeting": "assigned"}
    assert me.get("/Me").status_code == 401

    set_active(okta, ana, True)
    assert world.held_by(acme, "ana") == {"meeting": "waiting", "webinar": "waiting"}
    assert sorted(world.roles_of(acme, "ana")) == [("admin", rule.source), ("manager", "direct")]


def test_an_address_moves_with_its_person_and_nothing_else_does(world: World, acme: Tenant, okta: Connection) -> None:
    """Id, seat, sessions and history stay; the old address is free in the same moment."""
    world.buy(acme, "meeting", 1)
    earlier = okta.create_user("ana", **PERSON)["id"]
    okta.delete(f"/Users/{earlier}")
    ana = okta.create_user("ana", entitlements=["meeting"], **PERSON)["id"]
    load(world, acme, session("weekly", "ana"))
    before = world.person(acme, "ana")
    answer = okta.patch(
        f"/Users/{ana}",
        {"op": "replace", "path": "userName", "value": "ana.lima"},
        {"op": "replace", "path": 'emails[type eq "work"].value', "value": "ana.lima@x.test"},
    )
    assert (answer.status_code, answer.json["id"]) == (200, ana)
    after = world.person(acme, "ana.lima")
    assert (after.seats, after.claims, after.continues) == (before.seats, before.claims, [earlier])
    assert organisers(world) == {"weekly": ana}
    assert owners(world) == {"ana.lima@x.test": ana}
    world.connect(world.tenant("other")).create_user("ana@x.test")


def test_an_address_in_use_is_refused_across_tenants_and_an_issue_within(world: World, okta: Connection) -> None:
    world.connect(world.tenant("other")).create_user("eve@y.test")
    ben = okta.create_user("ben@x.test")["id"]
    ana = okta.create_user("ana", **PERSON)["id"]

    def move(address: str) -> Any:
        return okta.patch(f"/Users/{ana}", {"op": "replace", "path": 'emails[type eq "work"].value', "value": address})

    before = okta.get(f"/Users/{ana}").json
    check_refusal(move("EVE@y.test"), 409, "uniqueness")
    assert (okta.get(f"/Users/{ana}").json, owners(world)["ana@x.test"]) == (before, ana)
    with unchanged(world):
        taken = okta.patch(f"/Users/{ana}", {"op": "replace", "path": "userName", "value": "BEN@x.test"})
    check_refusal(taken, 409, "uniqueness", "userName")
    assert move("ben@x.test").status_code == 200
    assert owners(world)["ben@x.test"] == ben
    assert "ana@x.test" not in owners(world)
    assert [issue["code"] for issue in extension(okta, ana)["issues"]] == ["EMAIL_IN_USE"]


def test_an_entitlement_taken_away_that_a_rule_gives_too_leaves_the_seat_and_says_why(
    world: World, acme: Tenant, okta: Connection
) -> None:
    world.buy(acme, "meeting", 1)
    rule = world.rule(acme, "Sales", "meeting")
    ana = okta.create_user("ana", entitlements=["meeting"])["id"]
    okta.create_group("Sales", ana)
    (seat,) = extension(okta, ana)["seats"]
    assert seat["source"] == "direct"
    entitle(okta, ana)
    assert "entitlements" not in okta.get(f"/Users/{ana}").json
    assert extension(okta, ana)["seats"] == [{**seat, "source": rule.source}]


@pytest.mark.parametrize("verb", ["put", "patch"])
@pytest.mark.parametrize("profile", ["tolerant", "rfc", "interop", "ipsie"])
def test_an_unknown_entitlement_in_a_change_is_kept_as_an_issue_or_refused(
    world: World, profile: str, verb: str
) -> None:
    tenant = world.tenant("acme", profile)
    world.buy(tenant, "meeting", 1)
    client = world.connect(tenant)
    ana = client.create_user("ana", entitlements=["meeting"])["id"]
    values = members("meeting", "unheard-of")
    before = contents(world)
    if verb == "patch":
        operation = {"op": "add", "path": "entitlements", "value": values[1:]}
        answer = client.patch(f"/Users/{ana}", operation)
    else:
        answer = client.put(f"/Users/{ana}", {"schemas": [USER], "userName": "ana", "entitlements": values})
    if profile == "tolerant":
        assert (answer.status_code, answer.json["entitlements"]) == (200, values)
        assert [issue["code"] for issue in extension(client, ana)["issues"]] == ["UNKNOWN_ENTITLEMENT"]
    else:
        check_refusal(answer, 400, "invalidValue", "unheard-of")
        assert contents(world) == before
    assert world.held_by(tenant, "ana") == {"meeting": "assigned"}


@pytest.mark.parametrize(
    ("profile", "manages", "wrote", "kept"),
    [
        ("tolerant", "auto", False, True),
        ("tolerant", "auto", True, False),
        ("tolerant", "yes", False, False),
        ("tolerant", "no", True, True),
        ("rfc", "no", False, False),
        ("rfc", "auto", False, False),
    ],
)
def test_a_put_that_leaves_out_roles_ends_only_grants_that_the_client_manages(
    world: World, profile: str, manages: str, wrote: bool, kept: bool
) -> None:
    """Roles go with entitlements; what was given by hand stays in any case."""
    tenant = world.tenant("acme", profile)
    ana = world.connect(tenant, "writer").create_user("ana", roles=members("manager"))
    authorising.grant_role(world.units, tenant, CAUSE, "ana", "admin")
    client = world.connect(tenant, "client", manages_entitlements=manages)
    if wrote:
        client.create_user("ben", roles=members("manager"))
    answer = client.put(f"/Users/{ana['id']}", {"schemas": [USER], "userName": "ana", "displayName": "Ana"})
    assert (answer.status_code, "roles" in answer.json) == (200, kept)
    direct = [("manager", "direct")] if kept else []
    assert sorted(world.roles_of(tenant, "ana")) == [("admin", "direct:admin"), *direct]


def test_a_put_touches_neither_memberships_nor_what_is_the_servers(
    world: World, acme: Tenant, okta: Connection
) -> None:
    world.buy(acme, "meeting", 1)
    world.rule(acme, "Sales", "meeting")
    ana = okta.create_user("ana")["id"]
    sales, staff = okta.create_group("Sales", ana)["id"], okta.create_group("Staff")["id"]
    forged = {
        "schemas": [USER, SEATS],
        "userName": "ana",
        "displayName": "Ana",
        "id": "another",
        "meta": {"version": 'W/"9"', "created": "2001-01-01T00:00:00Z"},
        "groups": members(staff),
        SEATS: {"status": "suspended", "seats": []},
    }
    answer = okta.put(f"/Users/{ana}", forged)
    assert (answer.status_code, answer.json["id"], answer.json["meta"]["version"]) == (200, ana, 'W/"2"')
    assert (okta.member_ids(sales), okta.member_ids(staff)) == ({ana}, set())
    assert world.held_by(acme, "ana") == {"meeting": "assigned"}
    assert extension(okta, ana)["status"] == "active"


@pytest.mark.parametrize(
    ("condition", "path", "value"),
    [
        ('locale sw "fr"', "locale", "fr-CA"),
        ('department eq "Sales"', f"{ENTERPRISE}:department", "sales"),
        ('name.familyName eq "Lima"', "name.familyName", "Lima"),
    ],
)
def test_a_changed_attribute_is_looked_at_by_the_rules(
    world: World, acme: Tenant, okta: Connection, condition: str, path: str, value: str
) -> None:
    world.buy(acme, "meeting", 1)
    rule = ruling.create_rule(world.units, acme, CAUSE, RuleParts(condition=condition, products=["meeting"]))
    ana = okta.create_user("ana")["id"]
    assert world.held_by(acme, "ana") == {}
    okta.patch(f"/Users/{ana}", {"op": "add", "path": path, "value": value})
    assert [(seat["product"], seat["source"]) for seat in extension(okta, ana)["seats"]] == [("meeting", rule.source)]
    okta.patch(f"/Users/{ana}", {"op": "replace", "path": path, "value": "other"})
    assert (world.held_by(acme, "ana"), world.seats(acme, "meeting")) == ({}, (0, 0, 1))


def test_of_50_who_come_at_once_for_the_last_seat_exactly_one_gets_it(
    world: World, acme: Tenant, okta: Connection
) -> None:
    """And whoever leaves is followed by the first who waited."""
    world.buy(acme, "meeting", 1)
    assert create_all(world, okta, joiners(50)) == {201: 50}
    states = Counter(state for name in joiners(50) for state in world.held_by(acme, name).values())
    assert states == {"assigned": 1, "waiting": 49}
    assert world.seats(acme, "meeting") == (1, 49, 0)
    (holder,) = [row["user_id"] for row in world.rows("seats") if row["state"] == "assigned"]
    claims = sorted(world.rows("claims"), key=lambda row: (row["since"], row["user_id"]))
    first = next(row["user_id"] for row in claims if row["user_id"] != holder)
    assert okta.delete(f"/Users/{holder}").status_code == 204
    assert [row["user_id"] for row in world.rows("seats") if row["state"] == "assigned"] == [first]


# Groups

Change = Callable[[Connection, str, str], Any]


def _post(okta: Connection, group: str, user_id: str) -> Any:
    okta.delete(f"/Groups/{group}")
    return okta.post("/Groups", {"schemas": [GROUP], "displayName": "Sales", "members": members(user_id)})


JOINING: dict[str, Change] = {
    "post": _post,
    "put": lambda okta, group, user_id: okta.put(
        f"/Groups/{group}", {"schemas": [GROUP], "displayName": "Sales", "members": members(user_id)}
    ),
    "patch": lambda okta, group, user_id: okta.patch(
        f"/Groups/{group}", {"op": "add", "path": "members", "value": members(user_id)}
    ),
}
LEAVING: dict[str, Change] = {
    "put": lambda okta, group, _: okta.put(
        f"/Groups/{group}", {"schemas": [GROUP], "displayName": "Sales", "members": []}
    ),
    "remove one": lambda okta, group, user_id: okta.patch(
        f"/Groups/{group}", {"op": "remove", "path": f'members[value eq "{user_id}"]'}
    ),
    "replace all": lambda okta, group, _: okta.patch(
        f"/Groups/{group}", {"op": "replace", "path": "members", "value": []}
    ),
    "delete": lambda okta, group, _: okta.delete(f"/Groups/{group}"),
}


@pytest.mark.parametrize("policy", Policy)
@pytest.mark.parametrize("join", JOINING.values(), ids=JOINING.keys())
def test_no_shortage_fails_a_group_request(
    world: World, acme: Tenant, okta: Connection, join: Change, policy: Policy
) -> None:
    world.buy(acme, "webinar", 0, policy.value)
    world.rule(acme, "Sales", "webinar")
    group, ana = okta.create_group("Sales")["id"], okta.create_user("ana")["id"]
    assert join(okta, group, ana).status_code in {200, 201, 204}
    assert len(okta.get(f"/Users/{ana}").json["groups"]) == 1
    assert world.held_by(acme, "ana")["webinar"] == "waiting"
    assert "NO_SEAT" in {issue["code"] for issue in extension(okta, ana)["issues"]}


@pytest.mark.parametrize("leave", LEAVING.values(), ids=LEAVING.keys())
def test_who_leaves_a_group_loses_what_nothing_else_gives_and_stays_active(
    world: World, acme: Tenant, okta: Connection, leave: Change
) -> None:
    """The seat goes to the next in line; the person is no other resource than before."""
    world.buy(acme, "meeting", 2)
    world.rule(acme, "Sales", "meeting")
    ana, ben = (okta.create_user(name) for name in ("ana", "ben"))
    group = okta.create_group("Sales", ana["id"], ben["id"])["id"]
    entitle(okta, ben["id"], "meeting")
    (kept,) = world.person(acme, "ben").seats
    okta.create_user("cid", entitlements=["meeting"])
    before = okta.get(f"/Users/{ana['id']}").json
    assert leave(okta, group, ana["id"]).status_code in {200, 204}
    shown = extension(okta, ana["id"])
    assert (shown["status"], shown["reason"], shown.get("seats", [])) == ("unassigned", "no_product", [])
    assert world.person(acme, "ana").claims == []
    now = okta.get(f"/Users/{ana['id']}").json
    assert (now["active"], now["meta"]) == (True, before["meta"])
    assert world.held_by(acme, "cid") == {"meeting": "assigned"}
    (seat,) = world.person(acme, "ben").seats
    assert (seat.id, seat.state, seat.since) == (kept.id, kept.state, kept.since)


@pytest.mark.parametrize("verb", ["put", "patch"])
def test_a_group_with_another_name_keeps_its_rules(world: World, acme: Tenant, okta: Connection, verb: str) -> None:
    """For those in it, whoever joins and whoever leaves."""
    world.buy(acme, "meeting", 2)
    rule = world.rule(acme, "Sales", "meeting")
    ana, ben = (okta.create_user(name)["id"] for name in ("ana", "ben"))
    group = okta.create_group("Sales", ana)["id"]
    seats = world.person(acme, "ana").seats
    if verb == "patch":
        okta.patch(f"/Groups/{group}", {"op": "replace", "path": "displayName", "value": "Revenue"})
    else:
        okta.put(f"/Groups/{group}", {"schemas": [GROUP], "displayName": "Revenue", "members": members(ana)})
    assert world.person(acme, "ana").seats == seats
    assert [(each.id, each.group_id, each.group_name) for each in ruling.rules(world.units, acme)] == [
        (rule.id, group, "Revenue")
    ]
    okta.patch(f"/Groups/{group}", {"op": "add", "path": "members", "value": members(ben)})
    assert extension(okta, ben)["seats"][0]["source"] == rule.source
    okta.patch(f"/Groups/{group}", {"op": "remove", "path": f'members[value eq "{ana}"]'})
    assert world.held_by(acme, "ana") == {}


def test_a_group_that_gets_the_name_a_rule_waits_for_is_its_group(world: World, acme: Tenant, okta: Connection) -> None:
    """As if it had been created under it: nobody else could have that name."""
    world.buy(acme, "meeting", 5)
    rule = world.rule(acme, "Revenue", "meeting")
    okta.delete(f"/Groups/{okta.create_group('Revenue')['id']}")
    ana, ben, cid = (okta.create_user(name)["id"] for name in ("ana", "ben", "cid"))
    inner = okta.create_group("Inner", ben)["id"]
    group = okta.create_group("Sales", ana, inner, cid)["id"]
    answer = okta.patch(
        f"/Groups/{group}",
        {"op": "replace", "path": "displayName", "value": "REVENUE"},
        {"op": "remove", "path": f'members[value eq "{cid}"]'},
    )
    assert answer.status_code == 204
    assert [world.held_by(acme, name) for name in ("ana", "ben", "cid")] == [{"meeting": "assigned"}] * 2 + [{}]
    assert [(each.id, each.group_id, each.group_name) for each in ruling.rules(world.units, acme)] == [
        (rule.id, group, "REVENUE")
    ]
    assert [row for row in world.rows("issues") if row["closed"] is None] == []


def test_an_emptied_group_is_held_while_the_suspended_and_deleted_go_at_once(
    world: World, acme: Tenant, okta: Connection
) -> None:
    """Seats beyond the threshold of the guard; those of leavers are at the disposal of whoever waits."""
    world.decide("acme", guard_seats="0", guard_percent="0")
    world.buy(acme, "meeting", 4)
    rule = world.rule(acme, "Sales", "meeting")
    ids = [okta.create_user(f"u{number}")["id"] for number in range(4)]
    group = okta.create_group("Sales", *ids)["id"]
    assert okta.delete(f"/Groups/{group}").status_code == 204
    assert [world.held_by(acme, f"u{number}") for number in range(4)] == [{"meeting": "held"}] * 4
    okta.create_user("next", entitlements=["meeting"])
    okta.create_user("last", entitlements=["meeting"])
    assert world.seats(acme, "meeting") == (4, 2, 0)
    okta.patch(f"/Users/{ids[0]}", {"op": "replace", "path": "active", "value": "False"})
    assert world.held_by(acme, "next") == {"meeting": "assigned"}
    okta.delete(f"/Users/{ids[1]}")
    assert world.held_by(acme, "last") == {"meeting": "assigned"}
    assert world.seats(acme, "meeting") == (4, 0, 0)
    orphans = [row for row in world.rows("issues") if row["code"] == "ORPHAN_RULE" and row["closed"] is None]
    assert [row["subject"] for row in orphans] == [rule.id]
    assert [(each.id, each.enabled, each.group_id) for each in ruling.rules(world.units, acme)] == [
        (rule.id, True, None)
    ]


# Bulk


def entitled(name: str, *products: str) -> dict[str, Any]:
    return post(name, userName=name, entitlements=members(*products))


def test_a_bulk_gives_seats_in_the_order_of_its_operations(world: World, acme: Tenant, okta: Connection) -> None:
    """Whatever asks for them: a group that comes first is served first, and what a leaver frees is there at once."""
    world.buy(acme, "meeting", 2)
    world.rule(acme, "Sales", "meeting")
    zoe, old = okta.create_user("zoe")["id"], okta.create_user("old", entitlements=["meeting"])["id"]
    group = okta.create_group("Sales")["id"]
    answer = send(
        okta,
        patch(f"/Groups/{group}", {"op": "add", "path": "members", "value": members(zoe)}),
        entitled("ana", "meeting"),
        entitled("ben", "meeting"),
        delete(f"/Users/{old}"),
    )
    assert statuses(answer.json["Operations"]) == ["200", "201", "201", "204"]
    seats = {name: world.held_by(acme, name)["meeting"] for name in ("zoe", "ana", "ben")}
    assert seats == {"zoe": "assigned", "ana": "assigned", "ben": "waiting"}
    entries = [each for each in world.trail(acme) if each.request_id == answer.headers["X-Request-Id"]]
    assert Counter(each.action for each in entries if each.object_type != "seat") == {
        "group.changed": 1,
        "user.created": 2,
        "claims.changed": 4,
        "tombstone.left": 1,
        "user.deleted": 1,
    }
    assert sum(each.seats.get("meeting", 0) for each in entries) == 1


@pytest.mark.parametrize(("most", "answered"), [(None, ["201", "403", "201", "403"]), (1, ["201", "403"])])
def test_a_bulk_refuses_the_operation_there_is_no_seat_for_and_stops_where_told(
    world: World, acme: Tenant, okta: Connection, most: int | None, answered: list[str]
) -> None:
    world.buy(acme, "meeting", 1, "reject")
    operations = [entitled("ana", "meeting"), entitled("ben", "meeting"), entitled("cid"), entitled("dee", "meeting")]
    results = done(okta, *operations, **({} if most is None else {"failOnErrors": most}))
    assert statuses(results) == answered
    assert results[1]["response"]["detail"].startswith("seatLimit")
    there = {each["userName"] for each in okta.find("/Users", "userName pr")}
    assert there == {"ana"} | ({"cid"} if most is None else set())
    assert world.seats(acme, "meeting") == (1, 0, 0)


def test_a_bulk_leaves_the_last_super_admin(world: World, acme: Tenant) -> None:
    """Each operation is refused by itself; of two super admins the first may go."""
    root = world.connect(acme, "root", max_role="super_admin")
    ana, ben = (root.create_user(name, roles=members("super_admin"))["id"] for name in ("ana", "ben"))
    suspend = {"op": "replace", "path": "active", "value": "False"}
    demoted = {"schemas": [USER], "userName": "ben", "roles": members("admin")}
    results = done(
        root,
        delete(f"/Users/{ana}"),
        delete(f"/Users/{ben}"),
        patch(f"/Users/{ben}", suspend),
        patch(f"/Users/{ben}", {"op": "remove", "path": "roles"}),
        {"method": "PUT", "path": f"/Users/{ben}", "data": demoted},
        post("cid"),
    )
    assert statuses(results) == ["204", "403", "403", "403", "403", "201"]
    assert world.roles_of(acme, "ben") == [("super_admin", "direct")]
    assert [issue["code"] for issue in extension(root, ben)["issues"]] == ["LAST_SUPER_ADMIN"]
