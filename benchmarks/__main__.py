"""Measure whole servers under load: `python -m benchmarks [OPERATION ...] [--growth] [--sync] [--sqlite] [--all]`.

Starts its own PostgreSQL and servers, prints tables with what is to be reached, and writes all of it as JSON. The load
comes from wrk (`apt-get install wrk`); all of it takes about an hour on two cores.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import directories, embedded, growth, machines, pages, syncs
from benchmarks.clusters import Cluster, cluster, end_in_order
from benchmarks.drivers import CONNECTIONS, Unmeasurable, warn_without_wrk
from benchmarks.loads import CROWD, GROUPS
from benchmarks.operations import OPERATIONS
from benchmarks.rounds import Plan
from benchmarks.tables import Table

JSON = Path("var/benchmarks.json")
PARTS = ("growth", "sync", "sqlite")


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many people, groups and members there are."""

    people: int = directories.PEOPLE
    crowd: int = CROWD
    groups: int = GROUPS
    growth: Sequence[int] = growth.SIZES
    sync: int = syncs.PEOPLE
    sqlite: int = embedded.PEOPLE


QUICK = Sizes(people=400, crowd=200, groups=3, growth=(200, 400), sync=100, sqlite=400)
"""What shows that everything works, and no more."""
QUICK_PLAN = Plan(rounds=1, connections=4, most=20)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print and write; answers the exit code: 1 where something could not be measured."""
    options = _options(arguments)
    try:
        warn_without_wrk()
        source = {"date": machines.today(), **machines.machine(), **machines.versions()}
        with cluster() as postgresql:
            source["PostgreSQL"] = postgresql.version()
            tables = list(_printed(_measured(options, postgresql)))
    except Unmeasurable as error:
        print(error, file=sys.stderr)
        return 1
    options.json.parent.mkdir(parents=True, exist_ok=True)
    told = {"source": source, "tables": {each.name: each.told() for each in tables}}
    options.json.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    if options.write:
        pages.write(tables, source)
    return 0


def _printed(tables: Iterator[Table]) -> Iterator[Table]:
    for table in tables:
        print(f"\n{table.text()}", flush=True)
        yield table


def _measured(options: argparse.Namespace, postgresql: Cluster) -> Iterator[Table]:
    sizes = QUICK if options.quick else Sizes(growth=options.people, sync=options.sync or syncs.PEOPLE)
    plan = (
        Plan(1, 1, options.connections) if options.quick else Plan(options.rounds, options.seconds, options.connections)
    )
    parts = [name for name in PARTS if options.all or getattr(options, name)]
    operations = [each for name, each in OPERATIONS.items() if name in (options.operations or OPERATIONS)]
    found: directories.Measured | None = None
    if options.operations or options.all or not parts:
        found = directories.measure(postgresql, operations, plan, sizes.people, sizes.crowd, sizes.groups)
        yield directories.table(found)
    if "sync" in parts:
        yield syncs.table(syncs.measure(postgresql, plan, sizes.sync), sizes.sync)
    if "sqlite" in parts:
        measured = embedded.measure(plan, sizes.sqlite, sizes.crowd, sizes.groups)
        yield embedded.table(measured, found.figures if found else {})
    if "growth" in parts:
        yield growth.table(growth.measure(postgresql, operations, plan, sizes.growth))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("operations", nargs="*", metavar="OPERATION", help=f"only these: {', '.join(OPERATIONS)}")
    parser.add_argument("--growth", action="store_true", help="repeat at directories of growing size (--people)")
    parser.add_argument(
        "--sync",
        nargs="?",
        type=int,
        const=syncs.PEOPLE,
        metavar="PEOPLE",
        help=f"the first sync of so many people ({syncs.PEOPLE:,})",
    )
    parser.add_argument("--sqlite", action="store_true", help=f"{embedded.PEOPLE:,} people in a SQLite file")
    parser.add_argument("--all", action="store_true", help="all of it")
    parser.add_argument(
        "--quick", action="store_true", help="a few requests each at tiny sizes, to see that all of it works"
    )
    parser.add_argument("--people", type=int, nargs="+", default=growth.SIZES, help="the sizes of --growth")
    parser.add_argument("--rounds", type=int, default=5, help="rounds, of which the median counts")
    parser.add_argument("--seconds", type=int, default=5, help="seconds of each operation in a round")
    parser.add_argument("--connections", type=int, default=CONNECTIONS, help="connections of the load generator")
    parser.add_argument("--json", type=Path, default=JSON, metavar="FILE", help="where the figures go")
    parser.add_argument("--write", action="store_true", help="put the tables into benchmarks/README.md as well")
    chosen = parser.parse_args(arguments)
    unknown = [name for name in chosen.operations if name not in OPERATIONS]
    if unknown:
        parser.error(f"there is no operation '{unknown[0]}': choose of {', '.join(OPERATIONS)}")
    return chosen


if __name__ == "__main__":
    end_in_order()
    sys.exit(main())
