"""Asynchronous requests: each sender's one after the other, those of several senders side by side."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event

import structlog

from scim_server.domain.errors import Unavailable
from scim_server.domain.tenants import Tenant
from scim_server.services.chore_threads import Bell
from scim_server.services.completing import due_senders
from scim_server.services.ports import Units

AT_ONCE = 4
"""Senders whose requests one process carries out at the same time."""
Run = Callable[[Tenant, str, Event], int]
"""Carries out what a sender has waiting, until it is another's turn; answers how many requests were."""

_log = structlog.get_logger("scim_server.delivery")


@dataclass
class RequestQueues:
    """Those of all senders. `run` knows how requests are carried out."""

    units: Units
    run: Run
    news: Bell
    stopped: Event
    _busy: dict[tuple[str, str], Future[None]] = field(default_factory=dict)

    def begin(self, pool: ThreadPoolExecutor) -> bool:
        """Begin what is due and nobody is at; whether anything is going on. Raises what the store does."""
        for key in [key for key, future in self._busy.items() if future.done()]:
            del self._busy[key]
        free = AT_ONCE - len(self._busy)
        due = due_senders(self.units, AT_ONCE + len(self._busy)) if free > 0 else []
        fresh = [(tenant, actor) for tenant, actor in due if (tenant.id, actor) not in self._busy][:free]
        for tenant, actor in fresh:
            self._busy[tenant.id, actor] = pool.submit(self._carry_out, tenant, actor)
        return bool(self._busy)

    def work_off(self) -> int:
        """Carry out what is due now, and what follows it; answers how many requests were."""
        done = 0
        while (due := due_senders(self.units, AT_ONCE)) and not self.stopped.is_set():
            done += (turn := sum(self.run(tenant, actor, self.stopped) for tenant, actor in due))
            if not turn:
                break
        return done

    def _carry_out(self, tenant: Tenant, actor: str) -> None:
        try:
            self.run(tenant, actor, self.stopped)
        except Unavailable as error:
            _log.warning("asynchronous requests are put off", tenant=tenant.slug, actor=actor, reason=str(error))
        except Exception as error:
            _log.error("asynchronous requests are put off", tenant=tenant.slug, actor=actor, exc_info=error)
        finally:
            self.news.ring()
