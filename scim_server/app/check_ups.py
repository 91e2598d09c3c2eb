"""Check-ups of connections: the SCIM service over a transaction that is taken back."""

import secrets
from dataclasses import replace
from functools import partial

from scim_server.app.installations import Installation
from scim_server.http.check_ups import PlayedCheckUps
from scim_server.http.exchanges import ScimService
from scim_server.oauth.rates import rate_limits
from scim_server.protocol.cursors import Sealer
from scim_server.resources.operations import Operations
from scim_server.resources.ports import ResourceUnits
from scim_server.services.ports import CheckUps
from scim_server.store.rehearsals import rehearsal


def check_ups(installed: Installation, service: ScimService) -> CheckUps:
    """Those of clients of the service, which nothing counts and whose cursors are good for nobody else."""
    sealer = Sealer((secrets.token_hex(),))

    def rehearsed(units: ResourceUnits) -> ScimService:
        return replace(
            service,
            operations=Operations(units, service.operations.steps),
            searches=replace(service.searches, units=units, sealer=lambda: sealer),
            rates=rate_limits(None, None),
        )

    return PlayedCheckUps(partial(rehearsal, installed.units), rehearsed)
