"""What a directory takes on the disk, table by table, and what a change adds to the log of PostgreSQL.

`python -m benchmarks.sizes [PEOPLE ...]`: for 10,000 and 100,000 people if nothing is said.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psycopg

from benchmarks.clusters import cluster, end_in_order
from benchmarks.loads import Directory, load
from benchmarks.people import person
from tests.worlds import PATCH_OP, Connection, World, build

PEOPLE = (10_000, 100_000)
CHANGES = 300
"""Changes of each kind whose log is measured."""
_TABLES = """
SELECT whole.relname, sum(pg_relation_size(part.oid))::bigint, sum(pg_indexes_size(part.oid))::bigint,
    sum(pg_total_relation_size(part.oid))::bigint
FROM pg_class AS part JOIN pg_class AS whole ON whole.oid = coalesce(pg_partition_root(part.oid), part.oid)
WHERE part.relnamespace = current_schema()::regnamespace AND part.relkind = 'r' GROUP BY 1 ORDER BY 4 DESC
"""
_LEAST = 0.002
"""Share of the whole below which a table is not told of."""


@dataclass(frozen=True, slots=True)
class Size:
    """A table: its rows, and the bytes of what it holds, of its indexes, and of all of it."""

    table: str
    rows: int
    heap: int
    indexes: int
    total: int

    def told(self) -> str:
        each = max(self.rows, 1)
        return (
            f"{self.table:24}{self.rows:>10,}{self.heap / each:>10,.0f}{self.indexes / each:>10,.0f}"
            f"{self.total / each:>10,.0f}{self.total / 2**20:>10,.1f}"
        )


def sizes(url: str) -> list[Size]:
    """Every table of the database, the largest first, with all of its partitions."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")
        found = connection.execute(_TABLES).fetchall()
        return [Size(name, _count(connection, name), heap, indexes, total) for name, heap, indexes, total in found]


def written(directory: Directory) -> Iterator[tuple[str, float]]:
    """Bytes of write-ahead log that each kind of change leaves, log and audit trail included, past a checkpoint."""
    world = build(directory.url)
    client = Connection(world.app.test_client(), directory.slug, directory.token, "entra")
    newcomers = [person(directory.size + number) for number in range(2 * CHANGES)]
    some = directory.people[:: max(1, len(directory.people) // CHANGES)][:CHANGES]
    suspend = {"schemas": [PATCH_OP], "Operations": [{"op": "replace", "path": "active", "value": False}]}
    try:
        _wal(directory.url, world, lambda number: client.post("/Users", newcomers[number]))  # past the full pages
        yield "create", _wal(directory.url, world, lambda number: client.post("/Users", newcomers[CHANGES + number]))
        patch = lambda number: client.send("PATCH", f"/Users/{some[number].id}", suspend)  # noqa: E731
        yield "suspend", _wal(directory.url, world, patch)
        yield "read", _wal(directory.url, world, lambda number: client.get(f"/Users/{some[number].id}"))
    finally:
        world.installation.database.dispose()


def _wal(url: str, world: World, change: Callable[[int], object]) -> float:
    begun = _position(url)
    for number in range(CHANGES):
        change(number)
    world.installation.log.flush()
    world.installation.sealer.flush()
    return (_position(url) - begun) / CHANGES


def _position(url: str) -> int:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute("SELECT pg_current_wal_lsn() - '0/0'").fetchone()
    return int(row[0]) if row else 0


def _count(connection: psycopg.Connection[tuple[object, ...]], table: str) -> int:
    row = connection.execute(f'SELECT count(*) FROM "{table}"'.encode()).fetchone()
    return int(str(row[0])) if row else 0


def told(directory: Directory) -> Iterator[str]:
    """The tables of a directory, bytes for each row, and what changes write."""
    found = sizes(directory.url)
    whole = sum(each.total for each in found)
    yield f"\n{directory.size:,} people: {whole / 2**20:,.0f} MB, {whole / directory.size:,.0f} bytes each"
    yield f"{'table':24}{'rows':>10}{'row':>10}{'indexes':>10}{'together':>10}{'MB':>10}"
    yield from (each.told() for each in found if each.total >= _LEAST * whole)
    yield from (f"write-ahead log of a {name}: {size:,.0f} bytes" for name, size in written(directory))


def main() -> None:
    with cluster() as postgresql:
        for people in [int(each) for each in sys.argv[1:]] or PEOPLE:
            for line in told(load(postgresql.database(), people)):
                print(line, flush=True)


if __name__ == "__main__":
    end_in_order()
    main()
