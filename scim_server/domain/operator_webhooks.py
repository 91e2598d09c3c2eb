"""Webhooks of the operator: each gets the events of all tenants, present and future, or of those that it names."""

from dataclasses import dataclass
from uuid import UUID, uuid5

from scim_server.domain.instants import Instant
from scim_server.domain.webhooks import Stopped

MOST_TENANTS = 1000
"""That one names; of more it takes all, and its receiver passes over the others."""


@dataclass(frozen=True, slots=True)
class OperatorWebhook:
    """A receiver of the events of all tenants, or of the `tenants` whose slugs it names; `types` and the rest are as a
    tenant's webhook has them. `version` is raised by each change. One that is `removed` is there until no tenant has
    anything of it any more.
    """

    id: str
    name: str
    url: str
    types: tuple[str, ...]
    tenants: tuple[str, ...]
    created: Instant
    version: int = 1
    stopped: Stopped | None = None
    overlaps: Instant | None = None
    removed: bool = False

    @property
    def enabled(self) -> bool:
        return self.stopped is None

    def reaches(self, slug: str) -> bool:
        """Whether it gets the events of that tenant."""
        return not self.removed and (not self.tenants or slug in self.tenants)


def stand_in_id(operator_id: str, tenant_id: str) -> str:
    """The id of what stands for it in a tenant: the same whoever sets it up, and however often."""
    return str(uuid5(UUID(operator_id), tenant_id))


def stand_in_name(operator_id: str) -> str:
    """How that is called, which no tenant can call a webhook of its own: theirs begin with no space."""
    return f" {operator_id}"


@dataclass(frozen=True, slots=True)
class Condition:
    """How a webhook of the operator does in one database: its receiver as the webhooks of tenants found it, how many
    tenants it is set up in, how many of their events come after what they have dealt with, and how many are dead
    letters."""

    webhook_id: str
    version: int = 0
    stopped: Stopped | None = None
    failures: int = 0
    failing: Instant | None = None
    trouble: str | None = None
    due: Instant | None = None
    tenants: int = 0
    behind: int = 0
    accepted: Instant | None = None

    def beside(self, other: "Condition") -> "Condition":
        """Both as one: the worse of what is wrong, the sum of what is there."""
        worse = max(self, other, key=lambda each: each.failures)
        return Condition(
            self.webhook_id,
            max(self.version, other.version),
            self.stopped or other.stopped,
            worse.failures,
            min(filter(None, (self.failing, other.failing)), default=None),
            worse.trouble,
            worse.due,
            self.tenants + other.tenants,
            self.behind + other.behind,
            max(filter(None, (self.accepted, other.accepted)), default=None),
        )
