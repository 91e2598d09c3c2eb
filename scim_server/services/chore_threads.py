"""A thread of the process that looks which chores are due."""

import os
import select
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

import structlog

from scim_server.domain.errors import Unavailable
from scim_server.services.chores import Chore, Turn, named, run_due, run_now
from scim_server.services.endings import at_the_end
from scim_server.services.ports import Units

EVERY = 15.0
"""Seconds between two looks; well below the minute after which the most frequent chores are due again."""
RESTS = 19
"""A chore in steps rests so many times as long as a step took, so that requests keep nearly all of the process."""
PATIENCE = 10.0
"""Seconds that a running chore gets at the end of the process; what it has not committed is not done."""

_log = structlog.get_logger("scim_server.chores")


class Bell:
    """Rung by a request that left work for a chore, so that nobody waits for the time of that chore to come."""

    def __init__(self) -> None:
        self._rung = threading.Event()
        self._wanted: deque[str] = deque()

    def ring(self, chore: str = "") -> None:
        """Have the thread of this process run that chore next; without a name, have it look up."""
        if chore:
            self._wanted.append(chore)
        self._rung.set()

    def wait(self, seconds: float | None) -> list[str]:
        """The chores that are wanted, each once, as soon as one is, or the bell is rung for none; None for ever."""
        self._rung.wait(seconds)
        self._rung.clear()
        wanted = [self._wanted.popleft() for _ in range(len(self._wanted))]
        return list(dict.fromkeys(wanted))


class SharedBell(Bell):
    """One that is heard in all processes that were forked since, by whichever waits, however often it is rung."""

    def __init__(self) -> None:
        super().__init__()
        self._heard, self._rope = os.pipe()
        for each in (self._heard, self._rope):
            os.set_blocking(each, False)

    def ring(self, chore: str = "") -> None:
        """Have whoever waits look up. It carries no names."""
        assert not chore, chore
        with suppress(BlockingIOError):  # it was rung often, and nobody has looked up yet
            os.write(self._rope, b"!")

    def wait(self, seconds: float | None) -> list[str]:
        ringing = select.poll()
        ringing.register(self._heard, select.POLLIN)
        if ringing.poll(None if seconds is None else 1000 * seconds):
            with suppress(BlockingIOError):  # another was quicker
                os.read(self._heard, 1 << 16)
        return []


def go_through(turns: Iterator[Turn], is_over: Callable[[], bool]) -> None:
    """Take the turns until it is over. Nothing raised here ends a thread: the database may be back next time."""
    try:
        for _ in turns:
            if is_over():
                break
    except Unavailable as error:
        _log.warning("chores are put off", reason=str(error))
    except Exception as error:
        _log.error("chores are put off", exc_info=error)


class ChoreThread:
    """Runs what is due until it is stopped, or the process ends; while a long one rests, what else is due.

    Threads and connections do not survive a fork: start it in the process that serves.
    """

    def __init__(self, units: Units, chores: Sequence[Chore], every: float = EVERY, bell: Bell | None = None) -> None:
        self._units = units
        self._chores = chores
        self._every = every
        self._bell = bell or Bell()
        self._looked = time.monotonic()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="chores", daemon=True)

    def start(self) -> None:
        """Begin, with a look at once."""
        self._thread.start()
        at_the_end(self, self.stop)

    def stop(self) -> None:
        """Begin no other chore, and wait a moment for the one that runs."""
        self._stop.set()
        self._bell.ring()
        self._thread.join(PATIENCE)

    def _run(self) -> None:
        self._look()
        while not self._stop.is_set():
            self._answer(self._bell.wait(self._pause()))

    def _pause(self) -> float:
        """Seconds until it is time to look again."""
        return max(0.0, self._looked + self._every - time.monotonic())

    def _answer(self, wanted: Sequence[str]) -> None:
        """Run what somebody waits for, and look where it is time to."""
        if wanted and not self._stop.is_set():
            go_through(run_now(self._units, named(self._chores, wanted)), self._stop.is_set)
        if not self._pause() and not self._stop.is_set():
            self._look()

    def _look(self) -> None:
        self._looked = time.monotonic()
        go_through(run_due(self._units, self._chores, self._rest), self._stop.is_set)
        self._looked = time.monotonic()

    def _rest(self, worked: float) -> bool:
        """Rest after a step that took so many seconds, and look again where it is time to; False at the end."""
        ends = time.monotonic() + RESTS * worked
        while not self._stop.is_set():
            self._answer(self._bell.wait(min(self._pause(), max(0.0, ends - time.monotonic()))))
            if time.monotonic() >= ends:
                return not self._stop.is_set()
        return False
