"""Who a stream is about: everybody, or who meets its filter, without those whom its receiver has left out.

Groups and the tenant are told of to streams without a filter alone: a group names people whom a filter keeps out.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from scim_server.domain.events import USER, PlacedEvent, Subject
from scim_server.domain.feeds import OUTSIDE, WITHIN, Scope, Standing, scope_at, superseded
from scim_server.domain.streams import Stream
from scim_server.services.ports import UnitOfWork


def begin(uow: UnitOfWork, stream: Stream) -> None:
    """Note who is in the feed as it begins, or as its filter is another: nobody is told that they were added."""
    uow.feeds.clear(stream.id)
    if stream.filter is not None:
        _, position = uow.placed_events.reach()
        inside = Standing(position, asked=False, inside=True)
        met = uow.conditions.meeting({stream.id: stream.filter})
        uow.feeds.put(stream.id, {Subject.person(user_id).key: inside for user_id, _ in met})


def leave_out(uow: UnitOfWork, stream: Stream, subject: Subject) -> None:
    """Tell nothing more of the subject: the receiver does not want to know."""
    _ask(uow, stream, subject, inside=False)


def take_in(uow: UnitOfWork, stream: Stream, subject: Subject) -> None:
    """Tell of the subject again, as far as the filter allows it."""
    is_met = stream.filter is None or _met(uow, stream.id, stream.filter, [subject]) == {subject.key}
    _ask(uow, stream, subject, inside=is_met)


def _ask(uow: UnitOfWork, stream: Stream, subject: Subject, *, inside: bool) -> None:
    known = uow.feeds.standings(stream.id, [subject.key]).get(subject.key, [])
    is_inside = known[-1].inside if known else stream.filter is None
    if is_inside != inside:
        _, position = uow.placed_events.reach()
        uow.feeds.put(stream.id, {subject.key: Standing(position, asked=True, inside=inside)})


@dataclass(slots=True)
class Feed:
    """One stream's in one transaction, which has the stream's lease. Up to `settled` all events are dealt with."""

    uow: UnitOfWork
    stream: Stream
    settled: int
    _standings: dict[str, list[Standing]] = field(default_factory=dict)
    _meeting: set[str] = field(default_factory=set)
    _looked_at: set[str] = field(default_factory=set)

    def look(self, events: Sequence[PlacedEvent]) -> None:
        """Have the subjects of those events at hand, with two statements."""
        subjects = {event.subject.key: event.subject for event in events if event.subject.key not in self._looked_at}
        people = [each for each in subjects.values() if each.kind == USER]
        if not subjects or (self.stream.filter is not None and not people):
            return
        self._standings.update(self.uow.feeds.standings(self.stream.id, list(subjects)))
        if self.stream.filter is not None:
            self._meeting |= _met(self.uow, self.stream.id, self.stream.filter, people)
        self._looked_at |= subjects.keys()

    def scope(self, event: PlacedEvent) -> Scope:
        """How the event's subject stands with the feed, which is noted where the event changes it."""
        filtered, key = self.stream.filter is not None, event.subject.key
        if event.subject.kind != USER and filtered:
            return OUTSIDE
        self.look([event])
        known = self._standings.get(key, [])
        if not known and not filtered:
            return WITHIN
        scope, new = scope_at(event.position, known, is_filtered=filtered, meets=lambda: key in self._meeting)
        if new is not None:
            self._note(key, known, new)
        return scope

    def _note(self, key: str, known: list[Standing], new: Standing) -> None:
        gone = superseded(known, self.settled)
        self.uow.feeds.put(self.stream.id, {key: new})
        self.uow.feeds.drop(self.stream.id, key, gone)
        self._standings[key] = [*(each for each in known if each not in gone), new]


def _met(uow: UnitOfWork, stream_id: str, condition: str, people: Collection[Subject]) -> set[str]:
    met = uow.conditions.meeting({stream_id: condition}, [each.id for each in people])
    return {Subject.person(user_id).key for user_id, _ in met}
