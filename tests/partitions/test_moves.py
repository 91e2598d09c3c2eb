"""A tenant moves from a cell whose tables are in one piece to one whose tables are cut, and back."""

from collections.abc import Iterator

import pytest

from tests import databases, worlds
from tests.cells.removals import move, rows_of
from tests.worlds import World


@pytest.fixture
def world(database_url: str, postgresql_databases: databases.Fresh) -> Iterator[World]:
    """Home is in one piece, west is cut."""
    home = postgresql_databases()
    built = worlds.build(home, cell_urls=(("west", database_url),))
    built.sell("meeting")
    yield built
    built.check()
    built.installation.cells.dispose()
    databases.drop(home)


def test_a_tenant_moves_into_partitions_and_out_again(world: World) -> None:
    acme, other = world.tenant("acme"), world.tenant("other")
    world.buy(acme, "meeting", 2)
    okta, others = world.connect(acme), world.connect(other)
    people = [okta.create_user(f"p{n}@acme.test", entitlements=["meeting"])["id"] for n in range(4)]
    okta.create_group("Sales", *people[:3])
    okta.delete(f"/Users/{people[3]}")
    others.create_user("x@other.test")
    world.installation.sealer.flush()
    before = rows_of(world, "home", acme)

    assert all(each.same for each in move(world, "acme", "west").tables)
    there = rows_of(world, "west", acme)
    assert {name: there[name] for name in there if name != "audit"} == {
        name: before[name] for name in before if name != "audit"
    }
    assert okta.get(f"/Users/{people[0]}").status_code == 200
    okta.create_user("late@acme.test")

    world.advance(120)
    assert world.do_chore("remove-moved-tenants") is not None
    assert all(each.same for each in move(world, "acme", "home").tables)
    assert okta.get("/Users").json["totalResults"] == 4
