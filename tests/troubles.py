"""What is wrong in a tenant, for tests of issues."""

from scim_server.domain.tenants import Tenant
from tests.worlds import Connection, World


def trouble(world: World, tenant: Tenant, client: Connection, first: str = "ana@x.test") -> dict[str, str]:
    """One of the `first` and ben waits, cid has a wrong entitlement, a group has a stranger, and a rule has lost its
    group; answers the ids of people."""
    world.buy(tenant, "meeting", 1)
    world.rule(tenant, "Gone", "webinar")
    client.delete(f"/Groups/{client.create_group('Gone')['id']}")
    ids = {name: client.create_user(name, entitlements=["meeting"])["id"] for name in (first, "ben@x.test")}
    ids["cid@x.test"] = client.create_user("cid@x.test", entitlements=["whiteboard"])["id"]
    client.create_group("Sales", ids[first], "nobody")
    return ids
