"""Measure whole servers under load: `python -m benchmarks [OPERATION ...] [--growth] [--sync] [--sqlite] [--all]`.

Starts its own PostgreSQL and servers, prints tables, and writes all figures as JSON.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks import directories, machines
from benchmarks.clusters import cluster
from benchmarks.drivers import CONNECTIONS, Unmeasurable
from benchmarks.operations import OPERATIONS
from benchmarks.rounds import Plan
from benchmarks.tables import Table

JSON = Path("var/benchmarks.json")


def main() -> None:
    """Measure, print and write; the exit status is 1 where something went wrong."""
    options = _options()
    told = {"date": machines.today(), "machine": machines.machine(), "versions": machines.versions()}
    tables = []
    try:
        for table in _measured(options):
            print(f"\n{table.text()}", flush=True)
            tables.append(table)
    except Unmeasurable as error:
        sys.exit(str(error))
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps({**told, "tables": {each.name: each.told() for each in tables}}, indent=1))


def _measured(options: argparse.Namespace) -> Iterator[Table]:
    plan = Plan(options.rounds, options.seconds, options.connections)
    operations = [each for name, each in OPERATIONS.items() if name in (options.operations or OPERATIONS)]
    with cluster() as postgresql:
        yield directories.table(directories.measure(postgresql, operations, plan))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("operations", nargs="*", metavar="OPERATION", help=f"only these: {', '.join(OPERATIONS)}")
    parser.add_argument("--rounds", type=int, default=5, help="rounds, of which the median counts")
    parser.add_argument("--seconds", type=int, default=5, help="seconds of each operation in a round")
    parser.add_argument("--connections", type=int, default=CONNECTIONS, help="connections of the load generator")
    parser.add_argument("--json", type=Path, default=JSON, metavar="FILE", help="where the figures go")
    return parser.parse_args()


if __name__ == "__main__":
    main()
