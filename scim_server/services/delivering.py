"""What is to be sent to a webhook next: taken under a lease, so that no two processes send the same.

Nothing is sent within a transaction. Whoever ends between taking and settling (`delivery_outcomes.settle`) has sent
something or not: when the lease is over somebody else takes the same again, so each event arrives at least once.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby

import orjson

from scim_server.domain.events import PlacedEvent
from scim_server.domain.instants import Instant, later
from scim_server.domain.tenants import Tenant
from scim_server.domain.webhooks import MOST_PARKED, Delivery, Kind, Progress, Secrets, Sending, Webhook
from scim_server.services.chores import cause
from scim_server.services.event_envelopes import envelope
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.relaying import each_cell
from scim_server.services.retrying import retried

LEASE = timedelta(seconds=60)
"""Longer than whoever takes a webhook may be at it (`delivery/webhooks.py`), the clocks of two machines apart."""
BATCH = 200
"""Events sent at once."""
LOOKED_AT = 1000
"""Events read at once, most of which the filter of the webhook may leave out."""
DELIVERING = cause("deliver-events")


@dataclass(frozen=True, slots=True)
class Job:
    """What to send to a webhook, in order for each person, and what else was found on the way.

    Of the positions that were `read` those `passed` are not sent. Events `behind` wait for an earlier one of the same
    person that is parked. `lost` is parked, but its events are not kept any more. Where so much is parked that it is
    `full`, nothing new is sent. Without anything to read all is dealt with up to `emptied`.
    """

    tenant: Tenant
    webhook: Webhook
    secrets: Secrets
    holder: str
    sendings: tuple[Sending, ...]
    read: tuple[int, ...]
    passed: frozenset[int]
    behind: tuple[PlacedEvent, ...]
    lost: tuple[Delivery, ...]
    replayed: tuple[int, ...]
    full: bool
    emptied: int | None


def due_webhooks(units: Units, most: int) -> list[tuple[Tenant, str]]:
    """The webhooks of all tenants that are due, so many at most in each cell, with their ids."""
    found: list[tuple[Tenant, str]] = []

    def look(part: Units) -> int:
        with part.overview() as operator:
            found.extend(operator.due_webhooks(most))
        return len(found)

    each_cell(units, look)
    return found


@retried
def take(units: Units, tenant: Tenant, webhook_id: str) -> Job | None:
    """Take a webhook, with what is to be sent there next; None where somebody else has it, or it is not due."""
    with units.write(tenant, DELIVERING) as uow:
        holder = uow.new_id()
        progress = uow.webhooks.lease(webhook_id, holder, later(uow.now, LEASE))
        webhook = None if progress is None else uow.webhooks.get(webhook_id)
        if progress is None or webhook is None:
            return None
        if webhook.enabled:
            job = _job(uow, webhook, progress, holder)
        else:
            uow.webhooks.settle(webhook_id, replace(progress, due=None))
            job = None
        uow.commit()
        return job


def _job(uow: UnitOfWork, webhook: Webhook, progress: Progress, holder: str) -> Job:
    room = 1 if progress.failures else BATCH
    parked = uow.deliveries.parked(webhook.id)
    full = len(parked) >= MOST_PARKED
    again, lost = _again(uow, parked, room)
    replayed = _replayed(uow, webhook, progress, (room - len(again)) // 2 or min(1, room - len(again)))
    room -= len(again) + len(replayed[1])
    _, last = uow.placed_events.reach()
    found = uow.placed_events.behind(progress.position, LOOKED_AT) if room and not full else []
    waiting = {each.subject for each in parked} - {each.event.subject.key for each in again}
    news = _News([], set(), [], [])
    news.choose(found, webhook, progress.ahead, waiting, room)
    return Job(
        uow.tenant,
        webhook,
        good_secrets(uow, webhook),
        holder,
        (*again, *replayed[1], *(_sending(uow, each, Kind.NEW) for each in news.sent)),
        tuple(news.read),
        frozenset(news.passed),
        tuple(news.behind),
        tuple(lost),
        replayed[0],
        full,
        last if room and not full and not found else None,
    )


@dataclass(slots=True)
class _News:
    """What becomes of new events: those read so far, and of them those passed over, kept behind, and sent."""

    read: list[int]
    passed: set[int]
    behind: list[PlacedEvent]
    sent: list[PlacedEvent]

    def choose(
        self,
        found: Sequence[PlacedEvent],
        webhook: Webhook,
        ahead: Collection[int],
        waiting: Collection[str],
        room: int,
    ) -> None:
        for event in found:
            if event.position in ahead or not webhook.takes(event.event):
                self.passed.add(event.position)
            elif event.subject.key in waiting:
                self.behind.append(event)
            elif len(self.sent) < room:
                self.sent.append(event)
            else:
                return
            self.read.append(event.position)


def _again(uow: UnitOfWork, parked: Sequence[Delivery], room: int) -> tuple[list[Sending], list[Delivery]]:
    """What is parked and due, all of one person one after the other; and what is parked of events that are gone."""
    chosen = [each for found in due_heads(parked, uow.now) for each in found][:room]
    events = {each.id: each for each in uow.placed_events.among([each.event_id for each in chosen])}
    again = [_sending(uow, events[each.event_id], Kind.PARKED, each) for each in chosen if each.event_id in events]
    return again, [each for each in chosen if each.event_id not in events]


def due_heads(parked: Sequence[Delivery], now: Instant) -> Iterator[list[Delivery]]:
    """What is parked of each person whose first event is due."""
    return (entries for entries in queues(parked) if (entries[0].due or now) <= now)


def queues(parked: Sequence[Delivery]) -> Iterator[list[Delivery]]:
    """What is parked of each person, in order: the first is sent again at its time, the others behind it."""
    of_each = sorted(parked, key=lambda each: (each.subject, each.position or 0))
    return (list(found) for _, found in groupby(of_each, key=lambda each: each.subject))


def _replayed(
    uow: UnitOfWork, webhook: Webhook, progress: Progress, room: int
) -> tuple[tuple[int, ...], list[Sending]]:
    """The next events of the first replay, by their positions, and those of them that are sent."""
    if not progress.replays or not room:
        return (), []
    first, last = progress.replays[0]
    found = [each for each in uow.placed_events.behind(first - 1, room) if each.position <= last]
    sent = [_sending(uow, each, Kind.REPLAY) for each in found if webhook.takes(each.event)]
    return (tuple(each.position for each in found) or (last,)), sent


def _sending(uow: UnitOfWork, event: PlacedEvent, kind: Kind, parked: Delivery | None = None) -> Sending:
    return Sending(event, kind, orjson.dumps(envelope(uow.tenant, event)), parked)


def good_secrets(uow: UnitOfWork, webhook: Webhook) -> Secrets:
    """The webhook's secrets, the former one as long as it is good."""
    known = uow.webhooks.secrets(webhook.id)
    overlapping = webhook.overlaps is not None and webhook.overlaps > uow.now
    return known if overlapping else Secrets(known.present)
