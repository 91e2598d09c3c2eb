"""Changes of a tenant's groups by hand inside the caller's transaction: made for good by `grouping`, tried out by
`forecasting`."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from scim_server.domain.directory import Group
from scim_server.domain.errors import Invalid
from scim_server.domain.particulars import BY_HAND
from scim_server.services import naming, provisioning
from scim_server.services.groups_seen import GroupView, group_view
from scim_server.services.naming import LONGEST_GROUP_NAME
from scim_server.services.ports import UnitOfWork
from scim_server.services.provisioning import GROUP_KIND, USER_KIND


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who is meant to join or leave: people by user name or id, groups by name or id."""

    people: Collection[str] = ()
    groups: Collection[str] = ()


NOBODY = Wanted()


@dataclass(frozen=True, slots=True)
class Regrouped:
    """A group after a change by hand; `added` and `removed` are how many members."""

    view: GroupView
    changed: bool
    added: int = 0
    removed: int = 0


def create(uow: UnitOfWork, name: str, members: Wanted = NOBODY) -> GroupView:
    """A new group with those members; rules that waited for its name begin. Raises Invalid, Missing, Taken."""
    if members.groups:
        uow.guard(exclusive=True)
    group = Group("", _checked_name(name), BY_HAND, unique_name=uow.groups.unique_names)
    return group_view(uow, provisioning.create_group(uow, group, _kinds(uow, members)))


def rename(uow: UnitOfWork, group: str, name: str) -> Regrouped:
    """Give a group another name; its rules follow it. Raises Invalid, Missing, Taken."""
    before = _locked(uow, group)
    return _change(uow, before, replace(before, display_name=_checked_name(name)))


def change_members(uow: UnitOfWork, group: str, *, join: Wanted = NOBODY, leave: Wanted = NOBODY) -> Regrouped:
    """Let people and groups join and leave a group, all of it or nothing; who is in already, or not, stays so.

    Raises Missing for who is not there, Invalid where somebody is to do both or a group is to join itself.
    """
    if join.groups:
        uow.guard(exclusive=True)
    before = _locked(uow, group)
    joining, leaving = _kinds(uow, join), _kinds(uow, leave)
    _refuse_nonsense(before, joining, leaving)
    present = uow.members.present(before.id, [*joining, *leaving])
    added = {member_id: kind for member_id, kind in joining.items() if member_id not in present}
    removed = {member_id: kind for member_id, kind in leaving.items() if member_id in present}
    return _change(uow, before, before, added, removed)


def delete(uow: UnitOfWork, group: str) -> GroupView:
    """Take a group out: memberships end, its rules wait for a namesake; answers what it was. Raises Missing."""
    gone = _locked(uow, group)
    view = group_view(uow, gone)
    provisioning.delete_group(uow, gone)
    return view


def _locked(uow: UnitOfWork, text: str) -> Group:
    provisioning.enter_groups(uow)
    found = naming.locked_group(uow, text)
    if found is None:
        raise naming.no_group(uow, text)
    return found


def _change(
    uow: UnitOfWork,
    before: Group,
    wanted: Group,
    added: Mapping[str, str] | None = None,
    removed: Mapping[str, str] | None = None,
) -> Regrouped:
    added, removed = added or {}, removed or {}
    after = provisioning.change_group(uow, before, wanted, added=added, removed=removed)
    return Regrouped(group_view(uow, after), after.version != before.version, len(added), len(removed))


def _kinds(uow: UnitOfWork, wanted: Wanted) -> dict[str, str]:
    people = dict.fromkeys(naming.people(uow, wanted.people), USER_KIND)
    return people | dict.fromkeys(naming.groups(uow, wanted.groups), GROUP_KIND)


def _refuse_nonsense(group: Group, joining: Collection[str], leaving: Collection[str]) -> None:
    if group.id in joining:
        raise Invalid(f"The group '{group.display_name}' cannot be a member of itself.")
    if not set(joining).isdisjoint(leaving):
        raise Invalid("Nobody can join and leave a group at once: name each member once.")


def _checked_name(name: str) -> str:
    if not name.strip() or name != name.strip() or not name.isprintable() or len(name) > LONGEST_GROUP_NAME:
        raise Invalid(
            f"'{name[:LONGEST_GROUP_NAME]}' cannot be a group's name: write 1 to {LONGEST_GROUP_NAME} printable "
            "characters, no blanks around them."
        )
    return name
