"""What it takes to bring people in from a file: `python -m benchmarks.imports [PEOPLE] [DATABASE...]`.

Time, CPU time and the most memory of a process that reads a file of PEOPLE (100,000 unless given), checks it and
carries it out, on each DATABASE (postgresql and sqlite unless given). The file gives everybody one or two products, of
which there are enough, and puts everybody into one of 50 groups, two of which have a rule. The exit status is 1 where
PostgreSQL takes longer than 60 seconds to check, 300 to carry out, or more than 300 MB.
"""

import csv
import resource
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from scim_server.domain.imports import Mode
from scim_server.services import import_trials, importing
from tests import databases
from tests.worlds import CAUSE, build

PEOPLE = 100_000
GROUPS = 50
MOST_SECONDS = {"check": 60.0, "run": 300.0}
MOST_MEGABYTES = 300.0
HEADINGS = ("database", "mode", "read", "check", "run", "rows/s", "CPU", "peak MB")


def main() -> None:
    """Print one line per database and mode."""
    if sys.argv[1:2] == ["measure"]:
        _measure(*sys.argv[2:])
        return
    people = int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE
    slow = False
    print(_line(*HEADINGS), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "people.csv"
        _write(file, people)
        for kind in sys.argv[2:] or ("postgresql", "sqlite"):
            for mode in Mode:
                slow |= _run(kind, mode, file, people) and kind == "postgresql"
    sys.exit(slow)


def _run(kind: str, mode: Mode, file: Path, people: int) -> bool:
    """Measure in a process of its own, so that memory is that of nothing else; whether it takes too much."""
    with databases.scratch_folder() as folder:
        if kind == "sqlite":
            return _measured(databases.sqlite_databases(folder)(), kind, mode, file, people)
        with databases.postgresql_databases() as fresh:
            return _measured(fresh(), kind, mode, file, people)


def _measured(url: str, kind: str, mode: Mode, file: Path, people: int) -> bool:
    command = [sys.executable, "-m", "benchmarks.imports", "measure", url, mode, str(file), str(people)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    read, check, run, cpu, megabytes = map(float, answer.stdout.split())
    seconds = (f"{each:.1f} s" for each in (read, check, run))
    figures = (*seconds, f"{people / run:.0f}", f"{cpu:.0f} s", f"{megabytes:.0f}")
    print(_line(kind, mode, *figures), flush=True)
    return check > MOST_SECONDS["check"] or run > MOST_SECONDS["run"] or megabytes > MOST_MEGABYTES


def _measure(url: str, mode: str, file: str, people: str) -> None:
    """Prepare a tenant, and print seconds to read, check and run, and megabytes."""
    world = build(url)
    world.sell("meeting", "webinar:meeting", "training")
    acme = world.tenant()
    for product in ("meeting", "webinar", "training"):
        world.buy(acme, product, int(people))
    okta = world.connect(acme)
    for number in range(GROUPS):
        okta.create_group(f"Group {number}")
    world.rule(acme, "Group 1", "training")
    world.rule(acme, "Group 2", "webinar")
    moments = [time.perf_counter()]
    with Path(file).open("rb") as stream:
        job = importing.read(world.units, acme, CAUSE, importing.Source(stream, "people.csv", 1_000_000_000))
    moments.append(time.perf_counter())
    checked = import_trials.check(world.units, acme, CAUSE, job.id)
    moments.append(time.perf_counter())
    done = importing.run(world.units, acme, CAUSE, job.id, Mode(mode))
    moments.append(time.perf_counter())
    assert checked.counts == done.counts == {"create": int(people)}, (checked.counts, done.counts)
    seconds = [f"{after - before:.3f}" for before, after in pairwise(moments)]
    print(*seconds, time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _write(file: Path, people: int) -> None:
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["email", "first_name", "last_name", "products", "role", "groups", "language"])
        for number in range(people):
            products = "webinar|training" if number % 5 == 0 else "meeting"
            writer.writerow(
                [
                    f"person{number}@example.com",
                    f"First{number}",
                    f"Last{number % 1000}",
                    products,
                    "",
                    f"Group {number % GROUPS}",
                    "de",
                ]
            )


def _line(*cells: str) -> str:
    return "".join(f"{cell:<16}" if column < 2 else f"{cell:>10}" for column, cell in enumerate(cells))


if __name__ == "__main__":
    main()
