"""CSV as it is written is safe in spreadsheets and read back the same."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from scim_server.services.csv_rows import csv_lines, is_formula, plain
from tests.examples import long_run

SPECIAL = st.sampled_from("=+-@\t'\";,|＝")
CELLS = st.text(st.characters(exclude_categories=["Cs"]) | SPECIAL | st.sampled_from("\r\n"), max_size=8)


def _rows(cells: st.SearchStrategy[str]) -> st.SearchStrategy[list[list[str]]]:
    return st.lists(st.lists(cells, min_size=2, max_size=2), max_size=5)


@long_run
@given(rows=_rows(CELLS))
def test_what_is_written_is_read_back(rows: list[list[str]]) -> None:
    header, *found = _read(b"".join(csv_lines(["one", "two"], rows)), ",")
    assert header == ["one", "two"]
    assert [[plain(cell) for cell in row] for row in found] == rows
    assert not any(is_formula(cell) for row in found for cell in row)


@long_run
@given(rows=_rows(CELLS))
def test_a_spreadsheet_that_expects_semicolons_finds_no_formula_either(rows: list[list[str]]) -> None:
    found = _read(b"".join(csv_lines(["one", "two"], rows)), ";")
    assert not any(is_formula(cell.lstrip("\r\n")) for row in found for cell in row)


def test_numbers_are_written_as_they_are() -> None:
    assert b"".join(csv_lines(["n"], [[-5], [1.5], [None]])) == b'n\r\n-5\r\n1.5\r\n""\r\n'


def _read(written: bytes, delimiter: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(written.decode(), newline=""), delimiter=delimiter))
