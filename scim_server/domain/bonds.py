"""All or nothing: who can only have several products together is given one when all of them have room.

The first of the bound products, bundles first, decides for all; the others are promised until their turn comes.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping

from scim_server.domain.products import Catalogue
from scim_server.domain.seats import Place, Seat, Subscription
from scim_server.domain.sharing import Line, Person, turn


class Bonds:
    """What was promised in the course of one settlement. `line` tells who stands in line for a product."""

    def __init__(
        self,
        subscriptions: Mapping[str, Subscription],
        people: Mapping[str, Person],
        catalogue: Catalogue,
        line: Callable[[str], Line],
    ) -> None:
        self._subscriptions = subscriptions
        self._people = people
        self._catalogue = catalogue
        self._line = line
        self._promises: set[tuple[str, str]] = set()
        self._promised: Counter[str] = Counter()
        self._ahead: dict[str, list[tuple[Place, str]]] = {}
        self.seen = False

    def begin(self) -> None:
        """Forget who stands in which line: another pass over the products begins."""
        self._ahead.clear()

    def may_take(self, seat: Seat) -> bool:
        """Whether the person whose turn it is can be given the seat: it is bound to nothing, or all have room."""
        bond = seat.want.bond
        if bond is None:
            return True
        self.seen = True
        if (seat.user_id, seat.product) in self._promises:
            self._promises.remove((seat.user_id, seat.product))
            self._promised[seat.product] -= 1
            return True
        leader, *others = self._people[seat.user_id].bound(bond, self._catalogue) or [""]
        if seat.product != leader or not all(self._has_room(product, seat) for product in others):
            return False
        self._promises |= {(seat.user_id, product) for product in others}
        self._promised.update(others)
        return True

    def _has_room(self, product: str, seat: Seat) -> bool:
        """Whether a seat of another product is left for the person after whoever is ahead of them there."""
        subscription = self._subscriptions.get(product)
        if subscription is None:
            return False
        room = subscription.room(subscription.policy_for(seat.want)) - self._promised[product]
        if room <= 0:
            return False
        if product not in self._ahead:
            line = self._line(product)
            self._ahead[product] = sorted(turn(each) for each in line.in_order() if each.want.bond is None)
        return bisect_left(self._ahead[product], seat.turn) < room
