"""Groups and who is in them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import CTE, bindparam, delete, literal, select, union_all, update
from sqlalchemy.exc import IntegrityError

from scim_server.domain.directory import Group
from scim_server.protocol.normalising import fold
from scim_server.store import rows
from scim_server.store.scopes import Scope, taken
from scim_server.store.tables import groups, members, users

_OF_TENANT = groups.c.tenant_id == bindparam("tenant")
_MEMBERS_OF_TENANT = members.c.tenant_id == bindparam("tenant")
_ONE = select(groups).where(_OF_TENANT, groups.c.id == bindparam("group_id")).with_for_update()
_NAMED = (
    select(groups)
    .where(_OF_TENANT, groups.c.display_name_key == bindparam("key"))
    .order_by(groups.c.created, groups.c.id)
    .limit(1)
)
_SAVE = (
    update(groups)
    .where(_OF_TENANT, groups.c.id == bindparam("group_id"))
    .values({column.name: bindparam(column.name) for column in groups.c if column.name not in {"tenant_id", "id"}})
)
_REMOVE = delete(groups).where(_OF_TENANT, groups.c.id == bindparam("group_id"))
_MEMBERS = select(members.c.member_id, members.c.kind).where(
    _MEMBERS_OF_TENANT, members.c.group_id == bindparam("group_id")
)
_GROUPS_OF = (
    select(members.c.group_id)
    .where(_MEMBERS_OF_TENANT, members.c.member_id == bindparam("member_id"))
    .order_by(members.c.group_id)
)


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of one tenant."""

    scope: Scope

    def get(self, group_id: str) -> Group | None:
        row = self.scope.row(_ONE, group_id=group_id)
        return None if row is None else rows.group_of(row)

    def lock_below(self, group_ids: Iterable[str]) -> frozenset[str]:
        """Looks again after each wait: a group may have been nested in one of them while its lock was awaited."""
        top = list(group_ids)
        locked: frozenset[str] = frozenset()
        while (found := self._locked_below(top)) != locked:
            locked = found
        return locked

    def _locked_below(self, group_ids: Collection[str]) -> frozenset[str]:
        below = _below(self.scope, group_ids)
        statement = (
            select(groups.c.id)
            .where(_OF_TENANT, groups.c.id.in_(select(below.c.id)))
            .order_by(groups.c.id)
            .with_for_update()
        )
        return frozenset(row["id"] for row in self.scope.rows(statement))

    def named(self, display_name: str) -> Group | None:
        row = self.scope.row(_NAMED, key=fold(display_name))
        return None if row is None else rows.group_of(row)

    def add(self, group: Group) -> None:
        try:
            self.scope.insert(groups, rows.group_row(group))
        except IntegrityError as error:
            raise taken(error, "unique_name_key", _name_taken(group)) from error

    def save(self, group: Group) -> None:
        values = rows.group_row(group)
        try:
            self.scope.run(_SAVE, group_id=values.pop("id"), **values)
        except IntegrityError as error:
            raise taken(error, "unique_name_key", _name_taken(group)) from error

    def remove(self, group_id: str) -> None:
        self.scope.run(_REMOVE, group_id=group_id)


@dataclass(frozen=True, slots=True)
class Members:
    """The membership table of one tenant: always set operations, never a list read, changed and written."""

    scope: Scope

    def kinds(self, ids: Collection[str]) -> dict[str, str]:
        if not ids:
            return {}
        found = union_all(
            *(
                select(table.c.id, literal(kind).label("kind")).where(
                    table.c.tenant_id == bindparam("tenant"), self.scope.among(table.c.id, ids)
                )
                for table, kind in ((users, "User"), (groups, "Group"))
            )
        )
        return {row["id"]: row["kind"] for row in self.scope.rows(found)}

    def of(self, group_id: str) -> dict[str, str]:
        return {row["member_id"]: row["kind"] for row in self.scope.rows(_MEMBERS, group_id=group_id)}

    def present(self, group_id: str, ids: Collection[str]) -> dict[str, str]:
        if not ids:
            return {}
        statement = _MEMBERS.where(self.scope.among(members.c.member_id, ids))
        return {row["member_id"]: row["kind"] for row in self.scope.rows(statement, group_id=group_id)}

    def add(self, group_id: str, kinds: Mapping[str, str]) -> None:
        self.scope.insert(
            members,
            *({"group_id": group_id, "member_id": member_id, "kind": kind} for member_id, kind in kinds.items()),
        )

    def remove(self, group_id: str, ids: Collection[str]) -> None:
        if ids:
            self.scope.run(
                delete(members).where(
                    _MEMBERS_OF_TENANT,
                    members.c.group_id == bindparam("group_id"),
                    self.scope.among(members.c.member_id, ids),
                ),
                group_id=group_id,
            )

    def groups_of(self, member_id: str) -> list[str]:
        return [row["group_id"] for row in self.scope.rows(_GROUPS_OF, member_id=member_id)]

    def users_below(self, group_ids: Collection[str]) -> list[str]:
        below = _below(self.scope, group_ids)
        statement = (
            select(members.c.member_id)
            .distinct()
            .where(_MEMBERS_OF_TENANT, members.c.group_id.in_(select(below.c.id)), members.c.kind == "User")
            .order_by(members.c.member_id)
        )
        return [row["member_id"] for row in self.scope.rows(statement)]


def _below(scope: Scope, group_ids: Collection[str]) -> CTE:
    """The groups and all groups nested in them; each once, so a cycle ends."""
    start = select(groups.c.id).where(_OF_TENANT, scope.among(groups.c.id, group_ids))
    below = start.cte("below", recursive=True)
    return below.union(
        select(members.c.member_id)
        .join(below, members.c.group_id == below.c.id)
        .where(_MEMBERS_OF_TENANT, members.c.kind == "Group")
    )


def _name_taken(group: Group) -> str:
    return (
        f"A group named '{group.display_name}' exists in this tenant (letter case does not matter). "
        "Look it up by displayName and use that one, or choose another name."
    )
