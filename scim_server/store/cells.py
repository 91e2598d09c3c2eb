"""The databases that tenants live in, by name, and which of them each tenant is found in.

Home knows where every tenant lives. What it said is believed for some seconds: a tenant that has moved since is met by
the row that it left behind, or by none, and is followed. The rows are put right on the way, so that a move which broke
off right after the tenant went over (`store/moves.py`) is completed by whoever comes first.
"""

import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from scim_server.domain.cells import HOME, KEPT, CellState, ReplicaState
from scim_server.domain.errors import Contention, Missing, Taken, Unavailable
from scim_server.domain.instants import Instant
from scim_server.domain.tenants import Tenant
from scim_server.store.databases import Database, Elsewhere
from scim_server.store.moved_tables import ARRIVING
from scim_server.store.moves import LEFT, Relocation, arrive, copies, remove_copy
from scim_server.store.revisions import is_current, newest, revision_of
from scim_server.store.sets import among
from scim_server.store.tables import tenants
from scim_server.store.walls import OPERATOR

BELIEVED = 5.0
"""Seconds for which a process does not ask again where a tenant lives."""
HOPS = 6
"""How often a tenant is followed before whoever looks for it gives up: it moves once a day, if at all."""

APART = (
    "The two organisations live in different cells of this installation, and nothing goes from one cell to another. "
    "Its operator has to move one of them first (`scim-server tenant move`)."
)
_LIVING = select(func.count()).select_from(tenants).where(tenants.c.cell == bindparam("cell"))
_CELLS = select(tenants.c.id, tenants.c.cell).where(among(tenants.c.id))


@dataclass(slots=True)
class Cells:
    """Where tenants live. `databases` are by name, home among them."""

    databases: Mapping[str, Database]
    _known: dict[str, tuple[str, float]] = field(default_factory=dict)

    @property
    def home(self) -> Database:
        return self.databases[HOME]

    def database(self, name: str) -> Database:
        """The database of that name. Raises Unavailable."""
        if name not in self.databases:
            raise Unavailable(f"SCIM_CELL_URLS of this process does not name the cell '{name}'")
        return self.databases[name]

    def dispose(self) -> None:
        """Close every idle connection."""
        for database in self.databases.values():
            database.dispose()

    def of(self, tenant_id: str) -> str:
        """The cell where the tenant lives, as far as this process knows; home, where it knows nothing."""
        return self.of_each([tenant_id])[tenant_id]

    def of_each(self, tenant_ids: Collection[str]) -> dict[str, str]:
        """The same for several of them, with one look-up at most."""
        now = time.monotonic()
        found = {each: self._known[each][0] for each in tenant_ids if self._known.get(each, ("", 0.0))[1] > now}
        unknown = [each for each in tenant_ids if each not in found]
        if unknown:
            with self.home.read(OPERATOR) as connection:
                told = connection.execute(_CELLS, {"ids": unknown}).mappings().all()
            for row in told:
                self._believe(row["id"], row["cell"])
            found |= dict.fromkeys(unknown, HOME) | {row["id"]: row["cell"] for row in told}
        return found

    @contextmanager
    def write(self, tenant_id: str, reach: str, guess: str | None = None) -> Iterator[tuple[Database, Connection]]:
        """A transaction where the tenant lives, and goes on living until it is over.

        `guess` is where to look first. Raises Unavailable where the tenant cannot be found.
        """
        with ExitStack() as stack:
            cell = self._first(tenant_id, guess)
            for _ in range(HOPS):
                database = self.database(cell)
                try:
                    connection = stack.enter_context(database.write(reach, (tenant_id,)))
                except Elsewhere as elsewhere:
                    cell = self.follow(elsewhere, cell)
                else:
                    yield database, connection
                    return
            raise _lost(tenant_id)

    @contextmanager
    def found(self, tenant_id: str, guess: str | None = None) -> Iterator[Database]:
        """The database where the tenant lives at this moment, to read there.

        Raises Unavailable likewise, and at the end where the tenant has moved so long ago meanwhile that what was read
        may have been removed.
        """
        cell, began = self._settled(tenant_id, self._first(tenant_id, guess)), time.monotonic()
        yield self.database(cell)
        if time.monotonic() - began > KEPT.total_seconds() / 2 and self._settled(tenant_id, cell) != cell:
            raise Unavailable("the tenant moved to another cell while it was read")

    def follow(self, elsewhere: Elsewhere, left: str) -> str:
        """The cell where a tenant is that was looked for in the cell `left`; all who should know it do afterwards."""
        tenant_id, found = elsewhere.tenant_id, elsewhere.found
        self._known.pop(tenant_id, None)
        if found is None:
            return self.of(tenant_id)
        if found.since is not None:
            for name in dict.fromkeys((found.cell, HOME)):
                if name != left:
                    arrive(self.database(name), tenant_id, found)
        self._believe(tenant_id, found.cell)
        return found.cell

    @contextmanager
    def write_all(self, tenant_ids: Collection[str], reach: str) -> Iterator[tuple[Database, Connection]]:
        """The same with several tenants that live together. Raises Taken where they do not, Contention where one of
        them has just moved: to begin anew finds it."""
        groups = self.together(tenant_ids)
        if len(groups) != 1:
            raise Taken(APART)
        cell = self.of(next(iter(tenant_ids)))
        with ExitStack() as stack:
            database = self.database(cell)
            try:
                connection = stack.enter_context(database.write(reach, tuple(tenant_ids)))
            except Elsewhere as elsewhere:
                self.follow(elsewhere, cell)
                raise Contention("a tenant has moved to another cell meanwhile") from elsewhere
            yield database, connection

    def together(self, tenant_ids: Collection[str]) -> list[set[str]]:
        """The tenants by the cells where they live."""
        groups: dict[str, set[str]] = {}
        for tenant_id, cell in self.of_each(tenant_ids).items():
            groups.setdefault(cell, set()).add(tenant_id)
        return list(groups.values())

    def states(self) -> list[CellState]:
        return [_state(name, database) for name, database in self.databases.items()]

    def replica_states(self) -> list[ReplicaState]:
        followed = [(name, database.replicas) for name, database in self.databases.items() if database.replicas]
        return [replica.state(name) for name, replicas in followed for replica in replicas.all]

    def settled(self, tenant: Tenant) -> Tenant:
        return replace(tenant, cell=self._settled(tenant.id, self.of(tenant.id)))

    def relocation(self, tenant: Tenant, to: str) -> Relocation:
        if to not in self.databases:
            raise Missing(f"There is no cell '{to}'. Cells: {', '.join(self.databases)} (SCIM_CELL_URLS names them).")
        if not is_current(self.databases[to]):
            raise Taken(f"Cell '{to}' is not at the schema of this version: run `scim-server db upgrade` first.")
        return Relocation(tenant.id, self.database(tenant.cell), self.database(to), self.home)

    def looking_at(self, units: Any, cell: str) -> Any:
        return replace(units, database=self.database(cell), cells=None)

    def remove_left(self, before: Instant) -> int:
        """A cell that cannot be reached keeps nobody from removing what is in the others."""
        removed, missed = 0, None
        for database in self.databases.values():
            try:
                for tenant_id in copies(database, LEFT, before):
                    self._settled(tenant_id, str(database.cell))
                    removed += remove_copy(database, tenant_id, LEFT, forget=True)
            except Unavailable as error:
                missed = error
        if missed is not None:
            raise missed
        return removed

    def remove_attempts(self, tenant: Tenant) -> int:
        removed = 0
        for name, database in self.databases.items():
            if name != tenant.cell:
                with Relocation(tenant.id, self.database(tenant.cell), database, self.home).begun() as alone:
                    removed += remove_copy(database, tenant.id, ARRIVING, forget=True) if alone else 0
        return removed

    def _first(self, tenant_id: str, guess: str | None) -> str:
        """What this process was told last goes before the guess, which may be of long ago."""
        known, until = self._known.get(tenant_id, ("", 0.0))
        if until > time.monotonic():
            return known
        return self.of(tenant_id) if guess is None else guess

    def _settled(self, tenant_id: str, cell: str) -> str:
        for _ in range(HOPS):
            found = self.database(cell).whereabouts(tenant_id)
            if found is not None and found.cell == cell:
                return cell
            if found is None and cell == HOME:
                return HOME
            cell = self.follow(Elsewhere(tenant_id, found), cell)
        raise _lost(tenant_id)

    def _believe(self, tenant_id: str, cell: str) -> None:
        self._known[tenant_id] = cell, time.monotonic() + BELIEVED


def _state(name: str, database: Database) -> CellState:
    where = database.engine.url.render_as_string(hide_password=True)
    try:
        with database.read(OPERATOR) as connection:
            revision = revision_of(connection)
            current = revision == newest()
            living = connection.execute(_LIVING, {"cell": name}).scalar() if current else None
    except Unavailable:
        return CellState(name, where, reachable=False)
    return CellState(name, where, reachable=True, revision=revision, current=current, tenants=living)


def _lost(tenant_id: str) -> Unavailable:
    return Unavailable(f"no cell says that the tenant {tenant_id} lives there")
