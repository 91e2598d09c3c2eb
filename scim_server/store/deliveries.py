"""The log of what was sent to webhooks."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, delete, literal_column, or_, select, update

from scim_server.domain.webhooks import Delivery, Kind, State
from scim_server.store.rows import Row, columns_of, record_of
from scim_server.store.scopes import Scope
from scim_server.store.sets import among
from scim_server.store.tables import deliveries

_MINE = deliveries.c.tenant_id == bindparam("tenant")
_OF_WEBHOOK = (_MINE, deliveries.c.webhook_id == bindparam("of_webhook"))
_IS_PARKED = deliveries.c.state == literal_column("'parked'")
"""As the index of them has it."""
_PARKED = select(deliveries).where(*_OF_WEBHOOK, _IS_PARKED).order_by(deliveries.c.position)
_TRIED = ("state", "attempts", "at", "status", "detail", "milliseconds", "due")
_SAVE = (
    update(deliveries)
    .where(_MINE, deliveries.c.id == bindparam("of_delivery"))
    .values({name: bindparam(f"new_{name}", type_=deliveries.c[name].type) for name in _TRIED})
)
_LATEST = select(deliveries).where(*_OF_WEBHOOK).order_by(deliveries.c.id.desc()).limit(bindparam("most"))
_OLDEST = (
    select(deliveries.c.id)
    .where(
        _MINE,
        deliveries.c.id < bindparam("before"),
        deliveries.c.state != "parked",
        or_(deliveries.c.state != "dead", deliveries.c.id < bindparam("dead_before")),
    )
    .order_by(deliveries.c.id)
    .limit(bindparam("most"))
)
_FORGET = delete(deliveries).where(_MINE, among(deliveries.c.id))


@dataclass(frozen=True, slots=True)
class Deliveries:
    """Those of one tenant."""

    scope: Scope

    def add(self, *new: Delivery) -> None:
        self.scope.insert(deliveries, *(columns_of(each, kind=each.kind.value, state=each.state.value) for each in new))

    def save(self, *tried: Delivery) -> None:
        self.scope.run_each(_SAVE, [_bound(each) for each in tried])

    def parked(self, webhook_id: str) -> list[Delivery]:
        return [_delivery(row) for row in self.scope.rows(_PARKED, of_webhook=webhook_id)]

    def latest(self, webhook_id: str, most: int, state: State | None, before: str | None) -> list[Delivery]:
        statement = _LATEST if state is None else _LATEST.where(deliveries.c.state == state.value)
        values: dict[str, Any] = {}
        if before is not None:
            statement, values = statement.where(deliveries.c.id < bindparam("older")), {"older": before}
        return [_delivery(row) for row in self.scope.rows(statement, of_webhook=webhook_id, most=most, **values)]

    def forget(self, before: str, dead_before: str, most: int) -> int:
        oldest = [row["id"] for row in self.scope.rows(_OLDEST, before=before, dead_before=dead_before, most=most)]
        return self.scope.run(_FORGET, ids=oldest) if oldest else 0


def _bound(tried: Delivery) -> dict[str, Any]:
    values = {f"new_{name}": getattr(tried, name) for name in _TRIED}
    return {**values, "new_state": tried.state.value, "of_delivery": tried.id}


def _delivery(row: Row) -> Delivery:
    return record_of(Delivery, row, kind=Kind(row["kind"]), state=State(row["state"]))
