"""Tokens of every kind in one list, oldest first: the parts of it that a page may need, each read by its key."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL, Connection, Select, Table, select, tuple_

from scim_server.domain.instants import Instant
from scim_server.services.token_entries import SoughtTokens, TokenEntry, TokenKind
from scim_server.store import rows
from scim_server.store.connections import CONNECTION_OF
from scim_server.store.tables import api_tokens, connections, operator_tokens, person_tokens, tenants, tokens, users

_OF_CONNECTIONS = select(tokens, connections, tenants).join(connections, CONNECTION_OF)
_OF_PEOPLE = select(person_tokens, users, tenants).join(
    users, (person_tokens.c.tenant_id == users.c.tenant_id) & (person_tokens.c.user_id == users.c.id)
)


def token_entries(connection: Connection, sought: SoughtTokens, now: Instant, cell: str) -> list[TokenEntry]:
    """What is sought of tenants that live in the cell; a statement for each kind."""
    found = [entry for kind in sought.kinds for entry in _READ[kind](connection, sought, now, cell)]
    return sorted(found, key=lambda entry: entry.key)[: sought.most]


def _of_connections(connection: Connection, sought: SoughtTokens, now: Instant, cell: str) -> Iterator[TokenEntry]:
    statement = _OF_CONNECTIONS.join(tenants, (tenants.c.id == tokens.c.tenant_id) & (tenants.c.cell == cell))
    if sought.connection_id is not None:
        statement = statement.where(tokens.c.connection_id == sought.connection_id)
    for row in _read(connection, statement, tokens, sought):
        owner = rows.connection_of(rows.part(row, "connections_"))
        yield TokenEntry.of_connection(_tenant(row), owner, rows.token_of(rows.part(row, "tokens_")), now)


def _of_people(connection: Connection, sought: SoughtTokens, now: Instant, cell: str) -> Iterator[TokenEntry]:
    statement = _OF_PEOPLE.join(tenants, (tenants.c.id == person_tokens.c.tenant_id) & (tenants.c.cell == cell))
    if sought.user_id is not None:
        statement = statement.where(person_tokens.c.user_id == sought.user_id)
    for row in _read(connection, statement, person_tokens, sought):
        owner = rows.user_of(rows.part(row, "users_"))
        token = rows.person_token_of(rows.part(row, "person_tokens_"))
        yield TokenEntry.of_person(_tenant(row), owner, token, now)


def _of_api(connection: Connection, sought: SoughtTokens, now: Instant, cell: str) -> Iterator[TokenEntry]:
    statement = select(api_tokens, tenants).join(
        tenants, (tenants.c.id == api_tokens.c.tenant_id) & (tenants.c.cell == cell)
    )
    for row in _read(connection, statement, api_tokens, sought):
        tenant = _tenant(row)
        yield TokenEntry.of_api(tenant, rows.api_token_of(rows.part(row, "api_tokens_"), tenant.id), now)


def _of_operator(connection: Connection, sought: SoughtTokens, now: Instant, _cell: str) -> Iterator[TokenEntry]:
    for row in _read(connection, select(operator_tokens), operator_tokens, sought):
        yield TokenEntry.of_api(None, rows.api_token_of(rows.part(row, "operator_tokens_"), None), now)


_READ = {
    TokenKind.CONNECTION: _of_connections,
    TokenKind.PERSON: _of_people,
    TokenKind.API: _of_api,
    TokenKind.OPERATOR: _of_operator,
}


def _read(connection: Connection, statement: Select[Any], table: Table, sought: SoughtTokens) -> Iterator[rows.Row]:
    if sought.tenant_id is not None and "tenant_id" in table.c:
        statement = statement.where(table.c.tenant_id == sought.tenant_id)
    if sought.token_id is not None:
        statement = statement.where(table.c.id == sought.token_id)
    if sought.after is not None:
        statement = statement.where(tuple_(table.c.created, table.c.id) > tuple_(*sought.after))
    ordered = statement.order_by(table.c.created, table.c.id).limit(sought.most)
    labelled = ordered.set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
    yield from connection.execute(labelled).mappings()


def _tenant(row: rows.Row) -> Any:
    return rows.tenant_of(rows.part(row, "tenants_"))
