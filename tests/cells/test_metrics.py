"""Metrics of several cells: each is told apart, and a tenant that has moved counts where it lives."""

from scim_server.services.surveying import survey
from scim_server.telemetry import catalogue
from scim_server.telemetry.metrics import Metric
from tests.cells.removals import move
from tests.worlds import World


def told(world: World, metric: Metric) -> dict[tuple[str, ...], float]:
    found = survey(world.units, world.installation.cells, 10)
    assert len({(each.metric, each.labels) for each in found}) == len(found)
    return {each.labels: each.value for each in found if each.metric == metric.name}


def test_a_tenant_that_has_moved_counts_where_it_lives(world: World) -> None:
    acme = world.tenant("acme")
    world.buy(acme, "meeting", 3)
    world.connect(acme).create_user("ana@acme.test", entitlements=["meeting"])
    assert told(world, catalogue.BOUGHT) == {("home", "meeting"): 3}
    move(world, "acme", "west")
    assert told(world, catalogue.BOUGHT) == {("west", "meeting"): 3}
    assert told(world, catalogue.SEATS)["west", "meeting", "assigned"] == 1
    assert told(world, catalogue.TENANT_SEATS)["west", "acme", "meeting", "free"] == 2
    assert told(world, catalogue.TENANTS) == {("home",): 0, ("west",): 1}
    assert told(world, catalogue.RESOURCES) == {("west", "User"): 1}
    credentials = told(world, catalogue.CREDENTIALS)
    assert (credentials["home", "connection", "later"], credentials["west", "connection", "later"]) == (0, 1)
    assert told(world, catalogue.DATABASE_UP) == {("home",): 1, ("west",): 1}
