"""What the provisioning log holds of a request, and by what its entries are sought."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from scim_server.domain.instants import Instant

PATH_CUT, BODY_CUT, BODY_NOT_KEPT = "path cut", "body cut", "body not kept"
"""What notes begin with where the log has less than came."""
REFUSED = (400, 599)
"""The statuses of requests that were not carried out."""
STATUSES = re.compile(r"^[1-5](?:xx|[0-9]{2})$")
"""A status, or a class of them: 409, 4xx."""


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
class LoggedRequest:
    """An entry as an admin reads it: with the tenant's slug and the name of the connection, its actor where that is
    gone."""

    entry: LogEntry
    tenant: str
    connection: str


@dataclass(frozen=True, slots=True)
class Activity:
    """What one actor sent of late: how many requests, how many of them were refused, and when the last one came."""

    actor: str
    requests: int
    refused: int
    last: Instant


@dataclass(frozen=True, slots=True)
class Sought:
    """Which entries to find: the newest `limit` that meet every condition that is not None.

    `since` is met by requests that came from that moment on, `until` by those that came before that one, `below` by
    entries older than the one of that id. `statuses` is a range, both ends included; `path` is a part of one.
    `object_id` is met by entries about the object, and by entries that changed it; `user_name` by those whose path or
    body names the user, which no index answers: with both, either is enough.
    """

    limit: int
    since: Instant | None = None
    until: Instant | None = None
    below: str | None = None
    request_id: str | None = None
    path: str | None = None
    actor: str | None = None
    method: str | None = None
    resource_type: str | None = None
    statuses: tuple[int, int] | None = None
    object_id: str | None = None
    user_name: str | None = None


def statuses_of(text: str) -> tuple[int, int]:
    """The first and the last status that a text of the form STATUSES means."""
    if text.endswith("xx"):
        return int(text[0]) * 100, int(text[0]) * 100 + 99
    return int(text), int(text)


def earliest_id(moment: Instant) -> str:
    """The lowest UUIDv7 of that millisecond (RFC 9562 section 5.7)."""
    milliseconds = int(datetime.fromisoformat(moment).timestamp() * 1000)
    digits = f"{milliseconds:012x}"
    return f"{digits[:8]}-{digits[8:]}-7000-8000-000000000000"
