"""Reports: a table page by page, a chart where there is something to draw, and the whole as a file."""

from collections.abc import Mapping

from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from scim_server.console.answers import answered, file_of, render, wants_part
from scim_server.console.calls import Call
from scim_server.console.paging import PAGE, cursor, place
from scim_server.console.refusals import refusal_of
from scim_server.console.report_cells import cells, shown
from scim_server.console.report_charts import bars, charts
from scim_server.console.sections import TENANT, Section
from scim_server.console.words.reports import COLUMNS, OPTIONS, TITLES
from scim_server.domain.errors import Invalid, Refusal
from scim_server.services import reporting, tenancy
from scim_server.services.reports import Narrowing, Position, Report

reports = Section("reports", lazy_gettext("Reports"), "list_reports")
REPORTS = f"{TENANT}/reports"
MEDIA_TYPES = {"csv": "text/csv", "json": "application/json"}


@reports.get(REPORTS, "reports.read")
def list_reports(_: Call) -> str:
    """Every report with what it says."""
    return render("reports/list.html", titles=TITLES)


@reports.get(f"{REPORTS}/<report>", "reports.read")
def show_report(call: Call) -> str | Response:
    """Some rows of a report, narrowed by the form above them."""
    report, narrowed = reporting.named(call.path["report"]), _narrowed(call)
    products = tenancy.products(call.units)
    known = {"report": report, "narrowed": narrowed, "options": OPTIONS, "titles": TITLES, "products": products}
    try:
        wanted = _read(report, narrowed)
        found = reporting.page(call.units, call.tenant, report, wanted, _position(report, call), PAGE)
    except Refusal as error:
        status, sentence = refusal_of(error)
        return answered(render("reports/show.html", **known, refusal=sentence), status)
    known |= {
        "columns": shown(report),
        "names": COLUMNS,
        "rows": cells(call, report, found.rows),
        "more": None if found.next is None else cursor(tuple(map(str, found.next))),
    }
    if wants_part():
        return render("reports/rows.html", **known)
    drawn = charts(call, report, wanted)
    return render("reports/show.html", **known, charts=drawn, bars=bars(call, report, wanted, found.rows))


@reports.get(f"{REPORTS}/<report>/file", "reports.read")
def download_report(call: Call) -> Response:
    """All of its rows, narrowed likewise, with the names of columns that the admin API has."""
    report = reporting.named(call.path["report"])
    rows = reporting.rows(call.units, call.tenant, report, _read(report, _narrowed(call)))
    form = call.query.get("format", "csv")
    if form not in MEDIA_TYPES:
        raise Invalid(f"There is no format '{form}'. Formats: csv, json.")
    lines = reporting.csv(report, rows) if form == "csv" else reporting.json(report, rows)
    return file_of(lines, f"{call.tenant.slug}-{report.name}.{form}", MEDIA_TYPES[form])


def _narrowed(call: Call) -> Mapping[str, str]:
    """What was filled in of the form."""
    filled = {name: call.query.get(name, "").strip() for name in OPTIONS}
    return {name: text for name, text in filled.items() if text}


def _read(report: Report, narrowed: Mapping[str, str]) -> Narrowing:
    """What the form means. Raises Invalid with what is wrong with the first field that makes no sense."""
    for option in report.options:
        if option.name in narrowed:
            option.read(narrowed[option.name])
    return reporting.narrowing(report, narrowed)


def _position(report: Report, call: Call) -> Position | None:
    """What the page begins behind. Raises Invalid for an address that no page has."""
    found = place(call.query.get("after"), len(report.order))
    if found is None:
        return None
    try:
        return tuple(kind(text) for kind, text in zip(report.order, found, strict=True))
    except ValueError:
        raise Invalid("The address of this page is damaged. Go back to the beginning of the list.") from None
