"""The provisioning log: what clients sent, what was understood, what came of it, and what would come of it now."""

import json
from collections.abc import Iterator
from dataclasses import replace

from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response

from scim_server.console.answers import file_of, render, wants_part
from scim_server.console.calls import Call
from scim_server.console.conditions import conditions, moment, text
from scim_server.console.curls import curl_of
from scim_server.console.differences import differences
from scim_server.console.doers import doer
from scim_server.console.notes import note
from scim_server.console.objects import PLACES
from scim_server.console.paging import PAGE
from scim_server.console.sections import TENANT, Section
from scim_server.domain.errors import Invalid, Missing
from scim_server.services import audit_readings, deferring, provisioning_logs, rehearsing
from scim_server.services.audit_entries import SoughtEntries
from scim_server.services.csv_rows import Cell, csv_lines
from scim_server.services.deferring import Kept
from scim_server.services.log_entries import REFUSED, STATUSES, LogEntry, LoggedRequest, Sought, statuses_of
from scim_server.services.provisioning_logs import LogPage

logs = Section("log", lazy_gettext("Provisioning log"), "list_requests")
LOG = f"{TENANT}/log"
ACCEPTED = 202
MOST_LIVE = 200
"""Rows that a live list grows to."""
MOST_CHANGES = 100
"""Changes of one request that its page shows."""
LONGEST_ANSWER = 20_000
"""Characters of a trial's answer that are shown."""
AT_ONCE = 1_000
"""Rows of a file that are read at once."""
NAMES = ("connection", "method", "type", "answer", "about", "request", "since", "until")
"""The conditions of the form above the list."""
ANSWERS = ("2xx", "202", "refused", "4xx", "5xx")
COLUMNS = (
    "at",
    "request",
    "connection",
    "method",
    "path",
    "status",
    "scimType",
    "detail",
    "habits",
    "notes",
    "changes",
    "milliseconds",
    "body",
)


@logs.get(LOG, "logs.read")
def list_requests(call: Call) -> str:
    """Requests that meet the conditions of the form above them, newest first; the newest ones go on by themselves."""
    found = _found(call, replace(_sought(call, PAGE + 1), below=text(call, "below")))
    content = _content(call, found, PAGE)
    if wants_part():
        return render("log/rows.html" if "below" in call.query else "log/table.html", **content)
    return render("log/list.html", answers=ANSWERS, connections=found.connections, **content)


@logs.get(f"{LOG}/tail", "logs.read")
def tail_requests(call: Call) -> str:
    """The rows of the live list as they are now: those from the moment on that the first of them came."""
    sought = _sought(call, MOST_LIVE + 1)
    found = _found(call, replace(sought, since=moment(call, "live") or sought.since))
    return render("log/live.html", **_content(call, found, MOST_LIVE))


@logs.get(f"{LOG}/pause", "logs.read")
def pause_requests(call: Call) -> str:
    """The button that stops the live list, or the one that lets it go on."""
    return render(
        "log/tail.html", conditions=conditions(call, NAMES), live=text(call, "live"), paused="on" not in call.query
    )


@logs.get(f"{LOG}/<request>", "logs.read")
def show_request(call: Call) -> str:
    """One request in full: what came, what was understood, what changed, what was answered."""
    logged = provisioning_logs.request(call.units, call.tenant, call.path["request"])
    sought = SoughtEntries(MOST_CHANGES + 1, request_id=logged.entry.id)
    reading = audit_readings.read(call.units, call.tenant, sought) if call.may("audit.read") else None
    return render(
        "log/show.html",
        logged=logged,
        entry=logged.entry,
        later=_later(call, logged.entry),
        reading=reading,
        most=MOST_CHANGES,
        body=_indented(logged.entry.body),
        is_whole=rehearsing.is_whole(logged.entry),
        said=note,
        differences=differences,
        doer=doer,
        places=PLACES,
        command=curl_of(call.service.public_url, logged.entry),
    )


@logs.get(f"{LOG}/<request>/rehearsal", "logs.read")
def rehearse_request(call: Call) -> str:
    """What the request would do now. Nothing stays of it."""
    request_id = call.path["request"]
    found = rehearsing.rehearse(call.service.rehearsals, call.units, call.tenant, request_id)
    shown = found.changes[:MOST_CHANGES]
    return render(
        "log/rehearsal.html",
        entry=provisioning_logs.request(call.units, call.tenant, request_id).entry,
        found=found,
        answer=_indented(found.answer[:LONGEST_ANSWER] or None),
        is_cut=len(found.answer) > LONGEST_ANSWER,
        shown=shown,
        reading=audit_readings.named(call.units, call.tenant, shown),
        said=note,
        differences=differences,
        doer=doer,
        places=PLACES,
    )


@logs.get(f"{LOG}/export.csv", "logs.read")
def export_requests(call: Call) -> Response:
    """All requests that meet the conditions, as a file."""
    return file_of(csv_lines(COLUMNS, _rows(call, _sought(call, AT_ONCE))), f"{call.tenant.slug}-log.csv")


def _content(call: Call, found: LogPage, size: int) -> dict[str, object]:
    shown = found.requests[:size]
    is_whole = len(found.requests) <= size
    return {
        "found": shown,
        "more": None if is_whole else shown[-1].entry.id,
        "live": text(call, "live") or ("" if is_whole else shown[-1].entry.at),
        "conditions": conditions(call, NAMES),
        "is_newest": "below" not in call.query,
        "paused": False,
    }


def _later(call: Call, entry: LogEntry) -> Kept | None:
    """What is known of a request that was answered before it was carried out; that is kept for less long."""
    if entry.status != ACCEPTED and not any("respond-async" in each for each in entry.notes):
        return None
    try:
        return deferring.async_request(call.units, call.tenant, entry.id)
    except Missing:
        return None


def _indented(body: str | None) -> str | None:
    """JSON that was kept whole, to be read; else what there is of it."""
    try:
        return None if body is None else json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        return body


def _sought(call: Call, limit: int) -> Sought:
    """Raises Invalid for a condition that is none."""
    return Sought(
        limit,
        since=moment(call, "since"),
        until=moment(call, "until"),
        request_id=text(call, "request"),
        method=text(call, "method"),
        resource_type=text(call, "type"),
        statuses=_statuses(text(call, "answer")),
    )


def _found(call: Call, sought: Sought) -> LogPage:
    """Raises Missing for an unknown connection."""
    return provisioning_logs.page(call.units, call.tenant, sought, text(call, "connection"), text(call, "about"))


def _statuses(answer: str | None) -> tuple[int, int] | None:
    if answer is None:
        return None
    if answer == "refused":
        return REFUSED
    if STATUSES.match(answer) is None:
        raise Invalid(gettext("'%(text)s' is no status: write one, for example 409, or 4xx.", text=answer))
    return statuses_of(answer)


def _rows(call: Call, sought: Sought) -> Iterator[tuple[Cell, ...]]:
    while found := _found(call, sought).requests:
        yield from map(_row, found)
        sought = replace(sought, below=found[-1].entry.id)


def _row(request: LoggedRequest) -> tuple[Cell, ...]:
    entry = request.entry
    changes = "; ".join(f"{change.action} {change.object_id}" for change in entry.changes)
    return (
        entry.at,
        entry.id,
        request.connection,
        entry.method,
        entry.path,
        entry.status,
        entry.scim_type,
        entry.detail,
        "; ".join(entry.habits),
        "; ".join(entry.notes),
        changes,
        entry.milliseconds,
        entry.body,
    )
