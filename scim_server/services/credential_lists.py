"""Every live credential of a tenant, of whatever kind, in one list: what anybody could come in with at this moment."""

from collections.abc import Iterator
from dataclasses import dataclass

from scim_server.domain.instants import Instant
from scim_server.domain.oauth_clients import AccessToken, ClientMethod, ClientSecret, OAuthClient
from scim_server.domain.oauth_grants import GrantState, OAuthGrant
from scim_server.domain.tenants import Tenant
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.token_entries import LIVE, OF_TENANTS, SoughtTokens, TokenEntry

BY_KEY = frozenset({ClientMethod.PRIVATE_KEY_JWT, ClientMethod.FEDERATION})
"""How a client proves itself that has no secret: it is a credential itself."""
GOING_ON = frozenset({GrantState.PENDING, GrantState.LIVE})


@dataclass(frozen=True, slots=True)
class CredentialEntry:
    """A credential without anything secret.

    `kind` is that of a token, or client_secret, client (which proves itself by keys of its own or a token of a trusted
    issuer), grant (what an admin consented to), access_token, or issuer (whose tokens are taken). `owner` names whose
    it is, `connection` the connection that it acts as. What has no end of its own has no `expires`. `ended_by` is the
    command that ends it.
    """

    id: str
    kind: str
    owner: str
    connection: str | None
    scopes: tuple[str, ...]
    created: Instant
    expires: Instant | None
    last_used: Instant | None
    ended_by: str

    @property
    def key(self) -> tuple[Instant, str]:
        """Its place in lists, which have the oldest first."""
        return self.created, self.id


def credentials(units: Units, tenant: Tenant) -> list[CredentialEntry]:
    """All that is live, oldest first."""
    with units.overview(tenant.id) as operator:
        entries = operator.token_entries(SoughtTokens(OF_TENANTS, tenant.id))
    found = [_of_token(entry) for entry in entries if entry.state == LIVE]
    with units.read(tenant) as uow:
        found += [*_of_clients(uow), *_of_issuers(uow)]
    return sorted(found, key=lambda each: each.key)


def _of_token(entry: TokenEntry) -> CredentialEntry:
    owner = entry.connection or entry.user or entry.name or ""
    return CredentialEntry(
        entry.id,
        entry.kind,
        owner,
        entry.connection,
        entry.scopes,
        entry.created,
        entry.expires,
        entry.last_used,
        f"token revoke {entry.id}",
    )


def _of_clients(uow: UnitOfWork) -> Iterator[CredentialEntry]:
    """The credentials of clients that are not revoked: revoking one ends all of its."""
    names = {each.id: each.name for each in uow.connections.all()}
    clients = {
        client.id: _Client(client, names.get(client.connection_id or ""), uow.tenant.slug)
        for client in uow.oauth_clients.all()
        if client.revoked is None
    }
    yield from (each.entry("client", each.client) for each in clients.values() if each.client.method in BY_KEY)
    for secret in uow.oauth_clients.all_secrets():
        if secret.client_id in clients and secret.is_live(uow.now):
            yield clients[secret.client_id].entry("client_secret", secret)
    for client in clients.values():
        for grant in uow.oauth_grants.of_client(client.client.id) if client.client.redirect_uris else ():
            if grant.state(uow.now) in GOING_ON:
                yield client.entry("grant", grant)
    for token in uow.access_tokens.live(uow.now):
        if token.client_id in clients:
            yield clients[token.client_id].entry("access_token", token)


def _of_issuers(uow: UnitOfWork) -> Iterator[CredentialEntry]:
    names = {each.id: each.name for each in uow.connections.all()}
    for issuer in uow.trusted_issuers.all():
        yield CredentialEntry(
            issuer.id,
            "issuer",
            issuer.name,
            names.get(issuer.connection_id),
            tuple(sorted(issuer.scopes)),
            issuer.created,
            None,
            None,
            f"issuer remove {uow.tenant.slug} {issuer.id}",
        )


@dataclass(frozen=True, slots=True)
class _Client:
    """A client of the tenant of that slug, and the name of its connection, if it has one."""

    client: OAuthClient
    connection: str | None
    slug: str

    def entry(self, kind: str, made: OAuthClient | ClientSecret | OAuthGrant | AccessToken) -> CredentialEntry:
        """The client itself, a secret of its, what was consented to for it, or a token that it has."""
        scopes = self.client.scopes if isinstance(made, ClientSecret) else made.scopes
        named = f"{self.slug} {self.client.id}"
        return CredentialEntry(
            made.id,
            kind,
            self.client.name,
            self.connection,
            tuple(sorted(scopes)),
            made.created,
            None if isinstance(made, OAuthClient) else made.expires,
            made.last_used if isinstance(made, ClientSecret) else None,
            {
                "client_secret": f"oauth secret revoke {named} {made.id}",
                "grant": f"oauth grant revoke {named}",
            }.get(kind, f"oauth client revoke {named}"),
        )
