"""CSV as it is written here (RFC 4180): UTF-8, commas, CRLF, and no cell that a spreadsheet takes for a formula.

Formulas in exported cells run on the machine of whoever opens the file (OWASP, "CSV Injection"), so a text that a
spreadsheet would take for one gets an apostrophe in front. `plain` takes it off again: what was written is read back.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence

Cell = str | int | float | None
_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
"""What begins one, and what begins a text that `defused` would have made of one."""


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """The file, a row at a time, the header first. Numbers are written as they are, None as an empty cell."""
    lines: list[str] = []
    sink = _Sink(lines)
    plain_writer, quoting_writer = csv.writer(sink), csv.writer(sink, quoting=csv.QUOTE_ALL)
    plain_writer.writerow(columns)
    yield lines.pop().encode()
    for row in rows:
        cells = [defused(cell) if isinstance(cell, str) else cell for cell in row]
        (quoting_writer if _splits_elsewhere(cells) else plain_writer).writerow(cells)
        yield lines.pop().encode()


def defused(cell: str) -> str:
    """The text as no spreadsheet takes it for a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def plain(cell: str) -> str:
    """The text that `defused` was given."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet takes the cell for a formula."""
    return not cell.startswith("'") and _FORMULA.match(cell) is not None


def _splits_elsewhere(cells: Iterable[Cell]) -> bool:
    """Whether a spreadsheet that expects semicolons would find more cells, perhaps formulas, in an unquoted row."""
    return any(isinstance(cell, str) and ";" in cell for cell in cells)


class _Sink:
    """Takes each row that a writer finishes."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines

    def write(self, line: str) -> None:
        self._lines.append(line)
