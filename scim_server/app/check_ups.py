"""The SCIM service over a transaction that is taken back: check-ups of connections, and logged requests as dry runs."""

import secrets
from dataclasses import replace
from functools import partial

from scim_server.app.installations import Installation
from scim_server.http.check_ups import PlayedCheckUps
from scim_server.http.exchanges import ScimService
from scim_server.http.rehearsals import LoggedRehearsals
from scim_server.oauth.rates import rate_limits
from scim_server.protocol.cursors import Sealer
from scim_server.resources.operations import Operations
from scim_server.resources.ports import ResourceUnits
from scim_server.services.ports import CheckUps
from scim_server.services.rehearsing import Rehearsals
from scim_server.store.rehearsals import rehearsal


def check_ups(installed: Installation, service: ScimService) -> CheckUps:
    """Those of clients of the service, whose cursors are good for nobody else."""
    sealer = Sealer((secrets.token_hex(),))

    def served(units: ResourceUnits) -> ScimService:
        from_them = _from(units, service)
        return replace(from_them, searches=replace(from_them.searches, sealer=lambda: sealer))

    return PlayedCheckUps(partial(rehearsal, installed.units), served)


def rehearsals(installed: Installation, service: ScimService) -> Rehearsals:
    """Those of requests to the service."""
    return LoggedRehearsals(installed.units, partial(rehearsal, installed.units), partial(_from, service=service))


def _from(units: ResourceUnits, service: ScimService) -> ScimService:
    """The service over those units of work, which counts nothing and remembers nothing."""
    return replace(
        service,
        operations=Operations(units, service.operations.steps),
        searches=replace(service.searches, units=units),
        rates=rate_limits(None, None),
    )
