"""What an admin does about roles: making and deleting the tenant's own, granting and revoking by hand."""

from collections.abc import Collection
from dataclasses import dataclass

from scim_server.domain.access import MEMBER, Grant, GrantEntry, Role, check_within, new_role
from scim_server.domain.directory import User
from scim_server.domain.errors import Contention, Missing, Taken
from scim_server.domain.events import Cause, Change
from scim_server.domain.facts import of_role
from scim_server.domain.tenants import Tenant
from scim_server.services import granting, naming, provisioning
from scim_server.services.issues import LONGEST_SUBJECT, ROLE_ABOVE_MAX, UNKNOWN_ROLE, issue
from scim_server.services.ports import Issue, UnitOfWork, Units
from scim_server.services.retrying import retried


@dataclass(frozen=True, slots=True)
class Post:
    """A role and how many people have it by a grant."""

    role: Role
    people: int


@dataclass(frozen=True, slots=True)
class Remainder:
    """A person of whom a role was taken back, and by which other sources they still have it."""

    user: User
    role: str
    remaining: list[str]


def roles(units: Units, tenant: Tenant) -> list[Post]:
    """Every role of the tenant, the built-in ones first."""
    with units.read(tenant) as uow:
        people = uow.grants.people()
        return [Post(role, people.get(role.code, 0)) for role in uow.roles.all().by_code.values()]


def role(units: Units, tenant: Tenant, code: str) -> Post:
    """One role; raises Missing."""
    with units.read(tenant) as uow:
        found = granting.role_called(uow, code)
        return Post(found, uow.grants.people().get(found.code, 0))


def grants(
    units: Units,
    tenant: Tenant,
    user_name: str | None = None,
    role: str | None = None,
    after: tuple[str, str, str] | None = None,
    most: int | None = None,
) -> list[GrantEntry]:
    """Who has which role and why, by person; of one person, of one role; behind the grant with the key `after`.

    Raises Missing for a person or a role that is not there.
    """
    with units.read(tenant) as uow:
        user = None if user_name is None else naming.person(uow, user_name)
        code = None if role is None else granting.role_called(uow, role).code
        return uow.grants.entries(user.id if user else None, code, after, most)


@retried
def create_role(
    units: Units,
    tenant: Tenant,
    cause: Cause,
    code: str,
    name: str,
    description: str,
    permissions: Collection[str],
) -> Role:
    """Make a custom role. People whose identity provider named it before get it, where it may grant that much.

    Raises Invalid for an impossible one, Forbidden for one above whoever makes it, Taken where the code is in use.
    """
    with units.write(tenant, cause) as uow:
        role = new_role(code, name, description, permissions, uow.now)
        add_role(uow, role)
        uow.commit()
        return role


def add_role(uow: UnitOfWork, role: Role) -> None:
    """The same in the caller's transaction."""
    check_within(role, uow.cause.permits)
    uow.guard(exclusive=True)
    uow.roles.add(role)
    uow.record(Change("role", role.code, "role.created", None, of_role(role)))
    waiting = {str(each.user_id) for each in _flagged(uow, UNKNOWN_ROLE, role.code)}
    if waiting:
        uow.users.lock(waiting)
        granting.reprocess(uow, uow.users.some(waiting))


@retried
def delete_role(units: Units, tenant: Tenant, cause: Cause, code: str) -> int:
    """Delete a custom role and end its grants; answers how many people had it.

    Raises Missing where there is none, Taken while a rule gives it.
    """
    with units.write(tenant, cause) as uow:
        holders = remove_role(uow, code)
        uow.commit()
        return holders


def remove_role(uow: UnitOfWork, code: str) -> int:
    """The same in the caller's transaction."""
    uow.guard(exclusive=True)
    role = _custom(uow, code)
    rules = [str(rule.priority) for rule in uow.rules.all() if rule.role == role.code]
    if rules:
        raise Taken(f"The role '{role.code}' is given by rule {', '.join(rules)}: change or delete that first.")
    holders = {grant.user_id for grant in uow.grants.with_role(role.code)}
    above = _flagged(uow, ROLE_ABOVE_MAX, role.code)
    concerned = uow.users.lock(holders | {str(each.user_id) for each in above})
    if not uow.roles.lock(role.code):
        raise Contention(f"the role '{role.code}' was deleted meanwhile")
    grants = uow.grants.with_role(role.code)
    if {grant.user_id for grant in grants} - concerned.keys():
        raise Contention(f"the role '{role.code}' was granted meanwhile")
    granting.replace_grants(uow, grants, [])
    for each in above:
        uow.issues.close(ROLE_ABOVE_MAX, user_ids=[str(each.user_id)], subjects=[each.subject])
    _name_unknown(uow, role.code, uow.users.some(concerned.keys()))
    uow.roles.remove(role.code)
    uow.record(Change("role", role.code, "role.deleted", of_role(role), None))
    return len({grant.user_id for grant in grants})


@retried
def grant_role(
    units: Units,
    tenant: Tenant,
    cause: Cause,
    user_name: str,
    role: str,
    groups: Collection[str] = (),
) -> GrantEntry:
    """Grant a role by hand, limited to the people of the groups of those names or ids; none for member, which all are.

    Raises Missing, Invalid, Forbidden for a role above whoever grants it.
    """
    with units.write(tenant, cause) as uow:
        uow.guard(exclusive=False)
        scope = [_group_id(uow, tenant, name) for name in groups]
        user = provisioning.lock_named(uow, user_name)
        grant = granting.grant_by_hand(uow, user.id, role, scope)
        uow.commit()
        return _entry(user, grant)


@retried
def revoke_role(units: Units, tenant: Tenant, cause: Cause, user_name: str, role: str) -> Remainder:
    """Revoke what was granted by hand.

    Raises Missing, Invalid where it was not granted by hand, LastSuperAdmin, Forbidden for one above who revokes it.
    """
    with units.write(tenant, cause) as uow:
        known = granting.grantable(uow, role)
        user = provisioning.lock_named(uow, user_name)
        remaining = granting.revoke_by_hand(uow, user.id, role)
        uow.commit()
        return Remainder(user, known.code, remaining)


def _entry(user: User, grant: Grant | None) -> GrantEntry:
    if grant is None:
        return GrantEntry(user.id, user.user_name, MEMBER)
    return GrantEntry(user.id, user.user_name, grant.role, grant.source, grant.since, grant.scope)


def _group_id(uow: UnitOfWork, tenant: Tenant, name: str) -> str:
    group = uow.groups.named(name)
    if group is not None:
        return group.id
    if not uow.groups.names([name]):
        raise Missing(f"Tenant '{tenant.slug}' has no group '{name}'.")
    return name


def _custom(uow: UnitOfWork, code: str) -> Role:
    own = {role.code: role for role in uow.roles.all().custom}
    if code.casefold() not in own:
        raise Missing(f"There is no custom role '{code}'. Custom roles: {', '.join(own) or 'none yet'}")
    return own[code.casefold()]


def _flagged(uow: UnitOfWork, code: str, role: str) -> list[Issue]:
    """The open issues of that code about a role."""
    return [each for each in uow.issues.find(closed=False, code=code) if each.subject.casefold() == role]


def _name_unknown(uow: UnitOfWork, code: str, users: Collection[User]) -> None:
    """Whoever's document still names the role has an unknown one now."""
    uow.issues.open(
        *(
            issue(uow, UNKNOWN_ROLE, user_id=user.id, subject=value[:LONGEST_SUBJECT])
            for user in users
            for value in user.role_values
            if value.casefold() == code
        )
    )
