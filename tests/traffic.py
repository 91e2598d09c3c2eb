"""A little of what clients do in a tenant, for tests of its log and of its trail."""

from scim_server.domain.tenants import Tenant
from tests.worlds import Connection, World


def requests(world: World, tenant: Tenant, client: Connection, **more: str) -> dict[str, str]:
    """Requests of two connections, some of them refused; answers the id of the person, who is created with `more`
    attributes, and ids of requests by what was asked."""
    entra = world.connect(tenant, "entra")
    created = client.post("/Users", {"userName": "ana@x.test", "active": "True", **more}, X_Request_Id="mine")
    ana = created.json["id"]
    asked = {
        "create": created,
        "group": entra.post("/Groups", {"displayName": "Sales", "members": [{"value": ana}, {"value": "x"}]}),
        "taken": entra.post("/Users", {"userName": "ANA@x.test"}),
        "missing": client.get("/Users/none"),
        "found": client.get('/Users?filter=userName eq "ana@x.test"'),
    }
    world.installation.log.flush()
    return {"ana": ana, **{name: answer.headers["X-Request-Id"] for name, answer in asked.items()}}


def changes(world: World, tenant: Tenant, client: Connection) -> dict[str, str]:
    """Changes of a person and of a group; answers their ids, and that of one of the requests."""
    world.buy(tenant, "meeting", 1)
    ana = client.create_user("ana@x.test", displayName="Ana", entitlements=["meeting"])["id"]
    changed = client.patch(f"/Users/{ana}", {"op": "replace", "path": "displayName", "value": "Anna"})
    group = client.create_group("Sales", ana)["id"]
    return {"ana": ana, "group": group, "request": changed.headers["X-Request-Id"]}
