"""Rows of reports in words of the page: codes are told, and people lead to their pages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from scim_server.console.calls import Call
from scim_server.console.sources import audiences, source, why_waiting
from scim_server.console.words import word
from scim_server.console.words.issues import WORDS
from scim_server.services import subscribing
from scim_server.services.leaver_reports import LEAVER_RECEIPTS
from scim_server.services.people_reports import SYNC_ISSUES, UPCOMING_SESSIONS, USER_STATUS
from scim_server.services.reports import Column, Report, Row, Value
from scim_server.services.seat_reports import WAITING_LIST

IN_FILES = {"userId", "organiserId", "sessionId", "receiptId", "means", "acts", "cure"}
"""Columns that are in files alone: ids of people whom the table links to, and what an issue's own page says of it."""
OWNERS = {"userName": "userId", "organiser": "organiserId"}
"""Columns that name somebody, and those that have their ids."""
Said = Callable[[Row], Value]


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell says in words, or a value to be written as its column's form wants; with a person to link to."""

    column: Column
    value: Value
    person: str | None = None


def shown(report: Report) -> Sequence[Column]:
    """The columns of the table."""
    return [column for column in report.columns if column.name not in IN_FILES]


def cells(call: Call, report: Report, rows: Sequence[Row]) -> list[list[Cell]]:
    """The rows as the table has them."""
    said = _said(call, report)
    return [[_cell(column, row, said) for column in shown(report)] for row in rows]


def _cell(column: Column, row: Row, said: Mapping[str, Said]) -> Cell:
    person = row.get(OWNERS.get(column.name, ""))
    value = said[column.name](row) if column.name in said else row[column.name]
    return Cell(column, value, str(person) if person else None)


def _said(call: Call, report: Report) -> Mapping[str, Said]:
    """How the columns of a report that have codes in them are told."""
    if report is WAITING_LIST:
        seatings = {each.product: each for each in subscribing.subscriptions(call.units, call.tenant)}
        rules = audiences(call)
        return {
            "source": lambda row: source(str(row["source"]), rules),
            "reason": lambda row: why_waiting(seatings[str(row["product"])], bound=True),
        }
    return _SAID.get(report.name, {})


def _text(value: Value) -> str | None:
    return value if isinstance(value, str) else None


def _texts(value: Value) -> Sequence[str]:
    return () if value is None or isinstance(value, str | int) else value


_SAID: Mapping[str, Mapping[str, Said]] = {
    USER_STATUS.name: {
        "status": lambda row: word("status", _text(row["status"])),
        "reason": lambda row: word("reason", _text(row["reason"])),
    },
    UPCOMING_SESSIONS.name: {"kind": lambda row: word("session", _text(row["kind"]))},
    LEAVER_RECEIPTS.name: {
        "left": lambda row: word("left", _text(row["left"])),
        "receipt": lambda row: word("receipt", _text(row["receipt"])),
        "missing": lambda row: [word("part", each) for each in _texts(row["missing"])],
    },
    SYNC_ISSUES.name: {"code": lambda row: str(WORDS[str(row["code"])].title)},
}
