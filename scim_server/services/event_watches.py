"""Waiting for events: however many wait, one thread of the process looks into the database for all of them."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import structlog

from scim_server.domain.errors import Unavailable
from scim_server.domain.tenants import Tenant
from scim_server.services.ports import Units

EVERY = 0.2
"""Seconds between two looks while somebody waits."""
IDLE = 1.0
"""Seconds after which, while nobody does, it is asked whether the process ends."""

_log = structlog.get_logger("scim_server.events")


class EventWatch:
    """Lets `room` requests wait, until `is_over` says that the process ends; a look is begun when one does.

    Threads do not survive a fork: the first who waits starts this one.
    """

    def __init__(self, units: Units, room: int, is_over: Callable[[], bool] = lambda: False) -> None:
        self._units, self._room, self._is_over = units, room, is_over
        self._changed, self._begun = threading.Condition(), threading.Event()
        self._waiting: Counter[str] = Counter()
        self._last: dict[str, int] = {}
        self._thread: threading.Thread | None = None

    def wait(self, tenant: Tenant, position: int, seconds: float) -> bool:
        """As `pulling.Watch` has it."""
        with self._changed, self._counted(tenant.id) as has_room:
            if not has_room or self._is_over():
                return False
            self._ensure_thread()
            self._changed.wait_for(lambda: self._is_over() or self._known(tenant.id) > position, seconds)
            return self._known(tenant.id) > position

    @property
    def waiting(self) -> int:
        """How many wait."""
        with self._changed:
            return self._waiting.total()

    def _known(self, tenant_id: str) -> int:
        """The last position that is known of."""
        return self._last.get(tenant_id, 0)

    @contextmanager
    def _counted(self, tenant_id: str) -> Iterator[bool]:
        has_room = self._waiting.total() < self._room
        self._waiting[tenant_id] += has_room
        try:
            yield has_room
        finally:
            self._waiting[tenant_id] -= has_room
            if self._waiting[tenant_id] <= 0:
                del self._waiting[tenant_id]
                self._last.pop(tenant_id, None)

    def _ensure_thread(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="events", daemon=True)
            self._thread.start()
        self._begun.set()

    def _run(self) -> None:
        while not self._is_over():
            with self._changed:
                wanted = list(self._waiting)
            if wanted:
                self._tell(self._look(wanted))
                time.sleep(EVERY)
            else:
                self._begun.wait(IDLE)
                self._begun.clear()
        with self._changed:
            self._changed.notify_all()

    def _tell(self, found: Mapping[str, int]) -> None:
        """Wake everybody where somebody has something new: nobody is woken for nothing."""
        with self._changed:
            new = {each: last for each, last in found.items() if each in self._waiting and last > self._known(each)}
            self._last.update(new)
            if new:
                self._changed.notify_all()

    def _look(self, tenant_ids: list[str]) -> dict[str, int]:
        """The last positions of those tenants, each as the cell has it that knows most."""
        found: dict[str, int] = {}
        for part in self._units.parts():
            for tenant_id, last in _last_positions(part, tenant_ids).items():
                found[tenant_id] = max(last, found.get(tenant_id, 0))
        return found


def _last_positions(part: Units, tenant_ids: list[str]) -> Mapping[str, int]:
    """As one cell has them; of one that is down nothing, and those who wait for others are woken all the same."""
    try:
        with part.overview() as operator:
            return operator.last_positions(tenant_ids)
    except Unavailable as error:
        _log.warning("the database cannot be asked for events", reason=str(error))
    except Exception as error:
        _log.error("the database cannot be asked for events", exc_info=error)
    return {}
