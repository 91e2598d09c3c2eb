"""What an event of a person means for their account and their sessions: RISC 1.0 and CAEP 1.0.

These name a person by what any receiver knows (CAEP interoperability profile 1.0 section 2.5): their address, else the
issuer with the id that it has for them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scim_server.domain.directory import ADDRESS, BLOCKED_BY_ADMIN, MOVED_AWAY
from scim_server.domain.events import TAKEN_OVER, USER, PlacedEvent
from scim_server.domain.instants import Instant
from scim_server.services.security_event_types import DISABLED, ENABLED, IDENTIFIER_CHANGED, PURGED, SESSION_REVOKED

SUSPENDED, REACTIVATED, DELETED = "user.suspended", "user.reactivated", "user.deleted"
_ACCOUNTS = {SUSPENDED: DISABLED, REACTIVATED: ENABLED, DELETED: PURGED}
"""By the event; the reasons that account-disabled can have, hijacking and bulk-account, are none of ours."""
_REASONS: Mapping[str, tuple[str, str | None]] = {
    "by_idp": ("The identity provider suspended the person.", "system"),
    BLOCKED_BY_ADMIN: ("An admin suspended the person.", "admin"),
    "declined": ("The person declined the invitation.", "user"),
    MOVED_AWAY: ("The person moved to another organisation.", "user"),
    DELETED: ("The person was deleted.", None),
    TAKEN_OVER: ("Somebody else has taken the person's place.", "admin"),
}
"""Why sessions end, and which kind of entity had it so (CAEP 1.0 section 2) where the event says it."""
_IDENTIFIERS = {"email": "newEmail", "userName": "newUserName"}


@dataclass(frozen=True, slots=True)
class Told:
    """One security event: its URI and payload, and whom it is about as a subject identifier (RFC 9493).

    `part` tells it apart from others with the same URI that come of the same event.
    """

    uri: str
    payload: Mapping[str, Any]
    subject: Mapping[str, str]
    part: str = ""


def account_events(issuer: str, event: PlacedEvent) -> Iterator[Told]:
    """RISC first, then CAEP; nothing of what is not about a person."""
    if event.subject.kind != USER:
        return
    person = _person(issuer, event)
    if event.event in _ACCOUNTS:
        yield Told(_ACCOUNTS[event.event], {}, person)
    yield from _other_identifiers(event)
    if event.event in (SUSPENDED, DELETED, TAKEN_OVER):
        yield Told(SESSION_REVOKED, _revocation(event), person)


def _person(issuer: str, event: PlacedEvent) -> Mapping[str, str]:
    """Of a place that was taken: the person before, whose sessions end."""
    name = event.payload.get("before") if event.event == TAKEN_OVER else event.subject.name
    if isinstance(name, str) and ADDRESS.fullmatch(name):
        return _address(name)
    return {"format": "iss_sub", "iss": issuer, "sub": event.subject.id}


def _address(address: str) -> Mapping[str, str]:
    return {"format": "email", "email": address}


def _other_identifiers(event: PlacedEvent) -> Iterator[Told]:
    """Of each address that is another, once; the subject is the one before, and nothing else than an address can be
    (RISC 1.0 section 2.5)."""
    known = {} if event.scim is None else event.scim.identifiers
    told: set[str] = set()
    for former, new in _IDENTIFIERS.items():
        address = known.get(former)
        if address is None or address in told or not ADDRESS.fullmatch(address):
            continue
        told.add(address)
        payload = {"new-value": known[new]} if new in known else {}
        yield Told(IDENTIFIER_CHANGED, payload, _address(address), former)


def _revocation(event: PlacedEvent) -> Mapping[str, Any]:
    why = event.payload.get("reason", "by_idp") if event.event == SUSPENDED else event.event
    reason, entity = _REASONS.get(why, ("The person was suspended.", None))
    payload: dict[str, Any] = {"event_timestamp": seconds(event.at), "reason_admin": {"en": reason}}
    return payload if entity is None else payload | {"initiating_entity": entity}


def seconds(moment: Instant) -> int:
    """The moment as tokens have it: whole seconds since 1970."""
    return int(datetime.fromisoformat(moment).timestamp())
