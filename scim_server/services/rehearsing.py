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
    reason = gap(asked)
    if reason is not None:
        raise Invalid(reason)
    return rehearsals.rehearse(tenant, asked)


def gap(asked: LogEntry) -> str | None:
    """What the log lacks of a request, so that it cannot be carried out again; None where it has enough."""
    for beginning, reason in _GAPS.items():
        if any(note.startswith(beginning) for note in asked.notes):
            return reason
    return None


_GAPS = {
    PATH_CUT: "The log has only a part of the address, so the request cannot be carried out again.",
    BODY_CUT: "The log has only a part of the body, so the request cannot be carried out again.",
    BODY_NOT_KEPT: "The log does not have the body, so the request cannot be carried out again.",
}
