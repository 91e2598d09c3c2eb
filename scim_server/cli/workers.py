"""A process that serves, and the memory that it shares with its siblings."""

import ctypes
import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from scim_server.app import Installation, create_app, install
from scim_server.app.chore_threads import start_asking
from scim_server.cli.parents import end_with
from scim_server.config import Settings
from scim_server.delivery.event_threads import Election, EventThread
from scim_server.http.logs import log_uncaught
from scim_server.services.chore_threads import SharedBell

STOPPING = frozenset({signal.SIGTERM, signal.SIGINT})
M_MMAP_THRESHOLD, LARGE_BLOCK = -3, 131_072
"""mallopt(3): from which size on a block is a mapping of its own."""
M_ARENA_MAX, HEAPS = -8, 2
"""mallopt(3): how many heaps threads share. Those of one interpreter seldom ask for memory at once."""


class Worker:
    """What each worker runs: made before they are forked, so that they share its memory; it has opened nothing yet.

    No connection of the database crosses a fork. A worker that is spawned, as Python 3.14 would have it, makes its own.
    """

    def __init__(self, settings: Settings) -> None:
        self._election = Election()
        self._news = SharedBell()
        self.renew(settings)

    def renew(self, settings: Settings) -> None:
        """Make anew what workers run that begin from now on. Raises as `install` does, and changes nothing then."""
        installation = install(settings, self._news)
        application = create_app(installation)
        self._settings, self._installation, self._application = settings, installation, application

    def __reduce__(self) -> tuple[type["Worker"], tuple[Settings]]:
        return Worker, (self._settings,)

    @property
    def installation(self) -> Installation:
        """What is shared: nothing of it is open."""
        return self._installation

    @property
    def wants_companion(self) -> bool:
        """Whether a process beside sends events and takes jobs: over SQLite one of those that serve does."""
        return self._settings.worker == "on" and not self._installation.database.is_sqlite

    def __call__(self) -> Callable[..., Any]:
        log_uncaught()
        spare_memory()
        parent = multiprocessing.parent_process()
        if parent is not None and parent.pid is not None:
            end_with(parent.pid)
        self._installation.watch.ensure()
        start_asking(self._installation)
        if self._settings.worker == "on" and self._installation.database.is_sqlite:
            EventThread(self._installation.event_worker(), self._election.won).start()
        return self._application


def let_be_stopped() -> None:
    """Have every process that is forked from now on be ended by the signals that stop it, until it has ways of its own.

    With those of the server, which it is forked with, they would do nothing, and it would be waited for in vain.
    """
    held = threading.local()

    def hold() -> None:
        held.former = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)

    def release() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, held.former)

    def begin() -> None:
        for each in STOPPING:
            signal.signal(each, signal.SIG_DFL)
        release()

    os.register_at_fork(before=hold, after_in_parent=release, after_in_child=begin)


def spare_memory() -> None:
    """Have glibc return each large block to the system when it is freed, and give threads no heaps of their own.

    Left alone it learns from the first one to keep them, in a heap of each thread: megabytes for every large group.
    """
    with suppress(OSError, AttributeError):  # another C library has no such thing
        library = ctypes.CDLL(None)
        library.mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK)
        library.mallopt(M_ARENA_MAX, HEAPS)


def keep_shared() -> None:
    """Let the collector forget all there is before a fork: what it looks at is written to, and shared no more."""
    gc.collect()
    gc.freeze()
