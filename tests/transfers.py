"""Transfers for tests, the way an admin would ask for them."""

from typing import Any

from scim_server.domain.tenants import Tenant
from scim_server.domain.transfers import Mode, Plan
from scim_server.services import transferring
from scim_server.services.taking_over import Newcomer
from scim_server.services.transferring import Wish
from tests.worlds import CAUSE, World


def transfer(world: World, tenant: Tenant, giver: str, receiver: str, *products: str, **more: Any) -> Plan:
    """Run a transfer, of mode `seat` unless `mode` says otherwise; the preview must have said the same."""
    wish = Wish(Mode(more.pop("mode", Mode.SEAT)), giver, receiver, products, **more)
    previewed = transferring.preview(world.units, tenant, wish)
    plan = transferring.run(world.units, tenant, CAUSE, wish)
    assert plan == previewed
    return plan


def take_over(world: World, tenant: Tenant, giver: str, address: str, **more: Any) -> Plan:
    """Let Eva Neu take over under that address."""
    newcomer = Newcomer(address, "Eva", "Neu", **more)
    return transfer(world, tenant, giver, address, mode=Mode.TAKE_OVER, newcomer=newcomer)
