"""What a process counts as it works. Until `begin` a meter does nothing, and prometheus-client is not loaded."""

import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Any

import structlog

from scim_server.telemetry.metrics import Kind, Metric
from scim_server.telemetry.slots import Slots

MOST_SERIES = 2_000
"""Combinations of labels that a meter tells apart in a process; what comes beyond them counts as OTHER."""
OTHER = "other"
_log = structlog.get_logger("scim_server.metrics")

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Where prometheus-client looks for the folder as it makes a value."""


class _Keeping:
    """Where values are kept, if they are. The files are made with the first value, in the process that has it."""

    slots: Slots | None = None
    started = False


class _Uncounted:
    """Takes what cannot be kept."""

    def inc(self, _by: float) -> None: ...

    def set(self, _value: float) -> None: ...

    def observe(self, _value: float) -> None: ...


class Meter:
    """One metric as this process counts it. `mode` says what becomes of the values of several processes."""

    def __init__(self, metric: Metric, mode: str = "") -> None:
        self.metric = metric
        self._mode = mode
        self._lock = Lock()
        self._family: Any = None
        self._children: dict[tuple[str, ...], Any] = {}
        _METERS.append(self)

    def _child(self, labels: tuple[str, ...]) -> Any:
        return self._children.get(labels) or self._new(labels)

    def _new(self, labels: tuple[str, ...]) -> Any:
        """Where files cannot be made nothing is counted, and whatever was to be counted is done all the same."""
        with self._lock:
            if len(self._children) >= MOST_SERIES:
                labels = (OTHER,) * len(labels)
            try:
                if self._family is None:
                    self._family = self._made()
                child = self._family.labels(*labels) if labels else self._family
            except OSError as error:
                _log.error("a metric is not counted", metric=self.metric.name, reason=error.strerror)
                child = _Uncounted()
            self._children[labels] = child
            return child

    def _made(self) -> Any:
        with _STARTING:
            if not _Keeping.started:
                _start()
        kind: Any = getattr(import_module("prometheus_client"), self.metric.kind.value.title())
        more: dict[str, Any] = {"buckets": self.metric.buckets} if self.metric.buckets else {}
        more |= {"multiprocess_mode": self._mode} if self._mode else {}
        return kind(self.metric.name, self.metric.help, self.metric.labels, registry=None, **more)

    def forget(self) -> None:
        """Begin anew, wherever that is."""
        self._family = None
        self._children.clear()


class Counter(Meter):
    """Counts what happened."""

    def __init__(self, name: str, help_: str, *labels: str) -> None:
        super().__init__(Metric(name, Kind.COUNTER, help_, labels))

    def add(self, *labels: str, by: float = 1) -> None:
        """Raise it."""
        if _Keeping.slots is not None:
            self._child(labels).inc(by)


class Gauge(Meter):
    """Says how something is. Of several processes that live the `mode` takes the sum, or else what it says."""

    def __init__(self, name: str, help_: str, *labels: str, mode: str = "livesum") -> None:
        super().__init__(Metric(name, Kind.GAUGE, help_, labels), mode)

    def set(self, value: float, *labels: str) -> None:
        """Say it."""
        if _Keeping.slots is not None:
            self._child(labels).set(value)


class Histogram(Meter):
    """Counts by size."""

    def __init__(self, name: str, help_: str, *labels: str, buckets: tuple[float, ...]) -> None:
        super().__init__(Metric(name, Kind.HISTOGRAM, help_, labels, buckets))

    def observe(self, value: float, *labels: str) -> None:
        """Count one."""
        if _Keeping.slots is not None:
            self._child(labels).observe(value)


_METERS: list[Meter] = []
_STARTING = Lock()


def begin(folder: Path, in_process: Callable[[], None] = lambda: None) -> Slots:
    """Count from now on, into that folder. `in_process` is called in each process as it has its first value.

    Loads what is needed, so that processes which are forked later share it.
    """
    end()
    import_module("prometheus_client")
    _Keeping.slots = Slots(folder, in_process)
    return _Keeping.slots


def end() -> None:
    """Count no more."""
    if _Keeping.slots is None:
        return
    if _Keeping.started:
        import_module("prometheus_client.values").close_all_multiprocess_files()
    _Keeping.slots.leave()
    _Keeping.slots, _Keeping.started = None, False
    os.environ.pop(FOLDER, None)
    for meter in _METERS:
        meter.forget()


def _start() -> None:
    """Have prometheus-client keep values in the folder, by the numbers of processes instead of their ids."""
    slots = _Keeping.slots
    assert slots is not None, "nothing is counted before the begin"
    values: Any = import_module("prometheus_client.values")
    os.environ[FOLDER] = str(slots.folder)
    values.ValueClass = values.MultiProcessValue(slots.number)
    _Keeping.started = True
