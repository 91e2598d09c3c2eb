"""`scim-server issue`: what an admin can act on, and working it out anew."""

from typing import Any

import click

from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import counted, json_option, listing, report
from scim_server.services import tenancy
from scim_server.services.issue_pages import page
from scim_server.services.issue_reports import Report, reports
from scim_server.services.issues import KINDS
from scim_server.services.reprocessing import (
    Reprocessed,
    reprocess_group,
    reprocess_product,
    reprocess_tenant,
    reprocess_user,
)

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
    listing(list(map(_facts, found)), columns, f"Tenant '{tenant}' has no such issue.", as_json=as_json)


@issues.command("reprocess")
@click.argument("tenant")
@click.option("--user", metavar="USERNAME", help="Only that person.")
@click.option("--group", metavar="DISPLAYNAME", help="Only who is in that group, or in groups nested in it.")
@click.option("--product", metavar="CODE", help="Only whom that product concerns.")
@json_option
def reprocess(tenant: str, user: str | None, group: str | None, product: str | None, as_json: bool) -> None:
    """Work out anew what people of TENANT should have: claims by entitlement and rule, seats, issues.

    Where all is well nothing changes.
    """
    if sum(each is not None for each in (user, group, product)) > 1:
        raise click.UsageError("--user, --group and --product exclude each other.", click.get_current_context())
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    if user is not None:
        outcome = reprocess_user(units, owner, cause(), user)
    elif group is not None:
        outcome = reprocess_group(units, owner, cause(), group)
    elif product is not None:
        outcome = reprocess_product(units, owner, cause(), product)
    else:
        outcome = reprocess_tenant(units, owner, cause())
    report(_outcome(outcome), _sentence(outcome), as_json=as_json)


@issues.command("page")
def page_() -> None:
    """docs/issues.md: every code, what it means, who can act and how."""
    click.echo(page())


def _sentence(outcome: Reprocessed) -> str:
    people = counted(outcome.people, "person", "people")
    return f"{people} looked at: {counted(outcome.closed, 'issue')} closed, {outcome.opened} opened."


def _outcome(outcome: Reprocessed) -> dict[str, Any]:
    return {"people": outcome.people, "closed": outcome.closed, "opened": outcome.opened}


def _facts(found: Report) -> dict[str, Any]:
    issue, kind = found.issue, found.kind
    return {
        "id": issue.id,
        "code": issue.code,
        "userName": found.user_name,
        "userId": issue.user_id,
        "group": found.group,
        "groupId": issue.group_id,
        "product": issue.product,
        "connection": found.connection,
        "subject": issue.subject,
        "opened": issue.opened,
        "closed": issue.closed,
        "means": kind.means,
        "acts": kind.acts,
        "cure": kind.cure,
    }
