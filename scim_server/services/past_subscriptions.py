"""Subscriptions as the audit trail has them: what was bought, who held a seat and who stood in line at a moment.

Seats are followed backwards from what is stored now: that costs what has changed since, not what ever was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scim_server.domain import facts as facts_of
from scim_server.domain.instants import Instant
from scim_server.domain.readings import claims_of
from scim_server.domain.recollections import rule_of
from scim_server.domain.seats import SeatState, Want
from scim_server.services.audit_entries import AuditEntry
from scim_server.services.past_groups import names_of
from scim_server.services.ports import UnitOfWork
from scim_server.services.replaying import ERASED, Facts, replay
from scim_server.services.settling import want_of


@dataclass(frozen=True, slots=True)
class PastSubscription:
    """A product with what the trail has of its subscription since the moment that is asked for.

    `seats` and `reservations` are those of now by id, `changes` what became of any since.
    """

    product: str
    entries: Sequence[AuditEntry]
    seats: Mapping[str, Facts]
    changes: Sequence[AuditEntry] = field(default=())


def product_called(uow: UnitOfWork, name: str, moment: Instant) -> PastSubscription:
    """The subscription of a product, letter case ignored. Raises Missing for an unknown product."""
    catalogue = uow.products.catalogue()
    product = catalogue.find(name)
    if product is None:
        raise catalogue.unknown(name)
    ids = uow.users.ids()
    seats = {each.id: facts_of.of_seat(each) for each in uow.ledger.seats(ids, [product])}
    kept = {each.id: facts_of.of_reservation(each) for each in uow.ledger.reservations() if each.product == product}
    changes = [*uow.trail.since("seat", moment), *uow.trail.since("reservation", moment)]
    mine = [entry for entry in changes if _product(entry) in {product, None}]
    own = uow.trail.of_objects("subscription", [product])
    return PastSubscription(product, [*own, *mine], {**seats, **kept}, mine)


def subscription_at(uow: UnitOfWork, past: PastSubscription, moment: Instant) -> dict[str, Any] | None:
    """The subscription as of the moment; None where it was not there."""
    terms = replay([each for each in past.entries if each.object_type == "subscription"], moment)
    facts = terms.get(("subscription", past.product))
    if facts is None:
        return None
    seats = _seats_at(past, moment)
    reserved = [each for each in seats.values() if "invitation" in each]
    held = sorted((each for each in seats.values() if each.get("state") in _COUNTING), key=lambda each: each["since"])
    waiting = [{"id": seat_id, **each} for seat_id, each in seats.items() if each.get("state") == _WAITING]
    names = names_of(uow, [each["user"] for each in (*held, *waiting)])
    return {
        **facts,
        "assigned": len(held) + len(reserved),
        "held": sum(each["state"] == SeatState.HELD.value for each in held),
        "reserved": len(reserved),
        "waiting": len(waiting),
        "free": max(0, facts["seats"] - len(held) - len(reserved)),
        "holders": [_shown(each, names) for each in held],
        "queue": [_shown(each, names) for each in _in_turn(uow, past.product, waiting, moment)],
    }


_WAITING = SeatState.WAITING.value
_COUNTING = frozenset({SeatState.ASSIGNED.value, SeatState.HELD.value})


def _product(entry: AuditEntry) -> str | None:
    """What product the entry is about; None where nobody can tell any more."""
    facts = entry.after or entry.before or {}
    found = facts.get("product") or next(iter(entry.seats), None)
    return None if found is None else str(found)


def _seats_at(past: PastSubscription, moment: Instant) -> dict[str, Facts]:
    """Seats and reservations as they were: what happened since is taken back, the last first."""
    seats = dict(past.seats)
    for entry in reversed(past.changes):
        if entry.at <= moment or entry.erased:
            continue
        if entry.before is None:
            seats.pop(entry.object_id, None)
        else:
            seats[entry.object_id] = entry.before
    return seats


def _in_turn(uow: UnitOfWork, product: str, waiting: Sequence[dict[str, Any]], moment: Instant) -> list[dict[str, Any]]:
    """Those who waited, the first in line first: by the claims and rules of then."""
    people = {each["user"] for each in waiting}
    if not people:
        return []
    rules = {key[1]: rule_of(key[1], facts) for key, facts in replay(uow.trail.of_type("rule"), moment).items()}
    priorities = {rule_id: each.priority for rule_id, each in rules.items()}
    ledgers = replay(uow.trail.of_objects("claims", people), moment)
    wants: dict[str, Want] = {}
    wider = uow.products.catalogue().covered_by(product)
    for (_, user_id), facts in ledgers.items():
        found = [] if facts is ERASED else claims_of(user_id, facts, priorities)
        asked = [each for each in found if each.product == product] or [each for each in found if each.product in wider]
        if asked:
            wants[user_id] = min((want_of(each, rules) for each in asked), key=lambda want: want.place)
    return sorted(waiting, key=lambda each: _turn(each, wants))


def _turn(seat: Mapping[str, Any], wants: Mapping[str, Want]) -> tuple[bool, Any, str]:
    want = wants.get(seat["user"])
    return want is None, (want.place if want else None), str(seat["id"])


def _shown(seat: Facts, names: Mapping[str, str]) -> dict[str, Any]:
    """A seat of a list, with the name that the person has now."""
    return {"user": seat["user"], "name": names.get(seat["user"]), "state": seat["state"], "since": seat["since"]}
