"""What the audit trail says of invitations and of the seats they reserve; neither link nor digest is part of it."""

from collections.abc import Collection

from scim_server.domain.events import Change
from scim_server.domain.facts import of_invitation, of_reservation
from scim_server.domain.invitations import Invitation
from scim_server.domain.seats import Reservation
from scim_server.services.ports import UnitOfWork


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
