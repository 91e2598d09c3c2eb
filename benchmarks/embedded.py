"""The embedded database: a directory of 100,000 people in a SQLite file on a disk."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path

from benchmarks.clusters import scratch
from benchmarks.figures import Figure, Figures, Goal
from benchmarks.loads import CROWD, GROUPS, Directory, load
from benchmarks.operations import OPERATIONS, Operation
from benchmarks.rounds import Bench, Costs, Plan, caught_up, site_of, target_of
from benchmarks.servers import WORKERS, scim_server
from benchmarks.tables import GOAL, Table, joined, number
from tests.databases import migrate

PEOPLE = 100_000
READS = ("get", "find", "list", "page")
WRITERS = 8
POSTGRESQL = "PostgreSQL"
GOALS = {
    **{name: (Goal("rate", least=1.0, of=f"{name} on {POSTGRESQL}"),) for name in READS},
    "create": (Goal("rate", least=500),),
    "writers": (Goal("longest", most=500),),
}
TITLES = {
    **{name: f"{OPERATIONS[name].title}; {WORKERS} workers" for name in READS},
    "create": "create; 1 worker",
    "writers": f"create by {WRITERS} clients at once; {WORKERS} workers",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of a directory in a file."""

    people: int
    figures: Figures


def measure(plan: Plan, people: int = PEOPLE, crowd: int = CROWD, groups: int = GROUPS) -> Measured:
    """Load a directory and measure reads by two workers, creates by one, and by two under eight writers."""
    reads, creates = [OPERATIONS[name] for name in READS], [OPERATIONS["create"]]
    with scratch() as folder:
        url = f"sqlite:///{folder / 'scim.db'}"
        migrate(url)
        directory = load(url, people, crowd=crowd, groups=groups)
        place = _Place(directory, folder, count(people))
        figures = place.measured(reads, plan, WORKERS)
        figures |= place.measured(creates, plan, 1)
        crowded = replace(plan, connections=WRITERS)
        figures["writers"] = place.measured(creates, crowded, WORKERS)["create"]
    return Measured(people, figures)


def table(found: Measured, on_postgresql: Figures) -> Table:
    """The table; reads are held against those on PostgreSQL where these were measured in the same run."""
    figures = {**found.figures, **{f"{name} on {POSTGRESQL}": each for name, each in on_postgresql.items()}}
    headings = ("operation", "per second", "p50 ms", "p99 ms", "longest ms", "CPU us", GOAL)
    rows = []
    for name, title in TITLES.items():
        figure = found.figures[name]
        values = (figure.rate, figure.p50, figure.p99, figure.longest, figure.server_cpu)
        rows.append([title, *map(number, values), joined(goal.told(name, figures) for goal in GOALS[name])])
    return Table("sqlite", f"{found.people:,} people in a SQLite file", headings, rows)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where it is measured; `numbers` are those of people who are not there yet."""

    directory: Directory
    folder: Path
    numbers: Iterator[int]

    def measured(self, operations: Sequence[Operation], plan: Plan, workers: int) -> dict[str, Figure]:
        with scim_server(self.directory.url, self.folder, workers) as server:
            target = target_of(server, self.directory)
            site = site_of(target, self.directory, self.numbers)
            settle = partial(caught_up, self.directory.url, plan.flush)
            return Bench(site, target, Costs(server.pid), self.folder, settle).measured(operations, plan)
