"""Groups by hand: the same changes as over SCIM, under the same guard, with the same rules and audit.

A group that a connection made may be changed by hand as well: its identity provider may write its own state again.
"""

from collections.abc import Collection, Mapping

from scim_server.domain.events import Cause
from scim_server.domain.tenants import Tenant
from scim_server.services import group_changes, naming, provisioning
from scim_server.services.group_changes import NOBODY, Regrouped, Wanted
from scim_server.services.groups_seen import GroupView
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.retrying import retried


@retried
def create_group(units: Units, tenant: Tenant, cause: Cause, name: str, members: Wanted = NOBODY) -> GroupView:
    """A new group with those members; rules that waited for its name begin. Raises Invalid, Missing, Taken."""
    with units.write(tenant, cause) as uow:
        view = group_changes.create(uow, name, members)
        uow.commit()
        return view


@retried
def rename_group(units: Units, tenant: Tenant, cause: Cause, group: str, name: str) -> Regrouped:
    """Give a group another name; its rules follow it. Raises Invalid, Missing, Taken."""
    with units.write(tenant, cause) as uow:
        return _kept(uow, group_changes.rename(uow, group, name))


@retried
def change_members(
    units: Units, tenant: Tenant, cause: Cause, group: str, *, join: Wanted = NOBODY, leave: Wanted = NOBODY
) -> Regrouped:
    """Let people and groups join and leave a group, all of it or nothing. Raises Missing, Invalid."""
    with units.write(tenant, cause) as uow:
        return _kept(uow, group_changes.change_members(uow, group, join=join, leave=leave))


@retried
def delete_group(units: Units, tenant: Tenant, cause: Cause, group: str) -> GroupView:
    """Take a group out: memberships end, its rules wait for a namesake; answers what it was. Raises Missing."""
    with units.write(tenant, cause) as uow:
        view = group_changes.delete(uow, group)
        uow.commit()
        return view


def _kept(uow: UnitOfWork, done: Regrouped) -> Regrouped:
    """The change, committed where there was any."""
    if done.changed:
        uow.commit()
    return done


def join(uow: UnitOfWork, memberships: Mapping[str, Collection[str]]) -> int:
    """Make people members of groups inside the caller's transaction: the ids of users, by the id of a group.

    Who is in already stays so; answers how many memberships are new. The statements depend on the number of groups,
    not of people. Raises Missing for a group that is not there. Whoever changes people in the same transaction takes
    the guard by `provisioning.enter_several` before the first of them: groups are locked before people elsewhere.
    """
    if not memberships:
        return 0
    provisioning.enter_groups(uow)
    joiners = []
    for group_id in sorted(memberships):
        group = uow.groups.get(group_id)
        if group is None:
            raise naming.no_group(uow, group_id)
        present = uow.members.present(group_id, memberships[group_id])
        joiners.append((group, sorted(set(memberships[group_id]) - present.keys())))
    provisioning.join_groups(uow, joiners)
    return sum(len(user_ids) for _, user_ids in joiners)
