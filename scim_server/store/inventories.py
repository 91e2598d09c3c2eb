"""All that is stored of a tenant, read whole."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select

from scim_server.domain.directory import Group
from scim_server.domain.resources import Resource
from scim_server.domain.tenants import PersonToken, Tenant, Token
from scim_server.store import rows
from scim_server.store.scopes import Scope
from scim_server.store.tables import groups, members, person_tokens, resources, tenants, tokens

_TENANT = select(tenants).where(tenants.c.id == bindparam("tenant"))
_GROUPS, _RESOURCES, _TOKENS, _PERSON_TOKENS = (
    select(table).where(table.c.tenant_id == bindparam("tenant")).order_by(table.c.id)
    for table in (groups, resources, tokens, person_tokens)
)
_MEMBERS = (
    select(members.c.group_id, members.c.member_id)
    .where(members.c.tenant_id == bindparam("tenant"))
    .order_by(members.c.group_id, members.c.member_id)
)


@dataclass(frozen=True, slots=True)
class Inventory:
    """The inventory of one tenant."""

    scope: Scope

    def tenant(self) -> Tenant:
        row = self.scope.row(_TENANT)
        assert row is not None, "a unit of work has a tenant"
        return rows.tenant_of(row)

    def groups(self) -> list[Group]:
        return [rows.group_of(row) for row in self.scope.rows(_GROUPS)]

    def members(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for row in self.scope.rows(_MEMBERS):
            found.setdefault(row["group_id"], []).append(row["member_id"])
        return found

    def resources(self) -> list[Resource]:
        return [rows.resource_of(row) for row in self.scope.rows(_RESOURCES)]

    def tokens(self) -> list[Token]:
        return [rows.token_of(row) for row in self.scope.rows(_TOKENS)]

    def person_tokens(self) -> list[PersonToken]:
        return [rows.person_token_of(row) for row in self.scope.rows(_PERSON_TOKENS)]
