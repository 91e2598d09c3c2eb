"""Who has which role, and the roles that a tenant made. Every statement on grants works on a set."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, func, select, tuple_
from sqlalchemy.exc import IntegrityError

from scim_server.domain.access import Grant, GrantEntry, Role, Roles
from scim_server.store import rows
from scim_server.store.dossiers import Dossiers
from scim_server.store.scopes import Scope, taken
from scim_server.store.sets import among
from scim_server.store.tables import grants, roles, users

_TENANT: ColumnElement[Any] = bindparam("tenant")
_ROLES = select(roles).where(roles.c.tenant_id == _TENANT).order_by(roles.c.code)
_KEPT_ROLES = _ROLES.with_for_update(read=True)
_OF_CODE = (roles.c.tenant_id == _TENANT, roles.c.code == bindparam("of_code"))
_LOCK_ROLE = select(roles.c.code).where(*_OF_CODE).with_for_update()
_REMOVE_ROLE = delete(roles).where(*_OF_CODE)
_WITH_ROLE = (
    select(grants)
    .where(grants.c.tenant_id == _TENANT, grants.c.role == bindparam("of_role"))
    .order_by(grants.c.user_id, grants.c.source)
)
_LOCK_GRANTS = _WITH_ROLE.with_for_update()
_PEOPLE = (
    select(grants.c.role, func.count(grants.c.user_id.distinct()).label("people"))
    .where(grants.c.tenant_id == _TENANT)
    .group_by(grants.c.role)
)
_ENTRIES = (
    select(grants, users.c.document["userName"].as_string().label("user_name"))
    .join(users, (users.c.tenant_id == grants.c.tenant_id) & (users.c.id == grants.c.user_id))
    .where(grants.c.tenant_id == _TENANT)
    .order_by(grants.c.user_id, grants.c.role, grants.c.source)
)
_DROP = delete(grants).where(
    grants.c.tenant_id == _TENANT,
    grants.c.role == bindparam("of_role"),
    grants.c.source == bindparam("of_source"),
    among(grants.c.user_id),
)


@dataclass(frozen=True, slots=True)
class RoleRegister:
    """The roles of one tenant."""

    scope: Scope

    def all(self, *, kept: bool = False) -> Roles:
        found = self.scope.rows(_KEPT_ROLES if kept else _ROLES)
        return Roles(tuple(map(rows.role_of, found)))

    def add(self, role: Role) -> None:
        try:
            self.scope.insert(roles, rows.role_row(role))
        except IntegrityError as error:
            raise taken(error, "roles", f"This tenant has a role '{role.code}' already.") from error

    def lock(self, code: str) -> bool:
        return self.scope.row(_LOCK_ROLE, of_code=code) is not None

    def remove(self, code: str) -> None:
        self.scope.run(_REMOVE_ROLE, of_code=code)


@dataclass(frozen=True, slots=True)
class Grants:
    """The grants of one tenant."""

    scope: Scope
    dossiers: Dossiers

    def of(self, user_ids: Collection[str]) -> list[Grant]:
        found = self.dossiers.rows(grants, user_ids)
        return sorted(map(rows.grant_of, found), key=lambda grant: (grant.user_id, grant.role, grant.source))

    def with_role(self, role: str) -> list[Grant]:
        return [rows.grant_of(row) for row in self.scope.rows(_WITH_ROLE, of_role=role)]

    def entries(
        self, user_id: str | None, role: str | None, after: tuple[str, str, str] | None, most: int | None
    ) -> list[GrantEntry]:
        statement = _ENTRIES.limit(most)
        if user_id is not None:
            statement = statement.where(grants.c.user_id == user_id)
        if role is not None:
            statement = statement.where(grants.c.role == role)
        if after is not None:
            statement = statement.where(tuple_(grants.c.user_id, grants.c.role, grants.c.source) > tuple_(*after))
        return [_entry_of(row) for row in self.scope.rows(statement)]

    def people(self) -> dict[str, int]:
        return {row["role"]: row["people"] for row in self.scope.rows(_PEOPLE)}

    def lock(self, role: str) -> None:
        self.dossiers.locked(grants)
        self.scope.rows(_LOCK_GRANTS, of_role=role)

    def add(self, new: Sequence[Grant]) -> None:
        self.dossiers.add(grants, [rows.grant_row(grant) for grant in new])

    def drop(self, ended: Sequence[Grant]) -> None:
        self.dossiers.forget(grants, [grant.user_id for grant in ended])
        by_kind = sorted(ended, key=_kind)
        for (role, source), those in groupby(by_kind, _kind):
            self.scope.run(_DROP, of_role=role, of_source=source, ids=[grant.user_id for grant in those])


def _entry_of(row: rows.Row) -> GrantEntry:
    grant = rows.grant_of(row)
    return GrantEntry(grant.user_id, row["user_name"], grant.role, grant.source, grant.since, grant.scope)


def _kind(grant: Grant) -> tuple[str, str]:
    return grant.role, grant.source
