"""Claims and seats: who should have a product, who has it, and who is next (design section 6).

Everything here decides; nothing here stores. `services/entitling.py` brings the facts and writes the outcome.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Self

from scim_server.domain.instants import Instant
from scim_server.domain.products import Catalogue

DIRECT = "direct"
DIRECT_RANK = 0
"""Direct claims stand before those of rules, whose rank is their priority (1 and up)."""


class SeatState(StrEnum):
    """`held`: still working, release pending. Assigned and held seats count against the subscription."""

    ASSIGNED = "assigned"
    WAITING = "waiting"
    HELD = "held"


class Policy(StrEnum):
    """What happens when seats run out (invariant 4)."""

    WAIT = "wait"
    REJECT = "reject"
    DOWNGRADE = "downgrade"
    OVERAGE = "overage"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in the queue: the smaller, the sooner."""

    rank: int
    since: Instant


@dataclass(frozen=True, slots=True)
class Claim:
    """The intent that a user should have a product. `source` is `direct` or `rule:<id>`."""

    user_id: str
    product: str
    source: str
    place: Place


@dataclass(frozen=True, slots=True)
class Seat:
    """A user's place in a subscription. `place` is that of the best claim behind it."""

    id: str
    user_id: str
    product: str
    state: SeatState
    since: Instant
    place: Place

    @property
    def counts(self) -> bool:
        """Whether the seat is one of those bought."""
        return self.state is not SeatState.WAITING

    @property
    def turn(self) -> tuple[Place, str]:
        """The order of the queue."""
        return self.place, self.id

    def become(self, state: SeatState, since: Instant) -> Self:
        """The same seat in another state."""
        return replace(self, state=state, since=since)


@dataclass(frozen=True, slots=True)
class Subscription:
    """A tenant's purchase of one product."""

    product: str
    seats: int
    policy: Policy = Policy.WAIT
    overage: int = 0
    assigned: int = 0
    waiting: int = 0

    @property
    def capacity(self) -> int:
        return self.seats + self.overage

    @property
    def free(self) -> int:
        """Seats bought and not assigned."""
        return max(0, self.seats - self.assigned)

    @property
    def room(self) -> int:
        """How many more may be assigned, overage included."""
        return max(0, self.capacity - self.assigned)


@dataclass
class Person:
    """What one user should have and has, while one change is settled.

    A visitor is somebody the change does not concern, met in the queue: what they should have is read off
    their seats, since their claims are not at hand.
    """

    user_id: str
    may_hold: bool
    claims: dict[str, Place]
    seats: dict[str, Seat]
    had: frozenset[str] = field(default_factory=frozenset)
    downgraded: dict[str, Place] = field(default_factory=dict)

    @classmethod
    def visitor(cls, user_id: str, seats: Iterable[Seat]) -> Self:
        """Somebody of the queue, taken as wanting just what they hold or wait for."""
        owned = {seat.product: seat for seat in seats}
        return cls(user_id, True, {product: seat.place for product, seat in owned.items()}, owned)

    def wanted(self, product: str, catalogue: Catalogue) -> Place | None:
        """The person's place for a seat of `product` of their own; None where they should have none."""
        place = self.claims.get(product) or self.downgraded.get(product)
        if not self.may_hold or place is None or self._covered(product, catalogue):
            return None
        return place

    def offer(self, products: Iterable[str], place: Place) -> None:
        """Let the person have `products` while they wait at `place` for what includes them."""
        for product in products:
            self.downgraded[product] = min(place, self.downgraded.get(product, place))

    def lost_cover(self, product: str, catalogue: Catalogue) -> bool:
        """Whether the person had `product` through a bundle until this change."""
        return not self.had.isdisjoint(catalogue.covered_by(product))

    def _covered(self, product: str, catalogue: Catalogue) -> bool:
        return any(bundle in self.seats and self.seats[bundle].counts for bundle in catalogue.covered_by(product))


def holdings(seats: Iterable[Seat]) -> frozenset[str]:
    """The products of the seats that count."""
    return frozenset(seat.product for seat in seats if seat.counts)


@dataclass(frozen=True, slots=True)
class Award:
    """Who gets a seat now, and who waits."""

    assigned: Sequence[Seat]
    waiting: Sequence[Seat]


def award(room: int, first: Collection[Seat], newcomers: Collection[Seat], queue: Collection[Seat]) -> Award:
    """Share out `room` seats: `first` go ahead of everybody, then newcomers and the queue by turn.

    All seats come in as waiting. Of those left over, `waiting` names only the ones the store does not know.
    """
    order = [*sorted(first, key=_turn), *sorted((*newcomers, *queue), key=_turn)]
    known = {seat.id for seat in queue}
    return Award(
        assigned=order[:room],
        waiting=[seat for seat in order[room:] if seat.id not in known],
    )


def _turn(seat: Seat) -> tuple[Place, str]:
    return seat.turn
