"""A thread that sends events, in one of the processes that serve on a machine."""

import fcntl
import os
import tempfile
import threading
from collections.abc import Callable

from scim_server.delivery.workers import EventWorker
from scim_server.services.endings import at_the_end

EVERY = 2.0
"""Seconds between two attempts to take the place of the process that sends."""
PATIENCE = 20.0
"""Seconds that requests on their way get at the end of the process; what is not settled is sent again."""


class Election:
    """Made before processes are forked: one of them wins, and when that one ends, another.

    Those that are made anew, as where nothing is forked, have an election each and all win: they share the work.
    """

    def __init__(self) -> None:
        self._file, name = tempfile.mkstemp()  # open as long as the process lives
        os.unlink(name)

    def won(self) -> bool:
        """A lock of the process, not of the open file, which all share (POSIX fcntl)."""
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


class EventThread:
    """Sends events as soon as the election is won, until it is stopped, or the process ends."""

    def __init__(self, worker: EventWorker, won: Callable[[], bool]) -> None:
        self._worker = worker
        self._won = won
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="events", daemon=True)

    def start(self) -> None:
        self._thread.start()
        at_the_end(self, self.stop)

    def stop(self) -> None:
        """Begin nothing else, and wait for what is on its way."""
        self._stop.set()
        self._worker.stop()
        self._thread.join(PATIENCE)

    def _run(self) -> None:
        while not self._won():
            if self._stop.wait(EVERY):
                return
        self._worker.run()
