"""What people may do: permissions, the roles that bundle them, and the grants by which people have roles."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from scim_server.domain.errors import Forbidden, Invalid
from scim_server.domain.instants import Instant
from scim_server.domain.seats import RULE

CODE = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")

PERMISSIONS: Mapping[str, str] = {
    "people.read": "See people, what they hold and why.",
    "people.write": "Add, edit, suspend, reactivate, delete and restore people.",
    "seats.write": "Give, take and transfer seats; approve or restore held ones.",
    "reports.read": "Run and download reports.",
    "sessions.write": "Register sessions and report who was seen, as the application does.",
    "groups.write": "Make groups and change who is in them.",
    "rules.write": "Make, order and change rules and settings templates.",
    "roles.grant": "Grant and revoke roles that are not above one's own.",
    "connections.write": "Link identity providers and issue their tokens.",
    "events.read": "Read the tenant's events, as an application does that acts on them.",
    "events.receive": "Fetch security event tokens from one's own streams.",
    "logs.read": "Read the provisioning log.",
    "audit.read": "Read, verify and export the audit trail.",
    "tenant.write": "Change the tenant's name, settings and protocol switches.",
    "roles.write": "Make and delete custom roles.",
    "subscriptions.write": "Buy and give back seats.",
    "tokens.write": "Issue and revoke tokens of the admin API, with no more than one's own permissions.",
    "super_admins.grant": "Grant and revoke super admin.",
}
"""Every permission with what it opens, from the everyday to the rare."""

OPERATOR_SCOPES: Mapping[str, str] = {
    "tenants.read": "See every tenant.",
    "tenants.write": "Open tenants.",
    "products.write": "Add products to the catalogue.",
    "operations.write": "Run chores, and issue and revoke the operator's own tokens.",
}
"""What only a token of the operator can open, besides the permissions, which it has in every tenant."""


@dataclass(frozen=True, slots=True)
class Permission:
    """What a token can permit, and a role too unless only the operator can have it."""

    code: str
    opens: str
    operators: bool


def every_permission() -> list[Permission]:
    """All there are, those of the operator last."""
    everybodys = [Permission(code, opens, operators=False) for code, opens in PERMISSIONS.items()]
    return everybodys + [Permission(code, opens, operators=True) for code, opens in OPERATOR_SCOPES.items()]


MEMBER, MANAGER, ADMIN, SUPER_ADMIN = "member", "manager", "admin", "super_admin"

KEPT = "kept"
"""The source of the grant left to the last super admin whose other grants ended; it goes when there is another."""


@dataclass(frozen=True, slots=True)
class Role:
    """A bundle of permissions under its code, for example `admin`, and the codes it includes directly.

    The grants of a `scoped` one may be limited to the people of some groups. `created` is None for built-in ones.
    """

    code: str
    name: str
    description: str
    permissions: frozenset[str] = frozenset()
    includes: frozenset[str] = frozenset()
    scoped: bool = False
    created: Instant | None = None

    def is_above(self, other: "Role") -> bool:
        """Whether the role permits what the other one does not."""
        return not self.permissions <= other.permissions


_MANAGES = frozenset({"people.read", "people.write", "seats.write", "reports.read"})
_ADMINISTERS = _MANAGES | {
    "groups.write",
    "rules.write",
    "roles.grant",
    "connections.write",
    "sessions.write",
    "events.read",
    "events.receive",
    "logs.read",
    "audit.read",
    "tenant.write",
}

ROLES: Mapping[str, Role] = {
    role.code: role
    for role in (
        Role(MEMBER, "Member", "Uses the products that the person has a seat of."),
        Role(
            MANAGER,
            "Manager",
            "Looks after the people and groups in the person's care.",
            _MANAGES,
            frozenset({MEMBER}),
            scoped=True,
        ),
        Role(
            ADMIN,
            "Admin",
            "Manages people, groups, seats, rules and settings, but not super admins.",
            _ADMINISTERS,
            frozenset({MANAGER}),
        ),
        Role(
            SUPER_ADMIN,
            "Super admin",
            "Manages everything, other super admins included.",
            frozenset(PERMISSIONS),
            frozenset({ADMIN}),
        ),
    )
}
"""The roles that every tenant has, from the lowest to the highest. Everybody is a member, without any grant."""


@dataclass(frozen=True)
class Roles:
    """The roles of one tenant: those that every tenant has, then its own."""

    custom: tuple[Role, ...] = ()

    @cached_property
    def by_code(self) -> Mapping[str, Role]:
        """Every role, from the lowest built-in one."""
        return {**ROLES, **{role.code: role for role in self.custom}}

    def find(self, value: str) -> str | None:
        """The code that `value` names, letter case ignored. The id of a role at /Roles is its code."""
        code = value.casefold()
        return code if code in self.by_code else None

    def including(self, code: str) -> list[str]:
        """The roles that include `code` directly."""
        return [role.code for role in self.by_code.values() if code in role.includes]

    def is_above(self, code: str, limit: str) -> bool:
        """Whether the role `code` permits what the role `limit` does not."""
        return self.by_code[code].is_above(self.by_code[limit])


def highest_role(permits: Collection[str]) -> str:
    """The highest of the built-in roles that somebody with those permissions may grant: it permits no more."""
    if "roles.grant" not in permits:
        return MEMBER
    return [code for code, role in ROLES.items() if role.permissions <= frozenset(permits)][-1]


@dataclass(frozen=True, slots=True)
class Grant:
    """The fact that a person has a role, by a source: `direct` (the `roles` of their document), `direct:admin` (given
    by hand), `kept` or `rule:<id>`. Only those by hand are facts of their own; the others are derived.

    `scope` holds the ids of the groups whose people it is limited to, in order; none means everybody.
    """

    user_id: str
    role: str
    source: str
    since: Instant
    scope: tuple[str, ...] = field(default=())

    @property
    def key(self) -> tuple[str, str, str]:
        """There is one grant of a role to a person by a source."""
        return self.user_id, self.role, self.source

    @property
    def is_by_rule(self) -> bool:
        return self.source.startswith(RULE)


@dataclass(frozen=True, slots=True)
class GrantEntry:
    """A grant as it is listed, with the name of the person. Everybody is a member, by no source and since no time."""

    user_id: str
    user_name: str
    role: str
    source: str | None = None
    since: Instant | None = None
    scope: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str, str]:
        """Its place in lists."""
        return self.user_id, self.role, self.source or ""


@dataclass(frozen=True, slots=True)
class Authority:
    """How far whoever writes a person's `roles` may grant. `refuses` says that the request fails beyond, else it
    goes on without the grant."""

    max_role: str
    connection_id: str | None = None
    refuses: bool = False


OPERATOR = Authority(SUPER_ADMIN)
"""Whoever runs the server may grant everything."""


def check_within(role: Role, within: Collection[str] | None) -> None:
    """Raises Forbidden where the role permits more than whoever would give it, or take it, may do; None is all."""
    beyond = [] if within is None else sorted(role.permissions.difference(within))
    if beyond:
        raise Forbidden(
            f"The role '{role.code}' permits '{beyond[0]}', which is beyond your own: "
            "nobody can deal out a role that permits more than they may do themselves."
        )


def new_role(code: str, name: str, description: str, permissions: Iterable[str], now: Instant) -> Role:
    """A custom role; raises Invalid for a code that cannot be one, and for unknown permissions or none."""
    wanted = frozenset(permissions)
    if not CODE.fullmatch(code) or code in ROLES:
        raise Invalid(
            f"'{code}' cannot be a custom role's code: use 1 to 64 lower-case letters, digits, dots, hyphens and "
            f"underscores, and none of {', '.join(ROLES)}."
        )
    unknown = sorted(wanted - PERMISSIONS.keys())
    if unknown or not wanted:
        problem = f"'{unknown[0]}' is no permission" if unknown else "A role needs at least one permission"
        raise Invalid(f"{problem}. Permissions: {', '.join(PERMISSIONS)}.")
    if not name.strip():
        raise Invalid("A role needs a name.")
    return Role(code, name, description, wanted, scoped=True, created=now)
