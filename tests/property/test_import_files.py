"""A file of people is read the same whatever its delimiter, line ending, mark, and order of columns."""

import csv
import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim_server.domain.errors import Invalid
from scim_server.domain.imports import COLUMNS, EMAIL, LISTS, joined, separated
from scim_server.services.csv_rows import csv_lines
from scim_server.services.import_files import ImportFile
from tests.examples import long_run

TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]) | st.sampled_from("=+-@'\";,|\\ "), max_size=8
).map(str.strip)
VALUES = st.lists(TEXT.filter(bool), max_size=3)
ROW = st.fixed_dictionaries({column: VALUES.map(joined) if column in LISTS else TEXT for column in COLUMNS}).map(
    lambda row: {**row, EMAIL: row[EMAIL] or "somebody"}
)
ROWS = st.lists(ROW, max_size=4)


@long_run
@given(values=VALUES)
def test_the_values_of_a_cell_are_found_again(values: list[str]) -> None:
    assert separated(joined(values)) == values


@long_run
@given(rows=ROWS)
def test_what_is_exported_is_imported_the_same(rows: list[dict[str, str]]) -> None:
    written = b"".join(csv_lines(list(COLUMNS), [[row[column] for column in COLUMNS] for row in rows]))
    found = list(read(written).rows())
    assert [row.cells for row in found] == rows
    assert [row.problem for row in found] == [None] * len(rows)


@long_run
@given(
    rows=ROWS,
    delimiter=st.sampled_from(",;"),
    ending=st.sampled_from(["\n", "\r\n", "\r"]),
    mark=st.booleans(),
    columns=st.permutations(list(COLUMNS)),
)
def test_however_it_is_written(
    rows: list[dict[str, str]], delimiter: str, ending: str, mark: bool, columns: list[str]
) -> None:
    plain = [
        {name: cell.translate({ord(each): "_" for each in "=+-@'|,;\\"}) for name, cell in row.items()} for row in rows
    ]
    sink = io.StringIO(newline="")
    writer = csv.writer(sink, delimiter=delimiter, lineterminator=ending)
    writer.writerow([name.upper().replace("_", " ") for name in columns])
    writer.writerows([row[name] for name in columns] for row in plain)
    file = read(sink.getvalue().encode("utf-8-sig" if mark else "utf-8"))
    assert file.delimiter == delimiter
    assert [dict(row.cells) for row in file.rows()] == plain


@long_run
@given(noise=st.binary(max_size=200))
def test_noise_is_read_or_refused(noise: bytes) -> None:
    with suppress(Invalid):
        assert all(row.cell(EMAIL) or row.problem for row in read(b"email,first_name\n" + noise).rows())


def test_lines_are_those_of_the_file() -> None:
    rows = list(read(b'email,first_name\r\n\r\na@x.test,"two\r\nlines"\r\n,\r\nb@x.test,B\r\n').rows())
    assert [(row.number, row.line) for row in rows] == [(1, 3), (2, 6)]


def test_a_file_ends_where_it_is_too_large() -> None:
    with pytest.raises(Invalid, match="larger than 100 bytes"):
        list(read(b"email\n" + b"a@x.test\n" * 20, 100).rows())


def read(content: bytes, most: int = 1_000_000) -> ImportFile:
    return ImportFile(io.BytesIO(content), most)
