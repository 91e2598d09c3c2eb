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

from scim_server.domain.tenants import Tenant
from scim_server.domain.webhooks import Attempt, Kind, Sending, Verdict
from scim_server.services.delivering import Job, take
from scim_server.services.delivery_outcomes import settle
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


def deliver(units: Units, web: Web, signer: TokenSigner, tenant: Tenant, receiver_id: str, stopped: Event) -> int:
    """Send a webhook or a stream what is due, job by job; answers how many events that were. Raises what the store
    does."""
    sent = 0
    for _ in range(TURN):
        job = None if stopped.is_set() else take(units, tenant, receiver_id, signer.issuer(tenant))
        if job is None:
            break
        attempts = _Delivery(job, web, signer, stopped).run()
        sent += len(attempts)
        if not settle(units, job, attempts):
            break
    return sent


@dataclass(slots=True)
class _Delivery:
    """One job on its way. `attempts` are by the places of the sendings."""

    job: Job
    web: Web
    signer: TokenSigner
    stopped: Event
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
        with closing(self.web.session(self.job.receiver.url or "")) as session:
            for place in places:
                sending = self.job.sendings[place]
                if self.over.is_set() or self.stopped.is_set() or self._has_begun_its_last(sending):
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
            attempt = push(session, self.signer, self.job.secrets, sending, ends=self.begun + BUSY)
        else:
            attempt = post(session, self.job.secrets, event.id, sending.body)
        self.attempts[place] = attempt
        if attempt.verdict in _WAY_OUT:
            self.over.set()
        elif attempt.verdict is Verdict.REFUSED and sending.kind is not Kind.REPLAY:
            refused.add(event.subject.key)
