"""What is known of the people, products, roles and groups that rows of a list name, read by sets."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from scim_server.domain.access import Roles
from scim_server.domain.directory import Group, User
from scim_server.domain.imports import EMAIL, FIRST, GROUPS, LANGUAGE, LAST, ImportRow, Remark
from scim_server.domain.products import Catalogue
from scim_server.domain.rules import Rule
from scim_server.domain.seats import RULE
from scim_server.domain.tombstones import Tombstone
from scim_server.services.ports import UnitOfWork
from scim_server.services.returning import forgotten_until

CONNECTION = "connection:"
"""What the origin of somebody begins with whom an identity provider manages."""


@dataclass
class Held:
    """What one person has: claims that no rule gives, seats that count, places in queues, roles, groups by id."""

    claimed: set[str] = field(default_factory=set)
    seated: set[str] = field(default_factory=set)
    waiting: set[str] = field(default_factory=set)
    roles: set[str] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Known:
    """The facts about some rows. People and tombstones are by the cell that means them, groups by name.

    `elsewhere` are addresses in use outside the tenant, `first_lines` the lines that name an address before the row of
    that number does, `by_group` the rules for a group's members, `domains` those that the tenant has verified.
    """

    people: Mapping[str, User]
    held: Mapping[str, Held]
    elsewhere: frozenset[str]
    tombstones: Mapping[str, Tombstone]
    groups: Mapping[str, Sequence[Group]]
    by_group: Mapping[str, Sequence[Rule]]
    catalogue: Catalogue
    roles: Roles
    connections: Mapping[str, str]
    first_lines: Mapping[int, int]
    domains: frozenset[str]
    name_key: Callable[[str], str | None]

    def held_by(self, user_id: str) -> Held:
        """What the person has; nothing, if they are not here yet."""
        return self.held.get(user_id) or Held()

    def given_by_groups(self, group_ids: Iterable[str]) -> set[str]:
        """The products that rules give to whoever joins those groups."""
        return {product for rule in self.rules_for(group_ids) for product in rule.products}

    def rules_for(self, group_ids: Iterable[str]) -> list[Rule]:
        """The rules for whoever joins those groups."""
        return [rule for group_id in group_ids for rule in self.by_group.get(group_id, ())]

    def manager_of(self, of: User | Group) -> str | None:
        """The connection that made a person or group and goes on managing it."""
        if not of.origin.startswith(CONNECTION):
            return None
        connection_id = of.origin.removeprefix(CONNECTION)
        return self.connections.get(connection_id, connection_id)

    def notes_on(self, user: User, row: ImportRow) -> list[Remark]:
        """What an admin should know of a row that can be carried out."""
        notes = []
        manager = self.manager_of(user)
        if manager is not None and any(row.cell(column) for column in (FIRST, LAST, LANGUAGE)):
            notes.append(Remark(f"names and language are as connection '{manager}' has them"))
        if not user.may_hold:
            notes.append(Remark(f"the person stays suspended ({user.blocked_for or 'by_idp'})"))
        for name in row.several(GROUPS):
            owner = self.manager_of(self.groups[name][0])
            if owner is not None:
                notes.append(
                    Remark(f"group '{name}' is managed by connection '{owner}', which may take the person out again")
                )
        return notes


def look(uow: UnitOfWork, import_id: str, rows: Sequence[ImportRow], *, locking: bool) -> Known:
    """Look up what the rows name, with a fixed number of statements; people and groups locked, groups first."""
    named = uow.groups.all_named({name for row in rows for name in row.several(GROUPS)})
    groups: Mapping[str, Sequence[Group]] = _locked(uow, named) if locking else named
    addresses = {row.cell(EMAIL) for row in rows}
    owners = uow.addresses.owners_of(addresses)
    gone = uow.tombstones.of_addresses(addresses - owners.keys(), forgotten_until(uow))
    names = uow.users.identified({*addresses, *(tombstone.user.user_name for tombstone in gone.values())})
    ids = names | {address: owner for address, owner in owners.items() if owner is not None}
    if locking:
        uow.users.lock(sorted(set(ids.values())))
    users = {user.id: user for user in uow.users.some(set(ids.values()))}
    return Known(
        people={cell: users[user_id] for cell, user_id in ids.items() if user_id in users},
        held=_held(uow, users.keys()),
        elsewhere=frozenset(address for address, owner in owners.items() if owner is None),
        tombstones=gone,
        groups=groups,
        by_group=_rules_by_group(uow, {found[0].id for found in groups.values()}),
        catalogue=uow.products.catalogue(),
        roles=uow.roles.all(kept=locking),
        connections={connection.id: connection.name for connection in uow.connections.all()},
        first_lines=uow.imports.first_lines(import_id, rows),
        domains=uow.domains.verified(),
        name_key=uow.users.name_key,
    )


def _locked(uow: UnitOfWork, groups: Mapping[str, Sequence[Group]]) -> dict[str, Sequence[Group]]:
    """The same groups, the first of each name locked, in the order of their ids; whoever is gone is left out."""
    locked = {group_id: uow.groups.get(group_id) for group_id in sorted({found[0].id for found in groups.values()})}
    kept: dict[str, Sequence[Group]] = {}
    for name, found in groups.items():
        first = locked[found[0].id]
        if first is not None:
            kept[name] = [first, *found[1:]]
    return kept


def _held(uow: UnitOfWork, user_ids: Collection[str]) -> dict[str, Held]:
    held = {user_id: Held() for user_id in user_ids}
    for claim in uow.ledger.claims(user_ids):
        if not claim.source.startswith(RULE):
            held[claim.user_id].claimed.add(claim.product)
    for seat in uow.ledger.seats(user_ids):
        (held[seat.user_id].seated if seat.counts else held[seat.user_id].waiting).add(seat.product)
    for grant in uow.grants.of(user_ids):
        if not grant.is_by_rule:
            held[grant.user_id].roles.add(grant.role)
    for user_id, groups in uow.members.groups_of_some(user_ids).items():
        held[user_id].groups.update(groups)
    return held


def _rules_by_group(uow: UnitOfWork, group_ids: Collection[str]) -> dict[str, list[Rule]]:
    """The rules for the members of each group: by the group itself and by those that it is nested in."""
    bound = [rule for rule in uow.rules.all() if rule.enabled and rule.group_id is not None] if group_ids else []
    if not bound:
        return {}
    given: dict[str, list[Rule]] = {}
    nested = uow.groups.any_nested()
    for group_id in group_ids:
        above = {group_id, *(group for _, group in uow.members.above(group_id))} if nested else {group_id}
        given[group_id] = [rule for rule in bound if rule.group_id in above]
    return given
