"""What SCIM makes of the changes of a tenant, as whoever tells them reads it with the events."""

from scim_server.domain.events import PlacedEvent, ScimChange
from scim_server.domain.tenants import FULL, Tenant
from scim_server.services import tenancy
from scim_server.services.relaying import relay
from tests.worlds import CAUSE, Connection, World


def listen(world: World, slug: str, form: str | None = FULL) -> Tenant:
    """Have a tenant's changes told in that form from now on."""
    tenant = tenancy.tenant(world.units, slug)
    with world.units.write(tenant, CAUSE) as uow:
        uow.guard(exclusive=True)
        uow.tell_scim(form)
        uow.commit()
    return tenancy.tenant(world.units, slug)


def events(world: World, slug: str) -> list[PlacedEvent]:
    """All events of a tenant."""
    relay(world.units)
    with world.units.read(tenancy.tenant(world.units, slug)) as uow:
        return uow.placed_events.behind(0, 100_000)


def told(world: World, client: Connection, resource_id: str | None = None) -> list[tuple[str, ScimChange]]:
    """The changes of one resource, or of all of a tenant, each with the type of the event that has it."""
    found = [(each.event, each.subject.id, each.scim) for each in events(world, client.slug)]
    return [(name, scim) for name, about, scim in found if scim is not None and resource_id in {None, about}]
