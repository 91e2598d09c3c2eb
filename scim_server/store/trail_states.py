"""How the audit trails of all tenants stand: verified when and how, and sealed until when."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from scim_server.domain.instants import Instant
from scim_server.store.tables import audit, audit_verifications, tenants

_UNSEALED = (
    select(audit.c.tenant_id, func.min(audit.c.at).label("since"))
    .where(audit.c.sequence.is_(None))
    .group_by(audit.c.tenant_id)
    .subquery()
)
_STATES = (
    select(
        tenants.c.slug,
        tenants.c.created,
        audit_verifications.c.finished,
        audit_verifications.c.fault,
        _UNSEALED.c.since,
    )
    .outerjoin(audit_verifications, audit_verifications.c.tenant_id == tenants.c.id)
    .outerjoin(_UNSEALED, _UNSEALED.c.tenant_id == tenants.c.id)
    .order_by(tenants.c.slug)
)


@dataclass(frozen=True, slots=True)
class TrailState:
    """One tenant's: when the last verification ended, what it found wrong, and since when entries wait for a seal."""

    tenant: str
    created: Instant
    finished: Instant | None
    fault: str | None
    unsealed_since: Instant | None


def trail_states(connection: Connection, cell: str) -> list[TrailState]:
    """Those of the tenants that live in the cell, by slug."""
    found = connection.execute(_STATES.where(tenants.c.cell == cell)).mappings().all()
    return [TrailState(row["slug"], row["created"], row["finished"], row["fault"], row["since"]) for row in found]
