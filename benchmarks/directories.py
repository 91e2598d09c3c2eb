"""Every operation at a directory of 10,000 people on PostgreSQL, beside a hello world and raw psycopg."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from pathlib import Path

from benchmarks import measures, raw_inserts
from benchmarks.clusters import Cluster, scratch
from benchmarks.drivers import Request, Target
from benchmarks.figures import Figure, ratio
from benchmarks.loads import CROWD, GROUPS, Directory, load
from benchmarks.operations import HELLO, OPERATIONS, RAW, Operation
from benchmarks.rounds import Bench, Costs, Plan, caught_up, figure_of, site_of, target_of
from benchmarks.servers import Server, hello_world, scim_server
from benchmarks.tables import GOAL, Table, joined, number
from tests import databases

PEOPLE = 10_000
MEMORY = 200
"""Megabytes that a server with two workers may have after all of it."""
HEADINGS = ("operation", "per second", "p50 ms", "p99 ms", "CPU us", "DB CPU us", "CPU × hello", "rate × hello", GOAL)


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of a directory, and the megabytes that the server has in the end."""

    people: int
    members: int
    figures: dict[str, Figure]
    memory: float


def measure(
    cluster: Cluster,
    operations: Sequence[Operation],
    plan: Plan,
    people: int = PEOPLE,
    crowd: int = CROWD,
    groups: int = GROUPS,
    *,
    limits: bool = True,
) -> Measured:
    """Load a directory and measure the operations; with `limits` hello world and raw inserts as well."""
    with scratch() as folder, ExitStack() as stack:
        directory = load(cluster.database(), people, crowd=crowd, groups=groups)
        beside = stack.enter_context(_limits(directory, cluster, plan, folder)) if limits else None
        with scim_server(directory.url, folder, plan.workers) as server:
            target = target_of(server, directory)
            site = site_of(target, directory, count(people))
            settle = partial(caught_up, directory.url, plan.flush)
            bench = Bench(site, target, Costs(server.pid, cluster.pid), folder, settle)
            steady = [each for each in operations if not each.grows]
            growing = [each for each in operations if each.grows]
            figures = bench.measured(steady, plan, beside.greet if beside else _nothing)
            if growing:
                figures |= bench.measured(growing, plan, beside.insert if beside else _nothing)
            if beside:
                figures |= beside.figures()
            memory = measures.memory_megabytes(server.pid)
        databases.drop(directory.url)
    return Measured(people, crowd, figures, memory)


@dataclass
class _Limits:
    """What is measured beside the server: a hello world, and raw inserts into a `twin` of the directory."""

    hello: Server
    twin: Directory
    database_pid: int
    plan: Plan
    folder: Path
    newcomers: Iterator[int]
    hellos: list[Figure] = field(default_factory=list)
    raws: list[Figure] = field(default_factory=list)

    def greet(self) -> None:
        """A round of the hello world."""
        costs, greeting = Costs(self.hello.pid), Request("GET", "/")
        before = costs.read()
        target = Target(self.hello.host, greeting)
        _, answered = self.plan.send(target, [greeting], self.folder / "requests", once=False)
        self.hellos.append(figure_of(answered, before, costs.read(), 0.0))

    def insert(self) -> None:
        """A round of raw inserts."""
        figure = raw_inserts.measure(self.twin, self.newcomers, self.database_pid, self.plan, self.folder)
        self.raws.append(figure)

    def figures(self) -> dict[str, Figure]:
        return {name: Figure.median(found) for name, found in ((HELLO, self.hellos), (RAW, self.raws)) if found}


@contextmanager
def _limits(directory: Directory, cluster: Cluster, plan: Plan, folder: Path) -> Iterator[_Limits]:
    """Must begin before anybody is connected to the directory's database, which is copied."""
    twin = replace(directory, url=databases.copy(directory.url))
    with hello_world(folder, plan.workers) as hello:
        yield _Limits(hello, twin, cluster.pid, plan, folder, count(directory.size))
    databases.drop(twin.url)


def _nothing() -> None:
    """Nothing is measured beside."""


TITLES = {HELLO: "hello world of Flask", RAW: "raw psycopg: the inserts of a create"}


def table(found: Measured) -> Table:
    """The table."""
    rows = [_row(name, found) for name in (*OPERATIONS, HELLO, RAW) if name in found.figures]
    verdict = "reached" if found.memory <= MEMORY else "NOT REACHED"
    behind = {name: figure.behind for name, figure in found.figures.items() if figure.behind >= 0.1}
    notes = [f"Memory of the server afterwards (PSS): {found.memory:.0f} MB; at most {MEMORY} MB: {verdict}."]
    if behind:
        told = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in behind.items())
        notes.append(f"Seconds that the audit trail's sealing ended after the last answer: {told}.")
    title = f"{found.people:,} people, one group of {found.members:,}, PostgreSQL"
    return Table("operations", title, HEADINGS, rows, notes)


def _row(name: str, found: Measured) -> list[str]:
    figure, hello = found.figures[name], found.figures.get(HELLO)
    operation = OPERATIONS.get(name)
    ratios = ["", ""]
    if hello:
        ratios = [f"{ratio(figure.server_cpu, hello.server_cpu):.2f}", f"{figure.rate / hello.rate:.3f}"]
    goals = joined(goal.told(name, found.figures) for goal in operation.goals) if operation else ""
    title = operation.title if operation else TITLES[name]
    values = (figure.rate, figure.p50, figure.p99, figure.server_cpu, figure.database_cpu)
    return [title, *map(number, values), *ratios, goals]
