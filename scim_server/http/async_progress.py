"""How far an asynchronous request is, written down as it is carried out (RFC 9967 sections 2.5.1.2 and 2.5.1.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from threading import Event
from typing import Any

from scim_server.domain.async_requests import AsyncRequest, Completion
from scim_server.domain.errors import Forbidden, Unavailable
from scim_server.domain.events import GROUP, USER, Subject
from scim_server.domain.instants import Instant, later
from scim_server.domain.tenants import Tenant
from scim_server.http.bulk import SUCCESS
from scim_server.http.errors import refusal_of
from scim_server.http.kept_requests import Target, targets_of
from scim_server.http.provisioning_logs import telling
from scim_server.http.senders import sender
from scim_server.oauth.bearers import Bearer
from scim_server.protocol.messages import error_body
from scim_server.protocol.registry import Registry
from scim_server.protocol.versions import entity_tag
from scim_server.resources.progress import Carried
from scim_server.services.completing import (
    Taken,
    TakenOver,
    fail,
    finish,
    known_among,
    known_of,
    put_off,
    results_of,
    write_down,
)
from scim_server.services.log_entries import LogEntry
from scim_server.services.ports import UnitOfWork, Units

SUBJECTS = {"User": USER, "Group": GROUP}
"""The kinds of subjects of events, by resource type."""
LOOKS = timedelta(seconds=5)
"""Between two looks whether whoever sent a Bulk is still there."""
GONE = "Whoever sent the request is gone or suspended, or its token was revoked, so it was not carried out."
FORBIDDEN, REFUSED, UNAVAILABLE = 403, 400, 503
LONGEST_DETAIL, LONGEST_NAME, LONGEST_METHOD = 1000, 512, 20
"""Characters of what is said of an operation that failed, and of what it names: an event is small."""


class Interrupted(Unavailable):
    """The process is about to end: somebody else goes on."""


@dataclass
class AsyncProgress:
    """That of one request that this process has taken, in a tenant whose base address is `base_url`.

    `bearer` sent it; None where they are gone. `entry` is that of the log, where no transaction took it along.
    """

    units: Units
    tenant: Tenant
    base_url: str
    registry: Registry
    taken: Taken
    stopped: Event
    bearer: Bearer | None
    entry: LogEntry | None = field(default=None)
    looked: Instant = field(default="", init=False)
    """When it was looked last whether whoever sent it is there."""

    def __post_init__(self) -> None:
        self.looked = self.units.now()

    @property
    def request(self) -> AsyncRequest:
        return self.taken.request

    @cached_property
    def made(self) -> Mapping[int, str | None]:
        return {each.number: None if each.failed else each.resource_id for each in self.taken.done}

    @property
    def failures(self) -> int:
        return sum(each.failed for each in self.taken.done)

    @property
    def note(self) -> str:
        """What the provisioning log says of it."""
        now, accepted = (datetime.fromisoformat(each) for each in (self.units.now(), self.request.accepted))
        return f"carried out {(now - accepted).total_seconds():.1f} s after it was accepted (respond-async)"

    def go_on(self) -> None:
        if self.stopped.is_set():
            raise Interrupted("this process ends")
        now = self.units.now()
        if now >= later(self.looked, LOOKS):
            self.looked = now
            if sender(self.units, self.tenant, self.request.actor, self.request.token_id) is None:
                raise Forbidden(GONE)

    def is_broken_off_by(self, error: Exception) -> bool:
        if isinstance(error, TakenOver | Interrupted):
            return True
        return isinstance(error, Unavailable) and not self.taken.is_last_attempt

    def carried_out(self, uow: UnitOfWork, *carried: Carried) -> None:
        write_down(uow, self.taken, *map(self._done, carried))

    def failed(self, *carried: Carried) -> None:
        """With each the Error that it would have been answered with."""
        responses = [refusal_of(each.error, self.request.id).body for each in carried if each.error is not None]
        self._fail([_target(each) for each in carried], responses)

    def refuse(self, why: str) -> None:
        """Write that nothing more of the request is carried out."""
        self._refuse(error_body(FORBIDDEN, None, why))

    def end(self, status: int, body: Mapping[str, Any] | None) -> bool:
        """Write what the request came to, as far as it is not written; whether it is over. Raises TakenOver."""
        if status == UNAVAILABLE and (self.stopped.is_set() or not self.taken.is_last_attempt):
            trouble = None if self.stopped.is_set() else str((body or {}).get("detail", ""))
            put_off(self.units, self.tenant, self.taken, trouble)
            return False
        if status >= REFUSED:
            self._refuse(body or error_body(status, None, ""))
        elif self.request.is_bulk:
            self._finish()
        return True

    def _finish(self) -> None:
        """With the entry, which has all that the Bulk changed: what others did of it before is in the trail alone."""
        entry = self.entry
        if self.taken.done:
            accepted, changes = known_of(self.units, self.tenant, self.request.id)
            latest = entry or accepted
            entry = None if latest is None else telling(latest, changes)
        finish(self.units, self.tenant, self.taken, entry)

    def _refuse(self, response: Mapping[str, Any]) -> None:
        over = {each.number for each in results_of(self.units, self.tenant, self.taken)}
        targets = [each for each in targets_of(self.request, self.registry) if each.number not in over]
        self._fail(targets, [response] * len(targets))
        if self.request.is_bulk:
            self._finish()

    def _done(self, carried: Carried) -> Completion:
        target = _target(carried)
        method = target.method or self.request.method
        version = None if carried.version is None else entity_tag(carried.version)
        subject = _subject(target)
        return Completion(
            carried.number,
            subject,
            method,
            str(SUCCESS[method]),
            _uri(target),
            self._location(target),
            version,
            carried.bulk_id and carried.bulk_id[:LONGEST_NAME],
        )

    def _fail(self, targets: Sequence[Target], responses: Sequence[Mapping[str, Any]]) -> None:
        subjects = {each.number: _subject(each) for each in targets}
        known = known_among(self.units, self.tenant, [each for each in subjects.values() if each is not None])
        completions = [
            Completion(
                target.number,
                subject if (subject := subjects[target.number]) in known else None,
                (target.method or self.request.method)[:LONGEST_METHOD],
                str(response["status"]),
                _uri(target),
                self._location(target),
                None,
                target.bulk_id and target.bulk_id[:LONGEST_NAME],
                {**response, "detail": str(response.get("detail", ""))[:LONGEST_DETAIL]},
            )
            for target, response in zip(targets, responses, strict=True)
        ]
        fail(self.units, self.tenant, self.taken, self.entry, completions)

    def _location(self, target: Target) -> str | None:
        uri = _uri(target)
        return None if uri is None else f"{self.base_url}{uri}"


def _target(carried: Carried) -> Target:
    return Target(carried.number, carried.method or "", carried.bulk_id, carried.kind, carried.resource_id)


def _uri(target: Target) -> str | None:
    if target.kind is None or target.resource_id is None or len(target.resource_id) > LONGEST_NAME:
        return None
    return f"{target.kind.endpoint}/{target.resource_id}"


def _subject(target: Target) -> Subject | None:
    kind = None if target.kind is None else SUBJECTS.get(target.kind.name)
    return None if kind is None or target.resource_id is None else Subject(kind, target.resource_id)
