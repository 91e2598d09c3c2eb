"""What watches an installation: its traces, and its metrics, where they are kept, asked for and read."""

import atexit
import errno
import os
import shutil
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from scim_server.config import Settings
from scim_server.domain.errors import Unavailable
from scim_server.services.repeating import Repetition
from scim_server.services.retrying import USE_CASES
from scim_server.services.surveying import survey
from scim_server.store.cells import Cells
from scim_server.store.unit_of_work import Units
from scim_server.telemetry import meters, traces
from scim_server.telemetry.catalogue import AT_ZERO, CONNECTIONS, GIVEN_UP, PROCESSES
from scim_server.telemetry.expositions import exposed
from scim_server.telemetry.metrics import Figure
from scim_server.telemetry.slots import Slots
from scim_server.telemetry.surveys import Survey

if TYPE_CHECKING:
    from scim_server.telemetry.listeners import Listener

EVERY = 5.0
"""Seconds between two turns of a process."""

_log = structlog.get_logger("scim_server.metrics")


def trace() -> None:
    """Trace from now on as the variables of OpenTelemetry have it. What cannot be traced works all the same."""
    if not traces.wanted() or traces.is_on():
        return
    try:
        traces.begin(traces.exporting())
    except traces.Untraceable as error:
        _log.warning("nothing is traced", reason=str(error))


class Watch:
    """Does nothing unless the settings say where metrics are read."""

    def __init__(self, settings: Settings, units: Units, cells: Cells) -> None:
        self._role = "serve"
        self._settings = settings
        self._units, self._cells = units, cells
        self._slots: Slots | None = None
        self._listener: Listener | None = None
        self._repetition = Repetition("metrics", lambda _turn: self.turn(), self._close, at_once=True)

    def begin(self) -> None:
        """Count from now on, in this process and in those that it forks."""
        if self._settings.tells_metrics and self._slots is None:
            folder = self._settings.metrics_dir or _own_folder()
            self._slots = meters.begin(folder, self._repetition.ensure)

    def start(self, role: str = "serve") -> None:
        """Let each process that counts have a thread for what is to be done every few seconds; `role` says what the
        processes do."""
        self.begin()
        self._role = role
        self._repetition.start(EVERY)

    def ensure(self) -> None:
        """Begin with that in this process, whether it has counted anything yet or not."""
        if self._slots is not None:
            self._repetition.ensure()

    def text(self) -> bytes:
        """All metrics, as they are read."""
        return exposed(self._known, self._survey)

    def turn(self) -> None:
        """What is to be done every few seconds. Nothing raised here ends the thread."""
        try:
            self._listen()
            self._sample()
            self._survey.turn()
        except Unavailable as error:
            _log.warning("metrics are put off", reason=str(error))
        except Exception as error:
            _log.error("metrics are put off", exc_info=error)

    def end(self) -> None:
        """Count no more."""
        self._repetition.stop()
        if self._slots is not None:
            self._slots = None
            meters.end()

    @property
    def _known(self) -> Slots:
        assert self._slots is not None, "metrics are read where they are kept"
        return self._slots

    @property
    def _survey(self) -> Survey:
        return Survey(self._known, self._ask)

    def _ask(self) -> Sequence[Figure]:
        return survey(self._units, self._cells, self._settings.metrics_tenants)

    def _sample(self) -> None:
        PROCESSES.set(1, self._role)
        for counter, labels in (*AT_ZERO, *((GIVEN_UP, (name,)) for name in sorted(USE_CASES))):
            counter.add(*labels, by=0)
        for cell, database in self._cells.databases.items():
            in_use, idle = database.connections()
            CONNECTIONS.set(in_use, cell, "in_use")
            CONNECTIONS.set(idle, cell, "idle")

    def _listen(self) -> None:
        """Of several processes the first one does, and the next when it is gone: an address has one listener."""
        bind = self._settings.metrics_bind
        if bind is None or self._listener is not None:
            return
        # Imported here because all commands install, and start faster without a server of HTTP.
        from scim_server.telemetry.listeners import Listener

        try:
            self._listener = Listener(bind.host, bind.port, self.text, self._settings.metrics_token)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                _log.warning("metrics cannot be read", bind=str(bind), reason=error.strerror)

    def _close(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None


@cache
def _own_folder() -> Path:
    """A folder of this process and its forks, in memory where the system has such a place; it goes with the process.

    An installation that is made anew goes on counting there.
    """
    memory = Path("/dev/shm")  # noqa: S108 a folder is made in it that only its owner can open
    folder = Path(tempfile.mkdtemp(prefix="scim-server-metrics-", dir=memory if os.access(memory, os.W_OK) else None))
    owner = os.getpid()

    def remove() -> None:
        if os.getpid() == owner:
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)
    return folder
