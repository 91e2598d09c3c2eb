"""A folder in which the processes that are scraped together keep their values, each under a number of its own.

A number is held by a lock, which the system takes back from whoever dies; the next process to begin goes on with the
files of that number. So there are never more files than processes at once, and what was counted is not lost with them.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

OWN = "scim-server-metrics"
"""What is ours in a folder that somebody names: what lies beside it is not looked at, let alone removed."""
VALUES = ("counter_*.db", "gauge_*.db", "histogram_*.db")
"""Files of values, as prometheus-client calls them."""
GONE_WITH_PROCESS = "gauge_live*_{}.db"
"""Files of gauges that say how a process is, not what it has done."""


class Slots:
    """A folder below the given one, and the number of this process. `taken` is called in each that takes one."""

    def __init__(self, within: Path, taken: Callable[[], None] = lambda: None) -> None:
        self.folder = within / OWN
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self._taken = taken
        self._process: int | None = None
        self._lock: int | None = None
        self._number = 0

    def number(self) -> int:
        """That of this process; a fork takes one of its own."""
        if self._process != os.getpid():
            self._take()
        return self._number

    def bury(self) -> None:
        """Forget how processes were that are no more."""
        own = self.number()
        with self._alone():
            for number in self._known():
                if number != own and (lock := self._locked(number)) is not None:
                    self._forget(number)
                    os.close(lock)

    def leave(self) -> None:
        """Give the number back."""
        if self._lock is not None:
            os.close(self._lock)
        self._lock = self._process = None

    @contextmanager
    def alone(self, name: str) -> Iterator[bool]:
        """Whether no other process is at what is called so; none begins until the block is left."""
        lock = self._opened(f"{name}.lock")
        try:
            yield _is_locked(lock)
        finally:
            os.close(lock)

    def _take(self) -> None:
        with self._alone():
            self.leave()  # the lock of a parent is the parent's
            known = self._known()
            locks = {number: self._locked(number) for number in known}
            if all(lock is not None for lock in locks.values()):
                self._empty()
            free = next(number for number in count() if number not in locks or locks[number] is not None)
            for number, lock in locks.items():
                if lock is not None and number != free:
                    os.close(lock)
            self._lock = locks.get(free) or self._locked(free)
            self._forget(free)
            self._number, self._process = free, os.getpid()
        self._taken()

    def _known(self) -> list[int]:
        return sorted(int(path.stem) for path in self.folder.glob("*.slot"))

    def _locked(self, number: int) -> int | None:
        """The lock of a number, None where a process holds it."""
        lock = self._opened(f"{number}.slot")
        if _is_locked(lock):
            return lock
        os.close(lock)
        return None

    def _empty(self) -> None:
        """What nobody holds was left by a server before this one, which may have counted otherwise."""
        for pattern in VALUES:
            for path in self.folder.glob(pattern):
                path.unlink()

    def _forget(self, number: int) -> None:
        for path in self.folder.glob(GONE_WITH_PROCESS.format(number)):
            with suppress(FileNotFoundError):
                path.unlink()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        lock = self._opened("slots.lock")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _opened(self, name: str) -> int:
        return os.open(self.folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _is_locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
