"""What a metric is: its name, what it says, and what it is told apart by (https://prometheus.io/docs/practices/naming/)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """Counters only rise and begin anew with the processes; gauges go both ways; histograms count by size."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. `name` is as queries have it, `buckets` are the upper bounds of a histogram."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()

    @property
    def series(self) -> tuple[str, ...]:
        """The names that a query can ask for."""
        if self.kind is Kind.HISTOGRAM:
            return tuple(f"{self.name}_{part}" for part in ("bucket", "count", "sum"))
        return (self.name,)


class Figure(NamedTuple):
    """What was found to be the value of a gauge, for these values of its labels, in their order."""

    metric: str
    labels: tuple[str, ...]
    value: float
