"""Log entries that need not be written at once: kept in memory and written together, by a thread of the process.

When tokens were last used travels with them. A write's entry rides in its transaction and never comes here; losing
what is here loses no trace of a change.
"""

from collections import deque
from datetime import timedelta

import structlog

from scim_server.domain.errors import Unavailable
from scim_server.domain.instants import Instant
from scim_server.services.credentials import Credential
from scim_server.services.log_entries import LogEntry
from scim_server.services.ports import Units
from scim_server.services.provisioning_logs import keep, prune
from scim_server.services.repeating import Repetition
from scim_server.services.token_uses import TokenUses
from scim_server.telemetry.catalogue import LOG_ENTRIES, LOG_WAITING

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
        self._uses = TokenUses()
        self._dropped = 0
        self._repetition = Repetition("provisioning-log", self._turn, self.flush)

    def start(self, every: float = EVERY) -> None:
        """Write what waits every so many seconds, and at the end of the process."""
        self._repetition.start(every)

    def keep_soon(self, entry: LogEntry) -> None:
        """Keep an entry with the next writing."""
        if len(self._waiting) >= CAPACITY:
            self._dropped += 1
            LOG_ENTRIES.add("dropped")
        else:
            self._waiting.append(entry)
        self._repetition.ensure()

    def note_use(self, credential: Credential, now: Instant) -> None:
        """Have the use of a token written down with the next writing, unless it was within this minute."""
        if self._uses.note(credential, now):
            self._repetition.ensure()

    def keep_now(self, entry: LogEntry) -> None:
        """Keep an entry in a transaction of its own; with the next writing where the store cannot be reached."""
        try:
            keep(self._units, [entry])
        except Unavailable:
            self.keep_soon(entry)
        except Exception as error:
            LOG_ENTRIES.add("lost")
            _log.error("log entry lost", request_id=entry.id, exc_info=error)

    def stop(self) -> None:
        """End the thread and write what waits."""
        self._repetition.stop()

    def flush(self) -> None:
        """Write all that waits. What the store cannot take now stays for the next time."""
        with self._repetition.lock:
            while batch := [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]:
                if not self._write(batch):
                    break
            self._write_uses()
        LOG_WAITING.set(len(self._waiting))
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
            LOG_ENTRIES.add("lost", by=len(batch))
            _log.error("log entries lost", count=len(batch), exc_info=error)
        else:
            LOG_ENTRIES.add("written", by=len(batch))
        return True

    def _write_uses(self) -> None:
        try:
            self._uses.write(self._units)
        except Unavailable:
            return
        except Exception as error:
            _log.error("uses of tokens not written", exc_info=error)

    def _turn(self, number: int) -> None:
        self.flush()
        if number % PRUNE_EVERY == 0:
            self.prune()
