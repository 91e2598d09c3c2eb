"""Linking people and groups to a connection, which then manages them as if it had created them.

It is what an admin says to a connection that may change only its own (`creator_only`). Whatever managed them before
does so no more. The resource stays as it is, so its version does.
"""

from dataclasses import replace
from typing import TypeVar

from scim_server.domain.access import ROLES, check_within
from scim_server.domain.directory import Group, User
from scim_server.domain.events import Cause, Change
from scim_server.domain.facts import of_group, of_user
from scim_server.domain.tenants import Tenant
from scim_server.services import granting, naming, provisioning
from scim_server.services.actors import CONNECTION
from scim_server.services.groups_seen import GroupView, group_view
from scim_server.services.people import Portrait, portrait
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.retrying import retried
from scim_server.services.tenancy import connection_called

R = TypeVar("R", User, Group)


@retried
def link_user(units: Units, tenant: Tenant, cause: Cause, user_name: str, connection_name: str) -> Portrait:
    """Have a connection manage a person.

    Raises Missing; Forbidden where the connection may grant a role, or the person has one, above whoever asks.
    """
    with units.write(tenant, cause) as uow:
        before = provisioning.lock_named(uow, user_name)
        granting.check_outranked(uow, before)
        after = _linked(uow, before, connection_name)
        if after != before:
            uow.users.save(after)
            uow.record(Change("user", after.id, "user.linked", of_user(before), of_user(after)))
        seen = portrait(uow, after)
        uow.commit()
        return seen


@retried
def link_group(units: Units, tenant: Tenant, cause: Cause, group: str, connection_name: str) -> GroupView:
    """Have a connection manage a group and who is in it. Raises Missing, Forbidden likewise."""
    with units.write(tenant, cause) as uow:
        provisioning.enter_groups(uow)
        before = naming.locked_group(uow, group)
        if before is None:
            raise naming.no_group(uow, group)
        after = _linked(uow, before, connection_name)
        if after != before:
            uow.groups.save(after)
            uow.record(Change("group", after.id, "group.linked", of_group(before), of_group(after)))
        seen = group_view(uow, after)
        uow.commit()
        return seen


def _linked(uow: UnitOfWork, resource: R, connection_name: str) -> R:
    connection = connection_called(uow, connection_name)
    check_within(ROLES[connection.max_role], uow.cause.permits)
    return replace(resource, origin=f"{CONNECTION}{connection.id}")
