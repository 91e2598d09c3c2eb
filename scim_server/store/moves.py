"""Moving a tenant from one database to another: its rows, what of them changed meanwhile, and the moment it goes over.

The way, which `services/moving.py` walks: `copy` everything as it is at one moment, `catch_up` with what has changed
until that is little, then `pause` whoever writes for the tenant, catch up for the last time, `compare` both sides and
`switch`. Until the switch is committed the tenant lives at the source, and what is at the target is a copy that nobody
looks at; from then on it is the other way round.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from scim_server.domain.cells import HOME, TableCheck, Whereabouts
from scim_server.domain.instants import Instant
from scim_server.store import moved_tables
from scim_server.store.databases import RESIDENCE, Database
from scim_server.store.moved_tables import ARRIVING, COUNTS, MOVED, MovedTable, digests, filled, tallies, translated
from scim_server.store.walls import OPERATOR

LEFT = "left"
"""A copy that a tenant left behind; one that is on its way in is ARRIVING."""
BATCH = 5_000
"""Rows removed in one transaction."""
PATIENCE = "2s"
"""How long the tenant's writers wait for one of theirs that is long at work, until the move steps back for a while."""
MOVING = RESIDENCE + (1 << 32)
"""The advisory lock of whoever moves a tenant, moved by a hash of its id: far from those of whoever writes for it."""
NOT_NOW = "55P03"
"""SQLSTATE of a lock that could not be had in time."""

Tell = Callable[[str, int], None]
"""Takes a table and how many of its rows were brought."""

_TRY_TO_MOVE = "SELECT pg_try_advisory_xact_lock(%s + hashtext(%s))"
_PAUSE = "SELECT pg_advisory_xact_lock(%s + hashtext(%s))"
_HORIZON = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text"
_SWITCH = "UPDATE tenants SET cell = %s, moved = %s, copy = 'left' WHERE id = %s"
_ARRIVE = (
    "UPDATE tenants SET cell = %s, moved = %s, copy = CASE WHEN %s THEN NULL ELSE copy END "
    "WHERE id = %s AND coalesce(moved, '') < %s"
)
_LIVES_HERE = "SELECT cell FROM tenants WHERE id = %s"
_COPIES = "SELECT id FROM tenants WHERE copy = %s AND coalesce(moved, '') < %s ORDER BY id"
_HOLD_COPY = "SELECT copy FROM tenants WHERE id = %s FOR SHARE"
_NO_COPY = "UPDATE tenants SET copy = NULL WHERE id = %s AND copy = %s"
_FORGET = "DELETE FROM tenants WHERE id = %s AND copy = %s"


@dataclass(slots=True)
class Relocation:
    """One tenant on its way from one database to another."""

    tenant_id: str
    source: Database
    target: Database
    home: Database
    horizon: str | None = field(default=None, init=False)
    """The oldest transaction that the last look at the source may have missed."""

    @contextmanager
    def begun(self) -> Iterator[bool]:
        """Whether the tenant lives at the source, and nobody else moves it until the block is left."""
        with self.source.write(self.tenant_id, ()) as connection:
            driver = _driver(connection)
            driver.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            alone = driver.execute(_TRY_TO_MOVE, (MOVING, self.tenant_id)).fetchone()[0]
            yield alone and driver.execute(_LIVES_HERE, (self.tenant_id,)).fetchone() == (self.source.cell,)

    def since(self) -> tuple[Instant | None, Instant | None]:
        """Since when the tenant lives at the source, and since when it does not live at the target."""
        here, there = self.source.whereabouts(self.tenant_id), self.target.whereabouts(self.tenant_id)
        return None if here is None else here.since, None if there is None else there.since

    def clear(self) -> int:
        """Remove what an earlier attempt, or the tenant itself, left at the target; answers how many rows."""
        with (
            translated(),
            self.source.snapshot(self.tenant_id) as seen,
            self.target.write(self.tenant_id, ()) as connection,
        ):
            self._introduce(seen, connection)
            connection.commit()
        return remove_copy(self.target, self.tenant_id, ARRIVING, forget=False)

    def copy(self, tell: Tell) -> None:
        """Bring every row to the target, where the tenant has none, each table in a transaction of its own."""
        with translated(), self.source.snapshot(self.tenant_id) as seen:
            self.horizon = _horizon(seen)
            for table in filled(_driver(seen), self.tenant_id):
                with self.target.write(self.tenant_id, ()) as connection:
                    rows = table.load(_driver(seen), _driver(connection), self.tenant_id, None)
                    self._settle(_driver(connection), [table], [])
                    connection.commit()
                tell(table.name, rows)

    def catch_up(self, tell: Tell) -> int:
        """Bring what has changed since the last look, in one transaction; answers how many rows did."""
        with (
            translated(),
            self.source.snapshot(self.tenant_id) as seen,
            self.target.write(self.tenant_id, ()) as connection,
        ):
            since, self.horizon = self.horizon, _horizon(seen)
            self._introduce(seen, connection)
            changed = self._bring_changes(_driver(seen), _driver(connection), str(since), tell)
            connection.commit()
        return changed

    def _bring_changes(self, here: Any, there: Any, since: str, tell: Tell) -> int:
        """What has gone is told from numbers alone: whatever is there and what arrives anew, less what is here."""
        stay, present = (tallies(driver, self.tenant_id, since) for driver in (here, there))
        coming, going, changed = [], [], 0
        for table in MOVED:
            rows, written = stay[table.name]
            new = 0
            if written:
                table.load(here, there, self.tenant_id, since)
                coming.append(table)
                new = table.arrive_anew(there, self.tenant_id)
            gone = present[table.name][0] + new - rows
            if gone:
                table.load_staying(here, there, self.tenant_id)
                going.append(table)
            if written or gone:
                tell(table.name, written + gone)
            changed += written + gone
        self._settle(there, coming, going)
        return changed

    @contextmanager
    def pause(self) -> Iterator["Switch | None"]:
        """Keep everybody from writing for the tenant until the block is left; None where one of them takes long."""
        with self.source.write(self.tenant_id, ()) as connection:
            driver = _driver(connection)
            driver.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
            driver.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            try:
                connection.exec_driver_sql(_PAUSE, (RESIDENCE, self.tenant_id))
            except OperationalError as error:
                if getattr(error.orig, "sqlstate", None) != NOT_NOW:
                    raise
                yield None
                return
            yield Switch(connection, self)

    def compare(self) -> list[TableCheck]:
        """Count both sides' rows and digest what is in them, table by table, at the same time."""
        with translated(), ThreadPoolExecutor(2) as both:
            sides = [both.submit(_digests, database, self.tenant_id) for database in (self.source, self.target)]
            here, there = (side.result() for side in sides)
        return [TableCheck(name, *here[name], *there[name]) for name in here]

    def arrive(self, since: Instant) -> None:
        """Have the target know that the tenant lives there, and home as well."""
        for database in (self.target, self.home):
            arrive(database, self.tenant_id, Whereabouts(str(self.target.cell), since))

    def _introduce(self, seen: Connection, connection: Connection) -> None:
        """What the rows refer to: the tenant itself, who keeps living where it does, and what all tenants share."""
        moved_tables.bring_tenant(_driver(seen), _driver(connection), self.tenant_id)
        moved_tables.bring_shared(_driver(seen), _driver(connection))

    def _settle(self, there: Any, coming: Sequence[MovedTable], going: Sequence[MovedTable]) -> None:
        """Put what was loaded in its place: first goes what goes, who refers before who is referred to."""
        for table in reversed(MOVED):
            if table in going:
                table.take_out(there, self.tenant_id)
            if table in coming:
                table.make_room(there, self.tenant_id)
        for table in coming:
            table.put_in(there)


@dataclass(frozen=True, slots=True)
class Switch:
    """The tenant while nobody writes for it."""

    connection: Connection
    relocation: Relocation

    def throw(self, since: Instant) -> None:
        """Let the tenant live at the target from now on: with this commit, and only with it, it does."""
        cell, tenant_id = self.relocation.target.cell, self.relocation.tenant_id
        self.connection.exec_driver_sql(_SWITCH, (cell, since, tenant_id))
        self.connection.commit()


def arrive(database: Database, tenant_id: str, found: Whereabouts) -> None:
    """Have a database know where the tenant lives, unless it knows something newer."""
    with database.write(tenant_id, ()) as connection:
        connection.exec_driver_sql(
            _ARRIVE, (found.cell, found.since, found.cell == database.cell, tenant_id, found.since or "")
        )
        connection.commit()


def copies(database: Database, kind: str, before: Instant) -> list[str]:
    """The tenants of which there is a copy of that kind that is older than then, by their ids."""
    with database.read(OPERATOR) as connection:
        return list(connection.exec_driver_sql(_COPIES, (kind, before)).scalars())


def remove_copy(database: Database, tenant_id: str, kind: str, *, forget: bool) -> int:
    """Remove the rows of a copy of that kind, in batches; answers how many it were.

    Whoever makes it a copy of another kind, or lets the tenant live here, makes an end of it. With `forget` the
    database then knows nothing of the tenant, unless it is home.
    """
    removed = 0
    with database.snapshot(tenant_id) as connection:
        tables = filled(_driver(connection), tenant_id)
    for table in (*reversed(tables), *COUNTS):
        gone = BATCH
        while gone == BATCH:
            with database.write(tenant_id, ()) as connection:
                if connection.exec_driver_sql(_HOLD_COPY, (tenant_id,)).scalar() != kind:
                    return removed
                gone = table.remove(_driver(connection), tenant_id, BATCH)
                connection.commit()
            removed += gone
    if forget:
        with database.write(tenant_id, ()) as connection:
            connection.exec_driver_sql(_NO_COPY if database.cell == HOME else _FORGET, (tenant_id, kind))
            connection.commit()
    return removed


def _digests(database: Database, tenant_id: str) -> dict[str, tuple[int, str]]:
    with database.snapshot(tenant_id) as connection:
        return digests(_driver(connection), tenant_id)


def _horizon(seen: Connection) -> str:
    return str(_driver(seen).execute(_HORIZON).fetchone()[0])


def _driver(connection: Connection) -> Any:
    line: Any = connection
    return line.driver()
