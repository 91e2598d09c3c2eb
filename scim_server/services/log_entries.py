"""What the provisioning log holds of a request, and by what its entries are sought."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from scim_server.domain.instants import Instant


@dataclass(frozen=True, slots=True)
class LoggedChange:
    """One object that the request changed; the audit trail has it before and after."""

    object_type: str
    object_id: str
    action: str


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One request: what came, what was understood, what changed, what was answered.

    `id` is the request's id, a UUIDv7, so entries sort by the time they came. `actor` is `connection:<id>`.
    Secrets have been taken out of `path`, `body` and `detail`; `notes` say what was left out or passed over.
    """

    id: str
    tenant_id: str
    at: Instant
    actor: str
    method: str
    path: str
    status: int
    milliseconds: int
    client_request_id: str | None = None
    body: str | None = None
    habits: Sequence[str] = ()
    notes: Sequence[str] = ()
    changes: Sequence[LoggedChange] = ()
    scim_type: str | None = None
    detail: str | None = None
    resource_type: str | None = None
    resource_id: str | None = None


@dataclass(frozen=True, slots=True)
class Sought:
    """Which entries to find: the newest `limit` that meet every condition that is not None.

    `statuses` is a range, both ends included. `user_name` and `object_id` are met by entries about the object,
    by entries that changed it, and by entries whose path or body names the user.
    """

    limit: int
    since: Instant | None = None
    actor: str | None = None
    statuses: tuple[int, int] | None = None
    object_id: str | None = None
    user_name: str | None = None


def earliest_id(moment: Instant) -> str:
    """The lowest UUIDv7 of that millisecond (RFC 9562 section 5.7)."""
    milliseconds = int(datetime.fromisoformat(moment).timestamp() * 1000)
    digits = f"{milliseconds:012x}"
    return f"{digits[:8]}-{digits[8:]}-7000-8000-000000000000"
