"""One person's page: status and reason, seats and why, groups, roles, issues, history, upcoming sessions."""

from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Response

from scim_server.console.answers import go, render
from scim_server.console.calls import Call
from scim_server.console.chains import chain
from scim_server.console.doers import doer
from scim_server.console.sections import TENANT, Section
from scim_server.console.words import word
from scim_server.console.words.issues import WORDS as ISSUES
from scim_server.domain.employments import ATTRIBUTES, ENTERPRISE
from scim_server.domain.errors import Missing
from scim_server.domain.events import PlacedEvent
from scim_server.services import explaining, people, people_facets, person_sheets, receipt_lists, scheduling
from scim_server.services.audit_entries import AuditEntry
from scim_server.services.person_sheets import PersonSheet

persons = Section("people", within_care=True)
PERSON = f"{TENANT}/people/<user>"
MOST_LINES = 30
"""Of the history."""
MOST_SESSIONS = 20
MOST_EVENTS = 10
SHOWN = frozenset({"display_name", "address", "user_name", "manager"})
"""What has a place of its own on the page."""
EVENTS = "events.read"
HISTORY = "audit.read"
"""What it takes to see who did what."""


@persons.get(PERSON, "people.read")
def show_person(call: Call) -> str | Response:
    """Who they are, what they hold and why, and what can be done. Who was deleted has a page of their own."""
    try:
        sheet = person_sheets.sheet(call.units, call.tenant, call.path["user"])
    except Missing:
        gone = people.deleted(call.units, call.tenant, call.path["user"])
        return go(call.url("show_deleted_person", gone=gone.tombstone.user.id))
    user = sheet.portrait.user
    account = explaining.explain(call.units, call.tenant, user.id)
    now = call.units.now()
    upcoming = scheduling.programme(call.units, call.tenant, user.id, after=(now, ""), most=MOST_SESSIONS)
    return render(
        "people/show.html",
        sheet=sheet,
        portrait=sheet.portrait,
        attributes={name: text for name, text in particulars(sheet).items() if name not in SHOWN},
        products=[(each, chain(each)) for each in account.products],
        givable=people_facets.products(call.units, call.tenant),
        issue_words=ISSUES,
        history=_history(call, user.id),
        events=_events(call, user.id),
        sessions=upcoming.listed,
        receipts=receipt_lists.of_person(call.units, call.tenant, user.id),
        doer=doer,
        password_url=call.tenant.settings.address("password_url"),
    )


def particulars(sheet: PersonSheet) -> dict[str, str]:
    """Who the person is, by the names of what can be edited; what is not known is an empty text."""
    user, profile = sheet.portrait.user, sheet.portrait.user.profile
    name, employment = profile.get("name") or {}, profile.get(ENTERPRISE) or {}
    return {
        "first": name.get("givenName") or "",
        "last": name.get("familyName") or "",
        "display_name": user.display_name or "",
        "address": user.address or "",
        "user_name": user.user_name,
        "language": profile.get("preferredLanguage") or "",
        "title": profile.get("title") or "",
        **{member: employment.get(attribute) or "" for member, attribute in ATTRIBUTES.items()},
        "manager": sheet.manager.user_name if sheet.manager else "",
    }


def _history(call: Call, user_id: str) -> list[tuple[AuditEntry, str, str]]:
    """Entries of the audit trail with what they are about and who did it; none for who may not read it."""
    if not call.may(HISTORY):
        return []
    chronicle = person_sheets.chronicle(call.units, call.tenant, user_id, MOST_LINES)
    return [
        (entry, _about(entry.after or entry.before or {}), doer(entry.actor, chronicle.names.get(entry.actor)))
        for entry in chronicle.entries
    ]


def _events(call: Call, user_id: str) -> list[PlacedEvent]:
    """What applications were told of them of late; nothing for who may not read events."""
    return person_sheets.events(call.units, call.tenant, user_id, MOST_EVENTS) if call.may(EVENTS) else []


def _about(facts: Mapping[str, Any]) -> str:
    """What of the person an entry is about: a product, a role or a session."""
    return facts.get("product") or word("role", facts.get("role")) or facts.get("title") or ""
