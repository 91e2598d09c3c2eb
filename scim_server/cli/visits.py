"""`scim-server console`: the way into the admin centre in the browser."""

import click

from scim_server.cli.installations import migrated
from scim_server.cli.outputs import json_option, print_json, to_the_second
from scim_server.cli.sign_in_providers import providers
from scim_server.services import tenancy, visiting
from scim_server.services.addresses import link_address


@click.group("console")
def consoles() -> None:
    """The admin centre in the browser."""


consoles.add_command(providers)


@consoles.command("login-link")
@click.argument("tenant", required=False)
@click.option("--user", "user_name", metavar="USERNAME", help="Who is to sign in: a person of TENANT with a role.")
@click.option("--quiet", is_flag=True, help="Print the link and nothing else.")
@json_option
def login_link(tenant: str | None, user_name: str | None, quiet: bool, as_json: bool) -> None:
    """Print a link that signs in to the console, once: for a person of TENANT, or without it for the operator."""
    if (tenant is None) != (user_name is None):
        raise click.UsageError("A person is named by TENANT and --user; without both the link is the operator's.")
    installation = migrated()
    units = installation.units
    if tenant is None or user_name is None:
        visit, text = visiting.invite_operator(units)
    else:
        visit, text = visiting.invite(units, tenancy.tenant(units, tenant), user_name)
    link = link_address(installation.settings.public_url, text)
    if as_json:
        print_json({"link": link, "expires": visit.expires})
        return
    click.echo(link)
    if not quiet:
        click.echo(f"It works once, until {to_the_second(visit.expires)}.")
