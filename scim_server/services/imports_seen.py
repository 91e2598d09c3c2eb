"""Imports as somebody sees them who decides about them: who brought each, and what every row would bring about."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from scim_server.domain.imports import (
    COLUMNS,
    FIRST,
    GROUPS,
    LANGUAGE,
    LAST,
    PRODUCTS,
    ROLE,
    Import,
    ImportRow,
    State,
    Verdict,
)
from scim_server.domain.seat_forecasts import SeatForecast
from scim_server.domain.tenants import Tenant
from scim_server.services.actors import Actors
from scim_server.services.csv_rows import Cell, csv_lines
from scim_server.services.enrolling import Enrolment
from scim_server.services.import_checks import Judge
from scim_server.services.import_facts import look
from scim_server.services.import_runs import no_import
from scim_server.services.importing import BATCH, rows_of
from scim_server.services.ports import UnitOfWork, Units

_PERSONAL = (FIRST, LAST, LANGUAGE)


@dataclass(frozen=True, slots=True)
class SeenImport:
    """An import, and what is called so who brought it, if that has a name and is still there."""

    job: Import
    by: str | None


@dataclass(frozen=True, slots=True)
class SeenRow:
    """A row with what it gives, groups by name, and the columns that change who the person is.

    Of one that is yet to be carried out, what the person has already is left out.
    """

    row: ImportRow
    products: tuple[str, ...]
    roles: tuple[str, ...]
    groups: tuple[str, ...]
    changes: tuple[str, ...]


def page(units: Units, tenant: Tenant, before: str | None, most: int) -> list[SeenImport]:
    """The imports that are older than that one, or the latest, newest first."""
    with units.read(tenant) as uow:
        return _seen(uow, uow.imports.before(before, most))


def one(units: Units, tenant: Tenant, import_id: str) -> SeenImport:
    """One import; raises Missing."""
    with units.read(tenant) as uow:
        job = uow.imports.get(import_id)
        if job is None:
            raise no_import(tenant, import_id)
        return _seen(uow, [job])[0]


def rows(
    units: Units, tenant: Tenant, job: Import, after: int, most: int, verdict: Verdict | None = None
) -> list[SeenRow]:
    """The next rows of an import, of one verdict or all, with what they give as things are now."""
    with units.read(tenant) as uow:
        found = uow.imports.rows_after(job.id, after, most, [] if verdict is None else [verdict])
        if job.state is not State.READY or not found:
            return [_as_written(row) for row in found]
        known = look(uow, job.id, found, locking=False)
        forecast = SeatForecast.of(known.catalogue, uow.ledger.subscriptions())
    judged = Judge(known, forecast, job.max_role).judge(found)
    names = {group.id: name for name, groups in known.groups.items() for group in groups}
    return [
        _as_written(row) if each.enrolment is None else _as_planned(row, each.enrolment, names)
        for row, each in zip(found, judged, strict=True)
    ]


def lines(units: Units, tenant: Tenant) -> Iterator[bytes]:
    """Every import as CSV, newest first, with how many rows have which verdict."""
    verdicts = [verdict.value for verdict in Verdict]
    return csv_lines(
        ["id", "file", "state", "mode", "brought_by", "created", "finished", "rows", "done", *verdicts],
        (_import_cells(seen, verdicts) for seen in _every_import(units, tenant)),
    )


def verdict_lines(units: Units, tenant: Tenant, import_id: str, verdict: Verdict | None = None) -> Iterator[bytes]:
    """The rows with their lines, verdicts and reasons as CSV, of one verdict or all. Raises Missing."""
    columns = one(units, tenant, import_id).job.columns
    named = [column for column in COLUMNS if column in columns]
    return csv_lines(
        ["line", *named, "verdict", "reason"],
        (_row_cells(row, named) for row in _every_row(units, tenant, import_id, verdict)),
    )


def _as_written(row: ImportRow) -> SeenRow:
    changes = tuple(column for column in _PERSONAL if row.cell(column))
    return SeenRow(row, row.several(PRODUCTS), row.several(ROLE), row.several(GROUPS), changes)


def _as_planned(row: ImportRow, enrolment: Enrolment, names: Mapping[str, str]) -> SeenRow:
    edit, new = enrolment.edit, enrolment.newcomer is not None
    texts = [row.cell(column) for column in _PERSONAL] if new else [edit.first, edit.last, edit.language]
    changes = tuple(column for column, text in zip(_PERSONAL, texts, strict=True) if text)
    groups = tuple(names[group_id] for group_id in enrolment.groups)
    return SeenRow(row, enrolment.products, enrolment.roles, groups, changes)


def _import_cells(seen: SeenImport, verdicts: Sequence[str]) -> list[Cell]:
    job = seen.job
    counts = [job.counts.get(verdict, 0) for verdict in verdicts]
    who = seen.by or job.actor
    return [job.id, job.file_name, job.state, job.mode, who, job.created, job.finished, job.rows, job.done, *counts]


def _every_import(units: Units, tenant: Tenant) -> Iterator[SeenImport]:
    before = None
    while found := page(units, tenant, before, BATCH):
        yield from found
        before = found[-1].job.id


def _row_cells(row: ImportRow, named: Collection[str]) -> list[Cell]:
    return [row.line, *(row.cell(column) for column in named), row.verdict, row.reason]


def _every_row(units: Units, tenant: Tenant, import_id: str, verdict: Verdict | None) -> Iterator[ImportRow]:
    number = 0
    while found := rows_of(units, tenant, import_id, number, BATCH, verdict):
        yield from found
        number = found[-1].number


def _seen(uow: UnitOfWork, jobs: Collection[Import]) -> list[SeenImport]:
    names = Actors.among(uow, {job.actor for job in jobs}).names
    return [SeenImport(job, names.get(job.actor)) for job in jobs]
