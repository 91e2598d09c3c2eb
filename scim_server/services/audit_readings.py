"""Entries of the audit trail as a reader wants them: with the names of those who acted, and of whom they acted on."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from scim_server.domain.events import ID
from scim_server.domain.tenants import Tenant
from scim_server.services import naming
from scim_server.services.actors import CONNECTION, PERSON, acting, people_among
from scim_server.services.audit_entries import AuditEntry, SoughtEntries
from scim_server.services.ports import UnitOfWork, Units

MOST_NAMES = 1_000
"""Ids in the facts of all the entries that are looked up."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Entries, newest first. `names` are those of people, groups, connections and tokens by their ids, as far as they
    are still there; the connections are named apart too."""

    entries: Sequence[AuditEntry]
    names: Mapping[str, str]
    connections: Sequence[str] = ()


def read(
    units: Units, tenant: Tenant, sought: SoughtEntries, about: str | None = None, actor: str | None = None
) -> Reading:
    """Some entries: about a person or a group of that name, or what has that id, and made by that person or connection.

    `actor` may also be one as the trail has it. A fixed number of statements, however many entries are found.
    """
    with units.browse(tenant) as uow:
        names = acting(uow)
        if about is not None:
            sought = replace(sought, object_id=naming.known_id(uow, about))
        if actor is not None:
            sought = replace(sought, actor=_actor(uow, names, actor))
        return _read(uow, uow.trail.find(sought), names)


def named(units: Units, tenant: Tenant, entries: Sequence[AuditEntry], others: Collection[str] = ()) -> Reading:
    """Entries that were found already, with the names, and those of `others` by their ids."""
    with units.browse(tenant) as uow:
        return _read(uow, entries, acting(uow), others)


def _read(
    uow: UnitOfWork, entries: Sequence[AuditEntry], actors: Mapping[str, str], others: Collection[str] = ()
) -> Reading:
    ids = list(islice(dict.fromkeys((*others, *_ids(entries))), MOST_NAMES))
    names = {actor.partition(":")[2]: name for actor, name in actors.items()}
    names |= {each.object_id: name for each in entries if (name := _own_name(each)) is not None}
    names |= {each.id: each.user_name for each in uow.users.some(ids)}
    names |= uow.groups.names(ids)
    connections = sorted({name for actor, name in actors.items() if actor.startswith(CONNECTION)})
    return Reading(entries, names, connections)


def _own_name(entry: AuditEntry) -> str | None:
    """What the entry of a person or a group says that it is called, who may be gone or still to come."""
    facts = entry.after or entry.before or {}
    found = facts.get({"user": "userName", "group": "displayName"}.get(entry.object_type, ""))
    return found if isinstance(found, str) else None


def _actor(uow: UnitOfWork, actors: Mapping[str, str], text: str) -> str:
    called = next((actor for actor, name in actors.items() if name == text), None)
    if called is not None:
        return called
    user = uow.users.called(text)
    return text if user is None else f"{PERSON}{user.id}"


def _ids(entries: Iterable[AuditEntry]) -> Iterator[str]:
    """The objects first, so that they are named whatever is in their facts."""
    found = list(entries)
    yield from people_among({each.actor for each in found})
    for entry in found:
        yield from entry.object_id.split("/")
        if entry.person is not None:
            yield entry.person
    for entry in found:
        for side in (entry.before, entry.after):
            yield from _within(side)


def _within(facts: Any) -> Iterator[str]:
    if isinstance(facts, str):
        if ID.fullmatch(facts):
            yield facts
    elif isinstance(facts, Mapping):
        for fact in facts.values():
            yield from _within(fact)
    elif isinstance(facts, list | tuple):
        for fact in facts:
            yield from _within(fact)
