"""People and groups as the business sees them."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Self

from scim_server.domain.instants import Instant, after
from scim_server.domain.seats import Seat

ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
BLOCKED_BY_ADMIN = "by_admin"
"""Why somebody is suspended whom an admin blocked, whatever an identity provider says."""
MOVED_AWAY = "moved_away"
"""Why somebody is suspended who became a person of another tenant."""


class Status(StrEnum):
    """What a person is for the application; derived, never stored (design section 6)."""

    DELETED = "deleted"
    SUSPENDED = "suspended"
    WAITING = "waiting"
    UNASSIGNED = "unassigned"
    INVITED = "invited"
    INACTIVE = "inactive"
    ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class User:
    """A person of a tenant.

    `active` is what the identity provider says; `blocked_for` is why the person is suspended all the same (by_admin,
    declined, moved_away), which only an admin lifts. `states_active` is false where a client has taken the attribute
    away, which leaves the person as they were. `true_name` is the user name behind one that was put in disguise before
    a deletion (`domain/renames.py`). `emails`, `entitlements` and `roles` are kept as they came; `profile` holds
    everything the business does not look at.
    """

    id: str
    user_name: str
    origin: str
    active: bool = True
    states_active: bool = True
    blocked_for: str | None = None
    true_name: str | None = None
    external_id: str | None = None
    display_name: str | None = None
    emails: tuple[dict[str, Any], ...] = ()
    entitlements: tuple[dict[str, Any], ...] = ()
    roles: tuple[dict[str, Any], ...] = ()
    profile: dict[str, Any] = field(default_factory=dict)
    version: int = 0
    created: Instant = ""
    modified: Instant = ""

    @property
    def may_hold(self) -> bool:
        """Whether the person may hold seats at all (invariant 3)."""
        return self.active and self.blocked_for is None

    @property
    def chosen_email(self) -> dict[str, Any] | None:
        """The e-mail that counts: the primary one, else the first."""
        values = [email for email in self.emails if email.get("value")]
        return next((email for email in values if email.get("primary")), values[0] if values else None)

    @property
    def address(self) -> str | None:
        """The person's e-mail address: that of the chosen e-mail, else the user name where it is one."""
        chosen = self.chosen_email
        if chosen is not None:
            return str(chosen["value"])
        name = self.true_name or self.user_name
        return name if ADDRESS.fullmatch(name) else None

    @property
    def own_address(self) -> str | None:
        """The address that the person owns or would own; who moved away has taken it along."""
        return None if self.blocked_for == MOVED_AWAY else self.address

    @property
    def entitlement_values(self) -> list[str]:
        """What the entitlements name, in order; elements without a value name nothing."""
        return _values(self.entitlements)

    @property
    def role_values(self) -> list[str]:
        """What the roles name, likewise."""
        return _values(self.roles)

    def undisguised(self) -> Self:
        """The same person under their true name."""
        return replace(self, user_name=self.true_name or self.user_name, true_name=None)

    def begun(self, user_id: str, now: Instant) -> Self:
        """The first version, as of now."""
        return replace(self, id=user_id, version=1, created=now, modified=now)

    def revised(self, now: Instant) -> Self:
        """The next version of the same person."""
        return replace(self, version=self.version + 1, modified=after(self.modified, now))


def _values(elements: Iterable[dict[str, Any]]) -> list[str]:
    return [str(element["value"]) for element in elements if element.get("value")]


@dataclass(frozen=True, slots=True)
class Group:
    """A group of a tenant. Its members are kept apart: a change of one never touches the others.

    `unique_name` reserves the display name in the tenant, letter case ignored.
    """

    id: str
    display_name: str
    origin: str
    unique_name: bool = True
    external_id: str | None = None
    profile: dict[str, Any] = field(default_factory=dict)
    version: int = 0
    created: Instant = ""
    modified: Instant = ""

    def begun(self, group_id: str, now: Instant) -> Self:
        """The first version, as of now."""
        return replace(self, id=group_id, version=1, created=now, modified=now)

    def revised(self, now: Instant) -> Self:
        """The next version of the same group."""
        return replace(self, version=self.version + 1, modified=after(self.modified, now))


def standing(
    user: User,
    claimed: Collection[str],
    seats: Iterable[Seat],
    *,
    roles: Collection[str] = (),
    last_seen: Instant | None = None,
    idle_before: Instant | None = None,
) -> tuple[Status, str | None]:
    """The status of somebody who is there, and the reason for it; no reason is needed for `active`.

    `claimed` are the products they should have, `roles` the codes of their grants. `last_seen` is their last sign-in;
    one before `idle_before` is long ago, and None there means that sign-ins do not matter.
    """
    if not user.active:
        return Status.SUSPENDED, "by_idp"
    if user.blocked_for is not None:
        return Status.SUSPENDED, user.blocked_for
    if roles or any(seat.counts for seat in seats):
        return _presence(last_seen, idle_before)
    if claimed:
        return Status.WAITING, "no_seat"
    return Status.UNASSIGNED, "no_product"


def _presence(last_seen: Instant | None, idle_before: Instant | None) -> tuple[Status, str | None]:
    if idle_before is None:
        return Status.ACTIVE, None
    if last_seen is None:
        return Status.INVITED, "never_seen"
    return (Status.INACTIVE, "not_seen") if last_seen < idle_before else (Status.ACTIVE, None)
