"""Reports, as they are shown: their declarations, and the rows of each, made from its columns."""

from collections.abc import Mapping
from typing import Any

from marshmallow.fields import Field

from scim_server.api.fields import Many, Moment, Number, Text, Texts
from scim_server.api.shapes import Item, camel_case
from scim_server.services.reporting import REPORTS
from scim_server.services.reports import Column, Form, Report


class ColumnItem(Item):
    """A column of a report."""

    name = Text()
    type = Text(attribute="form", about="text, number, day, moment or texts.")
    about = Text()


class ReportItem(Item):
    """A report: what its rows say, and what narrows it."""

    name = Text()
    title = Text()
    about = Text()
    options = Texts(get=lambda report: [option.name for option in report.options])
    columns = Many(ColumnItem)


def _field(column: Column) -> Field[Any]:
    match column.form:
        case Form.NUMBER:
            return Number(about=column.about)
        case Form.TEXTS:
            return Texts(about=column.about)
        case Form.MOMENT:
            return Moment(about=column.about, allow_none=True)
        case _:
            return Text(about=column.about, allow_none=True)


def _row_item(report: Report) -> type[Item]:
    name = camel_case(f"row_of_{report.name.replace('-', '_')}")
    members = {column.name: _field(column) for column in report.columns}
    kind = type(name[0].upper() + name[1:], (Item,), {"__doc__": f"A row of the report {report.name}.", **members})
    assert issubclass(kind, Item)
    return kind


ROW_ITEMS: Mapping[str, type[Item]] = {report.name: _row_item(report) for report in REPORTS.values()}
"""The item of each report's rows, by the report's name."""
