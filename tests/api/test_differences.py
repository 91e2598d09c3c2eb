"""/differences: the ledger held against what it must be, and repaired."""

from scim_server.domain.tenants import Tenant
from tests.api.callers import Caller
from tests.cli.commands import CommandLine
from tests.http.test_reconciling import damage
from tests.worlds import World, contents

MISCOUNT = "UPDATE subscriptions SET waiting = 9 WHERE product = 'meeting'"


def test_what_differs_is_listed_as_the_command_line_prints_it_and_repaired_once(
    cli: CommandLine, world: World, acme: Tenant, api: Caller
) -> None:
    world.buy(acme, "meeting", 1)
    assert api.items("~/differences") == cli.json("reconcile", "acme", "--check") == []
    damage(world, MISCOUNT)
    before = contents(world)
    (wrong,) = api.items("~/differences")
    assert (wrong["tenant"], wrong["difference"].startswith("counters of meeting")) == ("acme", True)
    assert cli("reconcile", "acme", "--check", "--json").json == [wrong]
    assert contents(world) == before
    assert api.done("POST", "~/differences/repair") == {"items": [wrong], "next": None}
    before = contents(world)
    assert api.done("POST", "~/differences/repair")["items"] == []
    assert contents(world) == before
    (entry,) = (entry for entry in world.trail(acme) if entry.action == "subscription.recounted")
    assert entry.actor.startswith("api:")


def test_only_the_tenant_of_the_address_is_repaired(world: World, acme: Tenant, api: Caller, operator: Caller) -> None:
    other = world.tenant("other")
    for tenant in (acme, other):
        world.buy(tenant, "meeting", 1)
    damage(world, MISCOUNT)
    api.done("POST", "~/differences/repair")
    assert api.items("~/differences") == []
    assert [each["tenant"] for each in operator.items("/tenants/other/differences")] == ["other"]
    operator.done("POST", "/tenants/other/differences/repair")
