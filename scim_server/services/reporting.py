"""Running reports: page by page for the admin API, as a stream for files and the command line."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import orjson

from scim_server.domain.errors import Invalid, Missing
from scim_server.domain.tenants import Tenant
from scim_server.services import naming
from scim_server.services.csv_rows import Cell, csv_lines
from scim_server.services.leaver_reports import LEAVER_RECEIPTS
from scim_server.services.people_reports import SYNC_ISSUES, UPCOMING_SESSIONS, USER_STATUS
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.reports import FROM, TO, Narrowing, Page, Position, Report, Row, Value
from scim_server.services.retrying import retried
from scim_server.services.seat_reports import IDLE_PRODUCTS, IDLE_SEATS, SEAT_USE, WAITING_LIST

CHORE = "seat-use"
PAGE = 1000
"""Rows read at once for a stream: what is in memory at any time."""

REPORTS: Mapping[str, Report] = {
    report.name: report
    for report in (
        UPCOMING_SESSIONS,
        USER_STATUS,
        SEAT_USE,
        IDLE_SEATS,
        IDLE_PRODUCTS,
        WAITING_LIST,
        SYNC_ISSUES,
        LEAVER_RECEIPTS,
    )
}
"""Every report by name."""
_MEMBERS = {FROM.name: "since", TO.name: "until"}
"""Where an option's value goes that is not called like the option."""


def named(name: str) -> Report:
    """The report of that name; raises Missing."""
    if name not in REPORTS:
        raise Missing(f"There is no report '{name}'. Reports: {', '.join(REPORTS)}.")
    return REPORTS[name]


def narrowing(report: Report, texts: Mapping[str, str]) -> Narrowing:
    """What the options, as they were written, narrow the report to. Raises Invalid with everything that is wrong."""
    options = {option.name: option for option in report.options}
    values: dict[str, Any] = {}
    wrong = []
    for name, text in texts.items():
        if name not in options:
            wrong.append(f"{name}: the report {report.name} cannot be narrowed by it")
            continue
        try:
            values[_MEMBERS.get(name, name)] = options[name].read(text)
        except Invalid as invalid:
            wrong.append(f"{name}: {invalid.detail.rstrip('.')}")
    if wrong:
        takes = ", ".join(options) or "nothing"
        raise Invalid(f"{'; '.join(wrong)}. It takes {takes}.")
    wanted = Narrowing(**values)
    if wanted.since and wanted.until and wanted.until < wanted.since:
        raise Invalid("to: it is before from.")
    return wanted


def page(
    units: Units, tenant: Tenant, report: Report, wanted: Narrowing, after: Position | None = None, most: int = PAGE
) -> Page:
    """The page after that position. Raises Missing for an unknown product, group or person.

    Costs the same few statements however many rows come back.
    """
    with units.browse(tenant) as uow:
        return report.read(uow, _found(uow, wanted), after, most)


def rows(units: Units, tenant: Tenant, report: Report, wanted: Narrowing) -> Iterator[Row]:
    """All rows, a page in memory at a time. What is wrong is raised at once, not on the way."""
    return _rows(units, tenant, report, wanted, page(units, tenant, report, wanted))


def _rows(units: Units, tenant: Tenant, report: Report, wanted: Narrowing, part: Page) -> Iterator[Row]:
    yield from part.rows
    while part.next is not None:
        part = page(units, tenant, report, wanted, part.next)
        yield from part.rows


def csv(report: Report, found: Iterator[Row]) -> Iterator[bytes]:
    """The rows as a CSV file, line by line; several texts of a cell are divided by semicolons."""
    names = [column.name for column in report.columns]
    return csv_lines(names, ([_cell(row[name]) for name in names] for row in found))


def json(report: Report, found: Iterator[Row]) -> Iterator[bytes]:
    """The rows as a JSON array, an element at a time."""
    names = [column.name for column in report.columns]
    before = b"["
    for row in found:
        yield before + b"\n" + orjson.dumps({name: row[name] for name in names})
        before = b","
    yield b"[]\n" if before == b"[" else b"\n]\n"


def _cell(value: Value) -> Cell:
    return value if isinstance(value, str | int | None) else "; ".join(value)


def _found(uow: UnitOfWork, wanted: Narrowing) -> Narrowing:
    """The same with the codes and ids of what it names."""
    return replace(
        wanted,
        product=None if wanted.product is None else _product(uow, wanted.product),
        group=None if wanted.group is None else _group_id(uow, wanted.group),
        user=None if wanted.user is None else naming.person(uow, wanted.user).id,
    )


def _product(uow: UnitOfWork, value: str) -> str:
    catalogue = uow.products.catalogue()
    code = catalogue.find(value)
    if code is None:
        raise catalogue.unknown(value)
    return code


def _group_id(uow: UnitOfWork, name_or_id: str) -> str:
    if uow.groups.names([name_or_id]):
        return name_or_id
    group = uow.groups.named(name_or_id)
    if group is None:
        raise Missing(f"Tenant '{uow.tenant.slug}' has no group '{name_or_id}'.")
    return group.id


@retried
def note_seat_uses(units: Units) -> int:
    """Write down how every subscription of every tenant is used today; answers how many there are."""
    with units.operator() as operator:
        noted = operator.note_seat_uses()
        operator.commit()
        return noted
