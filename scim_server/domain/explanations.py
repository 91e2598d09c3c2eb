"""Why somebody has a product, and why not: what is known of each claim, seat, exclusion and rule, in one shape."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from scim_server.domain.directory import User
from scim_server.domain.instants import Instant
from scim_server.domain.rules import Rule
from scim_server.domain.seats import Seat, Subscription


class Outcome(StrEnum):
    """What somebody has of a product. `fallback` is a seat without a claim, in place of a bundle that is waited for."""

    ASSIGNED = "assigned"
    HELD = "held"
    WAITING = "waiting"
    COVERED = "covered"
    FALLBACK = "fallback"
    NONE = "none"


class Obstacle(StrEnum):
    """What stands between somebody and a product."""

    UNKNOWN = "not_in_catalogue"
    SUSPENDED = "suspended"
    EXCLUDED = "excluded"
    NO_SEAT = "no_seat"
    BOND = "all_or_nothing"
    DISABLED = "rule_disabled"
    NOBODY_GIVES = "nothing_gives_it"


class Lack(StrEnum):
    """What somebody lacks to meet a rule."""

    GROUP = "group"
    GROUP_MISSING = "group_missing"
    CONDITION = "condition"


@dataclass(frozen=True, slots=True)
class Beginning:
    """When something began, and the change that began it; without an `actor` nobody recorded who made it.

    `who` says it in words, `name` is what a connection, a token or a person is called; `cause` is what was being done,
    in the course of the request `request_id`.
    """

    at: Instant
    actor: str | None = None
    who: str | None = None
    request_id: str | None = None
    cause: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One group on the way from a person to the group of a rule, and how whoever stands before it came into it."""

    group_id: str
    group_name: str
    joined: Beginning | None


@dataclass(frozen=True, slots=True)
class Reason:
    """One claim. `values` are the entitlements that name the product, `rule` and `path` the rule and the way to it.

    `counterpart` is the user name of whoever gave a claim by transfer away.
    """

    product: str
    source: str
    began: Beginning
    rule: Rule | None = None
    path: Sequence[Step] = ()
    values: Sequence[str] = ()
    counterpart: str | None = None


@dataclass(frozen=True, slots=True)
class Hindrance:
    """One obstacle. `detail` is the reason of a suspension or exclusion, `source` what an exclusion keeps away.

    `rule` is the one that is disabled or gives all or nothing; `products` are what it gives besides. `counterpart` is
    the user name of whoever received what was given away.
    """

    obstacle: Obstacle
    detail: str | None = None
    source: str | None = None
    began: Beginning | None = None
    rule: Rule | None = None
    products: Sequence[str] = ()
    counterpart: str | None = None


@dataclass(frozen=True, slots=True)
class Unmet:
    """A rule that would give the product, or the bundle `product` that includes it, and what is lacking for it."""

    rule: Rule
    product: str
    lack: Lack


@dataclass(frozen=True, slots=True)
class Queue:
    """A place in the queue, 1 first, and how many seats must become free or be bought until it is the person's turn."""

    place: int
    length: int
    needed: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """What one person has of one product and why.

    `covered_by` are the bundles whose seat includes it; `stands_in_for` the bundles that a fallback stands in for, and
    `fallbacks` what stands in while a bundle is waited for. `subscription` is None where nobody ever wanted a seat.
    """

    user: User
    product: str
    outcome: Outcome
    seat: Seat | None = None
    began: Beginning | None = None
    reasons: Sequence[Reason] = ()
    hindrances: Sequence[Hindrance] = ()
    unmet: Sequence[Unmet] = ()
    covered_by: Sequence[str] = ()
    stands_in_for: Sequence[str] = ()
    fallbacks: Sequence[str] = ()
    queue: Queue | None = None
    subscription: Subscription | None = None
