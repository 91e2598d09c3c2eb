"""/tenants/{tenant}/issues: what somebody can act on. Nobody closes one by hand: it closes when it no longer holds."""

from scim_server.api.answers import Answered, page_of, part_of
from scim_server.api.calls import Call
from scim_server.api.endpoints import TENANT, Noun
from scim_server.api.fields import Choice, Cursor, Switch, Text
from scim_server.api.items.issues import IssueItem, IssueKindItem, ReprocessedItem
from scim_server.api.shapes import Body, PageQuery
from scim_server.services import issue_reports, reprocessing
from scim_server.services.issues import KINDS

issues = Noun("issues", "Problems that somebody can act on. They open and close by themselves.")


class IssuesQuery(PageQuery):
    """A part of the list of issues."""

    after = Cursor(str, str)
    closed = Switch(load_default=False, about="Closed ones, too.")
    code = Choice(KINDS, load_default=None, about="Of that code.")
    user = Text(load_default=None, about="Of that person, by id or user name.")


class Reprocessing(Body):
    """Who is to be worked out anew: everybody, or one of these."""

    user = Text(load_default=None, about="Only that person, by id or user name.")
    group = Text(load_default=None, about="Only who is in the group of that name, or in groups nested in it.")
    product = Text(load_default=None, about="Only whom that product concerns.")


@issues.get("/issue-kinds", "people.read", shows=IssueKindItem, lists=True, query=PageQuery)
def list_issue_kinds(call: Call) -> Answered:
    """List the kinds of issues by code, with what each means and what to do about it."""
    return part_of(sorted(KINDS.items()), call.after, call.limit, lambda pair: pair[0])


@issues.get(f"{TENANT}/issues", "people.read", shows=IssueItem, lists=True, query=IssuesQuery)
def list_issues(call: Call) -> Answered:
    """List the open issues, oldest first."""
    closed, code, user = (call.query[name] for name in ("closed", "code", "user"))
    found = issue_reports.reports(
        call.units,
        call.tenant,
        closed=closed,
        code=code,
        user_name=user,
        after=call.after,
        most=call.limit + 1,
    )
    return page_of(found, call.limit, lambda report: (report.issue.opened, report.issue.id))


@issues.get(f"{TENANT}/issues/{{issue}}", "people.read", shows=IssueItem)
def show_issue(call: Call) -> Answered:
    """Show one issue, open or closed."""
    return issue_reports.report(call.units, call.tenant, call.path["issue"])


@issues.post(f"{TENANT}/issues/reprocess", "people.write", shows=ReprocessedItem, body=Reprocessing)
def reprocess(call: Call) -> Answered:
    """Work out anew what people should have: claims by entitlement and rule, seats, roles, issues.

    Where all is well nothing changes. With an empty object everybody is looked at.
    """
    return reprocessing.reprocess_some(call.units, call.tenant, call.cause, **call.body)


@issues.post(f"{TENANT}/issues/{{issue}}/reprocess", "people.write", shows=ReprocessedItem)
def reprocess_issue(call: Call) -> Answered:
    """Work out anew what whoever an open issue is about should have; it closes where it no longer holds."""
    return reprocessing.reprocess_issue(call.units, call.tenant, call.cause, call.path["issue"])
