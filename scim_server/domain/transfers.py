"""Transfers: what goes from one person to another, what stays behind, and why (design section 6, invariant 6).

Everything here decides; nothing here stores. `services/transferring.py` brings the facts and carries out the plan.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from scim_server.domain.products import Catalogue
from scim_server.domain.seats import Seat, SeatState
from scim_server.domain.sessions import Kind, Session


class Mode(StrEnum):
    """`seat`: the products. `seat_and_events`: upcoming sessions as well. `take_over`: somebody new in their place."""

    SEAT = "seat"
    SEAT_AND_EVENTS = "seat_and_events"
    TAKE_OVER = "take_over"


COVERED = "covered"
"""How somebody has a product through a bundle, with a claim on it as well."""


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody a transfer concerns; who takes over has the id of the person before them."""

    id: str
    user_name: str
    address: str | None


@dataclass(frozen=True, slots=True)
class Holdings:
    """What somebody holds or waits for, by product.

    `claims` has the products they have claims on, each with what would give it back: rules and entitlements by name.
    While they wait for one of `downgraded` they have what it includes.
    """

    seats: Mapping[str, Seat]
    claims: Mapping[str, Sequence[str]] = field(default_factory=dict)
    downgraded: frozenset[str] = frozenset()

    def bundle(self, product: str, catalogue: Catalogue) -> str | None:
        """The product of a seat that counts and covers `product`."""
        found = (code for code in self.seats if self.seats[code].counts and product in catalogue.covers(code))
        return min(found, default=None)

    def stood_in_for(self, product: str, catalogue: Catalogue) -> frozenset[str]:
        """What the person waits for and has `product`, without a claim on it, in place of."""
        seat = self.seats.get(product)
        if seat is None or product in self.claims or seat.state is SeatState.HELD:
            return frozenset()
        return self.downgraded & catalogue.covered_by(product)

    def without(self, products: Collection[str]) -> "Holdings":
        """What is left when `products` are gone."""
        seats = {code: seat for code, seat in self.seats.items() if code not in products}
        claims = {code: names for code, names in self.claims.items() if code not in products}
        return Holdings(seats, claims, self.downgraded.difference(products))


@dataclass(frozen=True, slots=True)
class ProductMove:
    """A product that moves, and how the giver has it: assigned, held, waiting, or covered by a bundle that moves.

    The giver is kept out of it although `given_by`, rules and entitlements by name, would give it back.
    """

    product: str
    state: str
    given_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Staying:
    """What does not move, a product's code or a session's id, and why; `title` is that of a session."""

    what: str
    reason: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Replacement:
    """An attribute of a person who is taken over, as it was and as it becomes."""

    attribute: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """Exactly what a transfer does. `notes` are further consequences, a sentence each."""

    mode: Mode
    giver: Party
    receiver: Party
    products: Sequence[ProductMove] = ()
    staying_products: Sequence[Staying] = ()
    sessions: Sequence[Session] = ()
    staying_sessions: Sequence[Staying] = ()
    replacements: Sequence[Replacement] = ()
    notes: Sequence[str] = ()

    @property
    def moves_nothing(self) -> bool:
        return not (self.products or self.sessions or self.replacements)

    @property
    def reasons(self) -> list[str]:
        """Why what does not move stays."""
        return [f"{each.what}: {each.reason}" for each in (*self.staying_products, *self.staying_sessions)]


@dataclass
class ProductPlan:
    """Works out which products move between two people."""

    giver: Party
    receiver: Party
    given: Holdings
    had: Holdings
    catalogue: Catalogue
    moves: dict[str, ProductMove] = field(default_factory=dict)
    staying: list[Staying] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def settle(self, named: Collection[str]) -> None:
        """Decide about the products named, or about all that the giver has where none is."""
        everything = self.given.seats.keys() | self.given.claims.keys()
        for product in self.catalogue.bundles_first(set(named) or everything):
            reason = self._not_given(product) or self._not_wanted(product)
            if reason is None:
                seat = self.given.seats.get(product)
                given_by = tuple(self.given.claims.get(product, ()))
                self.moves[product] = ProductMove(product, seat.state.value if seat else COVERED, given_by)
            else:
                self.staying.append(Staying(product, reason))
        self._follow_up()

    def _not_given(self, product: str) -> str | None:
        """Why the giver cannot give it. Bundles are decided about before what they include."""
        giver, seat = self.giver.user_name, self.given.seats.get(product)
        if seat is None:
            bundle = self.given.bundle(product, self.catalogue)
            if bundle is None:
                return f"{giver} has no seat of it and waits for none"
            if product not in self.given.claims or bundle not in self.moves:
                return f"{giver} has it with '{bundle}' only"
        kept_for = self.given.stood_in_for(product, self.catalogue) - self.moves.keys()
        if kept_for:
            return f"{giver} has it only while waiting for '{min(kept_for)}'"
        return None

    def _not_wanted(self, product: str) -> str | None:
        """Why the receiver cannot get it."""
        receiver, bundle = self.receiver.user_name, self.had.bundle(product, self.catalogue)
        if bundle is not None:
            return f"{receiver} has it through '{bundle}'"
        seat, given = self.had.seats.get(product), self.given.seats.get(product)
        if seat is not None and seat.counts:
            return f"{receiver} has a seat of it already"
        if seat is not None and given is not None and not given.counts:
            return f"{receiver} waits for it as well"
        return None

    def _follow_up(self) -> None:
        """What keeps the giver out from now on, and what becomes of what is included in products that move."""
        self.notes += [_kept_out(self.giver, move) for move in self.moves.values() if move.given_by]
        left = self.given.without(self.moves.keys())
        gained = {move.product for move in self.moves.values() if move.state in {SeatState.ASSIGNED, SeatState.HELD}}
        for product in sorted(self.had.seats):
            bundles = gained & self.catalogue.covered_by(product)
            if bundles:
                self.notes.append(_place_ends(self.receiver, product, f"'{min(bundles)}' includes it"))
        for product in sorted(self.catalogue.products):
            if product in left.seats:
                self._follow_up_fallback(product)
            elif left.bundle(product, self.catalogue) is None:
                self._follow_up_loss(product, left, gained)

    def _follow_up_fallback(self, product: str) -> None:
        originals = self.given.stood_in_for(product, self.catalogue)
        if originals and originals <= self.moves.keys():
            self.notes.append(_place_ends(self.giver, product, f"it stood in for '{min(originals)}'"))

    def _follow_up_loss(self, product: str, left: Holdings, gained: Collection[str]) -> None:
        """What the giver no longer has, and may get again for another reason than the one it moves for."""
        waited_for = left.downgraded & self.catalogue.covered_by(product)
        bundles = self.catalogue.covered_by(product).intersection(gained)
        if bundles and product in left.claims:
            reason = f"no longer has '{product}' through '{min(bundles)}'"
            self.notes.append(_place_begins(self.giver, product, reason))
        elif waited_for and (bundles or product in gained):
            self.notes.append(_place_begins(self.giver, product, f"still waits for '{min(waited_for)}'"))


def _kept_out(person: Party, move: ProductMove) -> str:
    return f"{person.user_name} is kept out of '{move.product}' although it is given by {' and '.join(move.given_by)}."


def _place_ends(person: Party, product: str, reason: str) -> str:
    return f"The place that {person.user_name} has for '{product}' is given up, as {reason}."


def _place_begins(person: Party, product: str, reason: str) -> str:
    return f"{person.user_name} {reason} and gets a seat of '{product}' of their own where one is free."


def sort_sessions(
    upcoming: Collection[Session], receiver: Party, *, add_co_organiser: bool
) -> tuple[list[Session], list[Staying]]:
    """The upcoming sessions that can move to the receiver, and those that cannot with the reason."""
    moving: list[Session] = []
    staying: list[Staying] = []
    for session in upcoming:
        if session.kind is Kind.TRAINING:
            reason = "a training cannot move to another organiser; take_over keeps it"
            staying.append(Staying(session.id, reason, session.title))
        elif session.kind is Kind.WEBINAR and receiver.id not in session.co_organisers and not add_co_organiser:
            reason = f"{receiver.user_name} is no co-organiser of this webinar; --add-co-organiser makes them one"
            staying.append(Staying(session.id, reason, session.title))
        else:
            moving.append(session)
    return moving, staying
