"""The tokens of single persons."""

from dataclasses import dataclass

from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL, Connection, bindparam, select, update

from scim_server.domain.directory import User
from scim_server.domain.instants import Instant
from scim_server.domain.tenants import PersonToken, Tenant
from scim_server.store import rows
from scim_server.store.scopes import Scope
from scim_server.store.sets import among
from scim_server.store.tables import person_tokens, tenants, users

_REVOKE = (
    update(person_tokens)
    .where(
        person_tokens.c.tenant_id == bindparam("tenant"),
        person_tokens.c.id == bindparam("of_token"),
        person_tokens.c.revoked.is_(None),
    )
    .values(revoked=bindparam("now"))
)
_UNREVOKED = select(person_tokens.c.id).where(
    person_tokens.c.tenant_id == bindparam("tenant"),
    person_tokens.c.user_id == bindparam("of_user"),
    person_tokens.c.revoked.is_(None),
)
_REVOKE_ALL = (
    update(person_tokens)
    .where(person_tokens.c.tenant_id == bindparam("tenant"), among(person_tokens.c.id))
    .values(revoked=bindparam("now"))
)
_ONE_BEARER = (
    select(person_tokens, users, tenants)
    .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
    .join(users, (users.c.tenant_id == person_tokens.c.tenant_id) & (users.c.id == person_tokens.c.user_id))
    .join(tenants, tenants.c.id == person_tokens.c.tenant_id)
    .where(
        person_tokens.c.tenant_id == bindparam("tenant"),
        person_tokens.c.id == bindparam("token"),
        person_tokens.c.digest == bindparam("digest"),
    )
)

PersonBearer = tuple[Tenant, User, PersonToken]


@dataclass(frozen=True, slots=True)
class PersonTokens:
    """The tokens of one tenant's people."""

    scope: Scope

    def add(self, token: PersonToken) -> None:
        self.scope.insert(person_tokens, rows.columns_of(token))

    def revoke(self, token_id: str, now: Instant) -> bool:
        return self.scope.run(_REVOKE, of_token=token_id, now=now) == 1

    def revoke_all_of(self, user_id: str, now: Instant) -> list[str]:
        token_ids = [str(row["id"]) for row in self.scope.rows(_UNREVOKED.with_for_update(), of_user=user_id)]
        if token_ids:
            self.scope.run(_REVOKE_ALL, ids=token_ids, now=now)
        return token_ids


def person_bearer(connection: Connection, tenant_id: str, token_id: str, digest: str) -> PersonBearer | None:
    """The token of that public id and digest with its person and tenant."""
    wanted = {"tenant": tenant_id, "token": token_id, "digest": digest}
    row = connection.execute(_ONE_BEARER, wanted).mappings().first()
    if row is None:
        return None
    return (
        rows.tenant_of(rows.part(row, "tenants_")),
        rows.user_of(rows.part(row, "users_")),
        rows.person_token_of(rows.part(row, "person_tokens_")),
    )
