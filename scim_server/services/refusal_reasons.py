"""Why a request was not answered as its client takes it, and requests of that kind in the provisioning log."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from scim_server.domain.instants import Instant
from scim_server.domain.tenants import SCIM_WRITE
from scim_server.services.findings import Finding
from scim_server.services.log_entries import LogEntry
from scim_server.services.ports import Played

MOST = 5
"""Kinds of refused requests that are told."""
_BY_STATUS = {400: "step_refused", 401: "step_scope", 404: "step_not_there", 409: "step_taken", 429: "step_limited"}
_BY_SCIM_TYPE = {"sensitive": "step_sensitive"}
_BY_WRONG = {"skipped": "step_skipped", "total": "step_otherwise", "content": "step_otherwise"}
_READING = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Refusals:
    """Requests of one kind that were refused, by the last of them."""

    method: str
    path: str
    status: int
    times: int
    at: Instant
    detail: str | None
    why: Finding


def why(played: Played, scopes: frozenset[str]) -> Finding | None:
    """What keeps a request from its client's content; None where nothing does."""
    if played.wrong is None:
        return None
    if played.wrong in _BY_WRONG:
        return Finding(_BY_WRONG[played.wrong])
    if played.method not in _READING and SCIM_WRITE not in scopes:
        return Finding("step_scope")
    return reason(played.status or 0, played.scim_type, played.detail)


def reason(status: int, scim_type: str | None, detail: str | None) -> Finding:
    """What an error means."""
    if scim_type in _BY_SCIM_TYPE:
        return Finding(_BY_SCIM_TYPE[scim_type])
    if status == 403:
        return Finding("step_seats" if (detail or "").startswith("seatLimit") else "step_forbidden")
    fallback = "step_failed" if status >= 500 else "step_refused" if status >= 400 else "step_otherwise"
    return Finding(_BY_STATUS.get(status, fallback))


def by_kind(refused: Sequence[LogEntry]) -> list[Refusals]:
    """The most frequent kinds among entries, which are oldest first; each as the last of its kind was."""
    kinds = {_kind(entry): entry for entry in refused}
    return [
        Refusals(
            last.method,
            last.path,
            last.status,
            times,
            last.at,
            last.detail,
            reason(last.status, last.scim_type, last.detail),
        )
        for kind, times in Counter(map(_kind, refused)).most_common(MOST)
        for last in [kinds[kind]]
    ]


def _kind(entry: LogEntry) -> tuple[str, str | None, int, str | None]:
    return entry.method, entry.resource_type, entry.status, entry.scim_type
