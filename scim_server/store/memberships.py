"""Groups and who is in them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    Table,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.exc import IntegrityError

from scim_server.domain.directory import Group
from scim_server.protocol.normalising import fold
from scim_server.protocol.schemas import ResourceType
from scim_server.store import rows, uniqueness
from scim_server.store.expressions import starts_with
from scim_server.store.recursions import is_groups
from scim_server.store.scopes import Scope, taken
from scim_server.store.sets import among, listed, outside
from scim_server.store.stamps import forget_stamp, raise_stamps_around
from scim_server.store.tables import groups, members, users

_OF_TENANT = groups.c.tenant_id == bindparam("tenant")
_MEMBERS_OF_TENANT = members.c.tenant_id == bindparam("tenant")
NESTED = text("members.kind = 'Group'")
"""Of groups in groups alone, in the words of their index: a bound value would hide it from the database."""
_ONE = select(groups).where(_OF_TENANT, groups.c.id == bindparam("group_id")).with_for_update()
_NAMED = (
    select(groups)
    .where(_OF_TENANT, groups.c.display_name_key == bindparam("key"))
    .order_by(groups.c.created, groups.c.id)
    .limit(1)
)
_ALL_NAMED = select(groups).where(_OF_TENANT, among(groups.c.display_name_key)).order_by(groups.c.created, groups.c.id)
_SOME = select(groups.c.id, groups.c.document).where(_OF_TENANT, among(groups.c.id))
_EACH = select(groups).where(_OF_TENANT, among(groups.c.id)).order_by(groups.c.id)
_PAGE = (
    select(groups).where(_OF_TENANT, groups.c.id > bindparam("after")).order_by(groups.c.id).limit(bindparam("most"))
)
_SAVE = (
    update(groups)
    .where(_OF_TENANT, groups.c.id == bindparam("group_id"))
    .values({column.name: bindparam(column.name) for column in groups.c if column.name not in {"tenant_id", "id"}})
)
_LOCK_EACH = _EACH.with_for_update()
_TOUCH = (
    update(groups)
    .where(_OF_TENANT, groups.c.id == bindparam("group_id"))
    .values(version=bindparam("version"), modified=bindparam("modified"))
)
_REMOVE = delete(groups).where(_OF_TENANT, groups.c.id == bindparam("group_id"))
_MEMBERS = select(members.c.member_id, members.c.kind).where(
    _MEMBERS_OF_TENANT, members.c.group_id == bindparam("group_id")
)
_MEMBER_PAGE = (
    _MEMBERS.where(members.c.member_id > bindparam("after")).order_by(members.c.member_id).limit(bindparam("most"))
)
_SIZES = (
    select(members.c.group_id, func.count().label("size"))
    .where(_MEMBERS_OF_TENANT, among(members.c.group_id))
    .group_by(members.c.group_id)
)
_NESTED = (
    select(members.c.member_id, members.c.group_id)
    .where(_MEMBERS_OF_TENANT, NESTED)
    .order_by(members.c.member_id, members.c.group_id)
)
_GROUPS_OF = (
    select(members.c.group_id)
    .where(_MEMBERS_OF_TENANT, members.c.member_id == bindparam("member_id"))
    .order_by(members.c.group_id)
)
_GROUPS_OF_SOME = (
    select(members.c.member_id, members.c.group_id)
    .where(_MEMBERS_OF_TENANT, among(members.c.member_id))
    .order_by(members.c.group_id)
)
_GONE = (
    select(members.c.group_id, members.c.member_id)
    .where(
        _MEMBERS_OF_TENANT,
        *(
            ~exists().where(table.c.tenant_id == members.c.tenant_id, table.c.id == members.c.member_id)
            for table in (users, groups)
        ),
    )
    .order_by(members.c.group_id, members.c.member_id)
)
_OTHERS = _MEMBERS.where(outside(members.c.member_id))
_NESTED_IN = select(members.c.member_id).where(
    _MEMBERS_OF_TENANT, members.c.group_id == bindparam("group_id"), text("kind = 'Group'")
)
_PRESENT = _MEMBERS.where(among(members.c.member_id))
_ADD = insert(members)
_LEAVE_EACH = delete(members).where(
    _MEMBERS_OF_TENANT, members.c.member_id == bindparam("member_id"), among(members.c.group_id)
)
_LEAVE = delete(members).where(
    _MEMBERS_OF_TENANT, members.c.group_id == bindparam("group_id"), among(members.c.member_id)
)
_KINDS = union_all(
    *(
        select(table.c.id, literal(kind).label("kind")).where(
            table.c.tenant_id == bindparam("tenant"), among(table.c.id)
        )
        for table, kind in ((users, "User"), (groups, "Group"))
    )
)


@cache
def _absent(is_sqlite: bool) -> Select[Any]:
    ids = listed(is_sqlite)
    mine = (members.c.group_id == bindparam("group_id"), members.c.member_id == ids.c.id)
    return select(ids.c.id).where(~exists().where(_MEMBERS_OF_TENANT, *mine))


def _below(top: ColumnElement[bool], name: str = "below") -> CTE:
    """The groups `top` and all groups nested in them; each once, so a cycle ends. In one statement each has a name."""
    below = select(groups.c.id).where(_OF_TENANT, top).cte(name, recursive=True)
    return below.union(
        select(members.c.member_id).join(below, members.c.group_id == below.c.id).where(_MEMBERS_OF_TENANT, NESTED)
    )


_LOCK_BELOW = (
    select(groups.c.id)
    .where(_OF_TENANT, groups.c.id.in_(select(_below(among(groups.c.id)).c.id)))
    .order_by(groups.c.id)
    .with_for_update()
)


def _memberships_above() -> Select[Any]:
    """Every membership of `member_id` and of the groups that hold it; each once, so a circle ends."""
    above = (
        select(members.c.member_id, members.c.group_id)
        .where(_MEMBERS_OF_TENANT, members.c.member_id == bindparam("member_id"))
        .cte("above", recursive=True)
    )
    above = above.union(
        select(members.c.member_id, members.c.group_id)
        .join(above, members.c.member_id == above.c.group_id)
        .where(is_groups(members, above.c.group_id))
    )
    return select(above.c.member_id, above.c.group_id).order_by(above.c.member_id, above.c.group_id)


_ABOVE = _memberships_above()
_ANY_NESTED = select(members.c.group_id).where(_MEMBERS_OF_TENANT, NESTED).limit(1)


def is_in_group(people: Table, group: str) -> ColumnElement[bool]:
    """Whether a row of the users is in the group of that id or name, or in one nested in it."""
    return _is_in(people, _below(or_(groups.c.id == group, groups.c.display_name_key == fold(group))))


def is_within(people: Table, group_ids: Collection[str]) -> ColumnElement[bool]:
    """Whether a row of the users is in one of the groups of those ids, or in one nested in them."""
    return _is_in(people, _below(groups.c.id.in_(group_ids), "care"))


def _is_in(people: Table, found: CTE) -> ColumnElement[bool]:
    return people.c.id.in_(
        select(members.c.member_id).where(_MEMBERS_OF_TENANT, members.c.group_id.in_(select(found.c.id)))
    )


USERS_BELOW = (
    select(members.c.member_id)
    .distinct()
    .where(
        _MEMBERS_OF_TENANT,
        members.c.group_id.in_(select(_below(among(groups.c.id)).c.id)),
        members.c.kind == "User",
    )
    .order_by(members.c.member_id)
)
"""Who is in the groups `ids`, and in groups nested in them."""
_COUNT_BELOW = select(func.count().label("people")).select_from(USERS_BELOW.order_by(None).subquery())


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of one tenant."""

    scope: Scope
    kind: ResourceType
    unique_names: bool

    def get(self, group_id: str) -> Group | None:
        found = self.scope.expected(_ONE, group_id=group_id)
        return rows.group_of(found[0]) if found else None

    def expect(self, group_id: str) -> None:
        self.scope.expect(_ONE, group_id=group_id)

    def any_nested(self) -> bool:
        return self.scope.row(_ANY_NESTED) is not None

    def lock_below(self, group_ids: Iterable[str]) -> frozenset[str]:
        """Looks again after each wait: a group may have been nested in one of them while its lock was awaited."""
        top = list(group_ids)
        locked: frozenset[str] = frozenset()
        while (found := self._locked_below(top)) != locked:
            locked = found
        return locked

    def _locked_below(self, group_ids: Collection[str]) -> frozenset[str]:
        return frozenset(row["id"] for row in self.scope.rows(_LOCK_BELOW, ids=group_ids))

    def named(self, display_name: str) -> Group | None:
        row = self.scope.row(_NAMED, key=fold(display_name))
        return None if row is None else rows.group_of(row)

    def all_named(self, display_names: Collection[str]) -> dict[str, list[Group]]:
        keys = {name: fold(name) for name in display_names}
        found: dict[str, list[Group]] = {}
        for row in self.scope.rows(_ALL_NAMED, ids=set(keys.values())) if keys else ():
            found.setdefault(row["display_name_key"], []).append(rows.group_of(row))
        return {name: found[key] for name, key in keys.items() if key in found}

    def names(self, group_ids: Collection[str]) -> dict[str, str]:
        found = self.scope.rows(_SOME, ids=group_ids) if group_ids else ()
        return {row["id"]: row["document"]["displayName"] for row in found}

    def some(self, group_ids: Collection[str]) -> list[Group]:
        return [rows.group_of(row) for row in self.scope.rows(_EACH, ids=group_ids)] if group_ids else []

    def lock(self, group_ids: Collection[str]) -> list[Group]:
        return [rows.group_of(row) for row in self.scope.rows(_LOCK_EACH, ids=group_ids)] if group_ids else []

    def page(self, after: str, most: int, *, name: str | None = None) -> list[Group]:
        statement = _PAGE if name is None else _PAGE.where(starts_with(groups.c.display_name_key, fold(name)))
        return [rows.group_of(row) for row in self.scope.rows(statement, after=after, most=most)]

    def add(self, group: Group) -> None:
        row = rows.group_row(group, self.kind)
        try:
            self.scope.insert(groups, row)
        except IntegrityError as error:
            raise taken(error, "unique_name_key", _name_taken(group)) from error
        uniqueness.hold(self.scope, self.kind, group.id, row["search"])

    def save(self, group: Group) -> None:
        values = rows.group_row(group, self.kind)
        try:
            self.scope.run(_SAVE, group_id=values.pop("id"), **values)
        except IntegrityError as error:
            raise taken(error, "unique_name_key", _name_taken(group)) from error
        uniqueness.hold(self.scope, self.kind, group.id, values["search"])

    def touch(self, *changed: Group) -> None:
        self.scope.leave(
            _TOUCH,
            *({"group_id": each.id, "version": each.version, "modified": each.modified} for each in changed),
        )

    def remove(self, group_id: str) -> None:
        uniqueness.release(self.scope, self.kind, group_id)
        forget_stamp(self.scope, group_id)
        self.scope.run(_REMOVE, group_id=group_id)


@dataclass(frozen=True, slots=True)
class Members:
    """The membership table of one tenant: always set operations, never a list read, changed and written."""

    scope: Scope

    def expect(self, ids: Collection[str]) -> None:
        if ids:
            self.scope.expect(_KINDS, ids=ids)

    def kinds(self, ids: Collection[str]) -> dict[str, str]:
        wanted = frozenset(ids)
        found = self.scope.expected(_KINDS, ids=wanted) if wanted else ()
        return {row["id"]: row["kind"] for row in found if row["id"] in wanted}

    def of(self, group_id: str) -> dict[str, str]:
        return {row["member_id"]: row["kind"] for row in self.scope.rows(_MEMBERS, group_id=group_id)}

    def page(self, group_id: str, after: str, most: int) -> list[tuple[str, str]]:
        found = self.scope.rows(_MEMBER_PAGE, group_id=group_id, after=after, most=most)
        return [(row["member_id"], row["kind"]) for row in found]

    def sizes(self, group_ids: Collection[str]) -> dict[str, int]:
        found = self.scope.rows(_SIZES, ids=group_ids) if group_ids else ()
        return {row["group_id"]: row["size"] for row in found}

    def nested(self) -> list[tuple[str, str]]:
        return [(row["member_id"], row["group_id"]) for row in self.scope.rows(_NESTED)]

    def present(self, group_id: str, ids: Collection[str]) -> dict[str, str]:
        wanted = frozenset(ids)
        found = self.scope.expected(_PRESENT, group_id=group_id, ids=wanted) if wanted else ()
        return {row["member_id"]: row["kind"] for row in found if row["member_id"] in wanted}

    def expect_present(self, group_id: str, ids: Collection[str]) -> None:
        self.scope.expect(_PRESENT, group_id=group_id, ids=ids)

    def absent(self, group_id: str, ids: Collection[str]) -> set[str]:
        found = self.scope.rows(_absent(self.scope.is_sqlite), group_id=group_id, ids=ids) if ids else ()
        return {row["id"] for row in found}

    def others(self, group_id: str, ids: Collection[str]) -> dict[str, str]:
        found = self.scope.rows(_OTHERS, group_id=group_id, ids=ids)
        return {row["member_id"]: row["kind"] for row in found}

    def nested_in(self, group_id: str) -> set[str]:
        return {row["member_id"] for row in self.scope.rows(_NESTED_IN, group_id=group_id)}

    def add(self, group_id: str, kinds: Mapping[str, str]) -> None:
        self.scope.leave(
            _ADD,
            *({"group_id": group_id, "member_id": member_id, "kind": kind} for member_id, kind in kinds.items()),
        )

    def remove(self, group_id: str, ids: Collection[str]) -> None:
        if ids:
            self.scope.leave(_LEAVE, {"group_id": group_id, "ids": ids})

    def leave(self, member_id: str, group_ids: Collection[str]) -> None:
        if group_ids:
            self.scope.run(_LEAVE_EACH, member_id=member_id, ids=group_ids)

    def gone(self) -> list[tuple[str, str]]:
        return [(row["group_id"], row["member_id"]) for row in self.scope.rows(_GONE)]

    def drop_gone(self) -> None:
        found = self.gone()
        if found:
            raise_stamps_around(self.scope, {member_id for _, member_id in found})
        for group_id, member_id in found:
            self.remove(group_id, [member_id])

    def groups_of(self, member_id: str) -> list[str]:
        return [row["group_id"] for row in self.scope.rows(_GROUPS_OF, member_id=member_id)]

    def groups_of_some(self, user_ids: Collection[str]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for row in self.scope.rows(_GROUPS_OF_SOME, ids=user_ids) if user_ids else ():
            found.setdefault(row["member_id"], []).append(row["group_id"])
        return found

    def above(self, member_id: str) -> list[tuple[str, str]]:
        return [(row["member_id"], row["group_id"]) for row in self.scope.rows(_ABOVE, member_id=member_id)]

    def users_below(self, group_ids: Collection[str]) -> list[str]:
        return [row["member_id"] for row in self.scope.rows(USERS_BELOW, ids=group_ids)]

    def count_below(self, group_id: str) -> int:
        (row,) = self.scope.rows(_COUNT_BELOW, ids=[group_id])
        return int(row["people"])


def _name_taken(group: Group) -> str:
    return (
        f"A group named '{group.display_name}' exists in this tenant (letter case does not matter). "
        "Look it up by displayName and use that one, or choose another name."
    )
