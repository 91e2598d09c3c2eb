"""The guard against mass removals (design section 6): what too many people would lose at once is held.

Only changes of groups and rules are guarded. Within the tenant's `guard_minutes` they may release `guard_seats` or
`guard_percent` of a subscription's assigned seats, whichever is more; the seats above that are held for `hold_hours`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from scim_server.domain.instants import later
from scim_server.domain.seats import Seat, Subscription
from scim_server.services.ports import UnitOfWork


@dataclass(frozen=True, slots=True)
class Guard:
    """The guard over one change."""

    uow: UnitOfWork

    def hold(self, subscription: Subscription, leaving: Sequence[Seat]) -> list[Seat]:
        """Of the seats that a change would release, those that are held; the others are counted as gone."""
        settings, now = self.uow.tenant.settings, self.uow.now
        window = later(now, -timedelta(minutes=settings.number("guard_minutes")))
        gone = self.uow.ledger.guarded_releases(subscription.product, window)
        base = subscription.assigned + gone
        threshold = max(settings.number("guard_seats"), base * settings.number("guard_percent") // 100)
        ordered = sorted(leaving, key=lambda seat: seat.id)
        let_go = max(0, threshold - gone)
        self.uow.ledger.note_guarded_releases(
            self.uow.new_id(), subscription.product, now, min(let_go, len(ordered)), window
        )
        due = later(now, timedelta(hours=settings.number("hold_hours")))
        return [seat.hold(now, due, self.uow.cause.request_id) for seat in ordered[let_go:]]
