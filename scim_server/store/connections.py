"""The connections of a tenant and their tokens."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL, bindparam, func, select, true, update
from sqlalchemy import Connection as Session
from sqlalchemy.exc import IntegrityError

from scim_server.domain.instants import Instant
from scim_server.domain.tenants import Connection, Tenant, Token
from scim_server.store import rows
from scim_server.store.scopes import Scope, taken
from scim_server.store.tables import connections, groups, resources, tenants, tokens, users

_TERMS = (
    "name",
    "idp",
    "manages_entitlements",
    "max_role",
    "accepts_basic",
    "accepts_raw",
    "creator_only",
    "networks",
)

_EVER = (
    select(connections)
    .where(connections.c.tenant_id == bindparam("tenant"))
    .order_by(connections.c.removed.is_not(None), connections.c.removed.desc(), connections.c.name)
)
_CONNECTIONS = (
    select(connections)
    .where(connections.c.tenant_id == bindparam("tenant"), connections.c.removed.is_(None))
    .order_by(connections.c.name)
)
_NAMED = _CONNECTIONS.where(connections.c.name == bindparam("wanted"))
_WROTE = (
    update(connections)
    .where(connections.c.tenant_id == bindparam("tenant"), connections.c.id == bindparam("of_connection"))
    .values(wrote_entitlements=True)
)
_SAVE = (
    update(connections)
    .where(connections.c.tenant_id == bindparam("tenant"), connections.c.id == bindparam("of_connection"))
    .values({name: bindparam(name) for name in _TERMS})
)
_REMOVE = (
    update(connections)
    .where(connections.c.tenant_id == bindparam("tenant"), connections.c.id == bindparam("of_connection"))
    .values(
        removed=bindparam("now"),
        former_name=connections.c.name,
        name=connections.c.id,
        successor=bindparam("heir", type_=connections.c.successor.type),
    )
)
_SETTLE = (
    update(connections)
    .where(connections.c.tenant_id == bindparam("tenant"), connections.c.id == bindparam("of_connection"))
    .values(settled=True)
)
_UNSETTLED = (
    select(connections, tenants)
    .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
    .join(tenants, (tenants.c.id == connections.c.tenant_id) & (tenants.c.cell == bindparam("here")))
    .where(connections.c.removed.is_not(None), connections.c.settled != true())
    .order_by(connections.c.removed)
)
_REVOKE = (
    update(tokens)
    .where(
        tokens.c.tenant_id == bindparam("tenant"),
        tokens.c.id == bindparam("of_token"),
        tokens.c.revoked.is_(None),
    )
    .values(revoked=bindparam("now"))
)
_LOCK = (
    select(connections.c.id)
    .where(connections.c.tenant_id == bindparam("tenant"), connections.c.id == bindparam("of_connection"))
    .with_for_update(key_share=True)
)
_UNREVOKED = (
    select(tokens)
    .where(tokens.c.tenant_id == bindparam("tenant"), tokens.c.revoked.is_(None))
    .order_by(tokens.c.created, tokens.c.id)
)
_SHORTEN = (
    update(tokens)
    .where(tokens.c.tenant_id == bindparam("tenant"), tokens.c.id == bindparam("of_token"))
    .values(expires=bindparam("until"))
)
_MANAGED = {
    table: select(func.count()).where(table.c.tenant_id == bindparam("tenant"), table.c.origin == bindparam("origin"))
    for table in (users, groups, resources)
}
CONNECTION_OF = (
    (tokens.c.tenant_id == connections.c.tenant_id)
    & (tokens.c.connection_id == connections.c.id)
    & connections.c.removed.is_(None)
)
"""Joins a token with the connection that it opens, which is still there."""
_BEARER = (
    select(tokens, connections, tenants)
    .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
    .join(connections, CONNECTION_OF)
    .join(tenants, tenants.c.id == tokens.c.tenant_id)
)
_ONE_BEARER = _BEARER.where(
    tokens.c.tenant_id == bindparam("tenant"), tokens.c.id == bindparam("token"), tokens.c.digest == bindparam("digest")
)


@dataclass(frozen=True, slots=True)
class Connections:
    """The connections of one tenant and their tokens."""

    scope: Scope

    def all(self) -> list[Connection]:
        return [rows.connection_of(row) for row in self.scope.rows(_CONNECTIONS)]

    def ever(self) -> list[Connection]:
        return [rows.connection_of(row) for row in self.scope.rows(_EVER)]

    def named(self, name: str) -> Connection | None:
        row = self.scope.row(_NAMED, wanted=name)
        return None if row is None else rows.connection_of(row)

    def add(self, connection: Connection) -> None:
        try:
            self.scope.insert(
                connections,
                {
                    "id": connection.id,
                    "wrote_entitlements": connection.wrote_entitlements,
                    "created": connection.created,
                    **_terms(connection),
                },
            )
            if connection.removed is not None:
                self.remove(connection)
        except IntegrityError as error:
            raise _name_taken(error, connection) from error

    def save(self, connection: Connection) -> None:
        try:
            self.scope.run(_SAVE, of_connection=connection.id, **_terms(connection))
        except IntegrityError as error:
            raise _name_taken(error, connection) from error

    def remove(self, connection: Connection) -> None:
        self.scope.run(_REMOVE, of_connection=connection.id, now=connection.removed, heir=connection.successor)

    def settle(self, connection_id: str) -> None:
        self.scope.run(_SETTLE, of_connection=connection_id)

    def mark_wrote_entitlements(self, connection_id: str) -> None:
        self.scope.run(_WROTE, of_connection=connection_id)

    def managed(self, origin: str) -> tuple[int, int, int]:
        people, its_groups, others = (self.scope.scalar(each, origin=origin) for each in _MANAGED.values())
        return people, its_groups, others

    def add_token(self, token: Token) -> None:
        self.scope.insert(tokens, rows.columns_of(token, scopes=sorted(token.scopes)))

    def lock(self, connection_id: str) -> None:
        self.scope.row(_LOCK, of_connection=connection_id)

    def unrevoked_tokens(self) -> list[Token]:
        return [rows.token_of(row) for row in self.scope.rows(_UNREVOKED)]

    def shorten_token(self, token_id: str, expires: Instant) -> None:
        self.scope.run(_SHORTEN, of_token=token_id, until=expires)

    def revoke_token(self, token_id: str, now: Instant) -> bool:
        return self.scope.run(_REVOKE, of_token=token_id, now=now) == 1


def bearer(session: Session, tenant_id: str, token_id: str, digest: str) -> tuple[Tenant, Connection, Token] | None:
    """The token of that public id and digest with its connection and tenant."""
    row = session.execute(_ONE_BEARER, {"tenant": tenant_id, "token": token_id, "digest": digest}).mappings().first()
    if row is None:
        return None
    return (
        rows.tenant_of(rows.part(row, "tenants_")),
        rows.connection_of(rows.part(row, "connections_")),
        rows.token_of(rows.part(row, "tokens_")),
    )


def unsettled(session: Session, cell: str) -> list[tuple[Tenant, Connection]]:
    """Removed connections to whom something may belong yet, of tenants that live in the cell, oldest removal first."""
    found = session.execute(_UNSETTLED, {"here": cell}).mappings().all()
    return [
        (rows.tenant_of(rows.part(row, "tenants_")), rows.connection_of(rows.part(row, "connections_")))
        for row in found
    ]


def _terms(connection: Connection) -> dict[str, Any]:
    return {name: getattr(connection, name) for name in _TERMS} | {"networks": list(connection.networks)}


def _name_taken(error: IntegrityError, connection: Connection) -> Exception:
    return taken(error, "name", f"This tenant has a connection '{connection.name}' already.")
