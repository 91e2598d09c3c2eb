"""Domains of a tenant that are proved without anybody being asked."""

from dataclasses import dataclass

from scim_server.domain.domains import Domain
from scim_server.domain.errors import Unproven
from scim_server.domain.tenants import Tenant
from scim_server.services import verifying
from tests.worlds import CAUSE, World


@dataclass(frozen=True)
class Published:
    """Where the proof of every domain is found, or of none."""

    everything: bool = True

    def find(self, domain: Domain) -> None:
        if not self.everything:
            raise Unproven(f"The domain '{domain.name}' is not verified: nobody published anything.")


def own(world: World, tenant: Tenant, *names: str) -> None:
    """Those domains become the tenant's, verified."""
    for name in names:
        verifying.add_domain(world.units, tenant, CAUSE, name)
        verifying.verify_domain(world.units, tenant, CAUSE, name, Published())
