"""When tokens of every kind were last used; what is known never goes back."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Table, Update, bindparam, or_, update

from scim_server.services.credentials import Prefix
from scim_server.services.token_entries import TokenUse
from scim_server.store.tables import api_tokens, operator_tokens, person_tokens, tokens

_TABLES: Mapping[Prefix, Table] = {
    Prefix.CONNECTION: tokens,
    Prefix.PERSON: person_tokens,
    Prefix.API: api_tokens,
    Prefix.OPERATOR: operator_tokens,
}


def note_token_uses(connection: Connection, uses: Sequence[TokenUse]) -> None:
    """Write them down; a statement for each kind of token."""
    for prefix, table in _TABLES.items():
        mine = sorted((use.token_id, use.tenant_id, use.at) for use in uses if use.prefix is prefix)
        if mine:
            values = [{"of_token": token, "of_tenant": tenant, "at": at} for token, tenant, at in mine]
            connection.execute(_noting(table), values)


def _noting(table: Table) -> Update:
    earlier = or_(table.c.last_used.is_(None), table.c.last_used < bindparam("at"))
    statement = update(table).where(table.c.id == bindparam("of_token"), earlier).values(last_used=bindparam("at"))
    if "tenant_id" in table.c:
        return statement.where(table.c.tenant_id == bindparam("of_tenant"))
    return statement
