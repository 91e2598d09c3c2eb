"""Moving a tenant: everything of it goes over, and nothing of anybody else."""

from scim_server.services import auditing, stocktaking, tenancy
from scim_server.services.relaying import relay
from tests.cells.removals import lives_in, move, rows_of
from tests.worlds import World


def test_everything_of_a_tenant_goes_over(world: World) -> None:
    acme, other = world.tenant("acme"), world.tenant("other")
    world.buy(acme, "meeting", 2)
    world.rule(acme, "Sales", "webinar")
    okta, others = world.connect(acme), world.connect(other)
    people = [okta.create_user(f"p{n}@acme.test", entitlements=["meeting"])["id"] for n in range(4)]
    okta.create_group("Sales", *people[:3])
    okta.delete(f"/Users/{people[3]}")
    others.create_user("x@other.test")
    world.installation.sealer.flush()
    before, of_other = rows_of(world, "home", acme), rows_of(world, "home", other)

    moved = move(world, "acme", "west")

    assert (moved.source, moved.target) == ("home", "west")
    assert all(each.same for each in moved.tables)
    assert lives_in(world, acme) == {"home": "west", "west": "west"}
    there = rows_of(world, "west", acme)
    there["audit"] = [row for row in there["audit"] if "tenant.moved" not in row]
    assert there == before
    assert rows_of(world, "home", other) == of_other
    assert lives_in(world, other) == {"home": "home", "west": None}
    tenant = tenancy.tenant(world.units, "acme")
    assert tenant.cell == "west"
    found = auditing.check(world.units, tenant, world.installation.sealer.key())
    assert found.fault is None
    assert found.entries == len(before["audit"]) + 1
    assert stocktaking.compare(world.units, tenant) == []


def test_positions_go_on_where_the_tenant_went(world: World) -> None:
    acme = world.tenant("acme")
    okta = world.connect(acme)
    okta.create_user("ana@acme.test")
    relay(world.units)
    okta.create_user("ben@acme.test")
    move(world, "acme", "west")
    okta.create_user("cid@acme.test")
    relay(world.units)
    with world.units.read(tenancy.tenant(world.units, "acme")) as uow:
        events = uow.placed_events.behind(0, 100)
    created = [(each.position, each.event) for each in events if each.event == "user.provisioned"]
    assert created == [(1, "user.provisioned"), (2, "user.provisioned"), (3, "user.provisioned")]
    assert relay(world.units) == 0, "what was left behind is nobody's"
