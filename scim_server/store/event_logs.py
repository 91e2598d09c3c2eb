"""Events as they are read by whoever delivers them: in the order of their positions."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select, union

from scim_server.domain.events import PlacedEvent, ScimChange, Subject
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
_BARE = tuple(each for each in outbox.c if each is not outbox.c.scim)
"""Without what SCIM makes of an event, which may be large."""
_BEHIND_BARE = _BEHIND.with_only_columns(*_BARE)
_ONE = select(*_BARE).where(_OF_TENANT, outbox.c.id == bindparam("event_id"), outbox.c.position.is_not(None))
_AMONG = select(outbox).where(_OF_TENANT, among(outbox.c.id)).order_by(outbox.c.position)
_AMONG_BARE = _AMONG.with_only_columns(*_BARE)
_ABOUT = (
    select(*_BARE)
    .where(_OF_TENANT, outbox.c.subject == bindparam("of_subject"))
    .order_by(outbox.c.number.desc())
    .limit(bindparam("most"))
)
"""By the index that keeps numbers apart."""
_FOLLOWING = (
    select(outbox.c.id)
    .where(
        _OF_TENANT,
        outbox.c.subject == bindparam("of_subject"),
        outbox.c.number > bindparam("number"),
        or_(outbox.c.scim.is_not(None), among(outbox.c.event, "types")),
    )
    .limit(1)
)
_OF_TYPE = select(outbox.c.subject).where(_OF_TENANT, outbox.c.event == bindparam("of_type"))
_SUBJECTS = union(_OF_TYPE.where(outbox.c.position > bindparam("above")), _OF_TYPE.where(outbox.c.position.is_(None)))
_FIRST = _BEHIND.with_only_columns(outbox.c.position)
_LAST = select(event_positions.c.last).where(event_positions.c.tenant_id == bindparam("tenant"))
_LASTS = select(event_positions).where(among(event_positions.c.tenant_id))
_HOLD = _LAST.with_for_update(read=True)


@dataclass(frozen=True, slots=True)
class Events:
    """Those of one tenant."""

    scope: Scope

    def behind(
        self,
        position: int,
        most: int,
        *,
        upto: int | None = None,
        types: Collection[str] | None = None,
        scim: bool = True,
    ) -> list[PlacedEvent]:
        bound: dict[str, Any] = {"above": position, "most": most}
        statement = _BEHIND if scim else _BEHIND_BARE
        if upto is not None:
            statement, bound["upto"] = statement.where(outbox.c.position <= bindparam("upto")), upto
        if types is not None:
            statement, bound["types"] = statement.where(among(outbox.c.event, "types")), types
        return [_event(row) for row in self.scope.rows(statement, **bound)]

    def at(self, event_id: str) -> PlacedEvent | None:
        row = self.scope.row(_ONE, event_id=event_id)
        return None if row is None else _event(row)

    def among(self, event_ids: Collection[str], *, scim: bool = True) -> list[PlacedEvent]:
        statement = _AMONG if scim else _AMONG_BARE
        return [_event(row) for row in self.scope.rows(statement, ids=event_ids)] if event_ids else []

    def about(self, subject: str, most: int) -> list[PlacedEvent]:
        found = self.scope.rows(_ABOUT, of_subject=subject, most=most)
        return [_event({**row, "position": row["position"] or 0}) for row in found]

    def subjects_of(self, event: str, position: int) -> set[str]:
        return {row["subject"] for row in self.scope.rows(_SUBJECTS, of_type=event, above=position)}

    def is_followed(self, event: PlacedEvent, types: Collection[str]) -> bool:
        sought = {"of_subject": event.subject.key, "number": event.number, "types": types}
        return self.scope.scalar(_FOLLOWING, **sought) is not None

    def hold(self) -> int:
        # What is not there cannot be held: the relay would make it meanwhile, and wake a webhook that is at work.
        self.scope.insert_absent(event_positions, {"last": 0})
        return self.scope.scalar(_HOLD) or 0

    def reach(self) -> tuple[int, int]:
        first, last = self.scope.scalar(_FIRST, above=0, most=1), self.scope.scalar(_LAST) or 0
        return (last if first is None else first - 1), last


def _event(row: Row) -> PlacedEvent:
    subject = Subject.of(row["subject"], row["subject_name"])
    return record_of(PlacedEvent, row, subject=subject, scim=_scim(row.get("scim")))


def _scim(told: Mapping[str, Any] | None) -> ScimChange | None:
    return None if told is None else record_of(ScimChange, told, attributes=tuple(told["attributes"]))


def last_positions(connection: Connection, tenant_ids: Collection[str]) -> dict[str, int]:
    """The last position of each of those tenants that has events."""
    found = connection.execute(_LASTS, {"ids": list(tenant_ids)}).mappings()
    return {row["tenant_id"]: row["last"] for row in found}
