"""`scim-server oauth grant` and `scim-server oauth approve`: what admins consented to, and consent by code."""

import click

from scim_server.api.items.oauth_grants import ApprovalCodeItem, OAuthGrantItem
from scim_server.api.shapes import dump, dump_all
from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import confirm, counted, json_option, listing, print_json, to_the_second, yes_option
from scim_server.services import consenting, redeeming, tenancy

COLUMNS = {
    "Id": "id",
    "State": "state",
    "Scopes": "scopes",
    "Consented by": "approver",
    "Consented": "created",
    "Lapses": "expires",
    "Revoked": "revoked",
}


@click.group("grant")
def grants() -> None:
    """Grants: what admins consented to for a client, on the consent page."""


@grants.command("list")
@click.argument("slug", metavar="TENANT")
@click.argument("called", metavar="CLIENT")
@json_option
def list_grants(slug: str, called: str, as_json: bool) -> None:
    """What was consented to for CLIENT of TENANT, by its client_id or name: what, by whom, when, and how it stands."""
    units = migrated().units
    found = redeeming.grants(units, tenancy.tenant(units, slug), called)
    items = sorted(dump_all(OAuthGrantItem, found), key=lambda item: str(item["id"]))
    listing(items, COLUMNS, f"Nobody has consented to anything for client '{called}'.", as_json=as_json)


@grants.command("revoke")
@click.argument("slug", metavar="TENANT")
@click.argument("called", metavar="CLIENT")
@yes_option
@json_option
def revoke_grants(slug: str, called: str, yes: bool, as_json: bool) -> None:
    """End all that was consented to for CLIENT of TENANT at once, with every token that came of it.

    The client stays; an admin can consent again.
    """
    units = migrated().units
    tenant = tenancy.tenant(units, slug)
    confirm(f"Client '{called}' will be refused until an admin consents again. Revoke?", yes=yes, as_json=as_json)
    ended = redeeming.revoke_grants(units, tenant, cause(), called)
    items = sorted(dump_all(OAuthGrantItem, ended), key=lambda item: str(item["id"]))
    if as_json:
        print_json(items)
        return
    click.echo(f"{counted(len(ended), 'grant')} of client '{called}' {'is' if len(ended) == 1 else 'are'} revoked.")


@click.command("approve")
@click.argument("slug", metavar="TENANT")
@click.argument("called", metavar="CLIENT")
@click.option("--quiet", is_flag=True, help="Print the code and nothing else.")
@json_option
def approve(slug: str, called: str, quiet: bool, as_json: bool) -> None:
    """Issue a code that CLIENT of TENANT, by its client_id or name, is let in with, once.

    Whoever sets the application up types it into the consent page, instead of a token of the admin API.
    """
    if quiet and as_json:
        raise click.UsageError("--quiet and --json exclude each other.", click.get_current_context())
    units = migrated().units
    new = consenting.issue_approval(units, tenancy.tenant(units, slug), cause(), called)
    if as_json:
        print_json(dump(ApprovalCodeItem, new))
        return
    click.echo(new.text)
    if not quiet:
        click.echo(f"Type it into the consent page before {to_the_second(new.code.expires)}. It is good once.")
