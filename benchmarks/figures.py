"""What was measured of an operation, and what it is to reach."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from math import inf
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One operation: answers per second, milliseconds that one took (median, 99th of 100, longest), and microseconds
    of CPU for each of them in the server and in the database, with all that was left to be done behind it, for which
    it took `behind` seconds more."""

    rate: float
    p50: float
    p99: float
    longest: float
    server_cpu: float
    database_cpu: float
    behind: float

    @classmethod
    def median(cls, rounds: Sequence["Figure"]) -> "Figure":
        """Each measure's median over the rounds; of what took longest the longest."""
        medians = {field.name: median(getattr(each, field.name) for each in rounds) for field in fields(cls)}
        return cls(**{**medians, "longest": max(each.longest for each in rounds)})

    def told(self) -> dict[str, Any]:
        return {name: round(value, 3) for name, value in asdict(self).items()}


def ratio(own: float, other: float) -> float:
    """How many times the other it is; endless where that was too little to be counted, as CPU goes by ticks."""
    return own / other if other else inf


Figures = Mapping[str, Figure]
"""By the name of the operation."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What a measure is to be: at least or at most a number, or so many times another operation's."""

    measure: str
    least: float | None = None
    most: float | None = None
    of: str | None = None

    def value(self, name: str, figures: Figures) -> float | None:
        """The measure, or its ratio to the other's; None where the other was not measured."""
        own = float(getattr(figures[name], self.measure))
        if self.of is None:
            return own
        other = figures.get(self.of)
        return ratio(own, float(getattr(other, self.measure))) if other else None

    def reached(self, value: float) -> bool:
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    def told(self, name: str, figures: Figures) -> str:
        """The goal and whether it is reached, in words."""
        limit, word = (self.least, "at least") if self.least is not None else (self.most, "at most")
        unit = f" × {self.of}" if self.of else _UNITS[self.measure]
        wanted = f"{_NAMES[self.measure]}{word} {limit:,g}{unit}"
        value = self.value(name, figures)
        if value is None:
            return f"{wanted}: not measured"
        verdict = "reached" if self.reached(value) else "NOT REACHED"
        return f"{wanted}: {verdict} ({value:.2f})" if self.of else f"{wanted}: {verdict}"


_UNITS = {"rate": "/s", "p50": " ms", "longest": " ms", "server_cpu": " us"}
_NAMES = {"rate": "", "p50": "p50 ", "longest": "longest ", "server_cpu": "CPU "}


def missed(goals: Mapping[str, Iterable[Goal]], figures: Figures) -> list[str]:
    """The goals that were not reached, each with the name of its operation."""
    return [
        f"{name}: {goal.told(name, figures)}"
        for name, wanted in goals.items()
        if name in figures
        for goal in wanted
        if (value := goal.value(name, figures)) is not None and not goal.reached(value)
    ]
