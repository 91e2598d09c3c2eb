"""Are the grants of a tenant what they must be, and if not, how do they become so (design section 6, invariant 9)?

Facts are the documents, the rules and memberships, what was given by hand, and which roles of a document are above
what the connection that wrote them may grant: those have an open issue. Everything else follows.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from scim_server.domain.access import KEPT, MEMBER, SUPER_ADMIN, Grant, Roles
from scim_server.domain.directory import User
from scim_server.domain.seats import BY_ADMIN, DIRECT
from scim_server.services import granting
from scim_server.services.issues import LAST_SUPER_ADMIN, LONGEST_SUBJECT, ROLE_ABOVE_MAX, UNKNOWN_ROLE, issue
from scim_server.services.ports import Issue, UnitOfWork
from scim_server.services.rule_matches import RuleMatches

CODES = frozenset({ROLE_ABOVE_MAX, UNKNOWN_ROLE, LAST_SUPER_ADMIN})
Flag = tuple[str, str, str]
"""An open issue: its code, the user's id and the subject."""


@dataclass(frozen=True)
class GrantRegister:
    """Everybody's grants as of one moment, with what they follow from."""

    users: Mapping[str, User]
    roles: Roles
    matches: RuleMatches
    grants: Mapping[granting.Key, Grant]
    flags: frozenset[Flag]

    @classmethod
    def of(cls, uow: UnitOfWork) -> "GrantRegister":
        """Read with a fixed number of statements."""
        users = {user.id: user for user in uow.users.all()}
        return cls(
            users,
            uow.roles.all(),
            RuleMatches.of(uow, users.keys()),
            {grant.key: grant for grant in uow.grants.of(users.keys())},
            frozenset(map(_flag, (each for each in uow.issues.of(users.keys()) if each.code in CODES))),
        )

    def differences(self, uow: UnitOfWork) -> Iterator[str]:
        """Everything that is not as it must be, one sentence each."""
        due = self.due(uow)
        yield from (f"grant missing: {' '.join(key)}" for key in sorted(due.keys() - self.grants.keys()))
        yield from (f"grant for nothing: {' '.join(key)}" for key in sorted(self.grants.keys() - due.keys()))
        for key in sorted(due.keys() & self.grants.keys()):
            if due[key].scope != self.grants[key].scope:
                yield f"grant for other groups than its rule says: {' '.join(key)}"
        yield from (f"issue not open: {' '.join(flag)}" for flag in sorted(self.unflagged))
        yield from (f"issue open for nothing: {' '.join(flag)}" for flag in sorted(self.flagged_in_vain))

    def due(self, uow: UnitOfWork) -> dict[granting.Key, Grant]:
        """The grants that there must be, as they are where they are there."""
        given = [*granting.given_by_rules(uow, self.matches), *self._named(uow), *self._by_hand()]
        due = {grant.key: grant for grant in given if self.users[grant.user_id].may_hold}
        kept = [grant for grant in self.grants.values() if grant.source == KEPT]
        if kept and all(grant.role != SUPER_ADMIN for grant in due.values()):
            due |= {grant.key: grant for grant in kept[:1] if self.users[grant.user_id].may_hold}
        return due

    @property
    def unflagged(self) -> frozenset[Flag]:
        """The issues of unknown roles that are not open."""
        return self._unknown - self.flags

    @property
    def flagged_in_vain(self) -> frozenset[Flag]:
        """The issues that are open for nothing."""
        return frozenset(flag for flag in self.flags - self._unknown if not self._lasts(*flag))

    @property
    def _unknown(self) -> frozenset[Flag]:
        return frozenset(
            (UNKNOWN_ROLE, user_id, value[:LONGEST_SUBJECT])
            for user_id, user in self.users.items()
            for value in user.role_values
            if self.roles.find(value) is None
        )

    def _lasts(self, code: str, user_id: str, subject: str) -> bool:
        if code == LAST_SUPER_ADMIN:
            return {grant.user_id for grant in self.grants.values() if grant.role == SUPER_ADMIN} == {user_id}
        named = self.users[user_id].role_values
        return code == ROLE_ABOVE_MAX and subject in named and self.roles.find(subject) is not None

    def _named(self, uow: UnitOfWork) -> Iterator[Grant]:
        """What documents name and no issue keeps back."""
        for user in self.users.values():
            for value in user.role_values:
                code = self.roles.find(value)
                held_back = (ROLE_ABOVE_MAX, user.id, value[:LONGEST_SUBJECT]) in self.flags
                if code is not None and code != MEMBER and not held_back:
                    yield Grant(user.id, code, DIRECT, uow.now)

    def _by_hand(self) -> Iterator[Grant]:
        for grant in self.grants.values():
            if grant.source == BY_ADMIN and grant.role in self.roles.by_code:
                yield grant


def repair_grants(uow: UnitOfWork) -> list[str]:
    """Make the grants what they must be; answers what was wrong. Everybody must be locked, the guard exclusive."""
    register = GrantRegister.of(uow)
    wrong = list(register.differences(uow))
    if wrong:
        due, held = register.due(uow), register.grants
        stale = [grant for key, grant in held.items() if key not in due or due[key].scope != grant.scope]
        staying = held.keys() - {grant.key for grant in stale}
        granting.replace_grants(uow, stale, [grant for key, grant in due.items() if key not in staying])
        missing = sorted(register.unflagged)
        uow.issues.open(*(issue(uow, code, user_id=user_id, subject=subject) for code, user_id, subject in missing))
        for code, user_id, subject in sorted(GrantRegister.of(uow).flagged_in_vain):
            uow.issues.close(code, user_ids=[user_id], subjects=[subject])
    return wrong


def _flag(each: Issue) -> Flag:
    return each.code, str(each.user_id), each.subject
