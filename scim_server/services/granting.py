"""Who has which role: by the `roles` of their document, by rules, and by hand (design section 6, invariants 3 and 8).

Every function runs inside the caller's transaction, with the people concerned locked, and before subscriptions are.
Whatever ends a grant of super admin goes through `_write`, which leaves the tenant one. Everybody is a member: that
role is known everywhere and never a grant.
"""

from collections.abc import Callable, Collection, Iterable, Mapping

from scim_server.domain.access import (
    KEPT,
    MEMBER,
    OPERATOR,
    SUPER_ADMIN,
    Authority,
    Grant,
    Role,
    check_within,
)
from scim_server.domain.directory import User
from scim_server.domain.errors import Invalid, LastSuperAdmin, Missing, RoleAboveMax
from scim_server.domain.events import Change, Event, Subject
from scim_server.domain.facts import of_grant
from scim_server.domain.seats import BY_ADMIN, DIRECT
from scim_server.services.issues import (
    LAST_SUPER_ADMIN,
    LONGEST_SUBJECT,
    ROLE_ABOVE_MAX,
    UNKNOWN_ROLE,
    issue,
    keep_open,
)
from scim_server.services.ports import UnitOfWork
from scim_server.services.rule_matches import RuleMatches

Key = tuple[str, str, str]
"""User id, role and source of a grant."""


def refresh(uow: UnitOfWork, may_hold: Mapping[str, bool], matches: RuleMatches) -> None:
    """Bring the grants by rule of those people up to date, and end every grant of who may hold nothing.

    A fixed number of statements, however many people. Raises LastSuperAdmin where the last one may hold nothing any
    more; one who only lost what a rule gave keeps the role, and the issue LAST_SUPER_ADMIN opens.
    """
    kept = uow.grants.of(may_hold.keys())
    due = {grant.key: grant for grant in given_by_rules(uow, matches) if may_hold.get(grant.user_id)}
    stale = [grant for grant in kept if not may_hold[grant.user_id] or (grant.is_by_rule and _outdated(grant, due))]
    staying = {grant.key for grant in kept} - {grant.key for grant in stale}
    fresh = [grant for key, grant in due.items() if key not in staying]
    _write(uow, stale, fresh, sparing={user_id for user_id, allowed in may_hold.items() if allowed})


def grant_directly(uow: UnitOfWork, user: User, authority: Authority, earlier: Collection[str] = ()) -> None:
    """Make the `roles` of the document the person's direct grants, as far as whoever wrote them may grant.

    What is granted already stays. A role that is unknown or above the authority gives nothing and opens an issue. Where
    the authority refuses, one above it that is not among the `earlier` values raises RoleAboveMax. Raises
    LastSuperAdmin.
    """
    _grant_named(uow, [user], lambda *_: authority, earlier)


def reprocess(uow: UnitOfWork, users: Collection[User]) -> None:
    """Look again at the roles that documents name and issues keep from being granted: by what the connection that
    wrote each may grant now, and by the roles there are now. A fixed number of statements, however many people."""
    limits = {connection.id: connection.max_role for connection in uow.connections.all()}
    held_back = {
        (each.user_id, each.subject): Authority(limits.get(each.connection_id or "", MEMBER), each.connection_id)
        for each in uow.issues.of([user.id for user in users])
        if each.code in {ROLE_ABOVE_MAX, UNKNOWN_ROLE}
    }
    _grant_named(uow, users, lambda user, value: held_back.get((user.id, value[:LONGEST_SUBJECT]), OPERATOR))


def grant_by_hand(uow: UnitOfWork, user_id: str, role: str, scope: Collection[str] = ()) -> Grant | None:
    """Give a person a role, for the people of the groups `scope` or for everybody; None for member, which all are.

    Given again with another scope, the new one holds. Raises Missing for an unknown role, Forbidden for one above
    whoever gives it, Invalid for a suspended person and for a scope that the role cannot have.
    """
    known = grantable(uow, role, kept=True)
    _check_scope(uow, known, scope)
    if not uow.users.lock([user_id]).get(user_id):
        raise Invalid("Who is suspended has no roles: reactivate the person first.")
    if known.code == MEMBER:
        return None
    wanted = Grant(user_id, known.code, BY_ADMIN, uow.now, tuple(sorted(set(scope))))
    held = [grant for grant in uow.grants.of([user_id]) if grant.key == wanted.key]
    if held and held[0].scope == wanted.scope:
        return held[0]
    _write(uow, held, [wanted], sparing=())
    return wanted


def grant_several_by_hand(uow: UnitOfWork, wanted: Collection[tuple[str, str]]) -> None:
    """Give locked people, by id, roles by their codes for everybody; what they have by hand stays as it is.

    None of them may be suspended, and every role must be there. A fixed number of statements.
    """
    held = {
        (grant.user_id, grant.role)
        for grant in uow.grants.of({user_id for user_id, _ in wanted})
        if grant.source == BY_ADMIN
    }
    fresh = [Grant(*each, BY_ADMIN, uow.now) for each in wanted if each not in held and each[1] != MEMBER]
    _write(uow, [], fresh, sparing=())


def revoke_by_hand(uow: UnitOfWork, user_id: str, role: str) -> list[str]:
    """Take back what was given by hand; answers by which other sources the person still has the role.

    Raises Missing where the person does not have the role, Forbidden for one above whoever takes it, Invalid where only
    other sources give it, LastSuperAdmin.
    """
    code = grantable(uow, role).code
    uow.users.lock([user_id])
    held = [grant for grant in uow.grants.of([user_id]) if grant.role == code]
    given = [grant for grant in held if grant.source in {BY_ADMIN, KEPT}]
    others = [grant.source for grant in held if grant not in given]
    if not held:
        raise Missing(f"The person does not have the role '{code}', beyond what everybody is.")
    if not given:
        raise Invalid(f"The role '{code}' was not given by hand but by {', '.join(others)}: change it there.")
    _write(uow, given, [], sparing=())
    return others


def end_grants(uow: UnitOfWork, user_id: str) -> None:
    """End every grant of a person who is about to be deleted; raises LastSuperAdmin."""
    _write(uow, uow.grants.of([user_id]), [], sparing=())


def replace_grants(uow: UnitOfWork, ended: Collection[Grant], begun: Collection[Grant]) -> None:
    """End and begin grants as they come, of people who are locked: of a role that is about to be deleted, or to
    repair damage, which may have left no super admin to keep."""
    uow.grants.drop(list(ended))
    uow.grants.add(list(begun))
    for grant in ended:
        _note(uow, "role.removed", grant, None)
    for grant in begun:
        _note(uow, "role.granted", None, grant)


def grantable(uow: UnitOfWork, role: str, *, kept: bool = False) -> Role:
    """The role of that code, which is not above whoever acts. Raises Missing, Forbidden."""
    found = role_called(uow, role, kept=kept)
    check_within(found, uow.cause.permits)
    return found


def check_outranked(uow: UnitOfWork, user: User) -> None:
    """Raises Forbidden where the person has a role above whoever acts, or one that returns to them with their
    reactivation, and would pass it on to whoever they become."""
    if uow.cause.permits is None:
        return
    roles = uow.roles.all()
    held = {grant.role for grant in uow.grants.of([user.id])}
    named = {roles.find(value) for value in user.role_values}
    for code, role in roles.by_code.items():
        if code in held | named:
            check_within(role, uow.cause.permits)


def given_by_rules(uow: UnitOfWork, matches: RuleMatches) -> Iterable[Grant]:
    """What the enabled rules give to whoever meets them."""
    for user_id, rule in matches.enabled():
        if rule.role is not None and rule.role != MEMBER:
            yield Grant(user_id, rule.role, rule.source, uow.now, tuple(sorted(rule.role_groups)))


def note_last_super_admin(uow: UnitOfWork, user_id: str, connection_id: str | None) -> None:
    """Open the issue of a request that was refused for the last super admin.

    There may be another one since: then nobody would ever close the issue, so none is opened.
    """
    uow.grants.lock(SUPER_ADMIN)
    if {grant.user_id for grant in uow.grants.with_role(SUPER_ADMIN)} == {user_id}:
        uow.issues.open(issue(uow, LAST_SUPER_ADMIN, user_id=user_id, connection_id=connection_id))


def role_called(uow: UnitOfWork, role: str, *, kept: bool = False) -> Role:
    """The role of that code, letter case ignored; raises Missing."""
    roles = uow.roles.all(kept=kept)
    code = roles.find(role)
    if code is None:
        raise Missing(f"There is no role '{role}'. Known roles: {', '.join(roles.by_code)}")
    return roles.by_code[code]


def _outdated(grant: Grant, due: Mapping[Key, Grant]) -> bool:
    return grant.key not in due or due[grant.key].scope != grant.scope


def _grant_named(
    uow: UnitOfWork,
    users: Collection[User],
    authority_of: Callable[[User, str], Authority],
    earlier: Collection[str] = (),
) -> None:
    roles = uow.roles.all(kept=True)
    held = {grant.key: grant for grant in uow.grants.of([user.id for user in users]) if grant.source == DIRECT}
    due: set[Key] = set()
    unknown: dict[str, dict[str, str | None]] = {user.id: {} for user in users}
    above: dict[str, dict[str, str | None]] = {user.id: {} for user in users}
    for user in users:
        for value in user.role_values:
            code, authority = roles.find(value), authority_of(user, value)
            if code is None:
                unknown[user.id][value] = authority.connection_id
            elif (user.id, code, DIRECT) in held or not roles.is_above(code, authority.max_role):
                due |= {(user.id, code, DIRECT)} if user.may_hold and code != MEMBER else set()
            elif authority.refuses and value not in earlier:
                raise RoleAboveMax(value, authority.max_role)
            else:
                above[user.id][value] = authority.connection_id
    keep_open(uow, UNKNOWN_ROLE, unknown)
    keep_open(uow, ROLE_ABOVE_MAX, above)
    fresh = [Grant(*key, uow.now) for key in sorted(due - held.keys())]
    _write(uow, [grant for key, grant in held.items() if key not in due], fresh, sparing=())


def _check_scope(uow: UnitOfWork, role: Role, scope: Collection[str]) -> None:
    if scope and not role.scoped:
        raise Invalid(f"The role '{role.code}' cannot be limited to groups: leave them out, or grant manager.")
    groups = {each for each, kind in uow.members.kinds(scope).items() if kind == "Group"}
    strangers = sorted(set(scope) - groups)
    if strangers:
        raise Missing(f"There is no group with the id '{strangers[0]}'.")


def _write(uow: UnitOfWork, ended: Collection[Grant], begun: Collection[Grant], *, sparing: Collection[str]) -> None:
    """End and begin grants. The last super admin keeps the role where among those to be spared, else the whole
    request is refused (LastSuperAdmin). Nobody begins one above themselves, whatever it follows from (Forbidden).

    The grants of super admin are locked before any of them is written, so that of two requests that would each leave
    one, the second sees what the first has done.
    """
    if begun and uow.cause.permits is not None:
        roles = uow.roles.all(kept=True).by_code
        for code in sorted({grant.role for grant in begun}):
            check_within(roles[code], uow.cause.permits)
    supreme = any(grant.role == SUPER_ADMIN for grant in (*ended, *begun))
    if supreme:
        uow.grants.lock(SUPER_ADMIN)
    replace_grants(uow, ended, begun)
    if supreme:
        _keep_one_super_admin(uow, [grant for grant in ended if grant.role == SUPER_ADMIN], sparing)


def _keep_one_super_admin(uow: UnitOfWork, ended: Collection[Grant], sparing: Collection[str]) -> None:
    left = uow.grants.with_role(SUPER_ADMIN)
    if not left and ended:
        _spare(uow, min(ended, key=lambda grant: (grant.user_id not in sparing, grant.since, grant.user_id)), sparing)
        return
    kept = [grant for grant in left if grant.source == KEPT]
    if kept and len(left) > len(kept):
        replace_grants(uow, kept, [])
        uow.issues.close(LAST_SUPER_ADMIN, user_ids=[grant.user_id for grant in kept])
    if len({grant.user_id for grant in left}) > 1:
        uow.issues.close(LAST_SUPER_ADMIN)


def _spare(uow: UnitOfWork, last: Grant, sparing: Collection[str]) -> None:
    """Leave the role with who lost it last, by a source of its own: the others say that they do not have it."""
    if last.user_id not in sparing:
        (user,) = uow.users.some([last.user_id])
        raise LastSuperAdmin(user.id, user.user_name)
    kept = Grant(last.user_id, SUPER_ADMIN, KEPT, uow.now)
    replace_grants(uow, [], [kept])
    uow.issues.open(issue(uow, LAST_SUPER_ADMIN, user_id=last.user_id))


def _note(uow: UnitOfWork, action: str, before: Grant | None, after: Grant | None) -> None:
    grant = after or before
    assert grant is not None, "a grant begins or ends"
    then, now = (None if each is None else of_grant(each) for each in (before, after))
    uow.record(Change("grant", "/".join(grant.key), action, then, now))
    uow.publish(Event(action, Subject.person(grant.user_id), {"role": grant.role, "source": grant.source}))
