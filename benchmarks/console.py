"""What each page of the console costs at 100,000 people, 1,000 groups and 1,000,000 rows of the provisioning log.

    python -m benchmarks.console [--people N] [--groups N] [--log N] [--rounds N] [--json FILE]

Starts a PostgreSQL of its own. Every address of every page is asked in turns, in one process and without a network:
milliseconds until the page is whole, or until the first bytes of a file. Fails where the 95th of 100 is over the goal.
An address that is answered otherwise than with a page ends the run, once all were asked. What takes over ten seconds is
asked once, and its statements are not counted.
The goal is for a machine as quick as the reference: before each turn a hello world of Flask is asked over and over,
and where that takes longer than it does there, the goal is as many times longer.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median, quantiles

from flask.testing import FlaskClient

from benchmarks import hello, machines, measures
from benchmarks.clusters import Cluster, cluster, end_in_order
from benchmarks.drivers import Unmeasurable
from benchmarks.estates import Asked, asked, prepare
from benchmarks.statements import count_statements
from benchmarks.tables import Table, number
from tests import databases
from tests.console import visitors
from tests.console.estates import Estate
from tests.worlds import World, build

PEOPLE, GROUPS, LOG = 100_000, 1_000, 1_000_000
ROUNDS = 40
GOAL = 300
"""Milliseconds that 95 of 100 answers of a page may take at most."""
HELLOS = 100
"""Asked at a time, so that a busy machine shows as it does in a page."""
REFERENCE = 0.29
"""Milliseconds that a hello world takes in one process on the reference machine while nothing else runs there: two
cores of an Intel Xeon at 2.5 GHz."""
TOO_LONG = 10_000
"""Milliseconds after which nobody asks again."""
HEADINGS = ("page", "p50 ms", "p95 ms", "CPU ms", "DB CPU ms", "statements", "KB", "verdict")


@dataclass
class Timed:
    """One address of a page. Milliseconds of each turn; CPU milliseconds are those of all turns."""

    asked: Asked
    is_file: bool
    statements: int
    size: int
    milliseconds: list[float] = field(default_factory=list)
    cpu: float = 0.0
    database_cpu: float = 0.0
    is_over: bool = False
    """Whether it took so long that it was asked once."""

    @property
    def p50(self) -> float:
        return median(self.milliseconds)

    @property
    def p95(self) -> float:
        return quantiles(self.milliseconds, n=20, method="inclusive")[-1] if self.milliseconds[1:] else self.p50


@dataclass
class Console:
    """The console of a large tenant, visited by its super admin and by the operator."""

    world: World
    estate: Estate
    database_pid: int
    hellos: list[float] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    """Addresses that no page is at, with what they are answered."""

    def __post_init__(self) -> None:
        boss = visitors.person(self.world, self.estate.tenant, self.estate.boss)
        self._browsers = {False: boss.browser, True: visitors.operator(self.world).browser}
        self._hello = hello.app.test_client()

    def measured(self, rounds: int) -> list[Timed]:
        """Every address there is. Raises Unmeasurable where no page is at one of them, and says at which."""
        found = [each for each in map(self._first, asked(self.estate)) if each is not None]
        if self.missing:
            raise Unmeasurable(f"No page is at {', '.join(self.missing)}.")
        for _ in range(rounds):
            self._greet()
            for each in found:
                if not each.is_over:
                    self._turn(each)
        return found

    @property
    def pace(self) -> float:
        """How many times as long as on the reference machine things take here, 1 at least."""
        return max(1.0, median(self.hellos) / REFERENCE)

    def _first(self, wanted: Asked) -> Timed | None:
        """A look that does not count, for what is kept in memory, then the statements and the size."""
        browser = self._browsers[wanted.operators]
        begun = time.perf_counter()
        answer = browser.get(wanted.address, buffered=False)
        is_file = answer.mimetype != "text/html"
        size = len(next(answer.iter_encoded(), b"") if is_file else answer.data)
        answer.close()
        took = (time.perf_counter() - begun) * 1000
        if answer.status_code != 200:
            self.missing.append(f"{wanted.address} ({answer.status_code})")
            return None
        if took > TOO_LONG:
            return Timed(wanted, is_file, 0, size, [took], is_over=True)
        statements = count_statements(self.world, lambda: read(browser, wanted.address, is_file))
        return Timed(wanted, is_file, statements, size)

    def _turn(self, timed: Timed) -> None:
        browser = self._browsers[timed.asked.operators]
        database = measures.cpu_seconds(self.database_pid)
        begun, started = time.perf_counter(), time.process_time()
        read(browser, timed.asked.address, timed.is_file)
        timed.milliseconds.append((time.perf_counter() - begun) * 1000)
        timed.cpu += (time.process_time() - started) * 1000
        timed.database_cpu += (measures.cpu_seconds(self.database_pid) - database) * 1000

    def _greet(self) -> None:
        begun = time.perf_counter()
        for _ in range(HELLOS):
            self._hello.get("/")
        self.hellos.append((time.perf_counter() - begun) * 1000 / HELLOS)


def read(browser: FlaskClient, address: str, is_file: bool) -> None:
    """A page to its end, a file to its first bytes."""
    answer = browser.get(address, buffered=not is_file)
    if is_file:
        next(answer.iter_encoded(), None)
    answer.close()


def table(found: Sequence[Timed], pace: float) -> Table:
    """Each page by its slowest address."""
    slowest: dict[str, Timed] = {}
    for each in sorted(found, key=lambda timed: timed.p95):
        slowest[each.asked.page] = each
    rows = [_row(each, pace) for each in sorted(slowest.values(), key=lambda timed: -timed.p95)]
    note = f"A hello world of Flask takes {pace:.1f} times as long as on the reference machine, so {_goal(pace)}."
    return Table("console", "Pages of the console, the slowest address of each", HEADINGS, rows, [note])


def _goal(pace: float) -> str:
    return f"95 of 100 answers may take {GOAL * pace:.0f} ms"


def _row(timed: Timed, pace: float) -> list[str]:
    turns = len(timed.milliseconds)
    figures = (timed.p50, timed.p95, timed.cpu / turns, timed.database_cpu / turns, timed.statements, timed.size / 1000)
    name = f"{timed.asked.page}{' (first bytes)' if timed.is_file else ''}"
    return [name, *map(number, figures), "reached" if timed.p95 <= GOAL * pace else "NOT REACHED"]


def told(found: Sequence[Timed]) -> Iterator[Mapping[str, object]]:
    """Every address, for JSON."""
    for each in found:
        figures = {"p50": round(each.p50, 2), "p95": round(each.p95, 2)}
        yield {**figures, **asdict(each), "milliseconds": [round(one, 2) for one in each.milliseconds]}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print and write; answers 1 where a page is too slow, or is not there."""
    options = _options(arguments)
    with cluster() as postgresql:
        source = {
            "date": machines.today(),
            **machines.machine(),
            **machines.versions(),
            "PostgreSQL": postgresql.version(),
        }
        try:
            found, pace = _measured(postgresql, options)
        except Unmeasurable as error:
            print(error, file=sys.stderr)
            return 1
    shown = table(found, pace)
    print(shown.text())
    options.json.parent.mkdir(parents=True, exist_ok=True)
    document = {"source": source, "pace": pace, "table": shown.told(), "addresses": list(told(found))}
    options.json.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    return int(any(each.p95 > GOAL * pace for each in found))


def _measured(postgresql: Cluster, options: argparse.Namespace) -> tuple[list[Timed], float]:
    url = postgresql.database()
    estate = prepare(url, options.people, options.groups, options.log)
    world = build(url)
    try:
        console = Console(world, estate, postgresql.pid)
        return console.measured(options.rounds), console.pace
    finally:
        world.installation.database.dispose()
        databases.drop(url)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--groups", type=int, default=GROUPS)
    parser.add_argument("--log", type=int, default=LOG, metavar="ROWS")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each address is asked")
    parser.add_argument("--json", type=Path, default=Path("var/console.json"), metavar="FILE")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    end_in_order()
    sys.exit(main())
