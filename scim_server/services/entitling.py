"""Who should have a product: claims, what keeps people out of them, and the seats that follow (design section 6).

Every function runs inside the caller's transaction, with the users locked, and leaves the seats to `settling`, the
one allocator.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from scim_server.domain.seats import (
    DIRECT,
    EVERY_SOURCE,
    FIRST_RANK,
    RULE,
    TRANSFERRED,
    Claim,
    Exclusion,
    Place,
    Reservation,
    Seat,
    keeping_out,
)
from scim_server.services import claim_records, granting
from scim_server.services.flagging import flag_subscription
from scim_server.services.guarding import Guard
from scim_server.services.opening import lock_subscriptions
from scim_server.services.ports import UnitOfWork
from scim_server.services.rule_matches import RuleMatches
from scim_server.services.settling import Settlement

BY_TRANSFER = "transfer"
"""Why somebody is kept out of what they gave away."""


def refresh(uow: UnitOfWork, may_hold: Mapping[str, bool], *, own_request: bool = False, guarded: bool = False) -> None:
    """Bring claims by rule and seats of those users up to date.

    `may_hold` says of each user whether they may hold seats. Under `own_request` the change concerns that one
    user, so a subscription that rejects raises SeatLimit; changes of groups and rules never fail for seats, and are
    `guarded` against taking seats from too many people at once.
    """
    if may_hold:
        matches = _derive_rule_claims(uow, may_hold.keys())
        granting.refresh(uow, may_hold, matches)
        guard = Guard(uow) if guarded else None
        Settlement(uow, matches.rules, own_request=own_request, guard=guard).settle(may_hold)


def restore(uow: UnitOfWork, may_hold: Mapping[str, bool], products: Iterable[str]) -> None:
    """Bring claims by rule, seats and queues of `products` up to date for the whole tenant (invariant 9)."""
    matches = _derive_rule_claims(uow, may_hold.keys())
    Settlement(uow, matches.rules, grown=frozenset(products)).settle(may_hold)


def promote(uow: UnitOfWork, products: Iterable[str]) -> None:
    """Give seats that have become free to those who wait for them."""
    _settlement(uow, grown=frozenset(products)).settle({})


def end_claims(uow: UnitOfWork, user_id: str) -> None:
    """Drop every claim and seat of a user who is about to be deleted."""
    claim_records.end_claims(uow, uow.ledger.claims([user_id]))
    claim_records.end_exclusions(uow, uow.ledger.exclusions([user_id]))
    _settlement(uow).settle({user_id: False})


def end_held(uow: UnitOfWork, may_hold: Mapping[str, bool], seats: Collection[Seat]) -> None:
    """Release held seats of those users now."""
    ended = {(seat.user_id, seat.product) for seat in seats}
    _settlement(uow, ended=ended).settle(may_hold)


def claim_directly(uow: UnitOfWork, named: Mapping[str, Collection[str]]) -> None:
    """Make the products that the entitlements of each user name, by user id, their direct claims.

    One that stays keeps its time. An exclusion from a direct claim ends when the entitlements no longer name the
    product. A fixed number of statements, however many users.
    """
    exclusions = uow.ledger.exclusions(named.keys())
    claim_records.end_exclusions(
        uow, [each for each in exclusions if each.source == DIRECT and each.product not in named[each.user_id]]
    )
    kept_out = {(each.user_id, each.product) for each in exclusions if each.source in {DIRECT, EVERY_SOURCE}}
    due = {(user_id, product) for user_id, products in named.items() for product in products} - kept_out
    claims = [each for each in uow.ledger.claims(named.keys()) if each.source == DIRECT]
    held = {(each.user_id, each.product) for each in claims}
    place = Place(FIRST_RANK, uow.now)
    claim_records.begin_claims(uow, [Claim(user_id, product, DIRECT, place) for user_id, product in sorted(due - held)])
    claim_records.end_claims(uow, [each for each in claims if (each.user_id, each.product) not in due])


def claim(uow: UnitOfWork, user_id: str, products: Collection[str], source: str) -> None:
    """Claim `products` for the user by a source that is a fact; claims that are there stay as they are."""
    held = {each.product for each in uow.ledger.claims([user_id]) if each.source == source}
    place = Place(FIRST_RANK, uow.now)
    fresh = [Claim(user_id, product, source, place) for product in products if product not in held]
    claim_records.begin_claims(uow, fresh)


def unclaim(uow: UnitOfWork, user_id: str, products: Collection[str], source: str) -> None:
    """End the user's claims on `products` by that source."""
    claims = uow.ledger.claims([user_id])
    ended = [each for each in claims if each.source == source and each.product in products]
    claim_records.end_claims(uow, ended)


def exclude(uow: UnitOfWork, user_id: str, products: Collection[str], reason: str) -> None:
    """Keep the user out of `products`, whatever entitlements and rules say, until `include`."""
    _keep_out(uow, [Exclusion(user_id, product, EVERY_SOURCE, reason, uow.now) for product in products])


def include(uow: UnitOfWork, user_id: str, products: Collection[str], entitled: Collection[str]) -> None:
    """Lift every exclusion of the user from `products`; `entitled` are the products that the entitlements name."""
    exclusions = uow.ledger.exclusions([user_id])
    claim_records.end_exclusions(uow, [each for each in exclusions if each.product in products])
    claim_directly(uow, {user_id: entitled})


def hand_over(
    uow: UnitOfWork, giver_id: str, receiver_id: str, products: Collection[str], may_hold: Mapping[str, bool]
) -> None:
    """Move the giver's seats, or places in the queue, of `products` to the receiver: net zero (invariant 6).

    Of a product that the giver has through a bundle among `products` only the claim moves. The giver's claims that
    are facts end, those that are derived are kept out by exclusions. The receiver gets a claim with the giver's
    place. `may_hold` says of both whether they may hold seats.
    """
    given = {seat.product: seat for seat in uow.ledger.seats([giver_id]) if seat.product in products}
    claims = [each for each in uow.ledger.claims([giver_id]) if each.product in products]
    best = sorted(claims, key=lambda claim: claim.place, reverse=True)
    places = {each.product: each.place for each in best} | {product: seat.place for product, seat in given.items()}
    _keep_out(
        uow,
        [Exclusion(giver_id, each.product, each.source, BY_TRANSFER, uow.now) for each in claims if each.is_derived],
    )
    claim_records.end_claims(uow, [each for each in claims if not each.is_derived])
    unclaim(uow, receiver_id, places.keys(), TRANSFERRED)
    got = [Claim(receiver_id, product, TRANSFERRED, place) for product, place in places.items()]
    claim_records.begin_claims(uow, got)
    matches = _derive_rule_claims(uow, [giver_id, receiver_id])
    heirs = frozenset((receiver_id, product) for product, seat in given.items() if seat.counts)
    ended = {(giver_id, product) for product in given}
    Settlement(uow, matches.rules, heirs=heirs, ended=ended).settle(may_hold)


def reserve(uow: UnitOfWork, invitation_id: str, products: Collection[str]) -> list[str]:
    """Keep a free seat of each product for somebody who is invited; answers those that had one.

    What a bundle among `products` includes comes with it.
    """
    catalogue = uow.products.catalogue()
    wanted = [code for code in products if catalogue.covered_by(code).isdisjoint(products)]
    found = lock_subscriptions(uow, catalogue.related(wanted), wanted)
    reserved = [code for code in sorted(wanted) if found[code].room(found[code].policy) > 0]
    for code in reserved:
        uow.ledger.count(code, 1, 0)
        flag_subscription(uow, found[code], found[code].counting(1, 0))
    uow.ledger.add_reservations([Reservation(uow.new_id(), invitation_id, code, uow.now) for code in reserved])
    return reserved


def cancel_reservations(uow: UnitOfWork, invitation_id: str) -> None:
    """Give the seats kept for an invitation to whoever waits."""
    _settlement(uow, returned=_end_reservations(uow, invitation_id)).settle({})


def redeem(uow: UnitOfWork, invitation_id: str, user_id: str, may_hold: Mapping[str, bool]) -> None:
    """Turn the seats kept for an invitation into those of the user, who must have claims on them."""
    returned = _end_reservations(uow, invitation_id)
    matches = _derive_rule_claims(uow, [user_id])
    heirs = frozenset((user_id, product) for product in returned)
    Settlement(uow, matches.rules, returned=returned, heirs=heirs).settle(may_hold)


def _settlement(
    uow: UnitOfWork,
    *,
    grown: frozenset[str] = frozenset(),
    ended: set[tuple[str, str]] | None = None,
    returned: Counter[str] | None = None,
) -> Settlement:
    """A settlement of people whose claims by rule are as they were."""
    rules = {rule.id: rule for rule in uow.rules.all()}
    return Settlement(uow, rules, grown=grown, ended=ended or set(), returned=returned or Counter())


def _end_reservations(uow: UnitOfWork, invitation_id: str) -> Counter[str]:
    ended = uow.ledger.reservations(invitation_id)
    uow.ledger.drop_reservations(invitation_id)
    return Counter(each.product for each in ended)


def _keep_out(uow: UnitOfWork, exclusions: Collection[Exclusion]) -> None:
    """Add exclusions, and end the derived claims that they cover."""
    claim_records.begin_exclusions(uow, exclusions)
    claims = uow.ledger.claims(sorted({each.user_id for each in exclusions}))
    claim_records.end_claims(uow, list(filter(keeping_out(exclusions), claims)))


def _derive_rule_claims(uow: UnitOfWork, user_ids: Collection[str]) -> RuleMatches:
    """Make the claims by rule what the rules give now; answers the matches."""
    uow.ledger.expect(user_ids)
    rules = uow.rules.all()
    if rules:
        uow.products.expect()
        uow.ledger.expect_subscriptions()
    matches = RuleMatches.among(uow, rules, user_ids)
    kept_out = keeping_out(_lasting_exclusions(uow, user_ids, matches))
    due = {_key(claim): claim for claim in matches.claims(uow.now) if not kept_out(claim)}
    kept = {_key(claim): claim for claim in uow.ledger.claims(user_ids) if claim.source.startswith(RULE)}
    stale = [claim for key, claim in kept.items() if _outdated(claim, due.get(key))]
    gone = {_key(claim) for claim in stale}
    fresh = [_keeping_time(claim, kept.get(key)) for key, claim in due.items() if key not in kept or key in gone]
    claim_records.end_claims(uow, stale)
    claim_records.begin_claims(uow, fresh)
    return matches


def _lasting_exclusions(uow: UnitOfWork, user_ids: Collection[str], matches: RuleMatches) -> list[Exclusion]:
    """The exclusions of those users that last: one from a rule ends when the user no longer meets it."""
    exclusions = uow.ledger.exclusions(user_ids)
    met = {(user_id, matches.rules[rule_id].source) for user_id, rule_id in matches.pairs}
    lapsed = [each for each in exclusions if each.source.startswith(RULE) and (each.user_id, each.source) not in met]
    claim_records.end_exclusions(uow, lapsed)
    gone = set(lapsed)
    return [each for each in exclusions if each not in gone]


def _key(claim: Claim) -> tuple[str, str, str]:
    return claim.user_id, claim.product, claim.source


def _outdated(claim: Claim, due: Claim | None) -> bool:
    return due is None or due.place.rank != claim.place.rank


def _keeping_time(claim: Claim, earlier: Claim | None) -> Claim:
    """A rule that only changed its priority does not start its claims anew."""
    if earlier is None:
        return claim
    return Claim(claim.user_id, claim.product, claim.source, Place(claim.place.rank, earlier.place.since))
