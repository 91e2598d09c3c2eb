"""What the authorization server issued: rows by `jti`, so that a signed token can be ended at once."""

from dataclasses import dataclass

from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL, Connection, bindparam, delete, select, update

from scim_server.domain.instants import Instant
from scim_server.domain.oauth_clients import AccessToken
from scim_server.services.ports import AccessBearer
from scim_server.store import rows
from scim_server.store.oauth_clients import CAN_ACT, client_of
from scim_server.store.scopes import Scope
from scim_server.store.tables import (
    access_tokens,
    approval_codes,
    connections,
    oauth_clients,
    oauth_grants,
    refresh_tokens,
    tenants,
    used_proofs,
)

_OF_TENANT = access_tokens.c.tenant_id == bindparam("tenant")
_LIVE = (
    select(access_tokens)
    .where(_OF_TENANT, access_tokens.c.revoked.is_(None), access_tokens.c.expires > bindparam("now"))
    .order_by(access_tokens.c.created, access_tokens.c.id)
)
_REVOKE = (
    update(access_tokens)
    .where(_OF_TENANT, access_tokens.c.id == bindparam("of_token"), access_tokens.c.revoked.is_(None))
    .values(revoked=bindparam("now"))
)
_REVOKE_FAMILY = (
    update(access_tokens)
    .where(_OF_TENANT, access_tokens.c.family == bindparam("of_family"), access_tokens.c.revoked.is_(None))
    .values(revoked=bindparam("now"))
)
_REVOKE_ALL = (
    update(access_tokens)
    .where(access_tokens.c.revoked.is_(None), access_tokens.c.expires > bindparam("now"))
    .values(revoked=bindparam("now"))
)
_BEARER = (
    select(access_tokens, oauth_clients, connections, tenants)
    .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
    .join(
        oauth_clients,
        (oauth_clients.c.tenant_id == access_tokens.c.tenant_id) & (oauth_clients.c.id == access_tokens.c.client_id),
    )
    .outerjoin(
        connections,
        (connections.c.tenant_id == oauth_clients.c.tenant_id) & (connections.c.id == oauth_clients.c.connection_id),
    )
    .join(tenants, tenants.c.id == access_tokens.c.tenant_id)
    .where(_OF_TENANT, access_tokens.c.id == bindparam("of_token"), CAN_ACT)
)
_PASSING = (access_tokens, oauth_grants, approval_codes, refresh_tokens, used_proofs)
_FORGET = [delete(table).where(table.c.expires < bindparam("before")) for table in _PASSING]


@dataclass(frozen=True, slots=True)
class AccessTokens:
    """The access tokens of one tenant's clients."""

    scope: Scope

    def add(self, token: AccessToken) -> None:
        self.scope.insert(access_tokens, rows.columns_of(token, scopes=sorted(token.scopes)))

    def live(self, now: Instant) -> list[AccessToken]:
        return [_token_of(row) for row in self.scope.rows(_LIVE, now=now)]

    def revoke(self, token_id: str, now: Instant) -> bool:
        return self.scope.run(_REVOKE, of_token=token_id, now=now) == 1

    def revoke_family(self, family: str, now: Instant) -> None:
        self.scope.run(_REVOKE_FAMILY, of_family=family, now=now)


def access_bearer(connection: Connection, tenant_id: str, token_id: str) -> AccessBearer | None:
    """The token of that id with its client, the client's connection if it has one, and the tenant."""
    row = connection.execute(_BEARER, {"tenant": tenant_id, "of_token": token_id}).mappings().first()
    if row is None:
        return None
    link = rows.part(row, "connections_")
    return (
        rows.tenant_of(rows.part(row, "tenants_")),
        client_of(rows.part(row, "oauth_clients_")),
        None if link["id"] is None else rows.connection_of(link),
        _token_of(rows.part(row, "access_tokens_")),
    )


def revoke_all(connection: Connection, now: Instant) -> None:
    """End every access token of every tenant."""
    connection.execute(_REVOKE_ALL, {"now": now})


def forget_expired(connection: Connection, before: Instant) -> int:
    """Remove what had expired by then: tokens, codes, and what may be shown once only."""
    return sum(connection.execute(statement, {"before": before}).rowcount for statement in _FORGET)


def _token_of(row: rows.Row) -> AccessToken:
    return rows.record_of(AccessToken, row, scopes=frozenset(row["scopes"]))
