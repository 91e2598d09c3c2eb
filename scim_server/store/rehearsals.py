"""Units of work for a trial: all of them in one transaction, which is never committed.

Each that is written to is a savepoint, so that one that fails leaves nothing, and what one that is done has written is
seen by those after it. Nobody is told of anything: neither whoever seals trails nor the buffer of the log.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from typing import Any, NoReturn

from sqlalchemy import Connection

from scim_server.domain.events import Cause
from scim_server.domain.tenants import Tenant
from scim_server.services.audit_entries import AuditEntry
from scim_server.services.log_entries import LogEntry
from scim_server.services.ports import RequestLog
from scim_server.store.databases import Database
from scim_server.store.scopes import Scope
from scim_server.store.unit_of_work import Opened, UnitOfWork, Units


@dataclass
class Outcome:
    """What was done so far."""

    changes: list[AuditEntry] = field(default_factory=list)
    entry: LogEntry | None = None
    """Of the request, where a transaction would have taken it along."""


@dataclass
class _Unit(UnitOfWork):
    """One whose commit is a part of the trial."""

    outcome: Outcome = field(default_factory=Outcome)
    is_done: bool = False

    def commit(self, request: RequestLog | None = None) -> None:
        self.write_out()
        changes = list(self.changes.values())
        if not self.scope.is_sqlite:
            line: Any = self.scope.connection
            line.send()
        self.outcome.changes += [AuditEntry.foreseen(change, self.now, self.cause) for change in changes]
        if request is not None:
            self.outcome.entry = request.entry(changes)
            request.committed(changes)
        self.is_done = True


@dataclass(frozen=True, slots=True)
class Rehearsal(Units):
    """Opens the units of a trial, whichever way they are asked for."""

    connection: Connection | None = None
    outcome: Outcome = field(default_factory=Outcome)

    @contextmanager
    def write(self, tenant: Tenant, cause: Cause) -> Iterator[UnitOfWork]:
        line: Any = self.connection
        line.exec_driver_sql("SAVEPOINT step")
        unit = self._unit(self._scope(self.database, line, tenant), tenant, cause)
        try:
            yield unit
        finally:
            if not unit.is_done:
                if not self.database.is_sqlite:
                    line.forget()
                line.exec_driver_sql("ROLLBACK TO SAVEPOINT step")
            line.exec_driver_sql("RELEASE SAVEPOINT step")

    def _unit(self, scope: Scope, tenant: Tenant, cause: Cause) -> _Unit:
        known = (scope, tenant, self.now(), self.registries.of(tenant.slug), self.unique_addresses, cause)
        return _Unit(*known, self.recorded, self.before_commit, self.public_url, outcome=self.outcome)

    @contextmanager
    def _reading(
        self, tenant_id: str | None, reach: str, guess: str | None = None, opened: Opened = Database.read
    ) -> Iterator[tuple[Database, Connection]]:
        del tenant_id, reach, guess, opened
        assert self.connection is not None, "a trial has its connection"
        yield self.database, self.connection

    def _writing(self, *_: object) -> NoReturn:
        raise NotImplementedError("a trial writes for its tenant alone")

    def _together(self, *_: object) -> NoReturn:
        self._writing()


@contextmanager
def rehearsing(units: Units, tenant: Tenant) -> Iterator[Rehearsal]:
    """The units of a trial in one tenant; behind the block all is as it was."""
    with units.alone(tenant) as (database, connection):
        shared = {each.name: getattr(units, each.name) for each in fields(Units)} | {
            "database": database,
            "cells": None,
        }
        try:
            yield Rehearsal(**shared, connection=connection)
        finally:
            connection.rollback()
