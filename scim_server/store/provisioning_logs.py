"""The provisioning log's rows. The order of ids is the order of time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    bindparam,
    delete,
    func,
    literal_column,
    or_,
    select,
    union_all,
)

from scim_server.domain.events import Subject
from scim_server.services.log_entries import REFUSED, Activity, LogEntry, LoggedChange, Sought, earliest_id
from scim_server.store.rows import Row, columns_of, record_of
from scim_server.store.scopes import Scope, insert_where_absent
from scim_server.store.searches import limited
from scim_server.store.sets import among
from scim_server.store.tables import audit, outbox, provisioning_log

_ROW = provisioning_log.c
_ONE = select(provisioning_log).where(_ROW.id == bindparam("request_id"))
_SOME = (
    select(provisioning_log)
    .where(_ROW.tenant_id == bindparam("tenant"))
    .order_by(_ROW.id.desc())
    .limit(bindparam("most"))
)
_NEWEST = _SOME.with_only_columns(_ROW.actor, _ROW.status, _ROW.at).subquery()
_ACTIVITY = select(
    _NEWEST.c.actor,
    func.count().label("requests"),
    func.count().filter(_NEWEST.c.status >= 400).label("refused"),
    func.max(_NEWEST.c.at).label("last"),
).group_by(_NEWEST.c.actor)
_OLDEST = (
    select(_ROW.id)
    .where(_ROW.id < bindparam("before"))
    .order_by(_ROW.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_REMOVE = delete(provisioning_log).where(among(_ROW.id))
"""Not one statement with the other inside: PostgreSQL may run the inner one several times, past its limit."""
_FORGET = delete(provisioning_log).where(_ROW.tenant_id == bindparam("tenant"), _ROW.id == bindparam("of_request"))
_IS_REFUSED = _ROW.status >= literal_column("400", Integer())
"""As the index of them has it: a value that is bound would not show that it serves."""
_NAMED = provisioning_log.alias()
_MEANT = select(_NAMED.c.id).where(_NAMED.c.tenant_id == bindparam("tenant"))
_CHANGED = select(audit.c.request_id).where(
    audit.c.tenant_id == bindparam("tenant"), audit.c.object_type.in_(("user", "group"))
)
_HAPPENED = select(outbox.c.request_id).where(outbox.c.tenant_id == bindparam("tenant"))
"""Requests by what came of them: somebody may get the seat that another one's departure freed."""


@dataclass(frozen=True, slots=True)
class ProvisioningLog:
    """The log of one tenant, to read."""

    scope: Scope

    def add(self, entries: Sequence[LogEntry]) -> None:
        """Insert entries with what is sent next; those that are there already stay as they are."""
        self.scope.insert_absent(provisioning_log, *map(_row_of, entries))

    def forget(self, request_id: str) -> None:
        self.scope.run(_FORGET, of_request=request_id)

    def find(self, sought: Sought) -> list[LogEntry]:
        with limited(self.scope):
            found = self.scope.rows(_SOME.where(*_conditions(sought)), most=sought.limit)
        return [_entry_of(row) for row in reversed(found)]

    def activity(self, most: int) -> list[Activity]:
        return [Activity(**row) for row in self.scope.rows(_ACTIVITY, most=most)]


def add_entries(connection: Connection, entries: Sequence[LogEntry]) -> None:
    """Insert entries in one batch; those that are there already stay as they are."""
    if entries:
        adding = insert_where_absent(provisioning_log, connection.dialect.name == "sqlite")
        connection.execute(adding, [_row_of(entry) for entry in entries])


def find_entry(connection: Connection, request_id: str) -> LogEntry | None:
    """The entry of a request, whichever tenant's."""
    row = connection.execute(_ONE, {"request_id": request_id}).mappings().first()
    return None if row is None else _entry_of(row)


def remove_entries(connection: Connection, before: str, most: int) -> int:
    """Delete the oldest entries below `before`; those that another process is deleting are left to it."""
    oldest = connection.execute(_OLDEST, {"before": before, "most": most}).scalars().all()
    return connection.execute(_REMOVE, {"ids": oldest}).rowcount if oldest else 0


def _conditions(sought: Sought) -> Iterator[ColumnElement[bool]]:
    equal = (
        (_ROW.id, sought.request_id),
        (_ROW.actor, sought.actor),
        (_ROW.method, sought.method),
        (_ROW.resource_type, sought.resource_type),
    )
    yield from (column == value for column, value in equal if value is not None)
    if sought.since is not None:
        yield _ROW.id >= earliest_id(sought.since)
    if sought.until is not None:
        yield _ROW.id < earliest_id(sought.until)
    if sought.below is not None:
        yield _ROW.id < sought.below
    if sought.path is not None:
        yield func.lower(_ROW.path).contains(sought.path.lower(), autoescape=True)
    if sought.statuses is not None:
        yield _ROW.status.between(*sought.statuses)
        if sought.statuses[0] >= REFUSED[0]:
            yield _IS_REFUSED
    subjects = list(_about(sought))
    if subjects:
        yield or_(*subjects)


def _about(sought: Sought) -> Iterator[ColumnElement[bool]]:
    if sought.object_id is not None:
        meant = _MEANT.where(_NAMED.c.resource_id == sought.object_id)
        changed = _CHANGED.where(audit.c.object_id == sought.object_id)
        happened = _HAPPENED.where(outbox.c.subject == Subject.person(sought.object_id).key)
        yield _ROW.id.in_(union_all(meant, changed, happened))
    if sought.user_name is not None:
        name = sought.user_name.lower()
        yield func.lower(_ROW.body).contains(name, autoescape=True)
        yield func.lower(_ROW.path).contains(name, autoescape=True)


def _row_of(entry: LogEntry) -> dict[str, Any]:
    return columns_of(
        entry,
        habits=list(entry.habits),
        notes=list(entry.notes),
        changes=[[change.object_type, change.object_id, change.action] for change in entry.changes],
    )


def _entry_of(row: Row) -> LogEntry:
    changes = tuple(LoggedChange(*change) for change in row["changes"])
    return record_of(LogEntry, row, habits=tuple(row["habits"]), notes=tuple(row["notes"]), changes=changes)
