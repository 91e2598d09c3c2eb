"""Files of people read a row at a time: RFC 4180 in UTF-8, with commas or semicolons, in bounded memory.

Whatever is wrong with a file as a whole is refused here, by line, column and cure; what is wrong with the cells of
one row is that row's problem.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import IO

from scim_server.domain.errors import Invalid
from scim_server.domain.imports import COLUMNS, EMAIL, LISTS, REASON, ImportRow, Remark, regular
from scim_server.services.csv_rows import is_formula, plain

MOST_ROWS = 1_000_000
LONGEST_LINE = 1_000_000
"""Bytes of a line of the file."""
LONGEST_CELL = 10_000
"""Characters."""
DELIMITERS = ",;"
_BOM = b"\xef\xbb\xbf"
_OTHER_BOMS = (b"\xff\xfe", b"\xfe\xff")
_QUOTED = re.compile(r'"[^"]*"')
_LONE_RETURN = re.compile(r"(?<=\r)(?!\n|$)")
_SAVE_AS = "Save it as CSV in UTF-8 (in Excel: 'CSV UTF-8') and try again."


class ImportFile:
    """One file being read: `columns` is its header, `rows` are what follows; then `digest` is known."""

    def __init__(self, stream: IO[bytes], most_bytes: int) -> None:
        self._digest = sha256()
        self._read = 0
        self._most_bytes = most_bytes
        lines = self._lines(stream)
        first = next(lines, "")
        if not first.strip():
            raise Invalid(f"The file has no header. Its first line names the columns: {', '.join(COLUMNS)}.")
        self.delimiter = delimiter_of(first)
        self._reader = csv.reader(_with(first, lines), delimiter=self.delimiter, strict=True)
        self.columns = columns_of(self._next() or [])

    @property
    def digest(self) -> str:
        """Of the bytes that were read."""
        return self._digest.hexdigest()

    def rows(self) -> Iterator[ImportRow]:
        """The rows with anything in them, numbered from 1. Raises Invalid for what is no CSV."""
        number, line = 0, self._reader.line_num + 1
        while (cells := self._next()) is not None:
            if any(cell.strip() for cell in cells):
                number += 1
                if number > MOST_ROWS:
                    raise Invalid(f"The file has more than {MOST_ROWS:,} rows: split it.")
                yield self._row(number, line, cells)
            line = self._reader.line_num + 1

    def _row(self, number: int, line: int, cells: Sequence[str]) -> ImportRow:
        if any(cell.strip() for cell in cells[len(self.columns) :]):
            raise Invalid(
                f"Line {line} has {len(cells)} cells and the header names {len(self.columns)} columns: put quotation "
                f"marks around a cell that has '{self.delimiter}' in it."
            )
        named = {column: cell.strip() for column, cell in zip(self.columns, cells, strict=False)}
        separator = DELIMITERS.replace(self.delimiter, "")
        kept = {
            column: regular(plain(cell), separator) if column in LISTS else plain(cell)
            for column, cell in named.items()
            if column != REASON
        }
        return ImportRow(number, line, kept, problem=_problem(named))

    def _next(self) -> list[str] | None:
        try:
            return next(self._reader, None)
        except csv.Error as error:
            raise Invalid(
                f"Line {self._reader.line_num} is no CSV: {error}. Most often a quotation mark is missing, or one "
                'inside a cell is not doubled (`""`).'
            ) from error

    def _lines(self, stream: IO[bytes]) -> Iterator[str]:
        """The lines of the file with their endings, which may be CRLF, LF or CR."""
        number = 0
        while raw := stream.readline(LONGEST_LINE + 1):
            number += 1
            self._measure(raw, number)
            yield from _LONE_RETURN.split(self._decoded(raw, number))

    def _measure(self, raw: bytes, number: int) -> None:
        if self._read == 0 and raw.startswith(_OTHER_BOMS):
            raise Invalid(f"The file is in UTF-16. {_SAVE_AS}")
        self._digest.update(raw)
        if self._read + len(raw) > self._most_bytes:
            raise too_large(self._most_bytes)
        if len(raw) > LONGEST_LINE:
            raise Invalid(f"Line {number} is longer than {LONGEST_LINE:,} bytes, so the file is no list of people.")

    def _decoded(self, raw: bytes, number: int) -> str:
        begins, self._read = self._read, self._read + len(raw)
        body = raw.removeprefix(_BOM) if begins == 0 else raw
        try:
            text = body.decode()
        except UnicodeDecodeError as error:
            place = begins + len(raw) - len(body) + error.start + 1
            raise Invalid(f"Line {number} is not in UTF-8 (byte {place} of the file). {_SAVE_AS}") from error
        if "\0" in text:
            raise Invalid(f"Line {number} has a NUL character in it, so the file is no CSV. {_SAVE_AS}")
        return text


def too_large(most_bytes: int) -> Invalid:
    """The refusal of a file that is larger than the operator allows."""
    return Invalid(
        f"The file is larger than {most_bytes:,} bytes. Split it, or have the operator raise SCIM_IMPORT_MAX_BYTES."
    )


def delimiter_of(header: str) -> str:
    """Comma or semicolon, whichever the header has more of."""
    bare = _QUOTED.sub("", header)
    return max(DELIMITERS, key=bare.count)


def columns_of(header: Sequence[str]) -> tuple[str, ...]:
    """The columns that a header names, letter case and blanks ignored. Raises Invalid naming those that are wrong."""
    names = ["_".join(name.replace("-", " ").replace("_", " ").split()).lower() for name in header]
    while names and not names[-1]:
        names.pop()
    unknown = [given.strip() for given, name in zip(header, names, strict=False) if name not in {*COLUMNS, REASON}]
    repeated = sorted(name for name in {*COLUMNS, REASON} if names.count(name) > 1)
    wrong = [f"unknown column '{name}'" for name in unknown]
    wrong += [f"column '{name}' is there {names.count(name)} times" for name in repeated]
    if EMAIL not in names:
        wrong.append(f"column '{EMAIL}' is missing")
    if wrong:
        raise Invalid(f"The header cannot be used: {'; '.join(wrong)}. Columns, in any order: {', '.join(COLUMNS)}.")
    return tuple(names)


def _problem(cells: dict[str, str]) -> Remark | None:
    for column, cell in cells.items():
        if column == REASON:
            continue
        if is_formula(cell):
            return Remark(
                f"{column}: the cell is a formula. Put an apostrophe (') in front if the text is meant as it stands."
            )
        if len(cell) > LONGEST_CELL:
            return Remark(f"{column}: the cell has more than {LONGEST_CELL:,} characters. Shorten it.")
    return None if cells.get(EMAIL) else Remark(f"{EMAIL}: the cell is empty. Write the person's e-mail address.")


def _with(first: str, lines: Iterator[str]) -> Iterator[str]:
    yield first
    yield from lines
