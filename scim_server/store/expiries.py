"""Credentials of every kind that end soon or ended of late, over all tenants."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, Table, select

from scim_server.domain.expiries import REMEMBERED, WARNED_DAYS
from scim_server.domain.instants import Instant, later
from scim_server.store.tables import api_tokens, client_secrets, operator_tokens, person_tokens, tenants, tokens

MOST = 1_000
"""Of each kind, those that end first."""
KINDS = {
    "token": tokens,
    "person token": person_tokens,
    "api token": api_tokens,
    "client_secret": client_secrets,
    "operator token": operator_tokens,
}


@dataclass(frozen=True, slots=True)
class Expiry:
    """When a credential ends. `tenant` is a slug, None for the operator's."""

    kind: str
    tenant: str | None
    id: str
    created: Instant
    expires: Instant


def expiring(connection: Connection, cell: str, now: Instant) -> list[Expiry]:
    """What is not revoked and ends within the time that warnings are given, or ended not long ago, first ends first."""
    since, until = later(now, -REMEMBERED), later(now, timedelta(days=max(WARNED_DAYS)))
    found = [each for kind, table in KINDS.items() for each in _of_kind(connection, kind, table, cell, since, until)]
    return sorted(found, key=lambda each: each.expires)


def _of_kind(
    connection: Connection, kind: str, table: Table, cell: str, since: Instant, until: Instant
) -> Iterator[Expiry]:
    owned = "tenant_id" in table.c
    columns = [table.c.id, table.c.created, table.c.expires]
    statement = select(*columns, tenants.c.slug) if owned else select(*columns)
    if owned:
        statement = statement.join(tenants, (tenants.c.id == table.c.tenant_id) & (tenants.c.cell == cell))
    ending = statement.where(table.c.revoked.is_(None), table.c.expires > since, table.c.expires <= until)
    for row in connection.execute(ending.order_by(table.c.expires).limit(MOST)).mappings():
        yield Expiry(kind, row["slug"] if owned else None, row["id"], row["created"], row["expires"])
