"""A tenant's ledger as of one moment, held against what it must be (design section 6, invariant 9).

Facts are the assigned seats, held removals, reservations, claims by an admin, import or transfer, exclusions, the
documents, memberships and rules. Everything else follows.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import filterfalse

from scim_server.domain.directory import User
from scim_server.domain.invitations import InvitationState
from scim_server.domain.products import Catalogue
from scim_server.domain.seats import (
    DIRECT,
    EVERY_SOURCE,
    RULE,
    Claim,
    Exclusion,
    Policy,
    Reservation,
    Seat,
    SeatState,
    Subscription,
    keeping_out,
)
from scim_server.domain.sharing import Person
from scim_server.services.flagging import due_flags
from scim_server.services.issues import HELD_REMOVAL, LOW_SEATS, NO_SEAT, OVERAGE
from scim_server.services.ports import Issue, UnitOfWork
from scim_server.services.rule_matches import RuleMatches
from scim_server.services.settling import want_of

SEAT_ISSUES = {NO_SEAT: SeatState.WAITING, HELD_REMOVAL: SeatState.HELD}
"""Issues of a person about a product, and the state of the seat they come with."""
SUBSCRIPTION_ISSUES = (LOW_SEATS, OVERAGE)

Flag = tuple[str, str, str]
"""An open issue: its code, the user's id (empty for a subscription's) and the product."""


@dataclass(frozen=True)
class Ledger:
    """Everybody's claims and seats. `due` are the claims that the rules give today, `invited` the ids of the
    invitations that are not answered."""

    users: Mapping[str, User]
    claims: list[Claim]
    exclusions: list[Exclusion]
    matches: RuleMatches
    due: list[Claim]
    seats: list[Seat]
    reservations: list[Reservation]
    invited: frozenset[str]
    flagged: frozenset[Flag]
    flags: Mapping[str, frozenset[str]]
    subscriptions: Mapping[str, Subscription]
    catalogue: Catalogue

    @classmethod
    def of(cls, uow: UnitOfWork) -> "Ledger":
        """Read with a fixed number of statements."""
        users = {user.id: user for user in uow.users.all()}
        subscriptions = {subscription.product: subscription for subscription in uow.ledger.subscriptions()}
        matches = RuleMatches.of(uow, users.keys())
        exclusions = uow.ledger.exclusions(users.keys())
        due = list(filterfalse(keeping_out(exclusions), matches.claims(uow.now)))
        return cls(
            users,
            uow.ledger.claims(users.keys()),
            exclusions,
            matches,
            due,
            uow.ledger.seats(users.keys()),
            uow.ledger.reservations(),
            frozenset(each.id for each in uow.invitations.all() if each.state is InvitationState.OPEN),
            _flags([*uow.issues.of(users.keys()), *uow.issues.of_products(SUBSCRIPTION_ISSUES)]),
            {product: due_flags(uow, subscription) for product, subscription in subscriptions.items()},
            subscriptions,
            uow.products.catalogue(),
        )

    def differences(self) -> Iterator[str]:
        """Everything that is not as it must be, one sentence each."""
        yield from self._wrong_rule_claims()
        yield from self._wrong_direct_claims()
        for each in self.idle_exclusions:
            yield f"exclusion from nothing: {each.user_id} {each.product} {each.source}"
        yield from (f"reservation for an invitation that is over: {each}" for each in sorted(self.overdue_reservations))
        yield from (f"end of a held seat lost or made up: {each.user_id} {each.product}" for each in self.misdated)
        people = self._people()
        for person in people.values():
            yield from self._wrong_seats(person)
        for subscription in self.subscriptions.values():
            yield from self._wrong_counters(subscription)
        yield from self._waiting_in_vain(people)
        yield from (f"issue not open: {' '.join(flag)}" for flag in sorted(self.unflagged))
        yield from (f"issue open for nothing: {' '.join(flag)}" for flag in sorted(self.flagged_in_vain))

    def named(self, user: User) -> list[str]:
        """The products that the person's entitlements name."""
        return self.catalogue.named(user.entitlement_values)

    @property
    def misread(self) -> list[User]:
        """Those whose direct claims are not what their entitlements say."""
        kept: dict[str, set[str]] = {}
        for claim in self.claims:
            if claim.source == DIRECT:
                kept.setdefault(claim.user_id, set()).add(claim.product)
        due = self._entitled
        return [user for user in self.users.values() if kept.get(user.id, set()) != due[user.id]]

    @property
    def idle_exclusions(self) -> list[Exclusion]:
        """Those from one source that the person does not have: they would keep the person out of it later."""
        met = {(user_id, self.matches.rules[rule_id].source) for user_id, rule_id in self.matches.pairs}
        named = {(user.id, product) for user in self.users.values() for product in self.named(user)}
        return [
            each
            for each in self.exclusions
            if (each.source == DIRECT and (each.user_id, each.product) not in named)
            or (each.source.startswith(RULE) and (each.user_id, each.source) not in met)
        ]

    @property
    def overdue_reservations(self) -> set[str]:
        """The ids of invitations that are over and still keep seats."""
        return {each.invitation_id for each in self.reservations} - self.invited

    @property
    def overbooked(self) -> set[str]:
        """The ids of invitations that keep seats beyond those bought, last come first."""
        kept = sorted(self.reservations, key=lambda each: (each.since, each.id))
        return {
            each.invitation_id
            for product, subscription in self.subscriptions.items()
            for each in [one for one in kept if one.product == product][subscription.capacity :]
        }

    @property
    def misdated(self) -> list[Seat]:
        """Held seats without an end, which nobody would ever decide about, and other seats with one."""
        return [seat for seat in self.seats if (seat.state is SeatState.HELD) != (seat.due is not None)]

    @property
    def unflagged(self) -> set[Flag]:
        """Issues that must be open and are not."""
        return self._due_flags() - self.flagged

    @property
    def flagged_in_vain(self) -> set[Flag]:
        """Open issues about seats that are not as they say."""
        return set(self.flagged) - self._due_flags()

    def counted(self, product: str) -> tuple[list[Seat], list[Seat]]:
        """The seats of a product that count, first come first, and those that wait."""
        seats = sorted((seat for seat in self.seats if seat.product == product), key=lambda seat: seat.turn)
        return [seat for seat in seats if seat.counts], [seat for seat in seats if not seat.counts]

    def reserved(self, product: str) -> int:
        """How many seats of a product are kept for people who are invited."""
        return sum(each.product == product for each in self.reservations)

    @property
    def _entitled(self) -> dict[str, set[str]]:
        """The products of everybody's direct claims, as they must be."""
        kept_out = {(each.user_id, each.product) for each in self.exclusions if each.source in {DIRECT, EVERY_SOURCE}}
        return {
            user.id: {product for product in self.named(user) if (user.id, product) not in kept_out}
            for user in self.users.values()
        }

    def _wrong_rule_claims(self) -> Iterator[str]:
        due = set(map(_meaning, self.due))
        kept = {_meaning(claim) for claim in self.claims if claim.is_derived and claim.source != DIRECT}
        yield from (f"claim missing: {' '.join(key)}" for key in sorted(due - kept))
        yield from (f"claim without a rule: {' '.join(key)}" for key in sorted(kept - due))

    def _wrong_direct_claims(self) -> Iterator[str]:
        due = self._entitled
        for user in self.misread:
            yield f"claims that are not the entitlements: {user.id} should have {sorted(due[user.id])}"

    def _wrong_seats(self, person: Person) -> Iterator[str]:
        for product in sorted(person.claims.keys() | person.seats.keys() | person.downgraded.keys()):
            want, seat = person.wanted(product, self.catalogue), person.seats.get(product)
            if want is not None and seat is None:
                yield f"seat missing: {person.user_id} {product}"
            elif seat is not None and want is None:
                if seat.state is not SeatState.HELD or not person.may_hold:
                    yield f"seat without a claim: {person.user_id} {product}"
            elif seat is not None and seat.state is SeatState.HELD:
                yield f"seat held although there is a claim: {person.user_id} {product}"
            elif seat is not None and seat.want != want:
                yield f"seat at a wrong place in the queue: {person.user_id} {product}"

    def _wrong_counters(self, subscription: Subscription) -> Iterator[str]:
        product = subscription.product
        assigned, waiting = map(len, self.counted(product))
        assigned += self.reserved(product)
        if (assigned, waiting) != (subscription.assigned, subscription.waiting):
            yield (
                f"counters of {product}: {subscription.assigned} assigned and {subscription.waiting} waiting, "
                f"counted {assigned} and {waiting}"
            )
        if assigned > subscription.capacity:
            yield f"more seats of {product} are assigned than were bought"

    def _waiting_in_vain(self, people: Mapping[str, Person]) -> Iterator[str]:
        for product in sorted(self.subscriptions):
            _, waiting = self.counted(product)
            if any(self._could_have(people[seat.user_id], seat) for seat in waiting):
                yield f"somebody waits beside a free seat of {product}"

    def _could_have(self, person: Person, seat: Seat) -> bool:
        needed = [seat.product] if seat.want.bond is None else person.bound(seat.want.bond, self.catalogue)
        return bool(needed) and all(self._has_room(product, seat) for product in needed)

    def _has_room(self, product: str, seat: Seat) -> bool:
        subscription = self.subscriptions[product]
        assigned = len(self.counted(product)[0]) + self.reserved(product)
        return assigned < subscription.limit(subscription.policy_for(seat.want))

    def _people(self) -> dict[str, Person]:
        people = {user.id: Person(user.id, user.may_hold, {}, {}) for user in self.users.values()}
        for claim in self.claims:
            people[claim.user_id].claim(claim.product, want_of(claim, self.matches.rules))
        for seat in self.seats:
            people[seat.user_id].seats[seat.product] = seat
        for person in people.values():
            self._offer_fallback(person)
        return people

    def _offer_fallback(self, person: Person) -> None:
        for product, seat in person.seats.items():
            if not seat.counts and self.subscriptions[product].policy_for(seat.want) is Policy.DOWNGRADE:
                person.offer(self.catalogue.covers(product), seat.want)

    def _due_flags(self) -> set[Flag]:
        of_seats = {
            (code, seat.user_id, seat.product)
            for code, state in SEAT_ISSUES.items()
            for seat in self.seats
            if seat.state is state
        }
        return of_seats | {(code, "", product) for product, codes in self.flags.items() for code in codes}


def _flags(issues: Iterable[Issue]) -> frozenset[Flag]:
    known = {*SEAT_ISSUES, *SUBSCRIPTION_ISSUES}
    return frozenset((each.code, each.user_id or "", each.product or "") for each in issues if each.code in known)


def _meaning(claim: Claim) -> tuple[str, str, str, str]:
    return claim.user_id, claim.product, claim.source, str(claim.place.rank)
