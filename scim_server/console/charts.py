"""Charts of figures over days, drawn by uPlot in the browser and written as a table below."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

import orjson
from flask_babel import gettext


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what it is called and its value on each day, None where there is none.

    A `steps` line goes up and down at once, as what was bought does; a `dashed` one is a forecast.
    """

    label: str
    values: Sequence[float | None]
    steps: bool = False
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines over the same days, as texts like 2026-11-27."""

    title: str
    days: Sequence[str]
    lines: Sequence[Line]

    @property
    def drawn(self) -> str:
        """What the script draws: seconds of midnights, then the lines."""
        seconds = [int(datetime.combine(date.fromisoformat(day), time(), UTC).timestamp()) for day in self.days]
        lines = [
            {"label": line.label, "values": line.values, "steps": line.steps, "dashed": line.dashed}
            for line in self.lines
        ]
        return orjson.dumps({"label": gettext("Day"), "days": seconds, "lines": lines}).decode()
