"""`scim-server credential`: what anybody could come in with at this moment."""

import click

from scim_server.api.items.credentials import CredentialItem
from scim_server.api.shapes import dump_all
from scim_server.cli.installations import migrated
from scim_server.cli.outputs import json_option, listing
from scim_server.services import credential_lists, tenancy

COLUMNS = {
    "Id": "id",
    "Kind": "kind",
    "Owner": "owner",
    "Connection": "connection",
    "Scopes": "scopes",
    "Expires": "expires",
    "Last used": "lastUsed",
    "Ended by": "endedBy",
}


@click.group("credential")
def credentials() -> None:
    """Credentials: every way into a tenant, of whatever kind."""


@credentials.command("list")
@click.argument("tenant")
@json_option
def list_(tenant: str, as_json: bool) -> None:
    """Every live credential of TENANT, oldest first, with the command that ends it.

    Tokens of connections, people and programs; secrets and keys of OAuth clients, what was consented to for them, and
    the access tokens that they have; trusted issuers.
    """
    units = migrated().units
    found = credential_lists.credentials(units, tenancy.tenant(units, tenant))
    listing(dump_all(CredentialItem, found), COLUMNS, f"Nothing opens tenant '{tenant}'.", as_json=as_json)
