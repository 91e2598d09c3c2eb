"""A group to be shown whole: its row with what its members are shown by, and the members, a batch at a time."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, String, bindparam, func, select

from scim_server.resources.ports import Found, Member
from scim_server.store.scopes import Scope
from scim_server.store.tables import groups, member_stamps, members, users

_TENANT: ColumnElement[Any] = bindparam("tenant")
_GROUP_ID: ColumnElement[Any] = bindparam("group_id")
_NESTED = groups.alias("nested")


def _display(table: Any) -> ColumnElement[Any]:
    shown: ColumnElement[Any] = table.c.document["displayName"].as_string().cast(String)
    return shown


_STAMPED = (
    select(
        *(groups.c.id, groups.c.document, groups.c.version, groups.c.created, groups.c.modified),
        func.coalesce(member_stamps.c.stamp, 0).label("stamp"),
    )
    .outerjoin(member_stamps, (member_stamps.c.tenant_id == _TENANT) & (member_stamps.c.group_id == groups.c.id))
    .where(groups.c.tenant_id == _TENANT, groups.c.id == _GROUP_ID)
)
_MEMBERS = (
    select(
        members.c.member_id,
        members.c.kind,
        func.coalesce(_display(users), _display(_NESTED)).label("display"),
    )
    .outerjoin(users, (users.c.tenant_id == _TENANT) & (users.c.id == members.c.member_id))
    .outerjoin(_NESTED, (_NESTED.c.tenant_id == _TENANT) & (_NESTED.c.id == members.c.member_id))
    .where(members.c.tenant_id == _TENANT, members.c.group_id == _GROUP_ID, members.c.member_id > bindparam("after"))
    .order_by(members.c.member_id)
    .limit(bindparam("most"))
)


def group(scope: Scope, group_id: str) -> Found | None:
    """The group without its members; version and stamp come from one statement."""
    row = scope.row(_STAMPED, group_id=group_id)
    if row is None:
        return None
    return Found(row["id"], row["document"], row["version"], row["created"], row["modified"], row["stamp"])


def batch(scope: Scope, group_id: str, after: str, most: int) -> Sequence[Member]:
    """The next members by id, so many at most; the first ones after an empty text."""
    rows = scope.rows(_MEMBERS, group_id=group_id, after=after, most=most)
    return [Member(row["member_id"], row["kind"], row["display"]) for row in rows]
