"""Measuring operations at a running server: rounds that take turns, CPU read from /proc, medians."""

import json
import sqlite3
import time
import urllib.request
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from urllib.parse import quote

import psycopg

from benchmarks import measures
from benchmarks.drivers import CONNECTIONS, Answered, Request, Target, Unmeasurable, drive
from benchmarks.figures import Figure
from benchmarks.loads import Directory
from benchmarks.operations import FASTEST, PAGE, Operation, Site
from benchmarks.servers import Server

DEEP = 9_900
FLUSH = 1.2
"""Seconds after which the log of reads is written (`services/log_buffers.py`)."""
LONGEST_BEHIND = 600
"""Seconds that a server may need to do what it has put off."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how often: rounds, each of so many seconds, over so many connections."""

    rounds: int = 5
    seconds: int = 5
    connections: int = CONNECTIONS


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


def site_of(target: Target, directory: Directory) -> Site:
    """The site, once somebody has walked as far down the list as DEEP, or to the last page of a shorter one."""
    cursor = ""
    for _ in range(0, min(DEEP, directory.size - PAGE), PAGE):
        address = f"http://{target.host}{directory.base}/Users?count={PAGE}&cursor={quote(cursor)}"
        cursor = str(json.loads(_fetch(address, target))["nextCursor"])
    return Site(directory, cursor)


def measured(
    operations: Sequence[Operation],
    site: Site,
    target: Target,
    costs: Costs,
    plan: Plan,
    folder: Path,
    after_round: Callable[[], None] = lambda: None,
) -> dict[str, Figure]:
    """Each operation's median. A first round of a second warms up and does not count.

    Operations take turns; `after_round` may take one as well.
    """
    found: dict[str, list[Figure]] = {each.name: [] for each in operations}
    for number in range(plan.rounds + 1):
        seconds = plan.seconds if number else 1
        for operation in operations:
            figure = _round(operation, site, target, costs, Plan(1, seconds, plan.connections), folder)
            if number:
                found[operation.name].append(figure)
        if number:
            after_round()
    return {name: Figure.median(rounds) for name, rounds in found.items()}


def figure_of(answered: Answered, before: tuple[float, float], after: tuple[float, float], behind: float) -> Figure:
    """The figure of one round, CPU read before it and after all that followed from it."""
    if not answered.requests:
        raise Unmeasurable("Nothing was answered.")
    server, database = ((now - was) / answered.requests * 1e6 for was, now in zip(before, after, strict=True))
    times = (answered.p50 * 1e3, answered.p99 * 1e3, answered.longest * 1e3)
    return Figure(answered.requests / answered.seconds, *times, server, database, behind)


def caught_up(url: str) -> float:
    """Wait until the server has done what it put off; answers the seconds that took: log and audit trail."""
    begun = time.perf_counter()
    time.sleep(FLUSH)
    while _unsealed(url):
        if time.perf_counter() - begun > LONGEST_BEHIND:
            raise Unmeasurable(f"The audit trail is not sealed {LONGEST_BEHIND} s after the last request.")
        time.sleep(0.05)
    return time.perf_counter() - begun - FLUSH


def _round(operation: Operation, site: Site, target: Target, costs: Costs, plan: Plan, folder: Path) -> Figure:
    requests: Iterable[Request] = operation.requests(site)
    if operation.once:
        requests = list(islice(requests, plan.seconds * FASTEST))
    before = costs.read()
    answered = drive(
        target,
        requests,
        folder / "requests",
        seconds=plan.seconds,
        once=operation.once,
        connections=plan.connections,
    )
    behind = caught_up(site.directory.url)
    figure = figure_of(answered, before, costs.read(), behind)
    if operation.undo is not None and isinstance(requests, list):
        drive(target, operation.undo(site, requests[: answered.sent]), folder / "requests", once=True)
        caught_up(site.directory.url)
    return figure


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
