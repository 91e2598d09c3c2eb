"""The audit trail: who changed what, how it was before and is after, and the proof that nobody changed it since."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from scim_server.console.answers import file_of, render, wants_part
from scim_server.console.calls import Call
from scim_server.console.conditions import conditions, moment, text
from scim_server.console.differences import differences
from scim_server.console.doers import doer
from scim_server.console.objects import PLACES
from scim_server.console.paging import PAGE
from scim_server.console.sections import TENANT, Section
from scim_server.services import audit_readings, auditing
from scim_server.services.audit_entries import OBJECT_TYPES, AuditEntry, SoughtEntries
from scim_server.services.audit_readings import Reading
from scim_server.services.csv_rows import Cell, csv_lines

audits = Section("audit", lazy_gettext("Audit trail"), "list_entries")
AUDIT = f"{TENANT}/audit"
NAMES = ("object", "about", "actor", "action", "request", "since", "until")
"""The conditions of the form above the list."""
AT_ONCE = 500
"""Entries of a file that are read at once."""
COLUMNS = (
    "at",
    "entry",
    "actor",
    "actorName",
    "action",
    "objectType",
    "objectId",
    "before",
    "after",
    "seats",
    "cause",
    "request",
    "sequence",
)
ACTORS = ("cli", "system", "invited")
"""Those that have no name."""


@audits.get(AUDIT, "audit.read")
def list_entries(call: Call) -> str:
    """Changes that meet the conditions of the form above them, newest first."""
    reading = _read(call, replace(_sought(call), below=text(call, "below")))
    shown = reading.entries[:PAGE]
    content = {
        "reading": reading,
        "found": shown,
        "more": shown[-1].id if len(reading.entries) > PAGE else None,
        "conditions": conditions(call, NAMES),
        "differences": differences,
        "doer": doer,
        "places": PLACES,
    }
    if wants_part():
        return render("audit/rows.html" if "below" in call.query else "audit/table.html", **content)
    return render("audit/list.html", types=OBJECT_TYPES, actors=ACTORS, **content)


@audits.get(f"{AUDIT}/export.csv", "audit.read")
def export_entries(call: Call) -> Response:
    """All changes that meet the conditions, as a file. Facts about people are in it in clear."""
    rows = _rows(call, replace(_sought(call), limit=AT_ONCE))
    return file_of(csv_lines(COLUMNS, rows), f"{call.tenant.slug}-audit.csv")


@audits.get(f"{AUDIT}/entries/<entry>", "audit.read")
def show_entry(call: Call) -> str:
    """One change in full: the object before and after, who, why, and its place in the chain."""
    entry = auditing.entry(call.units, call.tenant, call.path["entry"])
    reading = audit_readings.named(call.units, call.tenant, [entry])
    return render("audit/show.html", entry=entry, reading=reading, differences=differences, doer=doer, places=PLACES)


def _sought(call: Call) -> SoughtEntries:
    """A page of what the form asks for. Raises Invalid for a condition that is none."""
    return SoughtEntries(
        PAGE + 1,
        request_id=text(call, "request"),
        since=moment(call, "since"),
        until=moment(call, "until"),
        action=text(call, "action"),
        object_type=text(call, "object"),
    )


def _read(call: Call, sought: SoughtEntries) -> Reading:
    return audit_readings.read(call.units, call.tenant, sought, text(call, "about"), text(call, "actor"))


def _rows(call: Call, sought: SoughtEntries) -> Iterator[tuple[Cell, ...]]:
    while (reading := _read(call, sought)).entries:
        yield from (_row(entry, reading) for entry in reading.entries)
        sought = replace(sought, below=reading.entries[-1].id)


def _row(entry: AuditEntry, reading: Reading) -> tuple[Cell, ...]:
    return (
        entry.at,
        entry.id,
        entry.actor,
        reading.names.get(entry.actor.partition(":")[2]),
        entry.action,
        entry.object_type,
        entry.object_id,
        _json(entry.before),
        _json(entry.after),
        _json(entry.seats or None),
        entry.cause,
        entry.request_id,
        entry.sequence,
    )


def _json(facts: Mapping[str, Any] | None) -> str | None:
    return None if facts is None else json.dumps(facts, ensure_ascii=False)
