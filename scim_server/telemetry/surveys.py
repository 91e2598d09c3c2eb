"""What the database is asked for: by one process at a time, every so often, and only while somebody looks at it."""

import json
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from scim_server.telemetry.metrics import Figure
from scim_server.telemetry.slots import Slots

EVERY = 15.0
"""Seconds between two askings, whoever asks."""
WANTED = 180.0
"""Seconds after which nobody looks any more: the next who does finds what was asked for last."""
OLD = 300.0
"""Seconds after which figures say nothing any more."""

Ask = Callable[[], Sequence[Figure]]


class Survey:
    """The figures of a folder that processes share. Nobody who looks waits for the database."""

    def __init__(self, slots: Slots, ask: Ask) -> None:
        self._slots = slots
        self._ask = ask
        self._figures = slots.folder / "figures.json"
        self._wanted = slots.folder / "wanted"

    def latest(self) -> tuple[float, list[Figure]]:
        """How old the figures are, and what they are; none where there are none, or they are too old."""
        self._wanted.touch()
        age = _age(self._figures)
        if age > OLD:
            return age, []
        found = json.loads(self._figures.read_bytes())
        return age, [Figure(metric, tuple(labels), value) for metric, labels, value in found]

    def turn(self) -> None:
        """Ask where it is time to and somebody looks, or has not had the chance yet. Raises what asking raises."""
        if not self._is_due():
            return
        with self._slots.alone("survey") as alone:
            if alone and self._is_due():
                self._write(self._ask())

    def _is_due(self) -> bool:
        return _age(self._figures) >= EVERY and (not self._wanted.exists() or _age(self._wanted) < WANTED)

    def _write(self, figures: Sequence[Figure]) -> None:
        """Whole or not at all: others read it meanwhile."""
        draft = self._figures.with_suffix(f".{self._slots.number()}")
        draft.write_text(json.dumps(figures))
        os.replace(draft, self._figures)


def _age(path: Path) -> float:
    """Seconds since the file was written."""
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")
