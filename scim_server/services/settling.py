"""The one allocator: who gets a seat, who loses one, who waits (design section 6, invariants 1 to 4).

A settlement works on sets: its number of statements depends on the number of products, not of people. The users must
be locked by the caller; subscriptions are locked here, in code order, with all products of the same bundles and of
the same rules that give all or nothing.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from scim_server.domain.bonds import Bonds
from scim_server.domain.errors import SeatLimit
from scim_server.domain.products import Catalogue
from scim_server.domain.rules import Rule
from scim_server.domain.seats import RULE, Claim, Policy, Seat, SeatState, Subscription, Want
from scim_server.domain.sharing import Award, Line, Person, award, holdings
from scim_server.services.announcing import (
    announce_confirmed,
    announce_held,
    announce_outcome,
    announce_released,
)
from scim_server.services.flagging import flag_subscription
from scim_server.services.guarding import Guard
from scim_server.services.opening import lock_subscriptions
from scim_server.services.ports import UnitOfWork
from scim_server.services.seating import moved_alone

Holding = tuple[str, str]
"""A user's id and a product's code."""


def want_of(claim: Claim, rules: Mapping[str, Rule]) -> Want:
    """On what terms a claim asks for a seat."""
    rule = rules.get(claim.source.removeprefix(RULE)) if claim.source.startswith(RULE) else None
    return Want(claim.place) if rule is None else rule.want(claim.place)


@dataclass
class Settlement:
    """One change being settled: passes over the products concerned, bundles before what they include.

    Under `own_request` the change concerns one user, so a subscription that rejects raises SeatLimit. With a `guard`
    seats that too many people would lose at once are held. `grown` are products to look at although nobody of the
    change has them. `heirs` get what the same change releases, before anybody else; `returned` counts reservations
    that end by product. Seats among `ended` go, held or not; whoever should have one all the same stands in line.
    """

    uow: UnitOfWork
    rules: Mapping[str, Rule]
    own_request: bool = False
    guard: Guard | None = None
    grown: frozenset[str] = frozenset()
    heirs: frozenset[Holding] = frozenset()
    returned: Counter[str] = field(default_factory=Counter)
    ended: set[Holding] = field(default_factory=set)
    people: dict[str, Person] = field(default_factory=dict)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    catalogue: Catalogue = field(default_factory=Catalogue)

    def settle(self, may_hold: Mapping[str, bool]) -> None:
        """Bring the seats of those users up to date, and of whoever waits for what becomes free."""
        ledger = self.uow.ledger
        claims, seats = (ledger.claims(may_hold.keys()), ledger.seats(may_hold.keys())) if may_hold else ([], [])
        held, claimed = {seat.product for seat in seats}, {claim.product for claim in claims}
        touched = held | claimed | self.grown | self.returned.keys()
        if not touched:
            return
        self.catalogue = self.uow.products.catalogue()
        people = self._people(may_hold, claims, seats)
        if self._is_plain() and moved_alone(self.uow, people, self.catalogue, guarded=self.guard is not None):
            return
        codes = self._tied_together(touched)
        self.subscriptions = lock_subscriptions(self.uow, codes, claimed)
        self.people |= self._people(may_hold, claims, ledger.seats(may_hold.keys(), codes) if may_hold else ())
        self._take_turns(codes)

    def _is_plain(self) -> bool:
        """Whether the change concerns nobody but whom it is about."""
        return not (self.grown or self.heirs or self.returned or self.ended)

    def _take_turns(self, codes: Collection[str]) -> None:
        """Let go of what is over, then share out; again as long as that completes what is had as a whole or not.

        What the guard may hold is left until all bundles are shared out: who gets one loses nothing with its parts.
        """
        before = dict(self.subscriptions)
        bonds = Bonds(self.subscriptions, self.people, self.catalogue, self._line)
        for product in self._in_order(codes):
            self._release(product, sudden=self.guard is None)
            self._requeue(product)
            self._downgrade(product)
        again = True
        while again:
            bonds.begin()
            given = [self._share_out(product, bonds) for product in self._in_order(codes)]
            again = bonds.seen and any(given)
        for product, subscription in before.items():
            flag_subscription(self.uow, subscription, self.subscriptions[product])

    def _in_order(self, codes: Collection[str]) -> Iterator[str]:
        """The products that have a subscription when their turn comes, bundles first."""
        return (code for code in self.catalogue.bundles_first(codes) if code in self.subscriptions)

    def _tied_together(self, touched: Collection[str]) -> list[str]:
        """The products that must be looked at with those touched, in code order."""
        whole = [rule.products for rule in self.rules.values() if rule.enabled and rule.all_or_nothing]
        found: list[str] = []
        codes = self.catalogue.related(touched)
        while codes != found:
            found = codes
            tied = [products for products in whole if not products.isdisjoint(found)]
            codes = self.catalogue.related({*found, *(code for products in tied for code in products)})
        return found

    def _people(
        self, may_hold: Mapping[str, bool], claims: Iterable[Claim], seats: Iterable[Seat]
    ) -> dict[str, Person]:
        """The people concerned, with their seats: to be read again when the subscriptions are locked."""
        people = {user_id: Person(user_id, allowed, {}, {}) for user_id, allowed in may_hold.items()}
        for claim in claims:
            people[claim.user_id].claim(claim.product, want_of(claim, self.rules))
        for seat in seats:
            people[seat.user_id].seats[seat.product] = seat
        for person in people.values():
            person.had = holdings(person.seats.values())
        return people

    def _share_out(self, product: str, bonds: Bonds) -> bool:
        """Settle one product; whether anybody was assigned a seat of it."""
        self._release(product)
        self._confirm(product)
        self._requeue(product)
        line = self._line(product)
        self._meet([seat.user_id for seat in line.queue if seat.want.bond])
        outcome = award(self.subscriptions[product], line, bonds.may_take)
        self._refuse_if_rejecting(product, outcome.waiting, line.newcomers)
        self._write(product, line, outcome)
        self._downgrade(product)
        return bool(outcome.assigned)

    def _release(self, product: str, *, sudden: bool = True) -> None:
        """Let go of what nobody should hold; what the guard keeps is held instead, and left alone without `sudden`."""
        leaving = [
            person.seats[product]
            for person in self.people.values()
            if product in person.seats
            and (person.wanted(product, self.catalogue) is None or (person.user_id, product) in self.ended)
        ]
        ending = [seat for seat in leaving if not self._stays_held(seat) and (sudden or not self._is_sudden(seat))]
        released = self._hold(product, ending)
        for seat in released:
            del self.people[seat.user_id].seats[product]
            self.ended.discard((seat.user_id, product))
        self.uow.ledger.drop_seats(released)
        freed = sum(seat.counts for seat in released)
        self._count(product, -freed - self.returned.pop(product, 0), freed - len(released))
        announce_released(self.uow, product, released)

    def _stays_held(self, seat: Seat) -> bool:
        held = seat.state is SeatState.HELD and (seat.user_id, seat.product) not in self.ended
        return held and self._keeps_access(seat)

    def _is_sudden(self, seat: Seat) -> bool:
        """Whether somebody works with the seat until this change, which takes nothing but the claim."""
        return seat.state is SeatState.ASSIGNED and self._keeps_access(seat)

    def _keeps_access(self, seat: Seat) -> bool:
        """Whether the person would lose something with the seat that only a claim could have kept."""
        person = self.people[seat.user_id]
        return person.may_hold and not person.is_covered(seat.product, self.catalogue)

    def _hold(self, product: str, leaving: list[Seat]) -> list[Seat]:
        """What of `leaving` goes now; the others are held."""
        sudden = [seat for seat in leaving if self._is_sudden(seat)]
        if self.guard is None or not sudden:
            return leaving
        held = self.guard.hold(self.subscriptions[product], sudden)
        self._adopt(held)
        self.uow.ledger.hold_seats(held)
        announce_held(self.uow, product, {seat.id: seat for seat in sudden}, held)
        kept = {seat.id for seat in held}
        return [seat for seat in leaving if seat.id not in kept]

    def _confirm(self, product: str) -> None:
        """Held seats that somebody should have after all are as good as ever."""
        held = [
            person.seats[product]
            for person in self.people.values()
            if product in person.seats
            and person.seats[product].state is SeatState.HELD
            and person.wanted(product, self.catalogue) is not None
        ]
        confirmed = [seat.become(SeatState.ASSIGNED, self.uow.now) for seat in held]
        self._adopt(confirmed)
        self.uow.ledger.set_state(product, [seat.user_id for seat in confirmed], SeatState.ASSIGNED, self.uow.now)
        announce_confirmed(self.uow, product, held, confirmed)

    def _adopt(self, seats: Iterable[Seat]) -> None:
        """Let people know their seats."""
        for seat in seats:
            self.people[seat.user_id].seats[seat.product] = seat

    def _requeue(self, product: str) -> None:
        """Seats whose best claim changed go by its terms, and wait at its place in the queue."""
        moved = []
        for person in self.people.values():
            seat, want = person.seats.get(product), person.wanted(product, self.catalogue)
            if seat is not None and want is not None and seat.want != want:
                moved.append(replace(seat, want=want))
        self._adopt(moved)
        self.uow.ledger.move_seats(moved)

    def _line(self, product: str) -> Line:
        """Everybody who could get a seat of the product now."""
        subscription = self.subscriptions[product]
        heirs: list[Seat] = []
        first: list[Seat] = []
        newcomers: list[Seat] = []
        for user_id in sorted(self.people):
            person = self.people[user_id]
            want, seat = person.wanted(product, self.catalogue), person.seats.get(product)
            if want is None or (seat is not None and seat.counts):
                continue
            wanted = seat or Seat(self.uow.new_id(), user_id, product, SeatState.WAITING, self.uow.now, want)
            if (user_id, product) in self.heirs:
                heirs.append(wanted)
            elif seat is None:
                (first if person.lost_cover(product, self.catalogue) else newcomers).append(wanted)
        queue = self.uow.ledger.queue(subscription) if subscription.waiting else []
        taken_over = {seat.id for seat in heirs}
        return Line(heirs, first, newcomers, [seat for seat in queue if seat.id not in taken_over])

    def _meet(self, user_ids: Iterable[str]) -> None:
        """Get to know people of the queue with all their seats."""
        strangers = [user_id for user_id in user_ids if user_id not in self.people]
        if not strangers:
            return
        by_user: dict[str, list[Seat]] = {user_id: [] for user_id in strangers}
        for seat in self.uow.ledger.seats(strangers):
            by_user[seat.user_id].append(seat)
        self.people |= {user_id: Person.visitor(user_id, seats) for user_id, seats in by_user.items()}

    def _refuse_if_rejecting(self, product: str, waiting: Iterable[Seat], newcomers: Iterable[Seat]) -> None:
        """Refuse what was asked for. Who lost a bundle's cover, or is offered a fallback, waits instead."""
        subscription = self.subscriptions[product]
        asked = {
            seat.id
            for seat in newcomers
            if product in self.people[seat.user_id].claims and subscription.policy_for(seat.want) is Policy.REJECT
        }
        if self.own_request and any(seat.id in asked for seat in waiting):
            raise SeatLimit(product, subscription.seats, subscription.assigned)

    def _write(self, product: str, line: Line, outcome: Award) -> None:
        """Store the outcome. Those met in the queue join, as their other seats may now be covered."""
        known = {seat.id: seat for seat in line.queue} | {
            seat.id: seat for seat in line.heirs if product in self.people[seat.user_id].seats
        }
        assigned = [seat.become(SeatState.ASSIGNED, self.uow.now) for seat in outcome.assigned]
        created = [seat for seat in (*assigned, *outcome.waiting) if seat.id not in known]
        promoted = [seat.user_id for seat in assigned if seat.id in known]
        self._count(product, len(assigned), sum(not seat.counts for seat in created) - len(promoted))
        self.uow.ledger.add_seats(created)
        self.uow.ledger.set_state(product, promoted, SeatState.ASSIGNED, self.uow.now)
        self._meet([seat.user_id for seat in assigned])
        self._adopt([*assigned, *created])
        announce_outcome(self.uow, product, assigned, outcome.waiting, known)

    def _count(self, product: str, assigned: int, waiting: int) -> None:
        if assigned or waiting:
            self.uow.ledger.count(product, assigned, waiting)
            self.subscriptions[product] = self.subscriptions[product].counting(assigned, waiting)

    def _downgrade(self, product: str) -> None:
        """Who waits for a bundle under `downgrade` meanwhile gets the products it includes."""
        subscription = self.subscriptions[product]
        covered = self.catalogue.covers(product)
        offered = False
        for person in self.people.values():
            seat = person.seats.get(product)
            if seat is not None and not seat.counts and subscription.policy_for(seat.want) is Policy.DOWNGRADE:
                person.offer(covered, seat.want)
                offered = True
        absent = sorted(covered - self.subscriptions.keys())
        if offered and absent:
            self.subscriptions |= lock_subscriptions(self.uow, absent, absent)
