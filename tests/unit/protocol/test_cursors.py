"""RFC 9865: cursors are opaque, unreserved text that opens for what it is bound to, until its time."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scim_server.protocol.cursors import Cursor, Position, Sealer
from scim_server.protocol.errors import ExpiredCursor, InvalidCursor

NOW, LATER = "2026-11-22T01:02:03.000000Z", "2026-11-22T02:02:03.000000Z"
ONE, OTHER = "1" * 32, "2" * 32
CURSOR = Cursor(Position("Ånger 😀", "id-1"), 50, LATER)
BOUND = ("tenant", "connection", "/Users", 'userName eq "x"')

texts = st.text(st.characters(exclude_categories=["Cs"]))
cursors = st.builds(
    Cursor,
    st.builds(Position, st.none() | st.booleans() | texts, texts, st.booleans()),
    st.integers(0, 200),
    st.just(LATER),
)


@pytest.mark.covers("R-9865-2-05", "R-9865-5-04")
@settings(max_examples=1000)
@given(cursor=cursors, bound=st.lists(texts, max_size=4))
def test_what_was_sealed_is_opened(cursor: Cursor, bound: list[str]) -> None:
    sealer = Sealer((ONE,))
    text = sealer.seal(cursor, bound)
    assert re.fullmatch(r"[A-Za-z0-9_-]+", text)
    assert sealer.open(text, bound, NOW) == cursor


@pytest.mark.covers("R-9865-2.1-01")
@given(place=st.integers(0), letter=st.sampled_from("ABCxyz019-_=. "))
def test_a_changed_letter_opens_nothing(place: int, letter: str) -> None:
    sealer = Sealer((ONE,))
    text = sealer.seal(CURSOR, BOUND)
    place %= len(text)
    changed = text[:place] + letter + text[place + 1 :]
    if changed != text:
        with pytest.raises(InvalidCursor):
            sealer.open(changed, BOUND, NOW)


@pytest.mark.parametrize("text", ["", "A", "AAAA", "é", "\x00", "=" * 8, "A" * 24, "%", "0" * 100_000])
def test_what_was_never_a_cursor_opens_nothing(text: str) -> None:
    with pytest.raises(InvalidCursor):
        Sealer((ONE,)).open(text, BOUND, NOW)


@pytest.mark.covers("R-9865-2-07", "R-9865-5-02")
def test_it_opens_only_for_what_it_is_bound_to() -> None:
    """Wherever the texts differ, and however they might run together."""
    sealer = Sealer((ONE,))
    text = sealer.seal(CURSOR, BOUND)
    others = [(*BOUND[:at], BOUND[at] + "x", *BOUND[at + 1 :]) for at in range(len(BOUND))]
    for bound in [*others, BOUND[:-1], (*BOUND, ""), ("".join(BOUND),), ("tenantc", "onnection", *BOUND[2:])]:
        with pytest.raises(InvalidCursor):
            sealer.open(text, bound, NOW)


@pytest.mark.covers("R-9865-2.1-02")
def test_it_ends_at_its_time() -> None:
    sealer = Sealer((ONE,))
    text = sealer.seal(CURSOR, BOUND)
    for moment in (LATER, "2027" + LATER[4:]):
        with pytest.raises(ExpiredCursor):
            sealer.open(text, BOUND, moment)
    assert sealer.open(text, BOUND, "2026-11-22T02:02:02.999999Z") == CURSOR


@pytest.mark.covers("R-9865-5-04")
def test_the_first_secret_seals_and_every_one_opens() -> None:
    old = Sealer((ONE,)).seal(CURSOR, BOUND)
    both = Sealer((OTHER, ONE))
    assert both.open(old, BOUND, NOW) == CURSOR
    assert Sealer((OTHER,)).open(both.seal(CURSOR, BOUND), BOUND, NOW) == CURSOR
    with pytest.raises(InvalidCursor):
        Sealer((OTHER,)).open(old, BOUND, NOW)


def test_nothing_can_be_read_in_it() -> None:
    """Neither the place nor, one letter apart, whether two places are near each other."""
    sealer = Sealer((ONE,))
    near = [sealer.seal(Cursor(Position(key, "id-1"), 50, LATER), BOUND) for key in ("aa", "ab")]
    assert sum(one == other for one, other in zip(*near, strict=True)) < len(near[0]) / 4
