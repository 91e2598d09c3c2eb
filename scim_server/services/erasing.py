"""Erasing a deleted person (GDPR, article 17): what is stored of them goes, and the key of their entries in the audit
trail is destroyed, so that nobody reads those again while the chain stays whole.

What stays is that something happened to an id, when, and by whom. The erasure itself is in the trail, in numbers.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scim_server.domain.errors import Contention, Gone, Taken
from scim_server.domain.events import ID, Cause, Change, Event, Subject
from scim_server.domain.instants import Instant
from scim_server.domain.tenants import Tenant
from scim_server.domain.tombstones import Tombstone
from scim_server.services.audit_entries import AuditEntry
from scim_server.services.naming import no_user
from scim_server.services.ports import Traces, UnitOfWork, Units
from scim_server.services.retrying import retried

ERASURE = "erasure"
"""The type of what the trail says of an erasure, by the id of the person."""
TRYING = Cause("system", "", "try an erasure")
OF_PEOPLE = frozenset({"user", "tombstone"})
LINKS = ("continues", "successor")
"""Facts by which the trail tells who came before somebody, or after."""
TELLING = ("userName", "externalId", "displayName", "ownedAddress", "nameBeforeDeletion", "nickName", "employeeNumber")
"""Facts that belong to one person, wherever they are found; a department, or a first name, belongs to many."""
LISTED = ("emails", "phoneNumbers", "ims", "photos")
SHORTEST = 4
"""Of a text that tells of one person: what is shorter stands everywhere."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What was removed, or would be: from which table how many rows, or of how many the texts.

    `ids` are those under which the person was here. `keys` is how many keys of the audit trail were destroyed.
    """

    ids: tuple[str, ...]
    at: Instant
    keys: int
    removed: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Person:
    """A deleted person under all ids that they had, with what is left of them."""

    ids: frozenset[str]
    tombstones: list[Tombstone]
    entries: list[AuditEntry]


@retried
def erase_person(units: Units, tenant: Tenant, cause: Cause, user: str, *, despite_retention: bool = False) -> Erased:
    """Erase somebody who was deleted, by user name or id, with all whom they continued; for good.

    Raises Missing where nobody like that was here, Taken where they are there, wait to be, or can still be restored and
    it is not to be done all the same; Gone where nothing of them can be read any more.
    """
    with units.write(tenant, cause) as uow:
        person = _find(uow, user)
        if not despite_retention:
            _refuse_restorable(uow, person)
        traces = _traces(uow, person)
        erased = _erase(uow, person, traces)
        uow.record(Change(ERASURE, min(person.ids), "erasure.done", None, _told(erased)))
        for user_id in erased.ids:
            uow.publish(Event("user.erased", Subject.person(user_id), {}))
        uow.commit()
    with units.operator() as operator:
        kept = operator.blank_answers(tenant.id, traces.texts)
        operator.commit()
    units.scrub()
    removed = {**erased.removed, **({"idempotent_requests": kept} if kept else {})}
    return Erased(erased.ids, erased.at, erased.keys, removed)


def preview(units: Units, tenant: Tenant, user: str) -> Erased:
    """What would be removed at this moment; nothing is. Raises as `erase_person` does, but for retention."""
    with units.write(tenant, TRYING) as uow:
        person = _find(uow, user)
        return _erase(uow, person, _traces(uow, person))


def _find(uow: UnitOfWork, user: str) -> _Person:
    tombstones = uow.tombstones.called(user)
    ids = {each.user.id for each in tombstones}
    if not ids and ID.fullmatch(user):
        ids = {user}
    entries: dict[str, list[AuditEntry]] = {}
    while missing := ids - entries.keys():
        for each in missing:
            entries[each] = uow.trail.about(each)
            ids |= set(_linked(entries[each]))
        for earlier in uow.tombstones.continued_by(missing).values():
            ids |= set(earlier)
    found = [entry for each in entries.values() for entry in each]
    _refuse_present(uow, ids, user)
    if not any(entry.object_type in OF_PEOPLE for entry in found):
        raise no_user(uow.tenant, user)
    known = {each.user.id: each for each in (*tombstones, *_tombstones(uow, ids))}
    if not known and all(entry.erased or (entry.before is entry.after is None) for entry in found):
        raise Gone(f"'{user}' was erased from the tenant '{uow.tenant.slug}' already: nothing is left to read.")
    return _Person(frozenset(ids), list(known.values()), found)


def _linked(entries: Collection[AuditEntry]) -> Iterator[str]:
    """Who came before or after somebody, by what the trail says of them."""
    for entry in entries:
        for facts in (entry.before, entry.after):
            named = ((facts or {}).get(name) for name in LINKS)
            yield from (each for each in named if isinstance(each, str) and entry.object_type in OF_PEOPLE)


def _tombstones(uow: UnitOfWork, ids: Collection[str]) -> Iterator[Tombstone]:
    for each in sorted(ids):
        yield from (found for found in uow.tombstones.called(each) if found.user.id == each)


def _refuse_present(uow: UnitOfWork, ids: Collection[str], user: str) -> None:
    there = [*uow.users.some(ids), *filter(None, [uow.users.called(user)])]
    if there:
        raise Taken(
            f"'{there[0].user_name}' is in the tenant '{uow.tenant.slug}': delete the person first, or name whoever "
            "was deleted by id."
        )


def _refuse_restorable(uow: UnitOfWork, person: _Person) -> None:
    days = uow.tenant.settings.number("retention_days")
    until = max((each.restorable_until(days) for each in person.tombstones), default="")
    if until > uow.now:
        raise Taken(
            f"The tenant '{uow.tenant.slug}' keeps deleted people for {days} days, this one until {until[:10]}. "
            "Wait until then, lower its setting retention_days, or say that it is to be done despite that."
        )


def _traces(uow: UnitOfWork, person: _Person) -> Traces:
    """By what the person is found elsewhere; what belongs to somebody who is there now is theirs."""
    texts = {text for entry in person.entries if entry.object_type in OF_PEOPLE for text in _texts(entry)}
    for tombstone in person.tombstones:
        texts |= {tombstone.user.user_name, *(each for each in (tombstone.user.address,) if each is not None)}
    owners = uow.addresses.owners_of([text for text in texts if "@" in text])
    owned = {text for text, owner in owners.items() if owner is not None}
    told = {text for text in texts - owned if len(text) >= SHORTEST and uow.users.called(text) is None}
    return Traces(person.ids, frozenset(told))


def _texts(entry: AuditEntry) -> Iterator[str]:
    for facts in filter(None, (entry.before, entry.after)):
        profile = {name: value for name, value in (facts.get("profile") or {}).items() if isinstance(name, str)}
        for source in (facts, profile, *(each for each in profile.values() if isinstance(each, dict))):
            yield from (source[name] for name in TELLING if isinstance(source.get(name), str))
            for name in LISTED:
                yield from _values(source.get(name))
        formatted = (profile.get("name") or {}).get("formatted")
        yield from [formatted] if isinstance(formatted, str) else []


def _values(listed: Any) -> Iterator[str]:
    for each in listed if isinstance(listed, list) else ():
        value = each.get("value") if isinstance(each, dict) else each
        if isinstance(value, str):
            yield value


def _erase(uow: UnitOfWork, person: _Person, traces: Traces) -> Erased:
    """Remove it all in the caller's transaction. Raises Contention where they come back meanwhile, Taken where somebody
    awaits them."""
    if uow.erasures.is_invited(traces):
        raise Taken("An invitation to the person is open: let it be answered, or let its time run out, first.")
    if uow.erasures.is_awaited(traces):
        raise Taken("The person waits to be added: call that off first.")
    for tombstone in person.tombstones:
        if not uow.tombstones.remove(tombstone):
            raise Contention(f"user {tombstone.user.id} came back meanwhile")
    removed = uow.erasures.remove(traces)
    if person.tombstones:
        removed = {"tombstones": len(person.tombstones), **removed}
    keys = uow.erasures.destroy_keys(person.ids | _others(uow, traces))
    return Erased(tuple(sorted(person.ids)), uow.now, keys, removed)


def _others(uow: UnitOfWork, traces: Traces) -> frozenset[str]:
    """The ids of invitations, and of adds that waited, that were about the person: they have keys of their own."""
    return frozenset(
        entry.object_id
        for kind in ("invitation", "add")
        for entry in uow.trail.of_type(kind)
        for facts in (entry.before, entry.after)
        if facts is not None and (facts.get("user") in traces.ids or facts.get("address") in traces.texts)
    )


def _told(erased: Erased) -> dict[str, Any]:
    return {"ids": list(erased.ids), "keys": erased.keys, "removed": dict(erased.removed)}
