"""Processes that are killed, as by `kill -9`, on their way: forked from one that has all modules already."""

import multiprocessing
import signal
from collections.abc import Callable

PATIENCE = 60
_FORKING = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload(["tests.delivery.dying_runs", "tests.delivery.dying_workers"])


def die(way: Callable[..., None], *arguments: str) -> None:
    """Run it in a process of its own, which must not see its end."""
    process = _FORKING.Process(target=way, args=arguments)
    process.start()
    process.join(PATIENCE)
    assert process.exitcode == -signal.SIGKILL, "standard error says why"
    process.close()
