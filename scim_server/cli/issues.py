"""`scim-server issue`: what an admin can act on, and working it out anew."""

import click

from scim_server.api.items.issues import IssueItem, IssueKindItem, ReprocessedItem
from scim_server.api.shapes import dump, dump_all
from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import counted, json_option, listing, report, show_one
from scim_server.services import tenancy
from scim_server.services.issue_pages import page
from scim_server.services.issue_reports import report as issue_report
from scim_server.services.issue_reports import reports
from scim_server.services.issues import KINDS
from scim_server.services.reprocessing import Reprocessed, reprocess_issue, reprocess_some

COLUMNS = {
    "Code": "code",
    "User": "userName",
    "Group": "group",
    "Product": "product",
    "About": "subject",
    "Opened": "opened",
    "What to do": "cure",
}
CLOSED = {"Closed": "closed"}
OF_KIND = {"Code": "code", "Means": "means", "Who acts": "acts", "What to do": "cure"}


@click.group("issue")
def issues() -> None:
    """Issues: problems that somebody can act on. They open and close by themselves."""


@issues.command("list")
@click.argument("tenant")
@click.option("--all", "closed", is_flag=True, help="Closed ones, too.")
@click.option("--code", type=click.Choice(list(KINDS), case_sensitive=False), metavar="CODE", help="Of that code.")
@click.option("--user", metavar="USERNAME", help="Of that person.")
@json_option
def list_(tenant: str, closed: bool, code: str | None, user: str | None, as_json: bool) -> None:
    """The open issues of TENANT, oldest first, and what to do about each."""
    units = migrated().units
    found = reports(units, tenancy.tenant(units, tenant), closed=closed, code=code, user_name=user)
    columns = {**COLUMNS, **CLOSED} if closed else COLUMNS
    listing(dump_all(IssueItem, found), columns, f"Tenant '{tenant}' has no such issue.", as_json=as_json)


@issues.command("show")
@click.argument("tenant")
@click.argument("issue_id", metavar="ID")
@json_option
def show(tenant: str, issue_id: str, as_json: bool) -> None:
    """The issue ID of TENANT, open or closed."""
    units = migrated().units
    facts = dump(IssueItem, issue_report(units, tenancy.tenant(units, tenant), issue_id))
    show_one(facts, as_json=as_json)


@issues.command("kinds")
@json_option
def kinds(as_json: bool) -> None:
    """Every code, what it means, who can act and how."""
    listing(dump_all(IssueKindItem, sorted(KINDS.items())), OF_KIND, "", as_json=as_json)


@issues.command("reprocess")
@click.argument("tenant")
@click.option("--issue", "issue_id", metavar="ID", help="Only whom that issue is about.")
@click.option("--user", metavar="USERNAME", help="Only that person.")
@click.option("--group", metavar="DISPLAYNAME", help="Only who is in that group, or in groups nested in it.")
@click.option("--product", metavar="CODE", help="Only whom that product concerns.")
@json_option
def reprocess(
    tenant: str, issue_id: str | None, user: str | None, group: str | None, product: str | None, as_json: bool
) -> None:
    """Work out anew what people of TENANT should have: claims by entitlement and rule, seats, issues.

    Where all is well nothing changes.
    """
    if sum(each is not None for each in (issue_id, user, group, product)) > 1:
        problem = "--issue, --user, --group and --product exclude each other."
        raise click.UsageError(problem, click.get_current_context())
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    if issue_id is not None:
        outcome = reprocess_issue(units, owner, cause(), issue_id)
    else:
        outcome = reprocess_some(units, owner, cause(), user, group, product)
    report(dump(ReprocessedItem, outcome), _sentence(outcome), as_json=as_json)


@issues.command("page")
def page_() -> None:
    """docs/issues.md: every code, what it means, who can act and how."""
    click.echo(page())


def _sentence(outcome: Reprocessed) -> str:
    people = counted(outcome.people, "person", "people")
    return f"{people} looked at: {counted(outcome.closed, 'issue')} closed, {outcome.opened} opened."
