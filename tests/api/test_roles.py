"""/roles and /grants: what people may do, given by nobody beyond what they may do themselves."""

import pytest

from scim_server.domain.access import ROLES
from scim_server.domain.tenants import Tenant
from tests.api.callers import Caller, caller
from tests.cli.commands import CommandLine
from tests.worlds import Connection, World, contents

AUDITOR = {"code": "auditor", "name": "Auditor", "permissions": ["audit.read", "logs.read"]}


def test_a_role_is_made_granted_listed_and_deleted(world: World, acme: Tenant, api: Caller, okta: Connection) -> None:
    ana = okta.create_user("ana", roles=[{"value": "auditor"}])["id"]
    made = api.post("~/roles", AUDITOR)
    assert (made.status_code, made.headers["Location"]) == (201, "/api/v1/tenants/acme/roles/auditor")
    assert (made.json["custom"], made.json["people"], made.json["permissions"]) == (
        True,
        1,
        ["logs.read", "audit.read"],
    )
    listed = api.items("~/roles?limit=2")
    assert [role["code"] for role in listed] == [*ROLES, "auditor"]
    assert listed[-1] == api.done("GET", "~/roles/AUDITOR")
    (grant,) = api.items("~/grants")
    assert (grant["userId"], grant["userName"], grant["role"], grant["source"]) == (ana, "ana", "auditor", "direct")
    api.done("DELETE", "~/roles/auditor")
    assert api.items("~/grants") == []
    assert "no custom role" in api.refused(404, "DELETE", "~/roles/auditor")["detail"]
    assert "no role" in api.refused(404, "GET", "~/roles/auditor")["detail"]


def test_a_role_is_given_for_groups_and_taken_back(world: World, acme: Tenant, api: Caller, okta: Connection) -> None:
    ana = okta.create_user("ana")["id"]
    sales = okta.create_group("Sales")["id"]
    granted = api.done("PUT", "~/users/ana/roles/manager", {"groups": ["sales", sales]})
    assert (granted["userId"], granted["source"], granted["scope"]) == (ana, "direct:admin", [sales])
    assert api.items("~/grants") == [granted]
    assert api.done("PUT", f"~/users/{ana}/roles/manager", {"groups": [sales]}) == granted
    assert api.done("PUT", "~/users/ana/roles/manager")["scope"] == []
    assert api.done("PUT", "~/users/ana/roles/Member")["source"] is None
    left = api.done("DELETE", "~/users/ana/roles/manager")
    assert left == {"userId": ana, "userName": "ana", "role": "manager", "remaining": []}
    assert world.roles_of(acme, "ana") == []


def test_grants_come_in_pages_by_person_and_role(world: World, acme: Tenant, api: Caller, okta: Connection) -> None:
    for name in ("ana", "ben", "cas"):
        okta.create_user(name, roles=[{"value": "manager"}])
    api.done("PUT", "~/users/ana/roles/manager")
    api.done("PUT", "~/users/ana/roles/admin")
    whole = api.items("~/grants?limit=1")
    assert [(grant["userName"], grant["role"], grant["source"]) for grant in whole] == [
        ("ana", "admin", "direct:admin"),
        ("ana", "manager", "direct"),
        ("ana", "manager", "direct:admin"),
        ("ben", "manager", "direct"),
        ("cas", "manager", "direct"),
    ]
    assert api.items("~/grants?role=MANAGER&limit=2") == whole[1:]
    assert api.items("~/grants?user=ANA") == whole[:3]
    assert api.items("~/grants?user=ben&role=admin") == []
    assert "no user" in api.refused(404, "GET", "~/grants?user=eve")["detail"]
    assert "no role" in api.refused(404, "GET", "~/grants?role=pilot")["detail"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "words"),
    [
        ("POST", "~/roles", {**AUDITOR, "code": "admin"}, 422, "'admin' cannot be"),
        ("POST", "~/roles", {**AUDITOR, "permissions": ["fly"]}, 422, "'fly' is no permission"),
        ("POST", "~/roles", {**AUDITOR, "permissions": []}, 422, "at least one permission"),
        ("POST", "~/roles", {**AUDITOR, "code": "taken"}, 409, "'taken' already"),
        ("POST", "~/roles", {"code": "x" * 65, "permissions": "all"}, 422, "3 fields"),
        ("PUT", "~/users/eve/roles/admin", {}, 404, "no user 'eve'"),
        ("PUT", "~/users/ana/roles/pilot", {}, 404, "no role 'pilot'"),
        ("PUT", "~/users/ana/roles/admin", {"groups": ["Sales"]}, 422, "cannot be limited to groups"),
        ("PUT", "~/users/ana/roles/manager", {"groups": ["Nobody"]}, 404, "no group 'Nobody'"),
        ("DELETE", "~/users/ana/roles/admin", None, 404, "does not have the role"),
        ("DELETE", "~/users/ana/roles/manager", None, 422, "not given by hand but by direct"),
    ],
)
def test_what_cannot_be_done_changes_nothing(
    world: World, acme: Tenant, api: Caller, okta: Connection, method: str, path: str, body: object, status: int,
    words: str,
) -> None:  # fmt: skip
    okta.create_user("ana", roles=[{"value": "manager"}])
    okta.create_group("Sales")
    api.done("POST", "~/roles", {**AUDITOR, "code": "taken"})
    before = contents(world)
    assert words in api.refused(status, method, path, body)["detail"]
    assert contents(world) == before


def test_nobody_deals_out_more_than_they_may(world: World, acme: Tenant, api: Caller, okta: Connection) -> None:
    for name in ("ana", "ben"):
        okta.create_user(name)
        api.done("PUT", f"~/users/{name}/roles/super_admin")
    admin = caller(world, acme, *ROLES["admin"].permissions, "roles.write")
    before = contents(world)
    for method, path, body in (
        ("POST", "~/roles", {**AUDITOR, "permissions": ["tokens.write"]}),
        ("PUT", "~/users/ana/roles/super_admin", {}),
        ("DELETE", "~/users/ben/roles/super_admin", None),
    ):
        assert "beyond your own" in admin.refused(403, method, path, body)["detail"]
    assert contents(world) == before
    admin.done("POST", "~/roles", AUDITOR)
    admin.done("PUT", "~/users/ana/roles/admin")
    api.done("DELETE", "~/users/ben/roles/super_admin")
    assert "last super admin" in api.refused(409, "DELETE", "~/users/ana/roles/super_admin")["detail"]


def test_roles_from_the_command_line(cli: CommandLine, world: World, acme: Tenant, okta: Connection) -> None:
    okta.create_user("ana")
    assert "Nobody has a role" in cli.done("role", "grants", "acme").out
    cli.done("role", "grant", "acme", "ana", "admin")
    assert "direct:admin" in cli.done("role", "grants", "acme", "--role", "admin").out
    assert "rules.write" in cli.done("role", "show", "acme", "admin").out
    assert "tenants.write" in cli.done("role", "permissions").out
    assert "no user 'eve'" in cli.failed(1, "role", "grants", "acme", "--user", "eve")


def test_a_page_goes_on_behind_a_role_that_is_deleted_meanwhile(api: Caller) -> None:
    for code in ("a", "b", "c"):
        api.done("POST", "~/roles", {"code": code, "name": code, "permissions": ["people.read"]})
    assert [role["code"] for role in api.items("~/roles?limit=1")][-3:] == ["a", "b", "c"]
    page = api.done("GET", "~/roles?limit=6")
    assert page["items"][-1]["code"] == "b"
    api.done("DELETE", "~/roles/b")
    assert [role["code"] for role in api.done("GET", f"~/roles?after={page['next']}")["items"]] == ["c"]
