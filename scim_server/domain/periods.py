"""Moments as people write them: a date, or a date and time; UTC where no zone is named."""

from datetime import UTC, date, datetime, time

from scim_server.domain.errors import Invalid
from scim_server.domain.instants import FIRST_YEAR, LAST_YEAR, Instant, instant


def begins(text: str) -> Instant:
    """The first moment of what `text` names: of a date its midnight. Raises Invalid."""
    return _moment(text, time.min)


def ends(text: str) -> Instant:
    """The last moment of what `text` names: of a date the end of that day. Raises Invalid."""
    return _moment(text, time.max)


def _moment(text: str, of_day: time) -> Instant:
    try:
        named = datetime.combine(date.fromisoformat(text), of_day) if len(text) == 10 else datetime.fromisoformat(text)
        if FIRST_YEAR <= named.year <= LAST_YEAR:
            return instant(named if named.tzinfo else named.replace(tzinfo=UTC))
    except ValueError:
        pass
    raise Invalid(f"'{text}' is no moment: write 2026-11-30 or 2026-11-30T08:15:00Z, {FIRST_YEAR} to {LAST_YEAR}.")
