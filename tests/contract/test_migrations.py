"""Migrations make the schema that the code expects, whoever runs them and however many do (design section 5)."""

import multiprocessing
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, insert, inspect

from scim_server.store.databases import Database
from scim_server.store.migrations import upgrade
from scim_server.store.revisions import is_current, newest
from scim_server.store.tables import TRIGRAMS, metadata
from scim_server.store.walls import OPERATOR
from tests import databases, worlds

PROCESSES = 3
QUEUE = "procrastinate_"
"""How the names of its tables begin."""


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.dispose()


@pytest.fixture(params=databases.KINDS)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without a single table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    fresh: databases.Fresh = request.getfixturevalue("postgresql_databases")
    url = fresh()
    opened = Database(url)
    with opened.exclusive() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
        connection.exec_driver_sql("GRANT USAGE ON SCHEMA public TO PUBLIC")
        connection.commit()
    opened.dispose()
    yield url
    databases.drop(url)


@contextmanager
def unreadable_indexes_passed_over() -> Iterator[None]:
    """SQLAlchemy cannot read back an index over expressions, and says so of uq_issues_open."""
    with warnings.catch_warnings():
        for said in ("Skipped unsupported reflection of", "autogenerate skipping metadata-specified"):
            warnings.filterwarnings("ignore", f"{said} expression-based index")
        yield


def test_the_migrated_schema_is_the_one_the_code_expects(database: Database) -> None:
    with database.read(OPERATOR) as connection, unreadable_indexes_passed_over():
        context = MigrationContext.configure(connection, opts=comparing(database, databases.partitions(connection)))
        assert compare_metadata(context, metadata) == []


def comparing(database: Database, partitions: set[str]) -> dict[str, object]:
    """What is compared: all but partitions, the index over expressions, what SQLite has no kind of index for, and the
    queue of chores, which is not ours."""
    apart = {
        "uq_issues_open",
        *(("ix_users_search", "ix_groups_search", "ix_resources_search", *TRIGRAMS) if database.is_sqlite else ()),
    }
    left_out = {"index": apart, "table": partitions}

    def is_looked_at(name: str | None, kind: str, _: object) -> bool:
        return name not in left_out.get(kind, ()) and not (kind == "table" and (name or "").startswith(QUEUE))

    def is_compared(item: Any, name: str | None, kind: str, *_: object) -> bool:
        if kind == "foreign_key_constraint":  # to a table, and another to each of its partitions
            return item.elements[0].target_fullname.partition(".")[0] not in partitions
        return name not in left_out.get(kind, ())

    return {
        "compare_type": True,
        "include_name": is_looked_at,
        "include_object": is_compared,
    }


def test_an_issue_can_be_open_only_once(database: Database) -> None:
    kind = "sqlite_master WHERE type = 'index' AND name" if database.is_sqlite else "pg_indexes WHERE indexname"
    text = "sql" if database.is_sqlite else "indexdef"
    with database.read(OPERATOR) as connection:
        definition = str(connection.exec_driver_sql(f"SELECT {text} FROM {kind} = 'uq_issues_open'").scalar()).lower()
    assert "unique" in definition
    assert "where" in definition
    assert [name for name in ("tenant_id", "code", "user_id", "product", "subject") if name not in definition] == []


def test_every_constraint_has_the_name_the_code_knows_it_by(database: Database) -> None:
    with database.read(OPERATOR) as connection, unreadable_indexes_passed_over():
        inspector = inspect(connection)
        partitions = databases.partitions(connection)
        found = {
            name
            for table in metadata.tables
            for name in (
                inspector.get_pk_constraint(table)["name"],
                *(each["name"] for each in inspector.get_unique_constraints(table)),
                *(each["name"] for each in inspector.get_check_constraints(table)),
                *(
                    each["name"]
                    for each in inspector.get_foreign_keys(table)
                    if each["referred_table"] not in partitions
                ),
            )
        }
    expected = {constraint.name for table in metadata.tables.values() for constraint in table.constraints}
    assert found == {str(name) for name in expected}


def test_an_upgrade_says_what_it_did_and_does_it_once(empty_url: str) -> None:
    database = Database(empty_url)
    assert not is_current(database)
    assert upgrade(database) == (None, newest())
    assert is_current(database)
    assert upgrade(database) == (newest(), newest())
    database.dispose()


def test_an_upgrade_by_several_processes_at_once_is_one_upgrade(empty_url: str) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=databases.migrate, args=(empty_url,)) for _ in range(PROCESSES)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0] * PROCESSES
    database = Database(empty_url)
    assert is_current(database)
    database.dispose()


def test_a_migration_that_fails_leaves_nothing_behind(empty_url: str) -> None:
    """One table that is in the way: the upgrade is refused as a whole."""
    database = Database(empty_url)
    with database.exclusive() as connection:
        connection.exec_driver_sql("CREATE TABLE seats (id text)")
        connection.commit()
    with pytest.raises(Exception, match="seats"):
        upgrade(database)
    with database.read(OPERATOR) as connection:
        assert set(inspect(connection).get_table_names()) - {"alembic_version"} == {"seats"}
    database.dispose()


def test_old_entries_of_the_audit_trail_are_encrypted(empty_url: str) -> None:
    """They stay legible to an admin; a person's token names them by id from then on."""
    database = Database(empty_url)
    ana = "01890000-0000-7000-8000-00000000000a"
    at = "2026-11-01T00:00:00.000000Z"
    old = [
        ("1", "user", ana, "user.created", None, {"userName": "ana.lima"}),
        ("2", "seat", "s", "seat.assigned", None, {"user": ana, "product": "meeting", "state": "assigned"}),
        ("3", "group", "g", "group.created", None, {"displayName": "Sales"}),
        ("4", "token", "t", "token.issued", None, {"user": "ana.lima", "expires": at}),
    ]
    upgrade(database, "0007")
    with database.write(OPERATOR) as connection:
        tables = MetaData()
        tables.reflect(connection, only=["tenants", "users", "person_tokens", "audit"])
        tenant = {"id": "acme", "slug": "acme", "name": "Acme", "profile": "rfc", "created": at}
        connection.execute(insert(tables.tables["tenants"]), tenant)
        user = {"tenant_id": "acme", "id": ana, "user_name_key": "ana.lima", "active": True, "origin": "x"}
        user |= {"document": {}, "search": {}, "version": 1, "created": at, "modified": at}
        connection.execute(insert(tables.tables["users"]), user)
        token = {"tenant_id": "acme", "id": "t", "user_id": ana, "digest": "", "created": at, "expires": at}
        connection.execute(insert(tables.tables["person_tokens"]), token)
        names = ("id", "object_type", "object_id", "action", "before", "after")
        shared = {"tenant_id": "acme", "at": at, "actor": "cli", "request_id": "r", "cause": "c"}
        connection.execute(
            insert(tables.tables["audit"]), [{**shared, **dict(zip(names, each, strict=True))} for each in old]
        )
        connection.commit()
    upgrade(database)
    database.dispose()
    world = worlds.build(empty_url)
    assert "ana.lima" not in repr(world.rows("audit"))
    found = {entry.id: entry for entry in world.trail()}
    assert [found[each].person for each in "1234"] == [ana, ana, None, ana]
    assert found["2"].seats == {"meeting": 1}
    assert [found[each].after for each in "123"] == [each[-1] for each in old[:3]]
    assert (found["4"].after or {})["user"] == ana
    world.installation.database.dispose()


def test_a_new_sqlite_file_is_its_owners_alone(tmp_path: Path) -> None:
    """People's data and the digests of tokens lie in it."""
    databases.migrate(f"sqlite:///{tmp_path / 'new' / 'scim.db'}")
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "new").iterdir()} == {0}
