"""Sending to webhooks: a job's events over a few connections that are kept, those of one person in order over one.

A lane ends at the first event that the receiver fails at, and so do all: what it does not get now it gets later, in
order. Behind an event that is refused those of the same person are not sent.
"""

import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from threading import Event
from zlib import crc32

from scim_server.domain.tenants import Tenant
from scim_server.domain.webhooks import Attempt, Kind, Sending, Verdict
from scim_server.services.delivering import Job, take
from scim_server.services.delivery_outcomes import settle
from scim_server.services.ports import Units, Web, WebSession
from scim_server.services.webhook_attempts import post

LANES = 8
"""Requests to one webhook at the same time."""
BUSY = 30.0
"""Seconds after which a job begins no other request: with the last one it is over before its lease."""
TURN = 10
"""Jobs of one webhook, one after the other, before others have their turn."""
_WAY_OUT = frozenset({Verdict.FAILED, Verdict.GONE})
_BEHIND = Attempt(Verdict.BEHIND)


def deliver(units: Units, web: Web, tenant: Tenant, webhook_id: str, stopped: Event) -> int:
    """Send a webhook what is due, job by job; answers how many requests that took. Raises what the store does."""
    sent = 0
    for _ in range(TURN):
        job = None if stopped.is_set() else take(units, tenant, webhook_id)
        if job is None:
            break
        attempts = _Delivery(job, web, stopped).run()
        sent += len(attempts)
        if not settle(units, job, attempts):
            break
    return sent


@dataclass(slots=True)
class _Delivery:
    """One job on its way. `attempts` are by the places of the sendings."""

    job: Job
    web: Web
    stopped: Event
    attempts: dict[int, Attempt] = field(default_factory=dict)
    over: Event = field(default_factory=Event)
    ends: float = field(default_factory=lambda: time.monotonic() + BUSY)

    def run(self) -> dict[int, Attempt]:
        lanes: dict[int, list[int]] = defaultdict(list)
        for place, sending in enumerate(self.job.sendings):
            lanes[crc32(sending.event.subject.key.encode()) % LANES].append(place)
        if len(lanes) == 1:
            self._drive(next(iter(lanes.values())))
        elif lanes:
            with ThreadPoolExecutor(len(lanes), "webhook-lane") as pool:
                list(pool.map(self._drive, lanes.values()))
        return self.attempts

    def _drive(self, places: list[int]) -> None:
        refused: set[str] = set()
        with closing(self.web.session(self.job.webhook.url)) as session:
            for place in places:
                if self.over.is_set() or self.stopped.is_set() or time.monotonic() > self.ends:
                    return
                self._attempt(session, place, self.job.sendings[place], refused)

    def _attempt(self, session: WebSession, place: int, sending: Sending, refused: set[str]) -> None:
        event = sending.event
        if event.subject.key in refused and sending.kind is not Kind.REPLAY:
            self.attempts[place] = _BEHIND
            return
        attempt = post(session, self.job.secrets, event.id, sending.body)
        self.attempts[place] = attempt
        if attempt.verdict in _WAY_OUT:
            self.over.set()
        elif attempt.verdict is Verdict.REFUSED and sending.kind is not Kind.REPLAY:
            refused.add(event.subject.key)
