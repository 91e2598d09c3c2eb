"""An event as a webhook or a stream is sent it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import orjson

from scim_server.domain.events import PlacedEvent
from scim_server.domain.streams import Receiver, Stream
from scim_server.domain.webhooks import Delivery, Kind, Sending
from scim_server.services import stream_tokens
from scim_server.services.event_envelopes import envelope
from scim_server.services.ports import UnitOfWork


@dataclass(frozen=True, slots=True)
class Composer:
    """Makes what one receiver is sent, in one transaction. `issuer` is whose tokens the tenant's are."""

    uow: UnitOfWork
    receiver: Receiver
    issuer: str

    def sending(self, event: PlacedEvent, kind: Kind, parked: Delivery | None = None) -> Sending | None:
        """The event as it is sent; None where the receiver does not want to know of it."""
        if isinstance(self.receiver, Stream):
            tokens = stream_tokens.told(self.uow, self.issuer, self.receiver, event)
            return Sending(event, kind, parked=parked, tokens=tokens) if tokens else None
        if kind is not Kind.PARKED and not self.receiver.takes(event.event):
            return None
        return Sending(event, kind, orjson.dumps(envelope(self.uow.tenant, event)), parked)

    def repeated(self, events: Sequence[PlacedEvent]) -> Collection[int]:
        """The positions of those events, in order, that later ones of them make needless."""
        return stream_tokens.repeated(self.receiver, events) if isinstance(self.receiver, Stream) else ()
