"""What people may do: the roles of a tenant. Each includes the one before it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Role:
    """A bundle of permissions under its code, for example `admin`, and the codes it includes directly."""

    code: str
    name: str
    description: str
    includes: frozenset[str] = frozenset()


ROLES: Mapping[str, Role] = {
    role.code: role
    for role in (
        Role("member", "Member", "Uses the products that the person has a seat of."),
        Role("manager", "Manager", "Looks after the people and groups in the person's care.", frozenset({"member"})),
        Role(
            "admin",
            "Admin",
            "Manages people, groups, seats, rules and settings, but not super admins.",
            frozenset({"manager"}),
        ),
        Role("super_admin", "Super admin", "Manages everything, other super admins included.", frozenset({"admin"})),
    )
}
"""The roles that every tenant has, from the lowest to the highest."""


def find_role(value: str) -> str | None:
    """The code that `value` names, letter case ignored."""
    code = value.casefold()
    return code if code in ROLES else None


def roles_with(code: str) -> list[str]:
    """The roles that include `code` directly."""
    return [role.code for role in ROLES.values() if code in role.includes]
