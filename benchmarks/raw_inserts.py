"""The limit of a write: psycopg inserting what the server inserts for a new person, with nothing around it.

As many processes as the server has workers, each with as many connections as a worker has threads. Everybody's rows
are one transaction, its statements prepared and sent in one pipeline; the counters are raised in it as well.
"""

import json
import pickle
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg

from benchmarks import measures
from benchmarks.drivers import Answered
from benchmarks.figures import Figure
from benchmarks.loads import Directory, rows_of
from benchmarks.operations import FASTEST
from benchmarks.patterns import Pattern
from benchmarks.rounds import Plan, figure_of
from benchmarks.sinks import counting
from scim_server.app.capacities import THREADS
from scim_server.store.tables import metadata

Statement = tuple[bytes, tuple[Any, ...]]


def measure(directory: Directory, newcomers: Iterator[int], database_pid: int, plan: Plan, folder: Path) -> Figure:
    """One round, in which people of those numbers are taken in."""
    share = (plan.most or plan.seconds * FASTEST) // plan.workers
    files = []
    for number in range(plan.workers):
        files.append(folder / f"raw{number}")
        numbers = [next(newcomers) for _ in range(share)]
        with files[-1].open("wb") as file:
            pickle.dump(list(statements(directory, range(numbers[0], numbers[-1] + 1))), file)
    before = measures.cpu_seconds(database_pid)
    told = _run(directory.url, files, plan.seconds)
    after = measures.cpu_seconds(database_pid)
    taken = sorted(each for one in told for each in one["taken"])
    answered = Answered(
        len(taken),
        len(taken),
        max(one["seconds"] for one in told),
        taken[len(taken) // 2],
        taken[len(taken) * 99 // 100],
        taken[-1],
    )
    return figure_of(answered, (0.0, before), (sum(one["cpu"] for one in told), after), 0.0)


def statements(directory: Directory, numbers: range) -> Iterator[list[Statement]]:
    """What is executed for each of those people."""
    made = directory.pattern
    inserts = {table: _insert(made, table) for table in made.rows}
    order = [table.name for table in metadata.sorted_tables if table.name in made.rows]
    counters = [(counting(each, "%s").encode(), (each.by, *each.key)) for each in sorted(made.counters, key=repr)]
    for rows in rows_of(made, numbers):
        found = [(inserts[table], tuple(row.values())) for table in order for row in rows[table]]
        yield [*found, *counters]


def main(url: str, file: str, seconds: str) -> None:
    """The process that inserts: says that it is ready, waits for a line, inserts, and tells."""
    with Path(file).open("rb") as content:
        people: list[list[Statement]] = pickle.load(content)
    connections = [psycopg.connect(url, autocommit=True, prepare_threshold=0) for _ in range(THREADS)]
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    begun, cpu = time.perf_counter(), time.process_time()
    ends = begun + float(seconds)
    with ThreadPoolExecutor(THREADS) as threads:
        shares = [people[place::THREADS] for place in range(THREADS)]
        told = [
            threads.submit(_insert_all, connection, share, ends)
            for connection, share in zip(connections, shares, strict=True)
        ]
        taken = [each for one in told for each in one.result()]
    spent, cpu = time.perf_counter() - begun, time.process_time() - cpu
    sys.stdout.write(json.dumps({"taken": taken, "seconds": spent, "cpu": cpu}) + "\n")


def _insert_all(connection: psycopg.Connection[Any], people: Sequence[list[Statement]], ends: float) -> list[float]:
    taken = []
    for each in people:
        begun = time.perf_counter()
        if begun >= ends:
            break
        with connection.pipeline(), connection.transaction():
            for statement, values in each:
                connection.execute(statement, values)
        taken.append(time.perf_counter() - begun)
    return taken


def _insert(made: Pattern, table: str) -> bytes:
    names = ", ".join(f'"{name}"' for name in made.columns[table])
    return f'INSERT INTO "{table}" ({names}) VALUES ({", ".join("%s" for _ in made.columns[table])})'.encode()


def _run(url: str, files: Sequence[Path], seconds: int) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "benchmarks.raw_inserts", url]
    processes = [
        subprocess.Popen([*command, str(file), str(seconds)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for file in files
    ]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    return [json.loads(process.communicate()[0]) for process in processes]


if __name__ == "__main__":
    main(*sys.argv[1:])
