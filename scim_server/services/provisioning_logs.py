"""The provisioning log: one entry per request of a client, kept for some days, read by operators."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta

from scim_server.domain.errors import Missing
from scim_server.domain.instants import Instant, later
from scim_server.domain.tenants import Tenant
from scim_server.services.log_entries import LogEntry, Sought, earliest_id
from scim_server.services.ports import Units

MOST_AT_ONCE = 10_000
"""Entries read in one go by whoever follows the log."""
BATCH = 1_000
"""Old entries removed in one transaction."""
BATCHES = 50
"""Most batches in one go, so that nobody waits long for whoever cleans up."""


def entries(units: Units, tenant: Tenant, sought: Sought) -> list[LogEntry]:
    """Some entries of a tenant, oldest first. A user name need not be anybody's: of the gone the log still tells."""
    with units.read(tenant) as uow:
        user = None if sought.user_name is None else uow.users.called(sought.user_name)
        return uow.log.find(sought if user is None else replace(sought, object_id=user.id))


def entries_since(
    units: Units, tenant: Tenant, sought: Sought, since: Instant, known: Collection[str]
) -> list[LogEntry]:
    """The entries of requests that came after `since`, those with a `known` id apart, oldest first."""
    found = entries(units, tenant, replace(sought, since=since, limit=MOST_AT_ONCE))
    return [entry for entry in found if entry.id not in known]


def entry(units: Units, request_id: str) -> tuple[Tenant, LogEntry]:
    """The entry of a request and its tenant; raises Missing."""
    with units.overview() as operator:
        found = operator.log_entry(request_id)
    if found is None:
        raise Missing(
            f"There is no log entry '{request_id}'. The id is the X-Request-Id of an answer; entries of requests "
            "without a valid token do not exist, and old ones have been removed (SCIM_LOG_RETENTION_DAYS)."
        )
    return found


def keep(units: Units, kept: Sequence[LogEntry]) -> None:
    """Write entries in a transaction of their own; those that are there already stay as they are."""
    with units.operator() as operator:
        operator.add_log_entries(kept)
        operator.commit()


def prune(units: Units, retention: timedelta) -> int:
    """Remove entries older than `retention`, in batches; answers how many. Safe from several processes at once."""
    removed = 0
    for _ in range(BATCHES):
        with units.operator() as operator:
            gone = operator.remove_log_entries(earliest_id(later(operator.now, -retention)), BATCH)
            operator.commit()
        removed += gone
        if gone < BATCH:
            break
    return removed
