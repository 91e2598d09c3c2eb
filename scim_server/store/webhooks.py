"""Webhooks, and the secrets of whoever is told of events, sealed."""

from dataclasses import dataclass

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.exc import IntegrityError

from scim_server.domain.instants import Instant
from scim_server.domain.streams import Receiver
from scim_server.domain.webhooks import WEBHOOK, Progress, Secrets, Stopped, Webhook
from scim_server.store import cursors
from scim_server.store.rows import Row, columns_of, record_of
from scim_server.store.scopes import Scope, taken
from scim_server.store.seals import FORMER_WEBHOOK_SECRET, WEBHOOK_SECRET
from scim_server.store.streams import stream_of
from scim_server.store.tables import webhooks

_MINE = webhooks.c.tenant_id == bindparam("tenant")
_THIS = (_MINE, webhooks.c.id == bindparam("webhook_id"))
_ALL = select(webhooks).where(_MINE, webhooks.c.protocol == WEBHOOK).order_by(webhooks.c.name)
_ONE = select(webhooks).where(*_THIS)
_SAVE = (
    update(webhooks)
    .where(*_THIS)
    .values({name: bindparam(f"new_{name}", type_=webhooks.c[name].type) for name in ("name", "url", "types")})
    .values(stopped=bindparam("new_stopped"), overlaps=bindparam("new_overlaps"))
)
_REPLACE_SECRETS = update(webhooks).where(*_THIS).values(secret=bindparam("present"), former_secret=bindparam("former"))
_REMOVE = delete(webhooks).where(*_THIS)


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Those of one tenant."""

    scope: Scope
    now: Instant

    def all(self) -> list[Webhook]:
        return [_webhook(row) for row in self.scope.rows(_ALL)]

    def receiver(self, receiver_id: str) -> Receiver | None:
        row = self.scope.row(_ONE, webhook_id=receiver_id)
        if row is None:
            return None
        return _webhook(row) if row["protocol"] == WEBHOOK else stream_of(row)

    def add(self, webhook: Webhook, secrets: Secrets, position: int) -> None:
        row = columns_of(webhook, types=list(webhook.types), stopped=webhook.stopped and webhook.stopped.value)
        sealed = self._sealed(webhook.id, secrets)
        try:
            self.scope.insert(webhooks, {**row, "secret": sealed["present"], "former_secret": sealed["former"]})
        except IntegrityError as error:
            raise self._taken(error, webhook) from error
        cursors.begin(self.scope, webhook.id, Progress(position, due=self.now))

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

    def remove(self, receiver_id: str) -> None:
        cursors.end(self.scope, receiver_id)
        self.scope.run(_REMOVE, webhook_id=receiver_id)

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

    def _sealed(self, webhook_id: str, secrets: Secrets) -> dict[str, str]:
        seal, place = self.scope.vault.seal, (self.scope.tenant_id, webhook_id)
        return {
            "present": seal(secrets.present, WEBHOOK_SECRET.place(*place)),
            "former": "" if secrets.former is None else seal(secrets.former, FORMER_WEBHOOK_SECRET.place(*place)),
        }

    def _taken(self, error: IntegrityError, webhook: Webhook) -> Exception:
        return taken(error, "name", f"There is a webhook or a stream '{webhook.name}' already. Choose another name.")


def _webhook(row: Row) -> Webhook:
    return record_of(
        Webhook, row, types=tuple(row["types"]), stopped=None if row["stopped"] is None else Stopped(row["stopped"])
    )
