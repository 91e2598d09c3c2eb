"""When the application last saw people: what makes somebody invited, active or inactive."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from scim_server.domain.errors import Invalid
from scim_server.domain.events import Cause
from scim_server.domain.instants import Instant, later
from scim_server.domain.tenants import Tenant
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.retrying import retried

REPORT = Cause("system", "", "report sign-ins")


MOST_SEEN = 10_000
"""Sign-ins reported at once."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """An entry of a report of sign-ins that names nobody of the tenant, by its number from 1."""

    entry: int
    user: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of a report of sign-ins: how many entries were noted, and those that name nobody."""

    reported: int
    unknown: Sequence[Unknown]


def report_batch(units: Units, tenant: Tenant, seen: Sequence[tuple[str, Instant | None]]) -> Seen:
    """Note sign-ins as `report_seen` does, and say of each entry that names nobody which it is. Raises Invalid."""
    if len(seen) > MOST_SEEN:
        raise Invalid(f"At most {MOST_SEEN} sign-ins are taken at once; send the rest in another request.")
    strangers = set(report_seen(units, tenant, seen))
    unknown = [Unknown(number, text) for number, (text, _) in enumerate(seen, start=1) if text in strangers]
    return Seen(len(seen) - len(unknown), unknown)


@retried
def report_seen(units: Units, tenant: Tenant, seen: Iterable[tuple[str, Instant | None]]) -> list[str]:
    """Note sign-ins, each of a person by id or user name, and answer the texts that mean nobody of the tenant.

    One without a moment is of now. What is known never goes back, and nobody was seen in the future: a clock that runs
    ahead is taken for ours. No resource changes by it. Costs the same few statements for one as for thousands.
    """
    reported = list(seen)
    with units.write(tenant, REPORT) as uow:
        meant = uow.sightings.meant({text for text, _ in reported})
        latest: dict[str, Instant] = {}
        for text, moment in reported:
            if text in meant:
                user_id = meant[text]
                latest[user_id] = max(min(moment or uow.now, uow.now), latest.get(user_id, ""))
        if latest:
            uow.sightings.report(latest)
            uow.commit()
    return [text for text in dict.fromkeys(text for text, _ in reported) if text not in meant]


def idle_before(uow: UnitOfWork) -> Instant | None:
    """The moment before which a sign-in is long ago in this tenant; None where sign-ins do not matter there."""
    days = uow.tenant.settings.inactive_after
    return None if days is None else later(uow.now, -timedelta(days=days))
