"""Moments as fixed-width UTC text (`2026-11-22T01:02:03.000000Z`): sortable as bytes, the same in every store."""

from datetime import UTC, datetime, timedelta

Instant = str
FIRST_YEAR, LAST_YEAR = 1970, 9998
"""Of what happens or is asked about: a day more or less is still a moment."""


def instant(moment: datetime) -> Instant:
    """An aware datetime as an instant."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def after(earlier: Instant, now: Instant) -> Instant:
    """`now`, or the next microsecond after `earlier` where the clock has not moved beyond it."""
    if now > earlier:
        return now
    return instant(datetime.fromisoformat(earlier) + timedelta(microseconds=1))


def seconds_since(earlier: Instant | None, now: Instant) -> float:
    """How long ago that was, 0 for what was not, or is yet to be."""
    if earlier is None:
        return 0.0
    return max(0.0, (datetime.fromisoformat(now) - datetime.fromisoformat(earlier)).total_seconds())


def later(earlier: Instant, by: timedelta) -> Instant:
    """The instant `by` after `earlier`."""
    return instant(datetime.fromisoformat(earlier) + by)
