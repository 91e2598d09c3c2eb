"""What becomes of seats, said in the audit trail, the outbox and the issues."""

from collections.abc import Collection

from scim_server.domain.events import Change, Event
from scim_server.domain.seats import Seat, SeatState
from scim_server.services.issues import HELD_REMOVAL, NO_SEAT, issue
from scim_server.services.ports import UnitOfWork


def announce(uow: UnitOfWork, seat: Seat, before: SeatState | None, after: SeatState | None) -> None:
    """Record that a seat went from one state to another; None stands for no seat."""
    action = f"seat.{after or 'released'}"
    fact = {"user": seat.user_id, "product": seat.product}
    uow.record(
        Change(
            "seat",
            seat.id,
            action,
            {**fact, "state": before.value} if before else None,
            {**fact, "state": after.value} if after else None,
        )
    )
    uow.publish(Event(action, seat.user_id, {"product": seat.product}))


def announce_released(uow: UnitOfWork, product: str, released: Collection[Seat]) -> None:
    """Seats of a product that are gone, whatever they were."""
    for seat in released:
        announce(uow, seat, seat.state, None)
    _close(uow, NO_SEAT, product, [seat for seat in released if not seat.counts])
    _close(uow, HELD_REMOVAL, product, [seat for seat in released if seat.state is SeatState.HELD])


def announce_held(uow: UnitOfWork, product: str, held: Collection[Seat]) -> None:
    """Seats whose release waits for an admin."""
    for seat in held:
        announce(uow, seat, SeatState.ASSIGNED, SeatState.HELD)
    uow.issues.open(*(issue(uow, HELD_REMOVAL, user_id=seat.user_id, product=product) for seat in held))


def announce_confirmed(uow: UnitOfWork, product: str, confirmed: Collection[Seat]) -> None:
    """Held seats that are assigned again."""
    for seat in confirmed:
        announce(uow, seat, SeatState.HELD, SeatState.ASSIGNED)
    _close(uow, HELD_REMOVAL, product, confirmed)


def announce_outcome(
    uow: UnitOfWork, product: str, assigned: Collection[Seat], waiting: Collection[Seat], known: Collection[str]
) -> None:
    """Seats that were shared out. `known` are the ids of those that waited before."""
    for seat in assigned:
        announce(uow, seat, SeatState.WAITING if seat.id in known else None, SeatState.ASSIGNED)
    fresh = [seat for seat in waiting if seat.id not in known]
    for seat in fresh:
        announce(uow, seat, None, SeatState.WAITING)
    uow.issues.open(*(issue(uow, NO_SEAT, user_id=seat.user_id, product=product) for seat in fresh))
    _close(uow, NO_SEAT, product, [seat for seat in assigned if seat.id in known])


def _close(uow: UnitOfWork, code: str, product: str, seats: Collection[Seat]) -> None:
    if seats:
        uow.issues.close(code, user_ids=[seat.user_id for seat in seats], product=product)
