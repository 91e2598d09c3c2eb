"""Invitations as they are looked up, and what the audit trail says of them and of the seats they reserve.

Neither link nor digest is part of it.
"""

from collections.abc import Collection

from scim_server.domain.errors import Missing
from scim_server.domain.events import Change
from scim_server.domain.facts import of_invitation, of_reservation
from scim_server.domain.invitations import Invitation
from scim_server.domain.seats import Reservation
from scim_server.services.ports import UnitOfWork


def known(uow: UnitOfWork, invitation_id: str) -> Invitation:
    """The invitation of that id. Raises Missing."""
    found = uow.invitations.get(invitation_id)
    if found is None:
        raise Missing(f"Tenant '{uow.tenant.slug}' has no invitation '{invitation_id}'.")
    return found


def record_invitation(uow: UnitOfWork, action: str, before: Invitation | None, after: Invitation) -> None:
    """Note that an invitation was sent or has ended."""
    then = None if before is None else of_invitation(before)
    uow.record(Change("invitation", after.id, action, then, of_invitation(after)))


def record_reservations(uow: UnitOfWork, before: Collection[Reservation], after: Collection[Reservation]) -> None:
    """Note the reservations that came and went."""
    for seat in before:
        if seat not in after:
            uow.record(Change("reservation", seat.id, "reservation.ended", of_reservation(seat), None))
    for seat in after:
        if seat not in before:
            uow.record(Change("reservation", seat.id, "reservation.made", None, of_reservation(seat)))
