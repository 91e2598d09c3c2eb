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
from scim_server.cli.inheritances import let_go_of_listeners
from scim_server.cli.workers import Worker, spare_memory
from scim_server.cli.working import work
from scim_server.http.logs import log_uncaught

AGAIN = 1.0
"""Seconds until one that ended by itself is begun again."""
PATIENCE = 20.0
"""Seconds that one gets to finish what is on its way; what is not settled is sent again."""

_log = structlog.get_logger("scim_server")


class Companion:
    """Runs within its block, as long as the settings want one; one that ends by itself is followed by another."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._over = threading.Event()
        self._changed = threading.Event()
        self._ended = threading.Event()
        self._turn = threading.Lock()
        self._process: BaseProcess | None = None
        self._watcher = threading.Thread(target=self._watch, name="companion", daemon=True)

    def __enter__(self) -> Self:
        self._watcher.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._over.set()
        self.renew()

    def renew(self) -> None:
        """Have another follow with the settings as they are now, or none where they want none."""
        self._changed.set()
        with self._turn:
            process = self._process
        if process is not None and not self._ended.is_set():
            process.terminate()
            if not self._ended.wait(PATIENCE):
                process.kill()

    def _watch(self) -> None:
        """The thread that forks stays as long as what it forked: the kernel tells that when it is gone."""
        while not self._over.is_set():
            self._changed.clear()
            process = self._begin() if self._worker.wants_companion else None
            if process is None:
                self._changed.wait(None if not self._worker.wants_companion else AGAIN)
                continue
            process.join()
            self._ended.set()
            if process.exitcode and not self._changed.is_set():
                _log.error("the worker beside has ended", exitcode=process.exitcode)
                self._changed.wait(AGAIN)

    def _begin(self) -> BaseProcess | None:
        """None where no process can be made at the moment."""
        forking = multiprocessing.get_context("fork")
        with self._turn:
            if self._over.is_set():
                return None
            process = forking.Process(target=accompany, args=(self._worker.installation,), name="worker", daemon=True)
            try:
                process.start()
            except OSError as error:
                _log.error("there is no worker beside", reason=str(error))
                return None
            self._ended.clear()
            self._process = process
            return process


def accompany(installation: Installation) -> None:
    """Work until told to stop, or until the process that began this one is gone: its port is free at once, however
    much is on its way."""
    let_go_of_listeners()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    log_uncaught()
    spare_memory()
    parent = multiprocessing.parent_process()
    assert parent is not None
    assert parent.pid is not None
    work(installation, parent.pid)
