"""How far webhooks and streams have come, and who is at them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, or_, select, update

from scim_server.domain.errors import Missing
from scim_server.domain.instants import Instant
from scim_server.domain.tenants import Tenant
from scim_server.domain.webhooks import Progress
from scim_server.store import rows, shared_pauses
from scim_server.store.rows import Row, columns_of, record_of
from scim_server.store.scopes import Scope
from scim_server.store.tables import tenants, webhook_cursors

_CURSOR = webhook_cursors.c
_OF_CURSOR = (_CURSOR.tenant_id == bindparam("tenant"), _CURSOR.webhook_id == bindparam("of_webhook"))
_PROGRESS = select(webhook_cursors).where(_CURSOR.tenant_id == bindparam("tenant"))
_LOCK = select(webhook_cursors).where(*_OF_CURSOR).with_for_update()
_FREE = or_(_CURSOR.lease.is_(None), _CURSOR.lease <= bindparam("now"))
_LEASE = (
    update(webhook_cursors)
    .where(*_OF_CURSOR, _CURSOR.due <= bindparam("now"), _FREE)
    .values(lease=bindparam("until"), holder=bindparam("new_holder"))
)
_OF_PROGRESS = ("position", "ahead", "due", "failures", "failing", "trouble", "accepted", "replays", "acked")
_REQUEST = (
    update(webhook_cursors)
    .where(*_OF_CURSOR)
    .values({name: bindparam(f"new_{name}", type_=_CURSOR[name].type) for name in _OF_PROGRESS})
)
_SETTLE = _REQUEST.values(lease=None, holder=None).returning(_CURSOR.operator_id)
_FORGET = delete(webhook_cursors).where(*_OF_CURSOR)
_DUE = (
    select(tenants, _CURSOR.webhook_id)
    .join(webhook_cursors, _CURSOR.tenant_id == tenants.c.id)
    .where(_CURSOR.due <= bindparam("now"), _FREE, tenants.c.cell == bindparam("in_cell"), shared_pauses.IN_TURN)
    .order_by(_CURSOR.due, _CURSOR.webhook_id)
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class Cursors:
    """Those of one tenant, by the id of the webhook or stream."""

    scope: Scope
    now: Instant

    def all(self) -> dict[str, Progress]:
        return {row["webhook_id"]: _progress(row) for row in self.scope.rows(_PROGRESS)}

    def lock(self, receiver_id: str) -> Progress:
        row = self.scope.row(_LOCK, of_webhook=receiver_id)
        if row is None:
            raise Missing("The webhook or stream was removed meanwhile.")
        return _progress(row)

    def lease(self, receiver_id: str, holder: str, until: Instant) -> Progress | None:
        leased = self.scope.run(_LEASE, of_webhook=receiver_id, now=self.now, until=until, new_holder=holder)
        row = self.scope.row(_LOCK, of_webhook=receiver_id) if leased else None
        if row is None or row["operator_id"] is None:
            return None if row is None else _progress(row)
        return shared_pauses.taken(self.scope, row["operator_id"], receiver_id, _progress(row), until, self.now)

    def held(self, receiver_id: str, holder: str) -> Progress | None:
        row = self.scope.row(_LOCK, of_webhook=receiver_id)
        if row is None or row["holder"] != holder:
            return None
        progress, operator_id = _progress(row), row["operator_id"]
        return progress if operator_id is None else shared_pauses.seen(self.scope, operator_id, progress)

    def settle(self, receiver_id: str, progress: Progress) -> None:
        operator_id = self.scope.scalar(_SETTLE, of_webhook=receiver_id, **_bound(progress))
        if operator_id is not None:
            own = shared_pauses.settled(self.scope, operator_id, receiver_id, progress, self.now)
            if own is not None:
                self.request(receiver_id, own)

    def request(self, receiver_id: str, progress: Progress) -> None:
        self.scope.run(_REQUEST, of_webhook=receiver_id, **_bound(progress))


def begin(scope: Scope, receiver_id: str, progress: Progress) -> None:
    """Let one that is new begin somewhere."""
    scope.insert(webhook_cursors, {"webhook_id": receiver_id, **_progress_row(progress)})


def end(scope: Scope, receiver_id: str) -> None:
    """Forget how far it had come."""
    scope.run(_FORGET, of_webhook=receiver_id)


def due(connection: Connection, now: Instant, cell: str, most: int) -> list[tuple[Tenant, str]]:
    """The webhooks and streams of tenants of the cell that are due and that nobody has, the longest first, so many at
    most."""
    found = connection.execute(_DUE, {"now": now, "in_cell": cell, "most": most}).mappings()
    return [(rows.tenant_of(row), row["webhook_id"]) for row in found]


def _progress(row: Row) -> Progress:
    replays = tuple((first, last) for first, last in row["replays"])
    return record_of(Progress, row, ahead=tuple(row["ahead"]), replays=replays, acked=tuple(row["acked"]))


def _progress_row(progress: Progress) -> dict[str, Any]:
    return columns_of(
        progress,
        ahead=list(progress.ahead),
        replays=[list(each) for each in progress.replays],
        acked=list(progress.acked),
    )


def _bound(progress: Progress) -> dict[str, Any]:
    return {f"new_{name}": value for name, value in _progress_row(progress).items()}
