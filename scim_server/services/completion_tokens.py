"""RFC 9967 section 2.5.1.3: what came of an asynchronous request as a security event token, for its client.

It is what a stream has that asks for nothing else, whose audience is that client.
"""

from scim_server.domain.async_requests import AsyncRequest, Completion
from scim_server.domain.events import PlacedEvent
from scim_server.domain.instants import Instant
from scim_server.domain.streams import Delivery, Stream
from scim_server.domain.tenants import Tenant
from scim_server.services.ports import TokenSigner
from scim_server.services.security_event_types import ASYNC_RESPONSE
from scim_server.services.security_events import tokens_of


def completion_token(
    signer: TokenSigner, tenant: Tenant, request: AsyncRequest, completion: Completion, now: Instant
) -> str:
    """The token, signed; asked for again it has the same `jti`. Never within a transaction."""
    id_ = request.actor.partition(":")[2]
    audience = (f"urn:uuid:{id_}",)
    client = Stream(id_, "", Delivery.POLL, audience, request.actor, request.accepted, requested=(ASYNC_RESPONSE,))
    told = completion.event(tenant.id, request.txn(completion.number))
    at = request.finished or now
    placed = PlacedEvent(request.txn(completion.number), told.name, told.subject, 0, 0, at, request.id, told.data)
    (claims,) = tokens_of(signer.issuer(tenant), client, placed, now)
    return signer.sign(claims)
