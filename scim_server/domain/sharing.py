"""Sharing out seats: what people should have and have while one change is settled, and who gets what is free.

Everything here decides; nothing here stores. `services/settling.py` brings the facts and writes the outcome.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Self

from scim_server.domain.products import Catalogue
from scim_server.domain.seats import Place, Policy, Seat, SeatState, Subscription, Want


@dataclass
class Person:
    """What one user should have and has, while one change is settled.

    A visitor is somebody the change does not concern, met in the queue: what they should have is read off
    their seats, since their claims are not at hand.
    """

    user_id: str
    may_hold: bool
    claims: dict[str, Want]
    seats: dict[str, Seat]
    had: frozenset[str] = field(default_factory=frozenset)
    downgraded: dict[str, Want] = field(default_factory=dict)

    @classmethod
    def visitor(cls, user_id: str, seats: Iterable[Seat]) -> Self:
        """Somebody of the queue, taken as wanting just what they hold or wait for."""
        owned = {seat.product: seat for seat in seats}
        wants = {product: seat.want for product, seat in owned.items() if seat.state is not SeatState.HELD}
        return cls(user_id, True, wants, owned)

    def claim(self, product: str, want: Want) -> None:
        """Add a claim to those the person has on the product."""
        known = self.claims.get(product)
        self.claims[product] = want if known is None else known.united(want)

    def wanted(self, product: str, catalogue: Catalogue) -> Want | None:
        """The terms of a seat of `product` of the person's own; None where they should have none."""
        want = self.claims.get(product) or self.downgraded.get(product)
        if not self.may_hold or want is None or self.is_covered(product, catalogue):
            return None
        return want

    def offer(self, products: Iterable[str], want: Want) -> None:
        """Let the person have `products` while they wait for what includes them."""
        for product in products:
            known = self.downgraded.get(product)
            if known is None or want.place < known.place:
                self.downgraded[product] = Want(want.place)

    def lost_cover(self, product: str, catalogue: Catalogue) -> bool:
        """Whether the person had `product` through a bundle until this change."""
        return not self.had.isdisjoint(catalogue.covered_by(product))

    def is_covered(self, product: str, catalogue: Catalogue) -> bool:
        """Whether a bundle that the person holds includes the product."""
        return any(bundle in self.seats and self.seats[bundle].counts for bundle in catalogue.covered_by(product))

    def bound(self, bond: str, catalogue: Catalogue) -> list[str]:
        """The products that must be assigned together for that bond, bundles first; what they cover is left out."""
        waiting = {
            product
            for product in self.claims
            if (want := self.wanted(product, catalogue)) is not None
            and want.bond == bond
            and not (product in self.seats and self.seats[product].counts)
        }
        return [code for code in catalogue.bundles_first(waiting) if waiting.isdisjoint(catalogue.covered_by(code))]


def holdings(seats: Iterable[Seat]) -> frozenset[str]:
    """The products of the seats that count."""
    return frozenset(seat.product for seat in seats if seat.counts)


@dataclass(frozen=True, slots=True)
class Line:
    """Everybody who could get a seat of one product now, as waiting seats.

    Heirs take over what somebody gives up for them; then comes who lost a bundle's cover; then newcomers and the
    queue by turn.
    """

    heirs: Collection[Seat]
    first: Collection[Seat]
    newcomers: Collection[Seat]
    queue: Collection[Seat]

    def in_order(self) -> list[Seat]:
        """Those after the heirs, the first in line first."""
        return [*sorted(self.first, key=turn), *sorted((*self.newcomers, *self.queue), key=turn)]


@dataclass(frozen=True, slots=True)
class Award:
    """Who gets a seat now, and who of the line goes on waiting."""

    assigned: Sequence[Seat]
    waiting: Sequence[Seat]


def award(subscription: Subscription, line: Line, may_take: Callable[[Seat], bool]) -> Award:
    """Share out the room of the subscription. `may_take` says whether somebody in turn can be given a seat at all."""
    assigned = list(line.heirs)[: subscription.room(Policy.OVERAGE)]
    waiting = list(line.heirs)[len(assigned) :]
    room = {policy: subscription.room(policy) - len(assigned) for policy in Policy}
    taken = 0
    for seat in line.in_order():
        if taken < room[subscription.policy_for(seat.want)] and may_take(seat):
            assigned.append(seat)
            taken += 1
        else:
            waiting.append(seat)
    return Award(assigned, waiting)


def turn(seat: Seat) -> tuple[Place, str]:
    """The order of the queue."""
    return seat.turn
