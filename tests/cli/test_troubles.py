"""A database that is there and will not do: its operator is told what to do about it, and clients to wait."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from scim_server.domain.errors import Unusable
from scim_server.domain.tenants import Tenant
from scim_server.store.databases import Database
from scim_server.store.walls import OPERATOR
from tests.cli.commands import CommandLine
from tests.worlds import Connection, World


@contextmanager
def read_alone(url: str) -> Iterator[None]:
    """The database takes no changes of whoever connects meanwhile, as that of a standby."""
    name = make_url(url).database
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'.encode())
        try:
            yield
        finally:
            connection.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only'.encode())


def unusable(cli: CommandLine) -> tuple[str, str]:
    """What a command and the doctor say."""
    (found,) = (each for each in cli("doctor", "--json").json["findings"] if each["code"] == "database_unusable")
    return cli.failed(1, "tenant", "create", "acme", "--name", "Acme"), found["cure"]


def test_a_file_that_is_no_database(bare_cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "letter").write_text("Dear all, " * 1000)
    monkeypatch.setenv("SCIM_DATABASE_URL", f"sqlite:///{tmp_path}/letter")
    said, cure = unusable(bare_cli)
    assert "what SCIM_DATABASE_URL names is no database of SQLite. Name another file" in said
    assert cure == "Name another file, or restore a backup."


def test_a_folder_is_no_file(bare_cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCIM_DATABASE_URL", f"sqlite:///{tmp_path}")
    said, cure = unusable(bare_cli)
    assert "its file cannot be opened. See that SCIM_DATABASE_URL names a file in a folder" in said
    assert cure.endswith("may read and write both.")


def test_a_database_that_may_be_read_alone(
    world: World, acme: Tenant, okta: Connection, cli: CommandLine, database_url: str
) -> None:
    if database_url.startswith("sqlite"):
        return
    world.installation.cells.dispose()
    with read_alone(database_url):
        assert "takes no changes" in cli.failed(1, "tenant", "create", "other", "--name", "Other")
        answer = okta.post("/Users", {"userName": "ana@acme.test"})
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert okta.get("/Users").status_code == 200
    world.installation.cells.dispose()
    assert world.rows("users") == []


def test_a_disk_that_is_full(database_url: str) -> None:
    """SQLite says the same of a file that may not grow."""
    database = Database(database_url)
    if not database.is_sqlite:
        return

    def fill() -> None:
        with database.write(OPERATOR, ()) as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 1")
            connection.exec_driver_sql("CREATE TABLE heap AS SELECT zeroblob(1000000)")

    with pytest.raises(Unusable) as caught:
        fill()
    assert (caught.value.fault, caught.value.cure[:15]) == ("its disk is full", "Make room there")
    database.dispose()
