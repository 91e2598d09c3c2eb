"""Events as they are told outside, whichever way they go."""

from typing import Any

from scim_server.domain.events import PlacedEvent
from scim_server.domain.tenants import Tenant

VERSION = 1
"""Of all types of events. What is added to an event leaves it as it is; what means something else is another one."""


def envelope(tenant: Tenant, event: PlacedEvent) -> dict[str, Any]:
    """The event as a document."""
    return {
        "id": event.id,
        "type": event.event,
        "version": VERSION,
        "tenant": tenant.slug,
        "subject": {"type": "user", "id": event.user_id},
        "number": event.number,
        "position": event.position,
        "at": event.at,
        "requestId": event.request_id,
        "data": dict(event.payload),
    }
