"""How much of the processors sending takes while whoever provisions wants them all.

A niceness alone does not do: the database carries out the statements of everybody at the same one. So whoever sends
rests between two jobs, as long as events come in quickly and no processor of the machine is idle. Where that cannot be
told, as on what is not Linux, or on a machine where only the database is shared, nobody rests.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

QUICKLY = 50
"""Events a second from which on provisioning wants a good part of the machine, not a trickle beside other work."""
IDLE = 0.1
"""The part of the processors that is idle on a machine that has room."""
SHARE, SHARE_OF_LATE = 0.05, 0.2
"""Of one processor: what sending takes meanwhile, and what it takes when that which it sends has become late."""
LATE = 60.0
"""Seconds after which what waits is late."""
LONGEST = 5.0
"""Seconds of one rest."""
WINDOW = 2.0
"""Seconds over which events are counted."""
LOOK = 0.5
"""Seconds between two looks at the processors, whose clocks tick a hundred times a second."""
_STAT = Path("/proc/stat")
_IDLING = slice(3, 5)
"""Idle, and idle until a disk answers, among the times in the first line (proc(5))."""
_ALL = slice(0, 8)


class Pace:
    """Of one process: all its threads that send share it."""

    def __init__(self, stat: Path = _STAT) -> None:
        self._lock = threading.Lock()
        self._stat = stat
        self._spent = 0.0
        self._until = 0.0
        self._came: list[tuple[float, int]] = []
        self._looked = float("-inf")
        self._times = (0, 0)
        self._is_full = False

    def came(self, events: int) -> None:
        """So many events have come in."""
        with self._lock:
            self._came.append((time.monotonic(), events))

    @contextmanager
    def working(self) -> Iterator[None]:
        """Within it the thread does what its process is to rest for."""
        begun = time.thread_time()
        try:
            yield
        finally:
            with self._lock:
                self._spent += time.thread_time() - begun

    @property
    def left(self) -> float:
        """Seconds until the next job may begin, which is at once where there is room."""
        left = self._until - time.monotonic()
        return left if left > 0 and self.gives_way else 0.0

    def rest(self, stopped: threading.Event) -> None:
        """Wait until the next job may begin, or nothing is to begin any more."""
        while (left := self.left) and not stopped.wait(min(left, LOOK)):
            pass

    def ended(self, waited: float) -> None:
        """A job is over, the first of whose events had waited for so many seconds: the next one begins when it may."""
        with self._lock:
            spent, self._spent = self._spent, 0.0
            if not self._is_wanted():
                return
            share = SHARE if waited < LATE else SHARE_OF_LATE
            moment = time.monotonic()
            self._until = min(max(moment, self._until) + spent * (1 / share - 1), moment + LONGEST)

    @property
    def gives_way(self) -> bool:
        """Whether whoever provisions wants the whole machine now."""
        with self._lock:
            return self._is_wanted()

    def _is_wanted(self) -> bool:
        since = time.monotonic() - WINDOW
        self._came = [each for each in self._came if each[0] >= since]
        self._look()
        return self._is_full and sum(events for _, events in self._came) >= QUICKLY * WINDOW

    def _look(self) -> None:
        now = time.monotonic()
        if now < self._looked + LOOK:
            return
        with suppress(OSError, ValueError):
            idle, ticks = _ticks(self._stat)
            before, self._times, self._looked = self._times, (idle, ticks), now
            self._is_full = idle - before[0] < IDLE * (ticks - before[1])


def _ticks(stat: Path) -> tuple[int, int]:
    """The time that all processors were idle since the machine began, and all time."""
    with stat.open() as lines:
        times = [int(each) for each in lines.readline().split()[1:]]
    return sum(times[_IDLING]), sum(times[_ALL])
