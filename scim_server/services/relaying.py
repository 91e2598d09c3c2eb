"""The relay: committed events get the positions that whoever delivers them goes by; old ones are forgotten.

Any number of processes may relay: one at a time does in each database. A process that ends on the way has given no
position that it did not commit with the counter of the tenant.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import structlog

from scim_server.domain.errors import Unavailable
from scim_server.domain.instants import later
from scim_server.domain.tenants import Tenant
from scim_server.services.chores import in_batches, step_by_step
from scim_server.services.log_entries import earliest_id
from scim_server.services.ports import Units
from scim_server.services.retrying import retried
from scim_server.services.tenancy import tenants

CHORE = "forget-events"
BATCH = 1000
"""Events of a tenant that get their positions in one transaction, or are forgotten in one."""
TOGETHER = 20
"""Tenants whose events get their positions in one transaction."""

_log = structlog.get_logger("scim_server.delivery")


def relay(units: Units) -> int:
    """Give positions to all events that have none, every tenant in its turn; answers how many it were.

    None is left out by it for long: where somebody else is at it, they give them.
    """
    return each_cell(units, lambda part: sum(_rounds(part)))


def each_cell(units: Units, use_case: Callable[[Units], int]) -> int:
    """The sum of what it answers of each cell. One that cannot be reached is left for the next time; raises
    Unavailable where home is that cell."""
    total = 0
    for place, part in enumerate(units.parts()):
        try:
            total += use_case(part)
        except Unavailable as error:
            if place == 0:
                raise
            _log.warning("the events of a cell are put off", reason=str(error))
    return total


def _rounds(units: Units) -> Iterator[int]:
    placed: int | None = BATCH
    while placed:
        with units.overview() as operator:
            waiting = operator.tenants_with_new_events()
        placed = 0
        for group in units.together(waiting):
            for some in _portions(sorted(group)):
                done = _place(units, some)
                if done is None:
                    return
                placed += done
        yield placed


def _portions(tenant_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    yield from (tenant_ids[first : first + TOGETHER] for first in range(0, len(tenant_ids), TOGETHER))


@retried
def _place(units: Units, tenant_ids: Sequence[str]) -> int | None:
    with units.operator(*tenant_ids) as operator:
        placed = operator.place_events(tenant_ids, BATCH)
        operator.commit()
        return placed


def forget_events(kept: timedelta, units: Units) -> Iterator[int]:
    """The chore: forget the events of every tenant that are older; answers how many, batch by batch."""
    yield from step_by_step(tenants(units), lambda tenant: in_batches(BATCH, lambda: _forget(units, tenant, kept)))


@retried
def _forget(units: Units, tenant: Tenant, kept: timedelta) -> int:
    with units.operator(tenant.id) as operator:
        forgotten = operator.forget_events(tenant, earliest_id(later(operator.now, -kept)), BATCH)
        operator.commit()
        return forgotten
