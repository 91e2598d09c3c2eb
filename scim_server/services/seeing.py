"""When the application last saw people: what makes somebody invited, active or inactive."""

from collections.abc import Iterable
from datetime import timedelta

from scim_server.domain.events import Cause
from scim_server.domain.instants import Instant, later
from scim_server.domain.tenants import Tenant
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.retrying import retried

REPORT = Cause("system", "", "report sign-ins")


@retried
def report_seen(units: Units, tenant: Tenant, seen: Iterable[tuple[str, Instant]]) -> list[str]:
    """Note sign-ins, each of a person by id or user name, and answer the texts that mean nobody of the tenant.

    What is known never goes back, and nobody was seen in the future: a clock that runs ahead is taken for ours. No
    resource changes by it. Costs the same few statements for one as for thousands.
    """
    reported = list(seen)
    with units.write(tenant, REPORT) as uow:
        meant = uow.sightings.meant({text for text, _ in reported})
        latest: dict[str, Instant] = {}
        for text, moment in reported:
            if text in meant:
                user_id = meant[text]
                latest[user_id] = max(min(moment, uow.now), latest.get(user_id, ""))
        if latest:
            uow.sightings.report(latest)
            uow.commit()
    return [text for text in dict.fromkeys(text for text, _ in reported) if text not in meant]


def idle_before(uow: UnitOfWork) -> Instant | None:
    """The moment before which a sign-in is long ago in this tenant; None where sign-ins do not matter there."""
    days = uow.tenant.settings.inactive_after
    return None if days is None else later(uow.now, -timedelta(days=days))
