"""Ending with the process that began this one, also where that is killed and can end nothing any more."""

import ctypes
import os
import signal
import sys
import threading

LOOKS = 1.0
"""Seconds between two looks where the system says nothing by itself."""
_SET_PARENT_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG (Linux, prctl(2))."""


def end_with(parent: int) -> None:
    """Have this process told to end (SIGTERM) as soon as that one is gone, which is its parent unless it is gone
    already. What this process forks is its own business."""
    if not _is_told(parent):
        threading.Thread(target=_watch, args=(parent,), name="parent", daemon=True).start()


def _is_told(parent: int) -> bool:
    """Whether the system tells it by itself from now on."""
    if sys.platform != "linux":
        return False
    told: int = ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, int(signal.SIGTERM), 0, 0, 0)
    if told == 0 and os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)
    return told == 0


def _watch(parent: int) -> None:
    pause = threading.Event()
    while os.getppid() == parent:
        pause.wait(LOOKS)
    os.kill(os.getpid(), signal.SIGTERM)
