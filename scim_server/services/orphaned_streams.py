"""Streams whose receiver is let in no more: they rest until an admin says who has them next.

Where an owner is revoked that is done at once, where one has expired as soon as something is to be pushed
(`delivering.py`); a chore does it where nothing is, and where one came by a stream at the moment of its own end.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

import structlog

from scim_server.domain.errors import Unavailable
from scim_server.domain.events import Cause
from scim_server.domain.streams import Status
from scim_server.domain.tenants import Tenant
from scim_server.services.chores import cause as chore_cause
from scim_server.services.chores import step_by_step
from scim_server.services.owner_endings import REVOKED, endings_within, operators_endings
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.relaying import each_cell
from scim_server.services.retrying import retried
from scim_server.services.stream_changes import write_change
from scim_server.services.stream_owners import RECEIVES

CHORE = "pause-streams"

_log = structlog.get_logger("scim_server.delivery")


def pause_streams_of(uow: UnitOfWork, owner: str, scopes: Collection[str]) -> None:
    """Pause what is told to a program that is about to be revoked, or may receive no more; `scopes` are what it was
    permitted. Takes the tenant's guard where that let it receive."""
    if RECEIVES in scopes:
        uow.guard(exclusive=True)
        _pause(uow, {owner: REVOKED})


def pause_streams_above(units: Units, cause: Cause, owner: str) -> None:
    """The same, in all tenants, for a token of the operator's that is revoked. What is out of reach is left to the
    chore."""
    for tenant in [tenant for tenant, each in _owners(units) if each == owner]:
        try:
            pause_ended(units, tenant, cause, {owner: REVOKED}, [owner])
        except Unavailable as error:
            _log.warning("a stream is yet to be paused", tenant=tenant.slug, owner=owner, reason=str(error))


def pause_orphans(units: Units) -> Iterator[int]:
    """The chore: pause what is told to whoever is let in no more; answers how many streams, tenant by tenant."""
    tenants: dict[str, Tenant] = {}
    owners: dict[str, set[str]] = {}
    for tenant, owner in _owners(units):
        tenants[tenant.id] = tenant
        owners.setdefault(tenant.id, set()).add(owner)
    above = operators_endings(units, set().union(*owners.values()))
    yield from step_by_step(tenants.values(), lambda tenant: [_pause_due(units, tenant, above, owners[tenant.id])])


def _owners(units: Units) -> list[tuple[Tenant, str]]:
    found: list[tuple[Tenant, str]] = []

    def look(part: Units) -> int:
        with part.overview() as operator:
            found.extend(operator.stream_owners())
        return len(found)

    each_cell(units, look)
    return found


def _pause_due(units: Units, tenant: Tenant, above: Mapping[str, str], owners: Collection[str]) -> int:
    """Whoever has something to do is looked up without keeping others waiting."""
    with units.read(tenant) as uow:
        is_due = not above.keys().isdisjoint(owners) or bool(endings_within(uow, owners))
    return pause_ended(units, tenant, chore_cause(CHORE), above, owners) if is_due else 0


@retried
def pause_ended(units: Units, tenant: Tenant, cause: Cause, above: Mapping[str, str], owners: Collection[str]) -> int:
    """Pause what is told to those of the owners who are let in no more: the tenant's own, and the operator's tokens
    that are known to be so `above`; answers how many streams."""
    with units.write(tenant, cause) as uow:
        uow.guard(exclusive=True)
        paused = _pause(uow, {**above, **endings_within(uow, owners)})
        uow.commit()
        return paused


def _pause(uow: UnitOfWork, reasons: Mapping[str, str]) -> int:
    streams = [each for each in uow.streams.all() if each.enabled and each.owner in reasons]
    for each in streams:
        paused = replace(each, status=Status.PAUSED, reason=reasons[each.owner], by_admin=True)
        write_change(uow, each, paused)
    return len(streams)
