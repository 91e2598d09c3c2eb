"""Statements that take the short way to a database do what they do by SQLAlchemy's, on both databases."""

import os
from collections.abc import Iterator
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import JSON, Connection, bindparam, delete, func, insert, select, text, tuple_, update
from sqlalchemy.engine import Result
from sqlalchemy.exc import DBAPIError, IntegrityError

from scim_server.domain.errors import Taken, Unavailable
from scim_server.store.answers import Answered
from scim_server.store.databases import Database
from scim_server.store.scopes import taken
from scim_server.store.sets import among, outside
from scim_server.store.short_ways import ShortWay
from scim_server.store.tables import oauth_clients, products
from scim_server.store.walls import OPERATOR
from tests.worlds import World

_ADD = insert(products)
_ALL = select(products.c.code, products.c.name).order_by(products.c.code)
_CALLED = select(products.c.name).where(products.c.code == bindparam("wanted"))
_RENAME = update(products).where(products.c.code == bindparam("wanted")).values(name=bindparam("called"))
_COUNT = select(func.count()).select_from(products)
_ADDED = insert(products).returning(products.c.code, products.c.name)
_THESE = select(products.c.code).where(among(products.c.code)).order_by(products.c.code)
_OTHERS = select(products.c.code).where(outside(products.c.code)).order_by(products.c.code)
_SOME = select(products.c.code).where(products.c.code.in_(("a", "c"))).order_by(products.c.code)
_NAMED = text("SELECT name, code FROM products WHERE code = :wanted")
_ADD_CLIENT = insert(oauth_clients)
_CLIENT = select(oauth_clients).where(oauth_clients.c.tenant_id == bindparam("tenant"))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url)
    with made.write(OPERATOR) as line:
        line.execute(_ADD, [{"code": code, "name": code.upper()} for code in "abc"])
        line.commit()
    yield made
    made.dispose()


@pytest.fixture
def line(database: Database) -> Iterator[Any]:
    """A connection to write with."""
    with database.write(OPERATOR) as opened:
        yield opened


def test_a_statement_that_is_built_once_is_executed_without_sqlalchemy(line: Any) -> None:
    assert isinstance(line, ShortWay)
    for _ in range(2):
        assert isinstance(line.execute(_CALLED, {"wanted": "a"}), Answered)
        assert isinstance(line.execute(_RENAME, {"wanted": "a", "called": "new"}), Answered)
    assert isinstance(line.execute(_CALLED, {"wanted": "a"}, execution_options={"preserve_rowcount": True}), Result)


def test_values_come_back_as_they_went(world: World) -> None:
    tenant = world.tenant("acme")
    row = {
        "tenant_id": tenant.id,
        "id": "one",
        "connection_id": None,
        "name": "Zoë \U0001f600 'quoted' \\",
        "method": "client_secret_basic",
        "scopes": [],
        "redirect_uris": {"b": [1, 2.5, None, True], "a": "é"},
        "jwks": None,
        "jwks_uri": "",
        "token_seconds": 2**31 - 1,
        "dpop": True,
        "certificate_bound": False,
        "pkce": True,
        "created": "2026-01-01T00:00:00.000Z",
        "revoked": None,
    }
    with world.installation.database.write(tenant.id) as line:
        line.execute(_ADD_CLIENT, row)
        for _ in range(2):
            (found,) = line.execute(_CLIENT, {"tenant": tenant.id}).mappings().all()
            assert found == row
            assert found["dpop"] is True
            assert found["certificate_bound"] is False
            assert list(found["redirect_uris"]) == ["b", "a"]
            by_sqlalchemy = Connection.execute(line, _CLIENT, {"tenant": tenant.id}).mappings().one()
            assert dict(by_sqlalchemy) == row
            nothing = select(func.count()).select_from(oauth_clients).where(oauth_clients.c.jwks.is_(None))
            assert line.execute(nothing).scalar() == 1


@pytest.mark.parametrize("times", [1, 3])
def test_answers_are_read_in_every_way(line: Any, times: int) -> None:
    for _ in range(times):
        assert [row.name for row in line.execute(_ALL)] == ["A", "B", "C"]
        assert line.execute(_ALL).first() == ("a", "A")
        assert line.execute(_ALL).mappings().all()[1] == {"code": "b", "name": "B"}
        assert line.execute(_ALL).scalars().all() == ["a", "b", "c"]
        assert line.scalar(_CALLED, {"wanted": "nobody"}) is None
        assert line.execute(_CALLED, {"wanted": "nobody"}).first() is None
        assert line.execute(_CALLED, {"wanted": "c"}).mappings().one() == {"name": "C"}
        with pytest.raises(ValueError, match="unpack"):
            line.execute(_ALL).one()
        assert line.scalars(_SOME).all() == ["a", "c"]
        assert line.execute(_NAMED, {"wanted": "b"}).mappings().all() == [{"name": "B", "code": "b"}]


def test_columns_of_a_text_are_read_by_their_names_in_any_order(line: Any) -> None:
    written = text("SELECT '[1]' AS listed, 'a' AS plain, NULL AS none").columns(none=JSON(), listed=JSON())
    for _ in range(2):
        found = Connection.execute(line, written).mappings().one()
        if line.dialect.name == "sqlite":
            assert line.execute(written).mappings().one() == dict(found) == {"listed": [1], "plain": "a", "none": None}


@pytest.mark.parametrize(("ids", "others"), [([], "abc"), (["b"], "ac"), (["a", "c", "x"], "b")])
def test_sets_may_have_any_number_of_members(line: Any, ids: list[str], others: str) -> None:
    for given in (ids, tuple(ids), set(ids), dict.fromkeys(ids).keys()):
        assert line.execute(_THESE, {"ids": given}).scalars().all() == [each for each in ids if each != "x"]
        assert line.execute(_OTHERS, {"ids": given}).scalars().all() == list(others)


def test_statements_of_one_shape_differ_in_their_values(line: Any) -> None:
    for code in "abc":
        assert line.execute(select(products.c.name).where(products.c.code == code)).scalar() == code.upper()
        listed = select(products.c.code).where(products.c.code.in_([code, "a"])).order_by(products.c.code)
        assert line.execute(listed).scalars().all() == sorted({code, "a"})
        behind = _ALL.where(tuple_(products.c.code, products.c.name) > (code, "")).limit(1)
        assert line.execute(behind).scalar() == code


def test_batches_tell_how_many_rows_they_touched(line: Any) -> None:
    batch = [{"code": f"n{number}", "name": "n"} for number in range(1_200)]
    assert line.execute(_ADD, batch).rowcount == 1_200
    renamed = [{"wanted": each["code"], "called": "m"} for each in batch] + [{"wanted": "nobody", "called": "m"}]
    assert line.execute(_RENAME, renamed).rowcount == 1_200
    assert line.execute(_RENAME, {"wanted": "nobody", "called": "m"}).rowcount == 0
    assert line.execute(delete(products).where(products.c.name == "m")).rowcount == 1_200


def test_what_was_inserted_is_answered_for_each(line: Any) -> None:
    for number in (1, 3):
        batch = [{"code": f"{number}{each}", "name": str(each)} for each in range(number)]
        assert line.execute(_ADDED, batch).mappings().all() == batch


def test_what_breaks_a_constraint_says_what_that_means(line: Any) -> None:
    def meaning(error: IntegrityError) -> Exception:
        return taken(error, "products", "There is such a product.")

    for _ in range(2):
        with pytest.raises(IntegrityError, match="products"):
            line.execute(_ADD, {"code": "a", "name": "again"})
        line.rollback()
        with pytest.raises(Taken, match="such a product"):  # noqa: PT012 it fails with one or the other
            line.leave(_ADD, [{"code": "x", "name": "new"}, {"code": "a", "name": "again"}], meaning)
            line.commit()
        line.rollback()
        with pytest.raises(IntegrityError):  # noqa: PT012
            line.leave(_ADD, [{"code": "a", "name": "again"}])
            line.commit()
        line.rollback()
    assert line.execute(_COUNT).scalar() == 3


def test_what_is_not_committed_is_undone_whichever_way_it_went(database: Database) -> None:
    for commits in (False, True):
        with database.write(OPERATOR) as line:
            line.execute(_RENAME, {"wanted": "a", "called": "short"})
            line.exec_driver_sql("UPDATE products SET name = 'long' WHERE code = 'b'")
            assert line.execute(_CALLED, {"wanted": "b"}).scalar() == "long"
            assert line.exec_driver_sql("SELECT name FROM products WHERE code = 'a'").scalar() == "short"
            if commits:
                line.commit()
        with database.read(OPERATOR) as line:
            assert line.execute(_ALL).scalars().all() == ["a", "b", "c"]
            names = [row.name for row in line.execute(_ALL)]
        assert names == (["short", "long", "C"] if commits else ["A", "B", "C"])


def test_a_connection_that_was_rolled_back_begins_anew(line: Any, database: Database) -> None:
    line.execute(_RENAME, {"wanted": "a", "called": "changed"})
    line.rollback()
    assert line.execute(_CALLED, {"wanted": "a"}).scalar() == "A"
    line.execute(_RENAME, {"wanted": "b", "called": "kept"})
    line.commit()
    with database.read(OPERATOR) as reader:
        assert [row.name for row in reader.execute(_ALL)] == ["A", "kept", "C"]


def test_one_moment_is_seen_by_a_snapshot_and_by_what_is_asked_together(database: Database) -> None:
    with database.snapshot(OPERATOR) as seen, database.read(OPERATOR) as reading:
        assert seen.execute(_CALLED, {"wanted": "a"}).scalar() == "A"
        with database.write(OPERATOR) as line:
            line.execute(_RENAME, {"wanted": "a", "called": "later"})
            line.commit()
        assert seen.execute(_CALLED, {"wanted": "a"}).scalar() == "A"
        assert isinstance(reading, ShortWay)
        for wanted in (_CALLED, select(products.c.name).where(products.c.code == "a")):
            named, counted = reading.together((wanted, {"wanted": "a"}), (_COUNT, {}))
            assert (named.scalar(), counted.scalar()) == ("later", 3)
        with database.write(OPERATOR) as line:
            line.execute(_RENAME, {"wanted": "a", "called": "last"})
            line.commit()
        assert reading.execute(_CALLED, {"wanted": "a"}).scalar() == "last", "what was read together is over"


def test_what_is_asked_beforehand_is_answered_as_it_was_then(line: Any) -> None:
    answer = line.ask(_CALLED, {"wanted": "a"})
    line.execute(_RENAME, {"wanted": "a", "called": "later"})
    assert answer().scalar() == answer().scalar() == "A"


@pytest.mark.parametrize("last", [False, True])
def test_what_is_asked_beforehand_sees_what_was_left_before(line: Any, last: bool) -> None:
    for asked in ("first", "again"):
        line.leave(_RENAME, [{"wanted": "a", "called": asked}], last=last)
        answer = line.ask(_CALLED, {"wanted": "a"})
        line.leave(_RENAME, [{"wanted": "a", "called": "later"}])
        assert answer().scalar() == asked


def test_a_read_is_given_up_when_its_time_is_over(database: Database) -> None:
    endless = text(
        "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1000000000) "
        "SELECT count(*) FROM numbers"
    )
    with pytest.raises(Unavailable), database.read(OPERATOR) as line:  # noqa: PT012
        assert isinstance(line, ShortWay)
        line.deadline = monotonic() + 0.05
        try:
            line.execute(endless)
        finally:
            line.deadline = None
    with database.read(OPERATOR) as line:
        assert line.execute(_COUNT).scalar() == 3


def test_a_file_that_was_replaced_is_not_written_to(database: Database) -> None:
    if not database.is_sqlite:
        return
    path = str(database.engine.url.database)
    with database.read(OPERATOR) as line:
        assert line.execute(_COUNT).scalar() == 3
    os.rename(path, f"{path}.old")
    with pytest.raises(Unavailable, match="gone"), database.read(OPERATOR) as line:
        line.execute(_COUNT)
    os.rename(f"{path}.old", path)
    with database.write(OPERATOR) as line:
        line.execute(_RENAME, {"wanted": "a", "called": "kept"})
        line.commit()


def test_what_the_driver_refuses_is_an_error_of_the_database(line: Any) -> None:
    for _ in range(2):
        with pytest.raises(DBAPIError) as refused:
            line.execute(text("SELECT no_such_column FROM products"))
        assert "wanted" not in str(refused.value)
        line.rollback()
