"""What was sent of a tenant to a webhook of the operator, and sent again."""

from scim_server.domain.errors import Missing
from scim_server.domain.events import Cause
from scim_server.domain.operator_webhooks import stand_in_id
from scim_server.domain.streams import Receiver
from scim_server.domain.tenants import Tenant
from scim_server.domain.webhooks import Delivery, State
from scim_server.services.operator_hooking import note, operator_webhook_called
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.redelivering import Replay, position_of, send_again
from scim_server.services.retrying import retried


def operator_deliveries(
    units: Units, named: str, tenant: Tenant, most: int, state: State | None = None, before: str | None = None
) -> list[Delivery]:
    """What was sent of late of the tenant's events, as `redelivering.deliveries` has it. Raises Missing."""
    stand_in = _stand_in(units, named, tenant)
    with units.read(tenant) as uow:
        return uow.deliveries.latest(_there(uow, stand_in, named).id, most, state, before)


def replay_operator_event(units: Units, cause: Cause, named: str, tenant: Tenant, event_id: str) -> Replay:
    """Send one event of the tenant again. Raises Invalid, Missing."""
    place = position_of(units, tenant, event_id)
    return replay_operator_range(units, cause, named, tenant, place, place)


def replay_operator_range(units: Units, cause: Cause, named: str, tenant: Tenant, first: int, last: int) -> Replay:
    """Send events of the tenant again, from one position to another. Raises Invalid, Missing."""
    replay = _replay(units, cause, _stand_in(units, named, tenant), named, tenant, first, last)
    note(cause, "replayed", replay.receiver, tenant=tenant.slug, first=first, last=last)
    return replay


@retried
def _replay(units: Units, cause: Cause, stand_in: str, named: str, tenant: Tenant, first: int, last: int) -> Replay:
    with units.write(tenant, cause) as uow:
        replay = send_again(uow, _there(uow, stand_in, named), first, last)
        uow.commit()
        return replay


def _stand_in(units: Units, named: str, tenant: Tenant) -> str:
    """The id of what stands for it in the tenant."""
    with units.overview() as operator:
        return stand_in_id(operator_webhook_called(operator, named).id, tenant.id)


def _there(uow: UnitOfWork, stand_in: str, named: str) -> Receiver:
    found = uow.webhooks.receiver(stand_in)
    if found is None:
        raise Missing(f"The operator's webhook '{named}' gets no events of tenant '{uow.tenant.slug}', or not yet.")
    return found
