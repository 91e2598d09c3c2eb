"""Groups as the audit trail has them: found by a name of then or now, and drawn as of a moment."""

from collections.abc import Collection, Sequence
from typing import Any

from scim_server.domain.errors import Missing
from scim_server.domain.instants import Instant
from scim_server.services.audit_entries import AuditEntry
from scim_server.services.ports import UnitOfWork
from scim_server.services.replaying import Facts, replay


def group_called(uow: UnitOfWork, name: str, moment: Instant) -> tuple[str, list[AuditEntry]]:
    """The group that had that name or id at the moment, else the one that has it or had it last, with its entries.

    Raises Missing. A name that no group has now costs a look at every change of a group in the tenant.
    """
    live = uow.groups.named(name)
    for group_id in [name, *([live.id] if live else [])]:
        entries = uow.trail.of_objects("group", [group_id])
        facts = replay(entries, moment).get(("group", group_id))
        if entries and (group_id == name or (facts is not None and _is_called(facts, name))):
            return group_id, entries
    every = uow.trail.of_type("group")
    had = [key[1] for key, facts in replay(every, moment).items() if _is_called(facts, name)]
    ever = [entry.object_id for entry in reversed(every) if _is_called(entry.before or entry.after or {}, name)]
    for group_id in [*had, *([live.id] if live else []), *ever]:
        return group_id, [entry for entry in every if entry.object_id == group_id]
    raise Missing(f"No group of tenant '{uow.tenant.slug}' has or had the name or id '{name}'.")


def group_at(uow: UnitOfWork, entries: Sequence[AuditEntry], moment: Instant) -> dict[str, Any] | None:
    """The group as of the moment, its members with the names they have now; None where it was not there."""
    state = list(replay(entries, moment).values())
    if not state:
        return None
    members = list(state[0].get("members", ()))
    names = names_of(uow, members)
    return {**state[0], "members": [{"id": each, "name": names.get(each)} for each in sorted(members)]}


def names_of(uow: UnitOfWork, ids: Collection[str]) -> dict[str, str]:
    """What those people and groups are called now, of those who are there or were deleted of late."""
    names = uow.groups.names(ids)
    names |= {user.id: user.user_name for user in uow.users.some(ids)}
    absent = set(ids) - names.keys()
    if absent:
        names |= {each.user.id: each.user.user_name for each in uow.tombstones.all() if each.user.id in absent}
    return names


def _is_called(facts: Facts, name: str) -> bool:
    return str(facts.get("displayName")).casefold() == name.casefold()
