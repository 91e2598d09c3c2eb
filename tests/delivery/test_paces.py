"""Sending rests while whoever provisions wants the machine, and only then."""

import threading
import time
from pathlib import Path

import pytest

from scim_server.delivery.paces import IDLE, LATE, LONGEST, QUICKLY, SHARE, SHARE_OF_LATE, WINDOW, Pace

PLENTY = int(QUICKLY * WINDOW)


def pace_of(folder: Path, *, idle: float) -> Pace:
    """On a machine of which so much is idle."""
    stat = folder / "stat"
    stat.write_text(f"cpu  {1000 - 1000 * idle:.0f} 0 0 {600 * idle:.0f} {400 * idle:.0f} 0 0 0 0 0\ncpu0 1 1 1\n")
    return Pace(stat)


def spend(pace: Pace, seconds: float) -> None:
    """Do a job that takes so long of a processor."""
    with pace.working():
        until = time.thread_time() + seconds
        while time.thread_time() < until:
            pass


def rest_of(pace: Pace, *, events: int = PLENTY, waited: float = 0.0, spent: float = 0.02) -> float:
    """How long the next job waits, after one whose events had waited so long, while so many come in."""
    spend(pace, spent)
    pace.came(events)
    pace.ended(waited)
    return pace.left


@pytest.mark.parametrize(("waited", "share"), [(0, SHARE), (LATE - 1, SHARE), (LATE, SHARE_OF_LATE)])
def test_it_takes_its_share_of_one_processor(tmp_path: Path, waited: float, share: float) -> None:
    pace = pace_of(tmp_path, idle=0)
    at_least = 0.02 * (1 / share - 1)
    assert 0.5 * at_least < rest_of(pace, waited=waited) < 4 * at_least


def test_no_rest_is_longer_than_the_longest(tmp_path: Path) -> None:
    pace = pace_of(tmp_path, idle=0)
    assert 0.9 * LONGEST < rest_of(pace, spent=LONGEST * SHARE) <= LONGEST
    assert rest_of(pace) <= LONGEST


def test_threads_that_send_share_their_rest(tmp_path: Path) -> None:
    pace = pace_of(tmp_path, idle=0)
    both = [threading.Thread(target=lambda: rest_of(pace)) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert pace.left > 0.02 * (1 / SHARE - 1), "the work of both is rested for"


@pytest.mark.parametrize(("idle", "events"), [(IDLE + 0.05, PLENTY), (0.0, PLENTY - 1)])
def test_it_does_not_rest_where_there_is_room_or_nothing_comes_in(tmp_path: Path, idle: float, events: int) -> None:
    assert rest_of(pace_of(tmp_path, idle=idle), events=events) == 0


def test_a_rest_ends_when_there_is_room_again(tmp_path: Path) -> None:
    pace = pace_of(tmp_path, idle=0)
    rest_of(pace, spent=0.2)
    stat = tmp_path / "stat"
    stat.write_text("cpu  1000 0 0 5000 0 0 0 0 0 0\n")
    begun = time.monotonic()
    pace.rest(threading.Event())
    assert time.monotonic() - begun < 0.2 * (1 / SHARE - 1), "it looks again long before"


def test_it_does_not_rest_where_nothing_tells_of_the_machine(tmp_path: Path) -> None:
    assert rest_of(Pace(tmp_path / "nothing")) == 0
