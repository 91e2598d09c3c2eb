"""Moving a tenant: everything of it goes over, and nothing of anybody else."""

from ipaddress import ip_network

from scim_server.services import auditing, hooking, operator_hooking, spreading, stocktaking, tenancy
from scim_server.services.relaying import relay
from tests.cells.removals import lives_in, move, rows_of
from tests.receivers import receiving
from tests.worlds import CAUSE, World, build


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


def test_a_webhook_goes_on_where_the_tenant_went(home_url: str, west_url: str) -> None:
    world = build(home_url, cell_urls=(("west", west_url),), egress_networks=(ip_network("127.0.0.1/32"),))
    acme = world.tenant("acme")
    okta = world.connect(acme)
    with receiving() as receiver:
        secret = hooking.create_webhook(world.units, world.installation.web, acme, CAUSE, "app", receiver.url).secret
        worker = world.installation.event_worker()
        for number, there in enumerate(("west", "home", "west")):
            okta.create_user(f"p{number}@acme.test")
            worker.work_off()
            okta.create_user(f"q{number}@acme.test")
            move(world, "acme", there)
            worker.work_off()
            world.advance(120)
            world.do_chore("remove-moved-tenants")
    receiver.verify(secret)
    positions = [each["position"] for each in receiver.events()]
    assert positions == list(range(1, len(positions) + 1))
    assert len(positions) == len({each["id"] for each in receiver.events()}) == 6
    world.installation.cells.dispose()


def test_a_webhook_of_the_operator_is_known_in_every_cell(home_url: str, west_url: str) -> None:
    world = build(home_url, cell_urls=(("west", west_url),), egress_networks=(ip_network("127.0.0.1/32"),))
    acme, other = world.tenant("acme"), world.tenant("other")
    move(world, "acme", "west")
    work = world.installation.event_worker().work_off
    with receiving() as receiver:
        operator_hooking.create_operator_webhook(
            world.units, world.installation.web, CAUSE, "vendor", receiver.url, ("user.provisioned",)
        )
        work()
        move(world, "other", "west")
        new = world.connect(world.tenant("new"))
        for okta in (world.connect(tenancy.tenant(world.units, each.slug)) for each in (acme, other)):
            okta.create_user(f"ana@{okta.slug}.test")
        new.create_user("ana@new.test")
        work()
        assert sorted(each["tenant"] for each in receiver.events()) == ["acme", "new", "other"]
        assert operator_hooking.operator_webhook(world.units, "vendor").condition.tenants == 3
        receiver.behave = lambda _received: 410
        new.create_user("ben@new.test")
        work()
        assert world.do_chore(spreading.CHORE) == 0
        receiver.behave = lambda _received: 204
        world.connect(tenancy.tenant(world.units, "acme"), "more").create_user("ben@acme.test")
        assert work() == 0, "what wants no more of home gets no more of west"
        operator_hooking.remove_operator_webhook(world.units, CAUSE, "vendor")
        work()
        assert world.do_chore(spreading.CHORE) == 0
    for cell in ("home", "west"):
        assert rows_of(world, cell, acme).get("webhooks", []) == []
    world.installation.cells.dispose()
