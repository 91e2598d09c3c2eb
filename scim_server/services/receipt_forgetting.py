"""Closed leaver receipts are forgotten in time; the audit trail goes on telling of them."""

from collections.abc import Iterator
from datetime import timedelta

from scim_server.domain.events import Change
from scim_server.domain.facts import of_receipt
from scim_server.domain.instants import later
from scim_server.domain.receipts import DAYS
from scim_server.domain.tenants import Tenant
from scim_server.services.chores import cause, in_batches, step_by_step
from scim_server.services.ports import Units
from scim_server.services.retrying import retried
from scim_server.services.tenancy import tenants

CHORE = "forget-receipts"
BATCH = 500


def forget_receipts(units: Units) -> Iterator[int]:
    """The chore: forget, in every tenant, receipts that were closed longer ago than it keeps them; answers how many,
    batch by batch."""
    yield from step_by_step(tenants(units), lambda tenant: in_batches(BATCH, lambda: _forget(units, tenant)))


@retried
def _forget(units: Units, tenant: Tenant) -> int:
    with units.write(tenant, cause(CHORE)) as uow:
        kept = timedelta(days=uow.tenant.settings.number(DAYS))
        old = uow.receipts.lock_closed(later(uow.now, -kept), BATCH)
        if old:
            uow.receipts.remove([each.id for each in old])
            for each in old:
                uow.record(Change("receipt", each.id, "receipt.forgotten", of_receipt(each), None))
            uow.commit()
        return len(old)
