"""People from the command line: who they are, what they hold, and why."""

from scim_server.domain.tenants import Tenant
from tests.cli.commands import CommandLine
from tests.worlds import Connection, World


def test_a_person_is_shown_with_seats_claims_and_issues(
    cli: CommandLine, world: World, acme: Tenant, okta: Connection
) -> None:
    world.buy(acme, "meeting", 1)
    rule = world.rule(acme, "Sales", "webinar")
    ana = okta.create_user("Ana@x.test", displayName="Ana", entitlements=["meeting"])
    okta.create_group("Sales", ana["id"])
    shown = cli.json("user", "show", "acme", "ana@x.test")
    assert shown.keys() == {
        "id", "userName", "externalId", "displayName", "email", "active", "status", "reason", "lastSeen", "continues",
        "seats", "claims", "roles", "issues", "language", "settings", "created", "modified", "firstName", "lastName",
        "welcome", "preferredLanguage", "title", "employeeNumber", "department", "division", "organization",
        "costCenter", "manager",
    }  # fmt: skip
    assert (shown["id"], shown["userName"], shown["active"]) == (ana["id"], "Ana@x.test", True)
    assert (shown["status"], shown["reason"]) == ("active", None)
    assert [(seat["product"], seat["state"], seat["source"]) for seat in shown["seats"]] == [
        ("meeting", "assigned", "direct"),
        ("webinar", "waiting", f"rule:{rule.id}"),
    ]
    assert [(claim["product"], claim["source"]) for claim in shown["claims"]] == [
        ("meeting", "direct"),
        ("webinar", f"rule:{rule.id}"),
    ]
    assert [(issue["code"], issue["product"]) for issue in shown["issues"]] == [("NO_SEAT", "webinar")]


def test_who_is_suspended_has_no_seats_and_a_reason(
    cli: CommandLine, world: World, acme: Tenant, okta: Connection
) -> None:
    world.buy(acme, "meeting", 1)
    ana = okta.create_user("ana@x.test", entitlements=["meeting"])
    okta.patch(f"/Users/{ana['id']}", {"op": "replace", "path": "active", "value": False})
    shown = cli.json("user", "show", "acme", "ana@x.test")
    assert (shown["active"], shown["status"], shown["reason"], shown["seats"]) == (False, "suspended", "by_idp", [])


def test_the_list_has_everybody_of_the_tenant_as_user_show_does(
    cli: CommandLine, world: World, acme: Tenant, okta: Connection
) -> None:
    other = world.connect(world.tenant("other"))
    other.create_user("eve@other.test")
    for name in ("ben@x.test", "ana@x.test"):
        okta.create_user(name)
    listed = cli.json("user", "list", "acme")
    assert [user["userName"] for user in listed] == ["ben@x.test", "ana@x.test"]
    assert listed[1] == cli.json("user", "show", "acme", "ana@x.test")
    assert cli.json("user", "list", "other")[0]["userName"] == "eve@other.test"


def test_people_get_tables(cli: CommandLine, world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "meeting", 1)
    for name in ("ana@x.test", "ben@x.test"):
        okta.create_user(name, entitlements=["meeting"])
    lines = cli.done("user", "list", "acme").out.splitlines()
    assert any("ben@x.test" in line and "no_seat" in line and "meeting (waiting)" in line for line in lines)
    shown = cli.done("user", "show", "acme", "ben@x.test").out
    assert "NO_SEAT" in shown
    assert "direct" in shown


def test_control_characters_in_names_do_not_reach_the_terminal(
    cli: CommandLine, acme: Tenant, okta: Connection
) -> None:
    okta.create_user("ana@x.test", displayName="\x1b[31mAna [bold]\u202e")
    printed = cli.done("user", "list", "acme").out
    assert "\x1b" not in printed
    assert "\u202e" not in printed
    assert "\\x1b[31mAna [bold]\\u202e" in printed


def test_a_tenant_without_people(acme_cli: CommandLine) -> None:
    assert acme_cli.json("user", "list", "acme") == []
    assert "no users yet" in acme_cli.done("user", "list", "acme").out
