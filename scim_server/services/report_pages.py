"""docs/reports.md, from the declarations."""

from scim_server.services.reporting import REPORTS
from scim_server.services.reports import Report

_HEAD = """# Reports, sessions, and what the application asks

Reports say what the people, seats and sessions of a tenant come to. `scim-server report list` has them all, `report
run TENANT NAME` runs one, and the admin API serves each at `/api/v1/tenants/{tenant}/reports/{name}` for tokens
with the scope `reports.read`. This page is written by `scim-server report page`.

    scim-server report run acme idle-seats --days 60
    scim-server report run acme user-status --status waiting --format csv --output waiting.csv
    curl -H "Authorization: Bearer $TOKEN" "$URL/api/v1/tenants/acme/reports/seat-use?from=2026-11-01&format=csv"

- The command line prints a table, CSV or JSON (`--format`, `--json`). CSV and JSON are written as they are read, so
  that a report may have any number of rows; a file (`--output`) is there once it is whole. A table is held in
  memory.
- The admin API answers JSON page by page, or the whole report as CSV for `Accept: text/csv` or `?format=csv`.
- No cell of a CSV file is a formula to a spreadsheet: a text that would be one has an apostrophe in front. Several
  values in a cell are divided by semicolons.
- Dates are in UTC. `from` and `to` take `2026-11-30` or `2026-11-30T08:15:00Z`; a date as `to` means the end of
  that day.
- What the chore `seat-use` wrote down every hour, and whenever a subscription's terms changed, is what the report
  `seat-use` shows of days that are over; where no server ran on a day, the day is missing."""
_TAIL = """
## Sessions

The application registers what people organise: meetings, webinars, trainings and recordings, past or to come, under
ids of its own. One at a time with `PUT /api/v1/tenants/{tenant}/sessions/{id}` (`session put`), many with `POST
.../sessions` (`session load`), all of them or none; `DELETE` (`session cancel`) takes one out. That wants the scope
`sessions.write`.

**A recording is seen by whoever organised it, and by nobody else.** It is in no list, no report, no export and no
refusal, and what becomes of it leaves no entry in the audit trail, which admins read. `GET /api/v1/me/sessions`
shows it, for the token of its organiser (`token issue TENANT --user USERNAME`). It follows that:

- A recording is taken out with its organiser's name (`DELETE .../sessions/{id}?recordingOf=USERNAME`, `session
  cancel --recording-of`); the answer is the same whether there was one or not.
- A recording keeps its id, kind and organiser. An id that something hidden has is refused as being in use, and
  nothing else is said; choose ids of recordings that nobody can guess.
- Who takes somebody's place (`transfer --mode take_over`) sees that person's recordings where the admin says so,
  else nobody does any more.

## When somebody signs in

`GET /api/v1/tenants/{tenant}/users/{user}/access` (`user access`) answers in one call what a person may use, by
user name or id: products with the state of the seat (`included` where a product comes with another one), roles with
their permissions, settings and language. It wants `people.read`. `POST .../sightings` (`user seen`, `user seen
--file`) reports who was seen, one person or up to 10,000 at once; entries that name nobody are listed in the
answer, the others are noted. It wants `sessions.write`. A person reads the same of themselves at `/api/v1/me`."""


def page() -> str:
    """The page, without a final line break."""
    return (_HEAD + "\n" + "".join(map(_report, REPORTS.values())) + _TAIL).rstrip("\n")


def _report(report: Report) -> str:
    narrowed = ", ".join(f"`{option.name}`" for option in report.options)
    columns = "\n".join(f"| `{column.name}` | {column.form} | {column.about} |" for column in report.columns)
    return (
        f"\n## `{report.name}`: {report.title[0].lower()}{report.title[1:]}\n\n{report.about}"
        f"{f' Narrowed by {narrowed}.' if narrowed else ''}\n\n| Column | Type | Says |\n|---|---|---|\n{columns}\n"
    )
