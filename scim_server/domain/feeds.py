"""Who a stream is about: whether somebody was in its feed before an event, and is after it (RFC 9967 section 2.3).

What was decided with an event stays decided, however often it is told: standings are kept with the position of the
event that changed them. The receiver has its say as well (SSF 1.0 section 8.1.3), behind the last event of its time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """How somebody stands with a stream's feed around an event."""

    before: bool
    after: bool

    @property
    def enters(self) -> bool:
        return self.after and not self.before

    @property
    def leaves(self) -> bool:
        return self.before and not self.after


WITHIN = Scope(before=True, after=True)
"""Of everybody and everything in the feed of a stream without a filter."""
OUTSIDE = Scope(before=False, after=False)


@dataclass(frozen=True, slots=True, order=True)
class Standing:
    """Whether somebody is `inside` from the event at that position on or, where the receiver `asked` for it, behind
    it."""

    position: int
    asked: bool
    inside: bool

    @property
    def place(self) -> tuple[int, bool]:
        return self.position, self.asked


def scope_at(
    position: int, standings: Sequence[Standing], *, is_filtered: bool, meets: Callable[[], bool]
) -> tuple[Scope, Standing | None]:
    """The scope of the event at that position, by the standings of its subject in order, and the one that is new.

    `meets` says whether the subject meets the stream's filter now; it is asked of the last event alone, and not where
    the receiver has left the subject out. Behind a standing that is gone the first one counts.
    """
    here = (position, False)
    earlier = [each for each in standings if each.place < here]
    decided = next((each for each in standings if each.place == here), None)
    later = [each for each in standings if each.place > here]
    state = earlier[-1].inside if earlier else later[0].inside if later and not decided else not is_filtered
    if decided is not None:
        return Scope(state, decided.inside), None
    is_left_out = bool(earlier) and earlier[-1].asked and not state
    if later or is_left_out or not is_filtered or meets() == state:
        return Scope(state, state), None
    return Scope(state, not state), Standing(position, asked=False, inside=not state)


def superseded(standings: Sequence[Standing], settled: int) -> list[Standing]:
    """Those, in order, that no event is told by any more where all up to the position `settled` are dealt with."""
    past = [each for each in standings if each.position <= settled]
    return past[:-1]
