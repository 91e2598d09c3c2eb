"""Claims and seats: who should have a product, and who has it (design section 6)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from scim_server.domain.instants import Instant

DIRECT = "direct"
"""The source of claims that the entitlements of a person's document name."""
BY_ADMIN = "direct:admin"
IMPORTED = "import"
TRANSFERRED = "transfer"
FIRST_RANK = 0
"""Claims of those sources stand before those of rules, whose rank is their priority (1 and up). A claim by transfer
has the rank of whoever gave the seat away."""
RULE = "rule:"
"""What the source of a claim or grant by a rule begins with; the rule's id follows."""
EVERY_SOURCE = "*"
"""The source of an exclusion from everything that is derived."""


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
    """The intent that a user should have a product."""

    user_id: str
    product: str
    source: str
    place: Place

    @property
    def is_derived(self) -> bool:
        """Whether the claim follows from the person's document or a rule; all others are facts."""
        return self.source == DIRECT or self.source.startswith(RULE)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A user is kept out of claims on a product by one derived source, or by all of them."""

    user_id: str
    product: str
    source: str
    reason: str
    since: Instant


def keeping_out(exclusions: Iterable[Exclusion]) -> Callable[[Claim], bool]:
    """Whether one of those exclusions covers a claim, at the same cost however many they are."""
    kept_out = {(each.user_id, each.product, each.source) for each in exclusions}

    def covered(claim: Claim) -> bool:
        return claim.is_derived and any(
            (claim.user_id, claim.product, source) in kept_out for source in (claim.source, EVERY_SOURCE)
        )

    return covered


@dataclass(frozen=True, slots=True)
class Want:
    """On what terms a person should have a seat: those of the best claim.

    `policy` stands before that of the subscription. Seats of one person with one `bond`, which is the source of a
    rule that gives all or nothing, are assigned together or not at all.
    """

    place: Place
    policy: Policy | None = None
    bond: str | None = None

    def united(self, other: "Want") -> "Want":
        """The terms of two claims together: of the better one, bound to nothing if either is not."""
        better, worse = (other, self) if other.place < self.place else (self, other)
        return replace(better, bond=better.bond if worse.bond else None)


@dataclass(frozen=True, slots=True)
class Seat:
    """A user's place in a subscription. `due` and `held_for` say of a held one when it goes, and what took it."""

    id: str
    user_id: str
    product: str
    state: SeatState
    since: Instant
    want: Want
    due: Instant | None = None
    held_for: str | None = None

    @property
    def place(self) -> Place:
        return self.want.place

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
        return replace(self, state=state, since=since, due=None, held_for=None)

    def hold(self, since: Instant, due: Instant, held_for: str) -> Self:
        """The same seat, held."""
        return replace(self, state=SeatState.HELD, since=since, due=due, held_for=held_for)


@dataclass(frozen=True, slots=True)
class Reservation:
    """A seat kept for somebody who is invited; it counts as assigned."""

    id: str
    invitation_id: str
    product: str
    since: Instant


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

    def policy_for(self, want: Want) -> Policy:
        """What happens to that want when seats run out."""
        return want.policy or self.policy

    def limit(self, policy: Policy) -> int:
        """How many seats may be assigned before somebody under that policy gets none."""
        return self.capacity if policy is Policy.OVERAGE else self.seats

    def room(self, policy: Policy) -> int:
        """How many more may be assigned under that policy."""
        return max(0, self.limit(policy) - self.assigned)

    def counting(self, assigned: int, waiting: int) -> Self:
        """The same with that many more assigned and waiting."""
        return replace(self, assigned=self.assigned + assigned, waiting=self.waiting + waiting)

    def low_from(self, percent: int) -> int:
        """From how many assigned seats on fewer are free than that share of those bought."""
        has_share = percent > 0 and self.seats > 0
        return self.seats * (100 - percent) // 100 + 1 if has_share else self.capacity + 1

    def is_low(self, percent: int) -> bool:
        """Whether fewer seats are free than that share of those bought."""
        return self.assigned >= self.low_from(percent)

    def is_over(self) -> bool:
        """Whether more seats are assigned than bought."""
        return self.assigned > self.seats

    def steady(self, more: int, percent: int) -> range:
        """With how many assigned seats that many `more` would turn it neither low nor over, nor back.

        Those around its own count; it may be none of them.
        """
        turns = (0, self.low_from(percent), self.seats + 1, self.capacity + 1)
        first = max(turn for turn in turns if turn <= self.assigned)
        above = min(turn for turn in turns if turn > self.assigned)
        return range(max(first, first - more), min(above, above - more))


@dataclass(frozen=True, slots=True)
class Move:
    """A seat that somebody takes or, with `more` -1, gives back, as decided without a lock on its subscription.

    It holds while the subscription is as it was `seen`, nobody waits, and as many seats are assigned as `counts` has.
    """

    seat: Seat
    more: int
    seen: Subscription
    counts: range
