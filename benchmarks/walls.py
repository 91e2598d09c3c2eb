"""What row-level security costs on PostgreSQL: `python -m benchmarks.walls`.

Starts a database of its own. Prints the time a read and a write of one row take, and the CPU time of this process in
them, behind the walls (`store/walls.py`) and past them: as the owner, a superuser, with no tenant to name.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from sqlalchemy import Connection, bindparam, create_engine, select, update

from scim_server.store.databases import Database
from scim_server.store.lines import BEGIN, Line
from scim_server.store.orders import Order
from scim_server.store.tables import users
from tests.databases import postgresql_databases
from tests.worlds import build

ROUNDS, CALLS = 9, 500
READ = select(users.c.id, users.c.document).where(
    users.c.tenant_id == bindparam("tenant"), users.c.id == bindparam("wanted")
)
WRITE = (
    update(users)
    .where(users.c.tenant_id == bindparam("tenant"), users.c.id == bindparam("wanted"))
    .values(version=users.c.version + 1)
)

Opening = Callable[[], AbstractContextManager[Connection]]


def main() -> None:
    """Measure and print the table."""
    with postgresql_databases() as fresh:
        url = fresh()
        world = build(url)
        tenant = world.tenant()
        wanted = {"tenant": tenant.id, "wanted": world.connect(tenant).create_user("ana@x.test")["id"]}
        behind = world.installation.database
        past = _owner(behind)
        print(f"{'one statement':<28}{'us':>8}{'CPU us':>8}")
        for name, measured in {
            "read past the walls": _read(past["read"], wanted),
            "read behind the walls": _read(lambda: behind.read(tenant.id), wanted),
            "write past the walls": _write(past["write"], wanted),
            "write behind the walls": _write(lambda: behind.write(tenant.id), wanted),
        }.items():
            wall, cpu = _cost(measured)
            print(f"{name:<28}{wall:>8.0f}{cpu:>8.0f}")


class _Owner(Line):
    """A superuser's connection, which tells of no tenant."""

    def _opening(self) -> Iterator[Order]:
        if self.writes:
            yield Order(BEGIN)


def _owner(database: Database) -> dict[str, Opening]:
    engine = create_engine(database.engine.url, pool_reset_on_return=None, connect_args={"prepare_threshold": None})
    return {"read": lambda: _Owner(engine, "", writes=False), "write": lambda: _Owner(engine, "", writes=True)}


def _read(opening: Opening, wanted: dict[str, str]) -> Callable[[], None]:
    def read() -> None:
        with opening() as connection:
            assert connection.execute(READ, wanted).first() is not None

    return read


def _write(opening: Opening, wanted: dict[str, str]) -> Callable[[], None]:
    def write() -> None:
        with opening() as connection:
            assert connection.execute(WRITE, wanted).rowcount == 1
            connection.commit()

    return write


def _cost(measured: Callable[[], None]) -> tuple[float, float]:
    """Microseconds of a call and of this process's CPU in it, each the least of the rounds."""
    rounds = []
    for _ in range(ROUNDS):
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(CALLS):
            measured()
        rounds.append((time.perf_counter() - wall, time.process_time() - cpu))
    wall, cpu = (min(each[place] for each in rounds) / CALLS * 1e6 for place in (0, 1))
    return wall, cpu


if __name__ == "__main__":
    main()
