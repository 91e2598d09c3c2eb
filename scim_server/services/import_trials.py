"""The dry run of an import: a verdict for every row, in order, and what the whole takes of each product."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from scim_server.domain.errors import Invalid
from scim_server.domain.events import Cause
from scim_server.domain.imports import Import, ImportRow, State, tallied
from scim_server.domain.instants import later
from scim_server.domain.seat_forecasts import SeatForecast
from scim_server.domain.tenants import Tenant
from scim_server.services.import_checks import Judge
from scim_server.services.import_facts import look
from scim_server.services.import_runs import LEASE, Progress, locked, no_import, nobody
from scim_server.services.ports import Units
from scim_server.services.retrying import retried

BATCH = 1000
"""Rows judged at once."""


@retried
def ask(units: Units, tenant: Tenant, cause: Cause, import_id: str) -> Import:
    """Have an import checked in the background, by whoever comes first. Raises Missing, Invalid where it has begun."""
    with units.write(tenant, cause) as uow:
        job = locked(uow, import_id)
        _refuse_begun(job)
        asked = replace(job, counts={}, seats=(), lease=uow.now)
        uow.imports.save(asked)
        uow.commit()
        return asked


def check(units: Units, tenant: Tenant, cause: Cause, import_id: str, progress: Progress = nobody) -> Import:
    """Say what would become of every row; changes nobody. Raises Missing, Invalid where the import has begun."""
    with units.read(tenant) as uow:
        job = uow.imports.get(import_id)
    if job is None:
        raise no_import(tenant, import_id)
    _refuse_begun(job)
    return _concluded(units, tenant, cause, dry_run(units, tenant, cause, job, progress))


def dry_run(units: Units, tenant: Tenant, cause: Cause, job: Import, progress: Progress = nobody) -> Import:
    """Judge all rows as things are, and save the verdicts; answers the import as it counts then, not saved."""
    with units.read(tenant) as uow:
        forecast = SeatForecast.of(uow.products.catalogue(), uow.ledger.subscriptions())
    counts: Counter[str] = Counter()
    number = 0
    while True:
        with units.read(tenant) as uow:
            rows = uow.imports.rows_after(job.id, number, BATCH)
            if not rows:
                return replace(job, counts=dict(counts), seats=forecast.supplies())
            known = look(uow, job.id, rows, locking=False)
        judged = [each.row for each in Judge(known, forecast, job.max_role).judge(rows)]
        counts.update(tallied(judged))
        _keep(units, tenant, cause, job, judged, counts)
        number = rows[-1].number
        progress(number)


@retried
def _keep(
    units: Units, tenant: Tenant, cause: Cause, job: Import, rows: Sequence[ImportRow], counts: Mapping[str, int]
) -> None:
    """Save verdicts and their counts so far, unless somebody else carried the import out meanwhile: its rows say what
    became of them."""
    with units.write(tenant, cause) as uow:
        present = locked(uow, job.id)
        if present.state is job.state:
            uow.imports.save_verdicts(job.id, rows)
            lease = later(uow.now, LEASE) if present.state is State.READY else present.lease
            uow.imports.save(replace(present, counts=dict(counts), lease=lease))
            uow.commit()


@retried
def _concluded(units: Units, tenant: Tenant, cause: Cause, expected: Import) -> Import:
    with units.write(tenant, cause) as uow:
        job = locked(uow, expected.id)
        _refuse_begun(job)
        checked = replace(job, counts=expected.counts, seats=expected.seats, lease=None)
        uow.imports.save(checked)
        uow.commit()
        return checked


def _refuse_begun(job: Import) -> None:
    if job.state is not State.READY:
        raise Invalid(f"Import {job.id} is {job.state}: only one that has not begun can be checked.")
