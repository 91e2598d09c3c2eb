"""Webhooks, their secrets sealed, and how far each has come."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, or_, select, update
from sqlalchemy.exc import IntegrityError

from scim_server.domain.instants import Instant
from scim_server.domain.tenants import Tenant
from scim_server.domain.webhooks import Progress, Secrets, Stopped, Webhook
from scim_server.store import rows
from scim_server.store.rows import Row, columns_of, record_of
from scim_server.store.scopes import Scope, taken
from scim_server.store.seals import FORMER_WEBHOOK_SECRET, WEBHOOK_SECRET
from scim_server.store.tables import tenants, webhook_cursors, webhooks

_MINE = webhooks.c.tenant_id == bindparam("tenant")
_THIS = (_MINE, webhooks.c.id == bindparam("webhook_id"))
_ALL = select(webhooks).where(_MINE).order_by(webhooks.c.name)
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
_SETTLE = _REQUEST.values(lease=None, holder=None)
_FORGET = delete(webhook_cursors).where(*_OF_CURSOR)
_DUE = (
    select(tenants, _CURSOR.webhook_id)
    .join(webhook_cursors, _CURSOR.tenant_id == tenants.c.id)
    .where(_CURSOR.due <= bindparam("now"), _FREE, tenants.c.cell == bindparam("in_cell"))
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
        return self.lock_progress(webhook_id) if leased else None

    def held(self, webhook_id: str, holder: str) -> Progress | None:
        row = self.scope.row(_LOCK, of_webhook=webhook_id)
        return None if row is None or row["holder"] != holder else _progress(row)

    def settle(self, webhook_id: str, progress: Progress) -> None:
        self.scope.run(_SETTLE, of_webhook=webhook_id, **_bound(progress))

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
