"""What reports read: pages over many people, and how subscriptions are used day by day."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from scim_server.domain.instants import Instant
from scim_server.domain.seats import Seat
from scim_server.domain.sessions import Session
from scim_server.services.ports.issues import Issue


@dataclass(frozen=True, slots=True)
class SeatUse:
    """How a subscription was used on a day (YYYY-MM-DD, UTC), as last seen that day; `peak` is the most assigned seats
    seen. Assigned seats include held and reserved ones."""

    product: str
    day: str
    seats: int
    assigned: int
    held: int
    waiting: int
    peak: int


class Surveys(Protocol):
    """Whatever answers rows answers the next ones after a place in their order, so many at most, by one statement."""

    def upcoming(
        self,
        after: tuple[Instant, str],
        most: int,
        *,
        since: Instant,
        until: Instant,
        organiser: str | None,
        group: str | None,
    ) -> list[Session]:
        """Sessions that start from `since` to `until`, by start and id; never a recording (invariant 12)."""
        ...

    def people(self, after: str, most: int, group: str | None) -> list[str]:
        """The ids of people by id, all or those in a group or in groups nested in it."""
        ...

    def groups_of(self, user_ids: Collection[str]) -> dict[str, list[str]]:
        """The ids of the groups that people are direct members of, by user id."""
        ...

    def seat_uses(
        self, after: tuple[str, str], most: int, *, product: str | None, since: str, until: str, today: str
    ) -> list[SeatUse]:
        """By product and day, from the day `since` to the day `until`; today's as it is at this moment."""
        ...

    def note_seat_use(self, product: str, now: Instant) -> None:
        """Write down how a subscription is used today."""
        ...

    def idle_seats(self, after: tuple[str, str], most: int, *, before: Instant, product: str | None) -> list[Seat]:
        """Seats assigned before a moment to people who were not seen since, by user id and product."""
        ...

    def idle_counts(self, before: Instant) -> dict[str, int]:
        """How many such seats there are, by product."""
        ...

    def queue(self, after: tuple[str, int, Instant, str], most: int, product: str | None) -> list[Seat]:
        """Waiting seats by product, rank, claim time and id."""
        ...

    def open_issues(self, after: tuple[str, str], most: int, code: str | None = None) -> list[Issue]:
        """Open issues by code and id, all or those of one code."""
        ...

    def issue_counts(self) -> dict[str, int]:
        """How many issues are open, by code; a code without any is not among them."""
        ...
