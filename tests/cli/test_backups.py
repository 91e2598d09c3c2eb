"""`scim-server backup`: made under load, everything comes back, and what is damaged or would be lost is refused."""

import shutil
import threading
import zipfile
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from scim_server.domain.tenants import Tenant
from scim_server.store.archives import MANIFEST
from scim_server.store.databases import Database
from scim_server.store.revisions import newest, revision_of
from scim_server.store.tables import metadata, resource_counts
from scim_server.store.walls import OPERATOR
from tests.cli.commands import PATIENCE, CommandLine
from tests.databases import Fresh, drop
from tests.schedules import load, session
from tests.worlds import Connection, World, build

KEY = "k" * 32
BACKUPS = Path(__file__).parents[1] / "data" / "backups"


def stored(url: str) -> dict[str, Any]:
    """All that there is, table by table in the order of keys; counts, which are spread over slots, are added up."""
    database = Database(url)
    found: dict[str, Any] = {}
    with database.read(OPERATOR) as connection:
        for table in metadata.sorted_tables:
            statement = table.select().order_by(*table.primary_key.columns)
            found[table.name] = [dict(row) for row in connection.execute(statement).mappings()]
    database.dispose()
    counted: Counter[tuple[str, str]] = Counter()
    for row in found[resource_counts.name]:
        counted[row["tenant_id"], row["type"]] += row["total"]
    return {**found, resource_counts.name: dict(counted)}


def people(client: Connection, count: int) -> None:
    """People with names of every kind, and characters that COPY and JSON write otherwise."""
    for number in range(count):
        client.create_user(
            f"user{number}@acme.test",
            displayName=f"Zoë \\N\t\\.\n“{number}” \U0001f600",
            externalId=f"e-{number}",
            entitlements=["meeting"],
        )


@pytest.fixture
def filled(world: World, acme: Tenant, okta: Connection, cli: CommandLine) -> CommandLine:
    """The command line over an installation that has something in most tables."""
    world.buy(acme, "meeting", 3)
    people(okta, 5)
    okta.create_group("Sales", *(row["id"] for row in world.rows("users")))
    world.rule(acme, "Sales", "meeting")
    load(world, acme, session("m1", "user1@acme.test"))
    okta.delete(f"/Users/{world.rows('users')[0]['id']}")
    okta.get("/Users")
    world.installation.log.flush()
    cli.done("audit", "verify", "acme")
    return cli


def test_everything_comes_back(
    filled: CommandLine, database_url: str, unmigrate: Callable[[], None], tmp_path: Path
) -> None:
    before = stored(database_url)
    assert len([rows for rows in before.values() if rows]) > 15
    file = tmp_path / "backup.zip"
    made = filled.json("backup", "create", str(file))
    assert {each["table"]: each["rows"] for each in made["tables"]}["users"] == 4
    assert filled.json("backup", "verify", str(file))["tables"] == made["tables"]
    unmigrate()
    done = filled.json("backup", "restore", str(file))
    assert (done["trails"], done["faults"], done["wrongKey"]) == (1, [], None)
    assert done["entries"] == sum(row["sequence"] is not None for row in before["audit"])
    assert stored(database_url) == before
    assert "is whole" in filled.done("audit", "verify", "acme").out
    assert filled.json("audit", "compare", "acme")["agrees"]
    assert filled.json("user", "list", "acme")[0]["displayName"].startswith("Zoë \\N\t\\.\n“1”")


def test_it_is_of_one_moment_whoever_writes_meanwhile(
    world: World,
    acme: Tenant,
    okta: Connection,
    cli: CommandLine,
    database_url: str,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The ledger of the copy is in order, its trail is whole, and says just what is stored."""
    world.buy(acme, "meeting", 1000)
    stop, begun = threading.Event(), threading.Semaphore(0)

    def write(worker: int) -> int:
        client, number = world.same_client(okta), 0
        while not stop.is_set():
            user = client.create_user(f"u{worker}.{number}@acme.test", entitlements=["meeting"])["id"]
            if number % 3 == 0:
                client.delete(f"/Users/{user}")
            number += 1
            begun.release()
        return number

    file = tmp_path / "busy.zip"
    with ThreadPoolExecutor(3) as threads:
        writers = [threads.submit(write, worker) for worker in range(3)]
        for _ in range(12):
            assert begun.acquire(timeout=PATIENCE)
        try:
            made = cli.json("backup", "create", str(file))
            during = sum(1 for _ in iter(lambda: begun.acquire(blocking=False), False))
        finally:
            stop.set()
        written = sum(writer.result() for writer in writers)
    rows = {each["table"]: each["rows"] for each in made["tables"]}
    assert 0 < rows["users"] + rows["tombstones"] <= written
    assert during >= 0
    fresh: Fresh = request.getfixturevalue(
        f"{'sqlite' if database_url.startswith('sqlite') else 'postgresql'}_databases"
    )
    other = fresh()
    monkeypatch.setenv("SCIM_DATABASE_URL", other)
    assert cli.json("backup", "restore", str(file))["faults"] == []
    copy = build(other)
    copy.check()
    copy.installation.cells.dispose()
    assert "is whole" in cli.done("audit", "verify", "acme").out
    assert cli.json("audit", "compare", "acme")["agrees"]
    assert len(stored(other)["users"]) == rows["users"]
    drop(other)


def test_a_database_with_data_is_overwritten_only_when_told(
    filled: CommandLine, world: World, okta: Connection, database_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "backup.zip"
    before = stored(database_url)
    filled.done("backup", "create", str(file))
    okta.create_user("late@acme.test")
    assert "--overwrite" in filled.failed(1, "backup", "restore", str(file))
    assert len(world.rows("users")) == 5
    filled.done("backup", "restore", str(file), "--overwrite", "--yes")
    assert stored(database_url) == before
    assert okta.find("/Users", 'userName eq "late@acme.test"') == []
    okta.create_user("later@acme.test")


@pytest.mark.parametrize("revision", ["0019", "0028"])
def test_what_an_older_version_wrote_is_put_back_and_upgraded(
    cli: CommandLine, database_url: str, unmigrate: Callable[[], None], monkeypatch: pytest.MonkeyPatch, revision: str
) -> None:
    """The files were written by the versions of then, over the story of the demo."""
    kind = "sqlite" if database_url.startswith("sqlite") else "postgresql"
    file = BACKUPS / f"{revision}-{kind}.zip"
    unmigrate()
    monkeypatch.setenv("SCIM_SECRET_KEY", KEY)
    done = cli.json("backup", "restore", str(file))
    assert (done["revision"], done["trails"], done["faults"], done["wrongKey"]) == (revision, 1, [], None)
    database = Database(database_url)
    with database.read(OPERATOR) as connection:
        assert revision_of(connection) == newest()
    database.dispose()
    assert "is whole" in cli.done("audit", "verify", "demo").out
    assert cli.json("audit", "compare", "demo")["agrees"]
    cli.done("reconcile", "--check")
    assert {
        (each["userName"], each["state"]) for each in cli.json("seat", "list", "demo", "--product", "training")
    } == {
        ("finn.adler@entra.example.org", "assigned"),
        ("gia.costa@entra.example.org", "waiting"),
    }
    cli.done("subscription", "set", "demo", "training", "--seats", "2")
    cli.done("tenant", "set", "demo", "retention_days=3650")
    cli.done("user", "restore", "demo", "eva.sorin@entra.example.org")
    cli.done("webhook", "create", "demo", "later", "https://app.example.com/later")
    cli.done("chores", "run")
    cli.done("reconcile", "--check")


def test_a_database_of_another_revision_is_not_filled(
    cli: CommandLine, database_url: str, unmigrate: Callable[[], None]
) -> None:
    """Tables of PostgreSQL are filled at the revision of the backup; a file of SQLite is replaced as a whole."""
    if database_url.startswith("sqlite"):
        return
    said = cli.failed(1, "backup", "restore", str(BACKUPS / "0019-postgresql.zip"))
    assert "make an empty database for it, without `scim-server db upgrade`" in said
    unmigrate()
    assert "set SCIM_SECRET_KEY to the key" in cli.failed(1, "backup", "restore", str(BACKUPS / "0019-postgresql.zip"))


def rewritten(file: Path, member: str, change: Callable[[bytes], bytes | None]) -> None:
    """The same archive with another content of a member, or without it, as far as ZIP can tell whole."""
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            wanted = change(content) if name == member else content
            if wanted is not None:
                archive.writestr(name, wanted)


def of_people(file: Path) -> zipfile.ZipInfo:
    """The member in which people are: the table of one kind of database, the whole of the other."""
    with zipfile.ZipFile(file) as archive:
        return next(each for each in archive.infolist() if each.filename in {"tables/users", "database.sqlite"})


def spoil_byte(file: Path) -> None:
    content, member = bytearray(file.read_bytes()), of_people(file)
    content[member.header_offset + 100 + member.compress_size // 2] ^= 0xFF
    file.write_bytes(content)


DAMAGES: dict[str, Callable[[Path], None]] = {
    "a byte": spoil_byte,
    "its end": lambda file: file.write_bytes(file.read_bytes()[:-200]),
    "all of it": lambda file: file.write_bytes(b"no backup at all"),
    "its manifest": lambda file: rewritten(
        file, MANIFEST, lambda content: content.replace(b'"rows": ', b'"rows": 1', 1)
    ),
    "another format": lambda file: rewritten(file, MANIFEST, lambda content: content.replace(b"backup 1", b"backup 9")),
    "a member": lambda file: rewritten(file, of_people(file).filename, lambda _: None),
    "a row that is gone": lambda file: rewritten(
        file, of_people(file).filename, lambda content: content[: len(content) * 2 // 3]
    ),
    "a text that was changed": lambda file: rewritten(
        file, of_people(file).filename, lambda content: content.replace(b"user2@acme.test", b"user9@acme.test")
    ),
}


def test_a_damaged_file_is_refused(filled: CommandLine, database_url: str, tmp_path: Path) -> None:
    whole = tmp_path / "whole.zip"
    filled.done("backup", "create", str(whole))
    before = stored(database_url)
    for name, damage in DAMAGES.items():
        file = tmp_path / "damaged.zip"
        shutil.copyfile(whole, file)
        damage(file)
        for command in (("verify", str(file)), ("restore", str(file), "--overwrite", "--yes")):
            said = filled.failed(1, "backup", *command)
            assert "is damaged and was not used" in said, (name, said)
    assert stored(database_url) == before
    assert filled.done("backup", "verify", str(whole)).out.startswith("The backup is whole: ")


def test_what_cannot_be_done_is_refused(filled: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    filled.done("backup", "create", str(file))
    assert "There is a file" in filled.failed(1, "backup", "create", str(file))
    assert "There is no file" in filled.failed(1, "backup", "verify", str(tmp_path / "none.zip"))
    assert "There is no cell 'west'" in filled.failed(1, "backup", "create", str(tmp_path / "w.zip"), "--cell", "west")
    assert sorted(path.name for path in tmp_path.iterdir() if "backup" in path.name or "zip" in path.name) == [
        "backup.zip"
    ]


def test_it_is_the_owners_alone_and_has_no_key(
    filled: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unmigrate: Callable[[], None]
) -> None:
    monkeypatch.setenv("SCIM_SECRET_KEY", KEY)
    filled.done("secrets", "reseal")
    file = tmp_path / "backup.zip"
    assert "SCIM_SECRET_KEY is not in it" in filled.done("backup", "create", str(file)).out
    assert file.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(file) as archive:
        assert not any(KEY.encode() in archive.read(name) for name in archive.namelist())
    unmigrate()
    monkeypatch.setenv("SCIM_SECRET_KEY", "o" * 32)
    assert "set SCIM_SECRET_KEY to the key of when the backup was made" in filled.failed(
        1, "backup", "restore", str(file)
    )
    monkeypatch.setenv("SCIM_SECRET_KEY", KEY)
    assert "is whole" in filled.done("audit", "verify", "acme").out


def test_a_trail_that_was_broken_before_is_told_of(
    filled: CommandLine, database_url: str, tmp_path: Path, unmigrate: Callable[[], None]
) -> None:
    database = Database(database_url)
    with database.exclusive() as connection:
        connection.exec_driver_sql("UPDATE audit SET action = 'tenant.loved' WHERE sequence = 2")
        connection.commit()
    database.dispose()
    file = tmp_path / "backup.zip"
    filled.done("backup", "create", str(file))
    unmigrate()
    assert "audit trails were broken as the backup was made: acme: " in filled.failed(1, "backup", "restore", str(file))
    assert len(filled.json("user", "list", "acme")) == 4


def test_another_kind_of_database_and_a_later_version_are_refused(
    filled: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    file = tmp_path / "backup.zip"
    filled.done("backup", "create", str(file))
    rewritten(file, MANIFEST, lambda content: content.replace(b'"revision": "0', b'"revision": "9'))
    assert "which this version" in filled.failed(1, "backup", "restore", str(file), "--overwrite", "--yes")
    other = "postgresql://127.0.0.1:1/none" if database_url.startswith("sqlite") else f"sqlite:///{tmp_path}/new.db"
    monkeypatch.setenv("SCIM_DATABASE_URL", other)
    assert "names another kind" in filled.failed(1, "backup", "restore", str(file))
