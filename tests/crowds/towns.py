"""Where a crowd meets: a tenant with subscriptions that are never large enough, rules, groups, and one beside it."""

from dataclasses import dataclass

from scim_server.domain.access import SUPER_ADMIN
from scim_server.services import ruling
from tests.worlds import CAUSE, Connection, World

SLUG, OUTSIDE = "town", "outside"
PEOPLE = tuple(f"u{number:02}@town.test" for number in range(60))
PRODUCTS = ("meeting", "webinar", "training", "phone")
SEATS = {"meeting": 20, "webinar": 8, "training": 6, "phone": 12}
"""What is bought at first, of each product fewer than want it."""
POLICIES = {"meeting": "wait", "webinar": "downgrade", "training": "overage", "phone": "reject"}
OVERAGE = 2
RULES = {"sales": ("meeting",), "marketing": ("webinar", "training"), "staff": ("phone",)}
"""Groups, and what their rules give; marketing gets all of it or nothing."""


@dataclass(frozen=True)
class Town:
    """What a client in another process needs to know: its credentials here and outside, ids of groups and rules."""

    database_url: str
    token: str
    outside_token: str
    groups: dict[str, str]
    rules: tuple[str, ...]


def found(world: World, database_url: str) -> Town:
    """Set the town up in an installation without products."""
    world.sell("meeting", "webinar:meeting", "training:meeting", "phone")
    tenant = world.tenant(SLUG)
    world.decide(SLUG, guard_seats="2", guard_percent="0")
    for product, seats in SEATS.items():
        world.buy(tenant, product, seats, POLICIES[product], OVERAGE if product == "training" else 0)
    rules = [
        ruling.create_rule(
            world.units, tenant, CAUSE, {"group": group, "products": products, "all_or_nothing": group == "marketing"}
        )
        for group, products in RULES.items()
    ]
    client = world.connect(tenant, "everybody", manages_entitlements="yes", max_role=SUPER_ADMIN)
    outside = world.connect(world.tenant(OUTSIDE), "outside")
    groups = {name: client.create_group(name)["id"] for name in RULES}
    client.create_user(PEOPLE[0], roles=[{"value": SUPER_ADMIN}])
    return Town(database_url, client.token, outside.token, groups, tuple(rule.id for rule in rules))


def enter(world: World, town: Town) -> tuple[Connection, Connection]:
    """A client of the town and one of the tenant outside, over an installation in this process."""
    http = world.app.test_client
    return Connection(http(), SLUG, town.token, "everybody"), Connection(http(), OUTSIDE, town.outside_token, "outside")
