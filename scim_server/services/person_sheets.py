"""A person as an admin looks at them: all that is known, who manages them, and what happened to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scim_server.domain.directory import Group, User
from scim_server.domain.employments import manager_of
from scim_server.domain.events import PlacedEvent, Subject
from scim_server.domain.seats import Exclusion
from scim_server.domain.tenants import Connection, Tenant
from scim_server.services import naming
from scim_server.services.actors import CONNECTION, Actors
from scim_server.services.audit_entries import AuditEntry, SoughtEntries
from scim_server.services.issue_reports import Report, described
from scim_server.services.people import Portrait, portrait
from scim_server.services.ports import UnitOfWork, Units


@dataclass(frozen=True, slots=True)
class Membership:
    """A group that a person is in; directly, or because it has the group `through` in it."""

    group: Group
    through: Group | None


@dataclass(frozen=True, slots=True)
class PersonSheet:
    """A person with the groups, issues and exclusions that they have. `connection` is the one that manages them,
    `manager` the person they report to, `scopes` the names of the groups that their roles are limited to, by id."""

    portrait: Portrait
    groups: Sequence[Membership]
    issues: Sequence[Report]
    exclusions: Sequence[Exclusion]
    connection: Connection | None
    manager: User | None
    scopes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Chronicle:
    """What the audit trail says of a person, newest first, and the names of the actors that have one."""

    entries: Sequence[AuditEntry]
    names: Mapping[str, str]


def sheet(units: Units, tenant: Tenant, person: str) -> PersonSheet:
    """The sheet of a person, by user name or id, with a fixed number of statements. Raises Missing."""
    with units.read(tenant) as uow:
        user = naming.person(uow, person)
        seen, manager_id = portrait(uow, user), manager_of(user.profile)
        return PersonSheet(
            seen,
            _memberships(uow, user.id),
            described(uow, seen.issues),
            sorted(uow.ledger.exclusions([user.id]), key=lambda each: (each.product, each.source)),
            managing(uow, user),
            next(iter(uow.users.some([manager_id])), None) if manager_id else None,
            uow.groups.names({group_id for grant in seen.grants for group_id in grant.scope}),
        )


def events(units: Units, tenant: Tenant, user_id: str, most: int) -> list[PlacedEvent]:
    """The newest events about a person that are still kept, so many at most."""
    with units.read(tenant) as uow:
        return uow.placed_events.about(Subject.person(user_id).key, most)


def chronicle(units: Units, tenant: Tenant, user_id: str, most: int) -> Chronicle:
    """The newest entries about a person, so many at most."""
    with units.read(tenant) as uow:
        entries = uow.trail.find(SoughtEntries(most, object_id=user_id))
        return Chronicle(entries, Actors.among(uow, {entry.actor for entry in entries}).names)


def managing(uow: UnitOfWork, user: User) -> Connection | None:
    """The connection whose identity provider manages the person, and may write again what others change."""
    return next((each for each in uow.connections.all() if user.origin == f"{CONNECTION}{each.id}"), None)


def _memberships(uow: UnitOfWork, user_id: str) -> list[Membership]:
    """Each group once, those first that the person is in directly."""
    above = uow.members.above(user_id)
    groups = {group.id: group for group in uow.groups.some({group_id for _, group_id in above})}
    through = {group_id: groups.get(member_id) for member_id, group_id in above}
    through |= {group_id: None for member_id, group_id in above if member_id == user_id}
    found = [Membership(groups[group_id], inner) for group_id, inner in through.items() if group_id in groups]
    return sorted(found, key=lambda each: (each.through is not None, each.group.display_name))
