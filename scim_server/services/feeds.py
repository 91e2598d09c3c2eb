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
    """Note who is in the feed as it begins, or as its filter is another: nobody is told that they were added. Whom the
    receiver has left out stays so."""
    _, position = uow.placed_events.reach()
    begun: dict[str, Standing] = {}
    if stream.filter is not None:
        met = uow.conditions.meeting({stream.id: stream.filter})
        begun = {Subject.person(user_id).key: Standing(position, asked=False, inside=True) for user_id, _ in met}
    begun |= {key: Standing(position, asked=True, inside=False) for key in uow.feeds.left_out(stream.id)}
    uow.feeds.clear(stream.id)
    uow.feeds.put(stream.id, begun)


def leave_out(uow: UnitOfWork, stream: Stream, subject: Subject) -> None:
    """Tell nothing more of the subject, nor where it comes to meet the filter: the receiver does not want to know."""
    if _left_out(uow, stream, subject) is None:
        _, position = uow.placed_events.reach()
        uow.feeds.put(stream.id, {subject.key: Standing(position, asked=True, inside=False)})


def take_in(uow: UnitOfWork, stream: Stream, subject: Subject) -> None:
    """Tell of a subject again that was left out, as far as the filter allows it."""
    left_out = _left_out(uow, stream, subject)
    if left_out is None:
        return
    _, position = uow.placed_events.reach()
    is_met = stream.filter is None or _met(uow, stream.id, stream.filter, [subject]) == {subject.key}
    if is_met or left_out.position < position:
        uow.feeds.put(stream.id, {subject.key: Standing(position, asked=is_met, inside=is_met)})
    else:  # nothing has happened meanwhile
        uow.feeds.drop(stream.id, subject.key, [left_out])


def _left_out(uow: UnitOfWork, stream: Stream, subject: Subject) -> Standing | None:
    """How the subject stands where the receiver has left it out."""
    known = uow.feeds.standings(stream.id, [subject.key]).get(subject.key, [])
    return known[-1] if known and known[-1].asked and not known[-1].inside else None


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
