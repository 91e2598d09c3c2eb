"""Cutting the large tables: nothing is lost, and all that was around them is around them again."""

import re
from collections.abc import Callable, Iterator

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, Text, bindparam, make_url, select

from scim_server.services import auditing
from scim_server.store import migrations
from scim_server.store.databases import Database
from scim_server.store.revisions import newest
from scim_server.store.tables import WITHOUT_TENANT, metadata, users
from scim_server.store.tenant_partitions import PARTITIONED
from scim_server.store.walls import OPERATOR
from tests import databases
from tests.partitions.conftest import PARTS
from tests.worlds import World, build, contents

People = Callable[[str], World]

DEFINITIONS = """
SELECT concat(relname, ' ', conname, ' ', pg_get_constraintdef(pg_constraint.oid))
FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid WHERE conparentid = 0 AND NOT relispartition
UNION SELECT pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE relnamespace = 'public'::regnamespace AND NOT relispartition
UNION SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION SELECT concat(tablename, policyname, qual) FROM pg_policies WHERE tablename !~ '_(\\d{3}|\\d{8}|default)$'
UNION SELECT concat(relname, relacl) FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
UNION SELECT concat(attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull, attcollation,
    pg_get_expr(adbin, adrelid))
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped AND NOT relispartition
    AND relkind IN ('r', 'p')
"""
"""Columns of tables alone: an index calls its own as those of the table were called when it was made."""


@pytest.fixture
def whole_url(postgresql_databases: databases.Fresh) -> Iterator[str]:
    """A database in which no table is cut yet."""
    url = postgresql_databases()
    yield url
    databases.drop(url)


def definitions(url: str) -> set[str]:
    database = Database(url)
    with database.read(OPERATOR) as connection:
        found = set(connection.exec_driver_sql(DEFINITIONS).scalars())
    database.dispose()
    return {each.replace(" ON ONLY ", " ON ") for each in found}


@pytest.fixture
def peopled() -> Iterator[Callable[[str], World]]:
    """Makes a world of three tenants with something in nearly every large table."""
    worlds: list[World] = []

    def people(url: str) -> World:
        world = build(url)
        worlds.append(world)
        world.sell("meeting")
        for slug in ("acme", "rivals", "third"):
            tenant = world.tenant(slug)
            world.buy(tenant, "meeting", 2)
            client = world.connect(tenant)
            names = [f"p{number}@{slug}.test" for number in range(4)]
            ids = [
                client.create_user(
                    name, emails=[{"value": name}], entitlements=["meeting"], roles=[{"value": "manager"}]
                )["id"]
                for name in names
            ]
            client.create_group("Sales", *ids[:3])
            client.delete(f"/Users/{ids[3]}")
        world.installation.sealer.flush()
        return world

    yield people
    for world in worlds:
        world.check()
        world.installation.cells.dispose()


def test_nothing_is_lost_and_everything_is_around_it_again(whole_url: str, peopled: People) -> None:
    world = peopled(whole_url)
    stored, defined = contents(world), definitions(whole_url)
    databases.cut(whole_url, PARTS)
    assert contents(world) == stored
    assert definitions(whole_url) == defined
    world.check()
    acme = world.tenant("fourth")
    client = world.connect(acme)
    client.create_group("All", client.create_user("ana")["id"])
    world.check()
    assert auditing.check(world.units, acme, world.installation.sealer.key()).fault is None
    world.installation.cells.dispose()


def test_a_server_that_is_at_work_goes_on(whole_url: str, peopled: People) -> None:
    """Its connections know statements that they prepared for the tables as they were."""
    world = peopled(whole_url)
    client = world.connect(world.tenant("fourth"))
    ana = client.create_user("ana")["id"]
    for _ in range(10):
        assert client.get(f"/Users/{ana}").status_code == 200
    databases.cut(whole_url, PARTS)
    for number in range(10):
        assert client.get(f"/Users/{ana}").json["userName"] == "ana"
        client.create_user(f"another{number}")


def test_the_tenant_is_in_every_key_of_a_large_table() -> None:
    """A key that does not name the tenant cannot be unique among partitions."""
    assert set(PARTITIONED) < metadata.tables.keys() - WITHOUT_TENANT
    for name in PARTITIONED:
        table = metadata.tables[name]
        unique = [index.columns.keys() for index in table.indexes if index.unique]
        assert {columns[0] for columns in [table.primary_key.columns.keys(), *unique]} == {"tenant_id"}, name


def test_each_tenant_lies_in_one_partition_behind_its_own_wall(database_url: str, peopled: People) -> None:
    world = peopled(database_url)
    with world.installation.database.read(OPERATOR) as connection:
        for table in PARTITIONED:
            of_each = f"SELECT tenant_id, count(DISTINCT tableoid) FROM {table} GROUP BY 1"
            spread = dict(connection.exec_driver_sql(of_each).all())
            assert set(spread.values()) <= {1}, table
            assert len(spread) == 3 or table in {"sightings", "resources"}, table
        parts = {name for name in databases.partitions(connection) if re.search(r"_\d{3}$", name)}
        assert len(parts) == PARTS * len(PARTITIONED)
        walled = "SELECT relname FROM pg_class WHERE relispartition AND relrowsecurity AND relforcerowsecurity"
        assert parts <= set(connection.exec_driver_sql(walled).scalars())
    acme = world.rows("tenants")[0]["id"]
    for name in parts:
        with world.installation.database.read(acme) as connection, pytest.raises(Exception, match="denied"):
            connection.exec_driver_sql(f"SELECT count(*) FROM {name}")
    with world.installation.database.read(acme) as connection:
        assert set(connection.exec_driver_sql("SELECT tenant_id FROM users").scalars()) == {acme}


def test_a_prepared_statement_is_planned_once(database_url: str) -> None:
    """Left alone PostgreSQL would do it each time, as it thinks that a plan for any tenant reads all partitions."""
    database = Database(database_url)
    look_up = select(users.c.document).where(users.c.tenant_id == bindparam("tenant"), users.c.id == bindparam("id"))
    with database.write(OPERATOR) as connection:
        for number in range(10):
            assert connection.execute(look_up, {"tenant": "acme", "id": str(number)}).all() == []
        planned = "SELECT sum(custom_plans), sum(generic_plans) FROM pg_prepared_statements WHERE statement ~ 'users'"
        assert connection.exec_driver_sql(planned).all() == [(0, 10)]
    database.dispose()


def test_where_nothing_is_prepared_statements_are_planned_for_their_values(database_url: str) -> None:
    """Through a pooler that keeps none each is planned anew, and a plan for any values takes longest to make."""
    url = make_url(database_url).update_query_dict({"pooler": "transaction"})
    database = Database(url.render_as_string(hide_password=False))
    with database.write(OPERATOR) as connection:
        connection.execute(select(users.c.id))
        assert connection.exec_driver_sql("SHOW plan_cache_mode").scalar() == "auto"
    database.dispose()


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
def test_whoever_names_a_tenant_reads_one_partition(database_url: str, mode: str) -> None:
    """Be the statement planned for these values or for any."""
    database = Database(database_url)
    with database.write(OPERATOR) as connection:
        connection.exec_driver_sql(f"SET LOCAL plan_cache_mode = {mode}")
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        for table in PARTITIONED:
            statement = f"SELECT * FROM {table} WHERE tenant_id = $1"
            connection.exec_driver_sql(f"PREPARE told(text) AS {statement}")
            plan = "\n".join(connection.exec_driver_sql("EXPLAIN EXECUTE told('acme')").scalars())
            assert len(set(re.findall(rf"on {table}_(\d\d\d)", plan))) == 1, plan
            connection.exec_driver_sql("DEALLOCATE told")
    database.dispose()


def test_migrations_change_cut_tables_as_they_change_whole_ones(database_url: str) -> None:
    """Whatever a migration may want of them."""
    database = Database(database_url)
    assert migrations.upgrade(database) == (newest(), newest())
    with database.exclusive() as connection:
        operations = Operations(MigrationContext.configure(connection))
        operations.add_column("users", Column("shoe", Text(), nullable=False, server_default="41"))
        operations.create_index("ix_users_shoe", "users", ["tenant_id", "shoe"])
        operations.create_unique_constraint("uq_users_shoe", "users", ["tenant_id", "shoe"])
        operations.create_foreign_key("fk_seats_x", "seats", "users", ["tenant_id", "id"], ["tenant_id", "id"])
        operations.drop_constraint("uq_users_shoe", "users")
        operations.drop_index("ix_users_shoe", "users")
        operations.drop_column("users", "shoe")
        connection.rollback()
    database.dispose()


def test_a_database_that_was_cut_before_an_upgrade_is_upgraded(whole_url: str, peopled: People) -> None:
    database = Database(whole_url)
    with database.exclusive() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
        connection.exec_driver_sql("GRANT USAGE ON SCHEMA public TO PUBLIC")
        connection.commit()
    migrations.upgrade(database, "0011")
    databases.cut(whole_url, PARTS)
    assert migrations.upgrade(database) == ("0011", newest())
    database.dispose()
    peopled(whole_url)
