"""`scim-server db partition`: cutting the large tables by tenant, and when that is refused."""

from collections.abc import Iterator

import psycopg
import pytest

from scim_server.store import tenant_partitions
from scim_server.store.databases import Database
from scim_server.store.revisions import newest
from scim_server.store.walls import OPERATOR
from tests import databases
from tests.cli.commands import CommandLine


@pytest.fixture(scope="module")
def url(postgresql_databases: databases.Fresh) -> Iterator[str]:
    made = postgresql_databases()
    yield made
    databases.drop(made)


@pytest.fixture
def cli(bare_cli: CommandLine, url: str, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The command line over a PostgreSQL database of its own."""
    monkeypatch.setenv("SCIM_DATABASE_URL", url)
    return bare_cli


def is_cut(url: str) -> bool:
    database = Database(url)
    with database.read(OPERATOR) as connection:
        found = {"users_000", "users_001"} & databases.partitions(connection)
    database.dispose()
    return bool(found)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--parts", "3"), "2, 4, 8, 16, 32, 64, 128 or 256 partitions, not 3."),
        (("--parts", "1"), "partitions, not 1."),
        (("--parts", "256"), "more than this server has: set max_locks_per_transaction to "),
        (("--cell", "west"), "There is no cell 'west'"),
    ],
)
def test_what_cannot_be_done_is_refused(cli: CommandLine, url: str, arguments: tuple[str, ...], why: str) -> None:
    assert why in cli.failed(1, "db", "partition", *arguments)
    assert not is_cut(url)


def test_whoever_is_at_work_is_not_waited_for_long(cli: CommandLine, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tenant_partitions, "PATIENCE", "50ms")
    database = Database(url)
    with database.write(OPERATOR) as connection:
        connection.exec_driver_sql("SELECT count(*) FROM claims")
        assert "others are at work in the tables" in cli.failed(1, "db", "partition")
    database.dispose()
    assert not is_cut(url)


def test_sqlite_has_no_partitions(
    bare_cli: CommandLine, sqlite_databases: databases.Fresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCIM_DATABASE_URL", sqlite_databases())
    assert "SQLite has no partitions" in bare_cli.failed(1, "db", "partition")


def test_an_old_schema_is_upgraded_first(cli: CommandLine, url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
        assert "run `scim-server db upgrade` first" in cli.failed(1, "db", "partition")
        connection.execute("UPDATE alembic_version SET version_num = %s", (newest(),))


def test_it_is_done_once_and_told_table_by_table(cli: CommandLine, url: str) -> None:
    cli.done("tenant", "create", "acme", "--name", "Acme")
    cli.done("user", "add", "acme", "ana@acme.test", "--first", "Ana", "--last", "Lima")
    told = cli.json("db", "partition", "--parts", "2")
    assert (told["cell"], told["parts"]) == ("home", 2)
    assert {"table": "users", "rows": 1} in told["tables"]
    assert [each["table"] for each in told["tables"]] == list(tenant_partitions.PARTITIONED)
    assert is_cut(url)
    assert "in partitions by tenant already" in cli.failed(1, "db", "partition", "--parts", "4")
    assert cli.json("user", "list", "acme")[0]["userName"] == "ana@acme.test"
