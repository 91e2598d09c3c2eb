"""A tenant's ledger as of one moment, held against what it must be (design section 6, invariant 9).

Facts are the assigned seats, the claims by entitlement, the memberships and the rules. Everything else follows.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from scim_server.domain.directory import User
from scim_server.domain.products import Catalogue
from scim_server.domain.seats import DIRECT, Claim, Person, Policy, Seat, SeatState, Subscription
from scim_server.services.issues import NO_SEAT
from scim_server.services.ports import Issue, UnitOfWork
from scim_server.services.rule_matches import RuleMatches


@dataclass(frozen=True)
class Ledger:
    """Everybody's claims and seats. `due` are the claims that the rules give today."""

    users: Mapping[str, User]
    claims: list[Claim]
    due: list[Claim]
    seats: list[Seat]
    issues: list[Issue]
    subscriptions: Mapping[str, Subscription]
    catalogue: Catalogue

    @classmethod
    def of(cls, uow: UnitOfWork) -> "Ledger":
        """Read with a fixed number of statements."""
        users = {user.id: user for user in uow.users.all()}
        return cls(
            users,
            uow.ledger.claims(users.keys()),
            RuleMatches.of(uow, users.keys()).claims(uow.now),
            uow.ledger.seats(users.keys()),
            [issue for issue in uow.issues.of(users.keys()) if issue.code == NO_SEAT],
            {subscription.product: subscription for subscription in uow.ledger.subscriptions()},
            uow.products.catalogue(),
        )

    def differences(self) -> Iterator[str]:
        """Everything that is not as it must be, one sentence each."""
        yield from self._wrong_rule_claims()
        yield from self._wrong_direct_claims()
        for person in self._people():
            yield from self._wrong_seats(person)
        for subscription in self.subscriptions.values():
            yield from self._wrong_counters(subscription)
        yield from (f"{NO_SEAT} not open: {' '.join(key)}" for key in sorted(self.unflagged))
        yield from (f"{NO_SEAT} open for nothing: {' '.join(key)}" for key in sorted(self.flagged_in_vain))

    def entitled(self, user: User) -> list[str]:
        """The products that the person's entitlements name."""
        found = (self.catalogue.find(value) for value in user.entitlement_values)
        return list(dict.fromkeys(product for product in found if product is not None))

    @property
    def misread(self) -> list[User]:
        """Those whose direct claims are not what their entitlements say."""
        kept: dict[str, set[str]] = {}
        for claim in self.claims:
            if claim.source == DIRECT:
                kept.setdefault(claim.user_id, set()).add(claim.product)
        return [user for user in self.users.values() if kept.get(user.id, set()) != set(self.entitled(user))]

    @property
    def unflagged(self) -> set[tuple[str, str]]:
        """Who waits for what without an open issue."""
        return self._waiting() - self._flagged()

    @property
    def flagged_in_vain(self) -> set[tuple[str, str]]:
        """Who has an open issue for a product they do not wait for."""
        return self._flagged() - self._waiting()

    def counted(self, product: str) -> tuple[list[Seat], list[Seat]]:
        """The seats of a product that count, first come first, and those that wait."""
        seats = sorted((seat for seat in self.seats if seat.product == product), key=lambda seat: seat.turn)
        return [seat for seat in seats if seat.counts], [seat for seat in seats if not seat.counts]

    def _wrong_rule_claims(self) -> Iterator[str]:
        due = set(map(_meaning, self.due))
        kept = {_meaning(claim) for claim in self.claims if claim.source != DIRECT}
        yield from (f"claim missing: {' '.join(key)}" for key in sorted(due - kept))
        yield from (f"claim without a rule: {' '.join(key)}" for key in sorted(kept - due))

    def _wrong_direct_claims(self) -> Iterator[str]:
        for user in self.misread:
            yield f"claims that are not the entitlements: {user.id} should have {self.entitled(user)}"

    def _wrong_seats(self, person: Person) -> Iterator[str]:
        for product in sorted(person.claims.keys() | person.seats.keys() | person.downgraded.keys()):
            place, seat = person.wanted(product, self.catalogue), person.seats.get(product)
            if place is not None and seat is None:
                yield f"seat missing: {person.user_id} {product}"
            elif seat is not None and place is None and seat.state is not SeatState.HELD:
                yield f"seat without a claim: {person.user_id} {product}"
            elif seat is not None and place is not None and seat.place != place:
                yield f"seat at a wrong place in the queue: {person.user_id} {product}"

    def _wrong_counters(self, subscription: Subscription) -> Iterator[str]:
        product = subscription.product
        assigned, waiting = map(len, self.counted(product))
        if (assigned, waiting) != (subscription.assigned, subscription.waiting):
            yield (
                f"counters of {product}: {subscription.assigned} assigned and {subscription.waiting} waiting, "
                f"counted {assigned} and {waiting}"
            )
        if waiting and assigned < subscription.capacity:
            yield f"somebody waits beside a free seat of {product}"
        if assigned > subscription.capacity:
            yield f"more seats of {product} are assigned than were bought"

    def _people(self) -> Iterable[Person]:
        people = {user.id: Person(user.id, user.may_hold, {}, {}) for user in self.users.values()}
        for claim in self.claims:
            best = people[claim.user_id].claims
            best[claim.product] = min(claim.place, best.get(claim.product, claim.place))
        for seat in self.seats:
            people[seat.user_id].seats[seat.product] = seat
        for person in people.values():
            self._offer_fallback(person)
        return people.values()

    def _offer_fallback(self, person: Person) -> None:
        for product, seat in person.seats.items():
            if not seat.counts and self.subscriptions[product].policy is Policy.DOWNGRADE:
                person.offer(self.catalogue.covers(product), seat.place)

    def _waiting(self) -> set[tuple[str, str]]:
        return {(seat.user_id, seat.product) for seat in self.seats if not seat.counts}

    def _flagged(self) -> set[tuple[str, str]]:
        return {(str(issue.user_id), str(issue.product)) for issue in self.issues}


def _meaning(claim: Claim) -> tuple[str, str, str, str]:
    return claim.user_id, claim.product, claim.source, str(claim.place.rank)
