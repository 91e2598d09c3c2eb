"""The process beside those that serve which sends events and takes jobs, over PostgreSQL.

It gives way to them: what receivers cost is what servers leave of the processors, and no request waits for its
interpreter. Forked before anything is opened, it shares their memory. Over SQLite, where whoever writes keeps all
others waiting and must not give way, a thread of the one that serves does the same.
"""

import multiprocessing
import signal
import threading
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Self

import structlog

from scim_server.app import Installation
from scim_server.cli.workers import Worker, spare_memory
from scim_server.cli.working import work
from scim_server.http.logs import log_uncaught

AGAIN = 1.0
"""Seconds until one that ended by itself is begun again."""
PATIENCE = 20.0
"""Seconds that one gets to finish what is on its way; what is not settled is sent again."""

_log = structlog.get_logger("scim_server")


class Companion:
    """Runs within its block; one that ends by itself is followed by another."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._over = threading.Event()
        self._turn = threading.Lock()
        self._process: BaseProcess | None = None
        self._watcher = threading.Thread(target=self._watch, name="companion", daemon=True)

    def __enter__(self) -> Self:
        self._begin()
        self._watcher.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._over.set()
        self._end()

    def renew(self) -> None:
        """Have another follow with the settings as they are now."""
        self._end()

    def _begin(self) -> None:
        with self._turn:
            if not self._over.is_set():
                self._process = multiprocessing.get_context("fork").Process(
                    target=accompany, args=(self._worker.installation,), name="worker", daemon=True
                )
                self._process.start()

    def _end(self) -> None:
        with self._turn:
            process = self._process
            if process is not None and process.is_alive():
                process.terminate()
                process.join(PATIENCE)
                process.kill()

    def _watch(self) -> None:
        while not self._over.is_set():
            process = self._process
            if process is not None:
                process.join()
            if process is not None and process.exitcode:
                _log.error("the worker beside has ended", exitcode=process.exitcode)
                self._over.wait(AGAIN)
            self._begin()


def accompany(installation: Installation) -> None:
    """Work until told to stop, or until the process that began this one is gone."""
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    log_uncaught()
    spare_memory()
    parent = multiprocessing.parent_process()
    assert parent is not None
    assert parent.pid is not None
    work(installation, parent.pid)
