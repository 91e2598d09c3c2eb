"""How things came to be, looked up in the audit trail: who began a claim, a seat, an exclusion, a membership.

Where the trail says nothing of who, the moment alone is known: it lies beside the thing itself.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Self

from scim_server.domain.explanations import Beginning
from scim_server.domain.instants import Instant
from scim_server.domain.seats import TRANSFERRED, Claim, Exclusion, Seat
from scim_server.services.actors import Actors, people_among
from scim_server.services.audit_entries import AuditEntry, Joining, SoughtEntries
from scim_server.services.entitling import BY_TRANSFER
from scim_server.services.ports import UnitOfWork

MOST_ENTRIES = 1000
"""About one person; what began before the oldest of so many, nobody looks up."""
SUSPENDED = "user.suspended"
OF_TRANSFERS = frozenset({"seat", "claims"})


@dataclass(frozen=True)
class History:
    """What the trail says of one person and the groups above them; entries are newest first."""

    user_id: str
    entries: Sequence[AuditEntry]
    joined: Mapping[tuple[str, str], Joining]
    others: Sequence[AuditEntry]
    names: Mapping[str, str]
    actors: Actors

    @classmethod
    def of(
        cls,
        uow: UnitOfWork,
        user_id: str,
        claims: Iterable[Claim],
        exclusions: Iterable[Exclusion],
        above: Collection[tuple[str, str]],
    ) -> Self:
        """Read with a fixed number of statements. `above` are memberships as pairs of member and group."""
        entries = uow.trail.find(SoughtEntries(MOST_ENTRIES, object_id=user_id))
        joinings = uow.trail.joinings({group for _, group in above}, {member for member, _ in above})
        moved = [each for each in claims if each.source == TRANSFERRED]
        kept_out = [each for each in exclusions if each.reason == BY_TRANSFER]
        begun = chain((_claimed(entries, each) for each in moved), (_excluded(entries, each) for each in kept_out))
        others = uow.trail.of_requests({entry.request_id for entry in begun if entry is not None}, OF_TRANSFERS)
        ids = {each.person for each in others if each.person} | people_among({each.actor for each in entries})
        names = {user.id: user.user_name for user in uow.users.some(ids)}
        joined = {(each.group_id, each.member_id): each for each in joinings}
        return cls(user_id, entries, joined, others, names, Actors.of(uow, names))

    def claim(self, claim: Claim) -> Beginning:
        entry = _claimed(self.entries, claim)
        return Beginning(claim.place.since) if entry is None else self._begun(claim.place.since, entry)

    def seat(self, seat: Seat) -> Beginning:
        mine = (entry for entry in self.entries if entry.object_id == seat.id and _state(entry) == seat.state.value)
        entry = next(mine, None)
        return Beginning(seat.since) if entry is None else self._begun(seat.since, entry)

    def exclusion(self, exclusion: Exclusion) -> Beginning:
        entry = _excluded(self.entries, exclusion)
        return Beginning(exclusion.since) if entry is None else self._begun(exclusion.since, entry)

    def suspension(self) -> Beginning | None:
        entry = next((entry for entry in self.entries if entry.action == SUSPENDED), None)
        entry = entry or next((entry for entry in self.entries if entry.action == "user.created"), None)
        return None if entry is None else self._begun(entry.at, entry)

    def membership(self, group_id: str, member_id: str) -> Beginning | None:
        joining = self.joined.get((group_id, member_id))
        return None if joining is None else self._begun(joining.at, joining)

    def counterpart(self, product: str, began: Beginning) -> str | None:
        """The user name of whoever else the same request moved the product of."""
        for entry in self.others:
            other = entry.request_id == began.request_id and entry.person not in {None, self.user_id}
            if other and product in _spoken_of(entry):
                return self.names.get(str(entry.person))
        return None

    def _begun(self, at: Instant, entry: AuditEntry | Joining) -> Beginning:
        who, name = self.actors.who(entry.actor), self.actors.names.get(entry.actor)
        return Beginning(at, entry.actor, who, entry.request_id, entry.cause, name)


def _claimed(entries: Iterable[AuditEntry], claim: Claim) -> AuditEntry | None:
    """The entry that names the claim as new, or else whatever happened to the person at that very moment."""
    since = claim.place.since
    return _came(entries, "claims", claim.product, claim.source, since) or _at(entries, since)


def _excluded(entries: Iterable[AuditEntry], exclusion: Exclusion) -> AuditEntry | None:
    since = exclusion.since
    return _came(entries, "exclusions", exclusion.product, exclusion.source, since) or _at(entries, since)


def _came(entries: Iterable[AuditEntry], member: str, *key: str) -> AuditEntry | None:
    """The newest entry of the person's claims by which an element with that product, source and moment came."""
    ledgers = (entry for entry in entries if entry.object_type == "claims")
    return next((entry for entry in ledgers if key in map(_key, _listed(entry.after, member))), None)


def _key(element: Mapping[str, Any]) -> tuple[str, ...]:
    return element["product"], element["source"], element["since"]


def _at(entries: Iterable[AuditEntry], moment: Instant) -> AuditEntry | None:
    return next((entry for entry in entries if entry.at == moment), None)


def _listed(facts: Mapping[str, Any] | None, member: str) -> list[Mapping[str, Any]]:
    return list((facts or {}).get(member, ()))


def _state(entry: AuditEntry) -> str | None:
    return (entry.after or {}).get("state")


def _spoken_of(entry: AuditEntry) -> Iterator[str]:
    """The products that an entry about a seat or claims speaks of."""
    for facts in (entry.before, entry.after):
        if facts is not None and "product" in facts:
            yield facts["product"]
        for member in ("claims", "exclusions"):
            yield from (each["product"] for each in _listed(facts, member))
