"""Threads of a process that has jobs done by the queue, and of one that does them."""

import asyncio
import threading

import psycopg
import structlog
from procrastinate.exceptions import ConnectorException

from scim_server.delivery.job_queues import PATIENCE, JobQueue
from scim_server.services.chore_threads import Bell
from scim_server.services.endings import at_the_end

OUT_OF_REACH = (ConnectorException, psycopg.Error)
AGAIN = 5.0
"""Seconds until a queue that could not be reached is tried again."""
_log = structlog.get_logger("scim_server.chores")


class BellThread:
    """Puts into the queue what the requests of this process left to do."""

    def __init__(self, queue: JobQueue, bell: Bell) -> None:
        self._queue = queue
        self._bell = bell
        self._thread = threading.Thread(target=self._run, name="bell", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def _run(self) -> None:
        while True:
            for name in self._bell.wait(None):
                self._put(name)

    def _put(self, name: str) -> None:
        """What cannot be put is done when it is due. Nothing raised here may end the thread."""
        try:
            self._queue.put(name)
        except OUT_OF_REACH as error:
            _log.warning("a chore waits until it is due", chore=name, reason=str(error.__cause__ or error))
        except Exception as error:
            _log.error("a chore waits until it is due", chore=name, exc_info=error)


class JobThread:
    """Takes jobs until it is stopped, or the process ends. Nothing that fails ends it: the database may be back."""

    def __init__(self, queue: JobQueue, rests: float = 0.0) -> None:
        """`rests`: for how many times as long as a step of a chore took the next one waits."""
        self._queue = queue
        self._rests = rests
        self._stop = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._work: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)

    def start(self) -> None:
        self._thread.start()
        at_the_end(self, self.stop)

    def stop(self) -> None:
        """Begin nothing else, and wait for what is on its way."""
        self._stop.set()
        loop, work = self._loop, self._work
        if loop is not None and work is not None and not loop.is_closed():
            loop.call_soon_threadsafe(work.cancel)
        self._thread.join(PATIENCE + 1)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                asyncio.run(self._until_stopped())
            except OUT_OF_REACH as error:
                _log.warning("chores are put off", reason=str(error.__cause__ or error))
            except Exception as error:
                _log.error("chores are put off", exc_info=error)
            self._stop.wait(AGAIN)

    async def _until_stopped(self) -> None:
        self._loop, self._work = asyncio.get_running_loop(), asyncio.create_task(self._queue.work(self._rest))
        if self._stop.is_set():
            self._work.cancel()
        await asyncio.wait([self._work])
        if not self._work.cancelled() and (failure := self._work.exception()) is not None:
            raise failure

    def _rest(self, worked: float) -> bool:
        return not self._stop.wait(self._rests * worked) and not self._stop.is_set()
