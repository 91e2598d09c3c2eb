"""Alive, ready, which version; and a database that goes away and comes back."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import event, make_url

from scim_server.services.credentials import Prefix, new_text
from scim_server.store import databases as store
from scim_server.store.databases import Database
from tests import databases
from tests.http.refusals import check_refusal, unchanged
from tests.worlds import USER, Connection, World, build

OUT_OF_REACH = "cannot reach its database"


def test_health_needs_no_token(house: World) -> None:
    http = house.app.test_client()
    assert http.get("/healthz").json == {"status": "ok"}
    assert http.get("/readyz").json == {"status": "ok"}
    version = http.get("/version").json
    assert version["name"] == "scim-server"
    assert version["version"][0].isdigit()


def test_not_ready_before_the_migration(start: Callable[[str], World], tmp_path: Path) -> None:
    http = start(f"sqlite:///{tmp_path}/new.db").app.test_client()
    answer = http.get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (503, "unavailable")
    assert "scim-server db upgrade" in answer.json["detail"]
    assert http.get("/healthz").status_code == 200


def check_outage(client: Connection, *, reads: bool = True) -> None:
    """SCIM is 503 with Retry-After, /readyz 503, /healthz 200."""
    answers = [client.post("/Users", {"schemas": [USER], "userName": "later"}), client.delete("/Users/1")]
    if reads:
        answers += [client.get("/Users"), client.get("/ServiceProviderConfig")]
        ready = client.http.get("/readyz")
        assert (ready.status_code, ready.json["status"]) == (503, "unavailable")
        assert ready.headers["Retry-After"] == "5"
        page = client.http.get(f"/invitations/{new_text(Prefix.INVITATION, 'a' * 12)[1]}")
        assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
        assert "Open your link again in a moment" in page.text
    for answer in answers:
        check_refusal(answer, 503, None, OUT_OF_REACH)
        assert answer.headers["Retry-After"] == "5"
    assert client.http.get("/healthz").status_code == 200


def check_recovery(client: Connection) -> None:
    """The same process serves again, without a refused request in between."""
    assert client.http.get("/readyz").status_code == 200
    assert client.post("/Users", {"schemas": [USER], "userName": "later"}).status_code == 201
    assert len(client.get("/Users").json["Resources"]) == 2


@pytest.fixture
def file(sqlite_databases: databases.Fresh, tmp_path: Path) -> Path:
    """A migrated SQLite database on a disk, where files can be moved."""
    folder = tmp_path / "served"
    folder.mkdir()
    return Path(shutil.move(sqlite_databases().removeprefix("sqlite:///"), folder / "scim.db"))


Serve = Callable[[str], Connection]


@pytest.fixture
def start() -> Iterator[Callable[[str], World]]:
    """Starts servers over databases of the test's own."""
    started: list[World] = []

    def over(url: str) -> World:
        started.append(build(url))
        return started[-1]

    yield over
    for world in started:
        world.installation.database.dispose()


@pytest.fixture
def serve(start: Callable[[str], World]) -> Serve:
    """A client of a server over that database, with one user."""

    def over(url: str) -> Connection:
        world = start(url)
        client = world.connect(world.tenant())
        client.create_user("first")
        return client

    return over


def test_sqlite_file_moved_away_and_back(serve: Serve, file: Path, tmp_path: Path) -> None:
    """No empty file is made in its place, and nothing is written to the one that was moved."""
    client = serve(f"sqlite:///{file}")
    parts = [part for part in file.parent.glob(f"{file.name}*") if not part.name.endswith(".lock")]
    for part in parts:
        part.rename(tmp_path / part.name)
    check_outage(client)
    assert not file.exists()
    for part in parts:
        (tmp_path / part.name).rename(part)
    check_recovery(client)


def test_sqlite_file_restored_from_a_copy(serve: Serve, file: Path, tmp_path: Path) -> None:
    """What the server then reads and writes is the copy."""
    client = serve(f"sqlite:///{file}")
    copy = tmp_path / "copy.db"
    with sqlite3.connect(file) as source, sqlite3.connect(copy) as target:
        source.backup(target)
    source.close()
    target.close()
    client.create_user("lost")
    for part in file.parent.glob(f"{file.name}-*"):
        part.unlink()
    copy.rename(file)
    check_recovery(client)


def test_sqlite_file_that_is_no_database(serve: Serve, file: Path, tmp_path: Path) -> None:
    client = serve(f"sqlite:///{file}")
    parts = [part for part in file.parent.glob(f"{file.name}*") if not part.name.endswith(".lock")]
    for part in parts:
        part.rename(tmp_path / part.name)
    file.write_bytes(b"not a database " * 1000)
    check_outage(client)
    for part in parts:
        (tmp_path / part.name).rename(part)
    check_recovery(client)


def test_sqlite_locked_by_somebody_else(serve: Serve, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Writes give up after the busy timeout; reads go on."""
    monkeypatch.setattr(store, "BUSY_TIMEOUT", 0.05)
    client = serve(f"sqlite:///{file}")
    intruder = sqlite3.connect(file, isolation_level=None)
    intruder.execute("BEGIN EXCLUSIVE")
    check_outage(client, reads=False)
    assert client.get("/Users").status_code == 200
    intruder.execute("ROLLBACK")
    intruder.close()
    check_recovery(client)


@pytest.fixture
def postgresql(postgresql_databases: databases.Fresh) -> Iterator[tuple[str, Callable[[str], None]]]:
    """A migrated database, and a way to give its server commands from outside it."""
    url = postgresql_databases()
    parsed = make_url(url)
    outside = parsed.set(database="postgres", drivername="postgresql").render_as_string(hide_password=False)

    def command(statement: str) -> None:
        with psycopg.connect(outside, autocommit=True) as connection:
            connection.execute(statement.format(name=parsed.database).encode())

    yield url, command
    databases.drop(url)


TERMINATE = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'"
ACCEPT = 'ALTER DATABASE "{name}" ALLOW_CONNECTIONS {{}}'


def test_postgresql_connections_that_were_closed_are_never_noticed(serve: Serve, postgresql: tuple) -> None:
    """A restart between two requests costs nobody an error: each pooled connection is looked at before use."""
    url, command = postgresql
    client = serve(url)
    command(TERMINATE)
    assert client.get("/Users").status_code == 200
    command(TERMINATE)
    assert client.post("/Users", {"schemas": [USER], "userName": "second"}).status_code == 201
    command(TERMINATE)
    assert client.http.get("/readyz").status_code == 200


def test_postgresql_out_of_reach_and_back(serve: Serve, postgresql: tuple) -> None:
    url, command = postgresql
    client = serve(url)
    command(ACCEPT.replace("{{}}", "false"))
    command(TERMINATE)
    check_outage(client)
    command(ACCEPT.replace("{{}}", "true"))
    check_recovery(client)


def test_postgresql_server_that_is_not_there(start: Callable[[str], World]) -> None:
    """Nobody listens: refused at once."""
    world = start("postgresql://nobody@127.0.0.1:9/none")
    answer = world.app.test_client().get("/readyz")
    assert answer.status_code == 503


def test_a_connection_lost_halfway_changes_nothing(start: Callable[[str], World], postgresql: tuple) -> None:
    """Terminated after the first statement of a write: 503, no row, and the next request works."""
    url, command = postgresql
    world = start(url)
    client = world.connect(world.tenant())
    struck = []

    def strike(*_: object) -> None:
        if not struck:
            struck.append(True)
            command(TERMINATE)

    with unchanged(world):
        database: Database = world.installation.database
        event.listen(database.engine, "after_cursor_execute", _after(" users", strike))
        answer = client.post("/Users", {"schemas": [USER], "userName": "ana"})
        check_refusal(answer, 503, None, OUT_OF_REACH)
    assert struck
    assert client.post("/Users", {"schemas": [USER], "userName": "ana"}).status_code == 201


def _after(word: str, strike: Callable[..., None]) -> Callable[..., None]:
    def listen(connection: object, cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("INSERT INTO" + word):
            strike()

    return listen
