"""One request on its way into the provisioning log: what came, what was understood, what was answered."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import structlog
from flask import Request, Response

from scim_server.domain.events import Change
from scim_server.domain.instants import Instant
from scim_server.domain.tenants import Tenant
from scim_server.http.excerpts import LONGEST_DETAIL, LONGEST_ID, UNREAD, excerpt, storable
from scim_server.protocol.redactions import Redaction
from scim_server.services.log_entries import LogEntry, LoggedChange

MOST_CHANGES = 200
LEFT_OUT = "changes left out"
"""Changes that are kept; the audit trail has them all."""
ACCEPTED, NO_CONTENT = 202, 204
ANSWERED = {"POST": 201, "PUT": 200, "PATCH": 200}
"""RFC 7644 sections 3.3 and 3.5: how a write that is carried out is answered, if with a body."""
UNAVAILABLE = 503

_log = structlog.get_logger("scim_server.http")


class LogSink(Protocol):
    """Where entries go that ride in nobody's transaction."""

    def keep_now(self, entry: LogEntry) -> None: ...

    def keep_soon(self, entry: LogEntry) -> None: ...


class Recording:
    """What is known so far of one request; the use cases' `RequestLog`.

    The entry of a write goes into its transaction; every other is handed to the sink by `close`. A request that
    `gathers` makes several transactions and has one entry for all of them, written at its end.
    """

    def __init__(self, request: Request, redaction: Redaction, request_id: str, came: Instant, begun: float) -> None:
        self._request = request
        self._redaction = redaction
        self._id, self._at, self._begun = request_id, came, begun
        self._tenant: Tenant | None = None
        self._actor = ""
        self._gathers = self._rode = self._shown = False
        self._body: Any = UNREAD
        self._resource_type: str | None = None
        self._resource_id: str | None = None
        self._changes: list[LoggedChange] = []
        self._habits: dict[str, None] = {}
        self._notes: dict[str, None] = {}

    def begin(self, tenant: Tenant, actor: str, *, gathers: bool) -> None:
        """Say whose request it is; without that there is no entry."""
        self._tenant, self._actor, self._gathers = tenant, actor, gathers

    def concerns(self, resource_type: str, resource_id: str | None = None) -> None:
        """Say what the address names."""
        self._resource_type, self._resource_id = resource_type, resource_id

    def came(self, body: Any) -> Any:
        """The body as it came, passed through."""
        self._body = body
        return body

    def understood(self, habits: Iterable[str]) -> None:
        """Say which habits fired."""
        self._habits |= dict.fromkeys(habits)

    def note(self, text: str) -> None:
        self._notes[text] = None

    def answering(self, resource_id: str, *, shown: bool) -> None:
        self._resource_id, self._shown = resource_id, shown

    def entry(self, changes: Sequence[Change]) -> LogEntry | None:
        if self._gathers:
            return None
        return self._entry(ANSWERED[self._request.method] if self._shown else NO_CONTENT, _logged(changes))

    def committed(self, changes: Sequence[Change]) -> None:
        self._rode = not self._gathers
        self._changes.extend(_logged(changes))

    def accepted(self) -> LogEntry:
        """The entry of a request that is carried out later."""
        return self._entry(ACCEPTED, ())

    def rode(self) -> None:
        """Say that its entry is there to stay."""
        self._rode = True

    def close(self, sink: LogSink, response: Response) -> None:
        """Hand the entry to the sink, unless it went with the transaction."""
        if self._tenant is None or self._rode:
            return
        try:
            self._hand_over(sink, response)
        except Exception as error:
            _log.error("log entry lost", request_id=self._id, exc_info=error)

    def _hand_over(self, sink: LogSink, response: Response) -> None:
        status = response.status_code
        entry = self._entry(status, self._changes, response.get_json() if status >= 400 else None)
        if status != UNAVAILABLE and (status >= 400 or self._changes):
            sink.keep_now(entry)
        else:
            sink.keep_soon(entry)

    def _entry(self, status: int, changes: Sequence[LoggedChange], error: Mapping[str, Any] | None = None) -> LogEntry:
        assert self._tenant is not None
        kept = excerpt(self._request, self._body, self._redaction)
        detail = (error or {}).get("detail")
        if detail is not None:
            redacted = self._redaction.text if kept.is_clean else self._redaction.detail
            detail = storable(redacted(detail))[:LONGEST_DETAIL]
        named = self._resource_id
        entry = LogEntry(
            id=self._id,
            tenant_id=self._tenant.id,
            at=self._at,
            actor=self._actor,
            client_request_id=kept.client_request_id,
            method=kept.method,
            path=kept.path,
            body=kept.body,
            habits=tuple(self._habits),
            notes=(*self._notes, *kept.notes),
            status=status,
            scim_type=(error or {}).get("scimType"),
            detail=detail,
            resource_type=self._resource_type,
            resource_id=None if named is None else storable(self._redaction.text(named))[:LONGEST_ID],
            milliseconds=round((time.perf_counter() - self._begun) * 1e3),
        )
        return telling(entry, changes)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The log of a request that is kept and carried out later, for the transaction that keeps it."""

    recording: Recording

    def note(self, text: str) -> None:
        self.recording.note(text)

    def answering(self, resource_id: str, *, shown: bool) -> None:
        self.recording.answering(resource_id, shown=shown)

    def entry(self, _changes: Sequence[Change]) -> LogEntry:
        return self.recording.accepted()

    def committed(self, _changes: Sequence[Change]) -> None:
        self.recording.rode()


def telling(entry: LogEntry, changes: Sequence[LoggedChange]) -> LogEntry:
    """The entry with those changes, of many the first, in place of what it has of them."""
    left_out = len(changes) - MOST_CHANGES
    notes = [each for each in entry.notes if not each.startswith(LEFT_OUT)]
    notes += [f"{LEFT_OUT}: {left_out}, which the audit trail has"] if left_out > 0 else []
    return replace(entry, changes=changes[:MOST_CHANGES], notes=tuple(notes))


def _logged(changes: Sequence[Change]) -> list[LoggedChange]:
    return [LoggedChange(change.object_type, change.object_id, change.action) for change in changes]
