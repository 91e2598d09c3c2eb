"""`scim-server reconcile`: looks, repairs, and says which by its exit code."""

from scim_server.domain.tenants import Tenant
from tests.cli.commands import CommandLine
from tests.http.test_reconciling import damage
from tests.worlds import Connection, World, contents

MISCOUNT = "UPDATE subscriptions SET waiting = 9 WHERE product = 'meeting'"


def test_where_nothing_differs_a_check_ends_well(
    cli: CommandLine, world: World, acme: Tenant, okta: Connection
) -> None:
    world.buy(acme, "meeting", 1)
    okta.create_user("ana@x.test", entitlements=["meeting"])
    assert cli.done("reconcile", "--check").out == "Nothing differs: the ledger is what it must be.\n"
    assert cli.json("reconcile", "--check", "acme") == []
    assert cli.json("reconcile") == []


def test_a_check_lists_what_differs_and_changes_nothing(
    cli: CommandLine, world: World, acme: Tenant, okta: Connection
) -> None:
    world.buy(acme, "meeting", 1)
    damage(world, MISCOUNT)
    before = contents(world)
    outcome = cli("reconcile", "--check", "acme", "--json")
    assert (outcome.code, outcome.err) == (1, "")
    ((tenant, difference),) = (each.values() for each in outcome.json)
    assert (tenant, difference.startswith("counters of meeting: 0 assigned and 9 waiting")) == ("acme", True)
    shown = cli("reconcile", "--check")
    assert shown.code == 1
    assert "counters of meeting" in shown.out
    assert contents(world) == before
    cli.done("reconcile")


def test_a_repair_says_what_was_wrong_once(cli: CommandLine, world: World, acme: Tenant) -> None:
    world.buy(acme, "meeting", 1)
    damage(world, MISCOUNT)
    printed = cli.done("reconcile", "acme").out
    assert printed.startswith("Repaired:\n")
    assert "counters of meeting" in printed
    before = contents(world)
    assert cli.json("reconcile", "acme") == []
    assert contents(world) == before
    assert [row["actor"] for row in world.rows("audit")].count("cli") == 1


def test_all_tenants_are_looked_at_unless_one_is_named(cli: CommandLine, world: World, acme: Tenant) -> None:
    other = world.tenant("other")
    for tenant in (acme, other):
        world.buy(tenant, "meeting", 1)
    damage(world, MISCOUNT)
    found = cli("reconcile", "--check", "--json").json
    assert [each["tenant"] for each in found] == ["acme", "other"]
    assert [each["tenant"] for each in cli.json("reconcile", "other")] == ["other"]
    assert [each["tenant"] for each in cli.json("reconcile")] == ["acme"]


def test_an_unknown_tenant_is_refused(cli: CommandLine) -> None:
    assert "There is no tenant 'nobody'" in cli.failed(1, "reconcile", "--check", "nobody")
