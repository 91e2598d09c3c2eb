"""An event as a webhook or a stream is sent it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

import orjson

from scim_server.domain.events import PlacedEvent
from scim_server.domain.streams import Receiver, Stream
from scim_server.domain.webhooks import Delivery, Kind, Sending, Webhook
from scim_server.services.event_envelopes import envelope
from scim_server.services.feeds import Feed
from scim_server.services.ports import UnitOfWork
from scim_server.services.security_events import repeated
from scim_server.services.stream_tokens import concerns_streams, is_of_streams, told


class Composer(Protocol):
    """Makes what one receiver is sent, in one transaction."""

    @property
    def uow(self) -> UnitOfWork: ...

    def events(self, position: int, most: int) -> Sequence[PlacedEvent]:
        """Those behind that position, in order, so many at most, with what is said of them."""
        ...

    def parked(self, event_ids: Collection[str]) -> Sequence[PlacedEvent]:
        """Those of these ids that are still kept, with what is said of them."""
        ...

    def sending(self, event: PlacedEvent, kind: Kind, parked: Delivery | None = None) -> Sending | None:
        """The event as it is sent; None where the receiver does not want to know of it."""
        ...

    def needless(self, events: Sequence[PlacedEvent]) -> Collection[int]:
        """The positions of those events, in order, that later ones of them make needless."""
        ...


def composer_of(uow: UnitOfWork, receiver: Receiver, issuer: str, settled: int) -> Composer:
    """That of a receiver. `issuer` is whose security event tokens the tenant's are; up to `settled` all events are
    dealt with."""
    if isinstance(receiver, Stream):
        return StreamComposer(uow, receiver, issuer, Feed(uow, receiver, settled))
    return WebhookComposer(uow, receiver)


@dataclass(frozen=True, slots=True)
class WebhookComposer:
    """Of a webhook. What is parked was wanted when it was sent first."""

    uow: UnitOfWork
    webhook: Webhook

    def events(self, position: int, most: int) -> Sequence[PlacedEvent]:
        return self.uow.placed_events.behind(position, most, scim=False)

    def parked(self, event_ids: Collection[str]) -> Sequence[PlacedEvent]:
        return self.uow.placed_events.among(event_ids, scim=False)

    def sending(self, event: PlacedEvent, kind: Kind, parked: Delivery | None = None) -> Sending | None:
        if parked is None and not self.webhook.takes(event.event):
            return None
        return Sending(event, kind, orjson.dumps(envelope(self.uow.tenant, event)), parked)

    def needless(self, _events: Sequence[PlacedEvent]) -> Collection[int]:
        return ()


@dataclass(frozen=True, slots=True)
class StreamComposer:
    """Of a stream."""

    uow: UnitOfWork
    stream: Stream
    issuer: str
    feed: Feed

    def events(self, position: int, most: int) -> Sequence[PlacedEvent]:
        return self.uow.placed_events.behind(position, most)

    def parked(self, event_ids: Collection[str]) -> Sequence[PlacedEvent]:
        return self.uow.placed_events.among(event_ids)

    def sending(self, event: PlacedEvent, kind: Kind, parked: Delivery | None = None) -> Sending | None:
        if not concerns_streams(event):  # nor is anybody's standing decided with it
            return None
        if kind is Kind.REPLAY and is_of_streams(event):  # which was so at its time
            return None
        tokens = told(self.issuer, self.stream, event, self.uow.now, self.feed.scope(event))
        return Sending(event, kind, parked=parked, tokens=tokens) if tokens else None

    def needless(self, events: Sequence[PlacedEvent]) -> Collection[int]:
        """They are about to be sent: all their subjects are looked up at once."""
        self.feed.look([each for each in events if concerns_streams(each)])
        return repeated(self.stream, events)
