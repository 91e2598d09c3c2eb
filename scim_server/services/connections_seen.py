"""Connections as an admin sees them: what each comes in with, what it sent of late, and what it manages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scim_server.domain.instants import Instant
from scim_server.domain.oauth_clients import OAuthClient, TrustedIssuer
from scim_server.domain.tenants import Connection, Tenant
from scim_server.services import tokens
from scim_server.services.actors import CONNECTION
from scim_server.services.log_entries import Activity
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.tenancy import connection_called
from scim_server.services.token_entries import LIVE, SoughtTokens, TokenEntry, TokenKind

RECENT = 10_000
"""Requests of a tenant that its connections' activity is told of."""


@dataclass(frozen=True, slots=True)
class ConnectionView:
    """A connection with its tokens, oldest first, its clients of the authorization server, and the issuers that it
    trusts. `activity` is of the tenant's last RECENT requests, None where it sent none of them."""

    connection: Connection
    tokens: Sequence[TokenEntry]
    clients: Sequence[OAuthClient]
    issuers: Sequence[TrustedIssuer]
    activity: Activity | None

    @property
    def live_tokens(self) -> list[TokenEntry]:
        return [token for token in self.tokens if token.state == LIVE]

    @property
    def live_clients(self) -> list[OAuthClient]:
        return [client for client in self.clients if client.revoked is None]

    @property
    def opens(self) -> bool:
        """Whether anything comes in through it at all."""
        return bool(self.live_tokens or self.live_clients or self.issuers)

    @property
    def last_request(self) -> Instant | None:
        """When it last sent anything, as far as that is known: a token remembers it to the minute."""
        known = [token.last_used for token in self.tokens if token.last_used is not None]
        if self.activity is not None:
            known.append(self.activity.last)
        return max(known, default=None)


@dataclass(frozen=True, slots=True)
class Managed:
    """How many people, groups and other resources a connection manages: it created them, or they were linked to it."""

    people: int
    groups: int
    resources: int


def connections_seen(units: Units, tenant: Tenant) -> list[ConnectionView]:
    """Every connection of the tenant by name; a fixed number of statements."""
    entries = tokens.tokens(units, SoughtTokens((TokenKind.CONNECTION,), tenant.id))
    with units.read(tenant) as uow:
        return _views(uow, uow.connections.all(), entries)


def connection_seen(units: Units, tenant: Tenant, called: str) -> ConnectionView:
    """The connection of that name, or else of that id; raises Missing."""
    with units.read(tenant) as uow:
        connection = connection_called(uow, called)
    sought = SoughtTokens((TokenKind.CONNECTION,), tenant.id, connection.id)
    entries = tokens.tokens(units, sought)
    with units.read(tenant) as uow:
        (view,) = _views(uow, [connection], entries)
        return view


def managed(units: Units, tenant: Tenant, called: str) -> Managed:
    """What the connection manages. Raises Missing."""
    with units.browse(tenant) as uow:
        return Managed(*uow.connections.managed(f"{CONNECTION}{connection_called(uow, called).id}"))


def _views(uow: UnitOfWork, shown: Sequence[Connection], entries: Sequence[TokenEntry]) -> list[ConnectionView]:
    clients, issuers = uow.oauth_clients.all(), uow.trusted_issuers.all()
    activity: Mapping[str, Activity] = {each.actor: each for each in uow.log.activity(RECENT)}
    return [
        ConnectionView(
            each,
            [entry for entry in entries if entry.connection == each.name],
            [client for client in clients if client.connection_id == each.id],
            [issuer for issuer in issuers if issuer.connection_id == each.id],
            activity.get(f"{CONNECTION}{each.id}"),
        )
        for each in shown
    ]
