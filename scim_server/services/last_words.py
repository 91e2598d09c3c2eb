"""What a stream that does not send any more says of that: once, out of turn, and then nothing (SSF 1.0 section
8.1.5)."""

from scim_server.domain.events import PlacedEvent
from scim_server.domain.streams import STATUS_CHANGED, Stream
from scim_server.services.ports import UnitOfWork

MOST = 1000
"""Changes of status that are looked at."""


def last_word(uow: UnitOfWork, stream: Stream, position: int) -> PlacedEvent | None:
    """The event behind that position by which the stream has the status that it has; None where it is not there, or
    has no position yet."""
    changes = uow.placed_events.behind(position, MOST, types=[STATUS_CHANGED])
    last = next((each for each in reversed(changes) if each.payload.get("stream") == stream.id), None)
    return last if last is not None and last.payload.get("status") == stream.status else None
