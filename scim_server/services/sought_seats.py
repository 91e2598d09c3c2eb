"""By what seats are sought."""

from dataclasses import dataclass

from scim_server.domain.seats import SeatState


@dataclass(frozen=True, slots=True)
class SoughtSeats:
    """Which seats to find: those that meet every condition that is not None."""

    product: str | None = None
    state: SeatState | None = None
    user_id: str | None = None
