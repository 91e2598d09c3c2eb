"""Which of a transaction's events stands for a change of a resource, and so has what SCIM makes of it.

A change of one resource by one transaction is told once, however often it was changed: as it is in the end.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from scim_server.domain.events import PROVISIONED, TAKEN_OVER, Event, Subject
from scim_server.resources.resource_changes import KINDS
from scim_server.resources.scim_changes import Teller
from scim_server.services.addresses import base_address

if TYPE_CHECKING:
    from scim_server.store.unit_of_work import UnitOfWork

MAKING = frozenset({PROVISIONED, "user.restored", "group.created", "group.restored"})
STANDING = MAKING | {
    "user.changed",
    "user.suspended",
    "user.reactivated",
    "user.deleted",
    TAKEN_OVER,
    "group.changed",
    "group.deleted",
}


def told(uow: "UnitOfWork") -> list[Event]:
    """The events of the transaction that are not on their way, with what SCIM makes of its changes."""
    events = uow.events[uow.published :]
    changes = [change for change in uow.changes.values() if change.object_type in KINDS]
    form = uow.tells if changes else None
    if form is None:
        return events
    taken = {event.subject.id for event in events if event.name == TAKEN_OVER}
    teller = Teller(uow.documents, uow.registry, base_address(uow.public_url, uow.tenant.slug), form)
    found = teller.told(changes, uow.replaced | taken)
    places = _places(events)
    for change in changes:
        place = places.get(Subject(change.object_type, change.object_id).key)
        if place is not None and change.object_id in found:
            events[place] = replace(events[place], scim=found[change.object_id])
    return events


def _places(events: Sequence[Event]) -> dict[str, int]:
    """By subject: the event that says it is new, else the last that says it is another."""
    places: dict[str, int] = {}
    for place, event in enumerate(events):
        known = places.get(event.subject.key)
        if event.name in STANDING and (known is None or events[known].name not in MAKING):
            places[event.subject.key] = place
    return places
