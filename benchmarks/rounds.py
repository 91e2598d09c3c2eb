"""Measuring operations at a running server: rounds that take turns, CPU read from /proc, medians."""

import json
import sqlite3
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import cycle, islice
from pathlib import Path
from urllib.parse import quote

import psycopg

from benchmarks import measures
from benchmarks.drivers import CONNECTIONS, Answered, Request, Target, Unmeasurable, drive
from benchmarks.figures import Figure
from benchmarks.loads import Directory
from benchmarks.operations import FASTEST, PAGE, Operation, Site
from benchmarks.servers import WORKERS, Server

DEEP = 9_900
FLUSH = 1.2
"""Seconds after which the log of reads is written (`services/log_buffers.py`)."""
LONGEST_BEHIND = 600
"""Seconds that a server may need to do what it has put off."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how often: rounds, each of so many seconds, over so many connections, at so many workers.

    With `most` a round is that many requests instead, however long they take.
    """

    rounds: int = 5
    seconds: int = 5
    connections: int = CONNECTIONS
    most: int = 0
    workers: int = WORKERS

    @property
    def flush(self) -> float:
        """Seconds to wait for the log of what was read: nobody waits where no figure is looked at."""
        return 0.0 if self.most else FLUSH

    def warming_up(self) -> "Plan":
        """A round that does not count."""
        return replace(self, seconds=1)

    def send(
        self, target: Target, requests: Iterable[Request], file: Path, *, once: bool
    ) -> tuple[list[Request], Answered]:
        """Send requests for a round, over and over or each `once`; answers all there were, and what came of them."""
        limit = self.most or self.seconds * FASTEST
        ready = list(islice(cycle(requests) if self.most else requests, limit))
        answered = drive(
            target,
            ready,
            file,
            seconds=None if self.most else self.seconds,
            once=once or self.most > 0,
            connections=self.connections,
        )
        return ready, answered


@dataclass(frozen=True, slots=True)
class Costs:
    """Whose CPU is read: the first process of the server, and that of the database, if it has any of its own."""

    server: int
    database: int | None = None

    def read(self) -> tuple[float, float]:
        """Seconds of CPU so far."""
        return measures.cpu_seconds(self.server), measures.cpu_seconds(self.database) if self.database else 0.0


def target_of(server: Server, directory: Directory) -> Target:
    """Where and with what token to send requests."""
    filler = Request("GET", f"{directory.base}/ServiceProviderConfig")
    return Target(server.host, filler, {"Authorization": f"Bearer {directory.token}"})


def site_of(target: Target, directory: Directory, numbers: Iterator[int]) -> Site:
    """The site, once somebody has walked as far down the list as DEEP, or to the last page of a shorter one."""
    cursor = ""
    for _ in range(0, min(DEEP, directory.size - PAGE), PAGE):
        address = f"http://{target.host}{directory.base}/Users?count={PAGE}&cursor={quote(cursor)}"
        cursor = str(json.loads(_fetch(address, target))["nextCursor"])
    return Site(directory.base, directory.people, directory.crowd, directory.members, numbers, cursor)


@dataclass(frozen=True, slots=True)
class Bench:
    """Where it is measured: a site at a server, whose costs are read; `folder` is for what is sent.

    `settle` waits until the server has done what it puts off, and answers the seconds that it was behind.
    """

    site: Site
    target: Target
    costs: Costs
    folder: Path
    settle: Callable[[], float]

    def measured(
        self, operations: Sequence[Operation], plan: Plan, after_round: Callable[[], None] = lambda: None
    ) -> dict[str, Figure]:
        """Each operation's median. They take turns, and after each round `after_round` may take one as well.

        A first round of a second warms up and does not count. Raises Unmeasurable.
        """
        for operation in operations:
            self._send(operation, plan.warming_up())
        found: dict[str, list[Figure]] = {each.name: [] for each in operations}
        for _ in range(plan.rounds):
            for operation in operations:
                found[operation.name].append(self._round(operation, plan))
            after_round()
        return {name: Figure.median(rounds) for name, rounds in found.items()}

    def _round(self, operation: Operation, plan: Plan) -> Figure:
        before = self.costs.read()
        answered, after, behind = self._send(operation, plan)
        return figure_of(answered, before, after, behind)

    def _send(self, operation: Operation, plan: Plan) -> tuple[Answered, tuple[float, float], float]:
        """What came of it, the CPU read when all was done, and the seconds that this was behind; then undo it."""
        file = self.folder / "requests"
        requests, answered = plan.send(self.target, operation.requests(self.site), file, once=operation.once)
        behind = self.settle()
        after = self.costs.read()
        if operation.undo is not None:
            self._undo(operation.undo(self.site, requests[: answered.sent]), file)
        return answered, after, behind

    def _undo(self, requests: Iterable[Request], file: Path) -> None:
        try:
            drive(self.target, requests, file, once=True)
        except Unmeasurable as error:
            raise Unmeasurable(f"What it did could not be undone. {error}") from error
        self.settle()


def figure_of(answered: Answered, before: tuple[float, float], after: tuple[float, float], behind: float) -> Figure:
    """The figure of one round, CPU read before it and after all that followed from it. Raises Unmeasurable."""
    if not answered.requests:
        raise Unmeasurable("Nothing was answered.")
    server, database = ((now - was) / answered.requests * 1e6 for was, now in zip(before, after, strict=True))
    times = (answered.p50 * 1e3, answered.p99 * 1e3, answered.longest * 1e3)
    return Figure(answered.requests / answered.seconds, *times, server, database, behind)


def caught_up(url: str, flush: float) -> float:
    """Wait until the server has done what it put off, log and audit trail; answers the seconds that it was behind."""
    time.sleep(flush)
    begun = time.perf_counter()
    while _unsealed(url):
        if time.perf_counter() - begun > LONGEST_BEHIND:
            raise Unmeasurable(f"The audit trail is not sealed {LONGEST_BEHIND} s after the last request.")
        time.sleep(0.05)
    return time.perf_counter() - begun


def _fetch(address: str, target: Target) -> bytes:
    request = urllib.request.Request(address, headers=target.headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        content: bytes = answer.read()
    return content


_UNSEALED = "SELECT 1 FROM audit WHERE sequence IS NULL LIMIT 1"


def _unsealed(url: str) -> bool:
    if url.startswith("sqlite:///"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=30)) as file:
            return file.execute(_UNSEALED).fetchone() is not None
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(_UNSEALED).fetchone() is not None
