"""Asynchronous requests: each sender's one after the other, those of several senders side by side.

No tenant keeps others waiting, however many senders and requests of its own it has: those that were served longest ago
come first, and none has more than its share at the same time.
"""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from threading import Event

import structlog

from scim_server.domain.errors import Unavailable
from scim_server.domain.instants import Instant, later
from scim_server.domain.tenants import Tenant
from scim_server.services.chore_threads import Bell
from scim_server.services.completing import due_senders
from scim_server.services.ports import Units

AT_ONCE, OF_TENANT = 4, 2
"""Senders whose requests one process carries out at the same time, and those of one tenant among them."""
IN_SIGHT = 100
"""Senders of a cell among whom it is looked for those whose turn it is."""
HELD_BACK = timedelta(seconds=10)
"""How long a process leaves a sender alone whose requests it could not even take."""
Run = Callable[[Tenant, str, Event], int]
"""Carries out what a sender has waiting, until it is another's turn; answers how many requests were."""

_log = structlog.get_logger("scim_server.delivery")
_Key = tuple[str, str]


@dataclass
class RequestQueues:
    """Those of all senders. `run` knows how requests are carried out."""

    units: Units
    run: Run
    news: Bell
    stopped: Event
    _busy: dict[_Key, Future[int | None]] = field(default_factory=dict)
    _held: dict[_Key, Instant] = field(default_factory=dict)
    _turns: "count[int]" = field(default_factory=lambda: count(1))
    _served: dict[str, int] = field(default_factory=dict)
    """When each tenant had its last turn."""

    def begin(self, pool: ThreadPoolExecutor) -> bool:
        """Begin what is due and nobody is at; whether anything is going on. Raises what the store does."""
        for key in [key for key, future in self._busy.items() if future.done()]:
            if self._busy.pop(key).result() is None:
                self._hold_back(key)
        for tenant, actor in self._next():
            self._busy[tenant.id, actor] = pool.submit(self._carry_out, tenant, actor)
        return bool(self._busy)

    def work_off(self) -> int:
        """Carry out what is due now, and what follows it; answers how many requests were. A sender whose requests
        cannot be carried out is passed over."""
        done = 0
        while not self.stopped.is_set() and (turn := self._next()):
            for tenant, actor in turn:
                carried_out = self._carry_out(tenant, actor)
                if not carried_out:
                    self._hold_back((tenant.id, actor))
                done += carried_out or 0
        return done

    def _next(self) -> list[tuple[Tenant, str]]:
        """Whose turn it is."""
        free = AT_ONCE - len(self._busy)
        if free <= 0:
            return []
        now = self.units.now()
        self._held = {key: until for key, until in self._held.items() if until > now}
        passed_over = self._busy.keys() | self._held.keys()
        due = due_senders(self.units, IN_SIGHT, OF_TENANT + len(passed_over))
        fresh = [(tenant, actor) for tenant, actor in due if (tenant.id, actor) not in passed_over]
        at = Counter(tenant_id for tenant_id, _ in self._busy)
        chosen: list[tuple[Tenant, str]] = []
        for tenant, actor in sorted(fresh, key=lambda each: self._served.get(each[0].id, 0)):
            if len(chosen) < free and at[tenant.id] < OF_TENANT:
                at[tenant.id] += 1
                self._served[tenant.id] = next(self._turns)
                chosen.append((tenant, actor))
        return chosen

    def _hold_back(self, key: _Key) -> None:
        self._held[key] = later(self.units.now(), HELD_BACK)

    def _carry_out(self, tenant: Tenant, actor: str) -> int | None:
        """How many requests of a sender were carried out; None where that failed. Only what was done is news: to look
        again at once for what failed would fail again."""
        try:
            done = self.run(tenant, actor, self.stopped)
        except Unavailable as error:
            _log.warning("asynchronous requests are put off", tenant=tenant.slug, actor=actor, reason=str(error))
            return None
        except Exception as error:
            _log.error("asynchronous requests are put off", tenant=tenant.slug, actor=actor, exc_info=error)
            return None
        if done:
            self.news.ring()
        return done
