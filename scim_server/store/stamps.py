"""Stamps of groups: raised by the transaction that changes a member's displayName, which the group's version is not.

`members.display` copies the name (design section 7), so whoever keeps a group as it was answered looks at both.
"""

from collections.abc import Iterable
from functools import cache

from sqlalchemy import Insert, bindparam, delete, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from scim_server.domain.events import Change
from scim_server.store.scopes import Scope
from scim_server.store.sets import among
from scim_server.store.tables import member_stamps, members

NAMED = frozenset({"user", "group"})
"""Types of objects that can be members."""
NAME = "displayName"
_FORGET = delete(member_stamps).where(
    member_stamps.c.tenant_id == bindparam("tenant"), member_stamps.c.group_id == bindparam("group_id")
)


def raise_stamps(scope: Scope, changes: Iterable[Change]) -> None:
    """Raise the stamp of every group with a member that one of `changes` gives another name.

    Whoever joins is locked as whoever is renamed is, so of the two that come at once one sees the other.
    """
    renamed = [each.object_id for each in changes if _is_renamed(each)]
    if renamed:
        raise_stamps_around(scope, renamed)


def raise_stamps_around(scope: Scope, member_ids: Iterable[str]) -> None:
    """Raise the stamp of every group that one of them is in, in the order of the groups, so that no two can cross."""
    scope.run(_raise(scope.is_sqlite), ids=list(member_ids))


def forget_stamp(scope: Scope, group_id: str) -> None:
    """A group that comes back has another version than it had, so its stamps may begin anew."""
    scope.run(_FORGET, group_id=group_id)


@cache
def _raise(is_sqlite: bool) -> Insert:
    statement = (sqlite if is_sqlite else postgresql).insert(member_stamps)
    groups = (
        select(members.c.tenant_id, members.c.group_id, literal(1))
        .distinct()
        .where(members.c.tenant_id == bindparam("tenant"), among(members.c.member_id))
        .order_by(members.c.group_id)
    )
    raised: Insert = statement.from_select(["tenant_id", "group_id", "stamp"], groups).on_conflict_do_update(
        index_elements=["tenant_id", "group_id"], set_={"stamp": member_stamps.c.stamp + 1}
    )
    return raised


def _is_renamed(change: Change) -> bool:
    """Whether something that was there and stays has another name."""
    if change.object_type not in NAMED or change.before is None or change.after is None:
        return False
    return bool(change.before.get(NAME) != change.after.get(NAME))
