"""JSON schemas (draft 2020-12) of events, made from the catalogue."""

from typing import Any

from scim_server.domain.events import GROUP, USER
from scim_server.services.event_types import EVENT_TYPES, VERSION, EventType

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TEXT = {"type": "string", "minLength": 1}
_PLACE = {"type": "integer", "minimum": 1}


def data_schema(name: str) -> dict[str, Any]:
    """What the `data` of an event of that type are. Members may be added to it in time."""
    facts = EVENT_TYPES[name].facts
    return {
        "type": "object",
        "required": [member for member, fact in facts.items() if fact.always],
        "properties": {member: {"description": fact.about, **fact.schema} for member, fact in facts.items()},
    }


def event_schema(name: str) -> dict[str, Any]:
    """What a whole event of that type is, as everybody gets it."""
    members = {
        "id": {**_TEXT, "description": "The event's own: whoever gets it twice knows it by this."},
        "type": {"const": name},
        "version": {"const": VERSION},
        "tenant": {**_TEXT, "description": "The tenant's slug."},
        "subject": _subject_schema(EVENT_TYPES[name]),
        "number": {**_PLACE, "description": "Its place among the events of its subject, without a gap."},
        "position": {**_PLACE, "description": "Its place among the events of the tenant, without a gap."},
        "at": {"type": "string", "format": "date-time"},
        "requestId": {"type": "string", "description": "What it came of, as log and audit trail name it."},
        "data": data_schema(name),
    }
    return {
        "$schema": DIALECT,
        "$id": f"urn:scim-server:event:{name}:{VERSION}",
        "title": name,
        "description": EVENT_TYPES[name].means,
        "type": "object",
        "required": list(members),
        "properties": members,
    }


def _subject_schema(kind: EventType) -> dict[str, Any]:
    members: dict[str, Any] = {"type": {"enum": list(kind.subjects)}, "id": _TEXT}
    if USER in kind.subjects:
        members["userName"] = {**_TEXT, "description": "The person's, where the event has it."}
    if GROUP in kind.subjects:
        members["displayName"] = {**_TEXT, "description": "The group's, where the event has it."}
    return {"type": "object", "required": ["type", "id"], "properties": members}
