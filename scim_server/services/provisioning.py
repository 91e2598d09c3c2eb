"""Joiners, movers, leavers: what creating, changing and deleting people and groups means for the business.

Every function runs inside the caller's transaction and ends in `entitling`, the one allocator.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from scim_server.domain.access import OPERATOR, Authority
from scim_server.domain.directory import Group, User
from scim_server.domain.errors import AddressTaken, Contention, LastSuperAdmin
from scim_server.domain.events import PROVISIONED, Change, Event, Subject
from scim_server.domain.facts import of_group, of_user
from scim_server.domain.renames import understood
from scim_server.domain.rules import Rule
from scim_server.services import admitting, entitling, granting
from scim_server.services.addressing import OWNED, own_address, own_addresses, release_address
from scim_server.services.bequeathing import settle_sessions
from scim_server.services.claim_records import restart_claims
from scim_server.services.issues import (
    EMAIL_IN_USE,
    LONGEST_SUBJECT,
    ORPHAN_RULE,
    UNKNOWN_ENTITLEMENT,
    UNKNOWN_MEMBER,
    issue,
    keep_open,
)
from scim_server.services.naming import no_user
from scim_server.services.ports import UnitOfWork
from scim_server.services.returning import continue_earlier, predecessors, remember, still_blocked

USER_KIND = "User"
GROUP_KIND = "Group"
MOST_UNKNOWN_MEMBERS = 100
"""Of a group; of more that a client names nobody is told."""


def create_user(uow: UnitOfWork, user: User, authority: Authority = OPERATOR) -> User:
    """Take in a new person, with claims by their entitlements and, as far as the authority goes, grants by their roles.

    Raises ForeignDomain, Taken, AddressTaken, SeatLimit, RoleAboveMax.
    """
    (created,) = take_in(uow, [user])
    if created.roles:
        granting.grant_directly(uow, created, authority)
    if created.entitlements:
        claim_entitlements(uow, [created])
    if created.entitlements or uow.has_attribute_rules:
        entitling.refresh(uow, {created.id: created.may_hold}, own_request=bool(created.entitlements))
    return created


def take_in(uow: UnitOfWork, newcomers: Sequence[User]) -> list[User]:
    """Write new people down, with their addresses; claims, grants and `entitling.refresh` are to follow.

    A fixed number of statements, unless they continue deleted people. Raises ForeignDomain, Taken, AddressTaken.
    """
    uow.guard(exclusive=False)
    uow.domains.expect()
    earlier = predecessors(uow, newcomers)
    admitting.check_newcomers(uow, newcomers)
    created = [
        replace(user.begun(uow.new_id(), uow.now), blocked_for=still_blocked(before))
        for user, before in zip(newcomers, earlier, strict=True)
    ]
    uow.users.add(*created)
    if uow.has_attribute_rules:
        uow.rules.expect()
    owned = own_addresses(uow, created)
    for user, before in zip(created, earlier, strict=True):
        continues = continue_earlier(uow, before, user)
        _record_user(uow, "user.created", None, user, owned=(None, owned.get(user.id)), continues=continues)
    return created


def rewrite(uow: UnitOfWork, changes: Sequence[tuple[User, User]]) -> list[User]:
    """Bring locked people, each as they are, to what they should be in attributes that no address, role or entitlement
    is among; `entitling.refresh` is to follow. A fixed number of statements."""
    revised = [(before, wanted.revised(uow.now)) for before, wanted in changes]
    uow.users.save(*(after for _, after in revised))
    for before, after in revised:
        _record_user(uow, _name_of_change(before, after), before, after)
    return [after for _, after in revised]


def change_user(uow: UnitOfWork, before: User, wanted: User, authority: Authority = OPERATOR) -> User:
    """Bring a locked person to `wanted`. Nothing changed means no new version and no event.

    A block is no part of the resource: neither it nor its end makes a new version. Raises what `create_user` raises,
    and LastSuperAdmin.
    """
    wanted = understood(before, wanted)
    if wanted == before:
        return before
    uow.guard(exclusive=False)
    admitting.check_change(uow, before, wanted)
    only_blocked = replace(before, blocked_for=wanted.blocked_for) == wanted
    after = wanted if only_blocked else wanted.revised(uow.now)
    uow.users.save(after)
    moves = not uow.addresses.same(before.own_address, after.own_address)
    owned = (release_address(uow, before), own_address(uow, after)) if moves else None
    _record_user(uow, _name_of_change(before, after), before, after, owned=owned)
    _settle_change(uow, before, after, authority)
    return after


def restore_user(uow: UnitOfWork, user: User) -> User:
    """Bring a deleted person back as they were, with direct claims and grants by the document; `refresh` is to follow.

    What an open issue says of a role in the document still holds. Raises ForeignDomain, Taken,
    AddressTaken.
    """
    uow.guard(exclusive=False)
    admitting.check_newcomers(uow, [user])
    restored = user.revised(uow.now)
    uow.users.add(restored)
    owned = own_address(uow, restored)
    _record_user(uow, "user.restored", None, restored, owned=(None, owned))
    if restored.roles:
        granting.reprocess(uow, [restored])
    if restored.entitlements:
        claim_entitlements(uow, [restored])
    return restored


def lock_user(uow: UnitOfWork, user_id: str) -> User | None:
    """Lock the person for a change of their own, under the guard: no rule that looks at them comes meanwhile."""
    uow.guard(exclusive=False)
    return uow.users.get(user_id)


def lock_named(uow: UnitOfWork, user_name: str) -> User:
    """Lock the person of that user name likewise; raises Missing."""
    named = uow.users.called(user_name)
    user = None if named is None else lock_user(uow, named.id)
    if user is None:
        raise no_user(uow.tenant, user_name)
    return user


def enter_groups(uow: UnitOfWork) -> None:
    """Take the tenant's guard, before any group is locked.

    Shared: changes of groups and people run side by side, none of them while a rule is made. Exclusive where
    groups are nested: changes reach into groups above and below, in no order that would keep them from crossing.
    """
    uow.guard(exclusive=uow.groups.any_nested())


def enter_several(uow: UnitOfWork) -> None:
    """Take the tenant's guard for a transaction that makes several resources, before the first of them.

    Exclusive from the start: the second group may nest the first, and of two transactions that share the guard
    neither can make it its own.
    """
    uow.guard(exclusive=True)


def lock_group(uow: UnitOfWork, group_id: str) -> Group | None:
    """Lock the group for a change."""
    enter_groups(uow)
    return uow.groups.get(group_id)


def lock_leaver(uow: UnitOfWork, user_id: str) -> User | None:
    """Lock the person after the groups they are in, in the order that every change of a group locks them."""
    enter_groups(uow)
    group_ids = uow.members.groups_of(user_id)
    uow.groups.lock(group_ids)
    user = uow.users.get(user_id)
    if user is not None and uow.members.groups_of(user_id) != group_ids:
        raise Contention(f"the groups of user {user_id} changed meanwhile")
    return user


def delete_user(uow: UnitOfWork, user: User) -> None:
    """Let a person locked by `lock_leaver` go: seats to the next in line, address and user name free at once.

    Raises LastSuperAdmin.
    """
    granting.end_grants(uow, user.id)
    _leave_groups(uow, user.id)
    owned = release_address(uow, user)
    remember(uow, user)
    entitling.end_claims(uow, user.id)
    uow.issues.close_all_of(user.id)
    settle_sessions(uow, user)
    for token_id in uow.users.remove(user):
        uow.record(Change("token", token_id, "token.removed", {"user": user.id}, None))
    _record_user(uow, "user.deleted", user, None, owned=(owned, None))


def create_group(uow: UnitOfWork, group: Group, members: Mapping[str, str]) -> Group:
    """Take in a new group with its members (id to kind) and wake the rules that waited for its name."""
    enter_groups(uow)
    created = group.begun(uow.new_id(), uow.now)
    uow.groups.add(created)
    _wake_rules(uow, created)
    people, present = _lock_members(uow, members)
    uow.members.add(created.id, present)
    _record_group(uow, "group.created", None, created, added=present)
    entitling.refresh(uow, people)
    return created


def restore_group(uow: UnitOfWork, group: Group) -> Group:
    """Bring a deleted group back under its id, without members, and wake the rules that waited for its name.

    Raises Taken.
    """
    enter_groups(uow)
    restored = group.revised(uow.now)
    uow.groups.add(restored)
    _wake_rules(uow, restored)
    _record_group(uow, "group.restored", None, restored)
    return restored


def change_group(
    uow: UnitOfWork, before: Group, wanted: Group, *, added: Mapping[str, str], removed: Mapping[str, str]
) -> Group:
    """Bring a locked group to `wanted` and its membership by the difference (id to kind).

    Costs what the change costs, whatever the group's size; rules follow the group's id, not its name. A name that
    rules have waited for brings them everybody in the group.
    """
    if wanted == before and not added and not removed:
        return before
    woken = wanted.display_name != before.display_name and _wake_rules(uow, wanted)
    reached = uow.members.of(before.id) if woken else {}
    people, present = _lock_members(uow, {**reached, **removed, **added})
    after = _write_group(uow, before, wanted, added={m: added[m] for m in added if m in present}, removed=removed)
    entitling.refresh(uow, people, guarded=True)
    return after


def expect_members(uow: UnitOfWork, member_ids: Collection[str]) -> None:
    """Have those who join or leave a locked group locked with the next question, and read what `change_group` will want
    to know of them. The group's name stays as it is."""
    uow.users.expect_lock(member_ids)
    uow.rules.expect()


def join(uow: UnitOfWork, group: Group, user_ids: Collection[str]) -> None:
    """Put locked people into a locked group that they are not in; `entitling.refresh` is to follow."""
    _write_group(uow, group, group, added=dict.fromkeys(user_ids, USER_KIND), removed={})


def join_groups(uow: UnitOfWork, joiners: Sequence[tuple[Group, Collection[str]]]) -> None:
    """Let people become members of locked groups, in which none of them may be yet: all at once, with one settlement.

    Whoever is gone meanwhile is passed over.
    """
    people = {user_id: USER_KIND for _, user_ids in joiners for user_id in user_ids}
    may_hold, present = _lock_members(uow, people)
    for group, user_ids in joiners:
        added = {user_id: USER_KIND for user_id in user_ids if user_id in present}
        if added:
            _write_group(uow, group, group, added=added, removed={})
    entitling.refresh(uow, may_hold, guarded=True)


def delete_group(uow: UnitOfWork, group: Group) -> None:
    """Remove a locked group: memberships end at once, its rules become orphans and stay."""
    _leave_groups(uow, group.id)
    members = uow.members.of(group.id)
    people, _ = _lock_members(uow, members)
    uow.members.remove(group.id, members.keys())
    orphans = uow.rules.unbind(group.id)
    _record_rules(uow, "rule.orphaned", orphans, "groupId", group.id, None)
    uow.issues.open(*(issue(uow, ORPHAN_RULE, subject=rule.id) for rule in orphans))
    uow.issues.close_all_of_group(group.id)
    uow.groups.remove(group.id)
    _record_group(uow, "group.deleted", group, None, removed=members)
    entitling.refresh(uow, people, guarded=True)


def note_unknown_members(
    uow: UnitOfWork, group_id: str, unknown: Collection[str], settled: Collection[str] | None
) -> None:
    """Open the issues of members whom nobody knows, and close those of ids that are no longer in question.

    `settled` are the ids that a client spoke of; None where it said who all the members are. The group is locked.
    """
    present = {each.subject: each for each in uow.issues.of_group(group_id) if each.code == UNKNOWN_MEMBER}
    wanted = dict.fromkeys(each[:LONGEST_SUBJECT] for each in unknown)
    passed = present if settled is None else {each[:LONGEST_SUBJECT] for each in settled}
    uow.issues.close_these([each for subject, each in present.items() if subject in passed and subject not in wanted])
    fresh = [subject for subject in wanted if subject not in present]
    room = max(0, MOST_UNKNOWN_MEMBERS - len(present))
    uow.issues.open(*(issue(uow, UNKNOWN_MEMBER, group_id=group_id, subject=subject) for subject in fresh[:room]))


def _wake_rules(uow: UnitOfWork, group: Group) -> bool:
    """Bind the rules that waited for a group of that name; answers whether there were any."""
    woken = uow.rules.bind(group.display_name, group.id)
    _record_rules(uow, "rule.bound", woken, "groupId", None, group.id)
    for rule in woken:
        uow.issues.close(ORPHAN_RULE, subjects=[rule.id])
    return bool(woken)


def _leave_groups(uow: UnitOfWork, member_id: str) -> None:
    """A fixed number of statements, whatever the number of groups; nobody lets the member join one meanwhile."""
    left = uow.groups.lock(uow.members.groups_of(member_id))
    revised = [group.revised(uow.now) for group in left]
    uow.groups.touch(*revised)
    uow.members.leave(member_id, [group.id for group in left])
    for before, after in zip(left, revised, strict=True):
        _record_group(uow, "group.changed", before, after, removed=[member_id])


def _write_group(
    uow: UnitOfWork, before: Group, wanted: Group, *, added: Mapping[str, str], removed: Mapping[str, str]
) -> Group:
    after = wanted.revised(uow.now)
    if wanted == before:
        uow.groups.touch(after)
    else:
        uow.groups.save(after)
    if after.display_name != before.display_name:
        renamed = uow.rules.rename(after.id, after.display_name)
        _record_rules(uow, "rule.renamed", renamed, "group", before.display_name, after.display_name)
    uow.members.remove(after.id, removed.keys())
    uow.members.add(after.id, added)
    _record_group(uow, "group.changed", before, after, added=added, removed=removed)
    return after


def _lock_members(uow: UnitOfWork, members: Mapping[str, str]) -> tuple[dict[str, bool], dict[str, str]]:
    """Lock everybody that the members are or contain: who may hold seats, and the members that still exist."""
    nested = [member_id for member_id, kind in members.items() if kind == GROUP_KIND]
    people = {member_id for member_id, kind in members.items() if kind == USER_KIND}
    below = uow.groups.lock_below(nested) if nested else frozenset()
    if nested:
        people.update(uow.members.users_below(nested))
    uow.concern(len(people))
    may_hold = uow.users.lock(people) if people else {}
    return may_hold, {
        member_id: kind for member_id, kind in members.items() if member_id in may_hold or member_id in below
    }


def _settle_change(uow: UnitOfWork, before: User, after: User, authority: Authority) -> None:
    """What a change of a person means for roles and seats: suspension, return, other entitlements or rules, or nothing.

    A connection that brings a person back grants what the document names anew, as far as its own authority goes; an
    admin who does is no writer of it: each role is granted as far as the authority of whoever wrote it goes.
    """
    returns = after.may_hold and not before.may_hold
    if returns and authority == OPERATOR and before.role_values == after.role_values:
        granting.reprocess(uow, [after])
    elif before.role_values != after.role_values or (returns and after.roles):
        granting.grant_directly(uow, after, authority, before.role_values)
    entitled = before.entitlement_values != after.entitlement_values
    if entitled:
        claim_entitlements(uow, [after])
    turned = before.may_hold != after.may_hold
    if not (turned or entitled or uow.has_attribute_rules):
        return
    if turned and not returns:
        uow.users.sign_out(after.id)
    if returns:
        restart_claims(uow, [after.id], uow.now)
    entitling.refresh(uow, {after.id: after.may_hold}, own_request=after.may_hold and (turned or entitled))


def claim_entitlements(uow: UnitOfWork, users: Collection[User]) -> None:
    """Direct claims from the entitlements; a value that names no product claims nothing and opens an issue."""
    catalogue = uow.products.catalogue()
    entitling.claim_directly(uow, {user.id: catalogue.named(user.entitlement_values) for user in users})
    unknown = {
        user.id: dict.fromkeys(value for value in user.entitlement_values if catalogue.find(value) is None)
        for user in users
    }
    keep_open(uow, UNKNOWN_ENTITLEMENT, unknown)


def note_refusal(uow: UnitOfWork, refused: AddressTaken | LastSuperAdmin, connection_id: str | None) -> None:
    """Open the issue of a request that was refused for what an admin can act on."""
    match refused:
        case AddressTaken():
            _note_refused_address(uow, refused.address, connection_id)
        case LastSuperAdmin():
            granting.note_last_super_admin(uow, refused.user_id, connection_id)


def _note_refused_address(uow: UnitOfWork, address: str, connection_id: str | None) -> None:
    """Open the issue of a request that was refused for an address owned elsewhere: no user, no other tenant.

    The address may have become free since: then nobody would ever close the issue, so none is opened.
    """
    if not uow.addresses.owned_elsewhere(address):
        return
    subject = uow.addresses.key(address)
    uow.issues.open(issue(uow, EMAIL_IN_USE, subject=subject, connection_id=connection_id))


def _name_of_change(before: User, after: User) -> str:
    if before.may_hold == after.may_hold:
        return "user.changed"
    return "user.reactivated" if after.may_hold else "user.suspended"


def _record_user(
    uow: UnitOfWork,
    action: str,
    before: User | None,
    after: User | None,
    *,
    owned: tuple[str | None, str | None] | None = None,
    continues: str | None = None,
) -> None:
    """`owned` are the addresses that the person owned and owns, where that is another one now."""
    user = after or before
    if user is None:
        return
    more = {"continues": continues} if continues else {}
    then, now = (None if each is None else of_user(each) for each in (before, after))
    for facts, address in zip((then, now), owned or (), strict=False):
        if facts is not None:
            facts[OWNED] = address
    change = Change("user", user.id, action, then, None if now is None else now | more)
    uow.record(change)
    uow.publish(_told(change, user, more))


def _told(change: Change, user: User, more: Mapping[str, str]) -> Event:
    """The event of a change of a person."""
    name = PROVISIONED if change.action == "user.created" else change.action
    data: dict[str, Any] = dict(more)
    if change.before is not None and change.after is not None:
        data["changed"] = change.attributes
    if name == "user.suspended":
        data["reason"] = user.blocked_for if user.active else "by_idp"
    return Event(name, Subject.person(user.id, user.user_name), data)


def _record_group(
    uow: UnitOfWork,
    action: str,
    before: Group | None,
    after: Group | None,
    *,
    added: Collection[str] = (),
    removed: Collection[str] = (),
) -> None:
    group = after or before
    if group is None:
        return
    then, now = (None if each is None else of_group(each) for each in (before, after))
    if then is not None and removed:
        then["members"] = sorted(removed)
    if now is not None and added:
        now["members"] = sorted(added)
    uow.record(Change("group", group.id, action, then, now))


def _record_rules(
    uow: UnitOfWork, action: str, rules: Collection[Rule], fact: str, before: str | None, after: str | None
) -> None:
    """Note what a change of their group means for rules."""
    for rule in rules:
        uow.record(Change("rule", rule.id, action, {fact: before}, {fact: after}))
