"""Webhooks, and the secrets of whoever is told of events, sealed."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import (
    LABEL_STYLE_TABLENAME_PLUS_COL,
    ColumnElement,
    String,
    and_,
    bindparam,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from scim_server.domain.instants import Instant
from scim_server.domain.oauth_clients import ClientSecret
from scim_server.domain.streams import Receiver
from scim_server.domain.webhooks import WEBHOOK, Progress, Secrets, Stopped, Webhook
from scim_server.services.ports import Owned
from scim_server.services.stream_owners import CLIENT, PROGRAM
from scim_server.store import cursors, rows, shared_pauses
from scim_server.store.oauth_clients import client_of
from scim_server.store.rows import Row, columns_of, record_of
from scim_server.store.scopes import Scope, taken
from scim_server.store.seals import FORMER_WEBHOOK_SECRET, WEBHOOK_SECRET
from scim_server.store.streams import stream_of
from scim_server.store.tables import api_tokens, client_secrets, oauth_clients, webhooks

_MINE = webhooks.c.tenant_id == bindparam("tenant")
_THIS = (_MINE, webhooks.c.id == bindparam("webhook_id"))
_OWN = (webhooks.c.protocol == WEBHOOK, webhooks.c.operator_id.is_(None))
"""Of those that stand for the operator's a tenant knows nothing."""
_ALL = select(webhooks).where(_MINE, *_OWN).order_by(webhooks.c.name)
_ONE = select(webhooks).where(*_THIS)


def _is_owner(column: ColumnElement[str], prefix: str) -> ColumnElement[bool]:
    """Whether that id, behind what actors of its kind begin with, is the owner's."""
    owner = webhooks.c.stream["owner"].as_string().cast(String)
    return and_(func.substr(owner, 1, len(prefix)) == prefix, column == func.substr(owner, len(prefix) + 1))


_OWNED = (
    select(webhooks, api_tokens, oauth_clients, client_secrets)
    .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
    .outerjoin(api_tokens, and_(api_tokens.c.tenant_id == webhooks.c.tenant_id, _is_owner(api_tokens.c.id, PROGRAM)))
    .outerjoin(
        oauth_clients, and_(oauth_clients.c.tenant_id == webhooks.c.tenant_id, _is_owner(oauth_clients.c.id, CLIENT))
    )
    .outerjoin(
        client_secrets,
        and_(client_secrets.c.tenant_id == oauth_clients.c.tenant_id, client_secrets.c.client_id == oauth_clients.c.id),
    )
    .where(*_THIS)
)
"""One row, or as many as the client has secrets."""
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
        return None if row is None else self._receiver(row)

    def owned(self, receiver_id: str) -> Owned | None:
        found = self.scope.rows(_OWNED, webhook_id=receiver_id)
        receiver = self._receiver(rows.part(found[0], "webhooks_")) if found else None
        return None if receiver is None else _owned(receiver, found)

    def _receiver(self, row: Row) -> Receiver | None:
        if row["operator_id"] is not None:
            return shared_pauses.lent(self.scope, row)
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

    def remove(self, receiver_id: str) -> None:
        cursors.end(self.scope, receiver_id)
        self.scope.run(_REMOVE, webhook_id=receiver_id)

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

    def _sealed(self, webhook_id: str, secrets: Secrets) -> dict[str, str]:
        seal, place = self.scope.vault.seal, (self.scope.tenant_id, webhook_id)
        return {
            "present": seal(secrets.present, WEBHOOK_SECRET.place(*place)),
            "former": "" if secrets.former is None else seal(secrets.former, FORMER_WEBHOOK_SECRET.place(*place)),
        }

    def _taken(self, error: IntegrityError, webhook: Webhook) -> Exception:
        return taken(error, "name", f"There is a webhook or a stream '{webhook.name}' already. Choose another name.")


def _owned(receiver: Receiver, found: Sequence[Row]) -> Owned:
    token, client = (rows.part(found[0], prefix) for prefix in ("api_tokens_", "oauth_clients_"))
    secrets = (rows.part(row, "client_secrets_") for row in found)
    return Owned(
        receiver,
        None if token["id"] is None else rows.api_token_of(token, token["tenant_id"]),
        None if client["id"] is None else client_of(client),
        tuple(record_of(ClientSecret, secret) for secret in secrets if secret["id"] is not None),
    )


def _webhook(row: Row) -> Webhook:
    return record_of(
        Webhook, row, types=tuple(row["types"]), stopped=None if row["stopped"] is None else Stopped(row["stopped"])
    )
