"""The watch over what a request wrote: rows that were all taken back are no change, everything else is one."""

import pytest
from sqlalchemy import create_engine, text

from tests.walls.writes import Writes

ADD_A, ADD_B = (f"INSERT INTO domains (name) VALUES ('{name}')" for name in "ab")
TAKE_A, TAKE_BOTH, TAKE_OLD = (f"DELETE FROM domains WHERE name IN ({names})" for names in ("'a'", "'a', 'b'", "'old'"))


@pytest.mark.parametrize(
    ("statements", "changed"),
    [
        ([ADD_A, ADD_B, TAKE_BOTH], set()),
        ([TAKE_A], set()),
        ([ADD_A, ADD_B, TAKE_A], {"domains"}),
        ([TAKE_OLD, ADD_A], {"domains"}),
        ([ADD_A, "UPDATE domains SET name = 'a' WHERE name = 'old'", TAKE_A], {"domains"}),
        (["UPDATE domains SET name = 'a' WHERE name = 'nobody'"], set()),
    ],
)
def test_only_rows_that_were_all_taken_back_are_no_change(statements: list[str], changed: set[str]) -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE domains (name TEXT)"))
        connection.execute(text("INSERT INTO domains (name) VALUES ('old')"))
    writes = Writes(engine)
    for statement in statements:
        with engine.begin() as connection:
            connection.execute(text(statement))
    assert writes.taken() == changed
    assert writes.taken() == set()
