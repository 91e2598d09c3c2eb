"""Working out why: from a person's claims, seats and exclusions, and the rules as they meet them. Nothing is read."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from scim_server.domain.directory import User
from scim_server.domain.explanations import (
    Beginning,
    Explanation,
    Hindrance,
    Lack,
    Obstacle,
    Outcome,
    Queue,
    Reason,
    Step,
    Unmet,
)
from scim_server.domain.products import Catalogue
from scim_server.domain.rules import Rule
from scim_server.domain.seats import DIRECT, TRANSFERRED, Claim, Exclusion, Policy, Seat, SeatState, Subscription


class History(Protocol):
    """How things began, as far as it was recorded."""

    def claim(self, claim: Claim) -> Beginning: ...

    def seat(self, seat: Seat) -> Beginning: ...

    def exclusion(self, exclusion: Exclusion) -> Beginning: ...

    def suspension(self) -> Beginning | None: ...

    def membership(self, group_id: str, member_id: str) -> Beginning | None: ...

    def counterpart(self, product: str, began: Beginning) -> str | None:
        """The user name of the other side of the transfer that began something."""
        ...


@dataclass(frozen=True)
class Circumstances:
    """All that decides about one person's products.

    `above` are memberships as pairs of member and group, from the person upwards; `met` the ids of the rules that they
    meet, enabled or not; `ahead` how many stand before them in the queue, by product.
    """

    user: User
    catalogue: Catalogue
    claims: Sequence[Claim]
    seats: Mapping[str, Seat]
    exclusions: Sequence[Exclusion]
    rules: Sequence[Rule]
    met: frozenset[str]
    above: Sequence[tuple[str, str]]
    group_names: Mapping[str, str]
    subscriptions: Mapping[str, Subscription]
    ahead: Mapping[str, int]
    history: History

    def concerned(self) -> list[str]:
        """The products that the person has, should have, is kept out of, or would have by a rule that is off."""
        held = {product for code, seat in self.seats.items() if seat.counts for product in self.catalogue.covers(code)}
        by_rule = {product for rule in self.rules if rule.id in self.met for product in rule.products}
        named = {self.catalogue.find(value) or value for value in self.user.entitlement_values}
        kept_out = {each.product for each in self.exclusions}
        return sorted({claim.product for claim in self.claims} | self.seats.keys() | held | by_rule | named | kept_out)

    def explain(self, product: str) -> Explanation:
        """Why the person has the product, or not."""
        if product not in self.catalogue.products:
            return Explanation(self.user, product, Outcome.NONE, hindrances=[Hindrance(Obstacle.UNKNOWN)])
        seat = self.seats.get(product)
        covering = self._covering(product)
        outcome = self._outcome(product, covering)
        return Explanation(
            user=self.user,
            product=product,
            outcome=outcome,
            seat=seat,
            began=None if seat is None else self.history.seat(seat),
            reasons=[self._reason(claim) for claim in self._claims_on([product, *covering])],
            hindrances=list(self._hindrances(product, outcome)),
            unmet=list(self._unmet(product)) if outcome is Outcome.NONE else [],
            covered_by=covering if outcome is Outcome.COVERED else [],
            stands_in_for=self._waited_for(product) if outcome is Outcome.FALLBACK else [],
            fallbacks=self._fallbacks(product) if outcome is Outcome.WAITING else [],
            queue=self._queue(seat) if outcome is Outcome.WAITING and seat is not None else None,
            subscription=self.subscriptions.get(product),
        )

    def _outcome(self, product: str, covering: Sequence[str]) -> Outcome:
        seat = self.seats.get(product)
        if seat is None:
            return Outcome.COVERED if covering else Outcome.NONE
        if seat.state is SeatState.ASSIGNED and not any(claim.product == product for claim in self.claims):
            return Outcome.FALLBACK
        return Outcome(seat.state.value)

    def _covering(self, product: str) -> list[str]:
        """The bundles whose seat gives the product without one of its own."""
        if product in self.seats:
            return []
        bundles = self.catalogue.covered_by(product)
        return sorted(code for code in bundles if code in self.seats and self.seats[code].counts)

    def _claims_on(self, products: Sequence[str]) -> list[Claim]:
        """Those claims, product by product, the best first."""
        found = [claim for claim in self.claims if claim.product in products]
        return sorted(found, key=lambda claim: (products.index(claim.product), claim.place, claim.source))

    def _reason(self, claim: Claim) -> Reason:
        began = self.history.claim(claim)
        rule = next((rule for rule in self.rules if rule.source == claim.source), None)
        values = [
            value for value in self.user.entitlement_values if self.catalogue.find(value) == claim.product
        ] if claim.source == DIRECT else []  # fmt: skip
        path = self._path(rule.group_id) if rule is not None and rule.group_id is not None else []
        counterpart = self.history.counterpart(claim.product, began) if claim.source == TRANSFERRED else None
        return Reason(claim.product, claim.source, began, rule, path, values, counterpart)

    def _path(self, group_id: str) -> list[Step]:
        """The shortest way from the person to the group through those that are nested in it."""
        way = shortest_way(self.above, self.user.id, group_id)
        return [
            Step(outer, self.group_names.get(outer, outer), self.history.membership(outer, inner))
            for inner, outer in zip([self.user.id, *way], way, strict=False)
        ]

    def _queue(self, seat: Seat) -> Queue:
        place, subscription = self.ahead.get(seat.product, 0) + 1, self.subscriptions[seat.product]
        room = subscription.room(subscription.policy_for(seat.want))
        return Queue(place, subscription.waiting, max(0, place - room))

    def _waited_for(self, product: str) -> list[str]:
        bundles = self.catalogue.covered_by(product)
        return sorted(code for code in bundles if code in self.seats and not self.seats[code].counts)

    def _fallbacks(self, product: str) -> list[str]:
        """What the person has meanwhile of what the bundle includes, where its policy offers that."""
        seat = self.seats[product]
        if self.subscriptions[product].policy_for(seat.want) is not Policy.DOWNGRADE:
            return []
        return sorted(code for code in self.catalogue.covers(product) if code in self.seats and self.seats[code].counts)

    def _hindrances(self, product: str, outcome: Outcome) -> Iterator[Hindrance]:
        if outcome is Outcome.NONE and not self.user.may_hold:
            yield Hindrance(Obstacle.SUSPENDED, self.user.blocked_for or "by_idp", began=self.history.suspension())
        for each in self.exclusions:
            if each.product == product:
                yield self._kept_out(each)
        if outcome is Outcome.WAITING:
            yield from self._shortage(self.seats[product])
        if outcome is Outcome.NONE:
            yield from self._nothing_given(product)

    def _kept_out(self, exclusion: Exclusion) -> Hindrance:
        began = self.history.exclusion(exclusion)
        rule = next((rule for rule in self.rules if rule.source == exclusion.source), None)
        receiver = self.history.counterpart(exclusion.product, began) if exclusion.reason == "transfer" else None
        return Hindrance(Obstacle.EXCLUDED, exclusion.reason, exclusion.source, began, rule, counterpart=receiver)

    def _shortage(self, seat: Seat) -> Iterator[Hindrance]:
        bond = next((rule for rule in self.rules if rule.source == seat.want.bond), None)
        if bond is not None:
            yield Hindrance(Obstacle.BOND, rule=bond, products=sorted(bond.products - {seat.product}))
        yield Hindrance(Obstacle.NO_SEAT)

    def _nothing_given(self, product: str) -> Iterator[Hindrance]:
        sources = {product, *self.catalogue.covered_by(product)}
        for rule in self.rules:
            if rule.id in self.met and not rule.enabled and not rule.products.isdisjoint(sources):
                yield Hindrance(Obstacle.DISABLED, rule=rule)
        claimed = {claim.product for claim in self.claims} | {each.product for each in self.exclusions}
        if product not in claimed:
            yield Hindrance(Obstacle.NOBODY_GIVES)

    def _unmet(self, product: str) -> Iterator[Unmet]:
        """The enabled rules that would give the product, or a bundle with it, if the person met them."""
        wanted = [product, *sorted(self.catalogue.covered_by(product))]
        for rule in self.rules:
            given = next((code for code in wanted if code in rule.products), None)
            if given is not None and rule.enabled and rule.id not in self.met:
                yield Unmet(rule, given, _lack(rule))


def _lack(rule: Rule) -> Lack:
    if rule.condition is not None:
        return Lack.CONDITION
    return Lack.GROUP_MISSING if rule.group_id is None else Lack.GROUP


def shortest_way(above: Iterable[tuple[str, str]], start: str, goal: str) -> list[str]:
    """The groups from `start`, not included, to `goal`, included; none where there is no way. Circles do no harm."""
    outer: dict[str, list[str]] = {}
    for inner, group in above:
        outer.setdefault(inner, []).append(group)
    came_from = {start: start}
    pending = deque([start])
    while pending and goal not in came_from:
        here = pending.popleft()
        for group in sorted(outer.get(here, ())):
            if group not in came_from:
                came_from[group] = here
                pending.append(group)
    way: list[str] = []
    here = goal if goal in came_from else start
    while here != start:
        way.insert(0, here)
        here = came_from[here]
    return way
