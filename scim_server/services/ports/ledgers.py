"""Products, claims, seats and subscriptions."""

from collections.abc import Collection, Sequence
from typing import Protocol

from scim_server.domain.instants import Instant
from scim_server.domain.products import Catalogue
from scim_server.domain.seats import Claim, Exclusion, Policy, Reservation, Seat, SeatState, Subscription
from scim_server.services.sought_seats import SoughtSeats


class Products(Protocol):
    def expect(self) -> None:
        """Have the catalogue read with the next question."""
        ...

    def catalogue(self) -> Catalogue: ...


class Ledger(Protocol):
    """Claims, seats and subscriptions. Only `entitling`, `settling` and `subscribing` write it."""

    def expect(self, user_ids: Collection[str]) -> None:
        """Have what those users claim and hold read with the next question."""
        ...

    def expect_subscriptions(self) -> None:
        """Have all subscriptions read likewise."""
        ...

    def claims(self, user_ids: Collection[str]) -> list[Claim]: ...

    def add_claims(self, claims: Sequence[Claim]) -> None: ...

    def drop_claims(self, claims: Sequence[Claim]) -> None: ...

    @property
    def dropped(self) -> Sequence[Claim]:
        """The claims that this transaction dropped; some of them may have been added again."""
        ...

    def restart_claims(self, user_ids: Collection[str], now: Instant) -> None:
        """Give every claim of those users the claim time `now`."""
        ...

    def lock(self, products: Sequence[str]) -> dict[str, Subscription]:
        """Lock those subscriptions of `products` that exist, by product."""
        ...

    def open(self, products: Sequence[str]) -> list[str]:
        """Make subscriptions with no seats; answers those that nobody else has made meanwhile."""
        ...

    def subscriptions(self) -> list[Subscription]:
        """All subscriptions by product, not locked: as they are, or were when they were expected."""
        ...

    def save_terms(self, product: str, seats: int, policy: Policy, overage: int) -> None:
        """Set what was bought; the subscription must be locked."""
        ...

    def count(self, product: str, assigned: int, waiting: int) -> None:
        """Add to the counters, never beyond what was bought (invariant 1)."""
        ...

    def recount(self, product: str, assigned: int, waiting: int) -> None:
        """Set the counters to what was counted; the subscription must be locked."""
        ...

    def seats(self, user_ids: Collection[str], products: Collection[str] | None = None) -> list[Seat]: ...

    def queue(self, subscription: Subscription) -> list[Seat]:
        """The waiting seats that its room could go to, by rank, claim time and id."""
        ...

    def waiting(self, product: str) -> list[Seat]:
        """Every waiting seat, in the same order."""
        ...

    def page(self, sought: SoughtSeats, after: tuple[str, str] | None, most: int) -> list[Seat]:
        """The next seats that are sought, by user id and product, so many at most; `after` is the last one before."""
        ...

    def waiting_page(self, product: str, after: tuple[int, Instant, str] | None, most: int) -> list[Seat]:
        """The next waiting seats in the order of the queue, so many at most.

        `after` is the last one before: its rank, its claim time and its id.
        """
        ...

    def ahead(self, user_id: str) -> dict[str, int]:
        """How many stand before the user in each queue that they wait in, by product."""
        ...

    def held_seats(
        self, after: tuple[Instant, str] = ("", ""), most: int | None = None, product: str | None = None
    ) -> list[Seat]:
        """Every held seat, or every one of a product, the first due first; those that stand `after` a due moment and
        an id, so many at most."""
        ...

    def holders(self, product: str, limit: int) -> list[str]:
        """User names of people with a seat that counts."""
        ...

    def held_by_product(self) -> dict[str, int]:
        """How many seats are held, by product; one without any is not among them."""
        ...

    def add_seats(self, seats: Sequence[Seat]) -> None: ...

    def set_state(self, product: str, user_ids: Collection[str], state: SeatState, now: Instant) -> None:
        """Bring the seats of those users to `state`, since `now`."""
        ...

    def hold_seats(self, held: Sequence[Seat]) -> None:
        """Bring those assigned seats to `held`."""
        ...

    def move_seats(self, moved: Sequence[Seat]) -> None:
        """Give those seats their new places in the queue, and the terms that go with them."""
        ...

    def drop_seats(self, seats: Sequence[Seat]) -> None: ...

    def guarded_releases(self, product: str, since: Instant) -> int:
        """How many seats of the product guarded changes have released after `since`."""
        ...

    def note_guarded_releases(self, new_id: str, product: str, now: Instant, count: int, window: Instant) -> None:
        """Note that a guarded change released so many, and forget those up to `window`."""
        ...

    def exclusions(self, user_ids: Collection[str]) -> list[Exclusion]: ...

    def add_exclusions(self, new: Collection[Exclusion]) -> None:
        """Add those that are not there."""
        ...

    def drop_exclusions(self, gone: Collection[Exclusion]) -> None: ...

    def reservations(self, invitation_id: str | None = None) -> list[Reservation]:
        """Seats kept for one invitation, or for all."""
        ...

    def add_reservations(self, new: Sequence[Reservation]) -> None: ...

    def drop_reservations(self, invitation_id: str) -> None: ...
