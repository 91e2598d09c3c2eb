"""People brought in from files: a file is read, run, gone on with, called off; rows that are wrong are handed back."""

from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from typing import IO

from scim_server.domain.access import SUPER_ADMIN
from scim_server.domain.errors import Forbidden, Invalid
from scim_server.domain.events import Cause
from scim_server.domain.imports import GROUPS, PRODUCTS, REASON, Import, ImportRow, Mode, State, Verdict
from scim_server.domain.instants import later
from scim_server.domain.tenants import Tenant
from scim_server.services import tenancy
from scim_server.services.chores import cause as chore_cause
from scim_server.services.chores import for_each_tenant
from scim_server.services.csv_rows import csv_lines
from scim_server.services.import_files import ImportFile
from scim_server.services.import_runs import (
    LEASE,
    REFUSING,
    Progress,
    RowsRefused,
    begin,
    hold,
    locked,
    no_import,
    nobody,
    refuse,
    run_as_a_whole,
    run_batches,
    save,
)
from scim_server.services.import_trials import check, dry_run
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.retrying import retried

CHORE = "imports"
FORGET = "forget-imports"
KEPT = timedelta(days=30)
"""How long an import is kept after its last file or run: its rows are people's data."""
BATCH = 1000
"""Rows read or checked at once."""
MOST_BATCHES = 60
"""Of one import in one turn of the chore, so that other chores have theirs."""


WRITING = {PRODUCTS: "seats.write", GROUPS: "groups.write"}
"""The permissions that columns take besides; roles are looked at one by one."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read: its bytes, its name, and how many bytes it may have."""

    stream: IO[bytes]
    name: str
    most_bytes: int


def read(
    units: Units,
    tenant: Tenant,
    cause: Cause,
    source: Source,
    mode: Mode = Mode.ALL_OR_NOTHING,
    max_role: str = SUPER_ADMIN,
    progress: Progress = nobody,
    *,
    quiet: bool = False,
) -> Import:
    """Take in a file; nothing of it is carried out yet. Raises Invalid for one that cannot be used, and leaves nothing.

    An import grants roles up to `max_role`. Raises Forbidden where it has a column of what whoever brings it may not
    write.
    """
    file = ImportFile(source.stream, source.most_bytes)
    _check_columns(file.columns, cause)
    new = Import(
        "", source.name, "", mode, State.READING, cause.actor, "", file.columns, max_role=max_role, quiet=quiet
    )
    job = _begun(units, tenant, cause, new)
    try:
        following = file.rows()
        while rows := list(islice(following, BATCH)):
            job = _keep(units, tenant, cause, replace(job, rows=rows[-1].number), rows)
            progress(job.rows)
        if not job.rows:
            raise Invalid("The file has a header and no rows.")
        _weighed(units, tenant, cause)
        return _saved(units, tenant, cause, replace(job, state=State.READY, digest=file.digest, lease=None))
    except BaseException:
        _forget(units, tenant, cause, [job.id])
        raise


@retried
def _weighed(units: Units, tenant: Tenant, cause: Cause) -> None:
    with units.write(tenant, cause) as uow:
        uow.imports.weigh_rows()
        uow.commit()


def run(
    units: Units,
    tenant: Tenant,
    cause: Cause,
    import_id: str,
    mode: Mode | None = None,
    progress: Progress = nobody,
    *,
    quiet: bool | None = None,
) -> Import:
    """Carry out an import, or what is left of it, here and now. Raises Missing, Invalid where it is over.

    One that is to be all or nothing is checked first; where a row is refused the answer is `refused`.
    """
    job = begin(units, tenant, cause, import_id, mode, quiet=quiet, lease=LEASE)
    return advance(units, tenant, cause, job, progress)


def advance(
    units: Units, tenant: Tenant, cause: Cause, job: Import, progress: Progress = nobody, most: int | None = None
) -> Import:
    """Carry out what is left of a running import; of many rows so many batches at most."""
    cause = cause.quietly(job.quiet)
    if job.mode is Mode.BEST_EFFORT or job.state is not State.RUNNING:
        return run_batches(units, tenant, cause, job.id, progress, most)
    hold(units, tenant, cause, job.id)
    expected = dry_run(units, tenant, cause, job)
    if any(expected.counts.get(verdict.value) for verdict in REFUSING):
        return refuse(units, tenant, cause, expected)
    try:
        return run_as_a_whole(units, tenant, cause, job.id, progress)
    except RowsRefused as refused:
        return refuse(units, tenant, cause, expected, refused.rows)


@retried
def cancel(units: Units, tenant: Tenant, cause: Cause, import_id: str) -> Import:
    """Call off what is left of an import; what was carried out stays. Raises Missing, Invalid where it is over."""
    with units.write(tenant, cause) as uow:
        job = locked(uow, import_id)
        if not job.is_open:
            raise Invalid(f"Import {job.id} is {job.state}: there is nothing to call off.")
        cancelled = replace(job, state=State.CANCELLED, finished=uow.now, lease=None)
        save(uow, cancelled, job)
        uow.commit()
        return cancelled


def imports(units: Units, tenant: Tenant) -> list[Import]:
    """Every import of the tenant, oldest first."""
    with units.read(tenant) as uow:
        return uow.imports.all()


def one(units: Units, tenant: Tenant, import_id: str) -> Import:
    """One import; raises Missing."""
    with units.read(tenant) as uow:
        return _found(uow, import_id)


def rows_of(
    units: Units, tenant: Tenant, import_id: str, after: int, most: int, verdict: Verdict | None = None
) -> list[ImportRow]:
    """The next rows of an import, of one verdict or all. Raises Missing."""
    with units.read(tenant) as uow:
        _found(uow, import_id)
        return uow.imports.rows_after(import_id, after, most, [] if verdict is None else [verdict])


def errors(units: Units, tenant: Tenant, import_id: str) -> Iterator[bytes]:
    """The rows that could not be carried out as CSV, with the same columns and the reason. Raises Missing."""
    job = one(units, tenant, import_id)
    columns = [column for column in job.columns if column != REASON]
    refused = _refused(units, tenant, import_id)
    return csv_lines([*columns, REASON], ([*(row.cell(name) for name in columns), row.reason] for row in refused))


def take_up(units: Units) -> int:
    """The chore: go on with imports that are to be checked or to run, and that nobody is at work on, and forget those
    whose files were not read to the end; answers how many rows were carried out."""
    with units.overview() as operator:
        concerned = operator.tenants_with_lapsed_imports()
    return for_each_tenant(concerned, lambda tenant: _take_up(units, tenant))


def forget_imports(units: Units) -> int:
    """The chore: forget imports that nobody has touched for long, with their rows; answers how many."""
    return for_each_tenant(tenancy.tenants(units), lambda tenant: _forget_old(units, tenant))


def _check_columns(columns: Collection[str], cause: Cause) -> None:
    for column, permission in WRITING.items():
        if column in columns and cause.permits is not None and permission not in cause.permits:
            raise Forbidden(
                f"The column '{column}' needs a token with the scope '{permission}': use one, or leave the column out."
            )


def _take_up(units: Units, tenant: Tenant) -> int:
    done = 0
    with units.read(tenant) as uow:
        lapsed = [job for job in uow.imports.all() if job.is_busy and job.lease is not None and job.lease <= uow.now]
    for job in lapsed:
        by = replace(chore_cause(CHORE), actor=job.actor, request_id=job.id)
        if job.state is State.READING:
            _forget(units, tenant, by, [job.id])  # whoever read the file ended on the way, and the file with it
        elif job.state is State.RUNNING:
            after = advance(units, tenant, by, job, most=MOST_BATCHES)
            done += after.done - job.done
            if after.state is State.RUNNING:
                begin(units, tenant, by, job.id)  # for whoever comes first in the next turn
        else:
            with suppress(Invalid):  # somebody had it run, or called it off, while it was checked
                check(units, tenant, by, job.id)
    return done


def _forget_old(units: Units, tenant: Tenant) -> int:
    with units.read(tenant) as uow:
        limit = later(uow.now, -KEPT)
        old = [
            job.id
            for job in uow.imports.all()
            if job.state is not State.RUNNING and (job.finished or job.created) <= limit
        ]
    if old:
        _forget(units, tenant, chore_cause(FORGET), old)
    return len(old)


def _refused(units: Units, tenant: Tenant, import_id: str) -> Iterator[ImportRow]:
    number = 0
    while rows := rows_of(units, tenant, import_id, number, BATCH, Verdict.CONFLICT):
        yield from rows
        number = rows[-1].number


def _found(uow: UnitOfWork, import_id: str) -> Import:
    job = uow.imports.get(import_id)
    if job is None:
        raise no_import(uow.tenant, import_id)
    return job


@retried
def _begun(units: Units, tenant: Tenant, cause: Cause, job: Import) -> Import:
    with units.write(tenant, cause) as uow:
        begun = replace(job, id=uow.new_id(), created=uow.now, lease=later(uow.now, LEASE))
        uow.imports.add(begun)
        uow.commit()
        return begun


@retried
def _keep(units: Units, tenant: Tenant, cause: Cause, job: Import, rows: list[ImportRow]) -> Import:
    with units.write(tenant, cause) as uow:
        kept = replace(job, lease=later(uow.now, LEASE))
        uow.imports.add_rows(job.id, rows)
        uow.imports.save(kept)
        uow.commit()
        return kept


@retried
def _saved(units: Units, tenant: Tenant, cause: Cause, job: Import) -> Import:
    with units.write(tenant, cause) as uow:
        uow.imports.save(job)
        uow.commit()
        return job


@retried
def _forget(units: Units, tenant: Tenant, cause: Cause, import_ids: list[str]) -> None:
    with units.write(tenant, cause) as uow:
        uow.imports.remove(import_ids)
        uow.commit()
