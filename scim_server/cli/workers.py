"""A process that serves, and the memory that it shares with its siblings."""

import ctypes
import gc
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from scim_server.app import create_app, install
from scim_server.config import Settings
from scim_server.http.logs import log_uncaught
from scim_server.services.chore_threads import ChoreThread

M_MMAP_THRESHOLD = -3
"""mallopt(3): from which size on a block is a mapping of its own."""
LARGE_BLOCK = 131_072


class Worker:
    """What each worker runs: made before they are forked, so that they share its memory; it has opened nothing yet.

    No connection of the database crosses a fork. A worker that is spawned, as Python 3.14 would have it, makes its own.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._installation = install(settings)
        self._application = create_app(self._installation)

    def __reduce__(self) -> tuple[type["Worker"], tuple[Settings]]:
        return Worker, (self._settings,)

    def __call__(self) -> Callable[..., Any]:
        log_uncaught()
        _give_back_large_blocks()
        ChoreThread(self._installation.units, self._installation.chores).start()
        return self._application


def _give_back_large_blocks() -> None:
    """Have glibc return each large block to the system when it is freed.

    Left alone it learns from the first one to keep them, in a heap of each thread: megabytes for every large group.
    """
    with suppress(OSError, AttributeError):  # another C library has no such thing
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK)


def keep_shared() -> None:
    """Let the collector forget all there is before a fork: what it looks at is written to, and shared no more."""
    gc.collect()
    gc.freeze()
