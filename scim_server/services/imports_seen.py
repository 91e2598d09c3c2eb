"""Imports as somebody sees them who decides about them: who brought each, and its rows with their verdicts."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from scim_server.domain.imports import COLUMNS, Import, ImportRow, Verdict
from scim_server.domain.tenants import Tenant
from scim_server.services.actors import PERSON, people_among
from scim_server.services.csv_rows import Cell, csv_lines
from scim_server.services.import_runs import no_import
from scim_server.services.importing import BATCH, rows_of
from scim_server.services.ports import UnitOfWork, Units


@dataclass(frozen=True, slots=True)
class SeenImport:
    """An import, and the user name of the person who brought it, where it was one who is here."""

    job: Import
    by: str | None


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


def verdict_lines(units: Units, tenant: Tenant, import_id: str, verdict: Verdict | None = None) -> Iterator[bytes]:
    """The rows with their lines, verdicts and reasons as CSV, of one verdict or all. Raises Missing."""
    columns = one(units, tenant, import_id).job.columns
    named = [column for column in COLUMNS if column in columns]
    return csv_lines(
        ["line", *named, "verdict", "reason"],
        (_cells(row, named) for row in _rows(units, tenant, import_id, verdict)),
    )


def _cells(row: ImportRow, named: Collection[str]) -> list[Cell]:
    return [row.line, *(row.cell(column) for column in named), row.verdict, row.reason]


def _rows(units: Units, tenant: Tenant, import_id: str, verdict: Verdict | None) -> Iterator[ImportRow]:
    number = 0
    while rows := rows_of(units, tenant, import_id, number, BATCH, verdict):
        yield from rows
        number = rows[-1].number


def _seen(uow: UnitOfWork, jobs: Collection[Import]) -> list[SeenImport]:
    people = people_among({job.actor for job in jobs})
    names = {f"{PERSON}{user.id}": user.user_name for user in uow.users.some(people)}
    return [SeenImport(job, names.get(job.actor)) for job in jobs]
