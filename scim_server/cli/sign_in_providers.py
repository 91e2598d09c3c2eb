"""`scim-server console provider`: whom a tenant's people sign in to the console with."""

from typing import TextIO

import click

from scim_server.api.items.sign_in_providers import SignInProviderItem
from scim_server.api.shapes import dump
from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import confirm, json_option, report, show_one, yes_option
from scim_server.domain.sign_in_providers import PersonClaim
from scim_server.services import federating, tenancy
from scim_server.services.addresses import callback_address


@click.group("provider")
def providers() -> None:
    """The identity provider (OpenID Connect) that a tenant's people sign in to the console with: one at most."""


@providers.command("set")
@click.argument("tenant")
@click.option("--issuer", metavar="URL", required=True, help="Just as the provider's metadata have it.")
@click.option("--client-id", metavar="ID", required=True, help="What the provider calls this server.")
@click.option("--secret", "secret", type=click.File(encoding="utf-8"), metavar="FILE", help="A file with the client "
              "secret, - for stdin; without one the secret that is known stays.")  # fmt: skip
@click.option("--claim", type=click.Choice([each.value for each in PersonClaim]), default=PersonClaim.EMAIL.value,
              show_default=True, help="By which claim people are found: their verified address, their user name, or "
              "their externalId.")  # fmt: skip
@json_option
def set_(tenant: str, issuer: str, client_id: str, secret: TextIO | None, claim: str, as_json: bool) -> None:
    """Have the people of TENANT sign in with a provider, where this server is registered as a web application."""
    try:
        text = None if secret is None else secret.read().strip()
    except UnicodeDecodeError as error:
        raise click.BadParameter("The secret is no text in UTF-8: save the file so.") from error
    installation = migrated()
    owner = tenancy.tenant(installation.units, tenant)
    new = federating.set_provider(installation.units, owner, cause(), issuer, client_id, text, claim)
    callback = callback_address(installation.settings.public_url)
    sentence = f"The people of '{tenant}' sign in with {new.issuer}. Its redirect URI for this server is {callback}."
    report(dump(SignInProviderItem, new), sentence, as_json=as_json)


@providers.command("show")
@click.argument("tenant")
@json_option
def show(tenant: str, as_json: bool) -> None:
    """The provider that the people of TENANT sign in with."""
    units = migrated().units
    item = dump(SignInProviderItem, federating.provider(units, tenancy.tenant(units, tenant)))
    show_one(item, as_json=as_json)


@providers.command("remove")
@click.argument("tenant")
@yes_option
@json_option
def remove(tenant: str, yes: bool, as_json: bool) -> None:
    """Let nobody of TENANT sign in with the provider any more. Who is signed in stays so; links work as before."""
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    known = federating.provider(units, owner)
    confirm(f"Nobody of '{tenant}' will sign in with {known.issuer} any more. Remove it?", yes=yes, as_json=as_json)
    gone = federating.remove_provider(units, owner, cause())
    report({"issuer": gone.issuer, "state": "removed"}, f"'{tenant}' has no sign-in provider.", as_json=as_json)
