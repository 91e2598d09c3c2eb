"""A product that includes others covers them: no second seat is counted (design section 6, invariant 2)."""

from scim_server.domain.tenants import Tenant
from tests.http.test_seats import entitle, set_active
from tests.worlds import Connection, World


def test_a_covered_product_takes_no_seat(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "webinar", 1)
    world.buy(acme, "meeting", 1)
    okta.create_user("ana", entitlements=["webinar", "meeting"])
    assert world.held_by(acme, "ana") == {"webinar": "assigned"}
    assert world.seats(acme, "meeting") == (0, 0, 1)


def test_a_gained_bundle_releases_the_included_seat_to_the_queue(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "webinar", 1)
    world.buy(acme, "meeting", 1)
    ana = okta.create_user("ana", entitlements=["meeting"])
    okta.create_user("bob", entitlements=["meeting"])
    entitle(okta, ana["id"], "meeting", "webinar")
    assert world.held_by(acme, "ana") == {"webinar": "assigned"}
    assert world.held_by(acme, "bob") == {"meeting": "assigned"}


def test_a_waiting_seat_goes_when_a_bundle_covers_it(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "webinar", 1)
    ana = okta.create_user("ana", entitlements=["meeting"])
    entitle(okta, ana["id"], "meeting", "webinar")
    assert world.held_by(acme, "ana") == {"webinar": "assigned"}
    assert world.person(acme, "ana").issues == []


def test_who_loses_the_cover_goes_ahead_of_the_queue(world: World, acme: Tenant, okta: Connection) -> None:
    """Webinar moves from Ana to Dee; Dee's meeting, free now, goes to Ana, though Bob has waited for it."""
    world.buy(acme, "webinar", 1)
    world.buy(acme, "meeting", 1)
    world.rule(acme, "Sales", "webinar")
    ana, dee = okta.create_user("ana"), okta.create_user("dee", entitlements=["meeting"])
    group = okta.create_group("Sales", ana["id"])
    okta.create_user("bob", entitlements=["meeting"])
    entitle(okta, ana["id"], "meeting")
    okta.patch(f"/Groups/{group['id']}", {"op": "replace", "path": "members", "value": [{"value": dee["id"]}]})
    assert world.held_by(acme, "dee") == {"webinar": "assigned"}
    assert world.held_by(acme, "ana") == {"meeting": "assigned"}
    assert world.held_by(acme, "bob") == {"meeting": "waiting"}


def test_who_loses_the_cover_waits_where_no_seat_is_free(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "webinar", 1)
    ana = okta.create_user("ana", entitlements=["webinar", "meeting"])
    entitle(okta, ana["id"], "meeting")
    assert world.held_by(acme, "ana") == {"meeting": "waiting"}


def test_a_promotion_to_a_bundle_frees_the_included_seat_for_the_next(
    world: World, acme: Tenant, okta: Connection
) -> None:
    """A chain: Dee leaves webinar, Ana moves up, Ana's meeting goes to Bob."""
    world.buy(acme, "webinar", 1)
    world.buy(acme, "meeting", 1)
    dee = okta.create_user("dee", entitlements=["webinar"])
    okta.create_user("ana", entitlements=["webinar", "meeting"])
    okta.create_user("bob", entitlements=["meeting"])
    assert world.held_by(acme, "ana") == {"meeting": "assigned", "webinar": "waiting"}
    okta.delete(f"/Users/{dee['id']}")
    assert world.held_by(acme, "ana") == {"webinar": "assigned"}
    assert world.held_by(acme, "bob") == {"meeting": "assigned"}


def test_two_bundles_cover_the_same_product(world: World, acme: Tenant, okta: Connection) -> None:
    for product in ("webinar", "training", "meeting"):
        world.buy(acme, product, 1)
    ana = okta.create_user("ana", entitlements=["webinar", "training", "meeting"])
    entitle(okta, ana["id"], "training", "meeting")
    assert world.held_by(acme, "ana") == {"training": "assigned"}
    entitle(okta, ana["id"], "meeting")
    assert world.held_by(acme, "ana") == {"meeting": "assigned"}


def test_a_bundle_of_bundles_covers_everything_in_it(world: World, acme: Tenant, okta: Connection) -> None:
    world.sell("suite:webinar,training")
    for product in ("suite", "webinar", "training", "meeting"):
        world.buy(acme, product, 1)
    ana = okta.create_user("ana", entitlements=["suite", "webinar", "meeting"])
    assert world.held_by(acme, "ana") == {"suite": "assigned"}
    entitle(okta, ana["id"], "webinar", "meeting")
    assert world.held_by(acme, "ana") == {"webinar": "assigned"}


def test_a_suspended_holder_of_a_bundle_takes_no_included_seat(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "webinar", 1)
    world.buy(acme, "meeting", 1)
    ana = okta.create_user("ana", entitlements=["webinar", "meeting"])
    set_active(okta, ana["id"], False)
    assert world.held_by(acme, "ana") == {}
    assert world.seats(acme, "meeting") == (0, 0, 1)
