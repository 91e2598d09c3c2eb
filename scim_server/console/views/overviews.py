"""The first page of a tenant: where its seats are, and what needs somebody's attention."""

from datetime import date

from flask_babel import lazy_gettext

from scim_server.console.answers import render
from scim_server.console.calls import Call
from scim_server.console.guides import guide
from scim_server.console.seat_charts import forecast, seat_chart
from scim_server.console.sections import TENANT, Section
from scim_server.console.words.issues import WORDS
from scim_server.domain.seat_trends import Outlook
from scim_server.services import connections_seen, guiding, issue_reports, projecting, subscribing
from scim_server.services.projecting import Projection

overviews = Section("overview", lazy_gettext("Overview"), "show_overview")
LOGS = "logs.read"
MOST_CHARTS = 6
"""Drawn on the page; every product has its own on the page of its subscription."""


@overviews.get(TENANT, "people.read")
def show_overview(call: Call) -> str:
    """Seats and where they are heading, open issues, what the connections did of late, and the first steps."""
    projections = projecting.projections(call.units, call.tenant)
    charts = [chart for each in sorted(projections, key=_pressing) if (chart := seat_chart(each, each.product))]
    return render(
        "overview/show.html",
        seatings=subscribing.subscriptions(call.units, call.tenant),
        forecasts={each.product: forecast(each) for each in projections},
        charts=charts[:MOST_CHARTS],
        undrawn=len(charts[MOST_CHARTS:]),
        issues=[(WORDS[code], code, count) for code, count in issue_reports.counts(call.units, call.tenant).items()],
        views=connections_seen.connections_seen(call.units, call.tenant) if call.may(LOGS) else None,
        counted=connections_seen.RECENT,
        steps=list(guide(guiding.first_steps(call.units, call.tenant))),
    )


def _pressing(projection: Projection) -> tuple[date, str]:
    """What runs out first comes first, behind what has run out."""
    trend = projection.trend
    ends = trend.runs_out or (trend.today if trend.outlook is Outlook.NONE_FREE else date.max)
    return ends, projection.product
