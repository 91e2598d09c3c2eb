"""Events as they are read by whoever delivers them: in the order of their positions."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import bindparam, select

from scim_server.domain.events import PlacedEvent
from scim_server.store.rows import Row, record_of
from scim_server.store.scopes import Scope
from scim_server.store.sets import among
from scim_server.store.tables import event_positions, outbox

_OF_TENANT = outbox.c.tenant_id == bindparam("tenant")
_BEHIND = (
    select(outbox)
    .where(_OF_TENANT, outbox.c.position > bindparam("above"))
    .order_by(outbox.c.position)
    .limit(bindparam("most"))
)
_ONE = select(outbox).where(_OF_TENANT, outbox.c.id == bindparam("event_id"), outbox.c.position.is_not(None))
_AMONG = select(outbox).where(_OF_TENANT, among(outbox.c.id)).order_by(outbox.c.position)
_FIRST = _BEHIND.with_only_columns(outbox.c.position)
_LAST = select(event_positions.c.last).where(event_positions.c.tenant_id == bindparam("tenant"))
_HOLD = _LAST.with_for_update(read=True)


@dataclass(frozen=True, slots=True)
class Events:
    """Those of one tenant."""

    scope: Scope

    def behind(self, position: int, most: int) -> list[PlacedEvent]:
        return [_event(row) for row in self.scope.rows(_BEHIND, above=position, most=most)]

    def at(self, event_id: str) -> PlacedEvent | None:
        row = self.scope.row(_ONE, event_id=event_id)
        return None if row is None else _event(row)

    def among(self, event_ids: Collection[str]) -> list[PlacedEvent]:
        return [_event(row) for row in self.scope.rows(_AMONG, ids=event_ids)] if event_ids else []

    def hold(self) -> int:
        return self.scope.scalar(_HOLD) or 0

    def reach(self) -> tuple[int, int]:
        first, last = self.scope.scalar(_FIRST, above=0, most=1), self.scope.scalar(_LAST) or 0
        return (last if first is None else first - 1), last


def _event(row: Row) -> PlacedEvent:
    return record_of(PlacedEvent, row)
