"""Time travel: how a person, a group or a subscription was at any past moment, and what has changed since.

All of it is read back from the audit trail (`replaying`). What the application reports, when somebody was last seen, is
no change and in no trail: who was invited or inactive then shows as active.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scim_server.domain.errors import Invalid, Missing
from scim_server.domain.instants import Instant
from scim_server.domain.tenants import Tenant
from scim_server.services.audit_entries import AuditEntry
from scim_server.services.past_groups import group_at, group_called
from scim_server.services.past_people import person_at, person_called
from scim_server.services.past_subscriptions import product_called, subscription_at
from scim_server.services.ports import UnitOfWork, Units

Past = Mapping[str, Any]
"""How an object was, as JSON: the facts of the trail, and what it had."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is otherwise: what a member was and is, or an element of a list that went or came."""

    member: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class History:
    """An object at two moments, with what differs and the entries of the trail between them.

    A state is None where there was no such object. `erased` says that a part of what happened is not known any more.
    """

    kind: str
    id: str
    at: Instant
    until: Instant
    state: Past | None
    later: Past | None
    differences: Sequence[Difference]
    entries: Sequence[AuditEntry]
    erased: bool


@dataclass(frozen=True, slots=True)
class Trace:
    """What the trail holds of one object: all its entries, and how it was at a moment by those until then."""

    id: str
    entries: Sequence[AuditEntry]
    at: Callable[[Instant], Past | None]


def user_history(
    units: Units, tenant: Tenant, name: str, at: Instant | None = None, until: Instant | None = None
) -> History:
    """A person by the user name that they had at that moment or have now, or by id, also of one who is gone.

    Both moments are now where they are None. Raises Invalid for a moment that the trail knows nothing of, Missing.
    Reads what the trail has of the person, and all entries of the tenant's groups.
    """

    def trace(uow: UnitOfWork, moment: Instant) -> Trace:
        person = person_called(uow, name, moment)
        return Trace(person.id, person.entries, lambda then: person_at(person, then))

    return _history(units, tenant, "user", name, at, until, trace)


def group_history(
    units: Units, tenant: Tenant, name: str, at: Instant | None = None, until: Instant | None = None
) -> History:
    """A group by the name that it had at that moment or has now, or by id, likewise. Reads what the trail has of it."""

    def trace(uow: UnitOfWork, moment: Instant) -> Trace:
        group_id, entries = group_called(uow, name, moment)
        return Trace(group_id, entries, lambda then: group_at(uow, entries, then))

    return _history(units, tenant, "group", name, at, until, trace)


def subscription_history(
    units: Units, tenant: Tenant, product: str, at: Instant | None = None, until: Instant | None = None
) -> History:
    """A subscription by its product, likewise: terms, counts, holders and queue.

    Reads what the trail has of it, and every change of a seat in the tenant since the earlier moment.
    """

    def trace(uow: UnitOfWork, moment: Instant) -> Trace:
        past = product_called(uow, product, moment)
        return Trace(past.product, past.entries, lambda then: subscription_at(uow, past, then))

    return _history(units, tenant, "subscription", product, at, until, trace)


def _history(
    units: Units,
    tenant: Tenant,
    kind: str,
    name: str,
    at: Instant | None,
    until: Instant | None,
    trace: Callable[[UnitOfWork, Instant], Trace],
) -> History:
    with units.read(tenant) as uow:
        first, last = _moments(uow, at, until)
        found = trace(uow, first)
        state, later = found.at(first), found.at(last)
        between = [entry for entry in found.entries if first < entry.at <= last]
        known = [entry for entry in found.entries if entry.at <= last]
        if not known:
            raise Missing(f"There was no {kind} '{name}' in tenant '{tenant.slug}' at {last}.")
        erased = any(entry.erased for entry in known)
        return History(kind, found.id, first, last, state, later, list(_differences(state, later)), between, erased)


def _moments(uow: UnitOfWork, at: Instant | None, until: Instant | None) -> tuple[Instant, Instant]:
    """Both moments, in order. Raises Invalid where the trail has nothing of one of them."""
    last = until or uow.now
    first = at or last
    begins = uow.trail.begins()
    for moment in (first, last):
        if moment > uow.now:
            raise Invalid(f"{moment} is yet to come: name a moment in the past.")
        if begins is None or moment < begins:
            since = "is empty" if begins is None else f"begins at {begins}"
            raise Invalid(f"The audit trail of '{uow.tenant.slug}' {since}: nothing is known of {moment}.")
    if first > last:
        raise Invalid(f"{first} is not before {last}: name the earlier moment first.")
    return first, last


def _differences(before: Past | None, after: Past | None) -> Iterator[Difference]:
    then, now = before or {}, after or {}
    for member in dict.fromkeys((*then, *now)):
        was, is_now = then.get(member), now.get(member)
        if was == is_now:
            continue
        if isinstance(was or [], list) and isinstance(is_now or [], list):
            yield from (Difference(member, each, None) for each in was or () if each not in (is_now or ()))
            yield from (Difference(member, None, each) for each in is_now or () if each not in (was or ()))
        else:
            yield Difference(member, was, is_now)
