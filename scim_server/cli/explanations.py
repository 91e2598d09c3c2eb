"""`scim-server explain`: why somebody has a product, and why not another one."""

import click

from scim_server.api.items.explanations import AccountItem
from scim_server.api.shapes import dump
from scim_server.cli.installations import migrated
from scim_server.cli.outputs import json_option, print_json, printable
from scim_server.services import explaining, tenancy
from scim_server.services.telling import tell


@click.command("explain")
@click.argument("tenant")
@click.argument("user_name", metavar="USERNAME")
@click.argument("product", required=False)
@json_option
def explain(tenant: str, user_name: str, product: str | None, as_json: bool) -> None:
    """Why a person of TENANT has PRODUCT or lacks it: group, rule, claim and seat, with who and when.

    USERNAME is a user name or an id. Without PRODUCT every product that concerns the person is explained.
    """
    units = migrated().units
    account = explaining.explain(units, tenancy.tenant(units, tenant), user_name, product)
    if as_json:
        print_json(dump(AccountItem, account))
        return
    if not account.products:
        click.echo(printable(f"Nothing gives '{account.user.user_name}' a product, and nothing keeps one away."))
    for each in account.products:
        first, *others = tell(each)
        click.echo(printable(first))
        for sentence in others:
            click.echo(printable(f"  {sentence}"))
