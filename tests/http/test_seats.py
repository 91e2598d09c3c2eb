"""Joiners, movers and leavers become seats (design section 6)."""

from scim_server.domain.tenants import Tenant
from tests.worlds import Connection, World


def test_a_joiner_with_an_entitlement_gets_a_seat(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "meeting", 1)
    okta.create_user("ana@x.test", entitlements=["meeting"])
    assert world.seats(acme, "meeting") == (1, 0, 0)
    assert world.held_by(acme, "ana@x.test") == {"meeting": "assigned"}
