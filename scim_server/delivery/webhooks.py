"""Sending to webhooks and streams: a job's events over a few kept connections, those of one person in order over one.

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

from scim_server.delivery.paces import Pace
from scim_server.domain.tenants import Tenant
from scim_server.domain.webhooks import Attempt, Kind, Sending, Verdict
from scim_server.services.delivering import Job, take
from scim_server.services.delivery_outcomes import Attempts, settle
from scim_server.services.ports import TokenSigner, Units, Web, WebSession
from scim_server.services.token_pushes import push
from scim_server.services.webhook_attempts import post

LANES = 8
"""Requests to one receiver at the same time."""
BUSY = 30.0
"""Seconds after which a job begins no other request: with the last one it is over before its lease."""
BUSY_PUSHING = 8.0
"""The same for events that may take several requests, one after the other: each has the time between the two."""
TURN = 10
"""Jobs of one receiver, one after the other, before others have their turn."""
_WAY_OUT = frozenset({Verdict.FAILED, Verdict.GONE})
_BEHIND = Attempt(Verdict.BEHIND)


@dataclass(frozen=True, slots=True)
class Sender:
    """What sends in one process, until it is `stopped`."""

    units: Units
    web: Web
    signer: TokenSigner
    stopped: Event
    pace: Pace

    def deliver(self, tenant: Tenant, receiver_id: str) -> int:
        """Send a webhook or a stream what is due, job by job; answers how many events that were. Raises what the store
        does."""
        sent = 0
        for _ in range(TURN):
            self.pace.rest(self.stopped)
            job = self._take(tenant, receiver_id)
            if job is None:
                break
            attempts = _Delivery(job, self).run()
            sent += len(attempts)
            goes_on = self._settle(job, attempts)
            self.pace.ended(job.waited)
            if not goes_on:
                break
        return sent

    def _take(self, tenant: Tenant, receiver_id: str) -> Job | None:
        if self.stopped.is_set():
            return None
        with self.pace.working():
            return take(self.units, tenant, receiver_id, self.signer.issuer(tenant))

    def _settle(self, job: Job, attempts: Attempts) -> bool:
        with self.pace.working():
            return settle(self.units, job, attempts)


@dataclass(slots=True)
class _Delivery:
    """One job on its way. `attempts` are by the places of the sendings."""

    job: Job
    sender: Sender
    attempts: dict[int, Attempt] = field(default_factory=dict)
    over: Event = field(default_factory=Event)
    begun: float = field(default_factory=time.monotonic)

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
        web = self.sender.web.session(self.job.receiver.url or "")
        with closing(web) as session, self.sender.pace.working():
            for place in places:
                sending = self.job.sendings[place]
                if self.over.is_set() or self.sender.stopped.is_set() or self._has_begun_its_last(sending):
                    return
                self._attempt(session, place, sending, refused)

    def _has_begun_its_last(self, sending: Sending) -> bool:
        return time.monotonic() > self.begun + (BUSY_PUSHING if sending.tokens else BUSY)

    def _attempt(self, session: WebSession, place: int, sending: Sending, refused: set[str]) -> None:
        event = sending.event
        if event.subject.key in refused and sending.kind is not Kind.REPLAY:
            self.attempts[place] = _BEHIND
            return
        if sending.tokens:
            attempt = push(session, self.sender.signer, self.job.secrets, sending, ends=self.begun + BUSY)
        else:
            attempt = post(session, self.job.secrets, event.id, sending.body)
        self.attempts[place] = attempt
        if attempt.verdict in _WAY_OUT:
            self.over.set()
        elif attempt.verdict is Verdict.REFUSED and sending.kind is not Kind.REPLAY:
            refused.add(event.subject.key)
