"""The use of a product's seats as a chart, with where it is heading, and the same said in words."""

from collections.abc import Sequence
from datetime import date, timedelta

from flask_babel import format_date, gettext

from scim_server.console.charts import Chart, Line
from scim_server.domain.seat_trends import LEAST_DAYS, Outlook
from scim_server.services.ports import SeatUse
from scim_server.services.projecting import PACE_DAYS, Projection

AHEAD = 30
"""Days that the forecast is drawn for where no end is in sight."""
MOST_AHEAD = 90
"""Days that it is drawn for at most, so that what was does not shrink to nothing beside it."""


def seat_chart(projection: Projection, title: str) -> Chart | None:
    """What was bought, assigned and waited for on each day, and a dashed line for the days to come; None where there
    is nothing but today."""
    if len(projection.uses) == 1:
        return None
    uses, ahead = projection.uses, _days_ahead(projection)
    unknown: list[float | None] = [None] * len(ahead)
    lines = use_lines(uses, unknown)
    if ahead:
        trend = projection.trend
        expected = [round(trend.expected(day), 1) for day in ahead]
        bought = Line(lines[0].label, [*lines[0].values[: len(uses)], *[trend.seats] * len(ahead)], steps=True)
        known: list[float | None] = [None] * (len(uses) - 1)
        lines = [bought, *lines[1:], Line(gettext("Forecast"), [*known, trend.assigned, *expected], dashed=True)]
    return Chart(title, [*(use.day for use in uses), *map(date.isoformat, ahead)], lines)


def use_lines(uses: Sequence[SeatUse], unknown: Sequence[float | None] = ()) -> list[Line]:
    """One line for each figure of a product; nothing for the days behind them that are `unknown`."""
    return [
        Line(gettext("Bought"), [*(use.seats for use in uses), *unknown], steps=True),
        Line(gettext("Assigned"), [*(use.assigned for use in uses), *unknown]),
        Line(gettext("Waiting"), [*(use.waiting for use in uses), *unknown]),
    ]


def forecast(projection: Projection) -> str:
    """When the seats run out, in a sentence."""
    trend = projection.trend
    if trend.runs_out is not None:
        day = format_date(trend.runs_out, "medium")
        running_out = gettext(
            "At the pace of the last %(days)s days, the seats run out on %(day)s.", days=PACE_DAYS, day=day
        )
        return str(running_out)
    said = {
        Outlook.NONE_FREE: gettext("No seat is free."),
        Outlook.UNKNOWN: gettext("A forecast takes %(days)s days of use; they are not there yet.", days=LEAST_DAYS),
        Outlook.STEADY: gettext("At the pace of the last %(days)s days, the seats do not run out.", days=PACE_DAYS),
        Outlook.LASTING: gettext(
            "At the pace of the last %(days)s days, the seats last for more than a year.", days=PACE_DAYS
        ),
    }
    return str(said[trend.outlook])


def _days_ahead(projection: Projection) -> list[date]:
    trend = projection.trend
    if trend.outlook in {Outlook.NONE_FREE, Outlook.UNKNOWN}:
        return []
    days = AHEAD if trend.runs_out is None else min((trend.runs_out - trend.today).days, MOST_AHEAD)
    return [trend.today + timedelta(days=number) for number in range(1, days + 1)]
