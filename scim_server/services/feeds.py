"""Who a stream is about: everybody, or who meets its filter, without those whom its receiver has left out.

Groups and the tenant are told of to streams without a filter alone: a group names people whom a filter keeps out.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from scim_server.domain.events import USER, PlacedEvent, Subject
from scim_server.domain.feeds import (
    FROM_THE_BEGINNING,
    OUTSIDE,
    WITHIN,
    Scope,
    Standing,
    is_left_out,
    scope_at,
    superseded,
)
from scim_server.domain.streams import Stream
from scim_server.services.account_events import DELETED
from scim_server.services.ports import UnitOfWork
from scim_server.services.security_events import ALWAYS_TOLD


def begin_anew(uow: UnitOfWork, before: Stream, after: Stream) -> None:
    """The same as the filter is another. Whom the receiver has left out stays so, and so does in the feed whoever was
    in it and is deleted, as long as that has yet to be told."""
    leaving = _leaving(uow, before) if before.filter is None and before.listens else ()
    uow.feeds.clear_present(after.id)
    begin(uow, after)
    if after.filter is not None:
        uow.feeds.put(after.id, dict.fromkeys(leaving, FROM_THE_BEGINNING))


def _leaving(uow: UnitOfWork, stream: Stream) -> set[str]:
    """Who is deleted, by their keys, where the stream has not told that yet."""
    parked = {each.subject for each in uow.deliveries.parked(stream.id) if each.event == DELETED}
    return parked.union(uow.placed_events.subjects_of(DELETED, uow.cursors.lock(stream.id).position))


def begin(uow: UnitOfWork, stream: Stream) -> None:
    """Note who is in the feed as it begins: nobody is told that they were added."""
    if stream.filter is not None:
        met = uow.conditions.meeting({stream.id: stream.filter})
        uow.feeds.put(stream.id, {Subject.person(user_id).key: FROM_THE_BEGINNING for user_id, _ in met})


def leave_out(uow: UnitOfWork, stream: Stream, subject: Subject) -> None:
    """Tell nothing more of the subject, now or later: the receiver does not want to know."""
    _ask(uow, stream, subject, inside=False)


def take_in(uow: UnitOfWork, stream: Stream, subject: Subject) -> None:
    """Tell of the subject again, whenever the filter allows it."""
    _ask(uow, stream, subject, inside=True)


def _ask(uow: UnitOfWork, stream: Stream, subject: Subject, *, inside: bool) -> None:
    known = uow.feeds.standings(stream.id, [subject.key]).get(subject.key, [])
    if is_left_out(known) is not inside:
        return
    _, position = uow.placed_events.reach()
    taken_back = Standing(position, asked=True, inside=not inside)
    if taken_back in known:  # before anything happened
        uow.feeds.drop(stream.id, subject.key, [taken_back])
    else:
        uow.feeds.put(stream.id, {subject.key: replace(taken_back, inside=inside)})


@dataclass(slots=True)
class Feed:
    """One stream's in one transaction, which has the stream's lease. Up to `settled` all events are dealt with."""

    uow: UnitOfWork
    stream: Stream
    settled: int
    _standings: dict[str, list[Standing]] = field(default_factory=dict)
    _meeting: set[str] = field(default_factory=set)
    _looked_at: set[str] = field(default_factory=set)
    _last: dict[str, int] = field(default_factory=dict)
    """The positions of the last events of those that are about to be told, by their subjects."""

    def look(self, events: Sequence[PlacedEvent]) -> None:
        """Have the subjects of those events, which are about to be told, at hand, with two statements."""
        self._last |= {event.subject.key: event.position for event in events}
        self._know([event.subject for event in events])

    def scope(self, event: PlacedEvent) -> Scope:
        """How the event's subject stands with the feed, which is noted where the event changes it."""
        filtered, key = self.stream.filter is not None, event.subject.key
        if event.subject.kind != USER and filtered:
            return OUTSIDE
        self._know([event.subject])
        known = self._standings.get(key, [])
        if not known and not filtered:
            return WITHIN
        becomes = partial(self._becomes, event)
        scope, new = scope_at(event.position, known, is_filtered=filtered, becomes=becomes)
        if new is not None:
            self._note(key, known, new)
        return scope

    def _know(self, subjects: Sequence[Subject]) -> None:
        unknown = {each.key: each for each in subjects if each.key not in self._looked_at}
        people = [each for each in unknown.values() if each.kind == USER]
        if not unknown or (self.stream.filter is not None and not people):
            return
        self._standings.update(self.uow.feeds.standings(self.stream.id, list(unknown)))
        if self.stream.filter is not None:
            self._meeting |= _met(self.uow, self.stream.id, self.stream.filter, people)
        self._looked_at |= unknown.keys()

    def _becomes(self, event: PlacedEvent, inside: bool) -> bool:
        """Whether the subject, inside the filter or not before the event, is inside behind it.

        Who meets the filter enters with the first event, and who does not leaves with the last, which may not be here
        or have a position yet: what comes in between is about them. What is told again moves nobody.
        """
        last = self._last.get(event.subject.key)
        if last is None:
            return inside
        if event.event == DELETED:
            return False
        if event.subject.key in self._meeting:
            return True
        return inside and (event.position < last or self.uow.placed_events.is_followed(event, ALWAYS_TOLD))

    def _note(self, key: str, known: list[Standing], new: Standing) -> None:
        gone = superseded(known, self.settled)
        self.uow.feeds.put(self.stream.id, {key: new})
        self.uow.feeds.drop(self.stream.id, key, gone)
        self._standings[key] = sorted([*(each for each in known if each not in gone), new])


def _met(uow: UnitOfWork, stream_id: str, condition: str, people: Collection[Subject]) -> set[str]:
    met = uow.conditions.meeting({stream_id: condition}, [each.id for each in people])
    return {Subject.person(user_id).key for user_id, _ in met}
