"""The catalogue and what a tenant buys of it: what makes no sense is refused, and nothing is left of it."""

from scim_server.cli.products import products
from scim_server.domain.tenants import Tenant
from scim_server.services.subscribing import MOST_HOLDERS_NAMED
from tests.cli.commands import CommandLine
from tests.worlds import Connection, World, contents


def test_a_product_cannot_include_itself(acme_cli: CommandLine) -> None:
    before = acme_cli.json("product", "list")
    said = acme_cli.failed(1, "product", "create", "suite", "--name", "Suite", "--includes", "suite")
    assert said == "'suite' cannot include itself: leave that out."
    assert acme_cli.json("product", "list") == before


def test_products_cannot_include_each_other_in_a_circle(acme_cli: CommandLine) -> None:
    """Webinar includes meeting. Meeting would have to be made after webinar, and it is there already."""
    before = acme_cli.json("product", "list")
    said = acme_cli.failed(1, "product", "create", "meeting", "--name", "Meeting", "--includes", "webinar")
    assert said == "There is a product 'meeting' already."
    assert acme_cli.json("product", "list") == before
    assert products.commands.keys() == {"create", "list", "show"}, "what a product includes never changes"


def test_an_unknown_product_is_refused_with_the_cure(acme_cli: CommandLine) -> None:
    said = acme_cli.failed(1, "product", "create", "suite", "--name", "Suite", "--includes", "nothing")
    assert said == "'suite' cannot include 'nothing': there is no such product. Create it first."
    said = acme_cli.failed(1, "subscription", "set", "acme", "nothing", "--seats", "1")
    assert said == "There is no product 'nothing'. Known products: meeting, webinar"


def test_fewer_seats_than_assigned_are_refused_with_the_holders(
    cli: CommandLine, world: World, acme: Tenant, okta: Connection
) -> None:
    world.buy(acme, "meeting", 3)
    for name in ("ana@x.test", "ben@x.test"):
        okta.create_user(name, entitlements=["meeting"])
    before = contents(world)
    said = cli.failed(1, "subscription", "set", "acme", "meeting", "--seats", "1")
    assert said == (
        "2 seats of 'meeting' are assigned, more than the 1 asked for. Release some first. "
        "Holders: ana@x.test, ben@x.test"
    )
    assert contents(world) == before


def test_of_many_holders_the_first_are_named_and_the_others_counted(
    cli: CommandLine, world: World, acme: Tenant, okta: Connection
) -> None:
    world.buy(acme, "meeting", 60)
    ids = [okta.create_user(f"u{number:02}@x.test")["id"] for number in range(MOST_HOLDERS_NAMED + 3)]
    world.rule(acme, "Sales", "meeting")
    okta.create_group("Sales", *ids)
    said = cli.failed(1, "subscription", "set", "acme", "meeting", "--seats", "0")
    assert said.count("@x.test") == MOST_HOLDERS_NAMED
    assert said.endswith("@x.test and 3 more")
