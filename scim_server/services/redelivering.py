"""Webhooks and streams tried out, events sent to them again, and the log of what was sent."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta

import orjson

from scim_server.domain.errors import Invalid, Missing
from scim_server.domain.events import TENANT, Cause, Change, PlacedEvent, Subject
from scim_server.domain.instants import Instant, later
from scim_server.domain.streams import VERIFICATION_REQUESTED, Receiver, Stream
from scim_server.domain.streams import Delivery as Protocol
from scim_server.domain.tenants import Tenant
from scim_server.domain.webhooks import Attempt, Delivery, Kind, Progress, Sending, State, Verdict
from scim_server.services.chores import in_batches, step_by_step
from scim_server.services.delivering import DELIVERING, good_secrets
from scim_server.services.event_envelopes import envelope
from scim_server.services.log_entries import earliest_id
from scim_server.services.ports import TokenSigner, UnitOfWork, Units, Web
from scim_server.services.receivers import kind_of, stream_called, webhook_called
from scim_server.services.retrying import retried
from scim_server.services.security_events import verification
from scim_server.services.tenancy import tenants
from scim_server.services.token_pushes import push
from scim_server.services.webhook_attempts import post

CHORE = "forget-deliveries"
TEST = "webhook.test"
"""The type of an event that is sent to try a webhook, and is none of the outbox."""
KEPT = timedelta(days=7)
MOST_REPLAYS = 100
BATCH = 1000


Called = Callable[[UnitOfWork, str], Receiver]
"""Finds whoever is called so, a webhook unless it is said otherwise. Raises Missing."""


@dataclass(frozen=True, slots=True)
class Replay:
    """Which positions are sent again."""

    receiver: Receiver
    first: int
    last: int


def deliveries(
    units: Units,
    tenant: Tenant,
    named: str,
    most: int,
    state: State | None = None,
    before: str | None = None,
    *,
    called: Called = webhook_called,
) -> list[Delivery]:
    """What was sent to a webhook or a stream of late, or what of it is in that state, the newest first, so many at
    most.

    `before` is the id of an entry: only what is older. Raises Missing.
    """
    with units.read(tenant) as uow:
        return uow.deliveries.latest(called(uow, named).id, most, state, before)


def replay_event(
    units: Units, tenant: Tenant, cause: Cause, named: str, event_id: str, *, called: Called = webhook_called
) -> Replay:
    """Send one event again. Raises Invalid, Missing."""
    place = position_of(units, tenant, event_id)
    return replay_range(units, tenant, cause, named, place, place, called=called)


def position_of(units: Units, tenant: Tenant, event_id: str) -> int:
    """Where an event stands. Raises Missing."""
    with units.read(tenant) as uow:
        found = uow.placed_events.at(event_id)
    if found is None:
        raise Missing(f"Tenant '{tenant.slug}' has no event '{event_id}' any more, or has none yet.")
    return found.position


@retried
def replay_range(
    units: Units, tenant: Tenant, cause: Cause, named: str, first: int, last: int, *, called: Called = webhook_called
) -> Replay:
    """Send events again, from one position to another, beside those that are new. Raises Invalid, Missing.

    A stream that is polled has again what it has had: the rest comes by itself.
    """
    with units.write(tenant, cause) as uow:
        uow.guard(exclusive=True)
        receiver = called(uow, named)
        replay = send_again(uow, receiver, first, last)
        kind = kind_of(receiver)
        uow.record(Change(kind, receiver.id, f"{kind}.replayed", {}, {"replayed": [first, last]}))
        uow.commit()
        return replay


def send_again(uow: UnitOfWork, receiver: Receiver, first: int, last: int) -> Replay:
    """The same in the caller's transaction, which writes down who asked for it. Raises Invalid."""
    progress = uow.cursors.lock(receiver.id)
    newest = progress.position if _is_polled(receiver) else uow.placed_events.reach()[1]
    if not 1 <= first <= last <= newest:
        raise Invalid(f"Positions of events go from 1 to {newest} here, and the first of several comes first.")
    if not receiver.enabled:
        raise Invalid(f"Nothing is sent to '{receiver.name}', which is switched off: switch it on first.")
    if len(progress.replays) >= MOST_REPLAYS:
        raise Invalid(f"{MOST_REPLAYS} ranges wait to be sent again already: wait until some of them are.")
    due = None if _is_polled(receiver) else uow.now
    uow.cursors.request(receiver.id, _with_replay(progress, first, last, due))
    return Replay(receiver, first, last)


def _is_polled(receiver: Receiver) -> bool:
    return isinstance(receiver, Stream) and receiver.delivery is Protocol.POLL


def _with_replay(progress: Progress, first: int, last: int, due: Instant | None) -> Progress:
    """A receiver that fails is left alone until its time."""
    due = progress.due if progress.failures else due
    return replace(progress, replays=(*progress.replays, (first, last)), due=due)


def try_webhook(units: Units, web: Web, tenant: Tenant, cause: Cause, named: str) -> Delivery:
    """Send an event that says nothing, now, and answer what came of it; one that is switched off is tried as well.

    Raises Missing.
    """
    with units.read(tenant) as uow:
        webhook = webhook_called(uow, named)
        secrets, event = good_secrets(uow, webhook), _trial(uow, webhook.name, TEST)
    with closing(web.session(webhook.url)) as session:
        attempt = post(session, secrets, event.id, orjson.dumps({**envelope(tenant, event), "position": None}))
    return _note(units, tenant, cause, webhook.id, event, attempt)


def try_stream(units: Units, web: Web, signer: TokenSigner, tenant: Tenant, cause: Cause, named: str) -> Delivery:
    """Push a verification (SSF 1.0 section 8.1.4) now, and answer what came of it, whatever the stream's status.

    Raises Invalid for a stream that is polled, Missing.
    """
    with units.read(tenant) as uow:
        stream = stream_called(uow, named)
        if stream.url is None:
            raise Invalid(f"Nothing is sent to the receiver of '{stream.name}', which fetches: verify the stream.")
        secrets, event = good_secrets(uow, stream), _trial(uow, stream.name, VERIFICATION_REQUESTED)
        claims = verification(signer.issuer(tenant), stream, uow.now, event.id, None)
    with closing(web.session(stream.url)) as session:
        attempt = push(session, signer, secrets, Sending(event, Kind.TEST, tokens=(claims,)))
    return _note(units, tenant, cause, stream.id, event, attempt)


def _trial(uow: UnitOfWork, name: str, kind: str) -> PlacedEvent:
    subject, data = Subject(TENANT, uow.tenant.id), {"webhook": name}
    return PlacedEvent(uow.new_id(), kind, subject, 0, 0, uow.now, uow.cause.request_id, data)


@retried
def _note(
    units: Units, tenant: Tenant, cause: Cause, receiver_id: str, event: PlacedEvent, attempt: Attempt
) -> Delivery:
    with units.write(tenant, cause) as uow:
        state = State.DELIVERED if attempt.verdict is Verdict.ACCEPTED else State.FAILED
        entry = Delivery.begun_by(attempt, uow.new_id(), receiver_id, event, Kind.TEST, state, uow.now)
        uow.deliveries.add(entry)
        uow.commit()
        return entry


def forget_deliveries(dead_kept: timedelta, units: Units) -> Iterator[int]:
    """The chore: forget what was sent a week ago, and dead letters when their events are, but nothing that is parked;
    answers how many, batch by batch."""
    yield from step_by_step(tenants(units), lambda tenant: in_batches(BATCH, lambda: _forget(units, tenant, dead_kept)))


@retried
def _forget(units: Units, tenant: Tenant, dead_kept: timedelta) -> int:
    with units.write(tenant, DELIVERING) as uow:
        before, dead_before = (earliest_id(later(uow.now, -kept)) for kept in (KEPT, dead_kept))
        forgotten = uow.deliveries.forget(before, dead_before, BATCH)
        uow.commit()
        return forgotten
