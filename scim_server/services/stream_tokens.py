"""What a stream is told of an event: of people and groups, and of itself (`services/security_events.py`)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from scim_server.domain.events import PlacedEvent
from scim_server.domain.streams import Status, Stream
from scim_server.domain.tenants import Tenant
from scim_server.services import security_events
from scim_server.services.addresses import issuer_address
from scim_server.services.feeds import Feed
from scim_server.services.ports import TokenSigner
from scim_server.services.security_events import Claims, is_told, stream_updated, tokens_of, verification

VERIFICATION_REQUESTED = "stream.verification_requested"
"""The event of somebody who asks whether a stream works."""
STATUS_CHANGED = "stream.status_changed"
"""The event of a stream that sends, or does not send any more."""

_OF_STREAMS = frozenset({VERIFICATION_REQUESTED, STATUS_CHANGED})


@dataclass(frozen=True, slots=True)
class Tokens:
    """What security event tokens are made with: who signs them, and where clients reach the server."""

    signer: TokenSigner
    public_url: str

    def issuer(self, tenant: Tenant) -> str:
        """Whose tokens the tenant's are: the issuer that publishes the keys."""
        return issuer_address(self.public_url, tenant.slug)


def told(issuer: str, feed: Feed, event: PlacedEvent) -> tuple[Claims, ...]:
    """The claims of the tokens that tell the event to the feed's stream, in order; none where it does not want to
    know."""
    stream, now = feed.stream, feed.uow.now
    if event.event not in _OF_STREAMS:
        return tokens_of(issuer, stream, event, now, feed.scope(event)) if is_told(event) else ()
    if event.payload.get("stream") != stream.id:
        return ()
    if event.event == VERIFICATION_REQUESTED:
        return (verification(issuer, stream, now, event.request_id, event.payload.get("state")),)
    status, reason = Status(event.payload["status"]), event.payload.get("reason")
    return (stream_updated(issuer, stream, now, event.request_id, status, reason),)


def repeated(stream: Stream, events: Sequence[PlacedEvent]) -> Collection[int]:
    """The positions of those events, in order, that later ones of them make needless."""
    return security_events.repeated(stream, events)
