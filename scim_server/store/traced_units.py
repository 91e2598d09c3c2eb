"""Units whose transactions are spans of a trace, for an installation that is traced."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from scim_server.store.databases import Database
from scim_server.store.unit_of_work import Opened, Units
from scim_server.telemetry.traces import span


class TracedUnits(Units):
    """The same units. A span says which kind of database answers, in which cell, and whether it is to write."""

    __slots__ = ()

    @contextmanager
    def _reading(
        self, tenant_id: str | None, reach: str, guess: str | None = None, opened: Opened = Database.read
    ) -> Iterator[tuple[Database, Connection]]:
        with (
            span("read", "CLIENT", db__system__name=self._system) as read,
            Units._reading(self, tenant_id, reach, guess, opened) as (database, connection),
        ):
            read.set_attribute("scim.cell", database.cell or self.cell)
            yield database, connection

    @contextmanager
    def _writing(
        self, tenant_id: str | None, reach: str, guess: str | None = None
    ) -> Iterator[tuple[Database, Connection]]:
        with (
            span("write", "CLIENT", db__system__name=self._system) as written,
            Units._writing(self, tenant_id, reach, guess) as (database, connection),
        ):
            written.set_attribute("scim.cell", database.cell or self.cell)
            yield database, connection

    @contextmanager
    def _together(self, reach: str, tenant_ids: Collection[str]) -> Iterator[tuple[Database, Connection]]:
        with (
            span("write", "CLIENT", db__system__name=self._system) as written,
            Units._together(self, reach, tenant_ids) as (database, connection),
        ):
            written.set_attribute("scim.cell", database.cell or self.cell)
            yield database, connection

    @property
    def _system(self) -> str:
        return "sqlite" if self.database.is_sqlite else "postgresql"
