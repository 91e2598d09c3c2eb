"""Chores as jobs of a queue in PostgreSQL: whichever worker is free takes one, on any machine, and hears of it at once.

The queue is Procrastinate's. A job only names a chore: whether that is due, and whether anybody is at it already, say
the leases (`services/chores.py`). So one that comes twice does no harm, and one that is lost comes with the next look.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

import structlog
from procrastinate import App, PsycopgConnector
from procrastinate.connector import BaseConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Status
from procrastinate.sync_psycopg_connector import SyncPsycopgConnector
from procrastinate.worker import Worker
from psycopg_pool import ConnectionPool

from scim_server.domain.errors import Unavailable
from scim_server.services.chore_threads import go_through
from scim_server.services.chores import Chore, Rest, due, named, run_due, run_now
from scim_server.services.ports import Units

R = TypeVar("R")

_log = structlog.get_logger("scim_server.chores")

QUEUE, LONG = "chores", "long chores"
LOOK, CHORE = "look", "chore"
"""The kinds of jobs: to look which chores are due, and to run one."""
EVERY = "*/15 * * * * *"
"""When somebody looks, as cron has it, with seconds."""
AT_ONCE = 4
"""Chores that one worker is at."""
IN_TURN = timedelta(days=1)
"""What is done so seldom may take long: a worker does such one after the other, beside all others."""
URGENT, FREQUENT, USUAL = 2, 1, 0
"""Which jobs go first: those that somebody waits for, and chores that are done every minute."""
LOST = 60.0
"""Seconds that a worker has not been heard of, after which its jobs are taken for lost."""
POLLS, HEARS = 1.0, 5.0
"""Seconds between two looks for jobs: of a worker that is not told of new ones, and of one that is."""
PATIENCE = 10.0
"""Seconds that running chores get at the end; what they have not committed is not done."""
REACHES = 5
"""Seconds in which the database must be reached."""
DRIVER = {"prepare_threshold": None, "connect_timeout": REACHES}
CONNECTIONS = 4
"""Most of one worker to the queues: two for what is new there, the others for jobs and signs of life."""


@dataclass(frozen=True, slots=True)
class JobQueue:
    """The chores of an installation as jobs. `listens` where PostgreSQL can tell of new ones, which needs connections
    that no pooler shares. Opens nothing by itself."""

    conninfo: str
    listens: bool
    units: Units
    chores: Sequence[Chore] = field(repr=False)

    def put(self, name: str) -> None:
        """Have a chore run whether it is due or not, as soon as a worker is free.

        Raises ConnectorException, psycopg.Error.
        """
        app = App(connector=SyncPsycopgConnector())
        # A pool of the connector's own takes half a minute to find out that nobody is there.
        pool = ConnectionPool(self.conninfo, min_size=0, max_size=1, timeout=REACHES, open=False, kwargs=DRIVER)
        with pool, app.open(pool), suppress(AlreadyEnqueued):
            job = app.configure_task(CHORE, queue=QUEUE, priority=URGENT, queueing_lock=f"{name} now")
            job.defer(name=name, now=True)

    async def work(self, rest: Rest) -> None:
        """Take jobs until this is cancelled, and what runs has had its time to end.

        Raises ConnectorException, psycopg.Error.
        """
        connector = PsycopgConnector(conninfo=self.conninfo, min_size=1, max_size=CONNECTIONS, kwargs=DRIVER)
        app = self._app(connector, rest)
        try:
            async with app.open_async():
                _unless_cancelled()
                await self._look(app)
                _unless_cancelled()
                await _all(self._take(app, QUEUE, AT_ONCE), self._take(app, LONG, 1))
        finally:
            await connector.close_async()  # where the opening was broken off: what opens would never end by itself

    async def _take(self, app: App, queue: str, at_once: int) -> None:
        worker = Worker(
            app,
            queues=[queue],
            concurrency=at_once,
            install_signal_handlers=False,
            listen_notify=self.listens,
            fetch_job_polling_interval=HEARS if self.listens else POLLS,
            stalled_worker_timeout=LOST,
            shutdown_graceful_timeout=PATIENCE,
            delete_jobs="always",
        )
        # Stopped rather than cancelled, which as long as it begins may be lost on the way.
        running = asyncio.create_task(worker.run())  # type: ignore[no-untyped-call]
        try:
            await asyncio.shield(running)
        except asyncio.CancelledError:
            worker.stop()  # type: ignore[no-untyped-call]
            await running
            raise

    def _app(self, connector: BaseConnector, rest: Rest) -> App:
        app = App(connector=connector)

        @app.periodic(cron=EVERY)
        @app.task(name=LOOK, queue=QUEUE, queueing_lock=LOOK)
        async def look(timestamp: int) -> None:  # noqa: ARG001 the queue names the tick
            await self._look(app)

        @app.task(name=CHORE, queue=QUEUE)
        async def run(name: str, now: bool) -> None:
            await in_a_thread(lambda: self._run(name, rest, now=now))

        return app

    async def _look(self, app: App) -> None:
        """Have the chores run that are due, and forget jobs whose workers ended on the way."""
        for lost in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=LOST):
            with suppress(ConnectorException):  # another worker was quicker
                await app.job_manager.finish_job(lost, Status.FAILED, delete_job=True)
        for chore in await in_a_thread(self._due):
            job = app.configure_task(
                CHORE,
                queue=LONG if chore.every >= IN_TURN else QUEUE,
                queueing_lock=chore.name,
                priority=FREQUENT if chore.every <= timedelta(minutes=1) else USUAL,
            )
            with suppress(AlreadyEnqueued):
                await job.defer_async(name=chore.name, now=False)

    def _run(self, name: str, rest: Rest, *, now: bool) -> None:
        chores = named(self.chores, [name])
        turns = run_now(self.units, chores) if now else run_due(self.units, chores, rest)
        go_through(turns, is_over=lambda: False)

    def _due(self) -> list[Chore]:
        """None where the database cannot be reached: it may be back at the next look."""
        try:
            found = due(self.units, self.chores)
        except Unavailable as error:
            _log.warning("chores are put off", reason=str(error))
            return []
        return [chore for chore, when in found if when is None or when <= self.units.now()]


def _unless_cancelled() -> None:
    """Raises CancelledError where this task was cancelled: before Python 3.12 `asyncio.wait_for`, by which a pool waits
    for its connections, loses what comes in the moment that they are there."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def _all(*works: Coroutine[Any, Any, None]) -> None:
    """Until one of them ends, or this is cancelled, and the others have ended then. Raises what one of them does."""
    tasks = [asyncio.create_task(each) for each in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in tasks:
            each.cancel()
        await asyncio.wait(tasks)
    failures = (None if each.cancelled() else each.exception() for each in tasks)
    if (failure := next(filter(None, failures), None)) is not None:
        raise failure


async def in_a_thread(work: Callable[[], R]) -> R:
    """What comes of the work. Its thread keeps no process from ending, as those of the loop would."""
    loop = asyncio.get_running_loop()
    outcome: Future[R] = Future()

    def carry_out() -> None:
        outcome.set_running_or_notify_cancel()
        try:
            result = work()
        except BaseException as error:
            outcome.set_exception(error)
        else:
            outcome.set_result(result)

    threading.Thread(target=carry_out, name="chore", daemon=True).start()
    return await asyncio.wrap_future(outcome, loop=loop)
