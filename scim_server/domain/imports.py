"""Lists of people brought in from files: jobs, their rows, and what becomes of each."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

from scim_server.domain.access import SUPER_ADMIN
from scim_server.domain.instants import Instant

COLUMNS: Mapping[str, str] = {
    "email": "ana@example.com",
    "first_name": "Ana",
    "last_name": "Silva",
    "products": "webinar|training",
    "role": "manager",
    "groups": "Sales|Berlin office",
    "language": "pt-BR",
}
"""What a file may say of a person, each with an example; all but `email` may be left out."""
REASON = "reason"
"""The column that a file of errors has besides; it says nothing of a person."""
EMAIL, FIRST, LAST, PRODUCTS, ROLE, GROUPS, LANGUAGE = COLUMNS
LISTS = (PRODUCTS, ROLE, GROUPS)
"""The columns whose cells hold several values."""
_VALUE = re.compile(r"(?:\\[\\|]|[^|])+")
_ESCAPE = re.compile(r"[\\|]")
_ESCAPED = re.compile(r"\\([\\|])")


Remark = NewType("Remark", str)
"""A sentence about a row, in English, as refusals are; several of a row are told apart by `BETWEEN`."""
BETWEEN = "; "


class Mode(StrEnum):
    """`all_or_nothing`: one transaction, refused where any row is. `best_effort`: what can be carried out is."""

    ALL_OR_NOTHING = "all_or_nothing"
    BEST_EFFORT = "best_effort"


class State(StrEnum):
    """`ready` is read and can be run; `refused` was to be all or nothing, and some rows could not be carried out."""

    READING = "reading"
    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class Verdict(StrEnum):
    """What becomes of a row, and of one that was carried out, what became of it.

    `pending`: the address is in use outside the tenant; the add waits and is carried out by itself.
    """

    CREATE = "create"
    UPDATE = "update"
    RESTORE = "restore"
    UNCHANGED = "unchanged"
    PENDING = "pending"
    CONFLICT = "conflict"


WAITS = "would_wait"
"""Counted beside the verdicts: the rows of people for whom some product has no free seat."""


@dataclass(frozen=True, slots=True)
class Supply:
    """What a file takes of one product: seats `needed`, those `free` before, and how many are `short`."""

    product: str
    needed: int
    free: int
    short: int


@dataclass(frozen=True, slots=True)
class Import:
    """One list of people. `counts` says how many rows have which verdict, `done` which was the last carried out.

    A `quiet` one sends no notices. Until `lease` some process is at work on it; one that is ready has a lease while
    it is to be checked.
    """

    id: str
    file_name: str
    digest: str
    mode: Mode
    state: State
    actor: str
    created: Instant
    columns: tuple[str, ...]
    rows: int = 0
    done: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    seats: tuple[Supply, ...] = ()
    max_role: str = SUPER_ADMIN
    quiet: bool = False
    finished: Instant | None = None
    failure: str | None = None
    lease: Instant | None = None

    @property
    def is_open(self) -> bool:
        """Whether there is anything left to do."""
        return self.state in {State.READY, State.RUNNING}

    @property
    def is_busy(self) -> bool:
        """Whether it is, or is about to be, read, checked or carried out."""
        return self.state in {State.READING, State.RUNNING} or (self.state is State.READY and self.lease is not None)

    @property
    def is_past_stopping(self) -> bool:
        """Whether it is, all of it or nothing, in the one transaction that carries it out."""
        return self.state is State.RUNNING and self.mode is Mode.ALL_OR_NOTHING and self.judged >= self.rows

    @property
    def judged(self) -> int:
        """How many rows have a verdict."""
        return sum(self.counts.get(verdict.value, 0) for verdict in Verdict)


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One row: its number among the rows, the line of the file that it begins at, its cells by column.

    `problem` is what is wrong with the cells themselves.
    """

    number: int
    line: int
    cells: Mapping[str, str]
    problem: str | None = None
    verdict: Verdict | None = None
    reason: str | None = None
    waits: tuple[str, ...] = ()
    user_id: str | None = None

    def cell(self, column: str) -> str:
        """What the row says there; empty where the file has no such column."""
        return self.cells.get(column, "")

    def several(self, column: str) -> tuple[str, ...]:
        """The values of a cell that holds several, each once."""
        return tuple(dict.fromkeys(separated(self.cell(column))))


def separated(cell: str) -> list[str]:
    """The values of a cell, which `|` separates; `\\|` and `\\\\` stand for themselves."""
    values = (_ESCAPED.sub(r"\1", part.strip()) for part in _VALUE.findall(cell))
    return [value for value in values if value]


def joined(values: Iterable[str]) -> str:
    """The values as one cell, which `separated` takes apart again; one alone with `,` or `;` in it ends with `|`."""
    escaped = [_ESCAPE.sub(r"\\\g<0>", value) for value in values]
    ends_open = len(escaped) == 1 and any(mark in escaped[0] for mark in ",;")
    return "|".join(escaped) + ("|" if ends_open else "")


def regular(cell: str, separator: str) -> str:
    """A cell whose values `separator` may separate instead, with `|` between them."""
    if separator not in cell or "|" in _ESCAPED.sub("", cell):
        return cell
    return joined(part.strip() for part in cell.split(separator) if part.strip())


def tallied(rows: Sequence[ImportRow]) -> dict[str, int]:
    """How many of the rows have which verdict, and how many would wait."""
    counts: dict[str, int] = {}
    for row in rows:
        if row.verdict is not None:
            counts[row.verdict.value] = counts.get(row.verdict.value, 0) + 1
        if row.waits:
            counts[WAITS] = counts.get(WAITS, 0) + 1
    return counts
