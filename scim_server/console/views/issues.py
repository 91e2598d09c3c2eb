"""Open issues by kind: what each means, who can act on it, and where."""

from collections.abc import Iterator

from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response

from scim_server.console.answers import file_of, go, render, wants_part
from scim_server.console.calls import Call
from scim_server.console.paging import PAGE, cut, place
from scim_server.console.sections import TENANT, Section
from scim_server.console.words.issues import WORDS
from scim_server.domain.errors import Missing
from scim_server.services import issue_reports, reporting, reprocessing
from scim_server.services.people_reports import SYNC_ISSUES
from scim_server.services.reports import Narrowing, Row

issues = Section("issues", lazy_gettext("Issues"), "list_issues")
ISSUES = f"{TENANT}/issues"


@issues.get(ISSUES, "people.read")
def list_issues(call: Call) -> str:
    """All of them, or those of the kind that is chosen."""
    code = call.query.get("code") or None
    if code is not None and code not in WORDS:
        raise Missing(gettext("There is no such kind of issue."))
    after = place(call.query.get("after"), 2)
    behind = None if after is None else (after[0], after[1])
    found = issue_reports.page(call.units, call.tenant, code, behind, PAGE + 1)
    shown, more = cut(found, lambda report: (report.issue.code, report.issue.id))
    if wants_part():
        return render("issues/rows.html", reports=shown, more=more, code=code, words=WORDS)
    counts = issue_reports.counts(call.units, call.tenant)
    return render("issues/list.html", reports=shown, more=more, code=code, words=WORDS, counts=counts)


@issues.get(f"{ISSUES}.csv", "people.read")
def export_issues(call: Call) -> Response:
    """All of them as a file, as the report of that name has them."""
    rows: Iterator[Row] = reporting.rows(call.units, call.tenant, SYNC_ISSUES, Narrowing())
    return file_of(reporting.csv(SYNC_ISSUES, rows), f"{call.tenant.slug}-issues.csv")


@issues.get(f"{ISSUES}/<issue>", "people.read")
def show_issue(call: Call) -> str:
    """One issue, open or closed, with what to do about it."""
    report = issue_reports.report(call.units, call.tenant, call.path["issue"])
    return render("issues/show.html", report=report, words=WORDS[report.issue.code])


@issues.post(f"{ISSUES}/<issue>", "people.write")
def reprocess_issue(call: Call) -> Response:
    """Work out anew what whoever it is about should have: it closes where it no longer holds."""
    reprocessing.reprocess_issue(call.units, call.tenant, call.cause, call.path["issue"])
    report = issue_reports.report(call.units, call.tenant, call.path["issue"])
    said = gettext("The issue still holds.") if report.issue.closed is None else gettext("The issue is closed.")
    return go(call.url("show_issue", issue=report.issue.id), said)
