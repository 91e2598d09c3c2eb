"""However often events are told, and whatever changes meanwhile: the receiver knows who is in its feed."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from scim_server.domain.feeds import FROM_THE_BEGINNING, Standing, is_left_out, scope_at, superseded
from tests.examples import long_run

ROUNDS = st.lists(st.tuples(st.booleans(), st.integers(1, 4), st.integers(0, 4)), max_size=12)
"""Of each: whether the person meets the filter then, how many events there are more, and how many of what is told is
settled; the others are told again."""


@long_run
@given(rounds=ROUNDS, began_inside=st.booleans())
def test_who_enters_and_leaves_is_told_once_each_and_in_turns(
    rounds: list[tuple[bool, int, int]], began_inside: bool
) -> None:
    standings = [FROM_THE_BEGINNING] if began_inside else []
    inside, settled, last = began_inside, 0, 0
    for meets, more, done in [*rounds, (True, 1, 99), (False, 1, 99)]:
        last += more
        for position in range(settled + 1, last + 1):
            scope, new = scope_at(position, standings, is_filtered=True, becomes=_becoming(meets))
            if new is not None:
                gone = superseded(standings, settled)
                standings = [*(each for each in standings if each not in gone), new]
            assert (
                scope_at(position, standings, is_filtered=True, becomes=_becoming(not meets))[0] == scope or new is None
            )
            if position <= settled + done:  # the receiver has it
                assert scope.before == inside
                inside = scope.after
        settled = min(last, settled + done)
    assert inside is False
    assert len(superseded(standings, settled)) <= 2


def _becoming(meets: bool) -> Callable[[bool], bool]:
    return lambda _: meets


@given(position=st.integers(1, 9), at=st.integers(0, 9), filtered=st.booleans(), meets=st.booleans())
def test_whom_the_receiver_left_out_stays_out(position: int, at: int, filtered: bool, meets: bool) -> None:
    """Until it takes them in again; what happened before is told as it was, and who meets the filter is noted on."""
    standings = [FROM_THE_BEGINNING, Standing(at, asked=True, inside=False)]
    scope, new = scope_at(position, standings, is_filtered=filtered, becomes=_becoming(meets))
    assert scope.before is (position <= at)
    assert scope.after is (position <= at and (meets or not filtered))
    assert new == (None if meets or not filtered else Standing(position, asked=False, inside=False))
    back = [*standings, *([new] if new else []), Standing(max(position, at), asked=True, inside=True)]
    assert not is_left_out(back)
    later, _ = scope_at(10, sorted(back), is_filtered=filtered, becomes=lambda inside: inside)
    assert later.before is later.after is (meets or not filtered)


def test_without_a_filter_everybody_is_inside() -> None:
    assert scope_at(1, [], is_filtered=False, becomes=_becoming(False))[0].before
