"""`scim-server token`: what connections prove themselves with."""

import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from scim_server.cli import parameters
from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import json_option, listing, print_json, report
from scim_server.cli.tenants import base_address
from scim_server.domain.instants import Instant, instant
from scim_server.domain.tenants import Connection, Tenant, Token
from scim_server.services import tenancy

COLUMNS = {
    "Id": "id",
    "Tenant": "tenant",
    "Connection": "connection",
    "State": "state",
    "Created": "created",
    "Expires": "expires",
}


@click.group("token")
def tokens() -> None:
    """Tokens: what a connection proves itself with."""


@tokens.command("issue")
@click.argument("connection", type=parameters.address, metavar="TENANT/CONNECTION")
@click.option("--expires", type=parameters.life, default="365d", show_default=True, help="Its life: 365d, 12h, 30m.")
@click.option("--quiet", is_flag=True, help="Print the token and nothing else.")
@json_option
def issue(connection: tuple[str, str], expires: timedelta, quiet: bool, as_json: bool) -> None:
    """Issue a token. It is shown this once: only a digest of it is kept."""
    if quiet and as_json:
        raise click.UsageError("--quiet and --json exclude each other.", click.get_current_context())
    slug, name = connection
    installation = migrated()
    tenant = tenancy.tenant(installation.units, slug)
    token, text = tenancy.issue_token(installation.units, tenant, cause(), name, expires)
    base = base_address(installation.settings.public_url, slug)
    if as_json:
        facts = {"id": token.id, "tenant": slug, "connection": name, "created": token.created, "expires": token.expires}
        print_json({**facts, "token": text, "baseAddress": base})
    else:
        click.echo(text)
    if not quiet and not as_json:
        click.echo(f"Keep it now: it cannot be shown again. It is valid until {token.expires}.")
        click.echo(f"The client sends it as `Authorization: Bearer ...` to {base}")


@tokens.command("list")
@json_option
def list_(as_json: bool) -> None:
    """Every token by tenant and connection, without its secret."""
    now = instant(datetime.now(UTC))
    found = [_facts(*owned, now) for owned in tenancy.tokens(migrated().units)]
    listing(found, COLUMNS, "There is no token yet: `scim-server token issue` makes one.", as_json=as_json)


@tokens.command("revoke")
@click.argument("token_id", metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask, at a terminal.")
@json_option
def revoke(token_id: str, yes: bool, as_json: bool) -> None:
    """End the token ID at once. `token list` shows ids; an id is also the middle part of a token."""
    units = migrated().units
    if not yes and not as_json and sys.stdin.isatty() and sys.stdout.isatty():
        click.confirm(f"Whoever uses token '{token_id}' will be refused from now on. Revoke it?", abort=True)
    tenancy.revoke_token(units, cause(), token_id)
    report({"id": token_id, "state": "revoked"}, f"Token '{token_id}' is revoked.", as_json=as_json)


def _facts(tenant: Tenant, connection: Connection, token: Token, now: Instant) -> dict[str, Any]:
    return {
        "id": token.id,
        "tenant": tenant.slug,
        "connection": connection.name,
        "state": _state(token, now),
        "created": token.created,
        "expires": token.expires,
        "revoked": token.revoked,
    }


def _state(token: Token, now: Instant) -> str:
    if token.revoked is not None:
        return "revoked"
    return "live" if token.is_live(now) else "expired"
