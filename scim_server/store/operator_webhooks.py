"""Webhooks of the operator in one database: what home says of them, in which tenants they are, and how each does."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, exists, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from scim_server.domain.errors import Contention
from scim_server.domain.instants import Instant
from scim_server.domain.operator_webhooks import Condition, OperatorWebhook, stand_in_id, stand_in_name
from scim_server.domain.tenants import Tenant
from scim_server.domain.webhooks import Secrets, Stopped
from scim_server.services.ports.operator_webhooks import Copy
from scim_server.store.rows import Row, columns_of, record_of
from scim_server.store.scopes import taken
from scim_server.store.seals import FORMER_OPERATOR_WEBHOOK_SECRET, OPERATOR_WEBHOOK_SECRET
from scim_server.store.sets import among, outside
from scim_server.store.tables import event_positions, operator_webhooks, tenants, webhook_cursors, webhooks
from scim_server.store.vaults import Vault

_C, _CURSOR = operator_webhooks.c, webhook_cursors.c
_TOLD = ("id", "name", "url", "types", "tenants", "created", "stopped", "overlaps", "version", "removed")
"""What home decides, beside the secrets."""
_STATE = ("failures", "failing", "trouble", "due")
RESET: Mapping[str, Any] = {"failures": 0, "failing": None, "trouble": None, "due": None, "prober": None}
_THIS = _C.id == bindparam("of_webhook")
_ALL = select(operator_webhooks).order_by(_C.name)
_UNSETTLED = select(_C.id).where(_C.settled < _C.version).limit(1)
_SETTLED = select(_C.id).where(_C.settled >= _C.version)
_SETTLE = update(operator_webhooks).where(_THIS, _C.version == bindparam("as_of")).values(settled=bindparam("as_of"))
_LIVES_HERE = tenants.c.cell == bindparam("in_cell")
_HAS_IT = exists().where(_CURSOR.operator_id == bindparam("of_webhook"), _CURSOR.tenant_id == tenants.c.id)
_LACKING = select(tenants.c.id).where(_LIVES_HERE, ~_HAS_IT).order_by(tenants.c.id).limit(bindparam("most"))
_HAVING = (
    select(tenants.c.id)
    .join(webhook_cursors, _CURSOR.tenant_id == tenants.c.id)
    .where(_CURSOR.operator_id == bindparam("of_webhook"), _LIVES_HERE)
    .order_by(tenants.c.id)
    .limit(bindparam("most"))
)
_NAMED, _NOT_NAMED = among(tenants.c.slug, "named"), outside(tenants.c.slug, "named")
_LASTS = (
    select(event_positions)
    .where(among(event_positions.c.tenant_id))
    .order_by(event_positions.c.tenant_id)
    .with_for_update(read=True)
)
"""Held, so that what comes at the same moment has its position before, or wakes what is set up (`relays._WAKE`)."""
_COUNTED = (
    select(
        _CURSOR.operator_id,
        func.count().label("tenants"),
        func.sum(func.coalesce(event_positions.c.last, 0) - _CURSOR.position).label("behind"),
        func.max(_CURSOR.accepted).label("accepted"),
    )
    .join(tenants, tenants.c.id == _CURSOR.tenant_id)
    .outerjoin(event_positions, event_positions.c.tenant_id == _CURSOR.tenant_id)
    .where(_CURSOR.operator_id.is_not(None), _LIVES_HERE)
    .group_by(_CURSOR.operator_id)
)


@dataclass(frozen=True, slots=True)
class OperatorWebhooks:
    """Those of one database."""

    connection: Connection
    vault: Vault
    cell: str
    now: Instant

    def all(self) -> list[OperatorWebhook]:
        return [webhook_of(row) for row in self.connection.execute(_ALL).mappings()]

    def unsettled(self) -> bool:
        return self.connection.execute(_UNSETTLED).first() is not None

    def settled(self) -> set[str]:
        return set(self.connection.execute(_SETTLED).scalars())

    def settle(self, webhook: OperatorWebhook) -> None:
        self.connection.execute(_SETTLE, {"of_webhook": webhook.id, "as_of": webhook.version})

    def add(self, webhook: OperatorWebhook, secrets: Secrets) -> None:
        try:
            self.connection.execute(insert(operator_webhooks), {**_told(webhook), **self._sealed(webhook.id, secrets)})
        except IntegrityError as error:
            raise _taken(error, webhook) from error

    def save(self, webhook: OperatorWebhook) -> None:
        values = {**_told(webhook), "version": webhook.version + 1, **({} if webhook.stopped else RESET)}
        changed = update(operator_webhooks).where(_C.id == webhook.id, _C.version == webhook.version).values(values)
        try:
            if not self.connection.execute(changed).rowcount:
                raise Contention("somebody else changed the webhook meanwhile")
        except IntegrityError as error:
            raise _taken(error, webhook) from error

    def drop(self, webhook_id: str) -> None:
        self.connection.execute(delete(operator_webhooks).where(_C.id == webhook_id))

    def secrets(self, webhook_id: str) -> Secrets:
        return secrets_of(self.connection, self.vault, webhook_id)

    def replace_secrets(self, webhook_id: str, secrets: Secrets) -> None:
        sealed = self._sealed(webhook_id, secrets)
        self.connection.execute(update(operator_webhooks).where(_C.id == webhook_id).values(sealed))

    def copies(self) -> Sequence[Copy]:
        columns = [_C[name] for name in (*_TOLD, "secret", "former_secret")]
        return [dict(row) for row in self.connection.execute(select(*columns)).mappings()]

    def take_over(self, copies: Sequence[Copy]) -> None:
        known = {each.id: each.version for each in self.all()}
        for webhook_id in known.keys() - {copy["id"] for copy in copies}:
            self.drop(webhook_id)
        for copy in copies:
            if copy["id"] not in known:
                self.connection.execute(insert(operator_webhooks), copy)
            elif known[copy["id"]] < copy["version"]:
                values = {**copy, **({} if copy["stopped"] else RESET)}
                self.connection.execute(update(operator_webhooks).where(_C.id == copy["id"]).values(values))

    def states(self) -> dict[str, Condition]:
        return {row["id"]: _condition(row) for row in self.connection.execute(_ALL).mappings()}

    def conditions(self) -> dict[str, Condition]:
        counted = {
            row["operator_id"]: row for row in self.connection.execute(_COUNTED, {"in_cell": self.cell}).mappings()
        }
        rows = self.connection.execute(_ALL).mappings()
        return {row["id"]: _condition(row, counted.get(row["id"])) for row in rows}

    def lacking(self, webhook: OperatorWebhook, most: int) -> list[str]:
        if webhook.removed:
            return []
        return self._ids(_LACKING.where(_NAMED) if webhook.tenants else _LACKING, webhook, most)

    def surplus(self, webhook: OperatorWebhook, most: int) -> list[str]:
        if not webhook.removed and not webhook.tenants:
            return []
        return self._ids(_HAVING if webhook.removed else _HAVING.where(_NOT_NAMED), webhook, most)

    def _ids(self, statement: Any, webhook: OperatorWebhook, most: int) -> list[str]:
        bound = {"of_webhook": webhook.id, "in_cell": self.cell, "most": most, "named": list(webhook.tenants)}
        used = bound if webhook.tenants and not webhook.removed else {**bound, "named": None}
        return list(self.connection.execute(statement, {k: v for k, v in used.items() if v is not None}).scalars())

    def hook(self, webhook: OperatorWebhook, tenant_ids: Collection[str]) -> None:
        told = self.connection.execute(_LASTS, {"ids": list(tenant_ids)}).mappings()
        lasts = {row["tenant_id"]: row["last"] for row in told}
        # Of a tenant that has had no event nothing can be held: somebody looks once whether there is one by now.
        dues = {each: None if each in lasts else self.now for each in tenant_ids}
        self._hook([(webhook, each, lasts.get(each, 0), dues[each]) for each in tenant_ids])

    def hook_new(self, tenant: Tenant) -> None:
        self._hook([(each, tenant.id, 0, None) for each in self.all() if each.reaches(tenant.slug)])

    def _hook(self, found: Sequence[tuple[OperatorWebhook, str, int, Instant | None]]) -> None:
        """With each position, and when somebody is to look; whoever is at it at the same time makes the same rows."""
        if not found:
            return
        kind = sqlite if self.connection.dialect.name == "sqlite" else postgresql
        for table, row in ((webhooks, self._stand_in), (webhook_cursors, self._cursor)):
            self.connection.execute(kind.insert(table).on_conflict_do_nothing(), [row(*each) for each in found])

    def _stand_in(self, webhook: OperatorWebhook, tenant_id: str, _last: int, _due: Instant | None) -> dict[str, Any]:
        nothing = {"url": "", "types": [], "secret": "", "former_secret": ""}
        return {
            "tenant_id": tenant_id,
            "id": stand_in_id(webhook.id, tenant_id),
            "name": stand_in_name(webhook.id),
            "created": self.now,
            "operator_id": webhook.id,
            **nothing,
        }

    def _cursor(self, webhook: OperatorWebhook, tenant_id: str, last: int, due: Instant | None) -> dict[str, Any]:
        return {
            "tenant_id": tenant_id,
            "webhook_id": stand_in_id(webhook.id, tenant_id),
            "position": last,
            "ahead": [],
            "due": due,
            "failures": 0,
            "replays": [],
            "operator_id": webhook.id,
        }

    def unhook(self, webhook_id: str, tenant_ids: Collection[str]) -> None:
        bound = {"of_webhook": webhook_id, "ids": list(tenant_ids)}
        for table in (webhook_cursors, webhooks):
            gone = delete(table).where(table.c.operator_id == bindparam("of_webhook"), among(table.c.tenant_id))
            self.connection.execute(gone, bound)

    def _sealed(self, webhook_id: str, secrets: Secrets) -> dict[str, str]:
        former = secrets.former
        return {
            "secret": self.vault.seal(secrets.present, OPERATOR_WEBHOOK_SECRET.place(webhook_id)),
            "former_secret": ""
            if former is None
            else self.vault.seal(former, FORMER_OPERATOR_WEBHOOK_SECRET.place(webhook_id)),
        }


def _told(webhook: OperatorWebhook) -> dict[str, Any]:
    return columns_of(
        webhook,
        types=list(webhook.types),
        tenants=list(webhook.tenants),
        stopped=webhook.stopped and webhook.stopped.value,
    )


def webhook_of(row: Row) -> OperatorWebhook:
    return record_of(
        OperatorWebhook,
        row,
        types=tuple(row["types"]),
        tenants=tuple(row["tenants"]),
        stopped=_stopped(row),
    )


def _stopped(row: Row) -> Stopped | None:
    return None if row["stopped"] is None else Stopped(row["stopped"])


def secrets_of(connection: Any, vault: Vault, webhook_id: str) -> Secrets:
    """What one is signed with."""
    row = connection.execute(_ALL.where(_THIS), {"of_webhook": webhook_id}).mappings().one()
    former = row["former_secret"]
    return Secrets(
        vault.open(row["secret"], OPERATOR_WEBHOOK_SECRET.place(webhook_id)),
        vault.open(former, FORMER_OPERATOR_WEBHOOK_SECRET.place(webhook_id)) if former else None,
    )


def _condition(row: Row, counted: Row | None = None) -> Condition:
    facts = {name: row[name] for name in _STATE}
    if counted is not None:
        facts |= {name: counted[name] for name in ("tenants", "behind", "accepted")}
    return Condition(row["id"], row["version"], _stopped(row), **facts)


def _taken(error: IntegrityError, webhook: OperatorWebhook) -> Exception:
    return taken(error, "name", f"The operator has a webhook '{webhook.name}' already. Choose another name.")
