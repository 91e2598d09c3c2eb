"""Credentials that are about to expire, as issues: opened early and again as the end comes near, closed by a successor.

What counts is the last credential of each owner to expire: one beside another that lives longer is nobody's problem.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scim_server.domain.expiries import warning_of
from scim_server.domain.instants import Instant
from scim_server.domain.oauth_clients import ClientSecret, OAuthClient
from scim_server.domain.tenants import ApiToken, Token
from scim_server.services.issues import TOKEN_EXPIRES, issue
from scim_server.services.ports import Issue, UnitOfWork


@dataclass(frozen=True, slots=True)
class Expiry:
    """When a credential ends. `owner` is what it is replaced for, `named` what people know it by."""

    owner: str
    named: str
    created: Instant
    expires: Instant
    connection_id: str | None = None


def settle_expiries(uow: UnitOfWork) -> None:
    """Close the issues of credentials that are replaced or revoked, open those that are missing."""
    missing, stale = expiry_issues(uow)
    if missing or stale:
        uow.issues.close_these(stale)
        uow.issues.open(*missing)


def expiry_issues(uow: UnitOfWork) -> tuple[list[Issue], list[Issue]]:
    """The issues that are missing, and those that no longer hold; with a fixed number of statements."""
    due = _due(uow)
    opened = {each.subject: each for each in uow.issues.find(closed=False, code=TOKEN_EXPIRES)}
    missing = [
        issue(uow, TOKEN_EXPIRES, subject=subject, connection_id=connection_id)
        for subject, connection_id in sorted(due.items())
        if subject not in opened
    ]
    return missing, [each for subject, each in opened.items() if subject not in due]


def _due(uow: UnitOfWork) -> Mapping[str, str | None]:
    """What is to be complained of, with the connection that it is about, if it is about one."""
    last: dict[str, Expiry] = {}
    for each in _expiries(uow):
        if each.owner not in last or last[each.owner].expires <= each.expires:
            last[each.owner] = each
    warned = ((each, warning_of(each.created, each.expires, uow.now)) for each in last.values())
    return {f"{each.named} {warning}": each.connection_id for each, warning in warned if warning}


def _expiries(uow: UnitOfWork) -> Iterable[Expiry]:
    yield from map(_of_connection, uow.connections.unrevoked_tokens())
    yield from (_of_program(token) for token in uow.api_tokens.all() if token.revoked is None)
    clients = {client.id: client for client in uow.oauth_clients.all() if client.revoked is None}
    for secret in uow.oauth_clients.all_secrets():
        if secret.revoked is None and secret.client_id in clients:
            yield _of_client(clients[secret.client_id], secret)


def _of_connection(token: Token) -> Expiry:
    owner = token.connection_id
    return Expiry(f"connection {owner}", f"token {token.id}", token.created, token.expires, owner)


def _of_program(token: ApiToken) -> Expiry:
    """A program's next token has the same name."""
    return Expiry(f"program {token.name}", f"token {token.id} ({token.name})", token.created, token.expires)


def _of_client(client: OAuthClient, secret: ClientSecret) -> Expiry:
    named = f"secret {secret.id} of the client {client.name}"
    return Expiry(f"client {client.id}", named, secret.created, secret.expires, client.connection_id)
