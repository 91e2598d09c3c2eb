"""What partitions by tenant cost on PostgreSQL: `python -m benchmarks.partitions [PEOPLE]`.

Starts a cluster of its own. Prints, for tables in one piece and in 8, 32 and 64 partitions, microseconds of CPU that
the database and this process take, and how many there are in a second, one after the other: of a look-up by key over a
connection of ours, and of whole requests within this process.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

from sqlalchemy import bindparam, select

from benchmarks.loads import Directory, load
from benchmarks.measures import cpu_seconds
from scim_server.store.databases import Database
from scim_server.store.tables import users
from tests import databases
from tests.worlds import Connection, build

PEOPLE = 10_000
PARTS = (8, 32, 64)
ROUNDS = 5
READ = select(users.c.document).where(users.c.tenant_id == bindparam("tenant"), users.c.id == bindparam("id"))

Step = Callable[[int], Any]


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one of them: microseconds of the database's CPU and of ours, and of both with all waiting."""

    database: float
    own: float
    wall: float


def main() -> None:
    """Measure every side in turn, several times, and print the least of each."""
    people = int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE
    with databases.postgresql_databases() as fresh:
        directory = load(fresh(), people, crowd=100, groups=3)
        sides = {"one piece": directory.url}
        for parts in PARTS:
            sides[f"{parts} partitions"] = databases.cut(databases.copy(directory.url), parts)
        found: dict[tuple[str, str], list[Cost]] = {}
        for _ in range(ROUNDS):
            for side, url in sides.items():
                for name, cost in _measured(url, directory):
                    found.setdefault((name, side), []).append(cost)
    print(f"{'':<22}{'':<16}{'database us':>12}{'own us':>8}{'/s':>8}")
    for (name, side), costs in sorted(found.items(), key=lambda each: [*OPERATIONS].index(each[0][0])):
        database, own, wall = (min(getattr(cost, part) for cost in costs) for part in ("database", "own", "wall"))
        print(f"{name:<22}{side:<16}{database:>12.0f}{own:>8.0f}{1e6 / wall:>8.0f}")


def _measured(url: str, directory: Directory) -> Iterator[tuple[str, Cost]]:
    for name, (times, prepare) in OPERATIONS.items():
        with prepare(url, directory) as (database, step):
            yield name, _cost(database, step, times)


def _cost(database: Database, step: Step, times: int) -> Cost:
    """After some that prepare what is to be prepared; one connection does it all."""
    for number in range(20):
        step(number)
    with database.read("") as connection:
        process = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    served, own, wall = cpu_seconds(process), time.process_time(), time.perf_counter()
    for number in range(times):
        step(20 + number)
    wall, own, served = time.perf_counter() - wall, time.process_time() - own, cpu_seconds(process) - served
    return Cost(*(each / times * 1e6 for each in (served, own, wall)))


@contextmanager
def _look_ups(url: str, directory: Directory) -> Iterator[tuple[Database, Step]]:
    database, tenant = Database(url, 1), directory.tenant_id

    def look_up(number: int) -> None:
        with database.read(tenant) as connection:
            wanted = directory.people[number * 7 % len(directory.people)].id
            assert connection.execute(READ, {"tenant": tenant, "id": wanted}).first() is not None

    yield database, look_up
    database.dispose()


@contextmanager
def _requests(
    send: Callable[[Connection, Directory, int], Any], url: str, directory: Directory
) -> Iterator[tuple[Database, Step]]:
    world = build(url, credential_cache=5, database_pool=1)
    client = Connection(world.app.test_client(), directory.slug, directory.token, "okta")
    yield world.installation.database, lambda number: send(client, directory, number)
    world.installation.cells.dispose()


def _get(client: Connection, directory: Directory, number: int) -> None:
    assert client.get(f"/Users/{directory.people[number * 7 % len(directory.people)].id}").status_code == 200


def _find(client: Connection, directory: Directory, number: int) -> None:
    wanted = directory.people[number * 7 % len(directory.people)].user_name
    found: Any = client.get(f'/Users?filter=userName eq "{wanted}"').json
    assert found["totalResults"] == 1


_newcomers = count()


def _create(client: Connection, _directory: Directory, _number: int) -> None:
    client.create_user(f"newcomer{next(_newcomers)}@example.com")


OPERATIONS: dict[str, tuple[int, Any]] = {
    "look-up by key": (3000, _look_ups),
    "GET /Users/{id}": (500, partial(_requests, _get)),
    "GET userName eq": (500, partial(_requests, _find)),
    "POST /Users": (200, partial(_requests, _create)),
}
"""How many of each there are in a round, and what makes them."""


if __name__ == "__main__":
    main()
