"""`scim-server oauth`: clients of the authorization server, their secrets, and the keys that it signs with."""

from datetime import timedelta
from typing import Any

import click
import orjson

from scim_server.api.items.oauth import ClientSecretItem, NewClientSecretItem, OAuthClientItem, SigningKeyItem
from scim_server.api.shapes import dump, dump_all
from scim_server.cli import parameters
from scim_server.cli.installations import cause, migrated
from scim_server.cli.oauth_grants import approve, grants
from scim_server.cli.oauth_options import client_options, parts_of
from scim_server.cli.outputs import (
    asks,
    confirm,
    facts_table,
    json_option,
    listing,
    print_json,
    report,
    to_the_second,
    yes_option,
)
from scim_server.domain.oauth_clients import ClientMethod
from scim_server.services import client_secrets, registering, signing, tenancy
from scim_server.services.addresses import base_address, issuer_address
from scim_server.services.signing import Rotation

CLIENTS = {
    "Name": "name",
    "Client id": "id",
    "Connection": "connection",
    "Method": "method",
    "Scopes": "scopes",
    "Revoked": "revoked",
}
SECRETS = {"Id": "id", "State": "state", "Created": "created", "Expires": "expires", "Last used": "lastUsed"}
KEYS = {"Id": "id", "Algorithm": "algorithm", "Signs from": "starts", "Published until": "ends"}


@click.group("oauth")
def oauth() -> None:
    """The authorization server: its clients, their secrets, and its keys."""


oauth.add_command(grants)
oauth.add_command(approve)


@oauth.group("client")
def clients() -> None:
    """Clients: programs that get access tokens, for a connection's SCIM service or the admin API."""


@clients.command("create")
@click.argument("slug", metavar="TENANT")
@click.argument("name", metavar="NAME")
@click.option("--connection", metavar="NAME", help="The connection that it acts as; without one, the admin API alone.")
@client_options
@json_option
def create(slug: str, name: str, connection: str | None, *, as_json: bool, **parts: Any) -> None:
    """Register a client NAME of TENANT."""
    given = parts_of(**parts)
    if "scopes" not in given:
        raise click.UsageError("A client needs --scope, once or more.", click.get_current_context())
    installation = migrated()
    tenant = tenancy.tenant(installation.units, slug)
    new = registering.register_client(installation.units, tenant, cause(), name, connection=connection, **given)
    public_url = installation.settings.public_url
    then = {
        ClientMethod.PRIVATE_KEY_JWT: f"The only audience of its assertions is {issuer_address(public_url, slug)}",
        ClientMethod.FEDERATION: "It proves who it is by tokens of an issuer that its connection trusts",
    }.get(new.client.method, f"`scim-server oauth secret issue {slug} {new.client.id}` makes a secret for it")
    sentence = (
        f"Client '{name}' is registered as {new.client.id}. It gets tokens at "
        f"{issuer_address(public_url, slug)}/token. {then}."
    )
    report(dump(OAuthClientItem, new), sentence, as_json=as_json)


@clients.command("list")
@click.argument("slug", metavar="TENANT")
@json_option
def list_clients(slug: str, as_json: bool) -> None:
    """Every client of TENANT by name."""
    units = migrated().units
    found = registering.registrations(units, tenancy.tenant(units, slug))
    listing(dump_all(OAuthClientItem, found), CLIENTS, f"Tenant '{slug}' has no OAuth client.", as_json=as_json)


@clients.command("show")
@click.argument("slug", metavar="TENANT")
@click.argument("called", metavar="CLIENT")
@json_option
def show(slug: str, called: str, as_json: bool) -> None:
    """One client of TENANT, by its client_id or name."""
    installation = migrated()
    units, public_url = installation.units, installation.settings.public_url
    item = dump(OAuthClientItem, registering.registration(units, tenancy.tenant(units, slug), called))
    if as_json:
        print_json(item)
    else:
        addresses = {"tokens from": f"{issuer_address(public_url, slug)}/token", "SCIM": base_address(public_url, slug)}
        facts_table({**item, "jwks": item["jwks"] and orjson.dumps(item["jwks"]).decode(), **addresses})


@clients.command("edit")
@click.argument("slug", metavar="TENANT")
@click.argument("called", metavar="CLIENT")
@click.option("--name", help="What people call it.")
@client_options
@json_option
def edit(slug: str, called: str, name: str | None, *, as_json: bool, **parts: Any) -> None:
    """Change a client of TENANT, by its client_id or name; what is left out stays.

    Scopes and redirect addresses are named all anew. Tokens that it has permit no more than it may from now on.
    """
    given = {"name": name, **parts_of(**parts)}
    if not any(value is not None for value in given.values()):
        raise click.UsageError("Say what is to change: at least one option.", click.get_current_context())
    units = migrated().units
    changed = registering.edit_client(units, tenancy.tenant(units, slug), cause(), called, **given)
    report(dump(OAuthClientItem, changed), f"Client '{changed.client.name}' is changed.", as_json=as_json)


@clients.command("revoke")
@click.argument("slug", metavar="TENANT")
@click.argument("called", metavar="CLIENT")
@yes_option
@json_option
def revoke(slug: str, called: str, yes: bool, as_json: bool) -> None:
    """End a client of TENANT at once, with its secrets and tokens."""
    units = migrated().units
    tenant = tenancy.tenant(units, slug)
    confirm(
        f"Client '{called}' and every token it has will be refused from now on. Revoke it?", yes=yes, as_json=as_json
    )
    gone = registering.revoke_client(units, tenant, cause(), called).client
    report({"id": gone.id, "state": "revoked"}, f"Client '{gone.name}' is revoked.", as_json=as_json)


@oauth.group("secret")
def secrets() -> None:
    """Secrets of clients: several live at once, so that one can follow another."""


@secrets.command("issue")
@click.argument("slug", metavar="TENANT")
@click.argument("called", metavar="CLIENT")
@click.option("--expires", type=parameters.life, default="365d", show_default=True, help="Its life: 365d, 12h, 30m.")
@click.option("--quiet", is_flag=True, help="Print the secret and nothing else.")
@json_option
def issue(slug: str, called: str, expires: timedelta, quiet: bool, as_json: bool) -> None:
    """Issue a secret to a client, beside those that it has. It is shown this once: only a digest of it is kept."""
    if quiet and as_json:
        raise click.UsageError("--quiet and --json exclude each other.", click.get_current_context())
    units = migrated().units
    new = client_secrets.issue_secret(units, tenancy.tenant(units, slug), cause(), called, expires)
    if as_json:
        print_json(dump(NewClientSecretItem, new))
        return
    click.echo(new.text)
    if not quiet:
        click.echo(f"Keep it now: it cannot be shown again. It is valid until {to_the_second(new.secret.expires)}.")
        click.echo(f"The client_id is {new.client.id}.")


@secrets.command("list")
@click.argument("slug", metavar="TENANT")
@click.argument("called", metavar="CLIENT")
@json_option
def list_secrets(slug: str, called: str, as_json: bool) -> None:
    """The secrets of a client without their texts, by id."""
    units = migrated().units
    found = client_secrets.secrets(units, tenancy.tenant(units, slug), called)
    items = sorted(dump_all(ClientSecretItem, found), key=lambda item: str(item["id"]))
    empty = f"Client '{called}' has no secret: `scim-server oauth secret issue` makes one."
    listing(items, SECRETS, empty, as_json=as_json)


@secrets.command("revoke")
@click.argument("slug", metavar="TENANT")
@click.argument("called", metavar="CLIENT")
@click.argument("secret_id", metavar="ID")
@yes_option
@json_option
def revoke_secret(slug: str, called: str, secret_id: str, yes: bool, as_json: bool) -> None:
    """End the secret ID of a client at once; tokens that it obtained live on until they expire."""
    units = migrated().units
    tenant = tenancy.tenant(units, slug)
    confirm(f"Whoever uses secret '{secret_id}' gets no tokens from now on. Revoke it?", yes=yes, as_json=as_json)
    client_secrets.revoke_secret(units, tenant, cause(), called, secret_id)
    report({"id": secret_id, "state": "revoked"}, f"Secret '{secret_id}' is revoked.", as_json=as_json)


@oauth.group("keys")
def keys() -> None:
    """Keys that access tokens are signed with; a chore rotates them every 90 days."""


@keys.command("list")
@json_option
def list_keys(as_json: bool) -> None:
    """Every published key by id. The first is made when a token is issued."""
    found = sorted(signing.keys(migrated().units), key=lambda key: key.id)
    listing(dump_all(SigningKeyItem, found), KEYS, "There is no key yet: no token was issued.", as_json=as_json)


@keys.command("rotate")
@click.option("--at-once", is_flag=True, help="Let it sign now, instead of after a day's notice.")
@click.option("--compromised", is_flag=True, help="The same, and what other keys signed opens nothing any more.")
@yes_option
@json_option
def rotate(at_once: bool, compromised: bool, yes: bool, as_json: bool) -> None:
    """Make a new key that access tokens are signed with. What others signed is good until it expires."""
    how = Rotation.COMPROMISED if compromised else Rotation.AT_ONCE if at_once else Rotation.PLANNED
    units = migrated().units
    if compromised and asks(yes=yes, as_json=as_json):
        click.confirm("Every access token that was issued will be refused from now on. Rotate?", abort=True)
    new = signing.rotate(units, how)
    report(dump(SigningKeyItem, new), f"Key '{new.id}' signs from {to_the_second(new.starts)}.", as_json=as_json)
