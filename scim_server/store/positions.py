"""How far a tenant is in its database, and whether a replica has all of that.

The tenant's audit trail says it: how much of it is sealed, and which entries are not yet. A replica replays commits in
their order and an entry is committed with what it tells of, so one that has the entries has what they tell of. It is
asked for them in the round trip of what is read, and where one is missing nothing else is done there. What other
tenants write meanwhile keeps nobody waiting, as the position of the whole log would.

Not everything is in the trail: when somebody was last seen, say. Of that a replica is a minute behind at most, by the
positions that the log had.
"""

import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, Integer, Text, text

from scim_server.store.databases import Database
from scim_server.store.lines import Line
from scim_server.store.statements import Statement, dump

STEP = 20.0
"""Seconds after which the position of the log is noted again. A replica has what was noted one to three steps ago."""
MOST = 200
"""Entries that are not sealed yet; with more of them the tenant writes so much that its lists are the primary's."""
BEHIND = "22012"
"""SQLSTATE of a division by zero, which is how a statement that asks for something breaks off what comes behind it."""

_POSITION = text(
    "SELECT coalesce(t.moved, '') AS moved, coalesce(c.sequence, 0) AS sealed, "
    "ARRAY(SELECT id FROM audit WHERE tenant_id = :tenant AND sequence IS NULL ORDER BY id LIMIT :most) AS entries, "
    "CAST(pg_current_wal_flush_lsn() AS text) AS log "
    "FROM tenants AS t LEFT JOIN audit_chains AS c ON c.tenant_id = t.id WHERE t.id = :tenant"
).columns(moved=Text(), sealed=Integer(), entries=ARRAY(Text()), log=Text())
_HAS = Statement(
    b"replica_has",
    b"SELECT 1 / (SELECT count(*) FROM tenants AS t LEFT JOIN audit_chains AS c ON c.tenant_id = t.id"
    b" WHERE t.id = $1 AND coalesce(t.moved, '') >= $2 AND coalesce(c.sequence, 0) >= $3"
    b" AND (SELECT count(*) FROM audit WHERE tenant_id = $1 AND id = ANY ($4::text[])) = cardinality($4::text[])"
    b" AND pg_last_wal_replay_lsn() >= $5::pg_lsn)",
    tuple((name, dump) for name in ("tenant", "moved", "sealed", "entries", "log")),
    {},
    (),
)
"""Fails where it has not. A tenant that has just come from another cell has its place there, written last of all."""


@dataclass(slots=True)
class Milestones:
    """Positions that the primary's log had some time ago."""

    _old: str = ""
    _new: str = ""
    _at: float | None = None

    def passed(self, position: str) -> str:
        """Note where the log is now; answers where it was one to three steps ago, now if that is not known."""
        now = time.monotonic()
        if self._at is None or now - self._at >= STEP:
            self._old = position if self._at is None or now - self._at >= 2 * STEP else self._new
            self._new, self._at = position, now
        return self._old


def position(primary: Database, tenant_id: str, noted: Milestones) -> dict[str, Any] | None:
    """How far the tenant is; None where that is too much to say, or it is not there."""
    with primary.read(tenant_id) as connection:
        found = connection.execute(_POSITION, {"tenant": tenant_id, "most": MOST}).mappings().first()
    if found is None or len(found["entries"]) == MOST:
        return None
    return {**found, "tenant": tenant_id, "log": noted.passed(found["log"])}


def demand(line: Line, wanted: dict[str, Any]) -> None:
    """Have whatever is read first over the line fail where the tenant is not as far there."""
    line.condition = _HAS, _HAS.parameters(wanted)
