"""Streams: rows among those of webhooks (`store/webhooks.py`), which say how far each has come."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.exc import IntegrityError

from scim_server.domain.instants import Instant
from scim_server.domain.streams import Delivery, Form, Status, Stream
from scim_server.domain.tenants import Tenant
from scim_server.domain.webhooks import WEBHOOK, Progress
from scim_server.store import cursors, rows
from scim_server.store.rows import Row
from scim_server.store.scopes import Scope, taken
from scim_server.store.seals import WEBHOOK_SECRET
from scim_server.store.tables import tenants, webhooks

_MINE = (webhooks.c.tenant_id == bindparam("tenant"), webhooks.c.protocol != WEBHOOK)
_THIS = (*_MINE, webhooks.c.id == bindparam("stream_id"))
_ALL = select(webhooks).where(*_MINE).order_by(webhooks.c.name)
_ONE = select(webhooks).where(*_THIS)
_SAVED = ("name", "url", "stopped", "stream")
_SAVE = (
    update(webhooks)
    .where(*_THIS)
    .values({name: bindparam(f"new_{name}", type_=webhooks.c[name].type) for name in _SAVED})
)
_SENDING = (
    select(tenants, webhooks.c.stream)
    .join(webhooks, webhooks.c.tenant_id == tenants.c.id)
    .where(webhooks.c.protocol != WEBHOOK, webhooks.c.stopped.is_(None), tenants.c.cell == bindparam("in_cell"))
    .order_by(tenants.c.slug)
)
_REPLACE_SECRET = update(webhooks).where(*_THIS).values(secret=bindparam("sealed"))


@dataclass(frozen=True, slots=True)
class Streams:
    """Those of one tenant."""

    scope: Scope
    now: Instant

    def all(self) -> list[Stream]:
        return [stream_of(row) for row in self.scope.rows(_ALL)]

    def get(self, stream_id: str) -> Stream | None:
        row = self.scope.row(_ONE, stream_id=stream_id)
        return None if row is None else stream_of(row)

    def add(self, stream: Stream, authorization: str | None, position: int) -> None:
        fixed: dict[str, Any] = {
            "id": stream.id,
            "created": stream.created,
            "protocol": stream.delivery.value,
            "types": [],
        }
        secret = {"secret": self._sealed(stream.id, authorization), "former_secret": ""}
        try:
            self.scope.insert(webhooks, {**fixed, **secret, **_columns(stream)})
        except IntegrityError as error:
            raise _taken(error, stream) from error
        is_sent_to = stream.delivery is Delivery.PUSH
        cursors.begin(self.scope, stream.id, Progress(position, due=self.now if is_sent_to else None))

    def save(self, stream: Stream) -> None:
        values = {f"new_{name}": value for name, value in _columns(stream).items()}
        try:
            self.scope.run(_SAVE, stream_id=stream.id, **values)
        except IntegrityError as error:
            raise _taken(error, stream) from error

    def replace_authorization(self, stream_id: str, authorization: str | None) -> None:
        self.scope.run(_REPLACE_SECRET, stream_id=stream_id, sealed=self._sealed(stream_id, authorization))

    def _sealed(self, stream_id: str, authorization: str | None) -> str:
        if authorization is None:
            return ""
        return self.scope.vault.seal(authorization, WEBHOOK_SECRET.place(self.scope.tenant_id, stream_id))


def owners(connection: Connection, cell: str) -> list[tuple[Tenant, str]]:
    """Who has streams that send, as an actor, each with the tenant of the cell whose stream it is."""
    found = connection.execute(_SENDING, {"in_cell": cell}).mappings()
    owned = {(row["id"], str(row["stream"]["owner"])): rows.tenant_of(row) for row in found}
    return [(tenant, owner) for (_, owner), tenant in owned.items()]


def stream_of(row: Row) -> Stream:
    """The stream in a row of `webhooks`."""
    kept = row["stream"]
    return Stream(
        id=row["id"],
        name=row["name"],
        delivery=Delivery(row["protocol"]),
        audience=tuple(kept["audience"]),
        owner=kept["owner"],
        created=row["created"],
        form=Form(kept["form"]),
        requested=tuple(kept["requested"]),
        filter=kept["filter"],
        url=row["url"] or None,
        authorized=bool(row["secret"]),
        description=kept["description"],
        status=Status(kept["status"]),
        reason=kept["reason"],
        by_admin=kept.get("by_admin", False),
    )


def _columns(stream: Stream) -> dict[str, Any]:
    """The columns that change. `stopped` says to whoever gives positions that there is nobody to wake."""
    return {
        "name": stream.name,
        "url": stream.url or "",
        "stopped": None if stream.enabled else stream.status.value,
        "stream": {
            "audience": list(stream.audience),
            "owner": stream.owner,
            "form": stream.form.value,
            "requested": list(stream.requested),
            "filter": stream.filter,
            "description": stream.description,
            "status": stream.status.value,
            "reason": stream.reason,
            "by_admin": stream.by_admin,
        },
    }


def _taken(error: IntegrityError, stream: Stream) -> Exception:
    return taken(error, "name", f"There is a stream or a webhook '{stream.name}' already. Choose another name.")
