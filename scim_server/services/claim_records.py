"""Claims and exclusions as they begin and end, each with its place in the audit trail: one entry for each person.

All that writes them goes through here; a fixed number of statements, however many people.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

from scim_server.domain.events import Change
from scim_server.domain.facts import of_claim, of_exclusion
from scim_server.domain.instants import Instant
from scim_server.domain.seats import Claim, Exclusion, Place
from scim_server.services.ports import UnitOfWork

CLAIMS, EXCLUSIONS = "claims", "exclusions"


def begin_claims(uow: UnitOfWork, claims: Sequence[Claim]) -> None:
    """Begin claims that are not there."""
    uow.ledger.add_claims(claims)
    _record(uow, CLAIMS, came=_claims(claims))


def end_claims(uow: UnitOfWork, claims: Sequence[Claim]) -> None:
    """End claims that are there."""
    uow.ledger.drop_claims(claims)
    _record(uow, CLAIMS, went=_claims(claims))


def restart_claims(uow: UnitOfWork, user_ids: Collection[str], now: Instant) -> None:
    """Let every claim of those users begin anew."""
    claims = [claim for claim in uow.ledger.claims(user_ids) if claim.place.since != now]
    if claims:
        uow.ledger.restart_claims(user_ids, now)
        anew = [replace(claim, place=Place(claim.place.rank, now)) for claim in claims]
        _record(uow, CLAIMS, went=_claims(claims), came=_claims(anew))


def begin_exclusions(uow: UnitOfWork, exclusions: Collection[Exclusion]) -> None:
    """Keep people out; whoever is kept out of the same already stays so since then."""
    present = {_place(each) for each in uow.ledger.exclusions(sorted({each.user_id for each in exclusions}))}
    fresh = {_place(each): each for each in exclusions if _place(each) not in present}
    uow.ledger.add_exclusions(fresh.values())
    _record(uow, EXCLUSIONS, came=_exclusions(fresh.values()))


def end_exclusions(uow: UnitOfWork, exclusions: Collection[Exclusion]) -> None:
    """Keep people out no more."""
    uow.ledger.drop_exclusions(exclusions)
    _record(uow, EXCLUSIONS, went=_exclusions(exclusions))


Marks = dict[str, list[dict[str, Any]]]
"""What the trail says of each person's claims, or exclusions, by user id."""


def _claims(claims: Iterable[Claim]) -> Marks:
    return _by_person((claim.user_id, of_claim(claim)) for claim in claims)


def _exclusions(exclusions: Iterable[Exclusion]) -> Marks:
    return _by_person((each.user_id, of_exclusion(each)) for each in exclusions)


def _by_person(marks: Iterable[tuple[str, dict[str, Any]]]) -> Marks:
    found: Marks = {}
    for user_id, mark in marks:
        found.setdefault(user_id, []).append(mark)
    return found


def _record(uow: UnitOfWork, name: str, *, went: Marks | None = None, came: Marks | None = None) -> None:
    gone, come = went or {}, came or {}
    for user_id in gone | come:
        before, after = (None if user_id not in side else {name: side[user_id]} for side in (gone, come))
        uow.record(Change("claims", user_id, "claims.changed", before, after))


def _place(exclusion: Exclusion) -> tuple[str, str, str]:
    return exclusion.user_id, exclusion.product, exclusion.source
