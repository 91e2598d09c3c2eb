"""An event as a webhook or a stream is sent it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

import orjson

from scim_server.domain.events import PlacedEvent
from scim_server.domain.streams import Receiver, Stream
from scim_server.domain.webhooks import Delivery, Kind, Sending
from scim_server.services import stream_tokens
from scim_server.services.event_envelopes import envelope
from scim_server.services.feeds import Feed
from scim_server.services.ports import UnitOfWork
from scim_server.services.security_events import is_told


@dataclass(frozen=True)
class Composer:
    """Makes what one receiver is sent, in one transaction. `issuer` is whose tokens the tenant's are."""

    uow: UnitOfWork
    receiver: Receiver
    issuer: str

    @cached_property
    def _feed(self) -> Feed | None:
        return Feed(self.uow, self.receiver) if isinstance(self.receiver, Stream) else None

    def look(self, events: Sequence[PlacedEvent]) -> None:
        """Have at hand what is known of those events' subjects."""
        if self._feed is not None:
            self._feed.look([each for each in events if is_told(each)])

    def sending(self, event: PlacedEvent, kind: Kind, parked: Delivery | None = None) -> Sending | None:
        """The event as it is sent; None where the receiver does not want to know of it."""
        if self._feed is not None:
            tokens = stream_tokens.told(self.issuer, self._feed, event)
            return Sending(event, kind, parked=parked, tokens=tokens) if tokens else None
        if kind is not Kind.PARKED and not self.receiver.takes(event.event):
            return None
        return Sending(event, kind, orjson.dumps(envelope(self.uow.tenant, event)), parked)

    def repeated(self, events: Sequence[PlacedEvent]) -> Collection[int]:
        """The positions of those events, in order, that later ones of them make needless."""
        return stream_tokens.repeated(self.receiver, events) if isinstance(self.receiver, Stream) else ()
