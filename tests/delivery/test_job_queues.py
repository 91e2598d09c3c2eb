"""Chores of PostgreSQL are jobs: each is taken by one of the workers there are, at once, and none is lost for good."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from scim_server.delivery.job_queues import AT_ONCE, CHORE, LOST, QUEUE, JobQueue
from scim_server.delivery.job_threads import BellThread, JobThread
from scim_server.domain.errors import Unavailable
from scim_server.services.chore_threads import Bell
from scim_server.services.chores import Chore
from scim_server.services.ports import Units
from scim_server.store.poolers import driver_address
from scim_server.store.walls import ROLE
from tests import databases
from tests.cli.commands import free_port, started
from tests.worlds import World

PATIENCE = 30.0


@pytest.fixture(params=["postgresql"])
def database_url(request: pytest.FixtureRequest, postgresql_databases: databases.Fresh) -> Iterator[str]:
    url = postgresql_databases()
    yield url
    databases.drop(url)


class Deed:
    """Something that a chore does, and how often it was done."""

    def __init__(self) -> None:
        self._done = threading.Semaphore(0)
        self.count = 0

    def __call__(self, _units: Units) -> int:
        self.count += 1
        self._done.release()
        return 1

    def await_(self) -> None:
        assert self._done.acquire(timeout=PATIENCE)

    def chore(self, name: str) -> Chore:
        return Chore(name, timedelta(hours=1), "Does what the test wants.", self)


def queue_of(world: World, *chores: Chore) -> JobQueue:
    queue = world.installation.job_queue()
    assert queue is not None
    return replace(queue, chores=chores)


@contextmanager
def working(queue: JobQueue, count: int = 1, rests: float = 0.0) -> Iterator[list[JobThread]]:
    threads = [JobThread(queue, rests) for _ in range(count)]
    for each in threads:
        each.start()
    try:
        yield threads
    finally:
        for each in threads:
            each.stop()


def counted(world: World, statement: str) -> int:
    with psycopg.connect(world.installation.settings.database_url, autocommit=True) as connection:
        row = connection.execute(statement.encode()).fetchone()
    return 0 if row is None else int(row[0])


def test_of_several_workers_one_runs_what_is_due(world: World) -> None:
    due, wanted = Deed(), Deed()
    queue = queue_of(world, due.chore("due"), wanted.chore("wanted"))
    with working(queue, 3):
        due.await_()
        wanted.await_()
        for count in range(2, 5):
            queue.put("wanted")
            wanted.await_()
            assert (due.count, wanted.count) == (1, count)
    assert counted(world, "SELECT count(*) FROM procrastinate_jobs") == 0
    assert counted(world, "SELECT count(*) FROM procrastinate_workers") == 0


def test_one_that_is_stopped_while_it_begins_ends(world: World) -> None:
    """Whatever it is at: to connect, to look, to tell that it is there."""
    queue, pause = queue_of(world, Deed().chore("due")), threading.Event()
    for milliseconds in range(0, 60, 3):
        thread = JobThread(queue)
        thread.start()
        pause.wait(milliseconds / 1000)
        thread.stop()
        assert "jobs" not in {each.name for each in threading.enumerate()}, milliseconds


def test_what_a_request_leaves_to_do_is_done_elsewhere(world: World) -> None:
    """By a worker that is told of it, not when it looks the next time."""
    deed, bell = Deed(), Bell()
    queue = queue_of(world, deed.chore("mails"))
    BellThread(queue, bell).start()
    with working(queue):
        deed.await_()
        bell.ring("mails")
        bell.ring("mails")
        deed.await_()
    assert deed.count <= 3


def test_what_is_put_while_nobody_works_waits_once(world: World) -> None:
    deed = Deed()
    queue = queue_of(world, deed.chore("mails"))
    for _ in range(3):
        queue.put("mails")
    assert counted(world, "SELECT count(*) FROM procrastinate_jobs") == 1
    with working(queue):
        deed.await_()


def test_one_that_takes_long_keeps_no_other_waiting(world: World) -> None:
    free, deed = threading.Event(), Deed()

    def long(_units: Units) -> int:
        assert free.wait(PATIENCE)
        return 1

    with working(queue_of(world, Chore("long", timedelta(days=1), "Takes long.", long), deed.chore("short"))):
        deed.await_()
        free.set()


@pytest.mark.parametrize("error", [RuntimeError("it broke"), Unavailable("the moon is full")])
def test_one_that_fails_ends_no_worker(world: World, error: Exception) -> None:
    deed = Deed()

    def fail(_units: Units) -> int:
        raise error

    queue = queue_of(world, Chore("failing", timedelta(days=1), "Fails.", fail), deed.chore("mails"))
    with working(queue):
        deed.await_()
        queue.put("failing")
        queue.put("mails")
        deed.await_()


def test_a_worker_that_stops_breaks_a_chore_in_steps_off(world: World) -> None:
    begun, steps = threading.Event(), 0

    def stepping(_units: Units) -> Iterator[int]:
        nonlocal steps
        while True:
            steps += 1
            begun.set()
            yield 1
            time.sleep(0.001)

    with working(queue_of(world, Chore("endless", timedelta(days=1), "Never ends.", stepping)), rests=0.1):
        assert begun.wait(PATIENCE)
    after = steps
    assert counted(world, "SELECT count(*) FROM procrastinate_jobs WHERE status <> 'todo'") == 0
    assert steps == after


def test_a_job_whose_worker_was_killed_is_forgotten_and_the_chore_runs_again(world: World) -> None:
    deed = Deed()
    queue = queue_of(world, deed.chore("mails"))
    with psycopg.connect(world.installation.settings.database_url, autocommit=True) as connection:
        lost = f"INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '{2 * LOST} seconds')"
        connection.execute(lost.encode())
        connection.execute(
            b"INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, worker_id) SELECT %s, %s, "
            b"""'{"name": "mails", "now": true}', 'doing', max(id) FROM procrastinate_workers""",
            (QUEUE, CHORE),
        )
    with working(queue):
        deed.await_()
        queue.put("mails")
        deed.await_()
    assert counted(world, "SELECT count(*) FROM procrastinate_jobs") == 0


@pytest.mark.parametrize("command", ["worker", "serve"])
def test_a_process_runs_all_chores_by_the_queue(world: World, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.setenv("SCIM_DATABASE_URL", world.installation.settings.database_url)
    wanted = len(world.installation.chores)
    port = ("--bind", f"127.0.0.1:{free_port()}") if command == "serve" else ()
    ends = time.monotonic() + PATIENCE
    with started(command, *port) as process:
        while counted(world, "SELECT count(*) FROM chore_leases") < wanted:
            assert time.monotonic() < ends
            time.sleep(0.05)
        process.terminate()
        assert process.wait(PATIENCE) == 0


def test_what_takes_long_is_done_in_turn_and_what_is_wanted_goes_first(world: World) -> None:
    """However many long ones are due, one of them runs at a time, and no other waits for them."""
    free, running, most = threading.Event(), [0], [0]
    guard = threading.Lock()

    def long(_units: Units) -> int:
        with guard:
            running[0] += 1
            most[0] = max(most[0], running[0])
        assert free.wait(PATIENCE)
        with guard:
            running[0] -= 1
        return 1

    minute, wanted = Deed(), Deed()
    chores = [Chore(f"long-{number}", timedelta(days=1), "Takes long.", long) for number in range(2 * AT_ONCE)]
    short = Chore("minute", timedelta(minutes=1), "Does what the test wants.", minute)
    queue = queue_of(world, *chores, short, wanted.chore("wanted"))
    with working(queue):
        minute.await_()
        queue.put("wanted")
        wanted.await_()
        free.set()
    assert most == [1]


@pytest.mark.parametrize("lost", ["postgresql://nobody:x@127.0.0.1:1/none"])
def test_a_bell_is_heard_again_when_the_database_is_back(
    world: World, lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scim_server.delivery.job_queues.REACHES", 1)
    deed, bell, gone = Deed(), Bell(), threading.Event()
    queue = queue_of(world, deed.chore("mails"))

    class Unreliable(JobQueue):
        """Out of reach at first."""

        def put(self, name: str) -> None:
            if not gone.is_set():
                gone.set()
                replace(queue, conninfo=driver_address(lost)).put(name)
            queue.put(name)

    BellThread(Unreliable(queue.conninfo, queue.listens, queue.units, queue.chores), bell).start()
    with working(queue):
        deed.await_()
        bell.ring("mails")
        assert gone.wait(PATIENCE)
        bell.ring("mails")
        deed.await_()


def test_it_connects_as_the_store_does(world: World) -> None:
    """In the role of the application, whoever logs in, and to the first of several hosts that answers."""
    url = world.installation.settings.database_url
    with psycopg.connect(driver_address(url)) as connection:
        assert connection.execute("SELECT current_user").fetchone() == (ROLE,)
    assert "host=one,two" in driver_address("postgresql://u:p@/db?host=one:5432&host=two:5433")
    assert "role" not in driver_address("postgresql://u:p@bouncer/db?pooler=transaction")
