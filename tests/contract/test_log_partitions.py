"""On PostgreSQL the provisioning log goes by partitions, which nobody has to think of (store/log_partitions.py)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import psycopg
import pytest
from sqlalchemy import make_url

from scim_server.domain.instants import instant
from scim_server.services import provisioning_logs, tenancy
from scim_server.services.log_entries import LogEntry, LoggedRequest, Sought, earliest_id
from scim_server.store import log_partitions
from scim_server.store.databases import Database
from scim_server.store.migrations import upgrade
from scim_server.store.walls import OPERATOR
from tests import databases
from tests.worlds import World, build

MONTH = timedelta(days=30)
DAY = timedelta(days=1)


@pytest.fixture
def url(postgresql_databases: databases.Fresh) -> Iterator[str]:
    made = postgresql_databases()
    yield made
    databases.drop(made)


@pytest.fixture
def world(url: str) -> Iterator[World]:
    built = build(url)
    built.tenant()
    yield built
    built.installation.cells.dispose()


def at(days: float) -> datetime:
    """A moment so many days after noon of today (UTC)."""
    return datetime.combine(datetime.now(UTC).date(), time(12), UTC) + timedelta(days=days)


def log(world: World, days: float, body: str = "") -> LogEntry:
    """An entry of that moment."""
    tenant = tenancy.tenant(world.units, "acme")
    moment = instant(at(days))
    entry = LogEntry(earliest_id(moment), tenant.id, moment, "connection:x", "GET", "/Users", 200, 1, body=body)
    provisioning_logs.keep(world.units, [entry])
    return entry


def rotate(world: World, days: float, retention: timedelta = MONTH) -> None:
    """What the server does now and then, at that moment."""
    provisioning_logs.prune(replace(world.units, clock=lambda: at(days)), retention)


def logged(world: World, sought: Sought | None = None) -> list[LoggedRequest]:
    return provisioning_logs.requests(world.units, tenancy.tenant(world.units, "acme"), sought or Sought(100))


def places(world: World) -> dict[str, int]:
    """How many entries each partition has that has any."""
    found = rows(world, "SELECT tableoid::regclass::text, count(*) FROM provisioning_log GROUP BY 1")
    return dict(found)


def rows(world: World, statement: str) -> list[tuple[str, int]]:
    with world.installation.database.read(OPERATOR) as connection:
        return [tuple(row) for row in connection.exec_driver_sql(statement)]


def partitions(world: World) -> list[str]:
    with world.installation.database.read(OPERATOR) as connection:
        return sorted(databases.partitions(connection))


def named(days: float) -> str:
    return f"provisioning_log_{at(days):%Y%m%d}"


def test_entries_lie_by_days_and_those_without_a_partition_apart(world: World) -> None:
    """A new database has today's partition and some more; no entry is refused, whatever its moment."""
    for days in (0, 1, 3, -400, 400):
        log(world, days)
    assert places(world) == {named(0): 1, named(1): 1, named(3): 1, log_partitions.DEFAULT: 2}
    assert len(logged(world)) == 5
    assert partitions(world) == [*map(named, range(4)), log_partitions.DEFAULT]


def test_partitions_are_made_ahead_of_time_and_once(world: World) -> None:
    for _ in range(2):
        rotate(world, 6)
    assert partitions(world) == [*map(named, [0, 1, 2, 3, 6, 7, 8, 9]), log_partitions.DEFAULT]


def test_a_long_retention_has_long_partitions(world: World) -> None:
    """As many tables for ten years as for a month."""
    rotate(world, 0, timedelta(days=3650))
    rotate(world, 10, timedelta(days=3650))
    assert partitions(world) == [*map(named, range(4)), named(10), log_partitions.DEFAULT]
    log(world, 130)
    assert places(world) == {named(10): 1}


def test_partitions_go_whole_and_not_before_all_of_them_is_too_old(world: World) -> None:
    kept = [log(world, days).id for days in (0, 1)]
    rotate(world, 30.4)
    assert [each.entry.id for each in logged(world)] == kept
    rotate(world, 31)
    assert [each.entry.id for each in logged(world)] == kept[1:]
    assert named(0) not in partitions(world)


def test_what_has_no_partition_goes_entry_by_entry(world: World) -> None:
    """No later than what has one."""
    log(world, -1)
    kept = log(world, 0)
    rotate(world, 30.4)
    assert [each.entry for each in logged(world)] == [kept]
    assert places(world) == {named(0): 1}


def test_days_that_have_entries_apart_already_are_left_there(world: World) -> None:
    """A server that comes back after a while may be asked something before it has made a partition."""
    log(world, 6)
    rotate(world, 6)
    log(world, 6.1)
    log(world, 7)
    assert places(world) == {log_partitions.DEFAULT: 2, named(7): 1}


def test_one_who_holds_the_log_is_not_waited_for(world: World) -> None:
    log(world, 0)
    with world.installation.database.write(OPERATOR) as reader:
        reader.exec_driver_sql("SELECT count(*) FROM provisioning_log")
        rotate(world, 40)
        assert named(0) in partitions(world)
    rotate(world, 40)
    assert named(0) not in partitions(world)


def test_a_look_up_reads_one_partition(world: World) -> None:
    """By id, and in a span of time."""
    log(world, 0)
    entry = log(world, 1)
    until = earliest_id(instant(at(1.5)))
    for condition in (f"id = '{entry.id}'", f"id >= '{entry.id}' AND id < '{until}'"):
        plan = str(rows(world, f"EXPLAIN SELECT * FROM provisioning_log WHERE {condition}"))
        assert named(1) in plan
        assert named(0) not in plan
    since = Sought(100, since=instant(at(0.9)), until=instant(at(1.1)))
    assert [each.entry for each in logged(world, since)] == [entry]


def test_the_application_reaches_partitions_through_the_log_alone(world: World) -> None:
    """And their owner finds the wall in each."""
    log(world, 0)
    rotate(world, 10)
    for name in partitions(world):
        with world.installation.database.read(OPERATOR) as connection, pytest.raises(Exception, match="denied"):
            connection.exec_driver_sql(f'SELECT count(*) FROM "{name}"')
    unwalled = "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r' AND NOT relforcerowsecurity"
    assert rows(world, unwalled) == []
    with world.installation.database.read("nobody") as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM provisioning_log").scalar() == 0


@contextmanager
def guest(url: str) -> Iterator[str]:
    """The URL for a login that may serve and owns nothing."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE ROLE guest LOGIN IN ROLE scim_app")
        try:
            yield make_url(url).set(username="guest").render_as_string(hide_password=False)
        finally:
            connection.execute("DROP ROLE guest")


def test_a_login_that_owns_no_table_removes_entries_one_by_one(world: World, url: str) -> None:
    kept = [log(world, days) for days in (0, 9)]
    with guest(url) as theirs:
        server = build(theirs)
        rotate(server, 29.9)
        assert [each.entry for each in logged(world)] == kept
        rotate(server, 30.1)
        server.installation.cells.dispose()
    assert [each.entry for each in logged(world)] == kept[1:]
    assert named(0) in partitions(world)


@pytest.fixture
def unpartitioned(url: str) -> Iterator[Callable[[float], None]]:
    """A database as it was before there were partitions; the function puts an entry into its log."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO PUBLIC")
    database = Database(url)
    upgrade(database, "0013")
    row = {"tenant_id": "acme", "at": "", "actor": "", "method": "", "path": "", "status": 200, "milliseconds": 1}
    names = ", ".join([*row, "id", "habits", "notes", "changes"])
    with database.write(OPERATOR) as connection:
        connection.exec_driver_sql(
            "INSERT INTO tenants (id, slug, name, profile, created) VALUES ('acme', 'acme', 'Acme', 'tolerant', '')"
        )
        connection.commit()

    def put(days: float) -> None:
        values = (*row.values(), earliest_id(instant(at(days))), "[]", "[]", "[]")
        with database.write(OPERATOR) as connection:
            marks = ", ".join(["%s"] * len(values))
            statement = f"INSERT INTO provisioning_log ({names}) VALUES ({marks})"
            connection.exec_driver_sql(statement, values)
            connection.commit()

    yield put
    database.dispose()


def test_a_log_that_there_is_becomes_one_partition(unpartitioned: Callable[[float], None], url: str) -> None:
    for days in (-20, -1, 0, 5):
        unpartitioned(days)
    database = Database(url)
    upgrade(database)
    database.dispose()
    world = build(url)
    log(world, 0.1)
    log(world, 1)
    before = "provisioning_log_before"
    assert places(world) == {before: 4, named(1): 1, log_partitions.DEFAULT: 1}
    with world.installation.database.read(OPERATOR) as connection, pytest.raises(Exception, match="denied"):
        connection.exec_driver_sql(f"SELECT count(*) FROM {before}")
    rotate(world, 20)
    assert places(world)[before] == 3, "what is too old goes from it at once"
    rotate(world, 31)
    assert before not in partitions(world)
    world.installation.cells.dispose()


def test_an_empty_log_leaves_nothing_behind(unpartitioned: Callable[[float], None], url: str) -> None:
    del unpartitioned
    database = Database(url)
    upgrade(database)
    with database.read(OPERATOR) as connection:
        assert "provisioning_log_before" not in databases.partitions(connection)
    database.dispose()
