"""What must hold when the crowd has gone: a ledger in order, events without a gap, an audit trail that is whole."""

from collections.abc import Iterator

from scim_server.domain.access import SUPER_ADMIN
from scim_server.services import auditing, reconciling, tenancy
from tests.crowds.watches import look
from tests.worlds import World


def verdict(world: World) -> list[str]:
    """Everything that is wrong, a sentence each."""
    return [*look(world.installation.database), *_of_tenants(world), *wrong_event_numbers(world)]


def super_admins(world: World) -> set[str]:
    """The ids of those who have the role and may hold it."""
    active = {row["id"] for row in world.rows("users") if row["active"] and row["blocked_for"] is None}
    return active & {row["user_id"] for row in world.rows("grants") if row["role"] == SUPER_ADMIN}


def wrong_event_numbers(world: World) -> Iterator[str]:
    """The subjects whose events are not numbered from 1 without a gap."""
    numbers: dict[tuple[str, str], list[int]] = {}
    for row in world.rows("outbox"):
        numbers.setdefault((row["tenant_id"], row["subject"]), []).append(row["number"])
    for (_, subject), found in numbers.items():
        if sorted(found) != list(range(1, len(found) + 1)):
            yield f"events of {subject} are not numbered without a gap"


def _of_tenants(world: World) -> Iterator[str]:
    for tenant in tenancy.tenants(world.units):
        yield from reconciling.differences(world.units, tenant)
        found = auditing.check(world.units, tenant, world.installation.sealer.key())
        if found.fault is not None:
            yield f"the audit trail of {tenant.slug}: {found.fault}"
