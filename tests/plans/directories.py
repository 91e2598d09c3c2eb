"""A large directory to plan for: one tenant of 100,000 people and 100 groups, and two small ones beside it.

The first person and the first group of each come in over HTTP. The others are their likeness, made in the database with
another number wherever theirs stands, so that rows look the way the server writes them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import JSON, Column, Connection, Table, make_url, text

from scim_server.domain.tenants import Tenant
from scim_server.store.tables import addresses, groups, user_emails, users
from tests.worlds import ENTERPRISE, World
from tests.worlds import Connection as Client

PEOPLE = 100_000
OTHERS = 1_000
"""People in each of the small tenants."""
GROUPS = 100
LARGE, SPREAD = 5_000, 20_000
"""Members of the first group, and of all others together."""
NUMBER, SHARED = "000000", "zzzzzz"
"""What stands for a person's own number, and for one that one in a thousand people share."""
PERSON, GROUP = "01900000-0000-7000-8000-000000", "01900001-0000-7000-8000-000000"
"""What the ids of all likenesses begin with; the number follows."""

_OWN = "substr(CAST(1000000 + n AS text), 2)"
_COMMON = "substr(CAST(1000000 + n % 1000 AS text), 2)"


@dataclass(frozen=True)
class Directory:
    """The large tenant and its client."""

    world: World
    tenant: Tenant
    client: Client


def fill(world: World, people: int = PEOPLE) -> Directory:
    """Fill an empty world."""
    tenants = {slug: world.tenant(slug) for slug in ("large", "small", "other")}
    clients = {slug: world.connect(tenant) for slug, tenant in tenants.items()}
    for slug, client in clients.items():
        _create_first(client, slug)
    with world.installation.database.exclusive() as connection:
        with _without_indexes(connection):
            for slug in clients:
                _copy_first(connection, slug, people if slug == "large" else OTHERS)
        connection.commit()
    return Directory(world, tenants["large"], clients["large"])


def _create_first(client: Client, slug: str) -> None:
    client.create_user(
        f"person.{NUMBER}@{slug}.test",
        externalId=f"ext-{NUMBER}",
        displayName=f"Person{NUMBER} Of {slug}",
        title=f"Title {SHARED}",
        emails=[
            {"value": f"person.{NUMBER}@{slug}.test", "type": "work", "primary": True},
            {"value": f"home.{NUMBER}@{slug}.test", "type": "home"},
        ],
        addresses=[{"type": "work", "locality": f"Town {SHARED}", "country": "DE"}],
        **{ENTERPRISE: {"employeeNumber": f"e{NUMBER}", "department": f"Department {SHARED}"}},
    )
    client.create_group(f"Group {NUMBER}", externalId=f"group-{NUMBER}")


def _copy_first(connection: Connection, slug: str, size: int) -> None:
    """The tables whose rows are counted come first; then PostgreSQL takes the others' references on trust."""
    tenant = f"(SELECT id FROM tenants WHERE slug = '{slug}')"
    for table, most in ((users, size), (groups, GROUPS)):
        _insert_likenesses(connection, table, tenant, most)
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
    for table in (user_emails, addresses):
        _insert_likenesses(connection, table, tenant, size)
    person = f"'{PERSON}' || {_OWN}"
    for group, member, kind, most in (
        ("1000001", person, "User", min(LARGE, size)),
        ("1000002 + n % 98", person, "User", min(SPREAD, size)),
        ("1000002", f"'{GROUP}000100'", "Group", 1),
    ):
        values = f"{tenant}, '{GROUP}' || substr(CAST({group} AS text), 2), {member}, '{kind}'"
        _insert(connection, "members (tenant_id, group_id, member_id, kind)", f"{values} FROM numbers", most)
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL session_replication_role = origin")


def _insert_likenesses(connection: Connection, table: Table, tenant: str, most: int) -> None:
    names = ", ".join(f'"{column.name}"' for column in table.c)
    likeness = ", ".join(_likeness(connection, column) for column in table.c)
    values = f"{likeness} FROM {table.name}, numbers WHERE tenant_id = {tenant}"
    _insert(connection, f"{table.name} ({names})", values, most)


def _insert(connection: Connection, into: str, values: str, most: int) -> None:
    numbers = f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {most})"
    connection.execute(text(f"INSERT INTO {into} {numbers} SELECT {values}".replace(":", "\\:")))


def _likeness(connection: Connection, column: Column[Any]) -> str:
    """The column of the first one as another has it."""
    if column.name in {"id", "user_id"}:
        return f"'{GROUP if column.table is groups else PERSON}' || {_OWN}"
    if column.name in {"created", "modified"}:
        return f"'2026-01-01T00:00:00.' || {_OWN} || 'Z'"
    if column.name in {"tenant_id", "active", "seen", "version", "position"}:
        return column.name
    replaced = f"replace(replace(CAST({column.name} AS text), '{NUMBER}', {_OWN}), '{SHARED}', {_COMMON})"
    if connection.dialect.name == "sqlite" or not isinstance(column.type, JSON):
        return replaced
    return f"CAST({replaced} AS {column.type.compile(connection.dialect)})"


@contextmanager
def _without_indexes(connection: Connection) -> Iterator[None]:
    """PostgreSQL makes them of all rows at once in a fraction of the time."""
    if connection.dialect.name == "sqlite":
        yield
        return
    found = connection.exec_driver_sql(
        "SELECT indexname, indexdef FROM pg_indexes WHERE indexname ~ '^ix_(users|user_emails|addresses|members)_'"
    ).all()
    for name, _ in found:
        connection.exec_driver_sql(f"DROP INDEX {name}")
    connection.exec_driver_sql("SET LOCAL maintenance_work_mem = '256MB'")
    yield
    for _, definition in found:
        connection.exec_driver_sql(definition)


def look_around(url: str) -> None:
    """What PostgreSQL does by itself some time after so many rows have come."""
    if make_url(url).get_backend_name() == "postgresql":
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
