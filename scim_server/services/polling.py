"""Security event tokens for whoever asks for them (RFC 8936): again and again, until they are acknowledged."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from scim_server.domain.errors import Forbidden, Invalid
from scim_server.domain.events import Cause, PlacedEvent
from scim_server.domain.streams import Delivery as Protocol
from scim_server.domain.streams import Stream
from scim_server.domain.tenants import Tenant
from scim_server.domain.webhooks import Attempt, Delivery, Kind, Progress, Sending, State, Verdict
from scim_server.services.composing import StreamComposer
from scim_server.services.feeds import Feed
from scim_server.services.last_words import last_word
from scim_server.services.ports import TokenSigner, UnitOfWork, Units
from scim_server.services.pulling import Watch
from scim_server.services.receivers import stream_called
from scim_server.services.retrying import retried
from scim_server.services.security_events import Claims
from scim_server.telemetry.catalogue import DELIVERIES

MOST_AT_ONCE = 100
"""Tokens of one answer."""
LONGEST_WAIT = 30.0
"""Seconds that somebody waits for the first."""
LOOKED_AT, REPLAYED_AT_ONCE = 1000, 200
"""Events that tokens are had of before those of others are, which nobody has had yet: so many may be acknowledged
ahead of one that is not. Of a replay they are fewer."""
ROUNDS = 10
"""So many times as many are passed over in one transaction."""
LONGEST_DETAIL = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """What a receiver says: which tokens it has, which it cannot take and why, by their ids, and how many more it wants
    at most, None for as many as there may be."""

    had: frozenset[str] = frozenset()
    refused: Mapping[str, str] = field(default_factory=dict)
    most: int | None = None

    @property
    def spoken_of(self) -> frozenset[str]:
        return self.had | self.refused.keys()

    @property
    def room(self) -> int:
        return MOST_AT_ONCE if self.most is None else min(self.most, MOST_AT_ONCE)


@dataclass(frozen=True, slots=True)
class Polled:
    """Tokens by their ids, oldest first, and whether there are more."""

    sets: Mapping[str, str]
    more: bool


@dataclass(frozen=True, slots=True)
class _Found:
    """The claims of tokens, whether there are or may be more, up to which position was looked, and whether on the way
    there so much was passed over that there is more to look at."""

    claims: Sequence[Claims]
    more: bool
    last: int
    unfinished: bool


def poll(
    units: Units,
    signer: TokenSigner,
    tenant: Tenant,
    cause: Cause,
    named: str,
    asked: Asked,
    watch: Watch | None = None,
) -> Polled:
    """Note what the receiver says, and answer what there is for it next. Where there is nothing, wait for the first as
    long as the `watch` lets it; without one nobody waits, be there more to look at or not.

    Raises Forbidden for somebody whose stream it is not, Invalid for one that is pushed to, Missing.
    """
    ends = time.monotonic() + LONGEST_WAIT
    found = _look(units, tenant, cause, named, asked, signer.issuer(tenant))
    later = replace(asked, had=frozenset(), refused={})
    while not found.claims and asked.most != 0:
        left = ends - time.monotonic()
        if watch is None or left <= 0 or not (found.unfinished or watch.wait(tenant, found.last, left)):
            break
        found = _look(units, tenant, cause, named, later, signer.issuer(tenant))
    return Polled({str(each["jti"]): signer.sign(each) for each in found.claims}, found.more)


@retried
def _look(units: Units, tenant: Tenant, cause: Cause, named: str, asked: Asked, issuer: str) -> _Found:
    with units.write(tenant, cause) as uow:
        stream = stream_called(uow, named)
        _check(stream, cause)
        before = uow.cursors.lock(stream.id)
        _, last = uow.placed_events.reach()
        composer = StreamComposer(uow, stream, issuer, Feed(uow, stream, before.position))
        most = asked.room if stream.enabled else 0
        desk = _Desk(uow, stream, composer, asked, before)
        replayed = desk.replayed()
        new, beyond, unfinished = desk.news(most)
        last_words = [] if stream.enabled else desk.last_words()
        after = replace(desk.progress, acked=tuple(desk.kept))
        if desk.entries:
            uow.deliveries.add(*desk.entries)
            after = after.answered(uow.now, accepted=True)
        if after != before:
            uow.cursors.request(stream.id, after)
        uow.commit()
        desk.count()
        if not stream.enabled:
            return _Found(last_words, more=False, last=last, unfinished=False)
        share = max(most // 2, most - len(new))
        offered = [*replayed[:share], *new][:most]
        unfinished = unfinished or (not offered and bool(after.replays))
        more = unfinished or beyond or bool(after.replays[1:]) or len(offered) < len(new) + len(replayed)
        return _Found(offered, more, last, unfinished)


def _check(stream: Stream, cause: Cause) -> None:
    if stream.owner != cause.actor:
        raise Forbidden(f"The stream '{stream.name}' is somebody else's: its owner alone fetches from it.")
    if stream.delivery is not Protocol.POLL:
        raise Invalid(f"The stream '{stream.name}' is pushed to its receiver: there is nothing to fetch.")


@dataclass(slots=True)
class _Desk:
    """What is dealt with of a stream in one transaction. `dealt` are the ids of tokens that are, `unmet` those of them
    whose events were not come by, and `kept` those that must be remembered, as what else their events say has not been
    had, or an earlier event."""

    uow: UnitOfWork
    stream: Stream
    composer: StreamComposer
    asked: Asked
    progress: Progress
    dealt: frozenset[str] = field(init=False)
    unmet: set[str] = field(init=False)
    kept: list[str] = field(default_factory=list)
    entries: list[Delivery] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dealt = self.asked.spoken_of.union(self.progress.acked)
        self.unmet = set(self.dealt)

    def news(self, most: int) -> tuple[list[Claims], bool, bool]:
        """Tokens of new events, of more than so many the first, whether there are events beyond those looked at, and
        whether none of those gave any."""
        for _ in range(ROUNDS):
            found = self.composer.events(self.progress.position, LOOKED_AT)
            lefts = self._lefts(found, most)
            self.progress = self.progress.passing(list(lefts), [place for place, left in lefts.items() if not left])
            new, full = [claims for left in lefts.values() for claims in left], len(found) == LOOKED_AT
            if new or not full:
                return new, full, False
        return [], True, True

    def _lefts(self, events: Sequence[PlacedEvent], most: int) -> dict[int, list[Claims]]:
        """What is left of each event, by their positions: of all that the receiver speaks of, and as many as it takes
        to know that there is more than it wants."""
        settled = {*self.progress.ahead, *self.composer.needless(events)}
        lefts: dict[int, list[Claims]] = {}
        count = 0
        for event in events:
            if count > most and self.unmet.isdisjoint(self.asked.spoken_of):
                self.kept += [jti for jti in self.progress.acked if jti in self.unmet]
                break
            sending = None if event.position in settled else self.composer.sending(event, Kind.NEW)
            lefts[event.position] = left = [] if sending is None else self._left(sending)
            self.kept += [] if sending is None or not left else self._had(sending)
            count += len(left)
        return lefts

    def last_words(self) -> list[Claims]:
        """All that a stream says that does not send any more, however much it has not said before."""
        event = last_word(self.uow, self.stream, self.progress.position)
        told = None if event is None or event.position in self.progress.ahead else event
        sending = None if told is None else self.composer.sending(told, Kind.NEW)
        if sending is None:
            return []
        left = self._left(sending)
        self.progress = self.progress.passing([], [] if left else [sending.event.position])
        return left

    def replayed(self) -> list[Claims]:
        """Tokens of the first events that are to be had again, which goes on with the first that has not been."""
        if not self.progress.replays:
            return []
        (first, last), *others = self.progress.replays
        found = [each for each in self.composer.events(first - 1, REPLAYED_AT_ONCE) if each.position <= last]
        sendings = [sending for each in found if (sending := self.composer.sending(each, Kind.REPLAY))]
        lefts = [(sending.event.position, self._left(sending)) for sending in sendings]
        ends = found[-1].position + 1 if len(found) == REPLAYED_AT_ONCE else last + 1
        first = min((place for place, left in lefts if left), default=ends)
        self.kept += [jti for each in sendings if each.event.position >= first for jti in self._had(each)]
        self.progress = replace(self.progress, replays=(*([(first, last)] if first <= last else []), *others))
        return [claims for _, left in lefts for claims in left]

    def _had(self, sending: Sending) -> list[str]:
        return [jti for jti in map(_jti, sending.tokens) if jti in self.dealt]

    def _left(self, sending: Sending) -> list[Claims]:
        """The tokens of an event that the receiver has not had; notes what it says of them."""
        self.unmet.difference_update(map(_jti, sending.tokens))
        left = [each for each in sending.tokens if _jti(each) not in self.dealt]
        refused = [self.asked.refused[jti] for jti in map(_jti, sending.tokens) if jti in self.asked.refused]
        if refused:
            self._note(sending, Attempt(Verdict.REJECTED, detail="; ".join(refused)[:LONGEST_DETAIL]), State.DEAD)
        elif not left and any(_jti(each) in self.asked.had for each in sending.tokens):
            self._note(sending, Attempt(Verdict.ACCEPTED), State.DELIVERED)
        return left

    def count(self) -> None:
        """Have metrics tell of what is noted, once it is."""
        for each in self.entries:
            verdict = Verdict.ACCEPTED if each.state is State.DELIVERED else Verdict.REJECTED
            DELIVERIES.add(Protocol.POLL.value, verdict.value)

    def _note(self, sending: Sending, attempt: Attempt, state: State) -> None:
        id_, kind, event = self.uow.new_id(), sending.kind, sending.event
        self.entries.append(Delivery.begun_by(attempt, id_, self.stream.id, event, kind, state, self.uow.now))


def _jti(claims: Claims) -> str:
    return str(claims["jti"])
