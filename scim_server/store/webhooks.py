"""Webhooks, their secrets sealed, and how far each has come."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, or_, select, update
from sqlalchemy.exc import IntegrityError

from scim_server.domain.instants import Instant
from scim_server.domain.tenants import Tenant
from scim_server.domain.webhooks import Progress, Secrets, Stopped, Webhook
from scim_server.store import rows, shared_pauses
from scim_server.store.rows import Row, columns_of, record_of
from scim_server.store.scopes import Scope, taken
from scim_server.store.seals import FORMER_WEBHOOK_SECRET, WEBHOOK_SECRET
from scim_server.store.tables import tenants, webhook_cursors, webhooks

_MINE = webhooks.c.tenant_id == bindparam("tenant")
_THIS = (_MINE, webhooks.c.id == bindparam("webhook_id"))
_ALL = select(webhooks).where(_MINE, webhooks.c.operator_id.is_(None)).order_by(webhooks.c.name)
"""The tenant's own: of those that stand for the operator's it knows nothing."""
_ONE = select(webhooks).where(*_THIS)
_SAVE = (
    update(webhooks)
    .where(*_THIS)
    .values({name: bindparam(f"new_{name}", type_=webhooks.c[name].type) for name in ("name", "url", "types")})
    .values(stopped=bindparam("new_stopped"), overlaps=bindparam("new_overlaps"))
)
_REPLACE_SECRETS = update(webhooks).where(*_THIS).values(secret=bindparam("present"), former_secret=bindparam("former"))
_REMOVE = delete(webhooks).where(*_THIS)
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
_OF_PROGRESS = ("position", "ahead", "due", "failures", "failing", "trouble", "accepted", "replays")
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
class Webhooks:
    """Those of one tenant."""

    scope: Scope
    now: Instant

    def all(self) -> list[Webhook]:
        return [_webhook(row) for row in self.scope.rows(_ALL)]

    def get(self, webhook_id: str) -> Webhook | None:
        row = self.scope.row(_ONE, webhook_id=webhook_id)
        if row is not None and row["operator_id"] is not None:
            return shared_pauses.lent(self.scope, row)
        return None if row is None else _webhook(row)

    def add(self, webhook: Webhook, secrets: Secrets, position: int) -> None:
        row = columns_of(webhook, types=list(webhook.types), stopped=webhook.stopped and webhook.stopped.value)
        sealed = self._sealed(webhook.id, secrets)
        try:
            self.scope.insert(webhooks, {**row, "secret": sealed["present"], "former_secret": sealed["former"]})
        except IntegrityError as error:
            raise self._taken(error, webhook) from error
        self.scope.insert(
            webhook_cursors, {"webhook_id": webhook.id, **_progress_row(Progress(position, due=self.now))}
        )

    def save(self, webhook: Webhook) -> None:
        if webhook.operator_id is not None:
            assert webhook.stopped is not None, "nothing else of it is written in a tenant"
            shared_pauses.stop(self.scope, webhook.operator_id, webhook.stopped)
            return
        try:
            self.scope.run(
                _SAVE,
                webhook_id=webhook.id,
                new_name=webhook.name,
                new_url=webhook.url,
                new_types=list(webhook.types),
                new_stopped=webhook.stopped and webhook.stopped.value,
                new_overlaps=webhook.overlaps,
            )
        except IntegrityError as error:
            raise self._taken(error, webhook) from error

    def remove(self, webhook_id: str) -> None:
        self.scope.run(_FORGET, of_webhook=webhook_id)
        self.scope.run(_REMOVE, webhook_id=webhook_id)

    def secrets(self, webhook_id: str) -> Secrets:
        row = self.scope.row(_ONE, webhook_id=webhook_id)
        assert row is not None, "it is there"
        if row["operator_id"] is not None:
            return shared_pauses.secrets(self.scope, row["operator_id"])
        present, former = (
            self.scope.vault.open(row[column.column], column.place(self.scope.tenant_id, webhook_id))
            if row[column.column]
            else None
            for column in (WEBHOOK_SECRET, FORMER_WEBHOOK_SECRET)
        )
        return Secrets(present or "", former)

    def replace_secrets(self, webhook_id: str, secrets: Secrets) -> None:
        self.scope.run(_REPLACE_SECRETS, webhook_id=webhook_id, **self._sealed(webhook_id, secrets))

    def progress(self) -> dict[str, Progress]:
        return {row["webhook_id"]: _progress(row) for row in self.scope.rows(_PROGRESS)}

    def lock_progress(self, webhook_id: str) -> Progress:
        row = self.scope.row(_LOCK, of_webhook=webhook_id)
        assert row is not None, "every webhook has come somewhere"
        return _progress(row)

    def lease(self, webhook_id: str, holder: str, until: Instant) -> Progress | None:
        leased = self.scope.run(_LEASE, of_webhook=webhook_id, now=self.now, until=until, new_holder=holder)
        row = self.scope.row(_LOCK, of_webhook=webhook_id) if leased else None
        if row is None or row["operator_id"] is None:
            return None if row is None else _progress(row)
        return shared_pauses.taken(self.scope, row["operator_id"], webhook_id, _progress(row), until, self.now)

    def held(self, webhook_id: str, holder: str) -> Progress | None:
        row = self.scope.row(_LOCK, of_webhook=webhook_id)
        if row is None or row["holder"] != holder:
            return None
        progress, operator_id = _progress(row), row["operator_id"]
        return progress if operator_id is None else shared_pauses.seen(self.scope, operator_id, progress)

    def settle(self, webhook_id: str, progress: Progress) -> None:
        operator_id = self.scope.scalar(_SETTLE, of_webhook=webhook_id, **_bound(progress))
        if operator_id is not None:
            own = shared_pauses.settled(self.scope, operator_id, webhook_id, progress, self.now)
            if own is not None:
                self.request(webhook_id, own)

    def request(self, webhook_id: str, progress: Progress) -> None:
        self.scope.run(_REQUEST, of_webhook=webhook_id, **_bound(progress))

    def _sealed(self, webhook_id: str, secrets: Secrets) -> dict[str, str]:
        seal, place = self.scope.vault.seal, (self.scope.tenant_id, webhook_id)
        return {
            "present": seal(secrets.present, WEBHOOK_SECRET.place(*place)),
            "former": "" if secrets.former is None else seal(secrets.former, FORMER_WEBHOOK_SECRET.place(*place)),
        }

    def _taken(self, error: IntegrityError, webhook: Webhook) -> Exception:
        return taken(error, "name", f"There is a webhook '{webhook.name}' already. Choose another name.")


def due(connection: Connection, now: Instant, cell: str, most: int) -> list[tuple[Tenant, str]]:
    """The webhooks of tenants of the cell that are due and that nobody has, the longest first, so many at most."""
    found = connection.execute(_DUE, {"now": now, "in_cell": cell, "most": most}).mappings()
    return [(rows.tenant_of(row), row["webhook_id"]) for row in found]


def _webhook(row: Row) -> Webhook:
    return record_of(
        Webhook, row, types=tuple(row["types"]), stopped=None if row["stopped"] is None else Stopped(row["stopped"])
    )


def _progress(row: Row) -> Progress:
    replays = tuple((first, last) for first, last in row["replays"])
    return record_of(Progress, row, ahead=tuple(row["ahead"]), replays=replays)


def _progress_row(progress: Progress) -> dict[str, Any]:
    return columns_of(progress, ahead=list(progress.ahead), replays=[list(each) for each in progress.replays])


def _bound(progress: Progress) -> dict[str, Any]:
    return {f"new_{name}": value for name, value in _progress_row(progress).items()}
