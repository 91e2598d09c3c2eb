"""Carrying out asynchronous requests: each is taken under a lease, and what came of it is written with the change.

Whoever ends on the way has done an operation and written what came of it, or neither: whoever takes the request next
goes on behind what is written. One that lost its lease on the way cannot write anything any more (TakenOver).
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from scim_server.domain.async_requests import MOST_ATTEMPTS, AsyncRequest, Completion
from scim_server.domain.errors import WrongKey
from scim_server.domain.events import GROUP, USER, Subject
from scim_server.domain.instants import later
from scim_server.domain.tenants import Tenant
from scim_server.services.audit_entries import SoughtEntries
from scim_server.services.chores import cause, in_batches, step_by_step
from scim_server.services.log_entries import LogEntry, LoggedChange, Sought, earliest_id
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.relaying import each_cell
from scim_server.services.retrying import retried
from scim_server.services.tenancy import tenants

CHORE = "forget-async-requests"
LEASES = tuple(timedelta(seconds=60 * 2**number) for number in range(5))
"""How long a request is somebody's who begins it for the first time, the second, and so on: the first may have been
slow, not lost."""
LEASE = LEASES[0]
PAUSES = tuple(timedelta(seconds=each) for each in (1, 5, 15, 60, 300, 900, 1800))
"""After each attempt that the store refused. Later requests of the same sender wait as well."""
KEPT = timedelta(days=7)
BATCH = 500
MOST_ENTRIES = 100_000
"""Of the audit trail that one request is known by."""
CARRYING_OUT = cause("carry-out-requests")


class TakenOver(Exception):
    """Somebody else carries the request out by now: what was done just now is undone."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A request that is carried out, what came of it so far, and the lease it is held by."""

    request: AsyncRequest
    done: Sequence[Completion]
    holder: str

    @property
    def is_last_attempt(self) -> bool:
        """Whether it fails where the store refuses it once more."""
        return self.request.attempts >= MOST_ATTEMPTS

    @property
    def is_hopeless(self) -> bool:
        """Whether it was begun so often, without an end, that it is not begun again."""
        return self.request.attempts > MOST_ATTEMPTS


def due_senders(units: Units, most: int, of_tenant: int) -> list[tuple[Tenant, str]]:
    """Whose first request is due, of all tenants, so many at most in each cell and of each tenant."""
    found: list[tuple[Tenant, str]] = []

    def look(part: Units) -> int:
        with part.overview() as operator:
            found.extend(operator.due_async_requests(most, of_tenant))
        return len(found)

    each_cell(units, look)
    return found


@retried
def take(units: Units, tenant: Tenant, actor: str) -> Taken | None:
    """Take the first request of a sender; None where somebody else has it, it is not due, or cannot be read.

    It is read once it is known how often that was tried: no request is begun for ever.
    """
    with units.write(tenant, CARRYING_OUT) as uow:
        holder = uow.new_id()
        request = uow.async_requests.take(actor, holder, [later(uow.now, lease) for lease in LEASES])
        if request is None:
            return None
        taken = Taken(request, uow.async_requests.results([request.id])[request.id], holder)
        uow.commit()
    return _opened(units, tenant, taken)


def _opened(units: Units, tenant: Tenant, taken: Taken) -> Taken | None:
    try:
        with units.read(tenant) as uow:
            return replace(taken, request=replace(taken.request, body=uow.async_requests.body(taken.request.id)))
    except WrongKey as error:
        if taken.is_hopeless:
            return taken
        put_off(units, tenant, taken, str(error))
        return None


@retried
def stand_behind(units: Units, tenant: Tenant, actor: str) -> None:
    """Let other senders have their turn before what that one has still waiting."""
    with units.write(tenant, CARRYING_OUT) as uow:
        uow.async_requests.stand_behind(actor)
        uow.commit()


def write_down(uow: UnitOfWork, taken: Taken, *completions: Completion) -> None:
    """Write what came of operations with whatever else the transaction does; of a request that is no Bulk that it is
    over, its first log entry making room for the second. Raises TakenOver."""
    request = taken.request
    if request.is_bulk:
        is_held = uow.async_requests.hold(request.id, taken.holder, later(uow.now, LEASE))
    else:
        is_held = uow.async_requests.finish(request.id, taken.holder)
        uow.log.forget(request.id)
    if not is_held:
        raise TakenOver(request.id)
    uow.async_requests.add_results(request.id, completions)
    for each in completions:
        uow.publish_last(each.event(uow.tenant.id, request.txn(each.number)))


@retried
def fail(units: Units, tenant: Tenant, taken: Taken, entry: LogEntry | None, completions: Sequence[Completion]) -> None:
    """Write that operations failed, or that a request did, with its log entry: without one, that it was accepted says
    what came of it. Raises TakenOver."""
    with units.write(tenant, CARRYING_OUT) as uow:
        if not taken.request.is_bulk:
            entry = entry or _amended(uow, taken, completions[0])
        write_down(uow, taken, *completions)
        uow.log.add([] if taken.request.is_bulk or entry is None else [entry])
        uow.commit()


def _amended(uow: UnitOfWork, taken: Taken, completion: Completion) -> LogEntry | None:
    """The entry that the request got when it was accepted, saying how it failed."""
    found = uow.log.find(Sought(limit=1, request_id=taken.request.id))
    detail = str((completion.response or {}).get("detail", ""))
    return replace(found[0], status=int(completion.status), detail=detail) if found else None


def results_of(units: Units, tenant: Tenant, taken: Taken) -> Sequence[Completion]:
    """What came of the request up to now."""
    with units.read(tenant) as uow:
        return uow.async_requests.results([taken.request.id])[taken.request.id]


def known_of(units: Units, tenant: Tenant, request_id: str) -> tuple[LogEntry | None, list[LoggedChange]]:
    """The log entry of the request of that id, and all that it changed, in order, whichever process did it."""
    with units.read(tenant) as uow:
        entries = uow.log.find(Sought(limit=1, request_id=request_id))
        found = uow.trail.find(SoughtEntries(MOST_ENTRIES, request_id=request_id))
        changes = [LoggedChange(each.object_type, each.object_id, each.action) for each in reversed(found)]
        return next(iter(entries), None), changes


def known_among(units: Units, tenant: Tenant, subjects: Collection[Subject]) -> set[Subject]:
    """Those of the people and groups that are there."""
    people, groups = ([each.id for each in subjects if each.kind == kind] for kind in (USER, GROUP))
    if not people and not groups:
        return set()
    with units.read(tenant) as uow:
        found = {Subject(USER, each.id) for each in uow.users.some(people)} if people else set()
        return found | ({Subject(GROUP, each.id) for each in uow.groups.some(groups)} if groups else set())


@retried
def finish(units: Units, tenant: Tenant, taken: Taken, entry: LogEntry | None) -> None:
    """Write that all operations of a Bulk are done, with its log entry. Raises TakenOver."""
    with units.write(tenant, CARRYING_OUT) as uow:
        if not uow.async_requests.finish(taken.request.id, taken.holder):
            raise TakenOver(taken.request.id)
        if entry is not None:
            uow.log.forget(taken.request.id)
            uow.log.add([entry])
        uow.commit()


@retried
def put_off(units: Units, tenant: Tenant, taken: Taken, trouble: str | None) -> None:
    """Let a request go that the store refused for now; without any trouble one that others are to go on with at
    once."""
    pause = timedelta() if trouble is None else PAUSES[min(taken.request.attempts, len(PAUSES)) - 1]
    with units.write(tenant, CARRYING_OUT) as uow:
        uow.async_requests.let_go(taken.request.id, taken.holder, later(uow.now, pause), trouble)
        uow.commit()


def forget_finished(units: Units) -> Iterator[int]:
    """The chore: forget what came of requests a week ago; answers how many, batch by batch."""
    yield from step_by_step(tenants(units), lambda tenant: in_batches(BATCH, lambda: _forget(units, tenant)))


@retried
def _forget(units: Units, tenant: Tenant) -> int:
    with units.write(tenant, CARRYING_OUT) as uow:
        forgotten = uow.async_requests.forget(earliest_id(later(uow.now, -KEPT)), BATCH)
        uow.commit()
        return forgotten
