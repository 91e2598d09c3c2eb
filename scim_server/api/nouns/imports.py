"""/tenants/{tenant}/imports: people brought in from CSV files; /export/people: everybody as such a file."""

from scim_server.api.answers import Accepted, Answered, Made, Stream, page_of, part_of
from scim_server.api.calls import Call
from scim_server.api.endpoints import CSV, TENANT, Noun
from scim_server.api.fields import Choice, Cursor, Switch, Text
from scim_server.api.items.imports import ImportItem, ImportRowItem
from scim_server.api.shapes import PageQuery, Query
from scim_server.domain.access import highest_role
from scim_server.domain.imports import Mode, Verdict
from scim_server.services import exporting, import_runs, import_trials, importing
from scim_server.services.importing import Source

imports = Noun("imports", "People brought in from CSV files, and written to one.")
ONE = f"{TENANT}/imports/{{import}}"


class NewImportQuery(Query):
    """How a file is to be carried out."""

    mode = Choice(Mode, load_default=Mode.ALL_OR_NOTHING.value, about="What happens where rows cannot be carried out.")
    name = Text(load_default="people.csv", about="The name of the file.")
    quiet = Switch(load_default=False, about="Whether people get no notices.")


class RowsQuery(PageQuery):
    """A part of the rows."""

    after = Cursor(int, metadata={"description": "Where the page before ended: its `next`."})
    verdict = Choice(Verdict, load_default=None, about="Rows of that verdict alone.")


@imports.post(f"{TENANT}/imports", "people.write", shows=ImportItem, query=NewImportQuery, takes=CSV, status=201)
def create_import(call: Call) -> Answered:
    """Read a CSV file; nobody is changed yet.

    `POST .../check` gives every row its verdict, `POST .../run` carries the file out. Columns: email, first_name,
    last_name, products, role, groups, language. A column of products takes the scope `seats.write` as well, of groups
    `groups.write`; roles take `roles.grant`, and permit no more than the caller's token.
    """
    assert call.upload is not None, "the endpoint takes a file"
    source = Source(call.upload, call.query["name"], call.service.max_upload_bytes)
    mode = Mode(call.query["mode"])
    max_role = highest_role(call.bearer.scopes)
    job = importing.read(call.units, call.tenant, call.cause, source, mode, max_role, quiet=call.query["quiet"])
    return Made(job, f"/tenants/{call.tenant.slug}/imports/{job.id}")


@imports.get(f"{TENANT}/imports", "people.read", shows=ImportItem, lists=True, query=PageQuery)
def list_imports(call: Call) -> Answered:
    """List imports, oldest first."""
    return part_of(importing.imports(call.units, call.tenant), call.after, call.limit, lambda job: job.id)


@imports.get(ONE, "people.read", shows=ImportItem)
def show_import(call: Call) -> Answered:
    """Show an import and how far it is."""
    return importing.one(call.units, call.tenant, call.path["import"])


@imports.get(f"{ONE}/rows", "people.read", shows=ImportRowItem, lists=True, query=RowsQuery)
def list_import_rows(call: Call) -> Answered:
    """List the rows of an import with their verdicts."""
    verdict = None if call.query["verdict"] is None else Verdict(call.query["verdict"])
    after = call.after or 0
    found = importing.rows_of(call.units, call.tenant, call.path["import"], after, call.limit + 1, verdict)
    return page_of(found, call.limit, lambda row: row.number)


@imports.get(f"{ONE}/errors", "people.read", gives=CSV)
def show_import_errors(call: Call) -> Answered:
    """Download the rows that cannot be carried out, with the reason: mend them and import the file again."""
    lines = importing.errors(call.units, call.tenant, call.path["import"])
    return Stream(lines, CSV, f"{call.tenant.slug}-errors.csv")


@imports.post(f"{ONE}/check", "people.write", shows=ImportItem)
def check_import(call: Call) -> Answered:
    """Give every row its verdict as things are now (dry run); takes up to a minute for 100,000 rows."""
    return import_trials.check(call.units, call.tenant, call.cause, call.path["import"])


@imports.post(f"{ONE}/run", "people.write", shows=ImportItem, status=202)
def run_import(call: Call) -> Answered:
    """Let an import run in the background, or go on."""
    job = import_runs.begin(call.units, call.tenant, call.cause, call.path["import"])
    call.service.hurry(importing.CHORE)
    return Accepted(job)


@imports.post(f"{ONE}/cancel", "people.write", shows=ImportItem)
def cancel_import(call: Call) -> Answered:
    """Call off what is left of an import; what was carried out stays."""
    return importing.cancel(call.units, call.tenant, call.cause, call.path["import"])


@imports.get(f"{TENANT}/export/people", "people.read", gives=CSV)
def export_people(call: Call) -> Answered:
    """Download everybody as CSV, in the columns of an import."""
    return Stream(exporting.people_lines(call.units, call.tenant), CSV, f"{call.tenant.slug}-people.csv")
