"""What is to be sent to a webhook or a stream next: taken under a lease, so that no two processes send the same.

Nothing is sent within a transaction. Whoever ends between taking and settling (`delivery_outcomes.settle`) has sent
something or not: when the lease is over somebody else takes the same again, so each event arrives at least once.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby

from scim_server.domain.errors import Unavailable
from scim_server.domain.events import PlacedEvent
from scim_server.domain.instants import Instant, later, seconds_since
from scim_server.domain.streams import Receiver, Stream
from scim_server.domain.tenants import Tenant
from scim_server.domain.webhooks import MOST_PARKED, Delivery, Kind, Progress, Secrets, Sending, Webhook
from scim_server.services.chores import cause
from scim_server.services.composing import Composer, composer_of
from scim_server.services.last_words import last_word
from scim_server.services.orphaned_streams import pause_ended
from scim_server.services.owner_endings import ending_of, operators_endings
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
    """What to send to a webhook or a stream, in order for each person, and what else was found on the way.

    Of the events that were `read` those at positions `passed` are not sent. Events `behind` wait for an earlier one of
    the same person that is parked. `lost` is parked, but its events are not kept any more. Where so much is parked that
    it is `full`, nothing new is sent. Without anything to read all is dealt with up to `emptied`.
    """

    tenant: Tenant
    receiver: Receiver
    secrets: Secrets
    holder: str
    taken: Instant
    sendings: tuple[Sending, ...]
    read: tuple[PlacedEvent, ...] = ()
    passed: frozenset[int] = frozenset()
    behind: tuple[PlacedEvent, ...] = ()
    lost: tuple[Delivery, ...] = ()
    replayed: tuple[int, ...] = ()
    full: bool = False
    emptied: int | None = None

    @property
    def waited(self) -> float:
        """Seconds that the first of its new events had waited when it was taken."""
        new = (each.event.at for each in self.sendings if each.kind is Kind.NEW)
        return seconds_since(next(new, None), self.taken)


def due_webhooks(units: Units, most: int) -> list[tuple[Tenant, str]]:
    """The webhooks and streams of all tenants that are due, so many at most in each cell, with their ids."""
    found: list[tuple[Tenant, str]] = []

    def look(part: Units) -> int:
        with part.overview() as operator:
            found.extend(operator.due_webhooks(most))
        return len(found)

    each_cell(units, look)
    return found


def take(units: Units, tenant: Tenant, receiver_id: str, issuer: str) -> Job | None:
    """Take a webhook or a stream, with what is to be sent there next; None where somebody else has it, or it is not
    due. `issuer` is whose security event tokens the tenant's are.

    A stream whose owner is let in no more by now is sent nothing but that it is paused, which it is at once.
    """
    job, has_ended = _take(units, tenant, receiver_id, issuer)
    if job is None or not isinstance(job.receiver, Stream) or not job.receiver.enabled:
        return job
    owner = job.receiver.owner
    above = {} if has_ended else _endings_above(units, owner)
    if not has_ended and not above:
        return job
    pause_ended(units, tenant, DELIVERING, above, [owner])
    return Job(tenant, job.receiver, job.secrets, job.holder, job.taken, ())


def _endings_above(units: Units, owner: str) -> dict[str, str]:
    """Of the operator's tokens, which one database knows for all. While that is out of reach streams go on: the chore
    looks at them as well."""
    try:
        return operators_endings(units, [owner])
    except Unavailable:
        return {}


@retried
def _take(units: Units, tenant: Tenant, receiver_id: str, issuer: str) -> tuple[Job | None, bool]:
    """What is taken, and whether that is a stream whose owner, one of the tenant's own, is let in no more."""
    with units.write(tenant, DELIVERING) as uow:
        holder = uow.new_id()
        progress = uow.cursors.lease(receiver_id, holder, later(uow.now, LEASE))
        owned = None if progress is None else uow.webhooks.owned(receiver_id)
        if progress is None or owned is None:
            return None, False
        receiver = owned.receiver
        composer = composer_of(uow, receiver, issuer, progress.position)
        job: Job | None = None
        due: Instant | None = None
        has_ended = receiver.enabled and ending_of(owned, uow.now) is not None
        if has_ended:
            job = Job(tenant, receiver, Secrets(""), holder, uow.now, ())
        elif receiver.enabled:
            job = _job(uow, receiver, composer, progress, holder)
        else:
            job, due = _farewell(uow, receiver, composer, progress, holder)
        if job is None:
            uow.cursors.settle(receiver_id, replace(progress, due=due))
        uow.commit()
        return job, has_ended


def _farewell(
    uow: UnitOfWork, receiver: Receiver, composer: Composer, progress: Progress, holder: str
) -> tuple[Job | None, Instant | None]:
    """What a stream that is not to send any more says of that, or when to look again: the event of it may have no
    position yet."""
    if not isinstance(receiver, Stream):
        return None, None
    event = last_word(uow, receiver, progress.position)
    if event is None:
        return None, uow.now
    sending = None if event.position in progress.ahead else composer.sending(event, Kind.NEW)
    if sending is None:
        return None, None
    return Job(uow.tenant, receiver, good_secrets(uow, receiver), holder, uow.now, (sending,)), None


def _job(uow: UnitOfWork, receiver: Receiver, composer: Composer, progress: Progress, holder: str) -> Job:
    room = 1 if progress.failures else BATCH
    parked = uow.deliveries.parked(receiver.id)
    full = len(parked) >= MOST_PARKED
    again, lost = _again(composer, parked, room)
    replayed = _replayed(composer, progress, (room - len(again)) // 2 or min(1, room - len(again)))
    room -= len(again) + len(replayed[1])
    _, last = uow.placed_events.reach()
    takes_all = isinstance(receiver, Webhook) and not receiver.types
    found = composer.events(progress.position, room if takes_all else LOOKED_AT) if room and not full else []
    waiting = {each.subject for each in parked} - {each.event.subject.key for each in again}
    news = _News([], set(), [], [])
    news.choose(found, composer, progress.ahead, waiting, room)
    return Job(
        uow.tenant,
        receiver,
        good_secrets(uow, receiver),
        holder,
        uow.now,
        (*again, *replayed[1], *news.sent),
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

    read: list[PlacedEvent]
    passed: set[int]
    behind: list[PlacedEvent]
    sent: list[Sending]

    def choose(
        self,
        found: Sequence[PlacedEvent],
        composer: Composer,
        ahead: Collection[int],
        waiting: Collection[str],
        room: int,
    ) -> None:
        settled = {*ahead, *composer.needless(found)}
        for event in found:
            sending = None if event.position in settled else composer.sending(event, Kind.NEW)
            if sending is None:
                self.passed.add(event.position)
            elif event.subject.key in waiting:
                self.behind.append(event)
            elif len(self.sent) < room:
                self.sent.append(sending)
            else:
                return
            self.read.append(event)


def _again(composer: Composer, parked: Sequence[Delivery], room: int) -> tuple[list[Sending], list[Delivery]]:
    """What is parked and due, all of one person one after the other; and what is parked of events that are gone."""
    chosen = [each for found in due_heads(parked, composer.uow.now) for each in found][:room]
    events = {each.id: each for each in composer.parked([each.event_id for each in chosen])}
    made = {
        each.id: composer.sending(events[each.event_id], Kind.PARKED, each)
        for each in chosen
        if each.event_id in events
    }
    again = [sending for sending in made.values() if sending is not None]
    return again, [each for each in chosen if made.get(each.id) is None]


def due_heads(parked: Sequence[Delivery], now: Instant) -> Iterator[list[Delivery]]:
    """What is parked of each person whose first event is due."""
    return (entries for entries in queues(parked) if (entries[0].due or now) <= now)


def queues(parked: Sequence[Delivery]) -> Iterator[list[Delivery]]:
    """What is parked of each person, in order: the first is sent again at its time, the others behind it."""
    of_each = sorted(parked, key=lambda each: (each.subject, each.position or 0))
    return (list(found) for _, found in groupby(of_each, key=lambda each: each.subject))


def _replayed(composer: Composer, progress: Progress, room: int) -> tuple[tuple[int, ...], list[Sending]]:
    """The next events of the first replay, by their positions, and those of them that are sent."""
    if not progress.replays or not room:
        return (), []
    first, last = progress.replays[0]
    found = [each for each in composer.events(first - 1, room) if each.position <= last]
    made = (composer.sending(each, Kind.REPLAY) for each in found)
    return (tuple(each.position for each in found) or (last,)), [each for each in made if each is not None]


def good_secrets(uow: UnitOfWork, receiver: Receiver) -> Secrets:
    """The receiver's secrets, the former one as long as it is good."""
    overlaps = receiver.overlaps if isinstance(receiver, Webhook) else None
    return uow.webhooks.secrets(receiver.id).good_at(uow.now, overlaps)
