"""A worker that is killed, as by `kill -9`, at a step of its way."""

import os
import signal
from collections.abc import Callable
from typing import Any

from scim_server.delivery import webhooks as sending
from scim_server.domain.particulars import Newcomer
from scim_server.oauth.security_event_tokens import SecurityEventTokens
from scim_server.services import joining, relaying, tenancy, token_pushes
from scim_server.store import relays
from scim_server.store.cursors import Cursors
from scim_server.store.deliveries import Deliveries
from scim_server.store.unit_of_work import UnitOfWork
from tests.receivers import LOOPBACK
from tests.worlds import CAUSE, build

AFTER_REQUESTS = 3
STEPS: dict[str, tuple[Any, str, bool, int]] = {
    "before the relay looks": (relaying, "_rounds", False, 1),
    "before positions are given": (relays, "place", False, 1),
    "before positions are committed": (relays, "place", True, 1),
    "when positions are committed": (relaying, "_place", True, 1),
    "before a webhook is taken": (sending, "take", False, 1),
    "before the lease is committed": (Cursors, "lease", True, 1),
    "when the lease is committed": (sending, "take", True, 1),
    "before the first request": (sending, "post", False, 1),
    "when the first request is answered": (sending, "post", True, 1),
    "when some requests are answered": (sending, "post", True, AFTER_REQUESTS),
    "before it is settled": (sending, "settle", False, 1),
    "before the log is committed": (Deliveries, "add", True, 1),
    "before the cursor is committed": (Cursors, "settle", True, 1),
    "when the cursor is committed": (sending, "settle", True, 1),
}
"""Each by the function that is called then, whether it is over, and how often."""
PUSHING: dict[str, tuple[Any, str, bool, int]] = {
    **{step: each for step, each in STEPS.items() if each[1] != "post"},
    "before the first event is pushed": (sending, "push", False, 1),
    "when some events are pushed": (sending, "push", True, AFTER_REQUESTS),
    "before a token is signed": (SecurityEventTokens, "sign", False, 1),
    "before the second token of an event": (token_pushes, "send", False, 2),
    "when the second token of an event is answered": (token_pushes, "send", True, 2),
}
"""The same of one that pushes to a stream."""
SERVING: dict[str, tuple[Any, str, bool, int]] = {
    "before the change is written": (UnitOfWork, "write_out", False, 1),
    "before the change is committed": (UnitOfWork, "write_out", True, 1),
    "when the change is committed": (UnitOfWork, "tell", False, 1),
}
"""The same of a process that serves a request, up to its answer."""


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def deadly(function: Callable[..., Any], over: bool, times: int) -> Callable[..., Any]:
    calls = iter(range(times, 0, -1))

    def run(*args: Any, **kwargs: Any) -> Any:
        last = next(calls) == 1
        if last and not over:
            die()
        answer = function(*args, **kwargs)
        if last:
            die()
        return answer

    return run


def main(url: str, step: str) -> None:
    owner, name, over, times = (STEPS | PUSHING | SERVING)[step]
    world = build(url, egress_networks=LOOPBACK)
    setattr(owner, name, deadly(getattr(owner, name), over, times))
    if step in STEPS | PUSHING:
        world.installation.event_worker().work_off()
    else:
        acme = tenancy.tenant(world.units, "acme")
        joining.add_person(world.units, acme, CAUSE, Newcomer("ana@acme.test", "Ana", "Silva"))
