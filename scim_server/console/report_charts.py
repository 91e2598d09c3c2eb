"""Charts of reports: lines where rows have days, bars where they compare."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby

from flask_babel import gettext

from scim_server.console.calls import Call
from scim_server.console.charts import Chart, Line
from scim_server.console.words.issues import WORDS
from scim_server.domain.instants import later
from scim_server.services import issue_reports, reporting, subscribing
from scim_server.services.people_reports import SYNC_ISSUES, UPCOMING_SESSIONS
from scim_server.services.reports import Narrowing, Report, Row
from scim_server.services.seat_reports import IDLE_PRODUCTS, SEAT_USE, WAITING_LIST

MOST_ROWS = 1000
"""Rows that are drawn; whoever wants more downloads them."""
MOST_CHARTS = 6
MOST_DAYS = 92


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure to compare with the others, and the most that it could be."""

    label: str
    value: int
    most: int


@dataclass(frozen=True, slots=True)
class Bars:
    """Figures that are compared."""

    title: str
    bars: list[Bar]


def charts(call: Call, report: Report, wanted: Narrowing) -> list[Chart]:
    """Lines over days; none where rows have no days."""
    draw = _LINES.get(report.name)
    return [] if draw is None else draw(call, wanted)


def bars(call: Call, report: Report, wanted: Narrowing, rows: Sequence[Row]) -> Bars | None:
    """Figures side by side, of the rows shown or of what is counted; None where rows do not compare."""
    if report is IDLE_PRODUCTS:
        found = _idle(rows)
    elif report is WAITING_LIST:
        found = _waiting(call, wanted)
    elif report is SYNC_ISSUES:
        found = _issues(call)
    else:
        return None
    return found if found.bars else None


def _seat_use(call: Call, wanted: Narrowing) -> list[Chart]:
    """Of the last days, where no first one is chosen."""
    if wanted.since is None:
        wanted = replace(wanted, since=later(wanted.until or call.units.now(), -timedelta(days=MOST_DAYS)))
    rows = reporting.page(call.units, call.tenant, SEAT_USE, wanted, None, MOST_ROWS).rows
    found = []
    for product, uses in groupby(rows, lambda row: str(row["product"])):
        of_product = list(uses)
        lines = [
            Line(title, [_figure(row[name]) for row in of_product], steps=name == "bought")
            for name, title in (
                ("bought", gettext("Bought")),
                ("assigned", gettext("Assigned")),
                ("waiting", gettext("Waiting")),
                ("held", gettext("Held")),
            )
        ]
        found.append(Chart(product, [str(row["day"]) for row in of_product], lines))
    return found[:MOST_CHARTS]


def _upcoming(call: Call, wanted: Narrowing) -> list[Chart]:
    rows = reporting.page(call.units, call.tenant, UPCOMING_SESSIONS, wanted, None, MOST_ROWS).rows
    starts = Counter(str(row["starts"])[:10] for row in rows)
    if not starts:
        return []
    first, last = date.fromisoformat(min(starts)), date.fromisoformat(max(starts))
    days = [str(first + timedelta(days=each)) for each in range(min((last - first).days + 1, MOST_DAYS))]
    line = Line(gettext("Sessions"), [starts[day] for day in days], steps=True)
    return [Chart(gettext("Sessions by day"), days, [line])]


def _idle(rows: Sequence[Row]) -> Bars:
    found = [Bar(str(row["product"]), _figure(row["idle"]), _figure(row["assigned"])) for row in rows]
    return Bars(gettext("Idle among assigned seats"), found)


def _waiting(call: Call, wanted: Narrowing) -> Bars:
    seatings = subscribing.subscriptions(call.units, call.tenant)
    chosen = [each for each in seatings if each.waiting and wanted.product in (None, each.product)]
    most = max((each.waiting for each in chosen), default=0)
    return Bars(gettext("People who wait, by product"), [Bar(each.product, each.waiting, most) for each in chosen])


def _issues(call: Call) -> Bars:
    counts = issue_reports.counts(call.units, call.tenant)
    most = max(counts.values(), default=0)
    found = [Bar(str(WORDS[code].title), count, most) for code, count in counts.items()]
    return Bars(gettext("Open issues by kind"), found)


def _figure(value: object) -> int:
    return value if isinstance(value, int) else 0


_LINES: Mapping[str, Callable[[Call, Narrowing], list[Chart]]] = {
    SEAT_USE.name: _seat_use,
    UPCOMING_SESSIONS.name: _upcoming,
}
