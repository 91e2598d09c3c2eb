"""A seat that somebody takes or gives back while nobody else is concerned: by far the most changes of the ledger.

Nobody waits, no bundle covers anything of theirs, there is room: then nothing is to be shared out, and no lock is
needed to find that out. The seat moves in one statement, which fails where the subscription is not as it was seen, so
that everything begins anew. Whatever is not as plain as that is left to `settling`.
"""

from collections.abc import Iterable, Mapping

from scim_server.domain.products import Catalogue
from scim_server.domain.seats import Move, Seat, SeatState, Subscription, Want
from scim_server.domain.sharing import Person
from scim_server.services.announcing import announce_moving
from scim_server.services.ports import UnitOfWork


def moved_alone(uow: UnitOfWork, people: Mapping[str, Person], catalogue: Catalogue, *, guarded: bool) -> bool:
    """Bring the seats of the one person concerned up to date; False, with nothing done, where it is not that plain.

    `guarded` changes take from nobody what only a claim could have kept without being counted.
    """
    if len(people) != 1:
        return False
    (person,) = people.values()
    coming = _coming(person, catalogue)
    going = [seat for seat in person.seats.values() if person.wanted(seat.product, catalogue) is None]
    if not _is_plain(person, catalogue) or (guarded and going and person.may_hold):
        return False
    if not coming and not going:
        return True
    seen = {each.product: each for each in uow.ledger.subscriptions()}
    low = uow.tenant.settings.number("low_water")
    moves = [
        *_moves(seen, low, (_taken(uow, person, product, want) for product, want in coming.items()), 1),
        *_moves(seen, low, going, -1),
    ]
    if len(moves) < len(coming) + len(going):
        return False
    for move in sorted(moves, key=lambda move: move.seat.product):
        announce_moving(uow, move)
    return True


def _is_plain(person: Person, catalogue: Catalogue) -> bool:
    """Whether each product of the person's stands for itself, and their seats work on the terms they should have."""
    products = person.claims.keys() | person.seats.keys()
    return (
        all(products.isdisjoint(catalogue.covers(product)) for product in products)
        and all(want.bond is None for want in person.claims.values())
        and all(
            seat.state is SeatState.ASSIGNED and person.wanted(seat.product, catalogue) in {None, seat.want}
            for seat in person.seats.values()
        )
    )


def _coming(person: Person, catalogue: Catalogue) -> dict[str, Want]:
    """On what terms the person should have which seats that they do not have."""
    wants = {product: person.wanted(product, catalogue) for product in person.claims.keys() - person.seats.keys()}
    return {product: want for product, want in wants.items() if want is not None}


def _taken(uow: UnitOfWork, person: Person, product: str, want: Want) -> Seat:
    return Seat(uow.new_id(), person.user_id, product, SeatState.ASSIGNED, uow.now, want)


def _moves(seen: Mapping[str, Subscription], low: int, seats: Iterable[Seat], more: int) -> list[Move]:
    """How those seats move for which nobody waits, there is room, and nothing turns; `low` is the low water mark."""
    moves = []
    for seat in seats:
        subscription = seen.get(seat.product)
        if subscription is None or subscription.waiting:
            continue
        counts = subscription.steady(more, low)
        if more > 0:
            limit = subscription.limit(subscription.policy_for(seat.want))
            counts = range(counts.start, min(counts.stop, limit))
        if subscription.assigned in counts:
            moves.append(Move(seat, more, subscription, counts))
    return moves
