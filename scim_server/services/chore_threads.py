"""A thread of the process that looks which chores are due."""

import atexit
import threading
import time
from collections.abc import Sequence
from multiprocessing.util import Finalize

import structlog

from scim_server.domain.errors import Unavailable
from scim_server.services.chores import Chore, run_due
from scim_server.services.ports import Units

EVERY = 15.0
"""Seconds between two looks; well below the minute after which the most frequent chores are due again."""
RESTS = 19
"""A chore in steps rests so many times as long as a step took, so that requests keep nearly all of the process."""
PATIENCE = 10.0
"""Seconds that a running chore gets at the end of the process; what it has not committed is not done."""

_log = structlog.get_logger("scim_server.chores")


class ChoreThread:
    """Runs what is due until it is stopped, or the process ends; while a long one rests, what else is due.

    Threads and connections do not survive a fork: start it in the process that serves.
    """

    def __init__(self, units: Units, chores: Sequence[Chore], every: float = EVERY) -> None:
        self._units = units
        self._chores = chores
        self._every = every
        self._looked = time.monotonic()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="chores", daemon=True)

    def start(self) -> None:
        """Begin, with a look at once."""
        self._thread.start()
        # A worker made by multiprocessing ends without the handlers of atexit, any other process without finalizers.
        atexit.register(self.stop)
        Finalize(self, self.stop, exitpriority=0)

    def stop(self) -> None:
        """Begin no other chore, and wait a moment for the one that runs."""
        self._stop.set()
        self._thread.join(PATIENCE)

    def _run(self) -> None:
        self._look()
        while not self._stop.wait(self._every):
            self._look()

    def _look(self) -> None:
        """Nothing raised here may end the thread: the database may be back at the next look."""
        self._looked = time.monotonic()
        try:
            for _ in run_due(self._units, self._chores, self._rest):
                if self._stop.is_set():
                    break
        except Unavailable as error:
            _log.warning("chores are put off", reason=str(error))
        except Exception as error:
            _log.error("chores are put off", exc_info=error)

    def _rest(self, worked: float) -> bool:
        """Rest after a step that took so many seconds, and look again where it is time to; False at the end."""
        ends = time.monotonic() + RESTS * worked
        while not self._stop.wait(min(self._every, max(0.0, ends - time.monotonic()))):
            if time.monotonic() - self._looked >= self._every:
                self._look()
            if time.monotonic() >= ends:
                return True
        return False
