"""What becomes of seats, said in the audit trail, the outbox and the issues."""

from collections.abc import Collection, Mapping

from scim_server.domain.events import Change, Event, Subject
from scim_server.domain.facts import of_seat
from scim_server.domain.seats import Move, Seat, SeatState
from scim_server.services.issues import HELD_REMOVAL, NO_SEAT, issue
from scim_server.services.ports import UnitOfWork


def announce(uow: UnitOfWork, before: Seat | None, after: Seat | None) -> None:
    """Record that a seat went from one state to another; None stands for no seat."""
    uow.publish(_recorded(uow, before, after))


def announce_moving(uow: UnitOfWork, move: Move) -> None:
    """Move a seat and record that it came or went."""
    before, after = (None, move.seat) if move.more > 0 else (move.seat, None)
    uow.move_seat(move, _recorded(uow, before, after))


def _recorded(uow: UnitOfWork, before: Seat | None, after: Seat | None) -> Event:
    action = f"seat.{after.state if after else 'released'}"
    then, now = (None if seat is None else of_seat(seat) for seat in (before, after))
    seat = after or before
    assert seat is not None, "a seat comes or goes"
    uow.record(Change("seat", seat.id, action, then, now))
    told = {"product": seat.product, "was": before.state.value if before else None}
    more = {"due": after.due} if after and after.due else {}
    return Event(action, Subject.person(seat.user_id), told | more)


def announce_released(uow: UnitOfWork, product: str, released: Collection[Seat]) -> None:
    """Seats of a product that are gone, whatever they were."""
    for seat in released:
        announce(uow, seat, None)
    _close(uow, NO_SEAT, product, [seat for seat in released if not seat.counts])
    _close(uow, HELD_REMOVAL, product, [seat for seat in released if seat.state is SeatState.HELD])


def announce_held(uow: UnitOfWork, product: str, assigned: Mapping[str, Seat], held: Collection[Seat]) -> None:
    """Seats whose release waits for an admin; `assigned` are the same ones as they were, by id."""
    for seat in held:
        announce(uow, assigned[seat.id], seat)
    uow.issues.open(*(issue(uow, HELD_REMOVAL, user_id=seat.user_id, product=product) for seat in held))


def announce_confirmed(uow: UnitOfWork, product: str, held: Collection[Seat], confirmed: Collection[Seat]) -> None:
    """Held seats that are assigned again, as they were and as they are."""
    for before, after in zip(held, confirmed, strict=True):
        announce(uow, before, after)
    _close(uow, HELD_REMOVAL, product, confirmed)


def announce_outcome(
    uow: UnitOfWork, product: str, assigned: Collection[Seat], waiting: Collection[Seat], known: Mapping[str, Seat]
) -> None:
    """Seats that were shared out. `known` are those that waited before, by id."""
    for seat in assigned:
        announce(uow, known.get(seat.id), seat)
    fresh = [seat for seat in waiting if seat.id not in known]
    for seat in fresh:
        announce(uow, None, seat)
    uow.issues.open(*(issue(uow, NO_SEAT, user_id=seat.user_id, product=product) for seat in fresh))
    _close(uow, NO_SEAT, product, [seat for seat in assigned if seat.id in known])


def _close(uow: UnitOfWork, code: str, product: str, seats: Collection[Seat]) -> None:
    if seats:
        uow.issues.close(code, user_ids=[seat.user_id for seat in seats], product=product)
