"""A transaction that others play in: what they commit is there for whoever follows them, and nothing of it stays.

Each unit of work is a part of that one transaction, behind a savepoint, and all of it is rolled back at the end. What
it locks stays locked meanwhile, so it must be short. Nobody outside sees or hears of it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sqlalchemy import Connection

from scim_server.domain.events import Cause
from scim_server.domain.tenants import Tenant
from scim_server.services.audit_entries import AuditEntry
from scim_server.store.databases import Database, translated
from scim_server.store.unit_of_work import UnitOfWork, Units

_PART = "rehearsed"


@dataclass
class RehearsedUnit(UnitOfWork):
    """A part of the transaction; `ended` says that it was committed."""

    ended: bool = False

    def end(self) -> None:
        if not self.scope.is_sqlite:
            line: Any = self.scope.connection
            line.send()
        self.ended = True


@dataclass(frozen=True, slots=True)
class RehearsedUnits(Units):
    """Opens parts of the transaction of one tenant that is open on the connection."""

    connection: Connection = field(kw_only=True)
    changes: list[AuditEntry] = field(default_factory=list, kw_only=True)
    """The entries that the trail would have got."""
    opens: ClassVar[type[UnitOfWork]] = RehearsedUnit

    @contextmanager
    def write(self, tenant: Tenant, cause: Cause) -> Iterator[UnitOfWork]:
        unit = self.unit(self.scope(self.database, self.connection, tenant), tenant, cause)
        with translated():
            self._say(f"SAVEPOINT {_PART}")
            try:
                yield unit
            finally:
                self._close(unit)

    def _close(self, unit: UnitOfWork) -> None:
        assert isinstance(unit, RehearsedUnit), "no other is opened here"
        if unit.ended:
            self.changes.extend(AuditEntry.foreseen(each, unit.now, unit.cause) for each in unit.changes.values())
        else:
            if not self.database.is_sqlite:
                line: Any = self.connection
                line.drop()
            self._say(f"ROLLBACK TO SAVEPOINT {_PART}")
        self._say(f"RELEASE SAVEPOINT {_PART}")

    @contextmanager
    def reading(self, *_: Any) -> Iterator[tuple[Database, Connection]]:
        with translated():
            yield self.database, self.connection

    def writing(self, *_: Any) -> Any:
        raise AssertionError("nothing but units of work of the one tenant is rehearsed")

    def _together(self, *_: Any) -> Any:
        return self.writing()

    def _say(self, statement: str) -> None:
        self.connection.exec_driver_sql(statement)


@contextmanager
def rehearsal(units: Units, tenant: Tenant) -> Iterator[RehearsedUnits]:
    """Units of work of the tenant that leave nothing behind."""
    with units.writing(tenant.id, tenant.id, tenant.cell) as (database, connection):
        yield RehearsedUnits(
            database,
            units.clock,
            units.registries,
            units.unique_addresses,
            before_commit=units.before_commit,
            connection=connection,
        )
