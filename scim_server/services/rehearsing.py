"""A logged request carried out once more, as things are now, with nothing left of it: what would come of it?

Who knows the protocol carries it out (`Rehearsals`), in a transaction that nobody commits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from scim_server.domain.errors import Invalid
from scim_server.domain.tenants import Tenant
from scim_server.services.audit_entries import AuditEntry
from scim_server.services.log_entries import BODY_CUT, BODY_NOT_KEPT, PATH_CUT, LogEntry
from scim_server.services.ports import Units
from scim_server.services.provisioning_logs import request


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What came of it: the answer, how the request was understood, and the entries the trail would have got."""

    status: int
    scim_type: str | None
    answer: str
    habits: Sequence[str]
    notes: Sequence[str]
    changes: Sequence[AuditEntry]


class Rehearsals(Protocol):
    """Carries requests out and leaves nothing behind."""

    def rehearse(self, tenant: Tenant, asked: LogEntry) -> Rehearsed:
        """Raises Invalid where whoever sent it is gone or suspended."""
        ...


def rehearse(rehearsals: Rehearsals, units: Units, tenant: Tenant, request_id: str) -> Rehearsed:
    """Carry the request of that id out, from whoever sent it, without what was taken out of the log.

    Raises Missing where the log has no such request, Invalid where it has not all of it, or the sender is gone.
    """
    asked = request(units, tenant, request_id).entry
    check_whole(asked)
    return rehearsals.rehearse(tenant, asked)


def check_whole(asked: LogEntry) -> None:
    """Raises Invalid where the log has less of a request than came, so that it cannot be carried out again."""
    if _lacks(asked, PATH_CUT):
        raise Invalid("The log has only a part of the address, so the request cannot be carried out again.")
    if _lacks(asked, BODY_CUT):
        raise Invalid("The log has only a part of the body, so the request cannot be carried out again.")
    if _lacks(asked, BODY_NOT_KEPT):
        raise Invalid("The log does not have the body, so the request cannot be carried out again.")


def is_whole(asked: LogEntry) -> bool:
    """Whether it can be."""
    return not any(_lacks(asked, part) for part in (PATH_CUT, BODY_CUT, BODY_NOT_KEPT))


def sender_gone() -> Invalid:
    """The refusal of a request whose sender could not send it today."""
    return Invalid("Whoever sent the request is gone or suspended, so it cannot be carried out again.")


def _lacks(asked: LogEntry, part: str) -> bool:
    return any(note.startswith(part) for note in asked.notes)
