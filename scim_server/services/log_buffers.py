"""Log entries that need not be written at once: kept in memory and written together, by a thread of the process.

A write's entry rides in its transaction and never comes here; losing what is here loses no trace of a change.
"""

import atexit
import os
import threading
from collections import deque
from datetime import timedelta
from multiprocessing.util import Finalize

import structlog

from scim_server.domain.errors import Unavailable
from scim_server.services.log_entries import LogEntry
from scim_server.services.ports import Units
from scim_server.services.provisioning_logs import keep, prune

CAPACITY = 10_000
"""Entries that wait at most; more are dropped, counted and complained of."""
BATCH = 500
"""Entries written in one transaction."""
EVERY = 1.0
"""Seconds between two writings."""
PRUNE_EVERY = 60
"""Writings between two removals of old entries."""

_log = structlog.get_logger("scim_server.provisioning_log")


class LogBuffer:
    """Entries on their way into the store. Nothing here ever raises: the log must not change an answer."""

    def __init__(self, units: Units, retention: timedelta) -> None:
        self._units = units
        self._retention = retention
        self._waiting: deque[LogEntry] = deque()
        self._dropped = 0
        self._writing = threading.Lock()
        self._every: float | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._pid: int | None = None

    def start(self, every: float = EVERY) -> None:
        """Write what waits every so many seconds, and at the end of the process.

        The thread begins with the first entry, so that a process that is only forked opens no connection.
        """
        self._every = every

    def keep_soon(self, entry: LogEntry) -> None:
        """Keep an entry with the next writing."""
        if len(self._waiting) >= CAPACITY:
            self._dropped += 1
        else:
            self._waiting.append(entry)
        self._ensure_thread()

    def keep_now(self, entry: LogEntry) -> None:
        """Keep an entry in a transaction of its own; with the next writing where the store cannot be reached."""
        try:
            keep(self._units, [entry])
        except Unavailable:
            self.keep_soon(entry)
        except Exception as error:
            _log.error("log entry lost", request_id=entry.id, exc_info=error)

    def stop(self) -> None:
        """End the thread and write what waits."""
        self._every = None
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self.flush()

    def flush(self) -> None:
        """Write all that waits. What the store cannot take now stays for the next time."""
        with self._writing:
            while batch := [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]:
                if not self._write(batch):
                    break
        dropped, self._dropped = self._dropped, 0
        if dropped:
            _log.warning("log entries dropped", count=dropped, reason="the buffer was full")

    def prune(self) -> None:
        """Remove what is older than the retention."""
        try:
            prune(self._units, self._retention)
        except Unavailable as error:
            _log.warning("old log entries stay", reason=str(error))
        except Exception as error:
            _log.error("old log entries stay", exc_info=error)

    def _write(self, batch: list[LogEntry]) -> bool:
        try:
            keep(self._units, batch)
        except Unavailable:
            self._waiting.extendleft(reversed(batch))
            return False
        except Exception as error:
            _log.error("log entries lost", count=len(batch), exc_info=error)
        return True

    def _ensure_thread(self) -> None:
        """A thread does not survive a fork: a child that serves starts its own."""
        if self._every is None or self._pid == os.getpid():
            return
        self._pid = os.getpid()
        self._writing, self._stop = threading.Lock(), threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(self._every, self._stop), name="provisioning-log", daemon=True
        )
        self._thread.start()
        # A worker made by multiprocessing ends without the handlers of atexit, any other process without finalizers.
        atexit.register(self.stop)
        Finalize(self, self.stop, exitpriority=0)

    def _run(self, every: float, stop: threading.Event) -> None:
        turn = 0
        while not stop.wait(every):
            self.flush()
            if turn % PRUNE_EVERY == 0:
                self.prune()
            turn += 1
