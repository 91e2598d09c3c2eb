"""Who a stream is about: whether somebody was in its feed before an event, and is after it (RFC 9967 section 2.3).

What was decided with an event stays decided, however often it is told: standings are kept with the position of the
event that changed them. The receiver has its say as well (SSF 1.0 section 8.1.3), behind the last event of its time,
and the filter's goes on unseen meanwhile.
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
    """Whether somebody is `inside` from the event at that position on; where the receiver `asked`, whether it wants to
    know of them behind that event. Those of each kind say otherwise in turns."""

    position: int
    asked: bool
    inside: bool


FROM_THE_BEGINNING = Standing(0, asked=False, inside=True)
"""Of whoever meets the filter as the feed begins."""


def scope_at(
    position: int, standings: Sequence[Standing], *, is_filtered: bool, becomes: Callable[[bool], bool]
) -> tuple[Scope, Standing | None]:
    """The scope of the event at that position, by the standings of its subject in order, and the one that is new.

    `becomes` says whether the subject, inside or not before the event, is inside behind it; it is asked of an event
    behind which nothing is decided. What the receiver asks for hides whoever is inside, and moves nobody.
    """
    decided = [each for each in standings if not each.asked]
    before = after = True
    new = None
    if is_filtered:
        before = _state(decided, position, default=False)
        is_news = not decided or decided[-1].position < position
        after = becomes(before) if is_news else _state(decided, position + 1, default=False)
        new = Standing(position, asked=False, inside=after) if after != before and is_news else None
    wanted = _state([each for each in standings if each.asked], position, default=True)
    return Scope(before and wanted, after and wanted), new


def _state(standings: Sequence[Standing], position: int, *, default: bool) -> bool:
    """What those of one kind say just before the event at that position. Before the first it was otherwise."""
    earlier = [each for each in standings if each.position < position]
    if earlier:
        return earlier[-1].inside
    return not standings[0].inside if standings else default


def is_left_out(standings: Sequence[Standing]) -> bool:
    """Whether the receiver wants to know nothing of whoever has those standings."""
    asked = [each for each in standings if each.asked]
    return bool(asked) and not asked[-1].inside


def superseded(standings: Sequence[Standing], settled: int) -> list[Standing]:
    """Those, in order, that no event is told by any more where all up to the position `settled` are dealt with."""
    past = [each for each in standings if each.position <= settled]
    return [each for kind in (False, True) for each in [one for one in past if one.asked is kind][:-1]]
