"""On PostgreSQL the provisioning log goes by partitions, which nobody has to think of (store/log_partitions.py)."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

import psycopg
import pytest
from sqlalchemy import make_url

from scim_server.domain.instants import instant
from scim_server.services import provisioning_logs, tenancy
from scim_server.services.log_entries import LogEntry, Sought, earliest_id
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


@dataclass(frozen=True)
class Log:
    """The log of a world whose database was made on a `first` day, which may be over since."""

    world: World
    first: date

    def at(self, days: float) -> datetime:
        """A moment so many days after noon of the first (UTC)."""
        return datetime.combine(self.first, time(12), UTC) + timedelta(days=days)

    def named(self, days: float) -> str:
        return f"provisioning_log_{self.at(days):%Y%m%d}"

    def add(self, days: float, body: str = "") -> LogEntry:
        """An entry of that moment."""
        tenant = tenancy.tenant(self.world.units, "acme")
        moment = instant(self.at(days))
        entry = LogEntry(earliest_id(moment), tenant.id, moment, "connection:x", "GET", "/Users", 200, 1, body=body)
        provisioning_logs.keep(self.world.units, [entry])
        return entry

    def rotate(self, days: float, retention: timedelta = MONTH) -> None:
        """What the server does now and then, at that moment."""
        provisioning_logs.prune(replace(self.world.units, clock=lambda: self.at(days)), retention)

    def requests(self, sought: Sought | None = None) -> list[LogEntry]:
        found = provisioning_logs.requests(
            self.world.units, tenancy.tenant(self.world.units, "acme"), sought or Sought(100)
        )
        return [each.entry for each in found]

    def rows(self, statement: str) -> list[tuple[str, int]]:
        with self.world.installation.database.read(OPERATOR) as connection:
            return [tuple(row) for row in connection.exec_driver_sql(statement)]

    def places(self) -> dict[str, int]:
        """How many entries each partition has that has any."""
        return dict(self.rows("SELECT tableoid::regclass::text, count(*) FROM provisioning_log GROUP BY 1"))

    def partitions(self) -> list[str]:
        with self.world.installation.database.read(OPERATOR) as connection:
            return sorted(databases.partitions(connection))


@pytest.fixture
def log(world: World) -> Log:
    log = Log(world, date.max)
    first = next(filter(None, (re.fullmatch(r"provisioning_log_(\d{8})", name) for name in log.partitions())))
    return replace(log, first=date.fromisoformat(first[1]))


def test_entries_lie_by_days_and_those_without_a_partition_apart(log: Log) -> None:
    """A new database has today's partition and some more; no entry is refused, whatever its moment."""
    for days in (0, 1, 3, -400, 400):
        log.add(days)
    assert log.places() == {log.named(0): 1, log.named(1): 1, log.named(3): 1, log_partitions.DEFAULT: 2}
    assert len(log.requests()) == 5
    assert log.partitions() == [*map(log.named, range(4)), log_partitions.DEFAULT]


def test_partitions_are_made_ahead_of_time_and_once(log: Log) -> None:
    for _ in range(2):
        log.rotate(6)
    assert log.partitions() == [*map(log.named, [0, 1, 2, 3, 6, 7, 8, 9]), log_partitions.DEFAULT]


def test_a_long_retention_has_long_partitions(log: Log) -> None:
    """As many tables for ten years as for a month."""
    log.rotate(0, timedelta(days=3650))
    log.rotate(10, timedelta(days=3650))
    assert log.partitions() == [*map(log.named, range(4)), log.named(10), log_partitions.DEFAULT]
    log.add(130)
    assert log.places() == {log.named(10): 1}


def test_partitions_go_whole_and_not_before_all_of_them_is_too_old(log: Log) -> None:
    kept = [log.add(days).id for days in (0, 1)]
    log.rotate(30.4)
    assert [each.id for each in log.requests()] == kept
    log.rotate(31)
    assert [each.id for each in log.requests()] == kept[1:]
    assert log.named(0) not in log.partitions()


def test_what_has_no_partition_goes_entry_by_entry(log: Log) -> None:
    """No later than what has one."""
    log.add(-1)
    kept = log.add(0)
    log.rotate(30.4)
    assert log.requests() == [kept]
    assert log.places() == {log.named(0): 1}


def test_days_that_have_entries_apart_already_are_left_there(log: Log) -> None:
    """A server that comes back after a while may be asked something before it has made a partition."""
    log.add(6)
    log.rotate(6)
    log.add(6.1)
    log.add(7)
    assert log.places() == {log_partitions.DEFAULT: 2, log.named(7): 1}


def test_one_who_holds_the_log_is_not_waited_for(log: Log) -> None:
    log.add(0)
    with log.world.installation.database.write(OPERATOR) as reader:
        reader.exec_driver_sql("SELECT count(*) FROM provisioning_log")
        log.rotate(40)
        assert log.named(0) in log.partitions()
    log.rotate(40)
    assert log.named(0) not in log.partitions()


def test_a_look_up_reads_one_partition(log: Log) -> None:
    """By id, and in a span of time."""
    log.add(0)
    entry = log.add(1)
    until = earliest_id(instant(log.at(1.5)))
    for condition in (f"id = '{entry.id}'", f"id >= '{entry.id}' AND id < '{until}'"):
        plan = str(log.rows(f"EXPLAIN SELECT * FROM provisioning_log WHERE {condition}"))
        assert log.named(1) in plan
        assert log.named(0) not in plan
    since = Sought(100, since=instant(log.at(0.9)), until=instant(log.at(1.1)))
    assert log.requests(since) == [entry]


def test_the_application_reaches_partitions_through_the_log_alone(log: Log) -> None:
    """And their owner finds the wall in each."""
    log.add(0)
    log.rotate(10)
    for name in log.partitions():
        with log.world.installation.database.read(OPERATOR) as connection, pytest.raises(Exception, match="denied"):
            connection.exec_driver_sql(f'SELECT count(*) FROM "{name}"')
    unwalled = "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r' AND NOT relforcerowsecurity"
    assert log.rows(unwalled) == []
    with log.world.installation.database.read("nobody") as connection:
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


def test_a_login_that_owns_no_table_removes_entries_one_by_one(log: Log, url: str) -> None:
    kept = [log.add(days) for days in (0, 9)]
    with guest(url) as theirs:
        server = replace(log, world=build(theirs))
        server.rotate(29.9)
        assert log.requests() == kept
        server.rotate(30.1)
        server.world.installation.cells.dispose()
    assert log.requests() == kept[1:]
    assert log.named(0) in log.partitions()


@pytest.fixture
def unpartitioned(url: str) -> Iterator[Callable[[float], None]]:
    """A database as it was before there were partitions; the function puts an entry into its log, so many days from
    now."""
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
        values = (*row.values(), earliest_id(instant(datetime.now(UTC) + timedelta(days=days))), "[]", "[]", "[]")
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
    log = Log(world, datetime.now(UTC).date())
    log.add(0.1)
    log.add(1)
    before = "provisioning_log_before"
    assert log.places() == {before: 4, log.named(1): 1, log_partitions.DEFAULT: 1}
    with world.installation.database.read(OPERATOR) as connection, pytest.raises(Exception, match="denied"):
        connection.exec_driver_sql(f"SELECT count(*) FROM {before}")
    log.rotate(20)
    assert log.places()[before] == 3, "what is too old goes from it at once"
    log.rotate(31)
    assert before not in log.partitions()
    world.installation.cells.dispose()


def test_an_empty_log_leaves_nothing_behind(unpartitioned: Callable[[float], None], url: str) -> None:
    del unpartitioned
    database = Database(url)
    upgrade(database)
    with database.read(OPERATOR) as connection:
        assert "provisioning_log_before" not in databases.partitions(connection)
    database.dispose()
