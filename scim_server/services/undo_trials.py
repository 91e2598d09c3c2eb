"""The trial of an undo: it is carried out, looked at and rolled back."""

from dataclasses import dataclass

from scim_server.domain.events import Cause, Change
from scim_server.domain.tenants import Tenant
from scim_server.services.ports import Units
from scim_server.services.retrying import retried
from scim_server.services.undoing import Undoable, Undone, take_back

SEAT = "seat"


@dataclass(frozen=True, slots=True)
class Trial:
    """What an undo would take back, and the seats that would change with it."""

    undone: Undone
    seats: list[Change]


@retried
def attempt(units: Units, tenant: Tenant, cause: Cause, asked: Undoable, most_concerned: int) -> Trial:
    """What `undoing.undo` would do. Nothing is kept of it. Raises the same, and ConcernsTooMany before it has begun."""
    with units.write(tenant, cause) as uow:
        uow.most_concerned = most_concerned
        undone = take_back(uow, asked)
        return Trial(undone, [each for each in uow.changes.values() if each.object_type == SEAT])
