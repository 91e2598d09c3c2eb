"""People as the audit trail has them: found by a name of then or now, and drawn as of a moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scim_server.domain.directory import Status, standing
from scim_server.domain.errors import Missing
from scim_server.domain.instants import Instant
from scim_server.domain.readings import seat_of
from scim_server.domain.recollections import grant_of, user_of
from scim_server.domain.seats import FIRST_RANK, Place, Want
from scim_server.services.audit_entries import AuditEntry
from scim_server.services.ports import UnitOfWork
from scim_server.services.replaying import ERASED, Facts, State, replay

NO_WANT = Want(Place(FIRST_RANK, ""))
"""In place of a seat's terms, which nobody asks for here."""
UNKNOWN = "erased"
"""The status of somebody whose facts are erased."""


@dataclass(frozen=True, slots=True)
class PastPerson:
    """A person with what the trail has of them: entries about them, and of groups that speak of them."""

    id: str
    entries: Sequence[AuditEntry]


def person_called(uow: UnitOfWork, name: str, moment: Instant) -> PastPerson:
    """Who had that user name or id at the moment, else who has it or had it last. Raises Missing.

    A name that nobody has now costs a look at every change of a person in the tenant.
    """
    known = _known(uow, name)
    named = next((each for each in known if _has(uow, each, name, moment)), None)
    named = named or _had(uow, name, moment) or next(iter(known), None)
    if named is None:
        raise Missing(f"Nobody in tenant '{uow.tenant.slug}' has or had the user name or id '{name}'.")
    own = uow.trail.about(named)
    groups = uow.trail.of_type("group", mentioning=named)
    return PastPerson(named, sorted([*own, *groups], key=_order))


def person_at(person: PastPerson, moment: Instant) -> dict[str, Any] | None:
    """The person as of the moment; None where they were not there, or not there any more."""
    state = replay(person.entries, moment)
    facts = state.get(("user", person.id))
    if facts is ERASED:
        return {"status": UNKNOWN, "reason": "The person's key is dropped: nobody can read what they were."}
    if facts is None:
        return _departed(state.get(("tombstone", person.id)))
    ledger = state.get(("claims", person.id), {})
    seats, grants = _of(state, "seat"), _of(state, "grant")
    claims = ledger.get("claims", [])
    held = [seat_of(each["id"], each, NO_WANT) for each in seats]
    roles = [grant_of(each).role for each in grants]
    status, reason = standing(user_of(person.id, facts), {each["product"] for each in claims}, held, roles=roles)
    return {
        **facts,
        "status": status.value,
        "reason": reason,
        "seats": seats,
        "claims": claims,
        "exclusions": ledger.get("exclusions", []),
        "grants": grants,
        "groups": [
            {"id": group_id, "name": group.get("displayName")}
            for (kind, group_id), group in sorted(state.items())
            if kind == "group" and person.id in group.get("members", ())
        ],
    }


def _departed(tombstone: Facts | None) -> dict[str, Any] | None:
    if tombstone is None:
        return None
    if tombstone is ERASED:
        return {"status": Status.DELETED.value}
    return {
        "userName": tombstone["person"]["userName"],
        "status": Status.DELETED.value,
        "deleted": tombstone["deleted"],
        "successor": tombstone["successor"],
    }


def _of(state: State, kind: str) -> list[dict[str, Any]]:
    return [{"id": key[1], **facts} for key, facts in sorted(state.items()) if key[0] == kind and facts is not ERASED]


def _known(uow: UnitOfWork, name: str) -> list[str]:
    """Whoever has the name or id, and who had it when they were deleted."""
    live = uow.users.called(name)
    gone = [each.user.id for each in uow.tombstones.called(name)]
    by_id = [name] if uow.trail.of_objects("user", [name]) else []
    return list(dict.fromkeys([*([live.id] if live else []), *gone, *by_id]))


def _has(uow: UnitOfWork, user_id: str, name: str, moment: Instant) -> bool:
    facts = replay(uow.trail.of_objects("user", [user_id]), moment).get(("user", user_id))
    return user_id == name or (facts is not None and _is_called(facts, name))


def _had(uow: UnitOfWork, name: str, moment: Instant) -> str | None:
    """Who had a name that was given up since."""
    state = replay(uow.trail.of_type("user"), moment)
    return next((user_id for (_, user_id), facts in state.items() if _is_called(facts, name)), None)


def _is_called(facts: Mapping[str, Any], name: str) -> bool:
    return name.casefold() in {str(facts.get(each)).casefold() for each in ("userName", "nameBeforeDeletion")}


def _order(entry: AuditEntry) -> tuple[bool, int, str]:
    """The order of the trail."""
    return entry.sequence is None, entry.sequence or 0, entry.id
