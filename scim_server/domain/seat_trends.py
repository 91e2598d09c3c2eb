"""Where the use of a product's seats is heading, as far as its last days tell."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from math import ceil
from statistics import linear_regression

LEAST_DAYS = 7
"""A line through fewer days than these says nothing."""
HORIZON = 365
"""Days that anybody can look ahead."""
FLAT = 0.01
"""Seats a day below which the use does not grow."""


class Outlook(StrEnum):
    """What becomes of the free seats."""

    NONE_FREE = "none_free"
    UNKNOWN = "unknown"
    STEADY = "steady"
    LASTING = "lasting"
    RUNNING_OUT = "running_out"


@dataclass(frozen=True, slots=True)
class Trend:
    """How a product's seats stand on a day (`today`), and how many more are assigned each day; None where unknown."""

    today: date
    seats: int
    assigned: int
    pace: float | None

    @classmethod
    def of(cls, today: date, seats: int, assigned: Mapping[date, int]) -> "Trend":
        """From the assigned seats of days up to `today`, whose must be among them: by the straight line through all."""
        days = sorted(assigned)
        known = (days[-1] - days[0]).days + 1 >= LEAST_DAYS
        numbers = [day.toordinal() for day in days]
        pace = linear_regression(numbers, [assigned[day] for day in days]).slope if known else None
        return cls(today, seats, assigned[today], pace)

    @property
    def outlook(self) -> Outlook:
        if self.assigned >= self.seats:
            return Outlook.NONE_FREE
        if self.pace is None:
            return Outlook.UNKNOWN
        if self.pace < FLAT:
            return Outlook.STEADY
        return Outlook.LASTING if self._days_left(self.pace) > HORIZON else Outlook.RUNNING_OUT

    @property
    def runs_out(self) -> date | None:
        """The first day without a free seat, if it goes on like this; None where there is none in sight."""
        if self.pace is None or self.outlook is not Outlook.RUNNING_OUT:
            return None
        return self.today + timedelta(days=self._days_left(self.pace))

    def expected(self, day: date) -> float:
        """How many seats are assigned on a day to come: never fewer than none, nor more than were bought."""
        ahead = (self.pace or 0.0) * (day - self.today).days
        return min(max(self.assigned + ahead, 0.0), float(max(self.seats, self.assigned)))

    def _days_left(self, pace: float) -> int:
        return ceil((self.seats - self.assigned) / pace)
