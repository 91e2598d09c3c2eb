"""What a report is, as data: what its rows say, what narrows it, and how a page of it is read.

The command line, the admin API and its OpenAPI document know no report by name: they follow the declarations.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from scim_server.domain.directory import Status
from scim_server.domain.errors import Invalid
from scim_server.domain.periods import begins, ends
from scim_server.services.ports import UnitOfWork

Value = str | int | None | Sequence[str]
Row = Mapping[str, Value]
"""Values by the names of the columns."""
Position = tuple[str | int, ...]
"""After which row a page begins: what the rows are ordered by."""

MOST_DAYS = 3650


class Form(StrEnum):
    """What the values of a column are."""

    TEXT = "text"
    NUMBER = "number"
    DAY = "day"
    MOMENT = "moment"
    TEXTS = "texts"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, what its values are, and what they say. Any but a number may be missing."""

    name: str
    form: Form
    about: str


@dataclass(frozen=True, slots=True)
class Option:
    """What a report can be narrowed by. `read` makes a value of a text and raises Invalid where it cannot."""

    name: str
    wants: str
    about: str
    read: Callable[[str], str | int]
    choices: tuple[str, ...] = ()


def _text(text: str) -> str:
    if not text.strip() or "\0" in text:
        raise Invalid("A text is needed.")
    return text


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_DAYS):
        raise Invalid(f"'{text}' is no number of days from 1 to {MOST_DAYS}.")
    return int(text)


STATUSES = tuple(each.value for each in Status if each is not Status.DELETED)


def _status(text: str) -> str:
    if text not in STATUSES:
        raise Invalid(f"'{text}' is no status. Choose one of {', '.join(STATUSES)}.")
    return text


PRODUCT = Option("product", "CODE", "Only of that product.", _text)
GROUP = Option("group", "NAME_OR_ID", "Only of people in that group or in groups nested in it.", _text)
USER = Option("user", "USERNAME_OR_ID", "Only of that person.", _text)
DAYS = Option("days", "DAYS", "After how many days without a sign-in a seat is idle; 30, if left out.", _days)
FROM = Option("from", "DATE", "From that date or moment on (UTC).", begins)
TO = Option("to", "DATE", "Up to that date or moment (UTC), itself included.", ends)
STATUS = Option("status", "STATUS", "Only people of that status.", _status, STATUSES)
OPTIONS = (PRODUCT, GROUP, USER, DAYS, FROM, TO, STATUS)
"""Every option that any report has."""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Which rows are wanted: what is None narrows nothing."""

    product: str | None = None
    group: str | None = None
    user: str | None = None
    days: int = 30
    since: str | None = None
    until: str | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows in order, and the position that the next page begins after; None where there is none."""

    rows: Sequence[Row]
    next: Position | None


Read = Callable[[UnitOfWork, Narrowing, Position | None, int], Page]
"""Reads the page after a position, of so many rows at most, with a fixed number of statements."""


@dataclass(frozen=True, slots=True)
class Report:
    """A report under its name; `order` says what the parts of its positions are.

    A page of it may have fewer rows than asked for, and none, and still have a next.
    """

    name: str
    title: str
    about: str
    options: tuple[Option, ...]
    columns: tuple[Column, ...]
    order: tuple[type[str] | type[int], ...]
    read: Read


def text(name: str, about: str) -> Column:
    return Column(name, Form.TEXT, about)


def number(name: str, about: str) -> Column:
    return Column(name, Form.NUMBER, about)


def moment(name: str, about: str) -> Column:
    return Column(name, Form.MOMENT, about)


def texts(name: str, about: str) -> Column:
    return Column(name, Form.TEXTS, about)


def cut(found: Sequence[Row], positions: Sequence[Position], most: int) -> Page:
    """The page of rows that were looked for as many as `most`: fewer than that are the last ones."""
    return Page(found, positions[-1] if found and len(found) == most else None)
