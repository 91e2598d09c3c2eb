"""PostgreSQL's own wall between tenants (store/walls.py), which holds where a query forgets its tenant."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from sqlalchemy import func, insert, make_url, select, update
from sqlalchemy.exc import ProgrammingError

from scim_server.cli.failures import failure
from scim_server.domain.errors import Unprivileged
from scim_server.store.databases import Database
from scim_server.store.migrations import upgrade
from scim_server.store.revisions import is_current
from scim_server.store.tables import WITHOUT_TENANT, metadata, tenants, users
from scim_server.store.walls import OPEN, OPERATOR
from tests import databases
from tests.worlds import World, build

WALLED = [table for table in metadata.sorted_tables if table.name not in WITHOUT_TENANT]


@pytest.fixture(scope="module")
def world(postgresql_databases: databases.Fresh) -> Iterator[World]:
    """Two tenants with something in nearly every table."""
    url = postgresql_databases()
    built = build(url)
    built.sell("meeting")
    for slug in ("acme", "rivals"):
        tenant = built.tenant(slug)
        built.buy(tenant, "meeting", 5)
        client = built.connect(tenant)
        ana = client.create_user(f"ana@{slug}.test", entitlements=["meeting"], roles=[{"value": "manager"}])
        client.create_group("Sales", ana["id"])
        built.rule(tenant, "Sales", "meeting")
    yield built
    built.installation.database.dispose()
    databases.drop(url)


def test_every_table_of_tenants_is_behind_the_wall_and_its_owner_too(world: World) -> None:
    with world.installation.database.read(OPERATOR) as connection:
        rows = connection.exec_driver_sql(
            "SELECT relname FROM pg_class JOIN pg_policy ON polrelid = pg_class.oid "
            "WHERE relrowsecurity AND relforcerowsecurity"
        )
        walled = {table.name for table in WALLED} | {"tenants"}
        assert {row.relname for row in rows} == walled | databases.partitions(connection)
    assert {name for name in OPEN if "tenant_id" in metadata.tables[name].c} == OPEN
    assert OPEN < WITHOUT_TENANT


@pytest.mark.parametrize("reach", ["", "nobody", "%", "acme", "*,"])
def test_who_names_no_tenant_of_the_store_sees_no_row(world: World, reach: str) -> None:
    with world.installation.database.read(reach) as connection:
        for table in (*WALLED, tenants):
            assert connection.execute(select(func.count()).select_from(table)).scalar() == 0, table.name
    with world.installation.database.write(reach) as connection:
        assert connection.execute(update(users).values(version=99)).rowcount == 0


def test_a_connection_that_was_never_told_sees_no_row(world: World) -> None:
    """As psycopg opens it, in the application's role and past everything of ours."""
    url = world.installation.database.engine.url.set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
        assert connection.execute("SELECT count(*) FROM users").fetchone() == (2,), "a superuser sees them"
        connection.execute("SET ROLE scim_app")
        assert connection.execute("SELECT count(*) FROM users").fetchone() == (0,)


def test_a_query_without_a_tenant_clause_stays_in_its_tenant(world: World) -> None:
    acme = world.rows("tenants")[0]["id"]
    with world.installation.database.read(acme) as connection:
        assert [row.tenant_id for row in connection.execute(select(users))] == [acme]
    with world.installation.database.read(OPERATOR) as connection:
        assert connection.execute(select(func.count()).select_from(users)).scalar() == 2


def test_no_row_can_be_put_into_another_tenant(world: World) -> None:
    acme, rivals = (row["id"] for row in world.rows("tenants"))
    with world.installation.database.write(acme) as connection:
        taken = connection.execute(select(users)).mappings().one()
        with pytest.raises(ProgrammingError, match="row-level security"):
            connection.execute(insert(users).values({**taken, "tenant_id": rivals}))


def test_a_read_forgets_its_tenant_and_a_failed_one_leaves_nothing_open(world: World) -> None:
    acme = world.rows("tenants")[0]["id"]
    database = world.installation.database
    with database.read(acme) as connection:
        with pytest.raises(ProgrammingError):
            connection.exec_driver_sql("SELECT no_such_column FROM users")
        assert connection.execute(select(func.count()).select_from(users)).scalar() == 1
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT current_setting('scim.tenant', true)").scalar() in {None, ""}
        assert connection.exec_driver_sql("SELECT current_user").scalar() == "scim_app"


def test_indexes_answer_filters_behind_the_wall(world: World) -> None:
    with world.installation.database.write(OPERATOR) as connection:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plan = connection.exec_driver_sql("""EXPLAIN SELECT id FROM users WHERE search @> '{"title": "boss"}'""")
        assert "ix_users_search" in " ".join(row[0] for row in plan)


@contextmanager
def _login(fresh: databases.Fresh, attributes: str) -> Iterator[str]:
    """The URL of an empty database of its own for a login that is no superuser."""
    url = fresh()
    name = "plain_owner"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN {attributes}".encode())
        connection.execute(f"DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION {name}".encode())
    yield make_url(url).set(username=name).render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP OWNED BY {name} CASCADE; DROP ROLE {name}".encode())
    databases.drop(url)


def test_a_login_that_is_no_superuser_migrates_and_serves(postgresql_databases: databases.Fresh) -> None:
    """It owns the tables, and without a tenant it sees no row even in its own name."""
    with _login(postgresql_databases, "CREATEROLE") as url:
        with psycopg.connect(postgresql_databases()) as connection:
            connection.execute("GRANT scim_app TO plain_owner WITH ADMIN OPTION")
        database = Database(url)
        upgrade(database)
        assert is_current(database)
        database.dispose()
        served = build(url)
        client = served.connect(served.tenant())
        client.create_user("ana@x.test")
        assert client.get("/Users").json["totalResults"] == 1
        served.installation.database.dispose()
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT count(*) FROM users").fetchone() == (0,)


def test_a_login_that_may_not_is_told_what_to_do(postgresql_databases: databases.Fresh) -> None:
    with _login(postgresql_databases, "") as url:
        database = Database(url)
        with pytest.raises(Unprivileged) as refused:
            upgrade(database)
        told = failure(refused.value)
        assert told.endswith('GRANT scim_app TO "plain_owner". An administrator of the database can run that.')
        database.dispose()
