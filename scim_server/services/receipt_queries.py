"""Which receipts are sought."""

from dataclasses import dataclass

from scim_server.domain.instants import Instant


@dataclass(frozen=True, slots=True)
class Sought:
    """Open ones, those of them that are overdue, or all; of one person or of all, opened from `since` to `until`."""

    open: bool = False
    overdue: bool = False
    user_id: str | None = None
    since: Instant | None = None
    until: Instant | None = None
