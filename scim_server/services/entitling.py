"""The one allocator: whatever changes who should have a product ends here (design section 6, invariants 1 to 4).

`refresh` derives the rule claims of some users anew, then shares out seats: releases what nobody should hold,
promotes who waited, gives or queues what is new. It works on sets: its number of statements depends on the
number of products, not of people. The users must be locked by the caller; subscriptions are locked here, in
code order, with all products of the same bundles.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from scim_server.domain.errors import SeatLimit
from scim_server.domain.events import Change, Event
from scim_server.domain.products import Catalogue
from scim_server.domain.seats import (
    DIRECT,
    DIRECT_RANK,
    Claim,
    Person,
    Place,
    Policy,
    Seat,
    SeatState,
    Subscription,
    award,
    holdings,
)
from scim_server.services import granting
from scim_server.services.issues import NO_SEAT, OVERAGE, issue
from scim_server.services.ports import UnitOfWork
from scim_server.services.rule_matches import RuleMatches


def refresh(uow: UnitOfWork, may_hold: Mapping[str, bool], *, own_request: bool = False) -> None:
    """Bring claims by rule and seats of those users up to date.

    `may_hold` says of each user whether they may hold seats. Under `own_request` the change concerns that one
    user, so a subscription that rejects raises SeatLimit; changes of groups and rules never fail for seats.
    """
    if may_hold:
        matches = RuleMatches.of(uow, may_hold.keys())
        granting.refresh(uow, may_hold, matches)
        _derive_rule_claims(uow, may_hold.keys(), matches)
        _Settlement(uow, own_request=own_request).settle(may_hold)


def restore(uow: UnitOfWork, may_hold: Mapping[str, bool], products: Iterable[str]) -> None:
    """Bring claims by rule, seats and queues of `products` up to date for the whole tenant (invariant 9)."""
    _derive_rule_claims(uow, may_hold.keys(), RuleMatches.of(uow, may_hold.keys()))
    _Settlement(uow, grown=frozenset(products)).settle(may_hold)


def promote(uow: UnitOfWork, products: Iterable[str]) -> None:
    """Give seats that have become free to those who wait for them."""
    _Settlement(uow, grown=frozenset(products)).settle({})


def claim_directly(uow: UnitOfWork, user_id: str, products: Collection[str]) -> None:
    """Make `products` the user's direct claims. One that stays keeps its claim time."""
    held = {claim.product: claim for claim in uow.ledger.claims([user_id]) if claim.source == DIRECT}
    place = Place(DIRECT_RANK, uow.now)
    added = [product for product in products if product not in held]
    uow.ledger.add_claims([Claim(user_id, product, DIRECT, place) for product in added])
    uow.ledger.drop_claims([claim for product, claim in held.items() if product not in products])


def end_claims(uow: UnitOfWork, user_id: str) -> None:
    """Drop every claim and seat of a user who is about to be deleted."""
    uow.ledger.drop_claims(uow.ledger.claims([user_id]))
    _Settlement(uow).settle({user_id: False})


def _derive_rule_claims(uow: UnitOfWork, user_ids: Collection[str], matches: RuleMatches) -> None:
    due = {_key(claim): claim for claim in matches.claims(uow.now)}
    kept = {_key(claim): claim for claim in uow.ledger.claims(user_ids) if claim.source != DIRECT}
    stale = [claim for key, claim in kept.items() if _outdated(claim, due.get(key))]
    gone = {_key(claim) for claim in stale}
    fresh = [_keeping_time(claim, kept.get(key)) for key, claim in due.items() if key not in kept or key in gone]
    uow.ledger.drop_claims(stale)
    uow.ledger.add_claims(fresh)


def _key(claim: Claim) -> tuple[str, str, str]:
    return claim.user_id, claim.product, claim.source


def _outdated(claim: Claim, due: Claim | None) -> bool:
    return due is None or due.place.rank != claim.place.rank


def _keeping_time(claim: Claim, earlier: Claim | None) -> Claim:
    """A rule that only changed its priority does not start its claims anew."""
    if earlier is None:
        return claim
    return Claim(claim.user_id, claim.product, claim.source, Place(claim.place.rank, earlier.place.since))


@dataclass
class _Settlement:
    """One pass over the products concerned, bundles before what they include."""

    uow: UnitOfWork
    own_request: bool = False
    grown: frozenset[str] = frozenset()
    people: dict[str, Person] = field(default_factory=dict)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)

    def settle(self, may_hold: Mapping[str, bool]) -> None:
        ledger = self.uow.ledger
        claims = ledger.claims(may_hold.keys()) if may_hold else []
        touched = {claim.product for claim in claims} | self.grown
        if may_hold:
            touched |= {seat.product for seat in ledger.seats(may_hold.keys())}
        if not touched:
            return
        catalogue = self.uow.products.catalogue()
        codes = catalogue.related(touched)
        self.subscriptions = ledger.lock(codes, {claim.product for claim in claims})
        self._gather(may_hold, claims, codes)
        for product in catalogue.bundles_first(codes):
            if product in self.subscriptions:
                self._settle_product(self.subscriptions[product], catalogue)

    def _gather(self, may_hold: Mapping[str, bool], claims: Iterable[Claim], codes: Collection[str]) -> None:
        """The people concerned, with their seats read again now that the subscriptions are locked."""
        self.people = {user_id: Person(user_id, allowed, {}, {}) for user_id, allowed in may_hold.items()}
        for claim in claims:
            best = self.people[claim.user_id].claims
            best[claim.product] = min(claim.place, best.get(claim.product, claim.place))
        for seat in self.uow.ledger.seats(may_hold.keys(), codes) if may_hold else ():
            self.people[seat.user_id].seats[seat.product] = seat
        for person in self.people.values():
            person.had = holdings(person.seats.values())

    def _settle_product(self, subscription: Subscription, catalogue: Catalogue) -> None:
        product = subscription.product
        released = [
            person.seats.pop(product)
            for person in self.people.values()
            if product in person.seats and person.wanted(product, catalogue) is None
        ]
        self.uow.ledger.drop_seats(released)
        freed = sum(seat.counts for seat in released)
        queue_length = subscription.waiting - (len(released) - freed)
        room = subscription.room + freed
        self._requeue(product, catalogue)
        first, newcomers = self._unseated(product, catalogue)
        queue = self.uow.ledger.queue(product, room) if room and queue_length else []
        outcome = award(room, first, newcomers, queue)
        self._refuse_if_rejecting(subscription, outcome.waiting, newcomers)
        queued_ids = {seat.id for seat in queue}
        assigned = [seat.become(SeatState.ASSIGNED, self.uow.now) for seat in outcome.assigned]
        promoted = [seat for seat in assigned if seat.id in queued_ids]
        created = [seat for seat in assigned if seat.id not in queued_ids]
        self._count(subscription, len(assigned) - freed, len(outcome.waiting) - len(promoted) - (len(released) - freed))
        self.uow.ledger.add_seats([*created, *outcome.waiting])
        self.uow.ledger.set_state(product, [seat.user_id for seat in promoted], SeatState.ASSIGNED, self.uow.now)
        self._seat(assigned, outcome.waiting)
        self._downgrade(subscription, catalogue)
        self._announce(released, assigned, promoted, outcome.waiting)
        self._flag_overage(subscription, subscription.assigned + len(assigned) - freed)

    def _requeue(self, product: str, catalogue: Catalogue) -> None:
        """Waiting seats whose best claim changed move to their new place in the queue."""
        moved = []
        for person in self.people.values():
            seat, place = person.seats.get(product), person.wanted(product, catalogue)
            if seat is not None and place is not None and seat.place != place:
                moved.append(Seat(seat.id, seat.user_id, product, seat.state, seat.since, place))
                person.seats[product] = moved[-1]
        self.uow.ledger.move_seats(moved)

    def _unseated(self, product: str, catalogue: Catalogue) -> tuple[list[Seat], list[Seat]]:
        """New seats, still waiting: of those who lost a bundle's cover, and of everybody else."""
        first: list[Seat] = []
        newcomers: list[Seat] = []
        for user_id in sorted(self.people):
            person = self.people[user_id]
            place = person.wanted(product, catalogue)
            if place is None or product in person.seats:
                continue
            seat = Seat(self.uow.new_id(), user_id, product, SeatState.WAITING, self.uow.now, place)
            (first if person.lost_cover(product, catalogue) else newcomers).append(seat)
        return first, newcomers

    def _refuse_if_rejecting(
        self, subscription: Subscription, waiting: Collection[Seat], newcomers: Collection[Seat]
    ) -> None:
        """Refuse what was asked for. Who lost a bundle's cover, or is offered a fallback, waits instead."""
        if not self.own_request or subscription.policy is not Policy.REJECT:
            return
        asked = {seat.id for seat in newcomers if subscription.product in self.people[seat.user_id].claims}
        if any(seat.id in asked for seat in waiting):
            raise SeatLimit(subscription.product, subscription.seats, subscription.assigned)

    def _count(self, subscription: Subscription, assigned: int, waiting: int) -> None:
        if assigned or waiting:
            self.uow.ledger.count(subscription.product, assigned, waiting)

    def _seat(self, assigned: Collection[Seat], waiting: Collection[Seat]) -> None:
        """Let people know their seats; those met in the queue join, as their other seats may now be covered."""
        strangers = [seat.user_id for seat in assigned if seat.user_id not in self.people]
        if strangers:
            by_user: dict[str, list[Seat]] = {}
            for seat in self.uow.ledger.seats(strangers):
                by_user.setdefault(seat.user_id, []).append(seat)
            self.people |= {user_id: Person.visitor(user_id, seats) for user_id, seats in by_user.items()}
        for seat in (*assigned, *waiting):
            self.people[seat.user_id].seats[seat.product] = seat

    def _downgrade(self, subscription: Subscription, catalogue: Catalogue) -> None:
        """Who waits for a bundle under `downgrade` meanwhile gets the products it includes."""
        if subscription.policy is not Policy.DOWNGRADE:
            return
        covered = catalogue.covers(subscription.product)
        for person in self.people.values():
            seat = person.seats.get(subscription.product)
            if seat is not None and not seat.counts:
                person.offer(covered, seat.place)
        absent = sorted(covered - self.subscriptions.keys())
        if absent:
            self.subscriptions |= self.uow.ledger.lock(absent, absent)

    def _announce(
        self,
        released: Iterable[Seat],
        assigned: Collection[Seat],
        promoted: Iterable[Seat],
        waiting: Collection[Seat],
    ) -> None:
        earlier = {seat.id: SeatState.WAITING for seat in promoted}
        for seat in released:
            self._note(seat, seat.state, None)
        for seat in (*assigned, *waiting):
            self._note(seat, earlier.get(seat.id), seat.state)
        self.uow.issues.open(
            *(issue(self.uow, NO_SEAT, user_id=seat.user_id, product=seat.product) for seat in waiting)
        )
        settled = [seat for seat in released if not seat.counts] + [seat for seat in assigned if seat.id in earlier]
        for product in {seat.product for seat in settled}:
            self.uow.issues.close(NO_SEAT, user_ids=[seat.user_id for seat in settled], product=product)

    def _note(self, seat: Seat, before: SeatState | None, after: SeatState | None) -> None:
        action = f"seat.{after or 'released'}"
        fact = {"user": seat.user_id, "product": seat.product}
        self.uow.record(
            Change(
                "seat",
                seat.id,
                action,
                {**fact, "state": before.value} if before else None,
                {**fact, "state": after.value} if after else None,
            )
        )
        self.uow.publish(Event(action, seat.user_id, {"product": seat.product}))

    def _flag_overage(self, subscription: Subscription, assigned: int) -> None:
        if assigned > subscription.seats:
            self.uow.issues.open(issue(self.uow, OVERAGE, product=subscription.product))
        elif subscription.overage:
            self.uow.issues.close(OVERAGE, product=subscription.product)
