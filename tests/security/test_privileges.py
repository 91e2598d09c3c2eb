"""What an identity provider or a lower admin can bring about (docs/security.md, A13 and section C): no more power."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from scim_server.domain.access import ROLES, SUPER_ADMIN
from scim_server.domain.tenants import Tenant
from scim_server.services import authorising
from tests.api import callers
from tests.api.callers import Caller
from tests.cli.commands import CommandLine
from tests.http.refusals import unchanged
from tests.worlds import CAUSE, PATCH_OP, SEATS, USER, Connection, World

BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"


def patch_of(*operations: Mapping[str, Any]) -> dict[str, Any]:
    return {"schemas": [PATCH_OP], "Operations": list(operations)}


@pytest.fixture
def boss(world: World, acme: Tenant) -> dict[str, Any]:
    """The only super admin, by hand."""
    made = world.connect(acme, "first", max_role=SUPER_ADMIN).create_user("boss@x.test")
    authorising.grant_role(world.units, acme, CAUSE, "boss@x.test", SUPER_ADMIN)
    return made


# A13: one guard, whatever path


def over_scim(boss: dict[str, Any]) -> dict[str, tuple[str, str, Any]]:
    """Requests that would end the person's access; of bulks the only operation's status counts."""
    path = f"/Users/{boss['id']}"
    off = {"op": "replace", "path": "active", "value": False}
    bulk: Callable[..., Any] = lambda **one: {"schemas": [BULK], "Operations": [{"path": path, **one}]}  # noqa: E731
    put = {"schemas": [USER], "userName": "boss@x.test", "active": False}
    return {
        "PATCH": ("PATCH", path, patch_of(off)),
        "PATCH without a path": ("PATCH", path, patch_of({"op": "Replace", "value": {"active": "False"}})),
        "PUT": ("PUT", path, put),
        "DELETE": ("DELETE", path, None),
        "bulk PATCH": ("POST", "/Bulk", bulk(method="PATCH", data=patch_of(off))),
        "bulk PUT": ("POST", "/Bulk", bulk(method="PUT", data=put)),
        "bulk DELETE": ("POST", "/Bulk", bulk(method="DELETE")),
    }


def test_the_last_super_admin_is_refused_alike_on_every_path(
    world: World, acme: Tenant, okta: Connection, api: Caller, cli: CommandLine, boss: dict[str, Any]
) -> None:
    """A13: SCIM, bulk, admin API and command line ask one guard, which lets nothing through."""
    said = set()
    for name, (method, path, body) in over_scim(boss).items():
        answer = okta.send(method, path, body)
        response = answer.json["Operations"][0] if path == "/Bulk" else {"status": "403", "response": answer.json}
        assert response["status"] == "403", name
        said.add(response["response"]["detail"])
    with unchanged(world):
        for method, path in (
            ("POST", "~/users/boss@x.test/suspend"),
            ("DELETE", "~/users/boss@x.test"),
            ("DELETE", "~/users/boss@x.test/roles/super_admin"),
        ):
            said.add(api.refused(409, method, path)["detail"])
        for command in (
            ("user", "suspend", "acme", "boss@x.test"),
            ("user", "delete", "acme", "boss@x.test", "--yes"),
            ("role", "revoke", "acme", "boss@x.test", "super_admin"),
        ):
            said.add(cli.failed(1, *command))
    assert len(said) == 1, said
    assert world.roles_of(acme, "boss@x.test") == [(SUPER_ADMIN, "direct:admin")]
    assert okta.get(f"/Users/{boss['id']}").json["active"] is True


# C1: nothing in a body becomes power


VALUES: dict[str, Any] = {
    "roles": [{"value": "super_admin", "primary": "true"}],
    "roles as text": ["super_admin"],
    "roles in JSON": [{"value": '{"value": "super_admin"}'}],
    "entitlements": [{"value": "super_admin"}, {"value": "roles:super_admin"}],
    "userType": "super_admin",
    "groups": [{"value": "Admins", "display": "super_admin"}],
    "isAdmin": True,
    "permissions": ["super_admins.grant"],
    "grants": [{"role": "super_admin"}],
    "tenant_id": "rivals",
    SEATS: {"roles": [{"value": "super_admin"}], "status": "active", "seats": [{"product": "webinar"}]},
    f"{SEATS}:roles": [{"value": "super_admin"}],
    f"{USER}:roles": [{"value": "super_admin"}],
}


def attempts(path: str, name: str, value: Any) -> dict[str, tuple[str, str, Any]]:
    """The attribute set by every way there is; the name without what tells two of them apart."""
    name = name.partition(" ")[0]
    person = {"schemas": [USER], "userName": "eve@x.test", name: value}
    whole = {"op": "add", "value": {name: value}}
    named = {"op": "add", "path": name, "value": value}
    filtered = {"op": "replace", "path": f'{name}[value eq "member"].value', "value": "super_admin"}
    dotted = {"op": "replace", "value": {f"{name}.value": "super_admin"}}
    urn = {"op": "add", "path": f"{USER}:{name}", "value": value}
    post = {"method": "POST", "path": "/Users", "bulkId": "a", "data": {**person, "userName": "bulk@x.test"}}
    patch = {"method": "PATCH", "path": path, "data": patch_of(named)}
    return {
        "POST": ("POST", "/Users", {**person, "userName": "post@x.test"}),
        "PUT": ("PUT", path, person),
        **{
            f"PATCH {number}": ("PATCH", path, patch_of(operation))
            for number, operation in enumerate((whole, named, filtered, dotted, urn))
        },
        "bulk": ("POST", "/Bulk", {"schemas": [BULK], "Operations": [post, patch]}),
    }


def test_no_attribute_makes_anybody_more_than_the_connection_may(world: World, acme: Tenant, okta: Connection) -> None:
    """C1: whatever is written to whatever name, nobody has a role above the connection's highest, or another tenant."""
    world.buy(acme, "webinar", 5)
    path = f"/Users/{okta.create_user('eve@x.test', roles=[{'value': 'member'}])['id']}"
    for name, value in VALUES.items():
        for way, (method, at, body) in attempts(path, name, value).items():
            answer = okta.send(method, at, body)
            assert answer.status_code < 500, (name, way, answer.text)
        assert SUPER_ADMIN not in {row["role"] for row in world.rows("grants")}, name
        assert world.rows("seats") == [], name
    assert {row["tenant_id"] for row in world.rows("users")} == {acme.id}


# C3: nobody deals out more than they are


MAPPINGS: dict[str, Callable[[str], tuple[str, str, Any]]] = {
    "rule": lambda role: ("POST", "~/rules", {"group": "Crew", "role": role}),
    "edited rule": lambda role: ("PATCH", "~/rules/{rule}", {"role": role}),
    "grant": lambda role: ("PUT", f"~/users/ana@x.test/roles/{role}", {}),
    "new person": lambda role: (
        "POST", "~/users", {"email": f"{role}@x.test", "firstName": "A", "lastName": "B", "role": role},
    ),
    "connection": lambda role: ("POST", "~/connections", {"name": role, "idp": "okta", "maxRole": role}),
    "edited connection": lambda role: ("PATCH", "~/connections/okta", {"maxRole": role}),
    "custom role": lambda role: (
        "POST", "~/roles", {"code": f"my-{role}", "name": "Mine", "permissions": sorted(ROLES[role].permissions)},
    ),
    "token": lambda role: (
        "POST", "~/api-tokens", {"name": "t", "scopes": sorted(ROLES[role].permissions), "days": 1},
    ),
}  # fmt: skip
NEEDED = frozenset({"tokens.write", "roles.write", "connections.write", "rules.write", "roles.grant", "people.write"})
"""What opens the addresses of all mappings."""


@pytest.mark.parametrize("mapping", MAPPINGS)
def test_nobody_maps_to_more_than_they_are(
    world: World, acme: Tenant, okta: Connection, api: Caller, mapping: str
) -> None:
    """C3: each role tries to map each role; it succeeds exactly where the giver may do all that the role permits."""
    okta.create_user("ana@x.test")
    okta.create_group("Crew")
    rule = api.done("POST", "~/rules", {"group": "Crew", "products": ["meeting"]})["id"]
    for giver in (each for each in ROLES.values() if each.permissions):
        own = giver.permissions | NEEDED
        caller = callers.caller(world, acme, *own)
        for role in (each for each in ROLES.values() if each.permissions):
            method, path, body = MAPPINGS[mapping](role.code)
            may = role.permissions <= own
            before = world.rows("grants"), world.rows("rules"), world.rows("connections"), world.rows("roles")
            answer = caller.send(method, path.format(rule=rule), body)
            assert (answer.status_code < 300 or answer.status_code == 409) if may else answer.status_code == 403, (
                giver.code, role.code, answer.text,
            )  # fmt: skip
            if not may:
                after = world.rows("grants"), world.rows("rules"), world.rows("connections"), world.rows("roles")
                assert after == before


# C4: no password stays anywhere


def test_a_password_goes_nowhere_by_whatever_way_it_comes(
    world: World, acme: Tenant, okta: Connection, capfd: pytest.CaptureFixture[str]
) -> None:
    """C4: not into a row of any table, an answer or a log; and it opens nothing."""
    canary = "Canary-5f0c-Passw0rd"
    ana = okta.create_user("ana@x.test", password=canary)["id"]
    answers = [
        okta.send(method, path, body)
        for name in ("password", f"{USER}:password", "PassWord")
        for method, path, body in attempts(f"/Users/{ana}", name, canary).values()
    ]
    answers.append(okta.patch(f"/Users/{ana}", {"op": "add", "path": f'emails[value eq "{canary}"]', "value": 1}))
    answers += [okta.get(path) for path in ("/Users", f"/Users/{ana}?attributes=password", "/Schemas")]
    assert [answer.status_code for answer in answers if answer.status_code >= 500] == []
    spoken = [answer.text for answer in answers if canary in answer.text and "emails" not in answer.text]
    assert spoken == []
    world.installation.log.flush()
    stored = {name: repr(world.rows(name)) for name in ("users", "audit", "outbox", "provisioning_log", "tombstones")}
    assert [name for name, rows in stored.items() if canary in rows and name != "provisioning_log"] == []
    assert stored["provisioning_log"].count(canary) <= 1, "only as part of a filter, which is no password"
    printed = capfd.readouterr()
    assert canary not in printed.out + printed.err
    for scheme in ("Bearer", "Basic"):
        assert okta.get("/Users", Authorization=f"{scheme} {canary}").status_code == 401
    assert "password" not in json.dumps([each["id"] for each in okta.get("/Schemas").json["Resources"]])


# C5: the brake


LIMIT = 5
STORM = 12


def members(world: World, acme: Tenant, okta: Connection, count: int) -> tuple[str, list[str]]:
    """A group whose rule gives meeting, and the people in it."""
    world.buy(acme, "meeting", count)
    world.rule(acme, "Crew", "meeting")
    ids = [okta.create_user(f"u{number:02}")["id"] for number in range(count)]
    return okta.create_group("Crew", *ids)["id"], ids


def leave(user_id: str) -> dict[str, Any]:
    return {"op": "remove", "path": f'members[value eq "{user_id}"]'}


def by_turns(first: Connection, second: Connection, group: str, ids: list[str]) -> None:
    for number, user_id in enumerate(ids):
        assert (first, second)[number % 2].patch(f"/Groups/{group}", leave(user_id)).status_code == 204


def in_a_bulk(first: Connection, second: Connection, group: str, ids: list[str]) -> None:
    operations = [{"method": "PATCH", "path": f"/Groups/{group}", "data": patch_of(leave(each))} for each in ids]
    answer = first.post("/Bulk", {"schemas": [BULK], "Operations": operations})
    assert {each["status"] for each in answer.json["Operations"]} <= {"200", "204"}


def at_a_stroke(first: Connection, second: Connection, group: str, ids: list[str]) -> None:
    removal = {"op": "remove", "path": "members", "value": [{"value": each} for each in ids]}
    assert first.patch(f"/Groups/{group}", removal).status_code == 204


@pytest.mark.parametrize(
    ("storm", "count"),
    [
        *((by_turns, count) for count in (LIMIT - 1, LIMIT, LIMIT + 1, STORM)),
        *((storm, count) for storm in (in_a_bulk, at_a_stroke) for count in (LIMIT + 1, STORM)),
    ],
)
def test_the_brake_holds_what_is_beyond_the_limit(
    world: World, acme: Tenant, okta: Connection, storm: Callable[..., None], count: int
) -> None:
    """C5: however a removal is split, of 12 seats 5 go and the rest are held, each with one issue."""
    group, ids = members(world, acme, okta, STORM)
    storm(okta, world.connect(acme, "second"), group, ids[:count])
    states = [row["state"] for row in world.rows("seats")]
    held = max(0, count - LIMIT)
    assert (states.count("held"), states.count("assigned")) == (held, STORM - count)
    issues = [row for row in world.rows("issues") if row["code"] == "HELD_REMOVAL" and row["closed"] is None]
    assert len(issues) == held
    if held:
        assert okta.delete(f"/Groups/{group}").status_code == 204
        assert world.seats(acme, "meeting")[0] == STORM - LIMIT, "the brake is on: nothing more goes"


def test_the_brake_never_keeps_a_leaver_in(world: World, acme: Tenant, okta: Connection) -> None:
    """C5: suspended all at once, they hold nothing at once."""
    group, ids = members(world, acme, okta, STORM)
    at_a_stroke(okta, okta, group, ids)
    for user_id in ids:
        assert okta.patch(f"/Users/{user_id}", {"op": "replace", "path": "active", "value": False}).status_code == 200
    assert world.rows("seats") == []


# C6: one allocation, whatever path


def entitle(world: World, acme: Tenant, okta: Connection, api: Caller, name: str) -> None:
    okta.create_user(name, entitlements=["meeting"])


def join_a_group(world: World, acme: Tenant, okta: Connection, api: Caller, name: str) -> None:
    world.rule(acme, name, "meeting")
    okta.create_group(name, okta.create_user(name)["id"])


def in_bulk(world: World, acme: Tenant, okta: Connection, api: Caller, name: str) -> None:
    data = {"schemas": [USER], "userName": name, "entitlements": [{"value": "meeting"}]}
    operation = {"method": "POST", "path": "/Users", "bulkId": "a", "data": data}
    okta.post("/Bulk", {"schemas": [BULK], "Operations": [operation]})


def by_an_admin(world: World, acme: Tenant, okta: Connection, api: Caller, name: str) -> None:
    api.done("POST", "~/users", {"email": name, "firstName": "A", "lastName": "B", "products": ["meeting"]})


def reactivated(world: World, acme: Tenant, okta: Connection, api: Caller, name: str) -> None:
    user = okta.create_user(name, active=False, entitlements=["meeting"])
    on = {"op": "replace", "path": "active", "value": True}
    assert okta.patch(f"/Users/{user['id']}", on).status_code == 200


def restored(world: World, acme: Tenant, okta: Connection, api: Caller, name: str) -> None:
    user = okta.create_user(name, entitlements=["meeting"])
    api.done("DELETE", f"~/users/{name}")
    api.done("POST", f"~/deleted-users/{user['id']}/restore")


PATHS = (entitle, join_a_group, in_bulk, by_an_admin, reactivated, restored)


def test_no_path_gives_a_seat_that_another_has_taken(world: World) -> None:
    """C6: after every path to a seat every other finds it taken, and its person waits."""
    for first in PATHS:
        tenant = world.tenant(first.__name__.replace("_", "-"))
        client, api = world.connect(tenant), callers.caller(world, tenant)
        world.buy(tenant, "meeting", 1)
        for number, path in enumerate((first, *PATHS)):
            path(world, tenant, client, api, f"{number}@{tenant.slug}.test")
            assert world.seats(tenant, "meeting") == (1, number, 0), (first.__name__, path.__name__)
