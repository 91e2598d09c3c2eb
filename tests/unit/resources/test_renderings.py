"""The text of a group's members, and what a process keeps of it."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from scim_server.resources.ports import Member
from scim_server.resources.renderings import BATCH, LONGEST_PLAIN, OVERHEAD, PORTION, Rendering, Renderings, render


def _rendered(count: int, filler: str = "") -> tuple[Rendering, int]:
    """The rendering of so many members, and how often members were asked for."""
    asked = 0

    def batches(after: str) -> Sequence[Member]:
        nonlocal asked
        asked += 1
        first = int(after or -1) + 1
        return [Member(f"{each:08}", "User", filler) for each in range(first, min(first + BATCH, count))]

    return render(batches, _element), asked


def _element(member: Member) -> dict[str, Any]:
    return {"value": member.id, "display": member.display}


@pytest.mark.parametrize("count", [0, 1, BATCH - 1, BATCH, BATCH + 1])
@pytest.mark.parametrize("filler", ["", "x" * (2 * LONGEST_PLAIN // BATCH)])
def test_the_text_is_that_of_all_members_however_long(count: int, filler: str) -> None:
    rendering, asked = _rendered(count, filler)
    text = b"".join(rendering.text())
    assert len(text) == rendering.length
    assert [each["value"] for each in json.loads(b"[" + text + b"]")] == [f"{each:08}" for each in range(count)]
    assert asked == count // BATCH + 1
    assert rendering.is_deflated == (rendering.length > LONGEST_PLAIN)


def test_a_long_text_is_small_in_memory_and_comes_in_portions() -> None:
    rendering, _ = _rendered(BATCH, "y" * 1000)
    assert rendering.size < rendering.length / 10
    assert max(map(len, rendering.text())) <= PORTION
    assert sum(map(len, rendering.text())) == rendering.length, "it can be read again"


def test_a_rendering_is_given_out_for_the_state_it_was_made_in() -> None:
    kept, old, new = Renderings(), Rendering((b"old",), 3), Rendering((b"new",), 3)
    kept.put(("group",), (1, 0), old)
    assert kept.get(("group",), (1, 0)) is old
    for state in ((2, 0), (1, 1)):
        assert kept.get(("group",), state) is None
    assert kept.get(("other",), (1, 0)) is None
    kept.put(("group",), (2, 0), new)
    assert kept.get(("group",), (2, 0)) is new
    assert kept.get(("group",), (1, 0)) is None


def test_what_was_not_asked_for_the_longest_makes_room() -> None:
    kept, state = Renderings(budget=5 * (OVERHEAD + 1000)), (1,)
    for number in range(5):
        kept.put((number,), state, Rendering((b"x" * 1000,), 1000))
    kept.get((0,), state)
    for number in (5, 6):
        kept.put((number,), state, Rendering((b"x" * 1000,), 1000))
    assert [number for number in range(7) if kept.get((number,), state)] == [0, 3, 4, 5, 6]
    kept.put((3,), (2,), Rendering((b"",), 0))
    kept.put((7,), state, Rendering((b"",), 0))
    assert all(kept.get((number,), state) for number in (0, 4, 5, 6, 7)), "what is replaced makes room, too"


def test_one_rendering_takes_half_of_it_at_most() -> None:
    kept = Renderings(budget=2 * (OVERHEAD + 1000))
    for length, is_kept in ((1000, True), (1001, False)):
        kept.put((length,), (1,), Rendering((b"x" * length,), length))
        assert (kept.get((length,), (1,)) is not None) == is_kept
