"""What admins consented to, the refresh tokens that keep it alive, and codes to approve with."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL, Connection, Table, Update, bindparam, select, update

from scim_server.domain.instants import Instant
from scim_server.domain.oauth_grants import ApprovalCode, OAuthGrant, RefreshToken
from scim_server.services.ports import RefreshBearer
from scim_server.store import rows
from scim_server.store.scopes import Scope
from scim_server.store.tables import approval_codes, oauth_clients, oauth_grants, refresh_tokens, tenants


def _marks_once(table: Table, name: str, *others: str) -> Update:
    """Sets a moment in the row of an id, unless it has one; then `others` as well."""
    wanted = (table.c.tenant_id == bindparam("tenant")) & (table.c.id == bindparam("of_id"))
    values: dict[str, Any] = {name: bindparam("now"), **{other: bindparam(other) for other in others}}
    return update(table).where(wanted, table.c[name].is_(None)).values(values)


_GRANTS = select(oauth_grants).where(oauth_grants.c.tenant_id == bindparam("tenant"))
_GRANT = _GRANTS.where(oauth_grants.c.id == bindparam("of_id"))
_CODE = _GRANT.where(oauth_grants.c.digest == bindparam("digest"))
_OF_CLIENT = _GRANTS.where(oauth_grants.c.client_id == bindparam("of_client")).order_by(
    oauth_grants.c.created, oauth_grants.c.id
)
_REDEEM = _marks_once(oauth_grants, "redeemed", "expires").where(oauth_grants.c.revoked.is_(None))
_REVOKE_GRANT = _marks_once(oauth_grants, "revoked")
_PROLONG = (
    update(oauth_grants)
    .where(oauth_grants.c.tenant_id == bindparam("tenant"), oauth_grants.c.id == bindparam("of_id"))
    .values(expires=bindparam("expires"))
)
_REFRESHES = select(refresh_tokens).where(refresh_tokens.c.tenant_id == bindparam("tenant"))
_REFRESH = _REFRESHES.where(refresh_tokens.c.id == bindparam("of_id"))
_SHOWN = _REFRESH.where(refresh_tokens.c.digest == bindparam("digest"))
_LATER = _REFRESHES.where(
    refresh_tokens.c.family == bindparam("of_family"), refresh_tokens.c.created > bindparam("since")
)
_USE_REFRESH = _marks_once(refresh_tokens, "used")
_REVOKE_FAMILY = (
    update(refresh_tokens)
    .where(
        refresh_tokens.c.tenant_id == bindparam("tenant"),
        refresh_tokens.c.family == bindparam("of_family"),
        refresh_tokens.c.revoked.is_(None),
    )
    .values(revoked=bindparam("now"))
)
_BEARER = (
    select(refresh_tokens, oauth_grants, tenants)
    .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
    .join(
        oauth_grants,
        (oauth_grants.c.tenant_id == refresh_tokens.c.tenant_id) & (oauth_grants.c.id == refresh_tokens.c.family),
    )
    .join(
        oauth_clients,
        (oauth_clients.c.tenant_id == refresh_tokens.c.tenant_id)
        & (oauth_clients.c.id == refresh_tokens.c.client_id)
        & oauth_clients.c.revoked.is_(None),
    )
    .join(tenants, tenants.c.id == refresh_tokens.c.tenant_id)
    .where(
        refresh_tokens.c.tenant_id == bindparam("tenant"),
        refresh_tokens.c.id == bindparam("of_id"),
        refresh_tokens.c.digest == bindparam("digest"),
    )
)
_APPROVAL = select(approval_codes).where(
    approval_codes.c.tenant_id == bindparam("tenant"),
    approval_codes.c.id == bindparam("of_id"),
    approval_codes.c.digest == bindparam("digest"),
)
_USE_APPROVAL = _marks_once(approval_codes, "used")


@dataclass(frozen=True, slots=True)
class OAuthGrants:
    """The grants of one tenant's clients."""

    scope: Scope

    def of_client(self, client_id: str) -> list[OAuthGrant]:
        return [_grant_of(row) for row in self.scope.rows(_OF_CLIENT, of_client=client_id)]

    def get(self, grant_id: str) -> OAuthGrant | None:
        row = self.scope.row(_GRANT, of_id=grant_id)
        return None if row is None else _grant_of(row)

    def of_code(self, code_id: str, digest: str) -> OAuthGrant | None:
        row = self.scope.row(_CODE, of_id=code_id, digest=digest)
        return None if row is None else _grant_of(row)

    def add(self, grant: OAuthGrant) -> None:
        self.scope.insert(oauth_grants, _row(oauth_grants, grant) | {"scopes": sorted(grant.scopes)})

    def redeem(self, grant_id: str, now: Instant, expires: Instant) -> bool:
        return self.scope.run(_REDEEM, of_id=grant_id, now=now, expires=expires) == 1

    def prolong(self, grant_id: str, expires: Instant) -> None:
        self.scope.run(_PROLONG, of_id=grant_id, expires=expires)

    def revoke(self, grant_id: str, now: Instant) -> bool:
        return self.scope.run(_REVOKE_GRANT, of_id=grant_id, now=now) == 1


@dataclass(frozen=True, slots=True)
class RefreshTokens:
    """The refresh tokens of one tenant's clients."""

    scope: Scope

    def get(self, token_id: str) -> RefreshToken | None:
        row = self.scope.row(_REFRESH, of_id=token_id)
        return None if row is None else _refresh_of(row)

    def shown(self, token_id: str, digest: str) -> RefreshToken | None:
        row = self.scope.row(_SHOWN, of_id=token_id, digest=digest)
        return None if row is None else _refresh_of(row)

    def after(self, token: RefreshToken) -> list[RefreshToken]:
        return [_refresh_of(row) for row in self.scope.rows(_LATER, of_family=token.family, since=token.created)]

    def add(self, token: RefreshToken) -> None:
        self.scope.insert(refresh_tokens, _row(refresh_tokens, token) | {"scopes": sorted(token.scopes)})

    def use(self, token_id: str, now: Instant) -> bool:
        return self.scope.run(_USE_REFRESH, of_id=token_id, now=now) == 1

    def revoke_family(self, family: str, now: Instant) -> None:
        self.scope.run(_REVOKE_FAMILY, of_family=family, now=now)


@dataclass(frozen=True, slots=True)
class ApprovalCodes:
    """Codes to approve with, of one tenant's clients."""

    scope: Scope

    def shown(self, code_id: str, digest: str) -> ApprovalCode | None:
        row = self.scope.row(_APPROVAL, of_id=code_id, digest=digest)
        return None if row is None else _approval_of(row)

    def add(self, code: ApprovalCode) -> None:
        permits = None if code.permits is None else sorted(code.permits)
        self.scope.insert(approval_codes, _row(approval_codes, code) | {"permits": permits})

    def use(self, code_id: str, now: Instant) -> bool:
        return self.scope.run(_USE_APPROVAL, of_id=code_id, now=now) == 1


def refresh_bearer(connection: Connection, tenant_id: str, token_id: str, digest: str) -> RefreshBearer | None:
    """The refresh token of that id and digest with its grant and tenant, unless its client is revoked."""
    wanted = {"tenant": tenant_id, "of_id": token_id, "digest": digest}
    row = connection.execute(_BEARER, wanted).mappings().first()
    if row is None:
        return None
    return (
        rows.tenant_of(rows.part(row, "tenants_")),
        _grant_of(rows.part(row, "oauth_grants_")),
        _refresh_of(rows.part(row, "refresh_tokens_")),
    )


def _row(table: Table, kept: OAuthGrant | RefreshToken | ApprovalCode) -> dict[str, Any]:
    """Columns are called as what they hold is."""
    return {column.name: getattr(kept, column.name) for column in table.columns if column.name != "tenant_id"}


def _grant_of(row: rows.Row) -> OAuthGrant:
    return OAuthGrant(**{**row, "scopes": frozenset(row["scopes"])})


def _refresh_of(row: rows.Row) -> RefreshToken:
    return RefreshToken(**{**row, "scopes": frozenset(row["scopes"])})


def _approval_of(row: rows.Row) -> ApprovalCode:
    return ApprovalCode(**{**row, "permits": None if row["permits"] is None else frozenset(row["permits"])})
