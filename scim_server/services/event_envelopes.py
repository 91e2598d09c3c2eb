"""An event as whoever wants to know is told, by webhook, by pull or any other way (`event_schemas.py`)."""

from typing import Any

from scim_server.domain.events import GROUP, TENANT, USER, PlacedEvent, Subject
from scim_server.domain.tenants import Tenant
from scim_server.services.event_types import VERSION

NAMES = {USER: "userName", GROUP: "displayName"}
"""What the name of a subject is called, by its kind."""


def envelope(tenant: Tenant, event: PlacedEvent) -> dict[str, Any]:
    """The event as a document."""
    return {
        "id": event.id,
        "type": event.event,
        "version": VERSION,
        "tenant": tenant.slug,
        "subject": _subject(tenant, event.subject),
        "number": event.number,
        "position": event.position,
        "at": event.at,
        "requestId": event.request_id,
        "data": dict(event.payload),
    }


def _subject(tenant: Tenant, subject: Subject) -> dict[str, str]:
    facts = {"type": subject.kind, "id": tenant.slug if subject.kind == TENANT else subject.id}
    return facts if subject.name is None else facts | {NAMES[subject.kind]: subject.name}
