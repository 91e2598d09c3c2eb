"""Security event tokens for whoever asks for them (RFC 8936): again and again, until they are acknowledged."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from scim_server.domain.errors import Forbidden, Invalid
from scim_server.domain.events import Cause
from scim_server.domain.streams import Delivery as Protocol
from scim_server.domain.streams import Stream
from scim_server.domain.tenants import Tenant
from scim_server.domain.webhooks import Attempt, Delivery, Kind, Progress, Sending, State, Verdict
from scim_server.services.composing import StreamComposer
from scim_server.services.feeds import Feed
from scim_server.services.ports import TokenSigner, UnitOfWork, Units
from scim_server.services.pulling import Watch
from scim_server.services.retrying import retried
from scim_server.services.security_event_types import STREAM_UPDATED
from scim_server.services.security_events import Claims
from scim_server.services.streaming import stream_called
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
    long as the `watch` lets it; without one nobody waits.

    Raises Forbidden for somebody whose stream it is not, Invalid for one that is pushed to, Missing.
    """
    ends = time.monotonic() + LONGEST_WAIT
    found = _look(units, tenant, cause, named, asked, signer.issuer(tenant))
    later = replace(asked, had=frozenset(), refused={})
    while not found.claims and asked.most != 0:
        left = ends - time.monotonic()
        if not found.unfinished and (watch is None or left <= 0 or not watch.wait(tenant, found.last, left)):
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
        dealt = frozenset((*before.acked, *asked.had, *asked.refused))
        desk = _Desk(uow, stream, composer, asked, dealt, before)
        replayed = desk.replayed()
        new, beyond, unfinished = desk.news()
        after = replace(desk.progress, acked=tuple(desk.kept))
        if desk.entries:
            uow.deliveries.add(*desk.entries)
            after = after.answered(uow.now, accepted=True)
        if after != before:
            uow.cursors.request(stream.id, after)
        uow.commit()
        desk.count()
        if not stream.enabled:  # which is all that it says then (SSF 1.0 section 8.1.5)
            statuses = [each for each in new if STREAM_UPDATED in each["events"]]
            return _Found(statuses[:MOST_AT_ONCE], more=False, last=last, unfinished=False)
        most = MOST_AT_ONCE if asked.most is None else min(asked.most, MOST_AT_ONCE)
        share = max(most // 2, most - len(new))
        offered = [*replayed[:share], *new][:most]
        more = beyond or bool(after.replays[1:]) or len(offered) < len(new) + len(replayed)
        return _Found(offered, more, last, unfinished or (not offered and bool(after.replays)))


def _check(stream: Stream, cause: Cause) -> None:
    if stream.owner != cause.actor:
        raise Forbidden(f"The stream '{stream.name}' is somebody else's: its owner alone fetches from it.")
    if stream.delivery is not Protocol.POLL:
        raise Invalid(f"The stream '{stream.name}' is pushed to its receiver: there is nothing to fetch.")


@dataclass(slots=True)
class _Desk:
    """What is dealt with of a stream in one transaction. `dealt` are the ids of tokens that are, `kept` those of them
    that must be remembered, as what else their events say has not been had, or an earlier event."""

    uow: UnitOfWork
    stream: Stream
    composer: StreamComposer
    asked: Asked
    dealt: frozenset[str]
    progress: Progress
    kept: list[str] = field(default_factory=list)
    entries: list[Delivery] = field(default_factory=list)

    def news(self) -> tuple[list[Claims], bool, bool]:
        """Tokens of new events, whether there are events beyond those looked at, and whether none of those gave any."""
        for _ in range(ROUNDS):
            found = self.uow.placed_events.behind(self.progress.position, LOOKED_AT)
            needless = {*self.progress.ahead, *self.composer.needless(found)}
            sendings = {
                event.position: sending
                for event in found
                if event.position not in needless and (sending := self.composer.sending(event, Kind.NEW))
            }
            undone = {place: left for place, sending in sendings.items() if (left := self._left(sending))}
            self.kept += [jti for place in undone for jti in self._had(sendings[place])]
            self.progress = self.progress.passing(
                [event.position for event in found], [each.position for each in found if each.position not in undone]
            )
            full = len(found) == LOOKED_AT
            if undone or not full:
                return [claims for left in undone.values() for claims in left], full, False
        return [], True, True

    def replayed(self) -> list[Claims]:
        """Tokens of the first events that are to be had again, which goes on with the first that has not been."""
        if not self.progress.replays:
            return []
        (first, last), *others = self.progress.replays
        found = [each for each in self.uow.placed_events.behind(first - 1, REPLAYED_AT_ONCE) if each.position <= last]
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
