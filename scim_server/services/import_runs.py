"""Running an import: batches of rows, each with its verdicts in one transaction, or all of them in a single one.

Whoever carries rows out holds the import's row, and `done` moves in the same transaction: a process may end at any
moment, and another one goes on with just the rows that are left.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from scim_server.domain.directory import Group
from scim_server.domain.errors import AddressTaken, Contention, Invalid, Missing, Taken
from scim_server.domain.events import Cause, Change
from scim_server.domain.imports import Import, ImportRow, Mode, State, Verdict, tallied
from scim_server.domain.instants import later
from scim_server.domain.seat_forecasts import SeatForecast
from scim_server.domain.seats import Policy, Seat
from scim_server.domain.tenants import Tenant
from scim_server.services import joining, provisioning
from scim_server.services.enrolling import enrol
from scim_server.services.import_checks import Judge, Judged
from scim_server.services.import_facts import Known, look
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.retrying import retried

BATCH = 500
"""Rows in one transaction: some hundred milliseconds of work, so that nobody else waits long for a seat."""
LEASE = timedelta(minutes=2)
"""How long a process may say nothing before another one takes an import up."""
LONG_LEASE = timedelta(hours=1)
"""The same for one that is a single transaction."""
REFUSING = frozenset({Verdict.CONFLICT, Verdict.PENDING})
"""What keeps a list from being brought in as a whole."""

Progress = Callable[[int], None]
"""Is told how many rows are done."""


def nobody(_done: int) -> None:
    """Progress that nobody looks at."""


class RowsRefused(Exception):
    """Rows of a list that was to be all or nothing cannot be carried out: these, with their verdicts."""

    def __init__(self, rows: Sequence[ImportRow]) -> None:
        super().__init__(f"{len(rows)} rows")
        self.rows = rows


@retried
def begin(
    units: Units,
    tenant: Tenant,
    cause: Cause,
    import_id: str,
    mode: Mode | None = None,
    *,
    quiet: bool | None = None,
    lease: timedelta = timedelta(),
) -> Import:
    """Let an import run, or go on, in the mode given or the one it has. Raises Missing, Invalid where it is over.

    Without a lease whoever comes first takes it up.
    """
    with units.write(tenant, cause) as uow:
        job = locked(uow, import_id)
        if not job.is_open:
            raise Invalid(f"Import {job.id} is {job.state}: there is nothing left to do.")
        if mode not in {None, job.mode} and job.done:
            raise Invalid(f"Import {job.id} has begun as {job.mode}: it can only go on that way.")
        begun = replace(
            job,
            state=State.RUNNING,
            mode=mode or job.mode,
            quiet=job.quiet if quiet is None else quiet,
            counts=job.counts if job.done else {},
            lease=later(uow.now, lease),
        )
        save(uow, begun, job)
        uow.commit()
        return begun


def run_batches(
    units: Units, tenant: Tenant, cause: Cause, import_id: str, progress: Progress, most: int | None = None
) -> Import:
    """Carry out what is left, so many batches at most; answers how the import stands then.

    One that is over or called off meanwhile is left alone. Raises Missing.
    """
    turns = 0
    while True:
        job = _run_batch(units, tenant, cause, import_id)
        progress(job.done)
        turns += 1
        if job.state is not State.RUNNING or turns == most:
            return job


def save(uow: UnitOfWork, job: Import, before: Import) -> None:
    """Save an import; that it begins or ends is noted in the audit trail."""
    uow.imports.save(job)
    if job.state is not before.state:
        uow.record(Change("import", job.id, f"import.{job.state}", _facts(before), _facts(job)))


def _facts(job: Import) -> dict[str, Any]:
    return {"file": job.file_name, "digest": job.digest, "mode": job.mode.value, "state": job.state.value}


def locked(uow: UnitOfWork, import_id: str) -> Import:
    """The import, nobody else's until this transaction ends. Raises Missing."""
    job = uow.imports.lock(import_id)
    if job is None:
        raise no_import(uow.tenant, import_id)
    return job


def no_import(tenant: Tenant, import_id: str) -> Missing:
    """The refusal of what concerns an import that is not there."""
    return Missing(
        f"Tenant '{tenant.slug}' has no import '{import_id}'. `scim-server import list {tenant.slug}` shows all."
    )


@retried
def _run_batch(units: Units, tenant: Tenant, cause: Cause, import_id: str) -> Import:
    with units.write(tenant, cause) as uow:
        provisioning.enter_groups(uow)
        job = locked(uow, import_id)
        if job.state is not State.RUNNING:
            return job
        rows = uow.imports.rows_after(job.id, job.done, BATCH)
        after = _counting(job, _carry_out(uow, job, rows)) if rows else job
        if len(rows) < BATCH:
            after = replace(after, state=State.DONE, finished=uow.now, lease=None)
        else:
            after = replace(after, lease=later(uow.now, LEASE))
        save(uow, after, job)
        uow.commit()
        return after


@retried
def hold(units: Units, tenant: Tenant, cause: Cause, import_id: str) -> None:
    """Keep others from an import that is a single transaction; they would only wait for it."""
    with units.write(tenant, cause) as uow:
        job = locked(uow, import_id)
        if job.state is State.RUNNING:
            uow.imports.save(replace(job, lease=later(uow.now, LONG_LEASE)))
            uow.commit()


@retried
def run_as_a_whole(units: Units, tenant: Tenant, cause: Cause, import_id: str, progress: Progress) -> Import:
    """Carry out every row or none, in one transaction, alone in the tenant. Raises RowsRefused, Missing."""
    with units.write(tenant, cause) as uow:
        uow.guard(exclusive=True)
        job = locked(uow, import_id)
        if job.state is not State.RUNNING:
            return job
        begun, job = job, replace(job, done=0, counts={})
        while rows := uow.imports.rows_after(job.id, job.done, BATCH):
            done = _carry_out(uow, job, rows)
            refused = [row for row in done if row.verdict in REFUSING]
            if refused:
                raise RowsRefused(refused)
            job = _counting(job, done)
            uow.unload()
            progress(job.done)
        job = replace(job, state=State.DONE, finished=uow.now, lease=None)
        save(uow, job, begun)
        uow.commit()
        return job


@retried
def refuse(
    units: Units, tenant: Tenant, cause: Cause, expected: Import, surprising: Sequence[ImportRow] = ()
) -> Import:
    """End an import of which nothing may be carried out, as not all of it can be.

    `expected` is how the dry run counted, `surprising` are rows of one batch that turned out to be otherwise.
    """
    with units.write(tenant, cause) as uow:
        job = locked(uow, expected.id)
        if job.state is not State.RUNNING:
            return job
        counts = Counter(expected.counts)
        if surprising:
            numbers = {row.number for row in surprising}
            judged = uow.imports.rows_after(job.id, min(numbers) - 1, BATCH)
            counts.subtract(tallied([row for row in judged if row.number in numbers]))
            counts.update(tallied(surprising))
            uow.imports.save_verdicts(job.id, surprising)
        failure = "Some rows cannot be carried out, so none was. Mend them, or run the file in mode best_effort."
        refused = replace(job, state=State.REFUSED, finished=uow.now, lease=None, failure=failure)
        refused = replace(refused, counts=dict(counts), seats=expected.seats)
        save(uow, refused, job)
        uow.commit()
        return refused


def _carry_out(uow: UnitOfWork, job: Import, rows: Sequence[ImportRow]) -> list[ImportRow]:
    """Judge rows as things are now and carry them out; answers them with what became of them, saved."""
    known = look(uow, job.id, rows, locking=True)
    subscriptions = uow.ledger.subscriptions()
    judged = Judge(known, SeatForecast.of(known.catalogue, subscriptions), job.max_role).judge(rows)
    try:
        users = enrol(uow, [each.enrolment for each in judged if each.enrolment is not None], _groups(known))
    except Taken as error:
        raise Contention(f"somebody came between: {error.detail}") from error
    for each in judged:
        if each.pending is not None:
            joining.keep_waiting(uow, replace(each.pending, quiet=job.quiet), AddressTaken(each.pending.address))
    seats = uow.ledger.seats([user.id for user in users.values()])
    refusing = {each.product for each in subscriptions if each.policy is Policy.REJECT}
    _check_refusing(judged, {number: user.id for number, user in users.items()}, seats, refusing)
    waiting: dict[str, list[str]] = {}
    for seat in seats:
        if not seat.counts:
            waiting.setdefault(seat.user_id, []).append(seat.product)
    done = [
        replace(each.row, user_id=users[each.row.number].id, waits=tuple(waiting.get(users[each.row.number].id, ())))
        if each.row.number in users
        else each.row
        for each in judged
    ]
    uow.imports.save_verdicts(job.id, done)
    return done


def _check_refusing(judged: Sequence[Judged], users: dict[int, str], seats: Sequence[Seat], refusing: set[str]) -> None:
    """Raises Contention where somebody would wait for a product whose subscription refuses: a seat was just taken."""
    asked = {
        (users[each.row.number], product)
        for each in judged
        if each.enrolment is not None
        for product in refusing.intersection(each.enrolment.products)
    }
    if any((seat.user_id, seat.product) in asked and not seat.counts for seat in seats):
        raise Contention("the last seat of a subscription was taken meanwhile")


def _groups(known: Known) -> dict[str, Group]:
    return {found[0].id: found[0] for found in known.groups.values()}


def _counting(job: Import, rows: Sequence[ImportRow]) -> Import:
    """The import with those rows done."""
    counts = Counter(job.counts)
    counts.update(tallied(rows))
    return replace(job, done=rows[-1].number, counts=dict(counts))
