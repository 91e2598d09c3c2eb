"""What a stream is told of an event: of people and groups, and of itself (`services/security_events.py`)."""

from scim_server.domain.events import PlacedEvent
from scim_server.domain.feeds import Scope
from scim_server.domain.instants import Instant
from scim_server.domain.streams import STATUS_CHANGED, VERIFICATION_REQUESTED, Status, Stream
from scim_server.services.security_events import Claims, is_told, stream_updated, tokens_of, verification

_OF_STREAMS = frozenset({VERIFICATION_REQUESTED, STATUS_CHANGED})


def concerns_streams(event: PlacedEvent) -> bool:
    """Whether the event says anything that some stream can want to know."""
    return is_of_streams(event) or is_told(event)


def is_of_streams(event: PlacedEvent) -> bool:
    """Whether some stream says it of itself."""
    return event.event in _OF_STREAMS


def told(issuer: str, stream: Stream, event: PlacedEvent, now: Instant, scope: Scope) -> tuple[Claims, ...]:
    """The claims of the tokens that tell the event to the stream, in order; none where it does not want to know.

    `issuer` is whose the tokens are, `scope` how the event's subject stands with the stream's feed.
    """
    if not is_of_streams(event):
        return tokens_of(issuer, stream, event, now, scope)
    if event.payload.get("stream") != stream.id:
        return ()
    if event.event == VERIFICATION_REQUESTED:
        return (verification(issuer, stream, now, event.request_id, event.payload.get("state")),)
    status, reason = Status(event.payload["status"]), event.payload.get("reason")
    return (stream_updated(issuer, stream, now, event.request_id, status, reason),)
