"""How a tenant's seats were used of late, and when they run out if it goes on like this."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from scim_server.domain.instants import Instant, later
from scim_server.domain.seat_trends import Trend
from scim_server.domain.tenants import Tenant
from scim_server.services.ports import SeatUse, Units

DAYS = 90
"""Looked back upon."""
PACE_DAYS = 30
"""Of those, the last ones, which the forecast goes by."""
MOST_PRODUCTS = 200
"""Looked at; what lies behind them in the order of codes is left out."""


@dataclass(frozen=True, slots=True)
class Projection:
    """A product's use day by day, today last, and where it is heading."""

    product: str
    uses: Sequence[SeatUse]
    trend: Trend


def projections(units: Units, tenant: Tenant, product: str | None = None) -> list[Projection]:
    """Of every subscription by product, or of one, by one statement."""
    with units.read(tenant) as uow:
        today, since = _day(uow.now), _day(later(uow.now, -timedelta(days=DAYS)))
        most = (DAYS + 1) * MOST_PRODUCTS
        uses = uow.surveys.seat_uses(("", ""), most, product=product, since=since, until=today, today=today)
    by_product = ((code, list(found)) for code, found in groupby(uses, lambda use: use.product))
    return [Projection(code, found, _trend(found)) for code, found in by_product if found[-1].day == today]


def _trend(uses: Sequence[SeatUse]) -> Trend:
    last, today = uses[-1], date.fromisoformat(uses[-1].day)
    assigned = {date.fromisoformat(use.day): use.assigned for use in uses}
    return Trend.of(today, last.seats, {day: each for day, each in assigned.items() if (today - day).days < PACE_DAYS})


def _day(moment: Instant) -> str:
    return moment[:10]
