"""What an operator's commands do to the store, where no test of a single command shows it whole (docs/effects.md)."""

from scim_server.domain.tenants import Tenant
from tests.cli.commands import CommandLine
from tests.worlds import SEATS, Connection, World, contents


def test_when_the_first_rule_goes_the_next_one_applies(
    cli: CommandLine, world: World, acme: Tenant, okta: Connection
) -> None:
    """The seat stays where it is, under the next rule; role, language and settings are those of the next."""
    world.buy(acme, "meeting", 1)
    ana = okta.create_user("ana")["id"]
    for name in ("Sales", "Staff"):
        okta.create_group(name, ana)
    for name, value in (("big", "1000"), ("std", "100")):
        cli.done("template", "set", "acme", "meeting", name, f"size={value}")
    wanted = ("--product", "meeting")
    first = cli.json("rule", "create", "acme", "--group", "Sales", *wanted, "--language", "fr", "--role", "admin",
                     "--template", "meeting=big")  # fmt: skip
    second = cli.json("rule", "create", "acme", "--group", "Staff", *wanted, "--language", "de", "--role", "manager",
                      "--template", "meeting=std")  # fmt: skip
    okta.create_user("ben", entitlements=["meeting"])
    before = cli.json("user", "show", "acme", "ana")
    cli.done("rule", "delete", "acme", first["id"], "--yes")
    after = cli.json("user", "show", "acme", "ana")
    assert [seat["source"] for seat in before["seats"]] == [f"rule:{first['id']}"]
    assert after["seats"] == [{**before["seats"][0], "source": f"rule:{second['id']}"}]
    assert [role["role"] for role in after["roles"]] == ["manager"]
    person = world.person(acme, "ana")
    assert (person.settings.language, person.settings.products) == ("de", {"meeting": {"size": "100"}})
    assert world.held_by(acme, "ben") == {"meeting": "waiting"}


def test_a_transfer_at_0_free_seats_passes_whoever_waits(
    cli: CommandLine, world: World, acme: Tenant, okta: Connection
) -> None:
    world.buy(acme, "meeting", 1)
    ids = [okta.create_user(f"{name}@x.test", entitlements=["meeting"])["id"] for name in ("ana", "wim")]
    eva = okta.create_user("eva@x.test")["id"]
    cli.done("transfer", "run", "acme", "ana@x.test", "eva@x.test", "--mode", "seat", "--yes")
    shown = {each: okta.get(f"/Users/{each}?attributes={SEATS}").json[SEATS] for each in (*ids, eva)}
    seats = [[(seat["state"], seat["source"]) for seat in each.get("seats", [])] for each in shown.values()]
    assert seats == [[], [("waiting", "direct")], [("assigned", "transfer")]]
    assert [each["status"] for each in shown.values()] == ["unassigned", "waiting", "active"]
    assert world.seats(acme, "meeting") == (1, 1, 0)
    okta.delete(f"/Users/{eva}")
    assert world.held_by(acme, "wim@x.test") == {"meeting": "assigned"}


def test_reconciling_a_busy_tenant_again_and_again_changes_nothing(
    cli: CommandLine, world: World, acme: Tenant, okta: Connection
) -> None:
    """Seats of every state and source, issues, roles, a transfer and people who have left."""
    world.decide("acme", guard_seats="0", guard_percent="0")
    world.buy(acme, "meeting", 3)
    world.buy(acme, "webinar", 0, "downgrade")
    world.buy(acme, "training", 1, "overage", 1)
    world.rule(acme, "Sales", "training", "meeting")
    given = {"ana": "meeting", "ben": "webinar", "cid": "training", "dee": "unheard-of", "eve": "meeting", "fay": "x"}
    roles = {"ana": "admin", "ben": "super_admin", "cid": "unheard-of", "dee": "manager"}
    mails = [{"value": "shared@x.test"}]
    ids = {
        name: okta.create_user(name, entitlements=[code], emails=mails, roles=[{"value": roles.get(name, "member")}])[
            "id"
        ]
        for name, code in given.items()
    }
    group = okta.create_group("Sales", ids["dee"], ids["eve"])["id"]
    okta.patch(f"/Groups/{group}", {"op": "remove", "path": f'members[value eq "{ids["dee"]}"]'})
    cli.done("transfer", "run", "acme", "eve", "fay", "--mode", "seat", "--yes")
    okta.patch(f"/Users/{ids['ana']}", {"op": "replace", "path": "active", "value": False})
    okta.delete(f"/Users/{ids['cid']}")
    okta.delete(f"/Groups/{group}")
    assert {row["state"] for row in world.rows("seats")} == {"assigned", "waiting", "held"}
    before = contents(world)
    assert cli.json("reconcile", "--check") == []
    for _ in range(2):
        assert cli.json("reconcile") == []
    assert contents(world) == before
