"""Statements that go to PostgreSQL the short way do what they do by SQLAlchemy's."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import bindparam, delete, func, insert, select, text, update
from sqlalchemy.exc import DataError, IntegrityError

from scim_server.store import lines
from scim_server.store.databases import Database
from scim_server.store.lines import Line
from scim_server.store.tables import domains, products
from scim_server.store.walls import OPERATOR
from tests import databases

_ADD = insert(products)
_ALL = select(products.c.code, products.c.name).order_by(products.c.code)
_CALLED = select(products.c.name).where(products.c.code == bindparam("wanted"))
_RENAME = update(products).where(products.c.code == bindparam("wanted")).values(name=bindparam("called"))
_SOME = select(products.c.code).where(products.c.code.in_(("a", "c"))).order_by(products.c.code)
_COUNT = select(func.count()).select_from(products)


@pytest.fixture
def database(postgresql_databases: databases.Fresh) -> Iterator[Database]:
    url = postgresql_databases()
    made = Database(url)
    with made.write(OPERATOR) as line:
        line.execute(_ADD, [{"code": code, "name": code.upper()} for code in "abc"])
        line.commit()
    yield made
    made.dispose()
    databases.drop(url)


@pytest.fixture
def leaving(database: Database) -> Iterator[Callable[..., None]]:
    """Leaves products to be sent, in one transaction."""
    with database.write(OPERATOR) as line:
        assert isinstance(line, Line)

        def leave(*codes: str) -> None:
            assert isinstance(line, Line)
            line.leave(_ADD, [{"code": code, "name": "new"} for code in codes])

        leave.line = line  # type: ignore[attr-defined]
        yield leave


def test_answers_are_read_in_every_way_the_first_time_and_later(database: Database) -> None:
    with database.read(OPERATOR) as line:
        for _ in range(3):
            assert [row.name for row in line.execute(_ALL)] == ["A", "B", "C"]
            assert line.execute(_ALL).first() == ("a", "A")
            assert line.execute(_ALL).mappings().all()[1] == {"code": "b", "name": "B"}
            assert line.execute(_ALL).scalars().all() == ["a", "b", "c"]
            assert line.execute(_CALLED, {"wanted": "b"}).scalar() == "B"
            assert line.scalar(_CALLED, {"wanted": "nobody"}) is None
            assert line.execute(_CALLED, {"wanted": "c"}).mappings().one() == {"name": "C"}
            assert line.scalars(_SOME).all() == ["a", "c"]
            assert line.execute(text("SELECT 1 AS one, CAST(NULL AS text) AS none")).mappings().one() == {
                "one": 1,
                "none": None,
            }


def test_statements_of_one_shape_differ_in_their_values(database: Database) -> None:
    with database.read(OPERATOR) as line:
        for code in "abc":
            found = line.execute(select(products.c.name).where(products.c.code == code)).scalar()
            assert found == code.upper()


def test_a_batch_larger_than_a_round_trip_is_whole(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "_BATCH", 3)
    batch = [{"code": f"n{number}", "name": "n"} for number in range(10)]
    with database.write(OPERATOR) as line:
        assert line.execute(_ADD, batch).rowcount == 10
        assert line.execute(delete(products).where(products.c.name == "n")).rowcount == 10
        line.commit()


def test_what_is_not_committed_is_undone(database: Database) -> None:
    with database.write(OPERATOR) as line:
        line.execute(_RENAME, {"wanted": "a", "called": "changed"})
    with database.write(OPERATOR) as line:
        line.execute(_RENAME, {"wanted": "a", "called": "changed"})
        line.rollback()
        assert line.execute(_CALLED, {"wanted": "a"}).scalar() == "A"
        line.execute(_RENAME, {"wanted": "b", "called": "kept"})
        line.commit()
    with database.read(OPERATOR) as line:
        assert [row.name for row in line.execute(_ALL)] == ["A", "kept", "C"]


def test_a_statement_that_fails_is_told_of_and_leaves_the_connection_fit(database: Database) -> None:
    for _ in range(3):
        with database.write(OPERATOR) as line:
            with pytest.raises(IntegrityError, match="pk_products"):
                line.execute(_ADD, {"code": "a", "name": "again"})
            line.rollback()
            assert line.execute(_COUNT).scalar() == 3
        with database.read(OPERATOR) as line, pytest.raises(DataError, match="NUL"):
            line.execute(_CALLED, {"wanted": "a\0"})


def test_what_is_left_goes_before_whatever_comes_next(leaving: Callable[..., None]) -> None:
    line: Any = leaving.line  # type: ignore[attr-defined]
    leaving("x", "y")
    assert line.execute(_COUNT).scalar() == 5
    leaving("z")
    assert line.exec_driver_sql("SELECT count(*) FROM products").scalar() == 6
    leaving("q")
    line.rollback()
    assert line.execute(_COUNT).scalar() == 3


def test_what_is_left_fails_with_the_commit(leaving: Callable[..., None]) -> None:
    line: Any = leaving.line  # type: ignore[attr-defined]
    leaving("x", "a")
    with pytest.raises(IntegrityError):
        line.commit()
    line.rollback()
    assert line.execute(_COUNT).scalar() == 3


def test_several_reads_share_a_round_trip_and_a_wall(database: Database) -> None:
    with database.read("nobody") as line:
        assert isinstance(line, Line)
        for _ in range(2):
            named, owned = line.together((_CALLED, {"wanted": "a"}), (select(domains), {}))
            assert (named.scalar(), owned.all()) == ("A", [])


def test_a_connection_forgets_what_it_prepared_when_it_is_too_much(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "_MOST_PREPARED", 4)
    with database.write(OPERATOR) as line:
        for number in range(30):
            shape = select(*(products.c.code.label(f"c{each}") for each in range(number + 1)))
            assert len(line.execute(shape).all()) == 3
            line.execute(_RENAME, {"wanted": "a", "called": str(number)})
        line.commit()
        prepared = line.exec_driver_sql("SELECT count(*) FROM pg_prepared_statements").scalar()
    assert prepared <= 8


def test_one_moment_is_seen_however_many_statements_ask(database: Database) -> None:
    with database.snapshot(OPERATOR) as seen:
        assert seen.execute(_CALLED, {"wanted": "a"}).scalar() == "A"
        with database.write(OPERATOR) as line:
            line.execute(_RENAME, {"wanted": "a", "called": "later"})
            line.commit()
        assert seen.execute(_CALLED, {"wanted": "a"}).scalar() == "A"
    with database.read(OPERATOR) as line:
        assert line.execute(_CALLED, {"wanted": "a"}).scalar() == "later"
