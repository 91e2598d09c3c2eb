"""`scim-server token`: what connections, people and programs prove themselves with."""

from collections.abc import Mapping
from datetime import timedelta

import click

from scim_server.api.items.tokens import NewTokenItem, RotatedTokenItem, TokenItem
from scim_server.api.shapes import dump, dump_all
from scim_server.app import Installation
from scim_server.cli import parameters
from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import (
    confirm,
    json_option,
    listing,
    print_json,
    printable,
    report,
    to_the_second,
    yes_option,
)
from scim_server.domain.access import OPERATOR_SCOPES, PERMISSIONS
from scim_server.domain.tenants import SCIM_SCOPES
from scim_server.services import api_tokens, person_tokens, rotating, tenancy
from scim_server.services import tokens as issuing
from scim_server.services.addresses import api_address, base_address
from scim_server.services.ports import Units
from scim_server.services.token_entries import OF_TENANTS, IssuedToken, SoughtTokens, TokenEntry, TokenKind

COLUMNS = {
    "Id": "id",
    "Kind": "kind",
    "Tenant": "tenant",
    "Connection": "connection",
    "User": "user",
    "Name": "name",
    "Scopes": "scopes",
    "State": "state",
    "Created": "created",
    "Expires": "expires",
    "Last used": "lastUsed",
}
SCOPES = (*sorted(SCIM_SCOPES), *PERMISSIONS, *OPERATOR_SCOPES)
life_option = click.option(
    "--expires", type=parameters.life, default="365d", show_default=True, help="Its life: 365d, 12h, 30m."
)


@click.group("token")
def tokens() -> None:
    """Tokens: what a connection, a person, or a program that calls the admin API proves itself with."""


@tokens.command("issue")
@click.argument("owner", metavar="[TENANT/CONNECTION|TENANT]", required=False)
@click.option("--user", "user_name", metavar="USERNAME", help="Whose it is: a person of TENANT, who gets /Me with it.")
@click.option("--api", "api_name", metavar="NAME", help="For the admin API of TENANT; NAME says what it is for.")
@click.option("--operator", "operator_name", metavar="NAME", help="For the admin API of all tenants, without TENANT.")
@click.option("--scope", "scopes", type=click.Choice(SCOPES), multiple=True, metavar="SCOPE", help="What it permits; "
              "repeatable. For a connection scim:read, scim:write, or both if none is named; for the admin API what "
              "`role permissions` lists.")  # fmt: skip
@click.option("--all-scopes", is_flag=True, help="It permits everything.")
@life_option
@click.option("--quiet", is_flag=True, help="Print the token and nothing else.")
@json_option
def issue(
    owner: str | None,
    user_name: str | None,
    api_name: str | None,
    operator_name: str | None,
    scopes: tuple[str, ...],
    all_scopes: bool,
    expires: timedelta,
    quiet: bool,
    as_json: bool,
) -> None:
    """Issue a token: to a connection, to a person (--user), or for the admin API (--api, --operator).

    It is shown this once: only a digest of it is kept.
    """
    if quiet and as_json:
        raise _misuse("--quiet and --json exclude each other.")
    names = {TokenKind.PERSON: user_name, TokenKind.API: api_name, TokenKind.OPERATOR: operator_name}
    kind, name = _kind(names)
    slug, name = _owner(kind, owner, name)
    new = _issued(migrated(), kind, slug, name, _scopes(kind, scopes, all_scopes=all_scopes), expires)
    if as_json:
        print_json(dump(NewTokenItem, new))
        return
    click.echo(new.text)
    if not quiet:
        click.echo(f"Keep it now: it cannot be shown again. It is valid until {to_the_second(new.expires)}.")
        address = f"{new.base_address}/Me" if kind is TokenKind.PERSON else new.base_address
        click.echo(f"The client sends it as `Authorization: Bearer ...` to {address}")


def _kind(names: dict[TokenKind, str | None]) -> tuple[TokenKind, str]:
    """The kind that is asked for, and whose it is or what it is for."""
    chosen = [(kind, name) for kind, name in names.items() if name is not None]
    if len(chosen) > 1:
        raise _misuse("--user, --api and --operator exclude each other.")
    return chosen[0] if chosen else (TokenKind.CONNECTION, "")


def _owner(kind: TokenKind, owner: str | None, name: str) -> tuple[str, str]:
    """The slug of the tenant, empty for the operator, and the name of the connection, person or token."""
    if kind is TokenKind.OPERATOR:
        if owner is not None:
            raise _misuse("--operator is for all tenants: leave TENANT out.")
        return "", name
    return parameters.address(owner or "") if kind is TokenKind.CONNECTION else (parameters.tenant(owner or ""), name)


def _scopes(kind: TokenKind, scopes: tuple[str, ...], *, all_scopes: bool) -> tuple[str, ...]:
    if scopes and all_scopes:
        raise _misuse("--scope and --all-scopes exclude each other.")
    if kind is TokenKind.PERSON and (scopes or all_scopes):
        raise _misuse("A person's token opens /Me and nothing else: it takes no scope.")
    if kind in {TokenKind.API, TokenKind.OPERATOR} and not (scopes or all_scopes):
        raise _misuse("A token of the admin API takes --scope, once or more, or --all-scopes.")
    return scopes or tuple(sorted(_EVERY[kind]))


_EVERY: Mapping[TokenKind, frozenset[str]] = {
    TokenKind.CONNECTION: SCIM_SCOPES,
    TokenKind.PERSON: frozenset(),
    TokenKind.API: api_tokens.OF_TENANT,
    TokenKind.OPERATOR: api_tokens.OF_OPERATOR,
}
"""What a token of each kind may permit."""


def _issued(
    installation: Installation, kind: TokenKind, slug: str, name: str, scopes: tuple[str, ...], life: timedelta
) -> IssuedToken:
    units, public_url = installation.units, installation.settings.public_url
    if kind is TokenKind.OPERATOR:
        token, text = api_tokens.issue_operators_token(units, name, scopes, life)
        return issuing.issued(units, kind, token.id, text, api_address(public_url))
    tenant = tenancy.tenant(units, slug)
    if kind is TokenKind.API:
        token, text = api_tokens.issue_token(units, tenant, cause(), name, scopes, life)
        return issuing.issued(units, kind, token.id, text, api_address(public_url))
    if kind is TokenKind.CONNECTION:
        ours, text = tenancy.issue_token(units, tenant, cause(), name, life, scopes)
        return issuing.issued(units, kind, ours.id, text, base_address(public_url, slug))
    theirs, text = person_tokens.issue_token(units, tenant, cause(), name, life)
    return issuing.issued(units, kind, theirs.id, text, base_address(public_url, slug))


@tokens.command("rotate")
@click.argument("tenant")
@click.argument("connection")
@click.option("--overlap", type=parameters.life, default="7d", show_default=True, help="How long the token in use "
              "lives on: 7d, 12h.")  # fmt: skip
@life_option
@json_option
def rotate(tenant: str, connection: str, overlap: timedelta, expires: timedelta, as_json: bool) -> None:
    """Issue a token to CONNECTION of TENANT in place of the one in use, with its scopes.

    The one in use, which was used last, lives on for the overlap: have the client change over meanwhile. Any other is
    ended at once. The new one is shown this once.
    """
    installation = migrated()
    units = installation.units
    owner = tenancy.tenant(units, tenant)
    address = base_address(installation.settings.public_url, tenant)
    new = rotating.rotate_token(units, owner, cause(), connection, expires, overlap, address)
    if as_json:
        print_json(dump(RotatedTokenItem, new))
        return
    click.echo(new.text)
    click.echo(f"Keep it now: it cannot be shown again. It is valid until {to_the_second(new.expires)}.")
    if new.replaces is not None:
        until = to_the_second(new.change_over_until or "")
        click.echo(f"Give it to the client by {until}: until then token '{new.replaces}' works as well.")
    for ended in new.ended:
        click.echo(f"Token '{ended}' is revoked.")
    if set(new.scopes) != SCIM_SCOPES:
        click.echo(f"It is good for {', '.join(new.scopes)} alone, as the one in use is.")


@tokens.command("list")
@click.argument("owner", metavar="[TENANT[/CONNECTION]]", required=False)
@click.option("--user", "user_name", metavar="USERNAME", help="Only those of a person of TENANT.")
@click.option("--operator", "operators", is_flag=True, help="Only the operator's own.")
@json_option
def list_(owner: str | None, user_name: str | None, operators: bool, as_json: bool) -> None:
    """Every token without its secret, oldest first: of all tenants and the operator, of TENANT, or of a connection."""
    if operators and (owner or user_name):
        raise _misuse("--operator stands alone.")
    if user_name is not None and owner is None:
        raise _misuse("--user takes TENANT as well.")
    units = migrated().units
    kinds = (TokenKind.OPERATOR,) if operators else tuple(TokenKind)
    found = issuing.tokens(units, SoughtTokens(kinds)) if owner is None else _of_tenant(units, owner, user_name)
    empty = "There is no token yet: `scim-server token issue` makes one."
    listing(dump_all(TokenItem, found), COLUMNS, empty, as_json=as_json)
    for entry in [] if as_json else found:
        if entry.warning is not None:
            click.echo(printable(f"Token '{entry.id}'{_whose(entry)} {entry.warning}. {_cure(entry)}"))


def _whose(entry: TokenEntry) -> str:
    owner = "/".join(part for part in (entry.tenant, entry.connection or entry.user or entry.name) if part)
    return f" of {owner}" if owner else ""


def _cure(entry: TokenEntry) -> str:
    if entry.kind is TokenKind.CONNECTION:
        return f"`scim-server token rotate {entry.tenant} {entry.connection}` replaces the one in use."
    return "Issue another in time, and revoke this one."


def _of_tenant(units: Units, owner: str, user_name: str | None) -> list[TokenEntry]:
    slug, _, connection = owner.partition("/")
    tenant = tenancy.tenant(units, parameters.tenant(owner) if user_name is not None else slug)
    if user_name is not None:
        return issuing.tokens_of_person(units, tenant, user_name, SoughtTokens())
    if connection:
        return issuing.tokens_of_connection(units, tenant, connection, SoughtTokens())
    return issuing.tokens(units, SoughtTokens(OF_TENANTS, tenant.id))


@tokens.command("revoke")
@click.argument("token_id", metavar="ID")
@yes_option
@json_option
def revoke(token_id: str, yes: bool, as_json: bool) -> None:
    """End the token ID at once. `token list` shows ids; an id is also the middle part of a token."""
    units = migrated().units
    confirm(f"Whoever uses token '{token_id}' will be refused from now on. Revoke it?", yes=yes, as_json=as_json)
    issuing.revoke_any_token(units, cause(), token_id)
    report({"id": token_id, "state": "revoked"}, f"Token '{token_id}' is revoked.", as_json=as_json)


def _misuse(sentence: str) -> click.UsageError:
    return click.UsageError(sentence, click.get_current_context())
