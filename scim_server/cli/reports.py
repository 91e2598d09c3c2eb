"""`scim-server report`: what the tenant's people, seats and sessions come to, as a table, CSV or JSON."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from scim_server.api.items.reports import ReportItem
from scim_server.api.shapes import dump_all
from scim_server.cli.installations import migrated
from scim_server.cli.outputs import counted, json_option, listing, sink_to
from scim_server.cli.parameters import together
from scim_server.services import reporting, tenancy
from scim_server.services.report_pages import page
from scim_server.services.reports import OPTIONS, Row

COLUMNS = {"Name": "name", "Title": "title", "Narrowed by": "options", "Says": "about"}
FORMATS = ("table", "csv", "json")


@click.group("report")
def reports() -> None:
    """Reports: people, seats and sessions of a tenant, as a table, CSV or JSON."""


@reports.command("list")
@json_option
def list_(as_json: bool) -> None:
    """Every report, with what it can be narrowed by."""
    listing(dump_all(ReportItem, reporting.REPORTS.values()), COLUMNS, "", as_json=as_json)


_options = together(
    *(click.option(f"--{each.name}", f"by_{each.name}", metavar=each.wants, help=each.about) for each in OPTIONS)
)
"""Those of all reports; which of them a report takes it says itself."""


@reports.command("run")
@click.argument("tenant")
@click.argument("name")
@_options
@click.option("--format", "format_", type=click.Choice(FORMATS), default="table", show_default=True, help="How.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write it to FILE.")
@json_option
def run(tenant: str, name: str, format_: str, output: Path | None, as_json: bool, **narrowed: str | None) -> None:
    """Run the report NAME over TENANT; `report list` has the names.

    CSV and JSON are written as they are read, however many rows there are.
    """
    units = migrated().units
    report = reporting.named(name)
    texts = {key.removeprefix("by_"): value for key, value in narrowed.items() if value is not None}
    wanted = reporting.narrowing(report, texts)
    found = _Counted(reporting.rows(units, tenancy.tenant(units, tenant), report, wanted))
    chosen = "json" if as_json else format_
    if chosen == "table" and output is None:
        columns = {column.name: column.name for column in report.columns}
        listing(list(found), columns, f"The report {report.name} has no rows.", as_json=False)
        return
    lines = reporting.json(report, iter(found)) if chosen == "json" else reporting.csv(report, iter(found))
    with sink_to(output) as sink:
        sink.writelines(lines)
    if output is not None and not as_json:
        click.echo(f"{counted(found.count, 'row')} of the report {report.name} are in {output}.")


@reports.command("page")
def page_() -> None:
    """Print docs/reports.md, as it is made from the declarations."""
    click.echo(page())


class _Counted:
    """Rows on their way, counted."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.count = 0
        self._rows = rows

    def __iter__(self) -> Iterator[Row]:
        for row in self._rows:
            self.count += 1
            yield row
