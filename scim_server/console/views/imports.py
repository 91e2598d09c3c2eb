"""Imports: a file is brought, every row gets its verdict, it is carried out in the background and told how it went."""

from flask_babel import gettext, lazy_gettext
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from scim_server.console.answers import file_of, go, redirected, render, wants_part
from scim_server.console.calls import Call
from scim_server.console.details import translated
from scim_server.console.doers import doer
from scim_server.console.paging import PAGE, cut, place
from scim_server.console.preferences import language
from scim_server.console.sections import TENANT, Section
from scim_server.domain.access import highest_role
from scim_server.domain.errors import Invalid
from scim_server.domain.imports import BETWEEN, COLUMNS, Import, ImportRow, Mode, Verdict
from scim_server.services import exporting, import_runs, import_trials, importing, imports_seen
from scim_server.services.importing import Source

imports = Section("imports", lazy_gettext("Import"), "list_imports")
IMPORTS = f"{TENANT}/imports"
ONE = f"{IMPORTS}/of/<import>"
MOST_UNDONE = 1_000
"""Rows of an import that pages offer to undo: that is one transaction, and somebody waits for the page."""


@imports.get(IMPORTS, "people.read")
def list_imports(call: Call) -> str:
    """The imports of the last month, newest first."""
    (before,) = place(call.query.get("before"), 1) or (None,)
    found = imports_seen.page(call.units, call.tenant, before, PAGE + 1)
    shown, more = cut(found, lambda seen: (seen.job.id,))
    template = "imports/rows_of_list.html" if wants_part() else "imports/list.html"
    return render(template, found=shown, more=more, doer=doer)


@imports.get(f"{IMPORTS}/export", "people.read")
def export_imports(call: Call) -> Response:
    """The list as CSV."""
    return file_of(imports_seen.lines(call.units, call.tenant), f"{call.tenant.slug}-imports.csv")


@imports.get(f"{IMPORTS}/new", "people.write")
def bring_import(call: Call) -> str:
    """The form that takes a file."""
    return render("imports/new.html", columns=COLUMNS, most_bytes=call.service.max_upload_bytes)


@imports.post(f"{IMPORTS}/new", "people.write")
def read_import(call: Call) -> Response:
    """Read the file, and have it checked in the background."""
    file = call.files.get("file")
    if not isinstance(file, FileStorage) or not file.filename:
        raise Invalid(gettext("Choose a CSV file first."))
    source = Source(file.stream, file.filename, call.service.max_upload_bytes)
    job = importing.read(call.units, call.tenant, call.cause, source, max_role=highest_role(call.visitor.permits))
    return _checking(call, job.id)


@imports.get(ONE, "people.read")
def show_import(call: Call) -> str | Response:
    """How far an import is, what it comes to, and its rows with their verdicts.

    A script that asks how far it is gets that part alone, and is sent to the whole page once there is more to see.
    """
    seen = imports_seen.one(call.units, call.tenant, call.path["import"])
    if wants_part() and "after" not in call.query:
        return render("imports/progress.html", job=seen.job) if seen.job.is_busy else _to(call, seen.job)
    verdict = _verdict(call)
    (after,) = place(call.query.get("after"), 1) or ("0",)
    found = imports_seen.rows(call.units, call.tenant, seen.job, _number(after), PAGE + 1, verdict)
    shown, more = cut(found, lambda each: (str(each.row.number),))
    template = "imports/rows.html" if wants_part() else "imports/show.html"
    return render(
        template,
        job=seen.job,
        who=doer(seen.job.actor, seen.by),
        found=shown,
        more=more,
        verdict=verdict,
        why=_why,
        undoable=not seen.job.is_open and 0 < seen.job.done <= MOST_UNDONE,
    )


@imports.post(ONE, "people.write")
def check_import(call: Call) -> Response:
    """Have it checked again."""
    return _checking(call, call.path["import"])


@imports.get(f"{ONE}/run", "people.write")
def review_import(call: Call) -> str:
    """What it comes to before it runs, and the ways in which it can."""
    job = importing.one(call.units, call.tenant, call.path["import"])
    return render("imports/run.html", job=job, modes=tuple(Mode), back=call.url("show_import", **{"import": job.id}))


@imports.post(f"{ONE}/run", "people.write")
def run_import(call: Call) -> Response:
    """Let it run in the background."""
    mode = next((mode for mode in Mode if mode.value == call.form.get("mode")), None)
    quiet = "quiet" in call.form
    job = import_runs.begin(call.units, call.tenant, call.cause, call.path["import"], mode, quiet=quiet)
    call.service.hurry(importing.CHORE)
    return _to(call, job, gettext("The import runs. It goes on if you leave this page."))


@imports.get(f"{ONE}/stop", "people.write")
def confirm_stop(call: Call) -> str:
    """What stopping means."""
    job = importing.one(call.units, call.tenant, call.path["import"])
    return render("imports/stop.html", job=job, danger=True, back=call.url("show_import", **{"import": job.id}))


@imports.post(f"{ONE}/stop", "people.write")
def stop_import(call: Call) -> Response:
    """Call off what is left."""
    job = importing.cancel(call.units, call.tenant, call.cause, call.path["import"])
    return _to(call, job, gettext("The import is called off."))


@imports.get(f"{ONE}/errors", "people.read")
def export_errors(call: Call) -> Response:
    """The rows that cannot be carried out, to mend and import."""
    lines = importing.errors(call.units, call.tenant, call.path["import"])
    return file_of(lines, f"{call.tenant.slug}-errors.csv")


@imports.get(f"{ONE}/verdicts", "people.read")
def export_verdicts(call: Call) -> Response:
    """Every row with its verdict, or those of one verdict."""
    lines = imports_seen.verdict_lines(call.units, call.tenant, call.path["import"], _verdict(call))
    return file_of(lines, f"{call.tenant.slug}-verdicts.csv")


@imports.get(f"{IMPORTS}/template", "people.read")
def export_template(call: Call) -> Response:
    """A file to begin with."""
    del call
    return file_of(exporting.template_lines(), "people.csv")


@imports.get(f"{IMPORTS}/everybody", "people.read")
def export_everybody(call: Call) -> Response:
    """Everybody, in the columns of an import."""
    return file_of(exporting.people_lines(call.units, call.tenant), f"{call.tenant.slug}-people.csv")


def _checking(call: Call, import_id: str) -> Response:
    job = import_trials.ask(call.units, call.tenant, call.cause, import_id)
    call.service.hurry(importing.CHORE)
    return _to(call, job)


def _to(call: Call, job: Import, said: str | None = None) -> Response:
    address = call.url("show_import", **{"import": job.id})
    return redirected(address) if said is None else go(address, said)


def _verdict(call: Call) -> Verdict | None:
    """The verdict that rows are narrowed to; none where the address names none that there is."""
    return next((verdict for verdict in Verdict if verdict.value == call.query.get("verdict")), None)


def _why(row: ImportRow) -> list[str]:
    """Why the row has its verdict, or what else to know, in the language of the page."""
    told = row.reason or ""
    remarks = [told] if row.verdict is Verdict.CONFLICT else told.split(BETWEEN)
    return [translated(remark, language()) for remark in remarks]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
