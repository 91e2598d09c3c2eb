"""Every operation at a directory of 10,000 people on PostgreSQL, beside a hello world and raw psycopg."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path

from benchmarks import measures, raw_inserts
from benchmarks.clusters import Cluster, scratch
from benchmarks.drivers import Request, Target
from benchmarks.figures import Figure
from benchmarks.loads import CROWD, GROUPS, load
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
    with scratch() as folder:
        directory = load(cluster.database(), people, crowd=crowd, groups=groups)
        twin = replace(directory, url=databases.copy(directory.url)) if limits else directory
        steady = [each for each in operations if not each.grows]
        growing = [each for each in operations if each.grows]
        figures: dict[str, Figure] = {}
        with scim_server(directory.url, folder) as server, hello_world(folder) as hello:
            target = target_of(server, directory)
            site = site_of(target, directory, count(people))
            bench = Bench(site, target, Costs(server.pid, cluster.pid), folder, partial(caught_up, directory.url))
            hellos: list[Figure] = []
            raws: list[Figure] = []
            newcomers = count(people)

            def greet() -> None:
                if limits:
                    hellos.append(_hello(hello, plan, folder))

            def insert() -> None:
                if limits:
                    raws.append(raw_inserts.measure(twin, newcomers, cluster.pid, plan, folder))

            figures |= bench.measured(steady, plan, greet)
            figures |= bench.measured(growing, plan, insert) if growing else {}
            if limits and not hellos:
                greet()
            figures |= {name: Figure.median(found) for name, found in ((HELLO, hellos), (RAW, raws)) if found}
            memory = measures.memory_megabytes(server.pid)
        for url in {directory.url, twin.url}:
            databases.drop(url)
        return Measured(people, crowd, figures, memory)


def _hello(server: Server, plan: Plan, folder: Path) -> Figure:
    costs = Costs(server.pid)
    greeting = Request("GET", "/")
    before = costs.read()
    _, answered = plan.send(Target(server.host, greeting), [greeting], folder / "requests", once=False)
    return figure_of(answered, before, costs.read(), 0.0)


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
        ratios = [f"{figure.server_cpu / hello.server_cpu:.2f}", f"{figure.rate / hello.rate:.3f}"]
    goals = joined(goal.told(name, found.figures) for goal in operation.goals) if operation else ""
    title = operation.title if operation else TITLES[name]
    values = (figure.rate, figure.p50, figure.p99, figure.server_cpu, figure.database_cpu)
    return [title, *map(number, values), *ratios, goals]
