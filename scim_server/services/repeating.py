"""Work that a process does beside its requests: every so often, in a thread, and once more at its end."""

import os
import threading
from collections.abc import Callable

from scim_server.services.endings import at_the_end


class Repetition:
    """`turn`, done every so many seconds with the number of the turn, and `last`, done at the end of the process.

    The thread begins with the first call of `ensure`, so that a process that is only forked opens no connection.
    The first turn is one such time later, or `at_once`. Nothing that it does may raise. `lock` is for whoever must not
    meet another turn; a fork brings a new one.
    """

    def __init__(
        self, name: str, turn: Callable[[int], None], last: Callable[[], None], *, at_once: bool = False
    ) -> None:
        self.lock = threading.Lock()
        self._name = name
        self._turn = turn
        self._last = last
        self._at_once = at_once
        self._every: float | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._pid: int | None = None

    def start(self, every: float) -> None:
        """Allow the thread, and say how many seconds lie between its turns."""
        self._every = every

    def ensure(self) -> None:
        """Have the thread run, if it may. It does not survive a fork: a child that serves starts its own."""
        if self._every is None or self._pid == os.getpid():
            return
        self._pid = os.getpid()
        self.lock, self._stop = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._run, args=(self._every, self._stop), name=self._name, daemon=True)
        self._thread.start()
        at_the_end(self, self.stop)

    def stop(self) -> None:
        """End the thread and do the last turn."""
        self._every = None
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self._last()

    def _run(self, every: float, stop: threading.Event) -> None:
        turn = 0
        while not stop.wait(0 if self._at_once and turn == 0 else every):
            self._turn(turn)
            turn += 1
