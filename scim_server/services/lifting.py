"""Exclusions lifted by hand: what kept somebody out of a product ends, and nothing is given in its place."""

from collections.abc import Collection

from scim_server.domain.errors import Missing
from scim_server.domain.events import Cause
from scim_server.domain.tenants import Tenant
from scim_server.services import handing, provisioning
from scim_server.services.editing import Edited
from scim_server.services.people import portrait
from scim_server.services.ports import Units
from scim_server.services.retrying import retried


@retried
def lift_exclusions(units: Units, tenant: Tenant, cause: Cause, person: str, products: Collection[str]) -> Edited:
    """Let rules and entitlements give the person those products again.

    Raises Missing for who or what is not there, and where nothing keeps the person out of a product; SeatLimit.
    """
    with units.write(tenant, cause) as uow:
        user = provisioning.lock_named(uow, person)
        wanted = handing.products_called(uow, products)
        kept_out = {each.product for each in uow.ledger.exclusions([user.id])}
        for product in wanted:
            if product not in kept_out:
                raise Missing(f"Nothing keeps '{user.user_name}' out of '{product}'.")
        handing.lift(uow, user, wanted)
        seen = portrait(uow, user)
        uow.commit()
        return Edited(seen, changed=True)
