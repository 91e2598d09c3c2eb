"""What a transaction has given to people and taken from them, all in all: products, those of bundles included, and
roles. Read off the changes that it recorded, with a fixed number of statements, however many people."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from scim_server.domain.access import Grant
from scim_server.domain.events import TAKEN_OVER, Change, Event
from scim_server.domain.products import Catalogue
from scim_server.domain.rules import Rule
from scim_server.domain.seats import FIRST_RANK, RULE, Claim
from scim_server.services.ports import UnitOfWork


@dataclass(frozen=True, slots=True)
class Belongings:
    """What one person has: codes of products and of roles."""

    products: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.products or self.roles)

    def beyond(self, other: "Belongings") -> "Belongings":
        """What the other one lacks."""
        return Belongings(self.products - other.products, self.roles - other.roles)


@dataclass(frozen=True, slots=True)
class Shift:
    """One person's belongings before and after. `source` is that of the best claim or grant behind what is new, else
    behind what has ended."""

    user_id: str
    before: Belongings
    after: Belongings
    source: str | None

    @property
    def gained(self) -> Belongings:
        return self.after.beyond(self.before)

    @property
    def lost(self) -> Belongings:
        return self.before.beyond(self.after)


@dataclass(frozen=True)
class Moves:
    """Seats and grants that changed: by person the seats that came (1) and went (-1) by product, and the roles that
    came and went with their sources. `newcomers` have taken over the place of somebody else, with all there is."""

    seats: Mapping[str, Counter[str]]
    granted: Mapping[str, set[tuple[str, str]]]
    ended: Mapping[str, set[tuple[str, str]]]
    newcomers: frozenset[str]

    @classmethod
    def of(cls, changes: Iterable[Change], events: Iterable[Event]) -> Self:
        """Read off what one transaction has recorded and published; costs no statement."""
        seats: dict[str, Counter[str]] = defaultdict(Counter)
        granted: dict[str, set[tuple[str, str]]] = defaultdict(set)
        ended: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for change in changes:
            if change.object_type == "seat" and change.seats:
                seats[str(change.person)].update(change.seats)
            elif change.object_type == "grant":
                _note(granted if change.before is None else ended, change.after or change.before, change)
        return cls(seats, granted, ended, frozenset(each.subject.id for each in events if each.name == TAKEN_OVER))

    @property
    def people(self) -> set[str]:
        """Everybody concerned."""
        return {*self.seats, *self.granted, *self.ended, *self.newcomers}

    @property
    def by_rule(self) -> bool:
        """Whether a rule may be behind one of them."""
        sources = (source for found in (self.granted, self.ended) for each in found.values() for _, source in each)
        return bool(self.seats) or any(source.startswith(RULE) for source in sources)


def _note(where: dict[str, set[tuple[str, str]]], facts: Mapping[str, Any] | None, change: Change) -> None:
    """A grant that went on with another scope has neither begun nor ended."""
    if facts is not None and (change.before is None or change.after is None):
        where[facts["user"]].add((facts["role"], facts["source"]))


@dataclass(frozen=True)
class Possessions:
    """What some people have now, and by what claims and grants."""

    catalogue: Catalogue
    seats: Mapping[str, set[str]]
    claims: Mapping[str, list[Claim]]
    grants: Mapping[str, list[Grant]]
    dropped: Mapping[str, list[Claim]] = field(default_factory=dict)

    @classmethod
    def of(cls, uow: UnitOfWork, user_ids: Collection[str]) -> Self:
        """Read with a fixed number of statements."""
        seats: dict[str, set[str]] = defaultdict(set)
        for seat in uow.ledger.seats(user_ids):
            if seat.counts:
                seats[seat.user_id].add(seat.product)
        claims = _by_user(uow.ledger.claims(user_ids))
        grants = _by_user(uow.grants.of(user_ids))
        return cls(uow.products.catalogue(), seats, claims, grants, _by_user(uow.ledger.dropped))

    def belongings(self, user_id: str) -> Belongings:
        """What somebody has now."""
        return self._whole(self.seats.get(user_id, set()), {grant.role for grant in self.grants.get(user_id, ())})

    def shift(self, user_id: str, moves: Moves, rules: Mapping[str, Rule]) -> Shift:
        """What those moves were for somebody."""
        moved = moves.seats.get(user_id, Counter())
        came = {product for product, number in moved.items() if number > 0}
        went = {product for product, number in moved.items() if number < 0}
        granted, ended = moves.granted.get(user_id, set()), moves.ended.get(user_id, set())
        kept = {grant.role for grant in self.grants.get(user_id, ()) if (grant.role, grant.source) not in granted}
        had = self._whole(self.seats.get(user_id, set()) - came | went, kept | {role for role, _ in ended})
        before = Belongings() if user_id in moves.newcomers else had
        after = self.belongings(user_id)
        new = after.beyond(before)
        if new:
            claims = [each for each in self.claims.get(user_id, ()) if self._gives(each.product, new.products)]
            sources = [source for role, source in granted if role in new.roles]
        else:
            claims = [each for each in self.dropped.get(user_id, ()) if each.product in went]
            sources = [source for _, source in ended]
        return Shift(user_id, before, after, _best(claims, sources, rules))

    def source(self, user_id: str, rules: Mapping[str, Rule]) -> str | None:
        """The source of the best of all claims and grants of somebody."""
        sources = [grant.source for grant in self.grants.get(user_id, ())]
        return _best(self.claims.get(user_id, ()), sources, rules)

    def _gives(self, product: str, new: frozenset[str]) -> bool:
        """Whether a claim on the product is behind what is new: on it, or on what includes it."""
        return product in new or not new.isdisjoint(self.catalogue.covers(product))

    def _whole(self, products: Iterable[str], roles: Iterable[str]) -> Belongings:
        held = frozenset(products)
        covered = frozenset(code for product in held for code in self.catalogue.covers(product))
        return Belongings(held | covered, frozenset(roles))


def _best(claims: Iterable[Claim], sources: Iterable[str], rules: Mapping[str, Rule]) -> str | None:
    """The source of the highest rank; of several with one rank the oldest claim's, and claims before grants."""
    ranked = [(claim.place.rank, 0, claim.place.since, claim.source) for claim in claims]
    ranked += [(_rank(source, rules), 1, "", source) for source in sources]
    return min(ranked)[-1] if ranked else None


def _rank(source: str, rules: Mapping[str, Rule]) -> int:
    rule = rules.get(source)
    return FIRST_RANK if rule is None else rule.priority


def _by_user(found: Iterable[Any]) -> dict[str, list[Any]]:
    grouped: dict[str, list[Any]] = defaultdict(list)
    for each in found:
        grouped[each.user_id].append(each)
    return grouped
