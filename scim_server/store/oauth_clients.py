"""Clients of the authorization server and their secrets."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL, Connection, bindparam, or_, select, update
from sqlalchemy.exc import IntegrityError

from scim_server.domain.instants import Instant
from scim_server.domain.oauth_clients import ClientMethod, ClientSecret, OAuthClient
from scim_server.services.ports import KnownClient, ProvenClient
from scim_server.store import rows
from scim_server.store.scopes import Scope, taken
from scim_server.store.tables import client_secrets, connections, oauth_clients, tenants

_SAVED = (
    "name",
    "method",
    "scopes",
    "redirect_uris",
    "jwks",
    "jwks_uri",
    "token_seconds",
    "dpop",
    "certificate_bound",
    "pkce",
    "revoked",
)
CAN_ACT = or_(oauth_clients.c.connection_id.is_(None), connections.c.removed.is_(None))
"""Whether a client acts as a connection that is there, or as none; joined with what it acts as."""
_CLIENTS = select(oauth_clients).where(oauth_clients.c.tenant_id == bindparam("tenant")).order_by(oauth_clients.c.name)
_ONE = _CLIENTS.where(oauth_clients.c.id == bindparam("of_client"))
_NAMED = _CLIENTS.where(oauth_clients.c.name == bindparam("wanted"))
_SAVE = (
    update(oauth_clients)
    .where(oauth_clients.c.tenant_id == bindparam("tenant"), oauth_clients.c.id == bindparam("of_client"))
    .values({name: bindparam(name) for name in _SAVED})
)
_ALL_SECRETS = (
    select(client_secrets).where(client_secrets.c.tenant_id == bindparam("tenant")).order_by(client_secrets.c.id)
)
_SECRETS = (
    select(client_secrets)
    .where(client_secrets.c.tenant_id == bindparam("tenant"), client_secrets.c.client_id == bindparam("of_client"))
    .order_by(client_secrets.c.created, client_secrets.c.id)
)
_ONE_SECRET = (client_secrets.c.tenant_id == bindparam("tenant")) & (client_secrets.c.id == bindparam("of_secret"))
_REVOKE = (
    update(client_secrets)
    .where(_ONE_SECRET, client_secrets.c.client_id == bindparam("of_client"), client_secrets.c.revoked.is_(None))
    .values(revoked=bindparam("now"))
)
_USED = update(client_secrets).where(_ONE_SECRET).values(last_used=bindparam("now"))
_KNOWN = (
    select(oauth_clients, tenants, connections)
    .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
    .join(tenants, tenants.c.id == oauth_clients.c.tenant_id)
    .outerjoin(
        connections,
        (connections.c.tenant_id == oauth_clients.c.tenant_id) & (connections.c.id == oauth_clients.c.connection_id),
    )
    .where(oauth_clients.c.tenant_id == bindparam("tenant"), oauth_clients.c.id == bindparam("of_client"), CAN_ACT)
)
_PROVEN = (
    _KNOWN.add_columns(*client_secrets.columns)
    .join(
        client_secrets,
        (client_secrets.c.tenant_id == oauth_clients.c.tenant_id) & (client_secrets.c.client_id == oauth_clients.c.id),
    )
    .where(client_secrets.c.digest == bindparam("digest"))
)


@dataclass(frozen=True, slots=True)
class OAuthClients:
    """The clients of one tenant."""

    scope: Scope

    def all(self) -> list[OAuthClient]:
        return [client_of(row) for row in self.scope.rows(_CLIENTS)]

    def get(self, client_id: str) -> OAuthClient | None:
        row = self.scope.row(_ONE, of_client=client_id)
        return None if row is None else client_of(row)

    def named(self, name: str) -> OAuthClient | None:
        row = self.scope.row(_NAMED, wanted=name)
        return None if row is None else client_of(row)

    def add(self, client: OAuthClient) -> None:
        fixed = {"id": client.id, "connection_id": client.connection_id, "created": client.created}
        try:
            self.scope.insert(oauth_clients, {**fixed, **_saved(client)})
        except IntegrityError as error:
            raise _name_taken(error, client) from error

    def save(self, client: OAuthClient) -> None:
        try:
            self.scope.run(_SAVE, of_client=client.id, **_saved(client))
        except IntegrityError as error:
            raise _name_taken(error, client) from error

    def secrets(self, client_id: str) -> list[ClientSecret]:
        return [rows.record_of(ClientSecret, row) for row in self.scope.rows(_SECRETS, of_client=client_id)]

    def all_secrets(self) -> list[ClientSecret]:
        return [rows.record_of(ClientSecret, row) for row in self.scope.rows(_ALL_SECRETS)]

    def add_secret(self, secret: ClientSecret) -> None:
        self.scope.insert(client_secrets, rows.columns_of(secret))

    def revoke_secret(self, client_id: str, secret_id: str, now: Instant) -> bool:
        return self.scope.run(_REVOKE, of_client=client_id, of_secret=secret_id, now=now) == 1

    def note_use(self, secret_id: str, now: Instant) -> None:
        self.scope.run(_USED, of_secret=secret_id, now=now)


def known_client(connection: Connection, tenant_id: str, client_id: str) -> KnownClient | None:
    """The client of that id with its tenant and connection."""
    row = connection.execute(_KNOWN, {"tenant": tenant_id, "of_client": client_id}).mappings().first()
    return None if row is None else _known(row)


def client_by_secret(connection: Connection, tenant_id: str, client_id: str, digest: str) -> ProvenClient | None:
    """The client of that id with its tenant, its connection and its secret of that digest."""
    wanted = {"tenant": tenant_id, "of_client": client_id, "digest": digest}
    row = connection.execute(_PROVEN, wanted).mappings().first()
    return None if row is None else (*_known(row), rows.record_of(ClientSecret, rows.part(row, "client_secrets_")))


def client_of(row: rows.Row) -> OAuthClient:
    """The client in a row of its table."""
    return rows.record_of(
        OAuthClient,
        row,
        method=ClientMethod(row["method"]),
        scopes=frozenset(row["scopes"]),
        redirect_uris=tuple(row["redirect_uris"]),
    )


def _known(row: rows.Row) -> KnownClient:
    link = rows.part(row, "connections_")
    connection = None if link["id"] is None else rows.connection_of(link)
    return rows.tenant_of(rows.part(row, "tenants_")), client_of(rows.part(row, "oauth_clients_")), connection


def _saved(client: OAuthClient) -> dict[str, Any]:
    return {name: getattr(client, name) for name in _SAVED} | {
        "method": client.method.value,
        "scopes": sorted(client.scopes),
        "redirect_uris": list(client.redirect_uris),
    }


def _name_taken(error: IntegrityError, client: OAuthClient) -> Exception:
    return taken(error, "name", f"This tenant has a client '{client.name}' already.")
