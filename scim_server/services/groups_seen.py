"""Looking at groups: what they are, who is in them, and which rules they bring."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from scim_server.domain.directory import Group
from scim_server.domain.rules import Rule
from scim_server.domain.tenants import Tenant
from scim_server.services import naming
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.provisioning import GROUP_KIND, USER_KIND

CONNECTION = "connection:"
"""What the origin of a group begins with that an identity provider made; the connection's id follows."""
AT_ONCE = 1000
"""Members read at once where all are asked for."""


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group with how many people and groups are in it directly, the groups it is in, and the rules for it.

    `connection` is the name of the connection whose identity provider manages it, None where none does.
    """

    group: Group
    people: int
    nested: int
    member_of: Sequence[Group]
    rules: Sequence[Rule]
    connection: str | None


@dataclass(frozen=True, slots=True)
class Member:
    """A person or a group in a group; `kind` is User or Group, `name` the user name or the group's."""

    id: str
    kind: str
    name: str
    display_name: str | None


def groups(
    units: Units, tenant: Tenant, *, name: str | None = None, after: str = "", limit: int | None = None
) -> list[GroupView]:
    """The tenant's groups by id, those beyond the id `after`, so many at most; a fixed number of statements a page.

    With `name` those whose name begins with it. Without a limit all of them.
    """
    with units.browse(tenant) as uow:
        found = uow.groups.page(after, limit or AT_ONCE, name=name)
        views = group_views(uow, found)
        while limit is None and found:
            found = uow.groups.page(found[-1].id, AT_ONCE, name=name)
            views += group_views(uow, found)
        return views


def group(units: Units, tenant: Tenant, text: str) -> GroupView:
    """The group of that name or id. Raises Missing."""
    with units.read(tenant) as uow:
        return group_view(uow, naming.group(uow, text))


def names(units: Units, tenant: Tenant, group_ids: Collection[str]) -> dict[str, str]:
    """The names of those of the groups that exist, by id."""
    with units.browse(tenant) as uow:
        return uow.groups.names(group_ids)


@dataclass(frozen=True, slots=True)
class Inherited:
    """A rule that reaches a group from above: its group holds this one, directly or through others."""

    rule: Rule
    group: Group


def inherited(units: Units, tenant: Tenant, group_id: str) -> list[Inherited]:
    """The rules that reach the people of a group by the groups that it is in, by priority."""
    with units.browse(tenant) as uow:
        above = {outer for _, outer in uow.members.above(group_id)} - {group_id}
        groups = {each.id: each for each in uow.groups.some(above)}
        return [Inherited(rule, groups[rule.group_id]) for rule in uow.rules.all() if rule.group_id in groups]


def members(units: Units, tenant: Tenant, text: str, *, after: str = "", limit: int) -> list[Member]:
    """Who is in a group directly, by id: those beyond the id `after`, so many at most. Raises Missing."""
    with units.browse(tenant) as uow:
        return _members(uow, naming.group(uow, text).id, after, limit)


def every_member(units: Units, tenant: Tenant, text: str) -> Iterator[Member]:
    """Everybody in a group directly, by id, read bit by bit. Raises Missing."""
    with units.browse(tenant) as uow:
        group_id, after = naming.group(uow, text).id, ""
        while found := _members(uow, group_id, after, AT_ONCE):
            yield from found
            after = found[-1].id


def group_view(uow: UnitOfWork, seen: Group) -> GroupView:
    """One group as it is in this transaction."""
    return group_views(uow, [seen])[0]


def group_views(uow: UnitOfWork, seen: Sequence[Group]) -> list[GroupView]:
    """Groups as they are in this transaction, in their order."""
    if not seen:
        return []
    ids = {each.id for each in seen}
    sizes = uow.members.sizes(ids)
    outer: dict[str, list[str]] = {}
    nested = Counter[str]()
    for inner, above in uow.members.nested():
        nested[above] += 1
        if inner in ids:
            outer.setdefault(inner, []).append(above)
    around = {each.id: each for each in uow.groups.some({above for each in outer.values() for above in each})}
    rules: dict[str | None, list[Rule]] = {}
    for rule in uow.rules.all():
        rules.setdefault(rule.group_id, []).append(rule)
    names = {f"{CONNECTION}{each.id}": each.name for each in uow.connections.all()}
    return [
        GroupView(
            each,
            sizes.get(each.id, 0) - nested[each.id],
            nested[each.id],
            [around[above] for above in outer.get(each.id, ()) if above in around],
            rules.get(each.id, []),
            names.get(each.origin),
        )
        for each in seen
    ]


def _members(uow: UnitOfWork, group_id: str, after: str, limit: int) -> list[Member]:
    page = uow.members.page(group_id, after, limit)
    people = {user.id: user for user in uow.users.some([each for each, kind in page if kind == USER_KIND])}
    names = uow.groups.names([each for each, kind in page if kind == GROUP_KIND])
    return [
        Member(member_id, kind, people[member_id].user_name, people[member_id].display_name)
        if member_id in people
        else Member(member_id, kind, names.get(member_id, member_id), names.get(member_id))
        for member_id, kind in page
    ]
