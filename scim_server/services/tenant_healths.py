"""How each tenant is, for whoever runs the server."""

from dataclasses import dataclass
from enum import StrEnum

from scim_server.domain.instants import Instant
from scim_server.domain.tenants import Tenant

OF_LATE = 100
"""Requests of a tenant that its error rate is of: the newest."""


class Need(StrEnum):
    """What a tenant may want somebody to look at."""

    ISSUES = "issues"
    """Open issues."""
    WAITING = "waiting"
    """People who wait for seats."""
    REFUSED = "refused"
    """A refused request among the newest ones."""
    UNSEALED = "unsealed"
    """An audit trail with entries that are not sealed."""


@dataclass(frozen=True, slots=True)
class SoughtTenants:
    """Which tenants are sought: those whose slug or name has the text in it, letter case ignored, and that need it."""

    text: str = ""
    need: Need | None = None
    cell: str | None = None
    slug: str | None = None


@dataclass(frozen=True, slots=True)
class TenantHealth:
    """A tenant in figures. `requests` are the newest ones, `OF_LATE` at most, of which `refused` had a status from 400.

    `seats` are bought, `assigned` and `waiting` those of all its subscriptions together; `sealed` is when its audit
    trail was last sealed.
    """

    tenant: Tenant
    people: int
    groups: int
    issues: int
    seats: int
    assigned: int
    waiting: int
    last_request: Instant | None
    requests: int
    refused: int
    sealed: Instant | None

    @property
    def error_rate(self) -> float | None:
        """The share of the newest requests that were refused; None without any."""
        return self.refused / self.requests if self.requests else None
