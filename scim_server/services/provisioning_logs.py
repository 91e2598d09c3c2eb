"""The provisioning log: one entry per request of a client, kept for some days, read by operators."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from scim_server.domain.errors import Contention, Missing
from scim_server.domain.instants import Instant, later
from scim_server.domain.tenants import Tenant
from scim_server.services import naming
from scim_server.services.actors import PERSON, people_among
from scim_server.services.log_entries import LogEntry, LoggedRequest, Sought, earliest_id
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.retrying import retried

MOST_AT_ONCE = 10_000
"""Entries read in one go by whoever follows the log."""
BATCH = 1_000
"""Old entries removed in one transaction."""
BATCHES = 50
"""Most batches in one go, so that nobody waits long for whoever cleans up."""
PARTS = 30
"""Into so many parts the retention is cut, none shorter than a day: no more tables for ten years than for a month."""


@dataclass(frozen=True, slots=True)
class LogPage:
    """A part of the log, and the names of the tenant's connections."""

    requests: list[LoggedRequest]
    connections: list[str]


def requests(units: Units, tenant: Tenant, sought: Sought, connection: str | None = None) -> list[LoggedRequest]:
    """Some entries of a tenant, oldest first, all or of the connection of that name.

    A user name need not be anybody's: of the gone the log still tells. Raises Missing for an unknown connection.
    """
    with units.read(tenant) as uow:
        names = _actors(uow)
        if connection is not None:
            sought = replace(sought, actor=_actor(names, tenant, connection))
        user = None if sought.user_name is None else uow.users.called(sought.user_name)
        found = uow.log.find(sought if user is None else replace(sought, object_id=user.id))
    return [LoggedRequest(entry, tenant.slug, names.get(entry.actor, entry.actor)) for entry in found]


def page(
    units: Units, tenant: Tenant, sought: Sought, connection: str | None = None, about: str | None = None
) -> LogPage:
    """The newest entries that are sought, newest first: those of a connection, those about a person or a group.

    `about` is a name that either has or had, or an id. Raises Missing for an unknown connection. Answered by indexes,
    unless a part of a path or of a user name is sought.
    """
    with units.read(tenant) as uow:
        names = _actors(uow)
        if connection is not None:
            sought = replace(sought, actor=_actor(names, tenant, connection))
        if about is not None:
            sought = replace(sought, object_id=naming.known_id(uow, about))
        found = uow.log.find(sought)[::-1]
        people = uow.users.some(people_among({each.actor for each in found}))
    known = {**names, **{f"{PERSON}{each.id}": each.user_name for each in people}}
    told = [LoggedRequest(each, tenant.slug, known.get(each.actor, each.actor)) for each in found]
    return LogPage(told, sorted(set(names.values())))


def requests_since(
    units: Units, tenant: Tenant, sought: Sought, connection: str | None, since: Instant, known: Collection[str]
) -> list[LoggedRequest]:
    """The entries of requests that came after `since`, those with a `known` id apart, oldest first."""
    found = requests(units, tenant, replace(sought, since=since, limit=MOST_AT_ONCE), connection)
    return [each for each in found if each.entry.id not in known]


def request(units: Units, tenant: Tenant, request_id: str) -> LoggedRequest:
    """The entry of a request to the tenant. Raises Missing."""
    found = requests(units, tenant, Sought(1, request_id=request_id))
    if not found:
        raise _no_entry(request_id)
    return found[0]


def request_anywhere(units: Units, request_id: str) -> LoggedRequest:
    """The entry of a request, whichever tenant's. Raises Missing."""
    for part in units.parts():
        with part.overview() as operator:
            found = operator.log_entry(request_id)
        if found is not None:
            return request(units, found[0], request_id)
    raise _no_entry(request_id)


def actor_names(units: Units, tenant: Tenant) -> dict[str, str]:
    """The names of a tenant's connections by the actor they are in the log and in the audit trail."""
    with units.read(tenant) as uow:
        return _actors(uow)


def _actors(uow: UnitOfWork) -> dict[str, str]:
    return {f"connection:{each.id}": each.name for each in uow.connections.ever()}


def _actor(names: Mapping[str, str], tenant: Tenant, connection: str) -> str:
    for actor, name in names.items():
        if connection in {name, actor.partition(":")[2]}:
            return actor
    raise Missing(f"Tenant '{tenant.slug}' has no connection '{connection}'.")


def _no_entry(request_id: str) -> Missing:
    return Missing(
        f"There is no log entry '{request_id}'. The id is the X-Request-Id of an answer; entries of requests "
        "without a valid token do not exist, and old ones have been removed (SCIM_LOG_RETENTION_DAYS)."
    )


@retried
def keep(units: Units, kept: Sequence[LogEntry]) -> None:
    """Write entries in a transaction of their own for each cell; those that are there already stay as they are."""
    for tenants in units.together({entry.tenant_id for entry in kept}):
        with units.operator(*tenants) as operator:
            operator.add_log_entries([entry for entry in kept if entry.tenant_id in tenants])
            operator.commit()


def prune(units: Units, retention: timedelta) -> None:
    """Remove entries older than `retention`. Safe from several processes at once.

    Where the log is in parts, they go whole: the last of a part is too old before the first of it goes.
    """
    lasting = timedelta(days=-(-retention.days // PARTS))
    for part in units.parts():
        late = lasting if _rotated(part, retention, lasting) else timedelta()
        _remove(part, retention + late)


def _rotated(units: Units, retention: timedelta, lasting: timedelta) -> bool:
    """Whether the log is in parts; who has it locked will have let go of it by the next time."""
    try:
        with units.operator() as operator:
            rotated = operator.rotate_log(_oldest(operator.now, retention), lasting)
            operator.commit()
    except Contention:
        return True
    return rotated


def _remove(units: Units, retention: timedelta) -> None:
    """Remove entries one by one, in batches."""
    for _ in range(BATCHES):
        with units.operator() as operator:
            gone = operator.remove_log_entries(_oldest(operator.now, retention), BATCH)
            operator.commit()
        if gone < BATCH:
            break


def _oldest(now: Instant, retention: timedelta) -> str:
    return earliest_id(later(now, -retention))
