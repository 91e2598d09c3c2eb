"""When to say that a credential is about to expire: early enough to replace it, and again while nobody does."""

from datetime import datetime, timedelta

from scim_server.domain.instants import Instant

WARNED_DAYS = (1, 7, 30)
"""Before the end, the last warning first. A credential that was to live no longer than that is not warned of."""
REMEMBERED = timedelta(days=30)
"""How long one that has expired is still complained of."""


def warning_of(created: Instant, expires: Instant, now: Instant) -> str | None:
    """What there is to say of a credential that is not revoked, such as `expires within 7 days`; None for nothing."""
    begun, end, present = map(datetime.fromisoformat, (created, expires, now))
    warned = [days for days in WARNED_DAYS if timedelta(days=days) < end - begun]
    if not warned or present - end >= REMEMBERED:
        return None
    if present >= end:
        return "has expired"
    days = next((days for days in warned if end - present <= timedelta(days=days)), None)
    if days is None:
        return None
    return f"expires within {days} {'day' if days == 1 else 'days'}"
