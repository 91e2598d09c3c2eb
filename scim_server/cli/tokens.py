"""`scim-server token`: what connections and people prove themselves with."""

from datetime import UTC, datetime, timedelta
from typing import Any

import click

from scim_server.cli import parameters
from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import asks, json_option, listing, print_json, report, yes_option
from scim_server.cli.tenants import base_address
from scim_server.domain.directory import User
from scim_server.domain.instants import Instant, instant
from scim_server.domain.tenants import PersonToken, Tenant, Token
from scim_server.services import person_tokens, tenancy

COLUMNS = {
    "Id": "id",
    "Tenant": "tenant",
    "Connection": "connection",
    "User": "user",
    "State": "state",
    "Created": "created",
    "Expires": "expires",
}


@click.group("token")
def tokens() -> None:
    """Tokens: what a connection, or a person, proves itself with."""


@tokens.command("issue")
@click.argument("owner", metavar="TENANT/CONNECTION|TENANT")
@click.option("--user", "user_name", metavar="USERNAME", help="Whose it is: a person of TENANT, who gets /Me with it.")
@click.option("--expires", type=parameters.life, default="365d", show_default=True, help="Its life: 365d, 12h, 30m.")
@click.option("--quiet", is_flag=True, help="Print the token and nothing else.")
@json_option
def issue(owner: str, user_name: str | None, expires: timedelta, quiet: bool, as_json: bool) -> None:
    """Issue a token to a connection, or with --user to a person of TENANT.

    It is shown this once: only a digest of it is kept.
    """
    if quiet and as_json:
        raise click.UsageError("--quiet and --json exclude each other.", click.get_current_context())
    slug, name = parameters.address(owner) if user_name is None else (parameters.tenant(owner), user_name)
    installation = migrated()
    units = installation.units
    tenant = tenancy.tenant(units, slug)
    token: Token | PersonToken
    if user_name is None:
        token, text = tenancy.issue_token(units, tenant, cause(), name, expires)
    else:
        token, text = person_tokens.issue_token(units, tenant, cause(), name, expires)
    base = base_address(installation.settings.public_url, slug)
    if as_json:
        whose = {"connection" if user_name is None else "user": name}
        facts = {"id": token.id, "tenant": slug, **whose, "created": token.created, "expires": token.expires}
        print_json({**facts, "token": text, "baseAddress": base})
        return
    click.echo(text)
    if not quiet:
        click.echo(f"Keep it now: it cannot be shown again. It is valid until {token.expires}.")
        address = base if user_name is None else f"{base}/Me"
        click.echo(f"The client sends it as `Authorization: Bearer ...` to {address}")


@tokens.command("list")
@json_option
def list_(as_json: bool) -> None:
    """Every token by tenant, of connections and then of people, without its secret."""
    now, units = instant(datetime.now(UTC)), migrated().units
    found = [_facts(tenant, token, now, connection=owner.name) for tenant, owner, token in tenancy.tokens(units)]
    found += [_facts(tenant, token, now, user=owner) for tenant, owner, token in person_tokens.tokens(units)]
    listing(found, COLUMNS, "There is no token yet: `scim-server token issue` makes one.", as_json=as_json)


@tokens.command("revoke")
@click.argument("token_id", metavar="ID")
@yes_option
@json_option
def revoke(token_id: str, yes: bool, as_json: bool) -> None:
    """End the token ID at once. `token list` shows ids; an id is also the middle part of a token."""
    units = migrated().units
    if asks(yes=yes, as_json=as_json):
        click.confirm(f"Whoever uses token '{token_id}' will be refused from now on. Revoke it?", abort=True)
    tenancy.revoke_token(units, cause(), token_id)
    report({"id": token_id, "state": "revoked"}, f"Token '{token_id}' is revoked.", as_json=as_json)


def _facts(
    tenant: Tenant,
    token: Token | PersonToken,
    now: Instant,
    *,
    connection: str | None = None,
    user: User | None = None,
) -> dict[str, Any]:
    return {
        "id": token.id,
        "tenant": tenant.slug,
        "connection": connection,
        "user": None if user is None else user.user_name,
        "state": _state(token, now, user),
        "created": token.created,
        "expires": token.expires,
        "revoked": token.revoked,
    }


def _state(token: Token | PersonToken, now: Instant, user: User | None) -> str:
    if token.revoked is not None:
        return "revoked"
    if not token.is_live(now):
        return "expired"
    return "live" if user is None or user.may_hold else "suspended"
