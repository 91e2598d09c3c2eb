"""Tokens of the admin API: a tenant's, and the operator's."""

from dataclasses import dataclass

from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL, Connection, bindparam, insert, select, union_all, update

from scim_server.domain.instants import Instant
from scim_server.domain.tenants import ApiToken, Tenant
from scim_server.store import rows
from scim_server.store.scopes import Scope
from scim_server.store.tables import api_tokens, operator_tokens, person_tokens, tenants, tokens

_ALL = (
    select(api_tokens)
    .where(api_tokens.c.tenant_id == bindparam("tenant"))
    .order_by(api_tokens.c.created, api_tokens.c.id)
)
_REVOKE = (
    update(api_tokens)
    .where(
        api_tokens.c.tenant_id == bindparam("tenant"),
        api_tokens.c.id == bindparam("of_token"),
        api_tokens.c.revoked.is_(None),
    )
    .values(revoked=bindparam("now"))
)
_BEARER = (
    select(api_tokens, tenants)
    .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
    .join(tenants, tenants.c.id == api_tokens.c.tenant_id)
    .where(
        api_tokens.c.tenant_id == bindparam("tenant"),
        api_tokens.c.id == bindparam("of_token"),
        api_tokens.c.digest == bindparam("digest"),
    )
)
_OPERATORS = select(operator_tokens).where(operator_tokens.c.id == bindparam("of_token"))
_OPERATORS_BEARER = _OPERATORS.where(operator_tokens.c.digest == bindparam("digest"))
_OWNERS = union_all(
    *(
        select(table.c.tenant_id).where(table.c.tenant_id == bindparam("tenant"), table.c.id == bindparam("of_token"))
        for table in (tokens, person_tokens, api_tokens)
    )
)
_OWNER = select(tenants).where(tenants.c.id.in_(_OWNERS))


@dataclass(frozen=True, slots=True)
class ApiTokens:
    """The tokens of one tenant."""

    scope: Scope

    def all(self) -> list[ApiToken]:
        return [rows.api_token_of(row, row["tenant_id"]) for row in self.scope.rows(_ALL)]

    def add(self, token: ApiToken) -> None:
        self.scope.insert(api_tokens, rows.api_token_row(token))

    def revoke(self, token_id: str, now: Instant) -> bool:
        return self.scope.run(_REVOKE, of_token=token_id, now=now) == 1


def api_bearer(connection: Connection, tenant_id: str, token_id: str, digest: str) -> tuple[Tenant, ApiToken] | None:
    """The tenant's token of that public id and digest."""
    wanted = {"tenant": tenant_id, "of_token": token_id, "digest": digest}
    row = connection.execute(_BEARER, wanted).mappings().first()
    if row is None:
        return None
    return rows.tenant_of(rows.part(row, "tenants_")), rows.api_token_of(rows.part(row, "api_tokens_"), tenant_id)


def tenant_of_token(connection: Connection, tenant_id: str, token_id: str) -> Tenant | None:
    """The tenant of that id, if it has a token of that public id, of whatever kind."""
    row = connection.execute(_OWNER, {"tenant": tenant_id, "of_token": token_id}).mappings().first()
    return None if row is None else rows.tenant_of(row)


def operators_token(connection: Connection, token_id: str) -> ApiToken | None:
    """The operator's token of that public id."""
    row = connection.execute(_OPERATORS, {"of_token": token_id}).mappings().first()
    return None if row is None else rows.api_token_of(row, None)


def operators_bearer(connection: Connection, token_id: str, digest: str) -> ApiToken | None:
    """The operator's token of that public id and digest."""
    row = connection.execute(_OPERATORS_BEARER, {"of_token": token_id, "digest": digest}).mappings().first()
    return None if row is None else rows.api_token_of(row, None)


def add_operators_token(connection: Connection, token: ApiToken) -> None:
    """Add a token of the operator's."""
    connection.execute(insert(operator_tokens).values(rows.api_token_row(token)))


def revoke_operators_token(connection: Connection, token_id: str, now: Instant) -> bool:
    """Whether the operator's token was live until now."""
    live = update(operator_tokens).where(operator_tokens.c.id == token_id, operator_tokens.c.revoked.is_(None))
    return connection.execute(live.values(revoked=now)).rowcount == 1
