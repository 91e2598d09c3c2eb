"""The worker: carries out asynchronous requests, gives events their positions and sends them, in one loop.

Any number of them works on any number of machines: relays take turns (`services/relaying.py`), and who sends to a
webhook has its lease (`services/delivering.py`), as has who carries out a request (`services/completing.py`).
"""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import structlog

from scim_server.delivery.paces import Pace
from scim_server.delivery.request_queues import AT_ONCE as SENDERS
from scim_server.delivery.request_queues import RequestQueues, Run
from scim_server.delivery.webhooks import Sender
from scim_server.domain.errors import Unavailable
from scim_server.domain.tenants import Tenant
from scim_server.services.chore_threads import Bell
from scim_server.services.delivering import due_webhooks
from scim_server.services.ports import TokenSigner, Units, Web
from scim_server.services.relaying import relay
from scim_server.services.spreading import spread_new

AT_ONCE = 16
"""Webhooks that one process sends to at the same time."""
SHORTEST, LONGEST = 0.2, 1.0
"""Seconds between two looks: the shortest after something was to be done, longer and longer while nothing is. What is
committed within the shortest is placed together: a relay for each commit would double them."""
GAP, GAP_GIVING_WAY = 0.02, 0.2
"""Seconds between two looks however often the bell is rung, and while whoever provisions wants the whole machine."""
SPREAD = 5.0
"""Seconds between two looks for webhooks of the operator that tenants are to be set up for."""

_log = structlog.get_logger("scim_server.delivery")


@dataclass
class EventWorker:
    """Works until it is stopped. Nothing that fails ends it: the database may be back at the next look."""

    units: Units
    web: Web
    signer: TokenSigner
    news: Bell
    run_requests: Run
    _pace: Pace = field(default_factory=Pace)
    _stopped: threading.Event = field(default_factory=threading.Event)
    _placed: float = 0.0
    _spreading: Iterator[int] = field(default_factory=lambda: iter(()))
    _spread: float = 0.0
    _busy: dict[tuple[str, str], Future[int]] = field(default_factory=dict)

    def stop(self) -> None:
        """Begin nothing else; what is on its way is finished and settled."""
        self._stopped.set()
        self.news.ring()

    def run(self) -> None:
        """Work until `stop`."""
        pause = SHORTEST
        requests = self._queues()
        with ThreadPoolExecutor(AT_ONCE, "webhook") as pool, ThreadPoolExecutor(SENDERS, "async-request") as others:
            while not self._stopped.is_set():
                busy = self._guarded(lambda: requests.begin(others))
                busy |= self._guarded(self._spread_some)
                busy |= self._guarded(lambda: self._round(pool))
                pause = SHORTEST if busy else min(LONGEST, 1.5 * pause)
                self._stopped.wait(GAP_GIVING_WAY if self._pace.gives_way else GAP)
                self.news.wait(pause)

    def work_off(self) -> int:
        """Do what is due now, and what follows from it at once; answers how many requests were sent."""
        self._queues().work_off()
        sent, more = 0, True
        for _ in spread_new(self.units):
            if self._stopped.is_set():
                break
        while more and not self._stopped.is_set():
            relay(self.units)
            due = due_webhooks(self.units, AT_ONCE)
            with ThreadPoolExecutor(AT_ONCE, "webhook") as pool:
                sent += sum(pool.map(self._send, due))
            more = bool(due)
        return sent

    def _round(self, pool: ThreadPoolExecutor) -> bool:
        """Whether there was anything to do."""
        placed = self._relay()
        self._reap()
        free = AT_ONCE - len(self._busy)
        due = due_webhooks(self.units, AT_ONCE + len(self._busy)) if free else []
        fresh = [(tenant, each) for tenant, each in due if (tenant.id, each) not in self._busy][:free]
        for tenant, webhook_id in fresh:
            self._busy[tenant.id, webhook_id] = pool.submit(self._deliver, tenant, webhook_id)
        return bool(placed or fresh or self._busy)

    def _guarded(self, work: Callable[[], bool]) -> bool:
        """The same of any part of a round, whose failure the others outlive."""
        try:
            return work()
        except Unavailable as error:
            _log.warning("events are put off", reason=str(error))
        except Exception as error:
            _log.error("events are put off", exc_info=error)
        return False

    def _queues(self) -> RequestQueues:
        return RequestQueues(self.units, self.run_requests, self.news, self._stopped)

    def _spread_some(self) -> bool:
        """One step, so that whoever is sent to meanwhile does not wait; whether there may be another at once."""
        if next(self._spreading, None) is not None:
            return True
        if time.monotonic() < self._spread + SPREAD:
            return False
        self._spreading, self._spread = spread_new(self.units), time.monotonic()
        return next(self._spreading, None) is not None

    def _relay(self) -> bool:
        """Whether there was, or may be, anything to place."""
        if time.monotonic() < self._placed + (LONGEST if self._pace.gives_way else SHORTEST):
            return True
        placed = relay(self.units)
        if placed:
            self._placed = time.monotonic()
            self._pace.came(placed)
        return bool(placed)

    def _reap(self) -> None:
        for key in [key for key, future in self._busy.items() if future.done()]:
            del self._busy[key]

    def _send(self, due: tuple[Tenant, str]) -> int:
        tenant, webhook_id = due
        return Sender(self.units, self.web, self.signer, self._stopped, self._pace).deliver(tenant, webhook_id)

    def _deliver(self, tenant: Tenant, webhook_id: str) -> int:
        try:
            return self._send((tenant, webhook_id))
        except Unavailable as error:
            _log.warning("a webhook is put off", tenant=tenant.slug, webhook=webhook_id, reason=str(error))
        except Exception as error:
            _log.error("a webhook is put off", tenant=tenant.slug, webhook=webhook_id, exc_info=error)
        finally:
            self.news.ring()
        return 0
