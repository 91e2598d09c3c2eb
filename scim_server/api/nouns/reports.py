"""/tenants/{tenant}/reports: one address per declared report, as JSON page by page or as a whole CSV file."""

from collections.abc import Callable
from typing import Any

from marshmallow import ValidationError
from marshmallow.fields import Field

from scim_server.api.answers import Answered, Page, Stream, part_of
from scim_server.api.calls import Call
from scim_server.api.endpoints import CSV, TENANT, Noun
from scim_server.api.fields import Choice, Cursor, Number, Text, cursor
from scim_server.api.items.reports import ROW_ITEMS, ReportItem
from scim_server.api.shapes import PageQuery
from scim_server.domain.errors import Invalid
from scim_server.services import reporting
from scim_server.services.reports import DAYS, MOST_DAYS, Option, Report

reports = Noun("reports", "What the tenant's people, seats and sessions come to.")
FORMAT = "format"


@reports.get(f"{TENANT}/reports", "reports.read", shows=ReportItem, lists=True, query=PageQuery)
def list_reports(call: Call) -> Answered:
    """List the reports, with their columns and what narrows them."""
    in_order = sorted(reporting.REPORTS.values(), key=lambda report: report.name)
    return part_of(in_order, call.after, call.limit, lambda report: report.name)


def _query(report: Report) -> type[PageQuery]:
    """What an address of the report may ask for."""
    members: dict[str, Field[Any]] = {option.name: _member(option) for option in report.options}
    members["after"] = Cursor(*report.order, metadata={"description": "Where the page before ended: its `next`."})
    members[FORMAT] = Choice(
        ("json", "csv"), load_default=None, allow_none=False, about="csv for the whole report as a file."
    )
    kind = type(f"{ROW_ITEMS[report.name].__name__}Query", (PageQuery,), members)
    assert issubclass(kind, PageQuery)
    return kind


def _member(option: Option) -> Field[Any]:
    if option is DAYS:
        return Number(1, MOST_DAYS, strict=False, load_default=None, allow_none=False, about=option.about)
    if option.choices:
        return Choice(option.choices, load_default=None, allow_none=False, about=option.about)
    return Text(load_default=None, allow_none=False, about=option.about, validate=_readable(option))


def _readable(option: Option) -> Callable[[str], None]:
    def check(text: str) -> None:
        try:
            option.read(text)
        except Invalid as invalid:
            raise ValidationError(invalid.detail) from invalid

    return check


def _declare(report: Report) -> None:
    def run(call: Call) -> Answered:
        texts = {option.name: call.query[option.name] for option in report.options}
        wanted = reporting.narrowing(report, {name: str(text) for name, text in texts.items() if text is not None})
        if (call.query[FORMAT] or call.accepts) in ("csv", CSV):
            rows = reporting.rows(call.units, call.tenant, report, wanted)
            return Stream(reporting.csv(report, rows), CSV, f"{call.tenant.slug}-{report.name}.csv")
        after = call.after if call.after is None or isinstance(call.after, tuple) else (call.after,)
        page = reporting.page(call.units, call.tenant, report, wanted, after, call.limit)
        return Page(page.rows, None if page.next is None else cursor(page.next))

    run.__name__ = f"report_{report.name.replace('-', '_')}"
    run.__doc__ = f"{report.title}.\n\n{report.about} A page may have fewer rows than `limit` and still have a `next`."
    declare = reports.get(
        f"{TENANT}/reports/{report.name}",
        "reports.read",
        shows=ROW_ITEMS[report.name],
        lists=True,
        query=_query(report),
        gives=CSV,
    )
    declare(run)


for _report in reporting.REPORTS.values():
    _declare(_report)
