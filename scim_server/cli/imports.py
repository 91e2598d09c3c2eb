"""`scim-server import` and `scim-server export`: people from CSV files, and to one."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import click

from scim_server.api.items.imports import COUNTED, ImportItem, ImportRowItem
from scim_server.api.shapes import dump, dump_all
from scim_server.app import Installation
from scim_server.cli.failures import Refused
from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import asks, counted, json_option, listing, print_json, report, sink_to, yes_option
from scim_server.cli.progress import progress_bar
from scim_server.domain.imports import Import, Mode, State, Verdict
from scim_server.domain.tenants import Tenant
from scim_server.services import exporting, import_trials, importing, tenancy
from scim_server.services.import_files import too_large
from scim_server.services.importing import Source

STDIN = "-"
FAILED = 1
MOST_SHOWN = 20
"""Conflicts printed after a check or a run; `import errors` has them all."""
COLUMNS = {
    "Id": "id",
    "File": "fileName",
    "Mode": "mode",
    "State": "state",
    "Rows": "rows",
    "Done": "done",
    "Created": "created",
    "Failure": "failure",
}
ROW_COLUMNS = {"Line": "line", "E-mail": "email", "Verdict": "verdict", "Reason": "reason"}
SUPPLY_COLUMNS = {"Product": "product", "Seats needed": "needed", "Free": "free", "Short": "short"}

tenant_argument = click.argument("tenant")
id_argument = click.argument("import_id", metavar="ID")
file_argument = click.argument("file", metavar="FILE")
output_option = click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write it to FILE."
)


@click.group("import")
def imports() -> None:
    """Imports: people from CSV files, checked first, and carried out in full or as far as they can be."""


@imports.command("check")
@tenant_argument
@file_argument
@json_option
def check(tenant: str, file: str, as_json: bool) -> None:
    """Say what would become of every row of FILE (`-` for standard input). Changes nobody.

    The file is kept, and `import resume` carries it out.
    """
    installation = migrated()
    owner = tenancy.tenant(installation.units, tenant)
    job = _checked(installation, owner, _read(installation, owner, file, Mode.ALL_OR_NOTHING, as_json=as_json), as_json)
    if as_json:
        print_json(dump(ImportItem, job))
        return
    _show(installation, owner, job, f"Checked {counted(job.rows, 'row')}: {_totals(job)}.")
    click.echo(f"`scim-server import resume {tenant} {job.id}` carries it out.")


@imports.command("run")
@tenant_argument
@file_argument
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in Mode]),
    default=Mode.ALL_OR_NOTHING.value,
    show_default=True,
    help="Whether rows that cannot be carried out keep the others from it.",
)
@click.option("--quiet", is_flag=True, help="Send people no notices.")
@yes_option
@json_option
def run(tenant: str, file: str, mode: str, quiet: bool, yes: bool, as_json: bool) -> None:
    """Bring in the people of FILE (`-` for standard input): add, update and restore them.

    Nothing is ever taken away from anybody. At a terminal the file is checked first.
    """
    installation = migrated()
    owner = tenancy.tenant(installation.units, tenant)
    job = _read(installation, owner, file, Mode(mode), as_json=as_json)
    if asks(yes=yes, as_json=as_json):
        job = _checked(installation, owner, job, as_json)
        _show(installation, owner, job, f"Checked {counted(job.rows, 'row')}: {_totals(job)}.")
        click.confirm("Carry it out?", abort=True)
    _run(installation, owner, job, Mode(mode), quiet=quiet, as_json=as_json)


@imports.command("resume")
@tenant_argument
@id_argument
@click.option("--mode", type=click.Choice([mode.value for mode in Mode]), help="For one that has not begun.")
@json_option
def resume(tenant: str, import_id: str, mode: str | None, as_json: bool) -> None:
    """Go on with an import that was interrupted, or carry out one that was checked."""
    installation = migrated()
    owner = tenancy.tenant(installation.units, tenant)
    job = importing.one(installation.units, owner, import_id)
    _run(installation, owner, job, None if mode is None else Mode(mode), quiet=None, as_json=as_json)


@imports.command("list")
@tenant_argument
@json_option
def list_(tenant: str, as_json: bool) -> None:
    """Every import of TENANT, oldest first."""
    units = migrated().units
    found = dump_all(ImportItem, importing.imports(units, tenancy.tenant(units, tenant)))
    listing(found, COLUMNS, f"Tenant '{tenant}' has no imports.", as_json=as_json)


@imports.command("show")
@tenant_argument
@id_argument
@click.option("--rows", is_flag=True, help="Every row, with its verdict.")
@json_option
def show(tenant: str, import_id: str, rows: bool, as_json: bool) -> None:
    """One import of TENANT and how far it is, or its rows."""
    installation = migrated()
    owner = tenancy.tenant(installation.units, tenant)
    job = importing.one(installation.units, owner, import_id)
    if rows:
        found = importing.rows_of(installation.units, owner, import_id, 0, job.rows)
        _show_rows(dump_all(ImportRowItem, found), as_json=as_json)
    elif as_json:
        print_json(dump(ImportItem, job))
    else:
        listing([dump(ImportItem, job)], COLUMNS, "", as_json=False)
        _show(installation, owner, job, f"{_totals(job) or 'nothing yet'}.".capitalize())


@imports.command("errors")
@tenant_argument
@id_argument
@output_option
def errors(tenant: str, import_id: str, output: Path | None) -> None:
    """The rows that cannot be carried out as CSV, with the reason: mend them and import the file again."""
    units = migrated().units
    lines = importing.errors(units, tenancy.tenant(units, tenant), import_id)
    with sink_to(output) as sink:
        sink.writelines(lines)


@imports.command("cancel")
@tenant_argument
@id_argument
@json_option
def cancel(tenant: str, import_id: str, as_json: bool) -> None:
    """Call off what is left of an import; what was carried out stays."""
    units = migrated().units
    job = importing.cancel(units, tenancy.tenant(units, tenant), cause(), import_id)
    sentence = f"The import is called off; {counted(job.done, 'row')} of {job.rows} had been carried out."
    report(dump(ImportItem, job), sentence, as_json=as_json)


@imports.command("template")
@output_option
def template(output: Path | None) -> None:
    """A file to begin with: the header, and one row as an example."""
    with sink_to(output) as sink:
        sink.writelines(exporting.template_lines())


@click.group("export")
def exports() -> None:
    """Exports: what can be imported again, here or elsewhere."""


@exports.command("people")
@tenant_argument
@output_option
def people(tenant: str, output: Path | None) -> None:
    """Everybody in TENANT as CSV, in the columns of an import.

    Products and roles that rules give are left out: they follow from groups and attributes.
    """
    units = migrated().units
    lines = exporting.people_lines(units, tenancy.tenant(units, tenant))
    with sink_to(output) as sink:
        sink.writelines(lines)


def _read(installation: Installation, owner: Tenant, file: str, mode: Mode, *, as_json: bool) -> Import:
    most = installation.settings.import_max_bytes
    with _opened(file, most) as stream, progress_bar("Reading", None, as_json=as_json) as progress:
        name = "standard input" if file == STDIN else Path(file).name
        source = Source(stream, name, most)
        return importing.read(installation.units, owner, cause(), source, mode, progress=progress)


@contextmanager
def _opened(file: str, most: int) -> Iterator[IO[bytes]]:
    """The file to read; one that is too large is refused before it is opened."""
    if file == STDIN:
        yield sys.stdin.buffer
        return
    path = Path(file)
    if path.is_file() and path.stat().st_size > most:
        raise too_large(most)
    with path.open("rb") as stream:
        yield stream


def _checked(installation: Installation, owner: Tenant, job: Import, as_json: bool) -> Import:
    with progress_bar("Checking", job.rows, as_json=as_json) as progress:
        return import_trials.check(installation.units, owner, cause(), job.id, progress)


def _run(
    installation: Installation, owner: Tenant, job: Import, mode: Mode | None, *, quiet: bool | None, as_json: bool
) -> None:
    with progress_bar("Importing", job.rows, as_json=as_json) as progress:
        done = importing.run(installation.units, owner, cause(), job.id, mode, progress, quiet=quiet)
    if as_json:
        print_json(dump(ImportItem, done))
        click.get_current_context().exit(FAILED if done.state is State.REFUSED else 0)
    if done.state is State.REFUSED:
        raise Refused(
            f"{done.failure} ({_totals(done)}) `scim-server import errors {owner.slug} {done.id}` has the rows and why."
        )
    _show(installation, owner, done, f"Import {done.id} is {done.state.value}: {_totals(done)}.")


def _show(installation: Installation, owner: Tenant, job: Import, sentence: str) -> None:
    """What an import comes to, with the first rows that cannot be carried out."""
    shown = dump(ImportItem, job)
    click.echo(sentence)
    if shown["seats"]:
        listing(shown["seats"], SUPPLY_COLUMNS, "", as_json=False)
    conflicts = importing.rows_of(installation.units, owner, job.id, 0, MOST_SHOWN, Verdict.CONFLICT)
    if conflicts:
        _show_rows(dump_all(ImportRowItem, conflicts), as_json=False)
        more = job.counts.get(Verdict.CONFLICT.value, 0) - len(conflicts)
        if more > 0:
            click.echo(f"And {more} more: `scim-server import errors {owner.slug} {job.id}`.")


def _show_rows(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    shown = rows if as_json else [{**row, "email": row["cells"].get("email", "")} for row in rows]
    listing(shown, ROW_COLUMNS, "The import has no rows.", as_json=as_json)


def _totals(job: Import) -> str:
    """How many rows have which verdict."""
    counts = dump(ImportItem, job)["counts"]
    return ", ".join(f"{counts[name]} {name.replace('_', ' ')}" for name in COUNTED if counts[name])
