"""How many resources there are is known without counting them, and always right (store/tables/directory.py).

Every world of the tests holds the counts against the rows when it ends.
"""

import threading

from sqlalchemy import insert, select

from scim_server.domain.tenants import Tenant
from scim_server.store.tables import users
from scim_server.store.walls import OPERATOR
from tests import databases
from tests.worlds import USER, Connection, World, build

WRITERS = 4


def total(client: Connection, kind: str = "Users") -> int:
    return int(client.get(f"/{kind}?count=0").json["totalResults"])


def test_it_follows_what_comes_and_goes(world: World, okta: Connection) -> None:
    ana = okta.create_user("ana")
    okta.create_user("bo")
    sales = okta.create_group("Sales", ana["id"])
    assert (total(okta), total(okta, "Groups")) == (2, 1)
    assert okta.post("/Users", {"schemas": [USER], "userName": "ana"}).status_code == 409
    assert total(okta) == 2
    okta.delete(f"/Users/{ana['id']}")
    okta.delete(f"/Groups/{sales['id']}")
    assert (total(okta), total(okta, "Groups")) == (1, 0)
    assert total(world.connect(world.tenant("rivals"))) == 0


def test_it_is_right_whoever_writes_at_once(world: World, okta: Connection) -> None:
    def create(number: int) -> None:
        client = world.same_client(okta)
        for each in range(5):
            client.create_user(f"u{number}-{each}")
        client.post("/Users", {"schemas": [USER], "userName": "u0-0"})

    threads = [threading.Thread(target=create, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert total(okta) == 5 * WRITERS == len(world.rows("users"))


def test_nobody_waits_for_another_ones_count(postgresql_databases: databases.Fresh) -> None:
    """What is not committed is not counted."""
    url = postgresql_databases()
    world = build(url)
    acme = world.tenant()
    okta = world.connect(acme)
    okta.create_user("ana")
    database = world.installation.database
    with database.read(acme.id) as connection:
        ana = dict(connection.execute(select(users)).mappings().one())
    with database.write(acme.id) as first, database.write(acme.id) as second:
        first.execute(insert(users).values({**ana, "id": "1", "user_name_key": "1"}))
        second.exec_driver_sql("SET LOCAL lock_timeout = '1s'")
        second.execute(insert(users).values({**ana, "id": "2", "user_name_key": "2"}))
        second.commit()
        assert total(okta) == 2
        first.rollback()
    assert total(okta) == 2
    database.dispose()
    databases.drop(url)


def test_rows_that_are_copied_in_are_counted(world: World, acme: Tenant, okta: Connection) -> None:
    """Whatever way they come: the tables themselves count."""
    okta.create_user("ana")
    database = world.installation.database
    with database.write(OPERATOR) as connection:
        connection.exec_driver_sql("CREATE TEMPORARY TABLE copy AS SELECT * FROM users")
        connection.exec_driver_sql("UPDATE copy SET id = 'x', user_name_key = 'x'")
        connection.exec_driver_sql("INSERT INTO users SELECT * FROM copy")
        connection.commit()
    assert total(okta) == 2
    with database.write(acme.id) as connection:
        connection.execute(users.delete().where(users.c.id == "x"))
        connection.commit()
    assert total(okta) == 1
