"""Roles from the command line: the tenant's own, and who has which."""

import pytest

from scim_server.domain.access import PERMISSIONS
from scim_server.domain.tenants import Tenant
from tests.cli.commands import CommandLine
from tests.worlds import Connection, World


def created(cli: CommandLine, code: str, *permissions: str) -> None:
    options = [option for permission in permissions for option in ("--permission", permission)]
    cli.done("role", "create", "acme", code, "--name", code.title(), *options)


def test_roles_are_listed_with_how_many_people_have_them(
    cli: CommandLine, world: World, acme: Tenant, okta: Connection
) -> None:
    okta.create_user("ana", roles=[{"value": "admin"}])
    created(cli, "auditor", "audit.read", "reports.read")
    cli.done("role", "grant", "acme", "ana", "admin")
    cli.done("role", "grant", "acme", "ANA", "Auditor")
    listed = cli.json("role", "list", "acme")
    assert [(role["code"], role["custom"], role["people"]) for role in listed] == [
        ("member", False, 0),
        ("manager", False, 0),
        ("admin", False, 1),
        ("super_admin", False, 0),
        ("auditor", True, 1),
    ]
    assert listed[3]["permissions"] == list(PERMISSIONS)
    assert listed[4]["permissions"] == ["reports.read", "audit.read"]
    assert "auditor" in cli.done("role", "list", "acme").out


def test_a_role_is_granted_shown_and_revoked(cli: CommandLine, world: World, acme: Tenant, okta: Connection) -> None:
    sales = okta.create_group("Sales")["id"]
    okta.create_user("ana")
    granted = cli.json("role", "grant", "acme", "ana", "manager", "--group", "Sales")
    assert cli.json("role", "grants", "acme") == [granted]
    assert (granted["userName"], granted["role"], granted["source"], granted["scope"]) == (
        "ana", "manager", "direct:admin", [sales]
    )  # fmt: skip
    shown = cli.json("user", "show", "acme", "ana")["roles"]
    assert [(role["role"], role["source"], role["scope"]) for role in shown] == [("manager", "direct:admin", [sales])]
    assert "direct:admin" in cli.done("user", "show", "acme", "ana").out
    assert "for the people of" not in cli.done("role", "grant", "acme", "ana", "manager").out
    assert [grant.scope for grant in world.person(acme, "ana").grants] == [()]
    assert "no longer" in cli.done("role", "revoke", "acme", "ana", "manager").out
    assert world.roles_of(acme, "ana") == []


def test_granting_twice_changes_nothing(cli: CommandLine, world: World, acme: Tenant, okta: Connection) -> None:
    okta.create_user("ana")
    cli.done("role", "grant", "acme", "ana", "admin")
    entries = len(world.rows("audit"))
    cli.done("role", "grant", "acme", "ana", "admin")
    assert len(world.rows("audit")) == entries


def test_everybody_is_a_member(cli: CommandLine, world: World, acme: Tenant, okta: Connection) -> None:
    okta.create_user("ana")
    assert "Everybody is a member" in cli.done("role", "grant", "acme", "ana", "member").out
    assert world.rows("grants") == []


def test_what_was_given_otherwise_stays(cli: CommandLine, world: World, acme: Tenant, okta: Connection) -> None:
    okta.create_user("ana", roles=[{"value": "admin"}])
    assert "not given by hand but by direct" in cli.failed(1, "role", "revoke", "acme", "ana", "admin")
    cli.done("role", "grant", "acme", "ana", "admin")
    assert "still has the role 'admin', by direct" in cli.done("role", "revoke", "acme", "ana", "admin").out
    assert world.roles_of(acme, "ana") == [("admin", "direct")]


def test_the_operator_cannot_take_the_last_super_admin_either(
    cli: CommandLine, world: World, acme: Tenant, okta: Connection
) -> None:
    for name in ("ana", "ben"):
        okta.create_user(name)
        cli.done("role", "grant", "acme", name, "super_admin")
    cli.done("role", "revoke", "acme", "ana", "super_admin")
    assert "'ben' is the last super admin" in cli.failed(1, "role", "revoke", "acme", "ben", "super_admin")
    assert world.roles_of(acme, "ben") == [("super_admin", "direct:admin")]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("grant", "acme", "eve", "admin"), "no user 'eve'"),
        (("grant", "acme", "ana", "pilot"), "no role 'pilot'. Known roles: member, manager, admin, super_admin"),
        (("grant", "acme", "ana", "admin", "--group", "Sales"), "cannot be limited to groups"),
        (("grant", "acme", "ana", "manager", "--group", "Nobody"), "no group 'Nobody'"),
        (("grant", "acme", "out", "admin"), "reactivate"),
        (("revoke", "acme", "ana", "admin"), "does not have the role 'admin'"),
        (("revoke", "acme", "ana", "member"), "everybody is"),
        (("delete", "acme", "pilot"), "no custom role 'pilot'"),
        (("delete", "acme", "admin"), "no custom role 'admin'"),
        (("create", "acme", "admin", "--name", "A", "--permission", "audit.read"), "'admin' cannot be"),
        (("create", "acme", "x", "--name", "X", "--permission", "fly"), "'fly' is no permission"),
        (("create", "acme", "auditor", "--name", "X", "--permission", "audit.read"), "'auditor' already"),
    ],
)
def test_what_cannot_be_done_changes_nothing_and_says_why(
    cli: CommandLine, world: World, acme: Tenant, okta: Connection, arguments: tuple[str, ...], words: str
) -> None:
    okta.create_user("ana")
    okta.create_user("out", active=False)
    okta.create_group("Sales")
    created(cli, "auditor", "audit.read")
    before = (world.rows("grants"), world.rows("roles"), len(world.rows("audit")))
    assert words in cli.failed(1, "role", *arguments)
    assert (world.rows("grants"), world.rows("roles"), len(world.rows("audit"))) == before


def test_a_deleted_role_is_gone_from_everybody(cli: CommandLine, world: World, acme: Tenant, okta: Connection) -> None:
    created(cli, "auditor", "audit.read")
    okta.create_user("ana", roles=[{"value": "auditor"}])
    assert cli.json("role", "delete", "acme", "auditor", "--yes") == {"code": "auditor", "people": 1}
    assert world.roles_of(acme, "ana") == []
    assert [role["code"] for role in cli.json("role", "list", "acme") if role["custom"]] == []
