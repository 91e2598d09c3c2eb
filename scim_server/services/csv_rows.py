"""CSV as it is written here (RFC 4180): UTF-8, commas, CRLF, and no cell that a spreadsheet takes for a formula.

Formulas in exported cells run on the machine of whoever opens the file (OWASP, "CSV Injection"), so a text that a
spreadsheet would take for one gets an apostrophe in front. So does what follows a semicolon or a line break, where a
spreadsheet that expects semicolons begins another cell. `plain` takes them off again: what was written is read back.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence

Cell = str | int | float | None
_BEGINS = "(?:^|(?<=[;\r\n]))"
_FORMULA = "'*[=+\\-@\t\r\n＝＋－＠]"
"""What begins one, and what begins a text that `defused` would have made of one."""
_BARE = re.compile(f"{_BEGINS}({_FORMULA})")
_DEFUSED = re.compile(f"{_BEGINS}'({_FORMULA})")
_IS_FORMULA = re.compile(f"(?!'){_FORMULA}")


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """The file, a row at a time, the header first. Numbers are written as they are, None as an empty cell."""
    lines: list[str] = []
    writer = csv.writer(_Sink(lines))
    writer.writerow(columns)
    yield lines.pop().encode()
    for row in rows:
        writer.writerow([defused(cell) if isinstance(cell, str) else cell for cell in row])
        yield lines.pop().encode()


def defused(cell: str) -> str:
    """The text as no spreadsheet takes it for a formula."""
    return _BARE.sub(r"'\1", cell)


def plain(cell: str) -> str:
    """The text that `defused` was given."""
    return _DEFUSED.sub(r"\1", cell)


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet takes the cell for a formula."""
    return _IS_FORMULA.match(cell) is not None


class _Sink:
    """Takes each row that a writer finishes."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines

    def write(self, line: str) -> None:
        self._lines.append(line)
