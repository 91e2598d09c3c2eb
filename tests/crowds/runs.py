"""A run: the crowd in its processes and the watch in another, then the verdict."""

import multiprocessing
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Barrier
from time import perf_counter

from tests.crowds.clients import EXPECTED, Answer, Client
from tests.crowds.towns import Town, found
from tests.crowds.verdicts import super_admins, verdict
from tests.crowds.watches import Sights, watch
from tests.worlds import World, build

PROCESSES = 4
CLIENTS = 16
"""Clients in all, as many in each process."""
PATIENCE = 120.0
"""Seconds until every process must be there."""


@dataclass(frozen=True)
class Report:
    """What came of a run. `wrong` is what the watch saw and the verdict found."""

    answers: Counter[Answer]
    seconds: float
    looks: int
    wrong: list[str]
    unexpected: dict[Answer, int] = field(init=False)

    def __post_init__(self) -> None:
        odd = {each: times for each, times in self.answers.items() if each[1] not in EXPECTED[each[0]]}
        object.__setattr__(self, "unexpected", odd)

    @property
    def by_status(self) -> dict[int, int]:
        counted: Counter[int] = Counter()
        for (_, status), times in self.answers.items():
            counted[status] += times
        return dict(sorted(counted.items()))


def run(world: World, database_url: str, operations: int) -> Report:
    """Let a crowd loose on a migrated database that knows no tenant yet."""
    town = found(world, database_url)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    share = operations // CLIENTS
    with context.Manager() as manager, ProcessPoolExecutor(PROCESSES + 1, mp_context=context) as pool:
        begun, over = manager.Event(), manager.Event()
        watching = pool.submit(watch, database_url, begun, over)
        begun.wait(PATIENCE)
        start = manager.Barrier(PROCESSES)
        try:
            parts = [pool.submit(act, town, number, share, start) for number in range(PROCESSES)]
            outcomes = [part.result() for part in parts]
        finally:
            over.set()
        sights: Sights = watching.result()
    answers = sum((answers for answers, _ in outcomes), Counter[Answer]())
    seconds = max(seconds for _, seconds in outcomes)
    left = [] if super_admins(world) else ["nobody is super admin any more"]
    return Report(answers, seconds, sights.looks, [*sights.wrong, *left, *verdict(world)])


def act(town: Town, process: int, steps: int, start: Barrier) -> tuple[Counter[Answer], float]:
    """The body of a process of its own: its share of the clients, in a thread each. Answers, and seconds taken."""
    world = build(town.database_url)
    numbers = range(process, CLIENTS, PROCESSES)
    clients = [Client(world, town, number) for number in numbers]
    start.wait(PATIENCE)
    begun = perf_counter()
    with ThreadPoolExecutor(len(clients)) as pool:
        answers = sum(pool.map(lambda client: client.run(steps), clients), Counter[Answer]())
    seconds = perf_counter() - begun
    world.installation.database.dispose()
    return answers, seconds
