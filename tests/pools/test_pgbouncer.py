"""Through pgbouncer in transaction mode everything is as ever, and nothing stays behind on a shared connection."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg
import pytest

from scim_server.cli.failures import failure
from scim_server.domain.errors import Unfit
from scim_server.store.databases import BadDatabaseUrl, Database
from scim_server.store.migrations import upgrade
from scim_server.store.revisions import is_current
from scim_server.store.walls import ROLE
from tests import databases, worlds
from tests.cells.removals import lives_in, move
from tests.delivery.test_job_queues import Deed, queue_of, working
from tests.pools.bouncers import PATIENCE
from tests.pools.conftest import Pooled
from tests.worlds import USER, Connection, World

CLIENTS, ROUNDS = 8, 4
_LEFT_BEHIND = (
    "SELECT current_user = session_user, coalesce(current_setting('scim.tenant', true), ''), "
    "current_setting('statement_timeout'), (SELECT count(*) FROM pg_prepared_statements), "
    "(SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'), pg_backend_pid()"
)
NOTHING = (True, "", "0", 0, 0)


def work(client: Connection, name: str, begin: threading.Barrier) -> int:
    """Create, change, list, be refused and delete; answers how many are left."""
    group = client.create_group(f"Group {name}")["id"]
    begin.wait()
    for number in range(ROUNDS):
        mine = client.create_user(f"{name}-{number}@{client.slug}.test")
        assert client.post("/Users", {"schemas": [USER], "userName": mine["userName"]}).status_code == 409
        joins = {"op": "add", "path": "members", "value": [{"value": mine["id"]}]}
        assert client.patch(f"/Groups/{group}", joins).status_code == 204
        renamed = client.patch(f"/Users/{mine['id']}", {"op": "replace", "path": "displayName", "value": name})
        assert renamed.json["displayName"] == name
        everybody = client.get("/Users?count=200").json["Resources"]
        assert {each["userName"].rpartition("@")[2] for each in everybody} == {f"{client.slug}.test"}
        assert [each["id"] for each in client.find("/Users", f'title eq "nobody" or userName eq "{mine["userName"]}"')]
    assert len(client.member_ids(group)) == ROUNDS
    assert client.delete(f"/Users/{mine['id']}").status_code == 204
    return ROUNDS - 1


@contextmanager
def both_connections(url: str) -> Iterator[list[psycopg.Connection[Any]]]:
    """Both connections that the pooler has to the database, as somebody else gets them next."""
    with ExitStack() as stack:
        held = [stack.enter_context(psycopg.connect(url, prepare_threshold=None)) for _ in range(2)]
        for each in held:
            each.execute("SELECT 1")  # in a transaction from here on, so each has one for itself
        yield held


def test_eight_clients_of_two_tenants_share_two_connections(world: World, scarce: str) -> None:
    clients = [world.connect(world.tenant(slug)) for slug in ("acme", "other")]
    begin = threading.Barrier(CLIENTS, timeout=PATIENCE)
    with ThreadPoolExecutor(CLIENTS) as threads:
        working = [
            threads.submit(work, world.same_client(clients[number % 2]), f"c{number}", begin)
            for number in range(CLIENTS)
        ]
        left = [each.result() for each in working]
    for client in clients:
        assert client.get("/Users").json["totalResults"] == sum(left) / 2
    with both_connections(scarce) as held:
        found = [each.execute(_LEFT_BEHIND).fetchone() for each in held]
    assert [row[:-1] for row in found if row] == [NOTHING] * 2
    assert len({row[-1] for row in found if row}) == 2


def test_whatever_way_a_statement_goes_it_is_behind_the_wall(scarce: str) -> None:
    database = Database(f"{scarce}?pooler=transaction")
    asked = "SELECT current_user, current_setting('scim.tenant', true)"
    with database.read("mine") as line:
        assert line.exec_driver_sql(asked).one() == (ROLE, "mine")
    with database.write("mine") as line:
        assert line.exec_driver_sql(asked).one() == (ROLE, "mine")
    with database.snapshot("mine") as line:
        assert line.exec_driver_sql(asked).one() == (ROLE, "mine")
    database.dispose()


def test_what_is_not_committed_leaves_nothing(world: World, scarce: str) -> None:
    acme = world.tenant()
    with world.units.write(acme, worlds.CAUSE) as uow:
        uow.guard(exclusive=True)
    with both_connections(scarce) as held:
        found = [each.execute(_LEFT_BEHIND).fetchone() for each in held]
    assert [row[:-1] for row in found if row] == [NOTHING] * 2


def test_the_schema_is_upgraded_through_it(pooled: Pooled, postgresql_databases: databases.Fresh) -> None:
    url = postgresql_databases()
    with psycopg.connect(url) as connection:
        connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    through = pooled(2)(url)
    upgrading = [Database(f"{through}?pooler=transaction") for _ in range(2)]
    with ThreadPoolExecutor(2) as threads:
        revisions = list(threads.map(lambda database: upgrade(database)[1], upgrading))
    assert revisions[0] == revisions[1]
    assert is_current(upgrading[0])
    for database in upgrading:
        database.dispose()
    databases.drop(url)


def test_a_tenant_moves_through_it(pooled: Pooled, url: str, postgresql_databases: databases.Fresh) -> None:
    west = postgresql_databases()
    through = pooled(4)
    home, there = (f"{through(each)}?pooler=transaction" for each in (url, west))
    world = worlds.build(home, cell_urls=(("west", there),))
    acme = world.tenant("acme")
    client = world.connect(acme)
    client.create_user("ana@x.test")
    move(world, "acme", "west")
    assert lives_in(world, acme)["west"] == "west"
    assert client.get("/Users").json["totalResults"] == 1
    world.check()
    world.installation.cells.dispose()
    databases.drop(west)


def test_chores_are_jobs_through_it_that_workers_look_for(pooled: Pooled, url: str) -> None:
    deed, world = Deed(), worlds.build(f"{pooled(4)(url)}?pooler=transaction")
    queue = queue_of(world, deed.chore("mails"))
    assert not queue.listens
    with working(queue, 2):
        deed.await_()
        queue.put("mails")
        deed.await_()
    world.installation.database.dispose()


@pytest.mark.parametrize(
    ("said", "advice"), [("", "?pooler=transaction (pgbouncer"), ("?pooler=prepared", "before 1.21")]
)
def test_a_pooler_that_is_not_what_the_url_says_is_refused(scarce: str, said: str, advice: str) -> None:
    with pytest.raises(Unfit, match="pooler") as refused:
        is_current(Database(f"{scarce}{said}"))
    assert advice in failure(refused.value)


def test_what_is_no_pooler_is_refused(url: str) -> None:
    for kind in ("none", "session", "transaction"):
        database = Database(f"{url}{'&' if '?' in url else '?'}pooler={kind}")
        assert is_current(database)
        database.dispose()
    with pytest.raises(BadDatabaseUrl, match="transaction"):
        Database("postgresql://db/scim?pooler=pgbouncer")
