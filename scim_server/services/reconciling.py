"""Is the ledger what it must be (design section 6, invariant 9)? What is derived is worked out anew and compared.

Facts are the assigned seats, the claims by entitlement, the memberships and the rules. Everything else follows.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scim_server.domain.directory import User
from scim_server.domain.products import Catalogue
from scim_server.domain.seats import DIRECT, Claim, Person, Seat, Subscription, holdings
from scim_server.domain.tenants import Tenant
from scim_server.services.issues import NO_SEAT
from scim_server.services.ports import UnitOfWork, Units


def differences(units: Units, tenant: Tenant) -> list[str]:
    """Everything in the tenant's ledger that is not as it must be, one sentence each."""
    with units.read(tenant) as uow:
        ledger = _Ledger.of(uow)
        return [
            *ledger.wrong_rule_claims(uow),
            *ledger.wrong_direct_claims(),
            *ledger.wrong_seats(),
            *ledger.wrong_counters(),
            *ledger.wrong_issues(uow),
        ]


@dataclass(frozen=True)
class _Ledger:
    users: dict[str, User]
    claims: list[Claim]
    seats: list[Seat]
    subscriptions: dict[str, Subscription]
    catalogue: Catalogue

    @classmethod
    def of(cls, uow: UnitOfWork) -> "_Ledger":
        users = {user.id: user for user in uow.users.all()}
        return cls(
            users,
            uow.ledger.claims(users.keys()),
            uow.ledger.seats(users.keys()),
            {subscription.product: subscription for subscription in uow.ledger.subscriptions()},
            uow.products.catalogue(),
        )

    def wrong_rule_claims(self, uow: UnitOfWork) -> Iterator[str]:
        due = {_key(claim) for claim in uow.ledger.rule_claims(self.users.keys(), uow.now)} if self.users else set()
        kept = {_key(claim) for claim in self.claims if claim.source != DIRECT}
        yield from (f"claim missing: {key}" for key in sorted(due - kept))
        yield from (f"claim without a rule: {key}" for key in sorted(kept - due))

    def wrong_direct_claims(self) -> Iterator[str]:
        kept = {(claim.user_id, claim.product) for claim in self.claims if claim.source == DIRECT}
        due = {
            (user.id, product)
            for user in self.users.values()
            for value in user.entitlement_values
            if (product := self.catalogue.find(value)) is not None
        }
        yield from (f"claim missing: {key}" for key in sorted(due - kept))
        yield from (f"claim without an entitlement: {key}" for key in sorted(kept - due))

    def wrong_seats(self) -> Iterator[str]:
        for person in self._people():
            fallback = set(self._fallback(person))
            for product in sorted(person.claims.keys() | person.seats.keys() | fallback):
                place, seat = person.wanted(product, self.catalogue), person.seats.get(product)
                if place is not None and seat is None:
                    yield f"seat missing: {person.user_id} {product}"
                if seat is not None and place is None and product not in fallback:
                    yield f"seat without a claim: {person.user_id} {product}"
                if seat is not None and place is not None and seat.place != place:
                    yield f"seat at a wrong place in the queue: {person.user_id} {product}"

    def wrong_counters(self) -> Iterator[str]:
        for product, subscription in self.subscriptions.items():
            seats = [seat for seat in self.seats if seat.product == product]
            assigned = sum(seat.counts for seat in seats)
            if (assigned, len(seats) - assigned) != (subscription.assigned, subscription.waiting):
                yield f"counters of {product}: {subscription.assigned} and {subscription.waiting} waiting"
            if subscription.room and subscription.waiting:
                yield f"somebody waits beside a free seat of {product}"
            if subscription.assigned > subscription.capacity:
                yield f"more seats of {product} are assigned than were bought"

    def wrong_issues(self, uow: UnitOfWork) -> Iterator[str]:
        waiting = {(seat.user_id, seat.product) for seat in self.seats if not seat.counts}
        opened = {(issue.user_id, issue.product) for issue in uow.issues.of(self.users.keys()) if issue.code == NO_SEAT}
        yield from (f"{NO_SEAT} not open: {key}" for key in sorted(waiting - opened))
        yield from (f"{NO_SEAT} open for nothing: {key}" for key in opened - waiting)

    def _people(self) -> Iterable[Person]:
        people = {user.id: Person(user.id, user.may_hold, {}, {}) for user in self.users.values()}
        for claim in self.claims:
            best = people[claim.user_id].claims
            best[claim.product] = min(claim.place, best.get(claim.product, claim.place))
        for seat in self.seats:
            people[seat.user_id].seats[seat.product] = seat
        for person in people.values():
            person.had = holdings(person.seats.values())
        return people.values()

    def _fallback(self, person: Person) -> Iterator[str]:
        """What the person gets while waiting for a bundle under `downgrade`."""
        for seat in person.seats.values():
            if not seat.counts and self.subscriptions[seat.product].policy == "downgrade":
                yield from self.catalogue.covers(seat.product)


def _key(claim: Claim) -> tuple[str, str, str]:
    return claim.user_id, claim.product, claim.source
